"""How sure a judgement can be, against statsmodels and a textbook."""

import pytest
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_confint, proportion_effectsize

from core.errors import SplitError
from core.split import sureness


@pytest.mark.parametrize(("right", "n"), [(0, 5), (5, 5), (16, 18), (90, 100), (1, 1), (450, 1000)])
def test_wilson_agrees_with_statsmodels(right: int, n: int) -> None:
    assert sureness.wilson(right / n, n) == pytest.approx(
        proportion_confint(right, n, method="wilson"), abs=1e-9
    )


def test_the_sentence_speaks_of_a_rate_that_so_many_images_can_show() -> None:
    all_classes, cat, owl = sureness.of_counts({"cat": 18, "owl": 4})
    assert cat.sentence() == (
        "With 18 test images of 'cat', 16 right is a measured recall of 89 %: the true one could be "
        "anywhere from 67 % to 97 %."
    )
    assert "4 right is a measured recall of 100 %: the true one could be anywhere from 51 % to 100 %" in (
        owl.sentence()
    )
    assert (all_classes.right, all_classes.measured) == (20, 20 / 22)


def test_overall_comes_first_and_no_images_say_nothing() -> None:
    overall, cat = sureness.of_counts({"cat": 0})
    assert (overall.name, overall.n, overall.width) == ("all classes", 0, 1.0)
    assert "nothing can be said" in cat.sentence()


def test_intervals_shrink_as_images_are_added() -> None:
    widths = [sureness.of_counts({"cat": n})[0].width for n in (10, 40, 160, 640)]
    assert widths == sorted(widths, reverse=True) and widths[2] / widths[3] == pytest.approx(2, rel=0.1)


def test_the_size_that_tells_two_models_apart() -> None:
    assert (
        sureness.images_to_tell_apart(0.05, 0.90) == 435
    )  # Fleiss, Levin, Paik, without continuity correction
    for margin, accuracy in [(0.02, 0.9), (0.05, 0.8), (0.1, 0.6)]:
        effect = proportion_effectsize(accuracy + margin, accuracy)
        other = NormalIndPower().solve_power(effect, power=0.8, alpha=0.05)  # by the arcsine approximation
        assert sureness.images_to_tell_apart(margin, accuracy) == pytest.approx(other, rel=0.03)


@pytest.mark.parametrize(("margin", "accuracy"), [(0, 0.9), (0.2, 0.9), (0.1, 1.0), (-0.1, 0.5)])
def test_impossible_margins_are_refused(margin: float, accuracy: float) -> None:
    with pytest.raises(SplitError, match="cannot be"):
        sureness.images_to_tell_apart(margin, accuracy)


def test_only_classes_with_wide_intervals_are_warned_of():
    counts = {"train": {}, "validation": {"cat": 400, "owl": 9}, "test": {"cat": 0, "owl": 0}}
    said = sureness.warning(counts)
    assert said and said.startswith("Too few validation images to judge these classes well: owl (9). With 9")
    assert sureness.warning(counts | {"test": {"cat": 400, "owl": 400}}) is None
