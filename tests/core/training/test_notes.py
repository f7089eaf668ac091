"""What people say about a run is kept beside it, and never changes how it was launched."""

from pathlib import Path

import pytest

from core import runs
from core.errors import ConfigError
from core.training import notes
from tests.pages import made


def test_what_was_given_at_launch_counts_until_it_is_changed(workspace: Path) -> None:
    run = made.run(name="First try")
    assert notes.read(run) == notes.Notes(name="First try")
    notes.write(
        run, notes.Notes(name="Baseline", tags=("keep", "demo"), note="Shown on Friday.", archived=True)
    )
    said = notes.read(runs.load(run.id))
    assert said == notes.Notes(name="Baseline", tags=("keep", "demo"), note="Shown on Friday.", archived=True)
    assert run.config()["name"] == "First try"


def test_spaces_and_repeated_tags_are_tidied() -> None:
    said = notes.Notes(name="  two   words ", tags=(" a ", "a", "", "b"))
    assert (said.name, said.tags) == ("two words", ("a", "b"))


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "x" * 81, "The name has 81 characters"),
        ("note", "x" * 4001, "The note has 4001 characters"),
        ("tags", ("x" * 31,), "The tag has 31 characters"),
        ("tags", tuple("abcdefghijklm"), "these are 13"),
    ],
)
def test_what_is_too_long_is_refused(field: str, value: object, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        notes.Notes(**{field: value})


def test_the_room_that_a_run_takes_is_that_of_its_files(workspace: Path) -> None:
    run = made.run()
    before = notes.bytes_held(run)
    (run.folder / "extra.bin").write_bytes(b"x" * 1000)
    assert notes.bytes_held(run) == before + 1000
