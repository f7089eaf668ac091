"""A run's model in a folder that answers without Fieldguide and without torch."""
