"""A trained model at work: answers, their reasons, and the way into other people's hands."""
