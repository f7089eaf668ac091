"""Runs trained in this process, and what is compared of them."""

import numpy as np
import safetensors.numpy

from core.training import jobs

TIMES = ("seconds", "training_seconds", "images_per_second")


def train(config, **options):
    """A run of `config`, finished."""
    run = jobs.prepare(config)
    assert jobs.run_here(run, **options) == "finished", run.status()["error"]
    return run


def history(run):
    """Its history, without what depends on the clock."""
    return [{key: value for key, value in line.items() if key not in TIMES} for line in run.history()]


def weights(run):
    """The parameters of its model."""
    return safetensors.numpy.load_file(run.folder / "model.safetensors")


def assert_same(one, other):
    """Two runs came to the same result, bit for bit."""
    assert history(one) == history(other)
    for subset in ("validation", "test"):
        assert np.array_equal(one.predictions(subset).logits, other.predictions(subset).logits)
    assert all(np.array_equal(value, weights(other)[key]) for key, value in weights(one).items())


def stop_after(run, request, message):
    """A progress callback that asks for `request` at the first message that holds `message`."""

    def progress(done, total, said):
        if message in said:
            (run.folder / request).touch()

    return progress
