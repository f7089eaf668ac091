"""The drawing of the sample Drawn animals: shapes, coats, animals, places and light."""
