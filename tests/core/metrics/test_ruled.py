"""Figures under a decision rule: against scikit-learn, and in the shape of those without one."""

import numpy as np
import pytest
from sklearn import metrics as reference

from core.metrics import decisions, intervals, ruled, summary
from tests.core.metrics import cases

RULES = [
    {"unknown_below": 0.6},
    {"kind": "threshold", "label": "class 0001", "threshold": 0.15},
    {"kind": "cost", "costs": ((0, 9, 9, 9), (1, 0, 1, 1), (1, 1, 0, 1), (1, 1, 1, 0)), "unknown_cost": 0.8},
]


def judged(options):
    predictions = cases.predictions(*cases.random_case(300, 4, seed=7))
    rule = decisions.Decision(classes=tuple(predictions.classes), **options)
    return predictions, rule, summary.summarise(predictions, decision=rule)


@pytest.mark.parametrize("options", RULES)
def test_the_scores_under_a_rule_are_scikit_learns_of_its_answers(options):
    predictions, rule, figures = judged(options)
    answers = rule.answer(predictions.logits)
    shown = ruled.under(figures)
    assert ruled.changes(figures) and shown["accuracy"] != figures["accuracy"]
    assert shown["accuracy"] == pytest.approx(reference.accuracy_score(predictions.true, answers), abs=1e-12)
    precision, recall, f1, _ = reference.precision_recall_fscore_support(
        predictions.true, answers, labels=range(4), zero_division=0
    )
    for k, one in enumerate(shown["per_class"].values()):
        assert (one["precision"], one["recall"], one["f1"]) == pytest.approx((precision[k], recall[k], f1[k]))
    assert shown["macro_f1"] == pytest.approx(f1.mean(), abs=1e-12)
    assert shown["balanced_accuracy"] == pytest.approx(recall.mean(), abs=1e-12)
    matthews = reference.matthews_corrcoef(predictions.true, answers)
    assert shown["matthews"] == pytest.approx(matthews, abs=1e-12)
    kappa = reference.cohen_kappa_score(predictions.true, answers)
    assert shown["cohen_kappa"] == pytest.approx(kappa, abs=1e-12)


@pytest.mark.parametrize("options", RULES)
def test_the_matrix_counts_the_answers_and_has_a_column_for_the_unknown(options):
    predictions, rule, figures = judged(options)
    answers = rule.answer(predictions.logits)
    shown = ruled.under(figures)
    theirs = reference.confusion_matrix(predictions.true, np.where(answers < 0, 4, answers), labels=range(5))
    names = ruled.answer_names(shown)
    assert names[:4] == predictions.classes and names[4:] == (["unknown"] if (answers < 0).any() else [])
    assert np.array_equal(shown["confusion"], theirs[:4, : len(names)])


def test_what_no_rule_changes_stays_and_every_interval_holds_its_value():
    _, _, figures = judged(RULES[0])
    shown = ruled.under(figures)
    assert set(shown) == set(figures)
    for name in ("log_loss", "brier", "macro_roc_auc", "calibration", "majority_baseline"):
        assert shown[name] == figures[name]
    for label, one in shown["per_class"].items():
        assert one["roc_auc"] == figures["per_class"][label]["roc_auc"]
        low, high = one["intervals"]["recall"]
        assert low <= one["recall"] <= high
    low, high = shown["intervals"]["macro_f1"]
    assert low < shown["macro_f1"] < high
    assert shown["accuracy_interval"] == pytest.approx(
        [float(x) for x in intervals.wilson(round(300 * shown["accuracy"]), 300)]
    )


def test_a_rule_that_changes_nothing_is_the_most_probable_class():
    _, _, figures = judged({})
    assert not ruled.changes(figures) and ruled.under(figures) is figures
    assert ruled.plainly(figures)["expected_cost"] == figures["expected_cost"]


def test_every_answer_unknown_is_still_scored():
    predictions = cases.predictions(*cases.random_case(80, 3, seed=1))
    rule = decisions.Decision(classes=tuple(predictions.classes), unknown_below=1.0)
    shown = ruled.under(summary.summarise(predictions, decision=rule))
    assert shown["accuracy"] == 0 and shown["expected_cost"] is None
    assert shown["never_predicted"] == predictions.classes
