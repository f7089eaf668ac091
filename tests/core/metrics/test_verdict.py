"""Advice, verdicts and the reading of confusion matrices."""

import numpy as np
import pytest

from core.errors import MetricsError
from core.metrics import adviser, confusion, decisions, mistakes, summary, verdict
from tests.core.metrics import cases


def texts(sentences):
    return " ".join(sentence.text for sentence in sentences)


def figures(true, logits, **options):
    return summary.summarise(cases.predictions(true, logits, **options))


def test_even_classes_are_judged_by_accuracy_and_uneven_ones_by_macro_f1():
    assert adviser.advise({"a": 50, "b": 60}).metric == "accuracy"
    advice = adviser.advise({"a": 900, "b": 100})
    assert advice.metric == "macro_f1" and "90%" in advice.reason


def test_a_worse_mistake_names_its_metric():
    assert adviser.advise({"a": 9, "b": 1}, worse="miss", label="b").metric == "recall:b"
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


def test_the_baseline_is_that_of_always_saying_the_largest_class():
    found = figures([0] * 60 + [1] * 40, cases.random_case(100, 2)[1])
    assert adviser.baseline_of(found, "accuracy") == 0.6
    assert adviser.baseline_of(found, "balanced_accuracy") == 0.5
    assert adviser.baseline_of(found, "macro_f1") == pytest.approx((2 * 60 / 160 + 0) / 2)
    assert adviser.baseline_of(found, "recall:class 0001") == 0
    assert adviser.baseline_of(found, "precision:class 0001") is None
    assert adviser.baseline_of(found, "log_loss") is None


def test_a_good_model_beats_guessing_by_its_interval():
    true, logits = cases.random_case(300, 3, seed=1, skill=3)
    found = figures(true, logits)
    first = verdict.verdict(found)[0]
    low, high = (round(100 * (edge - found["majority_baseline"])) for edge in found["accuracy_interval"])
    assert first.tone == "good" and f"by {low} to {high} points" in first.text


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


def test_overconfidence_is_said_with_its_size():
    true, logits = cases.random_case(400, 3, seed=3, skill=1)
    assert "surer than it should be" in texts(verdict.verdict(figures(true, logits * 8)))


def test_a_comparison_in_words():
    said = [
        verdict.against_other({"interval": pair}, "run 1").tone
        for pair in ([0.01, 0.05], [-0.05, -0.01], [-0.02, 0.03])
    ]
    assert said == ["good", "bad", "unsure"]


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
