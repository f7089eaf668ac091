"""Percentages in tables and on axes are written as everywhere else."""

import numpy as np
import pandas as pd
import pytest

from pages.parts import percents


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.0, 1.0, ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]),
        (0.69, 1.0, ["70 %", "80 %", "90 %", "100 %"]),
        (0.978, 1.0, ["98.0 %", "98.5 %", "99.0 %", "99.5 %", "100.0 %"]),
    ],
)
def test_an_axis_has_a_handful_of_round_ticks(low: float, high: float, said: list[str]) -> None:
    axis = percents.axis(low, high)
    assert axis["ticktext"] == said
    assert np.allclose([100 * place for place in axis["tickvals"]], [float(text[:-2]) for text in said])


def test_only_the_named_columns_are_scaled_and_undefined_stays_so() -> None:
    frame = pd.DataFrame({"recall": [0.5, None], "images": [3, 4]})
    shown = percents.scaled(frame, ["recall"])
    assert shown["recall"].iloc[0] == 50 and np.isnan(shown["recall"].iloc[1])
    assert shown["images"].tolist() == [3, 4] and frame["recall"].iloc[0] == 0.5
