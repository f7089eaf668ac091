"""The softmax step in numbers: the lesson's formula, checked against scipy."""

import numpy as np
import pytest
from scipy import special

from core.errors import InferenceError
from core.inference import steps


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.7])
@pytest.mark.parametrize("logits", [[0.2], [1.5, -0.3, 0.9], [800.0, -800.0, 799.0], [-1000.0, -1001.0]])
def test_probabilities_are_scipys(logits: list[float], temperature: float) -> None:
    found = steps.softmax(logits, temperature)
    expected = special.softmax(np.array(logits) / temperature)
    np.testing.assert_allclose(found.probabilities, expected, atol=1e-12)
    np.testing.assert_allclose(found.scaled, np.array(logits) / temperature)


def test_the_numbers_on_the_way_are_those_of_the_lesson() -> None:
    found = steps.softmax([1.0, 2.0, 0.0])
    np.testing.assert_allclose(found.exponentials, [np.e, np.e**2, 1.0])
    assert found.total == pytest.approx(np.e + np.e**2 + 1)
    assert found.probabilities[1] == pytest.approx(np.e**2 / found.total)


@pytest.mark.parametrize("logits", [[], [float("nan"), 1.0], [float("inf")], [[1.0, 2.0]]])
def test_what_is_no_row_of_scores_is_refused(logits: list[float]) -> None:
    with pytest.raises(InferenceError, match="one finite score for each class"):
        steps.softmax(logits)


def test_a_temperature_of_zero_is_refused() -> None:
    with pytest.raises(InferenceError, match="above 0"):
        steps.softmax([1.0], 0.0)
