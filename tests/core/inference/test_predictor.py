import dataclasses
import json

import numpy as np
import pytest
import torch

from core import workspace as workspaces
from core.data import images
from core.errors import InferenceError, NotFoundError
from core.inference import loaded, predictor, unknown
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
        logits = model.model(torch.from_numpy(model.transform.batch(pixels[None])))[0].double()
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


def test_only_a_few_models_stay_loaded(run, maker, tiny_folder, monkeypatch):
    loaded.forget()
    monkeypatch.setattr(loaded, "MOST", 1)
    first = loaded.get(run.id)
    loaded.get(maker(tiny_folder, seed=1).id)
    assert loaded.get(run.id) is not first


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
    other = predictor.load(maker(tiny_folder, seed=7).id)
    assert unknown.load(run, other.model).shared is False
