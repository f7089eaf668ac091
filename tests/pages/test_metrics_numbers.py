"""Numbers in the confusion matrix can be read on every cell, in light and in dark."""

import numpy as np
import pytest

from pages.parts import charts
from pages.parts import matrix_numbers as numbers


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_ink_stands_out_on_every_colour_of_the_scale(mode, monkeypatch) -> None:
    monkeypatch.setattr(charts, "mode", lambda: mode)
    scale = numbers.st.get_option(f"theme.{mode}.chartSequentialColors")
    for place, colour in enumerate(scale):
        ink = numbers.ink(place / (len(scale) - 1))
        grounds = [numbers._luminance(np.array(numbers._rgb(one))) for one in (ink, colour)]
        assert numbers.contrast(*grounds) >= 4.2


def test_contrast_is_that_of_wcag() -> None:
    """The worked values of the standard: black on white 21, #777777 on white 4.48."""
    white, black, grey = (
        numbers._luminance(np.array(numbers._rgb(one))) for one in ("#FFFFFF", "#000000", "#777777")
    )
    assert numbers.contrast(white, black) == pytest.approx(21)
    assert numbers.contrast(grey, white) == pytest.approx(4.48, abs=0.01)


def test_empty_cells_stay_empty() -> None:
    drawn = numbers.traces([["3", ""], ["1", "5"]], np.eye(2), ["a", "b"], ["a", "b"])
    written = [cell for one in drawn for cell in zip(one.y, one.x, one.text, strict=True)]
    assert sorted(written) == [("a", "a", "3"), ("b", "a", "1"), ("b", "b", "5")]


def test_a_click_dims_no_number() -> None:
    for drawn in numbers.traces([["3"]], np.eye(1), ["a"], ["a"]):
        assert drawn.unselected.textfont.color == drawn.selected.textfont.color == drawn.textfont.color
