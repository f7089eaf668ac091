"""Which files are meant: a link that leads nowhere takes nothing else along."""

from pathlib import Path

from core.inference import files


def test_a_link_that_cannot_be_followed_hides_no_other_file(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"1")
    (tmp_path / "loop").symlink_to("loop")
    assert [path.name for path in files.found([tmp_path])] == ["a.jpg", "b.jpg", "loop"]


def test_a_name_that_is_no_path_is_passed_on_for_its_reason() -> None:
    long = "x" * 300
    assert [path.name for path in files.found([long])] == [long]
