"""Answers of a trained model, their reasons, and its export."""
