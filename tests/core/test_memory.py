import platform
import subprocess
import sys

import numpy as np
import pytest

from core import memory
from core.workspace import CHECKOUT


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read as Linux counts it")
def test_a_childs_peak_is_its_own_and_not_its_parents() -> None:
    held = np.ones(200 * 2**20, np.uint8)
    mine = memory.peak_bytes()
    script = (
        "from core import memory; before = memory.peak_bytes(); held = b'x' * (64 << 20); "
        "print(before, memory.peak_bytes())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    before, after = map(int, done.stdout.split())
    assert held.sum() == len(held) < mine
    assert before < 100 * 2**20
    assert 60 * 2**20 < after - before < 80 * 2**20


_EIGHT_THREADS = """
import sys, threading
from core import memory
if sys.argv[1] == "shared" and not memory.share_arenas():
    sys.exit("the C library has no arenas to share")
before, over, kept, threads = memory.peak_bytes(), threading.Event(), [], []
def use(done):
    held = [b"x" * 100_000 for _ in range(300)]  # 30 MB, in pieces small enough to lie in an arena
    kept.append(held.pop())  # the topmost: what lies below it is not given back
    del held
    done.set()
    over.wait()  # a thread that ended would leave its arena to the next
for _ in range(8):
    done = threading.Event()
    threads.append(threading.Thread(target=use, args=(done,)))
    threads[-1].start()
    done.wait()
print((memory.peak_bytes() - before) >> 20)
over.set()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")
def test_threads_use_the_memory_that_others_freed() -> None:
    grown = {}
    for way in ("shared", "apart"):
        command = [sys.executable, "-c", _EIGHT_THREADS, way]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
        grown[way] = int(done.stdout)  # MiB
    assert grown["shared"] < 100 < 200 < grown["apart"]
