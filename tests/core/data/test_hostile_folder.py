"""A folder of odd, broken and malicious files, through the whole of indexing."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.data import datasets, images

PROGRAM = """
import json, pathlib, resource, sys
from core.data import datasets
datasets.add("hostile", pathlib.Path(sys.argv[1]))
# Of itself the process would also be told what the one that started it had needed.
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([kib / 1024 for kib in (int(status["VmHWM"].split()[0]), workers)]))
"""


def test_every_file_is_taken_or_set_aside_as_its_manifest_says_and_memory_stays_small(
    workspace: Path, shared: Path
) -> None:
    """In a process of its own, so that the memory of its workers is theirs alone."""
    if not Path("/proc/self/status").exists():
        pytest.skip("needs Linux's account of a process's memory")
    root = shared / "data" / "hostile"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(root)],
        cwd=Path(datasets.__file__).parents[2],
        env=os.environ | {"FIELDGUIDE_HOME": str(workspace)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    here, worker = json.loads(done.stdout)
    assert 0 < here < 1024 and 0 < worker < 1024  # MiB
    dataset = datasets.load("hostile")
    taken = set(dataset.table["path"])
    aside = dict(dataset.set_aside.itertuples(index=False, name=None))
    with open(root / "manifest.csv", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if (root / row["file"]).is_file()]
    assert [row["file"] for row in rows if row["file"] not in taken and not aside.get(row["file"])] == []
    known = [row for row in rows if row["format"] in images.FORMATS]
    assert len(known) > 500
    assert [row["file"] for row in known if (row["file"] in taken) != (row["expected"] == "decodes")] == []
