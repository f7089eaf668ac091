"""From inside: the stations of one image agree with its answer; what looking twice costs; near in words."""

import dataclasses

import numpy as np
import pytest

from core.inference import inside, neighbours, pace, predictor, unknown


def test_the_stations_lead_to_the_answer(run, tiny_folder):
    model = predictor.load(run.id)
    file = tiny_folder / "red" / "00.png"
    found = inside.look(model, file)
    assert found.tensor.shape == (3, 64, 64) and found.features.shape == (512,)
    assert found.pixels.shape == (64, 64, 3)
    weight, bias = (value.detach().numpy() for value in model.fast.classifier.parameters())
    np.testing.assert_allclose(found.features @ weight.T + bias, found.logits, atol=1e-4)
    np.testing.assert_allclose(found.logits, model.predict([file])[0].logits, atol=1e-4)


def test_looking_twice_is_timed_apart(run):
    took = pace.measure(predictor.load(run.id))
    assert took.once > 0 and took.twice > 0


def test_near_is_measured_by_how_near_the_known_images_are(run):
    unknown.fit(run)
    known = unknown.load(run)
    angles = np.deg2rad([0, 10, 30, 60])  # nearest others: 10, 10, 20, 30 degrees away
    features = np.stack([np.cos(angles), np.sin(angles)], axis=1) * 3
    reference = dataclasses.replace(known.reference, features=features)
    found = neighbours.scale(dataclasses.replace(known, reference=reference))
    nearest = 1 - np.cos(np.deg2rad([10, 10, 20, 30]))
    assert found.usual == pytest.approx(np.median(nearest))
    assert found.edge == pytest.approx(np.quantile(nearest, 0.95))
    assert [found.near(away) for away in (0.01, 0.1, 0.5)] == ["very near", "near", "far"]
