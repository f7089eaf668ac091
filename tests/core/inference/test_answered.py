"""Answers on the disk: the same as the predictor's, page by page, whatever the rule of the day is."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from core.inference import answered, answering, batch, intake, predictor
from core.metrics import decisions


@pytest.fixture
def model(run):
    return predictor.load(run.id)


@pytest.fixture
def items(tiny_folder):
    (tiny_folder / "red" / "00.png").write_bytes(b"broken")
    found = [intake.Item(name=path.name, file=path) for path in sorted(tiny_folder.rglob("*.png"))]
    return [*found, intake.Item(name="escape.png", reason="Its name points outside.")]


def rule(model, cutoff=None):
    return answered.Rule(decision=model.decision, cutoff=cutoff)


def test_answers_are_those_of_the_predictor(model, items, tmp_path, monkeypatch):
    monkeypatch.setattr(answered, "PART", 10)
    told = []
    assert answering.answer(model, items, tmp_path / "a", told=told.append)
    assert told == list(range(1, 38)) and answered.count(tmp_path / "a") == 37
    view = answered.judged(tmp_path / "a", rule(model))
    expected = model.predict([item.file for item in items[:-1]])
    assert view["label"].tolist() == [*[answer.label for answer in expected], None]
    probable = [np.nan if one.probability is None else one.probability for one in expected]
    np.testing.assert_allclose(view["probability"][:-1].astype(float), probable, atol=1e-6)
    assert view["error"].dropna().tolist()[-1] == "Its name points outside."
    assert (view["said"] == answered.NO_ANSWER).sum() == 2


def test_a_call_that_was_stopped_is_taken_up_where_it_was(model, items, tmp_path, monkeypatch):
    monkeypatch.setattr(answered, "PART", 10)
    seen = []
    whole = answering.answer(model, items, tmp_path / "a", told=seen.append, stopping=lambda: len(seen) == 13)
    assert not whole and answered.count(tmp_path / "a") == 13
    assert answering.answer(model, items, tmp_path / "a", told=seen.append)
    assert seen == list(range(1, 38))  # none was answered twice
    assert answering.answer(model, items, tmp_path / "b")
    pd.testing.assert_frame_equal(
        answered.judged(tmp_path / "a", rule(model)), answered.judged(tmp_path / "b", rule(model))
    )


def stored(folder, logits, distances):
    rows = [
        {"name": f"{i}", "file": f"{i}", "time": 0, "error": None, "distance": far, "logits": list(row)}
        for i, (row, far) in enumerate(zip(logits, distances, strict=True))
    ]
    answered.append(folder, rows)


def test_rule_and_share_of_today_decide_without_a_second_look(tmp_path):
    stored(tmp_path, [[2.0, 0.0], [0.1, 0.0], [0.0, 3.0]], [0.2, 0.9, np.nan])
    plain = decisions.Decision(classes=("cat", "dog"))

    def said(**how):
        return answered.judged(tmp_path, answered.Rule(**how))["said"].tolist()

    assert said(decision=plain) == ["cat", "cat", "dog"]
    assert said(decision=plain, cutoff=0.5) == ["cat", "unknown", "dog"]
    assert said(decision=plain, cutoff=0.1) == ["unknown", "unknown", "dog"]
    careful = dataclasses.replace(plain, unknown_below=0.6)
    assert said(decision=careful) == ["cat", "unknown", "dog"]
    threshold = dataclasses.replace(plain, kind="threshold", label="dog", threshold=0.4)
    assert said(decision=threshold) == ["cat", "dog", "dog"]
    unknown = answered.judged(tmp_path, answered.Rule(decision=careful, cutoff=1.0))["unknown"].tolist()
    assert unknown == [False, True, None]


def test_margins_are_first_less_second(tmp_path):
    stored(tmp_path, [np.log([0.7, 0.2, 0.1])], [np.nan])
    view = answered.judged(tmp_path, answered.Rule(decision=decisions.Decision(classes=("a", "b", "c"))))
    assert view["margin"].tolist() == pytest.approx([0.5])


def test_rows_are_read_in_the_order_asked_for(tmp_path):
    stored(tmp_path, [[0.0, 1.0]] * 3, [0.0, 1.0, 2.0])
    stored(tmp_path, [[0.0, 1.0]] * 3, [3.0, 4.0, 5.0])
    assert answered.rows(tmp_path, [4, 0, 3])["distance"].tolist() == [4.0, 0.0, 3.0]
    assert answered.rows(tmp_path, []).empty and answered.count(tmp_path) == 6


def test_what_is_taken_away_is_what_the_command_line_writes(model, items, tmp_path):
    folder = tmp_path / "a"
    answering.answer(model, items[:-1], folder)
    answered.to_csv(folder, rule(model), tmp_path / "a.csv")
    answered.to_parquet(folder, rule(model), tmp_path / "a.parquet")
    batch.to_csv(model, [item.file for item in items[:-1]], tmp_path / "b.csv")
    ours, theirs = (pd.read_csv(tmp_path / name, dtype=str) for name in ("a.csv", "b.csv"))
    theirs["path"] = theirs["path"].str.rpartition("/")[2]
    assert ours.columns[:5].tolist() == ["path", "label", "probability", "unknown", "error"]
    pd.testing.assert_frame_equal(ours, theirs[ours.columns])
    parquet = pd.read_parquet(tmp_path / "a.parquet")
    assert parquet.columns.tolist() == ours.columns.tolist()
    np.testing.assert_allclose(parquet["probability"], ours["probability"].astype(float), atol=1e-6)
