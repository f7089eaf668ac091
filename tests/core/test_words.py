"""How figures and times are written, by hand-worked cases."""

import pytest

from core import words


def test_percentages_have_a_space_and_no_more_digits_than_asked_for() -> None:
    assert [words.percent(0.8412), words.percent(0.8412, 1), words.percent(1)] == ["84 %", "84.1 %", "100 %"]


def test_moments_are_read_as_utc_wherever_they_were_noted() -> None:
    assert words.moment("2026-11-25T02:03:59.123456+00:00") == "25 Nov 2026, 02:03 UTC"
    assert words.moment("2026-11-05T02:03:59") == "5 Nov 2026, 02:03 UTC"
    assert words.moment("2026-11-25T01:30:00+02:00") == "24 Nov 2026, 23:30 UTC"


@pytest.mark.parametrize(
    ("value", "said"),
    [(48211, "48,200"), (512, "512"), (0.9731, "0.973"), (45.678, "45.7"), (0, "0"), (1234567, "1,230,000")],
)
def test_numbers_keep_the_digits_that_mean_something(value: float, said: str) -> None:
    assert words.sensible(value) == said
