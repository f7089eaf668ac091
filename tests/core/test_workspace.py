import errno
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest

from core import workspace as ws
from core.errors import NotFoundError, WorkspaceError


def test_home_is_the_variable_or_the_checkout(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ws.home() == workspace
    monkeypatch.delenv("FIELDGUIDE_HOME")
    assert ws.home() == ws.CHECKOUT / "workspace"


@pytest.mark.parametrize("name", ["birds", "My birds 2", "Vögel-2026.v1", "鳥", "a"])
def test_names_in_any_script_are_allowed(name: str) -> None:
    assert ws.check_name(name) == name


UNSAFE = ["", "..", "../x", "a/b", "a\\b", ".hidden", "x" * 65, "nul", "a..b", "a\n", " a", "a."]


@pytest.mark.parametrize("name", UNSAFE)
def test_names_that_could_leave_the_workspace_are_refused(name: str) -> None:
    with pytest.raises(WorkspaceError, match="use 1 to 64 letters"):
        ws.check_name(name)


def test_write_json_replaces_whole_files_and_leaves_nothing_else(workspace: Path) -> None:
    path = workspace / "deep" / "value.json"
    ws.write_json(path, {"a": 1})
    ws.write_json(path, {"a": "ü"})
    assert ws.read_json(path) == {"a": "ü"}
    assert [entry.name for entry in path.parent.iterdir()] == ["value.json"]


def test_a_failed_write_keeps_the_old_file(workspace: Path) -> None:
    path = workspace / "value.json"
    ws.write_json(path, 1)
    with pytest.raises(RuntimeError), ws.replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert ws.read_json(path) == 1
    assert len(list(workspace.iterdir())) == 1


def test_a_full_disk_is_a_sentence(workspace: Path) -> None:
    with pytest.raises(WorkspaceError, match="disk of the workspace is full"), ws.replacing(workspace / "x"):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_damaged_and_missing_files_are_sentences(workspace: Path) -> None:
    (workspace / "bad.json").write_text("{")
    (workspace / "bad.parquet").write_text("{")
    with pytest.raises(WorkspaceError, match="damaged"):
        ws.read_json(workspace / "bad.json")
    with pytest.raises(WorkspaceError, match="damaged"):
        ws.read_table(workspace / "bad.parquet")
    with pytest.raises(NotFoundError):
        ws.read_json(workspace / "none.json")
    with pytest.raises(NotFoundError):
        ws.read_table(workspace / "none.parquet")


def test_tables_come_back_as_written(workspace: Path) -> None:
    table = pd.DataFrame({"path": ["a", "b"], "group": [None, "g"]})
    ws.write_table(workspace / "t.parquet", table)
    pd.testing.assert_frame_equal(ws.read_table(workspace / "t.parquet"), table)


def test_a_torn_line_spoils_only_itself(workspace: Path) -> None:
    path = workspace / "lines.jsonl"
    ws.append_line(path, {"n": 1})
    with path.open("ab") as file:
        file.write(b'{"n": 2, "tor')
    assert ws.read_lines(path) == [{"n": 1}]
    ws.append_line(path, {"n": 3})
    assert ws.read_lines(path) == [{"n": 1}, {"n": 3}]
    assert ws.read_lines(workspace / "none.jsonl") == []


def test_lines_of_many_processes_stay_whole(workspace: Path) -> None:
    path = workspace / "lines.jsonl"
    script = (
        "import sys, pathlib; from core import workspace\n"
        "for i in range(200): workspace.append_line(pathlib.Path(sys.argv[1]), {'text': 'x' * 500})"
    )
    command = [sys.executable, "-c", script, str(path)]
    processes = [subprocess.Popen(command, cwd=ws.CHECKOUT) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    lines = [json.loads(line) for line in path.read_text().splitlines() if line]
    assert len(lines) == 600


def test_a_lock_is_seen_by_others_and_goes_with_its_holder(workspace: Path) -> None:
    path = workspace / "run" / "worker.lock"
    assert not ws.is_locked(path)
    script = (
        "import sys, pathlib; from core import workspace\n"
        "held = workspace.lock(pathlib.Path(sys.argv[1])); held.acquire()\n"
        "print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        cwd=ws.CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        assert ws.is_locked(path)
        holder.kill()
    assert not ws.is_locked(path)


def test_a_lock_held_in_this_process_is_seen_too(workspace: Path) -> None:
    with ws.lock(workspace / "x.lock"):
        assert ws.is_locked(workspace / "x.lock")
    assert not ws.is_locked(workspace / "x.lock")


@pytest.mark.parametrize("place", ["taken", "taken/below", "/proc/workspace"])
def test_a_workspace_that_cannot_be_is_a_sentence(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    monkeypatch.setenv(ws.VARIABLE, str(tmp_path / place))
    with pytest.raises(WorkspaceError, match=ws.VARIABLE):
        ws.folder("datasets")
    with pytest.raises(WorkspaceError, match=ws.VARIABLE):
        ws.lock(ws.home() / "datasets" / "one.lock")


def test_many_looks_at_a_free_lock_do_not_take_each_other_for_its_holder(workspace: Path) -> None:
    path = workspace / "run" / "worker.lock"
    with ws.lock(path):
        pass
    said: list[bool] = []

    def look() -> None:
        for _ in range(500):
            said.append(ws.is_locked(path))

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said.count(False) == 1500


def test_a_lock_is_seen_where_the_system_has_no_flock(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: int) -> bool:
        raise OSError(errno.ENOSYS, "no flock")

    monkeypatch.setattr("core.locks._is_taken", missing)
    path = workspace / "x.lock"
    assert not ws.is_locked(path)
    with ws.lock(path):
        assert ws.is_locked(path)
    assert not ws.is_locked(path)


def test_a_synced_line_lies_on_the_disk_before_the_writer_goes_on(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bytes] = []
    real = os.fsync
    path = workspace / "lines.jsonl"
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(path.read_bytes()) or real(handle))
    ws.append_line(path, {"n": 1})
    assert synced == []
    ws.append_lines(path, [{"n": 2}, {"n": 3}], sync=True)
    assert synced[0].count(b"\n") == 3


def test_a_late_write_brings_back_neither_dataset_nor_run(workspace: Path) -> None:
    for late in ("datasets/birds/thumbs/a.webp", "runs/first/seen.json"):
        with pytest.raises(NotFoundError, match="deleted or renamed meanwhile"):
            ws.write_bytes(workspace / late, b"1")
        with pytest.raises(NotFoundError):
            ws.append_line(workspace / late, {})
    assert not list(workspace.glob("*/*"))
    ws.folder("datasets", "birds")
    ws.write_bytes(workspace / "datasets/birds/thumbs/large/a.webp", b"1")
    assert (workspace / "datasets/birds/thumbs/large/a.webp").read_bytes() == b"1"


@pytest.mark.skipif(sys.platform == "win32", reason="a limit of file sizes is set as on Unix")
def test_a_line_that_only_half_fits_is_no_line_that_was_written(workspace: Path) -> None:
    """Without a buffer the system takes what fits and says how much: that must not pass for success."""
    import resource

    file = workspace / "lines.jsonl"
    ws.append_line(file, {"first": 1})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(WorkspaceError, match="full"):
            ws.append_line(file, {"long": "x" * 200})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert ws.read_lines(file) == [{"first": 1}]
