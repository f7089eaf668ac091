import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.model import network, weights

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def maker():
    spec = importlib.util.spec_from_file_location("make_starter", CHECKOUT / "tools" / "make_starter.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def teacher(tmp_path):
    torch.manual_seed(0)
    model = network.Classifier("mobilenet_v2", 5, 32)
    state = model.backbone.state_dict()
    path = tmp_path / "teacher.pth"
    torch.save(state | {f"classifier.1.{k}": v for k, v in model.classifier.state_dict().items()}, path)
    return path


def _arguments(tmp_path, teacher, folder, *more):
    return [
        *("--teacher", teacher, "--images", folder, "--out", tmp_path / "made" / "starter.safetensors"),
        *("--teacher-size", 48, "--size", 32, "--steps", 4, "--batch-size", 8, *more),
    ]


def test_a_student_is_made_that_loads_as_weights(maker, teacher, tiny_folder, tmp_path):
    (tiny_folder / "red" / "bad.png").write_text("no image")
    record = maker.main([str(one) for one in _arguments(tmp_path, teacher, tiny_folder)])
    made = tmp_path / "made" / "starter.safetensors"
    assert record == json.loads(made.with_suffix(".json").read_text()) | {"transform": record["transform"]}
    found = weights.resolve(str(made), "resnet18")
    assert (found.sha256, found.image_size) == (record["sha256"], 128)
    model = network.Classifier("resnet18", 3, 64)
    before = model.backbone.conv1.weight.clone()
    weights.load_backbone(model, found)
    assert not torch.equal(model.backbone.conv1.weight, before)
    assert record["arguments"]["steps"] == 4
    assert record["n_images"] == 37
    assert 0 <= record["agreement_with_teacher"] <= 1
    assert str(tmp_path) not in json.dumps(record)


def test_evaluation_images_and_copies_are_left_out(maker, tiny_folder, tmp_path):
    (tiny_folder / "copy.png").write_bytes((tiny_folder / "red" / "00.png").read_bytes())
    files, skipped = maker.find(tiny_folder, [tiny_folder / "green"])
    assert skipped == 12 + 1
    assert len(files) == 24
    assert not any(path.parent.name == "green" for path in files)


def test_the_divergence_is_nothing_for_equal_answers_and_torchs_otherwise(maker):
    a, b = torch.randn(4, 6), torch.randn(4, 6)
    assert maker.divergence(a, a, 2.0) == pytest.approx(0, abs=1e-6)
    p, q = a.softmax(1), b.softmax(1)
    assert float(maker.divergence(a, b, 1.0)) == pytest.approx(
        float((q * (q / p).log()).sum(1).mean()), rel=1e-4
    )


def test_the_student_learns(maker, teacher, tiny_folder, tmp_path):
    record = maker.main([*map(str, _arguments(tmp_path, teacher, tiny_folder, "--steps", 30, "--fp32"))])
    assert np.mean(record["losses"][-5:]) < np.mean(record["losses"][:5])


def test_a_student_goes_on_from_weights_made_before(maker, teacher, tiny_folder, tmp_path):
    maker.main([*map(str, _arguments(tmp_path, teacher, tiny_folder))])
    before = tmp_path / "before.safetensors"
    (tmp_path / "made" / "starter.safetensors").rename(before)
    more = ("--start", before, "--steps", 1, "--learning-rate", 1e-9)
    record = maker.main([*map(str, _arguments(tmp_path, teacher, tiny_folder, *more))])
    kept = [weights.read(path)["conv1.weight"] for path in (before, before.parent / "made" / record["file"])]
    assert torch.equal(*kept)


def test_mixtures_lie_between_two_images_of_the_batch(maker):
    x = torch.stack([torch.full((3, 4, 4), float(value)) for value in range(6)])
    mixed = maker.mixed(x, np.random.default_rng(0))[:, 0, 0, 0]
    other = torch.tensor([3.0, 4, 5, 0, 1, 2])
    share = (mixed - other) / (torch.arange(6.0) - other)
    assert ((share >= 0.5) & (share <= 1)).all()
    assert len(share.unique()) == 6


def test_the_distance_of_features_counts_in_their_spread(maker):
    features = torch.tensor([[0.0, 10.0], [2.0, 30.0]])
    standard = (features - features.mean(0)) / features.std(0)
    assert float(maker.distance(standard, features)) == pytest.approx(0, abs=1e-4)
    assert float(maker.distance(torch.zeros(2, 2), features)) == pytest.approx(0.5, rel=1e-2)


def test_crops_keep_at_least_a_quarter_and_their_size(maker):
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 90, 3), dtype=np.uint8))
    random = np.random.default_rng(1)
    assert all(maker.crop(image, 24, random).shape == (24, 24, 3) for _ in range(50))


def test_too_few_images_are_a_sentence(maker, teacher, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(SystemExit, match="at least 2"):
        maker.main([*map(str, _arguments(tmp_path, teacher, tmp_path / "empty"))])
