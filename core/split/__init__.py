"""Who trains, who judges: the assignment of every image to one subset."""
