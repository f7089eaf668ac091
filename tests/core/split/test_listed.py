"""A split that was downloaded is used again, also where files moved, and what does not fit is said."""

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from core.__main__ import cli
from core.data import datasets, drafts
from core.errors import SplitError
from core.split import listed, store
from core.split.config import SplitConfig


@pytest.fixture
def tiny(workspace: Path, tiny_folder: Path) -> datasets.Dataset:
    return datasets.add("tiny", tiny_folder)


def again(dataset: datasets.Dataset, table: pd.DataFrame | str) -> store.Split:
    """The split of a dataset that a table, or the text of one, gives."""
    text = table if isinstance(table, str) else listed.text(table)
    named = listed.read(text.encode(), "mine.csv")
    return store.divide("again", dataset, SplitConfig(from_table="mine.csv"), named=named)


def test_a_downloaded_split_gives_the_same_split(tiny: datasets.Dataset) -> None:
    made = store.make("s", tiny, SplitConfig(seed=4))
    taken = again(tiny, made.table)
    assert taken.table.equals(made.table) and taken.notes == []
    assert taken.straddling == made.straddling and taken.classes == made.classes


def test_groups_survive_the_way_through_a_file(tiny: datasets.Dataset) -> None:
    made = store.make(
        "s", tiny, SplitConfig(group_by=r"pattern:(\d)[02468]\.png")
    )  # the odd ones stand alone
    assert "\0" not in listed.text(made.table)
    taken = again(tiny, made.table)
    assert taken.table["subset"].tolist() == made.table["subset"].tolist()
    both = pd.DataFrame({"before": made.table["group"], "after": taken.table["group"]})
    assert (both.nunique() == len(both.drop_duplicates())).all()


def test_images_that_moved_are_known_by_their_contents(tiny: datasets.Dataset, tiny_folder: Path) -> None:
    made = store.make("s", tiny, SplitConfig())
    (tiny_folder / "red" / "03.png").rename(tiny_folder / "red" / "new name.png")
    taken = again(datasets.refresh("tiny"), made.table)
    subset = taken.table.set_index("path")["subset"]
    assert subset["red/new name.png"] == made.table.set_index("path")["subset"]["red/03.png"]
    assert len(taken.table) == 36
    assert taken.notes == ["1 image is known by contents under another path: red/new name.png."]


def test_what_does_not_fit_is_said_and_left_out(tiny: datasets.Dataset, tiny_folder: Path) -> None:
    made = store.make("s", tiny, SplitConfig())
    table = made.table[~made.table["path"].isin(["red/00.png", "red/01.png"])]
    (tiny_folder / "blue" / "05.png").unlink()
    datasets.refresh("tiny")
    drafts.relabel("tiny", ["green/07.png"], "red")
    taken = again(datasets.load("tiny"), table)
    assert taken.notes == [
        "2 images of the dataset are not in the table and in no subset; the first: red/00.png.",
        "1 row of the table is of no image here: blue/05.png.",
        "1 image is labelled otherwise in the table; the dataset's label counts: green/07.png.",
    ]
    assert len(taken.table) == 33 and "red/00.png" not in set(taken.table["path"])
    assert taken.table.set_index("path")["label"]["green/07.png"] == "red"


def test_copies_on_several_sides_are_not_guessed_at(tiny: datasets.Dataset) -> None:
    made = store.make("s", tiny, SplitConfig())
    row = made.table[made.table["path"] == "red/00.png"]
    gone = [row.assign(path=f"old/{subset}.png", subset=subset) for subset in ("train", "test")]
    rest = made.table[made.table["path"] != "red/00.png"]
    taken = again(tiny, pd.concat([rest, *gone]))
    assert "red/00.png" not in set(taken.table["path"])
    assert any("1 image of the dataset is not in the table" in note for note in taken.notes)


def test_a_table_of_ones_own_needs_only_path_and_subset(tiny: datasets.Dataset) -> None:
    rows = [f"{path};{'dev' if path[-5] in '12' else 'training'}" for path in tiny.table["path"]]
    taken = again(tiny, "\ufeffFile_Name;Split\n" + "\n".join(rows))
    assert {subset: sum(n.values()) for subset, n in taken.counts().items()} == {
        "train": 27,
        "validation": 9,
        "test": 0,
    }
    assert taken.table["group"].tolist() == taken.table["path"].tolist()  # near-duplicates: none


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("path,label\na,b", "needs the columns path and subset; found path, label"),
        ("", "found none"),
        ("path,subset\nred/00.png,holdout", "puts 'red/00.png' in 'holdout'"),
        ("path,subset\nred/00.png,train\nred/00.png,test", "in more than one subset"),
        ("path,subset\nelse.png,train", "None of the 1 rows of mine.csv"),
        ("path,subset\nred/00.png,train", "names no image of class 'blue' and of 1 more"),
    ],
)
def test_tables_that_will_not_do_are_refused_in_words(tiny: datasets.Dataset, text: str, words: str) -> None:
    with pytest.raises(SplitError, match=words):
        again(tiny, text)


def test_a_table_that_leaves_train_or_a_class_in_train_empty_is_refused(tiny: datasets.Dataset) -> None:
    made = store.make("s", tiny, SplitConfig())
    with pytest.raises(SplitError, match="no train images"):
        again(tiny, made.table.assign(subset="test"))
    reds = made.table["label"] == "red"
    with pytest.raises(SplitError, match=r"Class 'red' has no train images.* 12 images of 'red' are in test"):
        again(tiny, made.table.assign(subset=made.table["subset"].mask(reds, "test")))


def test_not_text_is_said_so() -> None:
    with pytest.raises(SplitError, match="not UTF-8"):
        listed.read(b"\xff\xfe\x00", "x.csv")


def test_the_command_takes_the_table(tiny: datasets.Dataset, tmp_path: Path) -> None:
    made = store.make("s", tiny, SplitConfig(seed=9))
    file = tmp_path / "s.csv"
    file.write_text(listed.text(made.table))
    words = ["split", "t", "--dataset", "tiny", "--from-table", str(file), "--json"]
    result = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert json.loads(result.stdout)["subsets"] == made.counts()
    assert store.load("t").config.from_table == "s.csv"
    with pytest.raises(SplitError, match="not from both"):
        CliRunner().invoke(cli, [*words, "--from-folders"], catch_exceptions=False)


def test_every_kind_of_line_end_is_read(tiny: datasets.Dataset) -> None:
    text = "path,subset\n" + "".join(f"{path},train\n" for path in tiny.table["path"])
    for end in ("\r", "\r\n"):
        taken = listed.read(text.replace("\n", end).encode(), "mine.csv")
        assert len(taken) == len(tiny.table)


def test_a_stray_quote_is_a_sentence(tiny: datasets.Dataset) -> None:
    text = 'path,subset\n"red/00.png,train\n' + "red/01.png,train\n" * 20_000
    with pytest.raises(SplitError, match=r"mine\.csv cannot be read at line"):
        listed.read(text.encode(), "mine.csv")
