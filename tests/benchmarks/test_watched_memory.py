"""How much other processes hold, read off /proc."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import memory

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
GRANDCHILD = "held = bytearray(80 << 20); print('ready', flush=True); input()"
CHILD = f"import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', {GRANDCHILD!r}]))"


def test_the_peak_is_that_of_the_largest_process_however_far_below():
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with (
        memory.watched(os.getpid()) as peak,
        subprocess.Popen([sys.executable, "-c", CHILD], **pipes) as child,
    ):
        assert child.stdout.readline() == b"ready\n"
        found = memory.descendants(os.getpid())
        assert child.pid in found and len(memory.descendants(child.pid)) == 1
        peak.take(memory.descendants(child.pid)[0])
        child.communicate(b"\n")
    assert peak.all >= peak.own > 80
    assert peak.own < 300


def test_a_process_that_is_gone_holds_nothing():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert memory.held(child.pid) == {}
    assert memory.descendants(child.pid) == []
