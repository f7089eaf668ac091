"""Why the model answered as it did: where in the image the answer lies."""
