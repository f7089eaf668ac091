"""Pure functions of true labels and logits."""
