"""Advice, verdicts and the reading of confusion matrices."""

import numpy as np
import pytest

from core.errors import MetricsError
from core.metrics import (
    adviser,
    confusion,
    decisions,
    intervals,
    mistakes,
    scores,
    summary,
    verdict,
    words,
)
from tests.core.metrics import cases


def texts(sentences):
    return " ".join(sentence.text for sentence in sentences)


def figures(true, logits, **options):
    return summary.summarise(cases.predictions(true, logits, **options))


def test_even_classes_are_judged_by_accuracy_and_uneven_ones_by_macro_f1():
    assert adviser.advise({"a": 50, "b": 60}).metric == "accuracy"
    advice = adviser.advise({"a": 900, "b": 100})
    assert advice.metric == "macro_f1" and "90 %" in advice.reason


def test_a_worse_mistake_names_its_metric():
    rare = adviser.advise({"a": 95, "b": 5}, worse="miss", label="b")
    assert rare.metric == "recall:b" and "hardly notice" in rare.reason
    assert "hardly notice" not in adviser.advise({"a": 2, "b": 1}, worse="miss", label="b").reason
    assert adviser.advise({"a": 9, "b": 1}, worse="false alarm", label="b").metric == "precision:b"
    with pytest.raises(MetricsError, match="no class 'x'"):
        adviser.advise({"a": 9}, worse="miss", label="x")
    with pytest.raises(MetricsError, match="no images"):
        adviser.advise({})


def test_every_offered_metric_has_a_value():
    found = figures(*cases.random_case(100, 3))
    for metric in adviser.choices(found["classes"]):
        value, _ = adviser.value_of(found, metric)
        assert value is not None and adviser.title(metric)
    with pytest.raises(MetricsError, match="no metric 'beauty'"):
        adviser.value_of(found, "beauty")


def test_a_good_model_beats_guessing_image_by_image():
    true, logits = cases.random_case(300, 3, seed=1, skill=3)
    found = figures(true, logits)
    first = verdict.verdict(found)[0]
    gain = (logits.argmax(axis=1) == true).astype(int) - (true == np.bincount(true).argmax())
    low, high = (round(100 * edge) for edge in intervals.paired(gain))
    assert first.tone == "good" and f"by {low} to {high} points" in first.text
    assert f"({words.percent(found['majority_baseline'])} on these images)" in first.text


@pytest.mark.parametrize("metric", ["log_loss", "brier", "cohen_kappa", "matthews", "macro_roc_auc"])
def test_a_good_model_is_good_by_every_metric_in_its_own_unit(metric):
    first = verdict.verdict(figures(*cases.random_case(300, 3, seed=1, skill=3)), metric)[0]
    assert first.tone == "good" and ("points" in first.text) == (metric == "macro_roc_auc")


def test_finding_a_class_is_not_judged_against_always_saying_it():
    """Of balanced classes with 90 % found: not worse than a rule that finds all by answering nothing else."""
    found = figures(*cases.random_case(300, 3, seed=1, skill=3))
    said = verdict.verdict(found, f"recall:{found['majority_class']}")[0]
    assert said.tone == "good" and "guessing by the classes' shares" in said.text


def test_a_metric_without_an_interval_says_which_images_are_too_few():
    true = np.array([0] * 60 + [1] * 5)
    found = figures(true, found_logits(65), classes=["cat", "dog"])
    assert "5 of 'dog'" in verdict.verdict(found, "recall:dog")[0].text
    assert "Too few images of 'dog'" in verdict.verdict(found, "macro_roc_auc")[0].text
    groups = np.arange(65) // 10
    found = summary.summarise(
        cases.predictions(true, found_logits(65), classes=["cat", "dog"]), groups=groups
    )
    assert "Too few groups of images" in verdict.verdict(found, "macro_f1")[0].text
    assert "7 in all" in verdict.verdict(found, "accuracy")[0].text


def found_logits(n):
    return cases.random_case(n, 2, seed=1)[1]


def test_a_guess_cannot_be_told_apart_and_a_wrong_model_is_worse():
    true, logits = cases.random_case(90, 3, seed=2, skill=0)
    assert verdict.verdict(figures(true, logits))[0].tone == "unsure"
    logits[np.arange(90), true] -= 50
    assert verdict.verdict(figures(true, logits))[0].tone == "bad"


def test_blind_spots_and_thin_evidence_are_named():
    true = np.array([0] * 60 + [1] * 30 + [2] * 5)
    logits = np.zeros((95, 3))
    logits[:, 0] = 1
    logits[60:75, 1] = 2
    said = texts(verdict.verdict(figures(true, logits, classes=["cat", "dog", "emu"])))
    assert "Never predicts 'emu'" in said and "Too few images to judge 'emu'" in said


def test_overconfidence_is_said_with_its_size_and_what_chance_would_show():
    true, logits = cases.random_case(400, 3, seed=3, skill=1)
    found = figures(true, logits * 8)
    said = texts(verdict.verdict(found))
    assert "surer than it should be" in said
    assert words.percent(found["calibration"]["ece_before_expected"]) in said


def test_calibration_is_called_a_help_only_where_it_is_one():
    true, logits = cases.random_case(400, 3, seed=3, skill=1)
    found = figures(true, logits * 8)
    assert "calibration brings that to" in texts(verdict.verdict(found))
    found["calibration"]["ece_after"] = found["calibration"]["ece_before"] + 0.01
    said = texts(verdict.verdict(found))
    assert "calibration brings" not in said
    assert f"does not mend that ({words.percent(found['calibration']['ece_after'])})" in said


def test_a_headline_other_than_accuracy_is_named_where_it_is_compared():
    found = figures(*cases.random_case(300, 3, seed=1, skill=3))
    assert verdict.verdict(found, "accuracy")[0].text.startswith("Better than always")
    assert verdict.verdict(found, "macro_f1")[0].text.startswith("Macro F1 is better than with always")


@pytest.mark.parametrize("n", [60, 120])
def test_calibrated_probabilities_are_called_off_5_times_in_100_at_most(n):
    random, alarms = np.random.default_rng(n), 0
    for _ in range(120):
        logits = random.normal(size=(n, 3)) * 2
        shares = scores.probabilities(logits)
        true = np.minimum(2, (shares.cumsum(axis=1) < random.random((n, 1))).sum(axis=1))
        found = summary.summarise(cases.predictions(true, logits), draws=5)
        alarms += "probabilities are off" in texts(verdict.verdict(found))
    assert alarms / 120 <= 0.1  # 5 in 100; more than 10 in 100 has a chance of about 1 %


def compared(pair, metric="accuracy", **others):
    return {"metric": metric, "interval": pair, "difference": 0.01, "n_common": 90, "n_groups": None} | others


def test_a_comparison_in_words():
    said = [
        verdict.against_other(compared(pair), "run 1").tone
        for pair in ([0.01, 0.05], [-0.05, -0.01], [-0.02, 0.03], [1e-17, 1e-17], [-1e-17, -1e-17])
    ]
    assert said == ["good", "bad", "unsure", "unsure", "unsure"]
    assert "between -2.0 and +3.0 points." in verdict.against_other(compared([-0.02, 0.03])).text
    assert "by 0.01 to 0.05." in verdict.against_other(compared([0.01, 0.05], "matthews")).text


def test_a_comparison_of_too_few_images_claims_nothing():
    said = verdict.against_other(compared(None, n_common=1))
    assert said.tone == "unsure" and "1 images" in said.text and "50 images are needed" in said.text
    said = verdict.against_other(compared(None, n_groups=12))
    assert "in 12 groups" in said.text and "50 groups" in said.text


def test_the_most_confused_pairs_come_first():
    counts = np.array([[5, 3, 0], [1, 9, 0], [0, 7, 3]])
    found = confusion.most_confused(counts, ["a", "b", "c"])
    assert [(pair["true"], pair["answer"], pair["count"]) for pair in found] == [
        ("c", "b", 7),
        ("a", "b", 3),
        ("b", "a", 1),
    ]
    assert found[0]["share"] == 0.7


def test_shares_are_of_rows_and_of_columns():
    counts = np.array([[2, 2], [0, 0]])
    np.testing.assert_allclose(confusion.row_shares(counts), [[0.5, 0.5], [np.nan, np.nan]])
    np.testing.assert_allclose(confusion.column_shares(counts), [[1, 1], [0, 0]])


@pytest.mark.parametrize("n_classes", [2, 6, 200])
def test_the_cluster_order_keeps_every_class_and_puts_the_confused_together(n_classes):
    counts = np.eye(n_classes, dtype=np.int64) * 20
    for k in range(n_classes // 2):  # class k is taken for class k + n/2
        counts[k, k + n_classes // 2] = 15
    order = confusion.cluster_order(counts)
    assert sorted(order) == list(range(n_classes))
    for k in range(n_classes // 2):
        assert abs(order.index(k) - order.index(k + n_classes // 2)) == 1


def test_mistakes_come_worst_first_and_cells_most_confident_first():
    true, logits = cases.random_case(80, 3, seed=4)
    predictions = cases.predictions(true, logits, classes=["a", "b", "c"])
    table = mistakes.answers(predictions, decisions.Decision(classes=("a", "b", "c")))
    wrong = mistakes.worst_first(table)
    assert len(wrong) == (logits.argmax(axis=1) != true).sum()
    assert wrong["loss"].is_monotonic_decreasing
    cell = mistakes.cell(table, true="a", answer="b")
    assert set(zip(cell["true"], cell["answer"], strict=True)) == {("a", "b")}
    assert cell["probability"].is_monotonic_decreasing
    top = mistakes.top_classes(predictions, decisions.Decision(classes=("a", "b", "c")), ["00000.jpg"])[
        "00000.jpg"
    ]
    assert len(top) == 3 and sum(p for _, p in top) == pytest.approx(1)


def test_an_unknown_answer_is_a_mistake_called_unknown():
    predictions = cases.predictions([0, 1], np.array([[0.1, 0.0], [0.0, 5.0]]), classes=["a", "b"])
    table = mistakes.answers(predictions, decisions.Decision(classes=("a", "b"), unknown_below=0.9))
    assert table["answer"].tolist() == ["unknown", "b"]
    assert table["right"].tolist() == [False, True]
