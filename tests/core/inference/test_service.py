import os
import threading
import time

import numpy as np
import pytest

from core.errors import NotFoundError
from core.inference import loaded, predictor, service
from core.inference.explain import reasons
from core.model.transform import EvalTransform


@pytest.fixture
def served(run):
    loaded.forget()
    made = service.Service(service.Limits(files=8, bytes=100_000, seconds=30), patience=0.2)
    yield made
    made.close()


def _files(folder):
    return [(path.name, path.read_bytes()) for path in sorted(folder.glob("*/*.png"))]


def test_answers_are_the_predictors(served, run, tiny_folder):
    files = [*_files(tiny_folder)[:3], ("bad.jpg", b"nothing")]
    answers = served.predict(run.id, files)
    expected = predictor.load(run.id).predict([content for _, content in files], [name for name, _ in files])
    assert [answer.path for answer in answers] == [name for name, _ in files]
    assert [answer.label for answer in answers] == [answer.label for answer in expected]
    assert answers[0].probabilities == pytest.approx(expected[0].probabilities, abs=1e-4)
    assert answers[3].error


def test_many_callers_share_batches_and_each_gets_its_own_answer(served, run, tiny_folder):
    files = _files(tiny_folder)[:12]
    loaded.get(run.id)
    found = {}

    def ask(number):
        found[number] = served.predict(run.id, [files[number]])[0]

    threads = [threading.Thread(target=ask, args=[number]) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert served.batches < 12
    expected = predictor.load(run.id).predict([content for _, content in files])
    for number, answer in enumerate(expected):
        assert found[number].path == files[number][0]
        assert found[number].logits == pytest.approx(answer.logits, abs=1e-4)


def test_two_models_do_not_mix(served, run, maker, tiny_folder):
    other = maker(tiny_folder, seed=5)
    files = _files(tiny_folder)[:4]
    answers = {}
    threads = [
        threading.Thread(target=lambda one=one: answers.update({one: served.predict(one, files)}))
        for one in (run.id, other.id)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, found in answers.items():
        expected = predictor.load(one).predict([content for _, content in files])
        for answer, other_answer in zip(found, expected, strict=True):
            assert answer.logits == pytest.approx(other_answer.logits, abs=1e-4)


@pytest.mark.parametrize(
    ("files", "status"),
    [([], 422), ([("a", b"x")] * 9, 413), ([("big.jpg", b"x" * 100_001)], 413)],
)
def test_what_asks_for_too_much_or_nothing_is_refused(served, run, files, status):
    with pytest.raises(service.Refused) as refused:
        served.predict(run.id, files)
    assert refused.value.status == status


def test_a_run_that_is_not_there_is_a_sentence(served):
    with pytest.raises(NotFoundError):
        served.predict("20200101-000000-abcd", [("a.png", b"x")])


def test_a_fault_reaches_its_caller_and_the_next_is_answered(served, run, tiny_folder, monkeypatch):
    model = loaded.get(run.id)
    with monkeypatch.context() as broken:
        broken.setattr(predictor.Predictor, "answer_pixels", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            served.predict(run.id, _files(tiny_folder)[:1])
    assert loaded.get(run.id) is model
    assert served.predict(run.id, _files(tiny_folder)[:1])[0].label


def _refused(slow, run, files, status):
    with pytest.raises(service.Refused) as refused:
        slow.predict(run.id, files)
    assert refused.value.status == status


@pytest.fixture
def slow(run):
    loaded.forget()
    loaded.get(run.id)
    made = service.Service(service.Limits(seconds=0.3, waiting=2))
    yield made
    made.close()


@pytest.fixture
def gate():
    """What is slow waits for it; it opens when the test ends."""
    opened = threading.Event()
    yield opened
    opened.set()


def test_slow_answers_are_given_up_and_not_worked_on(slow, gate, run, tiny_folder, monkeypatch):
    seen = []

    def late(self, pixels):
        seen.append(len(pixels))
        gate.wait(20)
        return [predictor.Answer(path="")] * len(pixels)

    monkeypatch.setattr(predictor.Predictor, "answer_pixels", late)
    slow.queue._most = 1
    _refused(slow, run, _files(tiny_folder)[:3], 504)
    gate.set()
    slow.queue.close()
    assert seen == [1]  # the two that had not begun were cancelled
    slow.queue = type(slow.queue)(waiting=2, most=1, patience=0)


def test_slow_decoding_is_given_up_too(slow, gate, run, tiny_folder, monkeypatch):
    read = []
    monkeypatch.setattr(EvalTransform, "read", lambda *_: read.append(1) or gate.wait(20))
    _refused(slow, run, _files(tiny_folder)[:8], 504)
    gate.set()
    slow._decoders.shutdown()
    assert len(read) <= max(2, os.cpu_count() or 2)


def test_a_full_queue_is_busy(slow, gate, run, tiny_folder, monkeypatch):
    monkeypatch.setattr(predictor.Predictor, "answer_pixels", lambda *_: gate.wait(20))
    slow.queue._most = 1
    _refused(slow, run, _files(tiny_folder)[:6], 503)


def test_waiting_for_another_model_to_load_is_given_up(slow, run, tiny_folder):
    with loaded._lock:
        _refused(slow, run, _files(tiny_folder)[:1], 504)


def test_the_time_runs_from_when_the_request_came(slow, run, tiny_folder):
    with pytest.raises(service.Refused) as refused:
        slow.predict(run.id, _files(tiny_folder)[:1], since=time.monotonic() - 1)
    assert refused.value.status == 504


def test_what_is_in_flight_is_counted_and_given_back(served):
    made = service.Service(service.Limits(in_flight=100))
    with made.holding(60):
        with pytest.raises(service.Refused) as refused, made.holding(60):
            pass
        with made.holding(40):
            pass
    with made.holding(500):  # alone it is let through: its own limits hold
        pass
    made.close()
    assert refused.value.status == 503


def test_mirrored_and_plain_answers_do_not_mix(served, run, tiny_folder):
    files, answers = _files(tiny_folder)[:4], {}
    threads = [
        threading.Thread(
            target=lambda one=one: answers.update({one: served.predict(run.id, files, mirror=one)})
        )
        for one in (False, True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    model = predictor.load(run.id)
    for mirror, asked in ((False, model), (True, model.looking_twice())):
        expected = asked.predict([content for _, content in files])
        for answer, other in zip(answers[mirror], expected, strict=True):
            assert answer.logits == pytest.approx(other.logits, abs=1e-4)


def test_explanations_come_with_the_answers(served, run, tiny_folder):
    files = [*_files(tiny_folder)[:2], ("bad.jpg", b"nothing")]
    answers = served.predict(run.id, files, explain=True)
    expected = reasons.explain(predictor.load(run.id), files[1][1]).record()
    assert answers[1].record()["explanation"]["label"] == expected["label"]
    assert np.allclose(answers[1].explanation["heat"], expected["heat"], atol=1e-3)
    assert answers[2].explanation is None and answers[2].error


def test_without_a_token_in_the_environment_the_interface_is_off(monkeypatch):
    for token in (None, "", "short"):
        monkeypatch.delenv(service.TOKEN_VARIABLE, raising=False)
        if token is not None:
            monkeypatch.setenv(service.TOKEN_VARIABLE, token)
        with pytest.raises(service.Refused) as refused:
            service.authorise(f"Bearer {token}")
        assert refused.value.status == 404


def test_only_the_right_token_opens(monkeypatch):
    monkeypatch.setenv(service.TOKEN_VARIABLE, "a-long-enough-secret")
    service.authorise("Bearer a-long-enough-secret")
    for header in (None, "", "Bearer", "Bearer wrong", "Basic a-long-enough-secret", "Bearer ä"):
        with pytest.raises(service.Refused) as refused:
            service.authorise(header)
        assert refused.value.status == 401


def test_the_runs_that_can_answer_are_described(run):
    (found,) = service.described()
    assert (found["run"], found["classes"]) == (run.id, ["blue", "green", "red"])
    (run.folder / "model.safetensors").unlink()
    assert service.described() == []
