"""Decoding takes turns: never more at once than there is room for, and nobody is passed over."""

import os
import threading
import time

import pytest

from core.data import gate


def _run(made: gate.Gate, costs: list[int]) -> tuple[int, int, list[int]]:
    """Let one thread for each cost through; returns most inside at once, most cost at once, the order."""
    lock, inside, most, dearest, order = threading.Lock(), [], 0, 0, []

    def enter(cost: int) -> None:
        nonlocal most, dearest
        with made.admit(cost):
            with lock:
                inside.append(cost)
                order.append(cost)
                most, dearest = max(most, len(inside)), max(dearest, sum(inside))
            time.sleep(0.005)
            with lock:
                inside.remove(cost)

    threads = [threading.Thread(target=enter, args=[cost]) for cost in costs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(order) == len(costs)
    return most, dearest, order


def test_no_more_than_so_many_at_once() -> None:
    most, _, _ = _run(gate.Gate(most=3, budget=1000), [1] * 20)
    assert most <= 3


def test_together_they_never_cost_more_than_the_budget() -> None:
    _, dearest, _ = _run(gate.Gate(most=10, budget=100), [40] * 20)
    assert dearest <= 80


def test_what_costs_more_than_the_budget_goes_alone() -> None:
    most, dearest, _ = _run(gate.Gate(most=10, budget=100), [500, 600] * 4)
    assert most == 1 and dearest <= 600


def test_a_large_one_is_not_passed_by_those_that_came_later() -> None:
    made, let_go = gate.Gate(most=10, budget=100), threading.Event()
    order: list[str] = []

    def hold() -> None:
        with made.admit(10):
            let_go.wait(10)

    def enter(name: str, cost: int) -> None:
        with made.admit(cost):
            order.append(name)

    threads = [threading.Thread(target=hold)]
    threads += [threading.Thread(target=enter, args=one) for one in (("large", 300), ("small", 1))]
    for thread in threads:
        thread.start()
        time.sleep(0.05)
    assert order == []
    let_go.set()
    for thread in threads:
        thread.join(10)
    assert order == ["large", "small"]


def test_one_that_fails_leaves_its_place_to_the_next() -> None:
    made = gate.Gate(most=1, budget=10)
    with pytest.raises(ZeroDivisionError), made.admit(5):
        raise ZeroDivisionError
    with made.admit(5):
        pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_finds_the_gate_open() -> None:
    with gate.decoding.admit(gate.BUDGET * 2):
        child = os.fork()
        if child == 0:
            with gate.decoding.admit(1):
                os._exit(0)
        for _ in range(200):
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                break
            time.sleep(0.02)
        else:
            os.kill(child, 9)
            os.waitpid(child, 0)
            pytest.fail("the child waits at a gate whose threads it does not have")
    assert status == 0
