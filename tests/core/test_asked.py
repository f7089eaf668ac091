"""Work that a process of its own does: started, followed, and never taken for done when it died."""

import os
import time

import pytest

from core import asked
from core.errors import MetricsError


def work(folder, *, module="tests.core.test_asked", arguments=()):
    return asked.Work(place=folder / "thing", module=module, arguments=arguments)


def wait_for(one, state):
    for _ in range(100):
        if one.state()["state"] == state:
            return one.state()
        time.sleep(0.1)
    pytest.fail(f"it is {one.state()}")


def test_a_process_of_its_own_tells_how_it_goes_on(workspace):
    one = work(workspace, arguments=(str(workspace),))
    assert one.state()["state"] == "none"
    one.ask()
    wait_for(one, "ready")
    assert (workspace / "process").read_text() != str(os.getpid())


def test_a_process_that_died_is_no_success(workspace, monkeypatch):
    monkeypatch.setattr(asked, "STARTING_SECONDS", 0.0)
    one = work(workspace, module="no.such.module")
    one.ask()
    assert "Ask again" in wait_for(one, "failed")["message"]


def test_an_error_is_told_as_its_sentence_and_a_bug_as_a_fault(workspace):
    one = work(workspace)
    for error, words in ((MetricsError("Too few."), "Too few."), (KeyError("x"), "A fault ended it")):
        with pytest.raises(type(error)), one.doing():
            raise error
        assert one.state()["state"] == "failed" and words in one.state()["message"]


def test_progress_is_told_and_work_in_progress_is_not_begun_again(workspace, monkeypatch):
    one = work(workspace)
    with one.doing() as report:
        report(3, 10, "Answering")
        assert (one.state()["done"], one.state()["total"]) == (3, 10)
        monkeypatch.setattr(asked.subprocess, "Popen", lambda *_, **__: pytest.fail("begun twice"))
        one.ask()
    assert one.state()["state"] == "ready"


if __name__ == "__main__":
    import sys
    from pathlib import Path

    with work(Path(sys.argv[1])).doing():
        Path(sys.argv[1], "process").write_text(str(os.getpid()))
