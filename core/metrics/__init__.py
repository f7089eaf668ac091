"""How good, how sure, at what cost: pure functions of labels and logits, without torch."""
