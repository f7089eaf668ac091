"""Walking a folder ends, whatever links lie in it."""

from pathlib import Path

import pytest

from core.data import scan, sources
from tests.core.data.test_sources import labels, picture


def test_folders_that_link_each_other_are_each_read_once(tmp_path: Path) -> None:
    names = [f"class{number}" for number in range(7)]
    for name in names:
        picture(tmp_path / name / "1.png")
    for name in names:
        for other in names:
            if other != name:
                (tmp_path / name / other).symlink_to(tmp_path / other)
    found = scan.walk(tmp_path)
    assert found.files == [f"{name}/1.png" for name in names]
    assert len(found.set_aside) == 42
    assert {reason for _, reason in found.set_aside} == {"a link to a folder that was already read"}


def test_what_lies_there_comes_before_what_is_linked(tmp_path: Path) -> None:
    picture(tmp_path / "set" / "zebra" / "1.png")
    picture(tmp_path / "far" / "deep" / "2.png")
    for name, target in [("a", "set/zebra"), ("bird", "far"), ("cow", "far/deep")]:
        (tmp_path / "set" / name).symlink_to(tmp_path / target)
    found = scan.walk(tmp_path / "set")
    assert found.files == ["bird/deep/2.png", "zebra/1.png"]
    assert [path for path, _ in found.set_aside] == ["a", "cow"]


@pytest.mark.parametrize("target", ["round.png", "x" * 300])
def test_a_link_that_cannot_be_followed_stops_nothing(tmp_path: Path, target: str) -> None:
    """To itself (ELOOP), to a name that is too long (ENAMETOOLONG)."""
    picture(tmp_path / "cat" / "1.png")
    picture(tmp_path / "dog" / "1.png")
    (tmp_path / "cat" / "round.png").symlink_to(target)
    listing = sources.read(tmp_path)
    assert set(labels(listing)) == {"cat/1.png", "dog/1.png"}
    assert [path for path, _ in listing.set_aside] == ["cat/round.png"]


def test_a_folder_without_files_is_said(tmp_path: Path) -> None:
    """A class that somebody meant to fill: said, so that nobody has to count."""
    picture(tmp_path / "cat" / "1.png")
    (tmp_path / "dog").mkdir()
    (tmp_path / "newt").mkdir()
    (tmp_path / "newt" / ".DS_Store").touch()
    assert scan.walk(tmp_path).empty == ["dog", "newt"]
