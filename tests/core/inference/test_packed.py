"""The zip for the browser holds the whole bundle, is made once, and goes with the weights and the rule."""

import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from core import runs
from core.errors import ExportError
from core.inference.export import packed
from tests.pages import made


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Where bundles were written; the real export is tested on its own."""
    seen: list[Path] = []

    def export(run: runs.Run, out: Path) -> dict[str, Any]:
        seen.append(out)
        (out / "core").mkdir(parents=True)
        (out / "model.onnx").write_bytes(b"network")
        (out / "core" / "code.py").write_text("pass")
        return {"files": ["model.onnx", "core/code.py"], "parity": {"agreement": 1.0}}

    monkeypatch.setattr(packed, "_export", export)
    return seen


@pytest.fixture
def run(workspace: Path) -> runs.Run:
    return made.run("finished")


def test_the_zip_holds_every_file_in_one_folder(run: runs.Run, exported: list[Path]) -> None:
    assert packed.find(run) is None
    found = packed.make(run)
    with zipfile.ZipFile(found.file) as archive:
        assert sorted(archive.namelist()) == [
            f"{found.file.stem}/core/code.py",
            f"{found.file.stem}/model.onnx",
        ]
        assert archive.read(f"{found.file.stem}/model.onnx") == b"network"
    assert packed.find(run) == found
    assert not exported[0].exists()


def test_another_decision_rule_asks_for_another_bundle(run: runs.Run, exported: list[Path]) -> None:
    first = packed.make(run)
    (run.folder / "decision.json").write_text("{}")
    assert packed.find(run) is None
    assert packed.make(run).file != first.file


def test_a_failed_export_leaves_nothing_behind(run: runs.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(run: runs.Run, out: Path) -> dict[str, Any]:
        out.mkdir()
        raise ExportError("The bundle answers differently.")

    monkeypatch.setattr(packed, "_export", refuse)
    with pytest.raises(ExportError):
        packed.make(run)
    assert packed.find(run) is None
    assert list((run.folder.parent.parent / "cache" / "exports").iterdir()) == []


def test_the_reason_of_a_refused_export_is_passed_on(run: runs.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def refused(command: list[str], **given: Any) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 2, "", "Exporting\nThe run has no model yet.\n")

    monkeypatch.setattr(subprocess, "run", refused)
    with pytest.raises(ExportError, match="could not be exported: The run has no model yet"):
        packed.make(run)
    assert asked[0][1:6] == ["-m", "core", "export", run.id, "--out"]
