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
