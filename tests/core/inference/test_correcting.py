"""Corrections go into the dataset under exactly the label that was given, or not at all."""

import shutil

import numpy as np
import pytest
from PIL import Image

from core.data import additions, datasets, drafts
from core.errors import DatasetError, ImageError
from core.inference import correcting

Correction = correcting.Correction


@pytest.fixture
def dataset(workspace, tiny_folder):
    return datasets.add("tiny", tiny_folder)


@pytest.fixture
def image(tmp_path):
    def made(seed):
        pixels = np.random.default_rng(seed).integers(0, 255, (30, 30, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{seed}.png")
        return tmp_path / f"{seed}.png"

    return made


@pytest.mark.parametrize("label", ["a/b", "../../evil", "NA", "1.0", 'x,"y', "=cmd()", " red "])
def test_a_label_is_kept_letter_by_letter(workspace, dataset, image, label):
    done = correcting.correct("tiny", [Correction(file=image(1), name="../up/me.png", label=label)])
    assert done == correcting.Corrected(added=1, relabelled=0, unchanged=0)
    after = datasets.load("tiny")
    new = after.table[~after.table["path"].isin(dataset.table["path"])]
    assert new["label"].tolist() == [label.strip()]
    assert after.folder in after.file(new["path"].iloc[0]).parents


def test_several_at_once_make_one_new_part(dataset, image):
    given = [Correction(file=image(i), name="photo.png", label=["red", "blue"][i % 2]) for i in range(6)]
    assert correcting.correct("tiny", given).added == 6
    after = datasets.load("tiny")
    assert after.counts == {"blue": 15, "green": 12, "red": 15}
    assert len(after.source["parts"]) == 2


def test_an_image_that_is_there_already_gets_the_label_instead_of_a_copy(dataset, tiny_folder):
    given = [
        Correction(file=tiny_folder / "red" / "00.png", name="x.png", label="blue"),
        Correction(file=tiny_folder / "red" / "01.png", name="y.png", label="red"),
    ]
    assert correcting.correct("tiny", given) == correcting.Corrected(added=0, relabelled=1, unchanged=1)
    assert datasets.load("tiny").counts == {"blue": 13, "green": 12, "red": 11}


@pytest.mark.parametrize("label", ["", "   ", "x" * 201, "a\nb"])
def test_a_bad_label_is_refused_before_anything_is_written(dataset, image, label):
    given = [
        Correction(file=image(1), name="a.png", label="red"),
        Correction(file=image(2), name="b.png", label=label),
    ]
    with pytest.raises(DatasetError, match="cannot be a label"):
        correcting.correct("tiny", given)
    assert datasets.load("tiny").version == dataset.version


def test_what_is_no_image_any_more_is_refused_before_anything_is_written(dataset, image, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"broken")
    given = [
        Correction(file=image(1), name="a.png", label="red"),
        Correction(file=tmp_path / "broken.png", name="b.png", label="red"),
    ]
    with pytest.raises(ImageError):
        correcting.correct("tiny", given)
    with pytest.raises(DatasetError, match="No image was chosen"):
        correcting.correct("tiny", [])
    assert datasets.load("tiny").version == dataset.version


def test_what_corrections_added_can_be_told_from_other_additions(dataset, image, tiny_folder, tmp_path):
    given = [Correction(file=image(i), name="photo.png", label=["red", "blue"][i % 2]) for i in range(3)]
    correcting.correct("tiny", given)
    shutil.copytree(tiny_folder / "green", tmp_path / "more" / "green")
    datasets.extend("tiny", tmp_path / "more")
    first, second = additions.of(datasets.load("tiny"))
    assert (first.called, first.counts) == (correcting.CALLED, {"blue": 1, "red": 2})
    assert second.called == str(tmp_path / "more") and second.counts == {"green": 12}
    assert first.added and first.added <= second.added
    drafts.exclude("tiny", first.paths)
    assert additions.of(datasets.load("tiny")) == [second]
