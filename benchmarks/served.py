"""A run with random weights, a server that answers for it, and how quickly it does: what benchmarks of the
server share.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import common, memory

TOKEN = "a-token-for-a-benchmark"
CLASSES = ["bird", "cat", "dog"]
HEALTH = "/_stcore/health"
BEATS = 0.2
"""Seconds between two looks at whether the server answers."""
_SECONDS_TO_START = 120


def run(backbone: str = "resnet18", size: int = 224) -> str:
    """Make a run with a random network in the workspace: enough to measure time and memory with."""
    import pandas as pd
    import safetensors.torch

    from core import runs, workspace
    from core.model import network
    from core.model.transform import EvalTransform

    subsets = ["train", "validation", "validation"]
    table = pd.DataFrame({"path": CLASSES, "label": CLASSES, "class_index": range(3), "subset": subsets})
    made = runs.create({"dataset": "none", "split": "none", "backbone": backbone, "weights": "none"}, table)
    model = network.Classifier(backbone, len(CLASSES), size)
    safetensors.torch.save_file(model.state_dict(), made.folder / "model.safetensors")
    card = {"backbone": backbone, "classes": CLASSES, "image_size": size, "epoch": 1}
    weights = {"kind": "none", "origin": "none", "file": None, "sha256": ""}
    transform = EvalTransform.for_size(size).to_dict()
    workspace.write_json(made.folder / "model.json", card | {"weights": weights, "transform": transform})
    logits = [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    stored = {"path": CLASSES[1:], "subset": "validation", "true": [1, 2], "logits": logits}
    workspace.write_table(made.folder / "predictions.parquet", pd.DataFrame(stored))
    workspace.write_json(made.folder / "status.json", {"state": "finished"})
    return made.id


class Server:
    """A started server: its address, and its process."""

    def __init__(self, address: str, process: subprocess.Popen[bytes]) -> None:
        self.address, self.process = address, process

    def predict(self, run_id: str, files: Sequence[tuple[str, bytes]]) -> tuple[int, Any]:
        """Status and JSON for (name, content) of each file."""
        border = uuid.uuid4().hex
        head = f'--{border}\r\nContent-Disposition: form-data; name="files"; filename="{{}}"\r\n\r\n'
        parts = [head.format(name).encode() + content + b"\r\n" for name, content in files]
        kind = f"multipart/form-data; boundary={border}"
        return self.ask(f"/api/predict?run={run_id}", b"".join(parts) + f"--{border}--\r\n".encode(), kind)

    def ask(self, path: str, body: bytes | None = None, kind: str = "") -> tuple[int, Any]:
        """Status and JSON of one request."""
        headers = {"Authorization": f"Bearer {TOKEN}"} | ({"Content-Type": kind} if kind else {})
        request = urllib.request.Request(self.address + path, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def most_mib(self) -> float | None:
        """The most memory that the process has held so far (Linux)."""
        return memory.held(self.process.pid).get("all")

    def beat(self) -> float:
        """Seconds until the server says that it is well.

        Raises:
            OSError: it does not.
        """
        start = time.perf_counter()
        with urllib.request.urlopen(self.address + HEALTH, timeout=30) as answer:
            answer.read()
        return time.perf_counter() - start


class Pulse:
    """What a server said while it was watched: seconds of each answer, and what failed."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.failed: list[str] = []

    def take(self, made: Server) -> None:
        """Ask once."""
        try:
            self.seconds.append(made.beat())
        except OSError as error:
            self.failed.append(str(error))


@contextlib.contextmanager
def watched(made: Server) -> Iterator[Pulse]:
    """Ask the server again and again, within the block, whether it is well."""
    pulse, over = Pulse(), threading.Event()

    def ask() -> None:
        while not over.wait(BEATS):
            pulse.take(made)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield pulse
    finally:
        over.set()
        thread.join()


@contextlib.contextmanager
def server(home: Path) -> Iterator[Server]:
    """`streamlit run app.py` in a workspace, for as long as the block runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    command += ["--server.headless", "true", "--server.address", "127.0.0.1"]
    environment = os.environ | {common.WORKSPACE: str(home), "FIELDGUIDE_TOKEN": TOKEN}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=common.CHECKOUT, env=environment, stdout=quiet, stderr=quiet)
    try:
        made = Server(f"http://127.0.0.1:{port}", process)
        _wait_for(made)
        yield made
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(made: Server) -> None:
    end = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < end and made.process.poll() is None:
        with contextlib.suppress(OSError):
            made.beat()
            return
        time.sleep(0.1)
    raise SystemExit("The server did not start.")
