"""Fieldguide's core: data, splits, training, metrics and inference, with no user interface.

Importing this package pulls in nothing heavy; each room imports what it needs.
"""
