"""Files that were made to break readers: each is answered or refused, in bounded memory, and life goes on.

A part of `../shared/data/hostile`, through the command line, HTTP and unpacking; `benchmarks.hostile` takes
all of it through a server.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from core.commands.predict import predict
from core.data import archives, unpacking
from core.errors import ArchiveError

CHECKOUT = Path(__file__).resolve().parents[3]
EVERY = 15
MOST_MIB = 1536

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def hostile(shared: Path, tmp_path: Path) -> Path:
    """Links to every fifteenth hostile file, whatever its name says it is."""
    folder = tmp_path / "hostile"
    files = sorted(path for path in (shared / "data" / "hostile").rglob("*") if path.is_file())
    for number, path in enumerate(files[::EVERY]):
        (folder / str(number % 5)).mkdir(parents=True, exist_ok=True)
        (folder / str(number % 5) / f"{number:04d}{path.suffix}").symlink_to(path)
    return folder


def test_every_file_is_answered_or_refused_on_the_command_line(run, hostile: Path, tmp_path: Path) -> None:
    asked = [run.id, str(hostile), "--csv", str(tmp_path / "answers.csv"), "--json"]
    said = CliRunner().invoke(predict, asked, catch_exceptions=False)
    found = json.loads(said.stdout)
    files = {str(path) for path in hostile.rglob("*") if path.is_file()}
    assert len(files) > 60
    assert {one["path"] for one in found["predictions"]} == files
    assert (found["n_images"], found["n_skipped"]) == (len(files), 0)
    assert all(one.get("label") or one["error"] for one in found["predictions"])
    assert 0 < found["n_errors"] < len(files)


ASK = """
import sys, warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
warnings.simplefilter("ignore")
from starlette.applications import Starlette
from starlette.testclient import TestClient
from core import memory
from core.inference import service
from pages.parts import api
patient = service.Service(service.Limits(seconds=600))  # on a busy machine too
api._service = lambda: patient
run, folder = sys.argv[1], Path(sys.argv[2])
headers = {"Authorization": "Bearer a-token-of-some-length"}
client = TestClient(Starlette(routes=api.routes()), headers=headers)
files = sorted(path for path in folder.rglob("*") if path.is_file())
def ask(some):
    forms = [("files", (str(path), path.read_bytes())) for path in some]
    answer = client.post("/api/predict", params={"run": run}, files=forms)
    assert answer.status_code == 200, answer.text
    return answer.json()["predictions"]
groups = [files[start : start + 8] for start in range(0, len(files), 8)]
with ThreadPoolExecutor(6) as pool:
    found = [one for answers in pool.map(ask, groups) for one in answers]
assert [one["path"] for one in found] == [str(path) for path in files]
assert all(one.get("label") or one["error"] for one in found)
assert client.get("/api/health").json() == {"status": "ok"}
assert all("label" in one for one in ask([folder / "bomb-0.png"]))
print(len(found), memory.peak_bytes() >> 20)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read as Linux counts it")
def test_every_file_is_answered_or_refused_over_http_in_bounded_memory(
    run, hostile: Path, workspace: Path
) -> None:
    Image.new("RGBA", (5000, 5000), (9, 200, 30, 120)).save(hostile / "bomb-0.png", compress_level=1)
    for number in range(1, 4):  # 25 megapixels each in a small file
        (hostile / f"bomb-{number}.png").symlink_to(hostile / "bomb-0.png")
    settings = {
        "FIELDGUIDE_TOKEN": "a-token-of-some-length",
        "FIELDGUIDE_HOME": str(workspace),
    }
    command = [sys.executable, "-c", ASK, run.id, str(hostile)]
    done = subprocess.run(command, cwd=CHECKOUT, env=os.environ | settings, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    count, most = map(int, done.stdout.split())
    assert count > 60 and most < MOST_MIB, (count, most)


def test_every_archive_is_unpacked_or_refused_and_writes_nowhere_else(shared: Path, tmp_path: Path) -> None:
    files = sorted(path for path in (shared / "data" / "hostile" / "archives").rglob("*") if path.is_file())
    refused = 0
    for number, path in enumerate(files[::3]):
        target = tmp_path / "around" / str(number)
        target.mkdir(parents=True)
        try:
            unpacking.unpack(
                path, target, path.name if archives.is_archive(path.name) else f"{path.name}.zip"
            )
        except ArchiveError as error:
            refused += 1
            assert len(str(error)) > 20
        assert not [found for found in target.rglob("*") if found.is_symlink()]
    assert refused and {path.name for path in tmp_path.iterdir()} == {"around"}
    assert all(path.name.isdigit() for path in (tmp_path / "around").iterdir())
