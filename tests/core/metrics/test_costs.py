"""Cost tables, the effect of a rule, coverage curves, natural frequencies."""

import numpy as np
import pytest

from core.errors import MetricsError
from core.metrics import costs, decisions, frequencies, scores
from tests.core.metrics import cases


def test_a_cost_file_may_name_its_classes_in_any_order(tmp_path):
    path = tmp_path / "costs.csv"
    path.write_text("truth,b,a\nb,0,7\na,3,0\n")
    assert costs.read_csv(path, ["a", "b"]) == ((0.0, 3.0), (7.0, 0.0))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("truth,a\na,0\nb,1\n", "columns"),
        ("truth,a,b\na,0,1\n", "rows"),
        ("truth,a,b\na,0,1\nb,x,0\n", "'x'"),
        ("truth,a,b\na,0,-1\nb,1,0\n", "'-1'"),
        ("truth,a,b\na,0,nan\nb,1,0\n", "'nan'"),
        ("truth,a,b\na,0\nb,1,0\n", "''"),
        ("", "missing"),
    ],
)
def test_a_cost_file_that_does_not_fit_is_explained(tmp_path, text, words):
    path = tmp_path / "costs.csv"
    path.write_text(text)
    with pytest.raises(MetricsError, match=words):
        costs.read_csv(path, ["a", "b"])


def test_the_effect_of_a_rule_counts_what_gets_better_and_worse():
    true, logits = cases.random_case(400, 3, seed=1, skill=1.0)
    predictions = cases.predictions(true, logits)
    label = predictions.classes[0]
    rule = decisions.Decision(
        classes=tuple(predictions.classes),
        kind="cost",
        costs=decisions.worse_miss(predictions.classes, label, 10),
    )
    effect = costs.effect(predictions, rule)
    bill = effect.bill
    assert bill.basis == "all" and bill.after < bill.before == bill.highest
    assert bill.saved[0] < bill.before - bill.after < bill.saved[1]
    assert bill.between[0] < bill.after < bill.between[1]
    assert [row["label"] for row in effect.better()] == [label]
    assert {row["label"] for row in effect.worse()} == set(predictions.classes[1:])
    assert effect.coverage == 1.0


def test_coverage_falls_and_accuracy_is_that_of_the_surest():
    true, logits = cases.random_case(300, 3, seed=2)
    shares = decisions.Decision(classes=("a", "b", "c")).probabilities(logits)
    curve = costs.coverage_curve(true, shares)
    assert curve.coverage[-1] == 1 and (np.diff(curve.coverage) > 0).all()
    for threshold, coverage, accuracy in zip(curve.threshold, curve.coverage, curve.accuracy, strict=True):
        kept = shares.max(axis=1) >= threshold
        assert coverage == pytest.approx(kept.mean())
        assert accuracy == pytest.approx((shares.argmax(axis=1) == true)[kept].mean())


def counted():
    """10 scans with cancer, 9 of them called so; 990 without, 41 of them called so."""
    true = np.array([1] * 10 + [0] * 990)
    called = np.array([1] * 9 + [0] + [1] * 41 + [0] * 949)
    return cases.predictions(true, np.eye(2)[called], classes=["clear", "cancer"])


def test_natural_frequencies_are_the_lessons_sentence():
    rule = decisions.Decision(classes=("clear", "cancer"))
    found = frequencies.of_class(counted(), rule, "cancer", prevalence=0.01)
    assert found.sentence() == "Of 1,000 images, 10 with 'cancer': 9 found, 1 missed, 41 false alarms."
    assert found.trust == pytest.approx(9 / 50)
    assert found.found_between[0] <= 9 <= found.found_between[1]


@pytest.mark.parametrize("prevalence", [0, 0.001, 0.37, 1])
@pytest.mark.parametrize("unknown_below", [None, 0.8])
def test_natural_frequencies_add_up(prevalence, unknown_below):
    rule = decisions.Decision(classes=("clear", "cancer"), unknown_below=unknown_below)
    found = frequencies.of_class(counted(), rule, "cancer", prevalence=prevalence)
    assert (
        found.found + found.missed + found.positives_handed_on == found.positives == round(1000 * prevalence)
    )
    others = found.false_alarms + found.cleared + found.others_handed_on
    assert found.positives + others == 1000
    assert min(found.missed, found.cleared) >= 0


def test_a_frequency_that_cannot_be_known_is_refused():
    rule = decisions.Decision(classes=("clear", "cancer"))
    with pytest.raises(MetricsError, match="from 0 to 1"):
        frequencies.of_class(counted(), rule, "cancer", prevalence=1.5)
    with pytest.raises(MetricsError, match="no class 'flu'"):
        frequencies.of_class(counted(), rule, "flu", prevalence=0.5)
    only = cases.predictions([1, 1], np.eye(2), classes=["clear", "cancer"])
    with pytest.raises(MetricsError, match="a rate is missing"):
        frequencies.of_class(only, rule, "cancer", prevalence=0.5)


def test_grouped_images_widen_what_coverage_and_frequencies_promise():
    true, logits = cases.random_case(80, 2, seed=3)
    fivefold = cases.predictions(np.repeat(true, 5), np.repeat(logits, 5, axis=0), classes=["a", "b"])
    groups = list(np.repeat(np.arange(80), 5))
    shares = scores.probabilities(fivefold.logits)
    alone, together = (costs.coverage_curve(fivefold.true, shares, groups=g) for g in (None, groups))
    assert ((together.high - together.low)[-1]) > 1.8 * (alone.high - alone.low)[-1]
    rule = decisions.Decision(classes=("a", "b"))
    spans = [
        np.ptp(frequencies.of_class(fivefold, rule, "b", prevalence=0.5, groups=g).found_between)
        for g in (None, groups)
    ]
    assert spans[1] > 1.8 * spans[0]


def test_too_few_images_do_not_say_how_sure_the_saving_is():
    true, logits = cases.random_case(40, 2, seed=3)
    predictions = cases.predictions(true, logits, classes=["a", "b"])
    costly = decisions.worse_miss(["a", "b"], "a", 9)
    rule = decisions.Decision(classes=("a", "b"), kind="cost", costs=costly)
    assert costs.effect(predictions, rule).bill.saved is None
