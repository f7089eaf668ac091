"""What cannot be looked at is not there."""

from pathlib import Path

import pytest

from core import paths

CASES = [paths.is_dir, paths.is_file, paths.exists]


@pytest.mark.parametrize("ask", CASES)
def test_a_name_that_is_too_long_is_not_there(ask) -> None:
    assert ask(Path("/" + "x" * 300)) is False


@pytest.mark.parametrize("ask", CASES)
def test_what_may_not_be_looked_at_is_not_there(ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    assert ask(tmp_path) is False


def test_what_is_there_is_there(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.touch()
    assert paths.is_dir(tmp_path) and paths.is_file(file) and paths.exists(file)
    assert not paths.is_file(tmp_path) and not paths.is_dir(file)


def test_a_home_that_nobody_has_stays_as_it_was_typed() -> None:
    assert paths.expanded("~nobody-of-that-name/x") == Path("~nobody-of-that-name/x")
    assert paths.expanded("~/x") == Path.home() / "x"
