import csv
import os
import shutil
import threading
from pathlib import Path

import pandas as pd
import pytest

from core.errors import InferenceError
from core.inference import batch, files, predictor, share, sorting, table, unknown
from core.metrics import decisions


@pytest.fixture
def model(run):
    return predictor.load(run.id)


def _rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_a_folder_is_walked_in_order_and_nothing_is_passed_over(tiny_folder):
    (tiny_folder / "notes.txt").write_text("no image")
    (tiny_folder / "red" / "photo.heic").write_text("no image")
    (tiny_folder / "green.png").mkdir()
    (tiny_folder / "green.png" / "inside").write_text("no ending")
    (tiny_folder / ".DS_Store").write_text("litter")
    (tiny_folder / "blue" / "Thumbs.db").write_text("litter")
    skipped = files.Skipped()
    found = list(files.found([tiny_folder], skipped=skipped))
    expected = [path for path in tiny_folder.rglob("*") if path.is_file()]
    assert len(found) == len(set(found)) == 39
    assert set(expected) - set(found) == {tiny_folder / ".DS_Store", tiny_folder / "blue" / "Thumbs.db"}
    assert skipped.count == 2
    assert [path for path in found if path.suffix == ".png"] == sorted(tiny_folder.glob("*/*.png"))
    assert found[0] == tiny_folder / "notes.txt"  # a folder's own files come before its folders


def test_pipes_loops_and_closed_folders_are_found_and_refused(model, tiny_folder, monkeypatch):
    os.mkfifo(tiny_folder / "red" / "pipe.png")
    (tiny_folder / "red" / "again").symlink_to(tiny_folder)
    (tiny_folder / "closed").mkdir()
    scandir = os.scandir

    def refusing(path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    answers = {path.name: answer.error for path, answer in batch.answered(model, batch.files([tiny_folder]))}
    reasons = {name: error for name, error in answers.items() if error}
    assert set(reasons) == {"pipe.png", "again", "closed"}
    assert "pipe" in reasons["pipe.png"] and "a link to a folder" in reasons["again"]
    assert "Permission denied" in reasons["closed"]


def test_an_empty_folder_is_a_sentence_and_leaves_no_file(model, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / ".DS_Store").write_text("litter")
    with pytest.raises(InferenceError, match=r"no file in .*empty .1 hidden"):
        batch.to_csv(model, [tmp_path / "empty"], tmp_path / "answers.csv")
    assert not (tmp_path / "answers.csv").exists()


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


def _stopped(model, folder, target, keep=0.5):
    """A table that was torn in the middle of a line; returns what it held when whole."""
    batch.to_csv(model, [folder], target)
    content = target.read_bytes()
    target.write_bytes(content[: int(len(content) * keep)])
    return content


def test_what_was_stopped_goes_on_and_ends_alike(model, tiny_folder, tmp_path):
    target = tmp_path / "answers.csv"
    _stopped(model, tiny_folder, target)
    whole = [row["path"] for row in _rows(target)]
    found = batch.to_csv(model, [tiny_folder], target)
    assert 0 < found["resumed_at"] < 36
    assert [row["path"] for row in _rows(target)] == [str(path) for path in batch.files([tiny_folder])]
    assert len(_rows(target)) == 36 > len(whole) - 1
    answers = {answer.path: answer.label for answer in model.predict(list(batch.files([tiny_folder])))}
    assert {row["path"]: row["label"] for row in _rows(target)} == answers


def test_it_does_not_go_on_with_what_answers_otherwise(run, model, maker, tiny_folder, tmp_path):
    target = tmp_path / "answers.csv"
    _stopped(model, tiny_folder, target)
    before = target.read_bytes()

    def refused(other, words):
        with pytest.raises(InferenceError, match=words):
            batch.to_csv(other, [tiny_folder], target)
        assert target.read_bytes() == before

    refused(predictor.load(maker(tiny_folder, seed=3).id), "another run and other weights")
    refused(model.looking_twice(), "mirror")
    decisions.save(run, decisions.Decision(classes=("blue", "green", "red"), temperature=3.0))
    refused(predictor.load(run.id), "another decision rule")
    (run.folder / decisions.FILE).unlink()
    assert batch.to_csv(predictor.load(run.id), [tiny_folder], target)["n_images"] == 36


def test_another_share_of_unknowns_is_another_table(run, tiny_folder, tmp_path):
    unknown.ensure(run)
    _stopped(predictor.load(run.id), tiny_folder, tmp_path / "answers.csv")
    share.save(run, 0.2)
    with pytest.raises(InferenceError, match="another share of known images"):
        batch.to_csv(predictor.load(run.id), [tiny_folder], tmp_path / "answers.csv")


def test_a_table_without_its_record_is_not_gone_on_with(model, tiny_folder, tmp_path):
    target = tmp_path / "answers.csv"
    _stopped(model, tiny_folder, target)
    table.beside(target)[0].unlink()
    with pytest.raises(InferenceError, match=r"answers.csv.json.*is missing"):
        batch.to_csv(model, [tiny_folder], target)


def test_two_writers_do_not_share_a_table(model, tiny_folder, tmp_path):
    target, results = tmp_path / "answers.csv", []

    def write():
        try:
            results.append(batch.to_csv(model, [tiny_folder], target)["n_images"])
        except InferenceError as error:
            results.append(str(error))

    with table.alone(target):
        other = threading.Thread(target=write)
        other.start()
        other.join(20)
    assert "is being written by another process" in results[0]
    write()
    assert results[1] == len(_rows(target)) == 36


def test_names_that_are_no_text_do_no_harm(model, tiny_folder, tmp_path):
    folder, target = tmp_path / "odd", tmp_path / "answers.csv"
    folder.mkdir()
    for name in (b"caf\xe9.png", b"line\nbreak.png", b'quo"te,comma.png'):
        shutil.copy(tiny_folder / "red" / "00.png", folder / os.fsdecode(name))
    found = batch.to_csv(model, [folder], target)
    assert (found["n_images"], found["n_errors"]) == (3, 0)
    assert {row["path"].removeprefix(f"{folder}/") for row in _rows(target)} == {
        "caf\\xe9.png",
        "line\nbreak.png",
        'quo"te,comma.png',
    }
    assert batch.to_csv(model, [folder], target)["resumed_at"] == 3


def test_a_table_within_the_folder_is_none_of_its_images(model, tiny_folder):
    target = tiny_folder / "answers.csv"
    assert batch.to_csv(model, [tiny_folder], target)["n_images"] == 36
    assert batch.to_csv(model, [tiny_folder], target)["n_images"] == 36


def test_parquet_holds_the_same_with_types(model, tiny_folder, tmp_path):
    (tiny_folder / "red" / "bad,\n.png").write_text("no image")
    batch.to_csv(model, [tiny_folder], tmp_path / "answers.csv")
    batch.to_parquet(tmp_path / "answers.csv", tmp_path / "answers.parquet", model.classes)
    found, rows = pd.read_parquet(tmp_path / "answers.parquet"), _rows(tmp_path / "answers.csv")
    assert list(found.columns) == batch.header(model)
    assert found["path"].tolist() == [row["path"] for row in rows]
    assert found["p(red)"].dtype == float
    assert found["error"].notna().sum() == found["label"].isna().sum() == 1
    good = found[found["error"].isna()]
    assert good["p(red)"].tolist() == [float(row["p(red)"]) for row in rows if row["p(red)"]]


def test_originals_are_sorted_by_their_answers_and_stay_as_they_are(model, tiny_folder, tmp_path):
    before = {path: path.read_bytes() for path in tiny_folder.glob("*/*.png")}
    (tiny_folder / "red" / "bad.png").write_text("no image")
    folders = sorting.Folders(tmp_path / "sorted")
    target = tmp_path / "answers.csv"
    batch.to_csv(model, [tiny_folder], target, sorted_into=folders)
    placed = [path for path in (tmp_path / "sorted").rglob("*") if path.is_file()]
    assert sorted(path.read_bytes() for path in placed) == sorted(before.values())
    assert {path: path.read_bytes() for path in before} == before
    expected = {row["label"] for row in _rows(target) if row["label"]}
    assert set(folders.counts) == {path.name for path in (tmp_path / "sorted").iterdir()} == expected
    target.unlink()
    batch.to_csv(model, [tiny_folder], target, sorted_into=sorting.Folders(tmp_path / "sorted"))
    assert len([path for path in (tmp_path / "sorted").rglob("*") if path.is_file()]) == 36  # none twice


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
