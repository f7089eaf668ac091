"""Every figure of one subset: names, intervals, undefined figures, and what the rule in force makes of it."""

import json

import numpy as np
import pytest
from sklearn import metrics as theirs
from statsmodels.stats import proportion

from core.metrics import decisions, scored, summary
from tests.core.metrics import cases

SCORES = {
    "accuracy", "macro_f1", "weighted_f1", "balanced_accuracy", "macro_precision", "macro_recall", "brier",
    "weighted_precision", "weighted_recall", "cohen_kappa", "matthews", "log_loss", "macro_average_precision",
    "macro_roc_auc",
}  # fmt: skip


def summarise(true, logits, **options):
    return summary.summarise(cases.predictions(true, logits), **options)


def test_every_input_gives_plain_json_with_every_name(case):
    true, logits = case
    figures = summarise(true, logits, draws=20)
    json.dumps(figures, allow_nan=False)
    names = {
        "subset",
        "n_images",
        "per_class",
        "confusion",
        "classes",
        "accuracy_interval",
        "majority_baseline",
    }
    assert set(figures) >= SCORES | names | {"calibration", "decision", "expected_cost"}
    assert set(figures["calibration"]) >= {"temperature", "ece_before", "ece_after"}
    assert np.sum(figures["confusion"]) == len(true) == figures["n_images"]


def test_intervals_contain_their_figure():
    figures = summarise(*cases.random_case(300, 4, seed=1))
    for name, pair in figures["intervals"].items():
        assert pair[0] < figures[name] < pair[1], name
    for one in figures["per_class"].values():
        for name, pair in one["intervals"].items():
            assert pair[0] < one[name] < pair[1], name


def test_accuracy_interval_is_wilsons():
    true, logits = cases.random_case(180, 3, seed=2)
    right = int((logits.argmax(axis=1) == true).sum())
    expected = proportion.proportion_confint(right, 180, method="wilson")
    assert summarise(true, logits)["accuracy_interval"] == pytest.approx(expected, abs=1e-9)


def test_few_images_get_no_interval_but_are_named():
    figures = summarise([0] * 30 + [1] * 6, cases.random_case(36, 2, seed=3)[1])
    assert figures["too_few_images"] == {"whole": True, "classes": ["class 0001"]}
    assert figures["intervals"]["macro_f1"] is None
    assert set(figures["per_class"]["class 0001"]["intervals"].values()) == {None}


def test_majority_baseline_is_what_the_largest_class_would_score():
    figures = summarise([0] * 10 + [1] * 30, np.zeros((40, 3)))
    assert (figures["majority_class"], figures["majority_baseline"]) == ("class 0001", 0.75)
    assert figures["never_predicted"] == ["class 0001", "class 0002"]


def test_undefined_figures_are_null():
    figures = summarise([0] * 20 + [1] * 20, np.array([[1.0, 0.0, -1.0]] * 40))
    assert figures["per_class"]["class 0001"]["precision"] is None
    assert figures["per_class"]["class 0002"]["recall"] is None
    assert figures["matthews"] is None and figures["intervals"]["matthews"] is None
    assert figures["per_class"]["class 0002"]["roc_auc"] is None


def test_macro_areas_equal_scikit_learns_averages():
    true, logits = cases.random_case(150, 4, seed=8)
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    figures = summarise(true, logits)
    expected = theirs.roc_auc_score(true, shares, multi_class="ovr", average="macro")
    assert figures["macro_roc_auc"] == pytest.approx(expected, abs=1e-9)
    expected = theirs.average_precision_score(np.eye(4)[true], shares, average="macro")
    assert figures["macro_average_precision"] == pytest.approx(expected, abs=1e-9)


def test_top_5_appears_with_more_than_five_classes():
    assert "top_5_accuracy" in summarise(*cases.random_case(100, 6))
    assert "top_5_accuracy" not in summarise(*cases.random_case(100, 5))


def test_the_test_subset_takes_its_temperature_from_validation_only():
    true, logits = cases.random_case(400, 3, seed=4)
    validation = cases.predictions(true, logits * 5)
    test = cases.predictions(true, logits, subset="test")
    alone = summary.summarise(test, draws=20)["calibration"]
    fitted = summary.summarise(test, validation=validation, draws=20)["calibration"]
    assert (alone["temperature"], alone["fitted"]) == (1.0, False)
    assert fitted["temperature"] == summary.summarise(validation, draws=20)["calibration"]["temperature"]


def test_grouped_images_count_as_fewer():
    """Each image ten times over, in one group: the interval is that of the single images."""
    true, logits = cases.random_case(60, 3, seed=5)
    single = summarise(true, logits)
    tenfold = summarise(
        np.repeat(true, 10), np.repeat(logits, 10, axis=0), groups=list(np.repeat(np.arange(60), 10))
    )
    assert tenfold["n_groups"] == 60
    for name in ("accuracy", "macro_f1", "log_loss"):
        width = np.ptp(single["intervals"][name])
        assert np.ptp(tenfold["intervals"][name]) == pytest.approx(width, rel=0.2), name


def test_groups_of_one_image_change_nothing():
    true, logits = cases.random_case(100, 3, seed=6)
    assert summarise(true, logits, groups=list(range(100))) == summarise(true, logits)
    assert summarise(true, logits, groups=[None] * 100) == summarise(true, logits)


def test_the_rule_in_force_is_scored_beside_the_most_probable_class():
    true, logits = cases.random_case(200, 2, seed=7, skill=0.5)
    rule = decisions.Decision(
        classes=("class 0000", "class 0001"), kind="threshold", label="class 0001", threshold=0
    )
    figures = summarise(true, logits, decision=rule)
    assert figures["under_decision"]["recall"] == {"class 0000": 0.0, "class 0001": 1.0}
    assert figures["expected_cost"] == pytest.approx(1000 * (true == 0).mean())
    assert figures["expected_cost_highest"] == pytest.approx(1000 * (1 - figures["accuracy"]))


def test_a_perfect_class_is_not_called_certain_even_in_groups():
    true = np.repeat(np.arange(3), 40)
    figures = summarise(true, np.eye(3)[true] * 9, groups=list(np.arange(120) // 2))
    for one in figures["per_class"].values():
        for name in ("precision", "recall", "f1"):
            assert 0.8 < one["intervals"][name][0] < 0.95 and one["intervals"][name][1] == 1


def test_a_long_tail_has_no_interval_of_its_mean_areas():
    """10 classes of 4,400 images, ranked well, 90 of 9, ranked ill: the large ones do not speak for all."""
    random = np.random.default_rng(0)
    true = np.repeat(np.arange(100), [440] * 10 + [9] * 90)
    logits = random.normal(size=(len(true), 100))
    logits[np.arange(len(true)), true] += np.where(true < 10, 4, 1)
    figures = summarise(true, logits, draws=50)
    for name in ("macro_average_precision", "macro_roc_auc"):
        assert figures[name] is not None and figures["intervals"][name] is None
    low, high = figures["intervals"]["macro_f1"]
    assert low < figures["macro_f1"] < high


def test_one_image_of_a_class_leaves_no_half_defined_interval():
    """60 of one class and 1 of another, all right: an AUC of 1 from one counter-example."""
    true = np.array([0] * 60 + [1])
    figures = summarise(true, np.eye(2)[true] * 4)
    assert figures["macro_roc_auc"] == 1 and figures["intervals"]["macro_roc_auc"] is None
    for one in figures["per_class"].values():
        assert one["intervals"]["roc_auc"] is None and one["intervals"]["average_precision"] is None


def test_few_groups_give_no_interval_and_perfect_ones_no_certainty():
    true = np.arange(60) % 3
    few = summarise(true, np.eye(3)[true], groups=list(np.arange(60) // 20))
    assert few["n_groups"] == 3 and few["accuracy_interval"] is None
    true, logits = cases.random_case(200, 8, seed=1, skill=9)
    found = summarise(true, logits, groups=list(np.arange(200) // 2))
    assert found["top_5_accuracy"] == 1 and 0.9 < found["intervals"]["top_5_accuracy"][0] < 0.98


def test_the_calibration_error_stands_beside_what_chance_would_show():
    found = summarise(*cases.random_case(200, 3, seed=2))["calibration"]
    for when in ("before", "after"):
        assert 0 < found[f"ece_{when}_expected"] < found[f"ece_{when}_limit"] < 0.2


def test_given_answers_are_scored_with_the_unknown_as_a_column_of_its_own():
    true, logits = cases.random_case(300, 4, seed=7)
    answers = np.where(np.arange(300) % 5 == 0, decisions.UNKNOWN, logits.argmax(axis=1))
    found = scored.of_answers(cases.predictions(true, logits), answers)
    expected = theirs.confusion_matrix(true, np.where(answers < 0, 4, answers), labels=range(5))
    assert np.array_equal(found["confusion"], expected[:4])
    assert found["accuracy"] == pytest.approx((answers == true).mean())
    f1 = theirs.f1_score(true, answers, labels=range(4), average="macro")
    assert found["macro_f1"] == pytest.approx(f1, abs=1e-9)
    assert set(found["intervals"]) <= set(summarise(true, logits, draws=5)["intervals"])
