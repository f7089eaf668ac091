import dataclasses
import json
import os

import numpy as np
import pytest
import torch

from core import workspace as workspaces
from core.data import images
from core.errors import ConfigError, InferenceError, NotFoundError
from core.inference import loaded, predictor, share, unknown
from core.metrics import decisions
from core.model import network


def _files(folder):
    return sorted(folder.glob("*/*.png"))


def test_an_answer_is_the_softmax_of_the_networks_logits(run, tiny_folder):
    model = predictor.load(run.id)
    path = _files(tiny_folder)[0]
    (answer,) = model.predict([path])
    pixels = model.transform.pixels(images.decode(path))
    with torch.inference_mode():
        logits = predictor.read_model(run)[1](torch.from_numpy(model.transform.batch(pixels[None])))[
            0
        ].double()
    assert answer.logits == pytest.approx(logits.tolist(), abs=1e-4)
    assert list(answer.probabilities.values()) == pytest.approx(logits.softmax(0).tolist(), abs=1e-5)
    assert answer.label == model.classes[int(logits.argmax())]
    assert answer.probability == max(answer.probabilities.values())


def test_the_batch_does_not_change_the_answer(run, tiny_folder):
    model = predictor.load(run.id)
    files = _files(tiny_folder)
    together = [answer.probabilities for answer in model.stream(files, batch_size=7)]
    alone = [model.predict([path.read_bytes()])[0].probabilities for path in files]
    for one, other in zip(together, alone, strict=True):
        assert list(one.values()) == pytest.approx(list(other.values()), abs=1e-5)


def test_a_bad_file_gets_an_error_and_the_others_their_answers(run, tiny_folder, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_text("no image")
    good = _files(tiny_folder)
    answers = predictor.load(run.id).predict([good[0], bad, tmp_path / "gone.jpg", good[1]])
    assert [answer.error is None for answer in answers] == [True, False, False, True]
    assert [answer.path for answer in answers][1] == str(bad)
    assert set(answers[1].record()) == {"path", "error"}
    assert set(answers[0].record()) >= {"path", "label", "probability", "probabilities", "logits", "unknown"}
    json.dumps([answer.record() for answer in answers])


def test_only_bad_files_are_answered_too(run):
    (answer,) = predictor.load(run.id).predict([b"nothing"], ["upload.jpg"])
    assert (answer.path, answer.label) == ("upload.jpg", None)
    assert answer.error


def test_the_runs_decision_rule_and_temperature_are_used(run, tiny_folder):
    path = _files(tiny_folder)[0]
    before = predictor.load(run.id).predict([path])[0]
    rule = decisions.Decision(
        classes=("blue", "green", "red"), kind="threshold", label="red", threshold=0.0, temperature=4.0
    )
    decisions.save(run, rule)
    after = predictor.load(run.id).predict([path])[0]
    assert after.label == "red"
    scaled = np.exp(np.array(before.logits) / 4.0)
    assert list(after.probabilities.values()) == pytest.approx((scaled / scaled.sum()).tolist(), abs=1e-5)
    assert after.probability == after.probabilities["red"]


def test_a_rule_that_prefers_not_to_say_makes_unknown_true(run, tiny_folder):
    decisions.save(run, decisions.Decision(classes=("blue", "green", "red"), unknown_below=1.0))
    answer = predictor.load(run.id).predict(_files(tiny_folder)[:1])[0]
    assert answer.unknown is True and answer.record()["unknown_because"] == "unsure"
    assert answer.label == max(answer.probabilities, key=answer.probabilities.get)


def test_what_is_missing_or_damaged_is_a_sentence(run, workspace):
    with pytest.raises(NotFoundError):
        predictor.load("20200101-000000-abcd")
    content = (run.folder / "model.safetensors").read_bytes()
    (run.folder / "model.safetensors").write_bytes(content[: len(content) // 2])
    with pytest.raises(InferenceError, match="damaged"):
        predictor.load(run.id)
    (run.folder / "model.safetensors").unlink()
    with pytest.raises(InferenceError, match="no model yet"):
        predictor.load(run.id)


def test_a_model_that_does_not_fit_its_description_is_a_sentence(run):
    card = workspaces.read_json(run.folder / "model.json")
    workspaces.write_json(run.folder / "model.json", card | {"classes": ["only one"]})
    with pytest.raises(InferenceError, match="does not fit"):
        predictor.load(run.id)


def test_a_model_stays_loaded_until_its_run_changes(run, maker, tiny_folder):
    loaded.forget()
    first = loaded.get(run.id)
    assert loaded.get(run.id) is first
    decisions.save(run, decisions.Decision(classes=("blue", "green", "red"), temperature=2.0))
    assert loaded.get(run.id).decision.temperature == 2.0


def test_models_stay_loaded_as_long_as_there_is_room(run, maker, tiny_folder, monkeypatch):
    loaded.forget()
    first, other = loaded.get(run.id), maker(tiny_folder, seed=1)
    loaded.get(other.id)
    assert loaded.get(run.id) is first
    monkeypatch.setenv(loaded.LIMIT_VARIABLE, str(1.5 * first.n_bytes / 2**30))
    second = loaded.get(maker(tiny_folder, seed=2).id)
    assert loaded.get(second.run_id) is second
    assert loaded.get(run.id) is not first
    monkeypatch.setenv(loaded.LIMIT_VARIABLE, "much")
    loaded.forget()
    with pytest.raises(ConfigError, match="number of gigabytes"):
        loaded.get(run.id)


def test_a_model_is_held_once(run):
    unknown.ensure(run)
    model = predictor.load(run.id)
    weights = (run.folder / "model.safetensors").stat().st_size
    assert model.known.model is model.fast
    assert model.n_bytes - model.known.reference.n_bytes < 1.05 * weights


def test_whoever_waits_for_other_models_to_load_waits_no_longer_than_they_may(run):
    with loaded._lock, pytest.raises(TimeoutError):
        loaded.get(run.id, seconds=0.01)


def test_sources_are_let_go_of_once_they_are_read(run, tiny_folder):
    model, content, living = predictor.load(run.id), _files(tiny_folder)[0].read_bytes(), []

    class Source(bytes):
        def __del__(self):
            living.pop()

    def sources():
        for _ in range(48):
            living.append(None)
            most.append(len(living))
            yield Source(content)

    for names in (None, map(str, range(48))):
        most = []
        assert len(list(model.stream(sources(), names, batch_size=2))) == 48
        assert max(most) <= 8


def test_names_that_are_no_text_are_shown_readably(run, tiny_folder):
    path = tiny_folder / os.fsdecode(b"caf\xe9.png")
    path.write_bytes(_files(tiny_folder)[0].read_bytes())
    (answer,) = predictor.load(run.id).predict([path])
    assert answer.path == f"{tiny_folder}/caf\\xe9.png"
    json.dumps(answer.record(), ensure_ascii=False).encode()


@pytest.mark.parametrize("name", [unknown.FILE, "features.npy"])
def test_a_damaged_sense_of_the_unknown_is_as_none(run, name):
    unknown.ensure(run)
    (run.folder / name).write_bytes(b"nonsense")
    assert predictor.load(run.id).known is None


def test_the_share_that_is_turned_away_lies_with_the_run(run, tiny_folder):
    loaded.forget()
    unknown.ensure(run)
    assert loaded.get(run.id).known.share == share.load(run) == 0.05
    share.save(run, 0.5)
    model = loaded.get(run.id)
    assert model.known.share == 0.5
    assert (model.known.measured > model.known.cutoff).mean() == pytest.approx(0.5, abs=0.04)
    with pytest.raises(ConfigError, match="choose above 0"):
        share.save(run, 0.6)
    (run.folder / share.FILE).write_text("{}")
    with pytest.raises(ConfigError, match="choose it again"):
        share.load(run)


def test_an_unlike_image_is_unknown_and_a_like_one_is_not(run, tiny_folder):
    assert predictor.load(run.id).predict(_files(tiny_folder)[:1])[0].unknown is None
    assert unknown.ensure(run)
    model = predictor.load(run.id)
    files = _files(tiny_folder)
    turned_away = np.mean([answer.unknown for answer in model.predict(files)])
    assert turned_away <= 0.2
    blank = np.full((64, 64, 3), 255, np.uint8)
    (answer,) = model.answer_pixels(blank[None])
    assert answer.unknown is True and answer.unknown_because == "unlike"
    assert answer.distance > model.known.cutoff
    sure = dataclasses.replace(model, decision=decisions.Decision(classes=tuple(model.classes)))
    assert {one.unknown_because for one in sure.predict(files)} <= {None, "unlike"}


def test_the_fused_network_answers_like_the_plain_one():
    from core.model import fused

    for name in ("resnet18", "mobilenet_v2", "convnext_tiny"):
        torch.manual_seed(0)
        model = network.Classifier(name, 3, 64).eval()
        for module in model.modules():  # so that folding has something to fold
            if isinstance(module, torch.nn.BatchNorm2d):
                torch.nn.init.uniform_(module.running_mean, -0.1, 0.1)
                torch.nn.init.uniform_(module.running_var, 0.8, 1.2)
        x = torch.randn(2, 3, 64, 64)
        with torch.inference_mode():
            torch.testing.assert_close(fused.fuse(model)(x), model(x), atol=1e-4, rtol=1e-4)


def test_answers_are_frozen(run, tiny_folder):
    (answer,) = predictor.load(run.id).predict(_files(tiny_folder)[:1])
    with pytest.raises(dataclasses.FrozenInstanceError):
        answer.label = "other"


def test_looking_twice_is_the_mean_of_an_image_and_its_mirror_image(run, tiny_folder):
    model = predictor.load(run.id)
    pixels = model.transform.read(_files(tiny_folder)[0])[None]
    (twice,) = model.looking_twice().answer_pixels(pixels)
    (image,), (mirror,) = model.answer_pixels(pixels), model.answer_pixels(pixels[:, :, ::-1])
    mean = (np.array(image.logits) + np.array(mirror.logits)) / 2
    assert twice.logits == pytest.approx(mean.tolist(), abs=1e-5)
    (other_way_round,) = model.looking_twice().answer_pixels(pixels[:, :, ::-1])
    assert other_way_round.logits == pytest.approx(twice.logits, abs=1e-5)


def test_one_pass_through_an_unchanged_backbone_gives_the_same_answers(run, tiny_folder):
    unknown.ensure(run)
    model = predictor.load(run.id)
    assert model.known.shared
    apart = dataclasses.replace(model, known=dataclasses.replace(model.known, shared=False))
    for one, other in zip(
        model.predict(_files(tiny_folder)), apart.predict(_files(tiny_folder)), strict=True
    ):
        assert one.logits == pytest.approx(other.logits, abs=1e-4)
        assert (one.unknown, one.distance) == (other.unknown, pytest.approx(other.distance, abs=1e-3))


def test_a_finetuned_backbone_is_told_from_the_one_it_started_from(run, maker, tiny_folder):
    unknown.ensure(run)
    other = maker(tiny_folder, seed=7)
    other_model = predictor.load(other.id)
    assert unknown.load(run, predictor.read_model(other)[1], other_model.fast).shared is False
