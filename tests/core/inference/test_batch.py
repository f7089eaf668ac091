import csv

import pytest

from core.errors import InferenceError
from core.inference import batch, predictor


@pytest.fixture
def model(run):
    return predictor.load(run.id)


def _rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_a_folder_is_walked_in_order_and_only_images_are_taken(tiny_folder):
    (tiny_folder / "notes.txt").write_text("no image")
    found = list(batch.files([tiny_folder]))
    assert found == sorted(tiny_folder.glob("*/*.png"))


def test_every_image_gets_a_row(model, tiny_folder, tmp_path):
    (tiny_folder / "red" / "bad.png").write_text("no image")
    target = tmp_path / "answers.csv"
    found = batch.to_csv(model, [tiny_folder], target)
    rows = _rows(target)
    assert (found["n_images"], found["n_errors"]) == (len(rows), 1) == (37, 1)
    answers = {answer.path: answer for answer in model.predict(list(batch.files([tiny_folder])))}
    for row in rows:
        expected = answers[row["path"]]
        assert row["label"] == (expected.label or "")
        assert bool(row["error"]) == (expected.error is not None)
        if expected.probabilities:
            assert float(row["p(red)"]) == pytest.approx(expected.probabilities["red"], abs=1e-5)


def test_what_was_stopped_goes_on_and_ends_alike(model, tiny_folder, tmp_path):
    whole, broken = tmp_path / "whole.csv", tmp_path / "broken.csv"
    batch.to_csv(model, [tiny_folder], whole)
    content = whole.read_bytes()
    broken.write_bytes(content[: len(content) // 2])  # in the middle of a line
    found = batch.to_csv(model, [tiny_folder], broken)
    assert 0 < found["resumed_at"] < 36
    assert [row["path"] for row in _rows(broken)] == [row["path"] for row in _rows(whole)]
    assert [row["label"] for row in _rows(broken)] == [row["label"] for row in _rows(whole)]


def test_a_finished_file_is_left_as_it_is(model, tiny_folder, tmp_path):
    target = tmp_path / "answers.csv"
    batch.to_csv(model, [tiny_folder], target)
    before = target.read_bytes()
    found = batch.to_csv(model, [tiny_folder], target)
    assert (target.read_bytes(), found["resumed_at"], found["predictions"]) == (before, 36, [])


def test_a_file_of_something_else_is_not_overwritten(model, tiny_folder, tmp_path):
    target = tmp_path / "mine.csv"
    target.write_text("my,own,table\n1,2,3\n")
    with pytest.raises(InferenceError, match="left as it is"):
        batch.to_csv(model, [tiny_folder], target)
    assert target.read_text() == "my,own,table\n1,2,3\n"


def test_other_images_than_before_are_noticed(model, tiny_folder, tmp_path):
    target = tmp_path / "answers.csv"
    batch.to_csv(model, [tiny_folder / "blue"], target)
    with pytest.raises(InferenceError, match="not the same as before"):
        batch.to_csv(model, [tiny_folder / "red"], target)
