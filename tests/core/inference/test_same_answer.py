"""One image has one answer: on the page, on the command line, over HTTP, in any batch, and from the bundle
in a virtual environment that holds onnxruntime, numpy and pillow alone."""

import importlib.util
import json
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.commands.predict import predict
from core.inference import loaded, unknown
from core.inference.export import bundle
from pages.parts import api

for _name in ("onnx", "onnxruntime"):
    pytest.importorskip(_name, reason="the extra 'export' is not installed")

TOKEN = "a-token-of-some-length"
NETWORKS = [("resnet18", 64), ("mobilenet_v2", 64), ("convnext_tiny", 64), ("vit_b_16", 32)]


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python in an environment of its own; the three packages are linked there, for tests have no network."""
    place = tmp_path_factory.mktemp("environment")
    venv.create(place, with_pip=False, symlinks=True)
    (packages,) = place.glob("lib/python*/site-packages")
    for name in ("numpy", "PIL", "onnxruntime"):
        found = Path(str(importlib.util.find_spec(name).origin)).parent
        beside = [found, *(found.parent / f"{one}.libs" for one in (name, "pillow"))]
        for folder in beside:
            if folder.exists() and not (packages / folder.name).exists():
                (packages / folder.name).symlink_to(folder)
    python = place / "bin" / "python"
    for absent in ("torch", "pandas", "sklearn", "scipy", "filelock"):
        assert subprocess.run([python, "-I", "-c", f"import {absent}"], capture_output=True).returncode
    return python


def _same(records: list[dict], expected: list[dict]) -> None:
    assert [record["path"] for record in records] == [record["path"] for record in expected]
    for one, other in zip(records, expected, strict=True):
        assert ("error" in one) == ("error" in other)
        if "error" not in one:
            assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-4)
            assert (one["label"], one["unknown"]) == (other["label"], other["unknown"])


@pytest.mark.skipif(sys.platform == "win32", reason="links packages into a Unix environment")
@pytest.mark.parametrize(("name", "size"), NETWORKS)
def test_the_same_image_has_the_same_answer_everywhere(
    name: str,
    size: int,
    maker,
    workspace: Path,
    tiny_folder: Path,
    interpreter: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded.forget()
    run = maker(tiny_folder, name, size)
    assert unknown.ensure(run)
    (tmp_path / "bad.jpg").write_text("no image")
    files = [*sorted(tiny_folder.glob("*/*.png"))[::4], tmp_path / "bad.jpg"]

    model = loaded.get(run.id)  # as the page does
    page = [
        answer.record() for answer in model.stream([path.read_bytes() for path in files], map(str, files))
    ]
    for batch_size in (1, 4):
        _same([answer.record() for answer in model.stream(files, batch_size=batch_size)], page)

    said = CliRunner().invoke(predict, [run.id, *map(str, files), "--json"], catch_exceptions=False)
    _same(json.loads(said.stdout)["predictions"], page)

    monkeypatch.setenv("FIELDGUIDE_TOKEN", TOKEN)
    client = TestClient(Starlette(routes=api.routes()), headers={"Authorization": f"Bearer {TOKEN}"})
    forms = [("files", (str(path), path.read_bytes())) for path in files]
    _same(client.post("/api/predict", params={"run": run.id}, files=forms).json()["predictions"], page)

    bundle.export(run.id, tmp_path / "bundle")
    command = [interpreter, "-I", tmp_path / "bundle" / "predict.py", "--json", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    _same(json.loads(done.stdout)["predictions"], page)
    loaded.forget()
