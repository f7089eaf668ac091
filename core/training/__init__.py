"""Training: the configuration, the queue of runs, the pixel cache, the loop and the worker."""
