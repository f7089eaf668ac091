import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from core.commands.predict import export as export_command
from core.errors import ExportError
from core.inference import predictor
from core.inference.export import bundle, parity, standalone
from core.metrics import decisions
from core.model import network

onnx = pytest.importorskip("onnx", reason="the extra 'export' is not installed")
onnxruntime = pytest.importorskip("onnxruntime", reason="the extra 'export' is not installed")

BLOCKED = [
    "torch",
    "torchvision",
    "pandas",
    "sklearn",
    "scipy",
    "filelock",
    "click",
    "safetensors",
    "pyarrow",
]


@pytest.fixture
def exported(run, tmp_path):
    decisions.save(run, decisions.Decision(classes=("blue", "green", "red"), temperature=1.7))
    found = bundle.export(run.id, tmp_path / "out")
    return tmp_path / "out", found


def test_the_bundle_holds_everything_and_its_proof(exported, run):
    out, found = exported
    data = {"labels.json", "preprocessing.json", "decision.json", "split.json", "parity.json"}
    expected = {"model.onnx", "model.safetensors", "README.md", "predict.py", "requirements.txt"} | data
    assert expected <= set(found["files"])
    assert found["files"] == sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
    assert found["parity"] == json.loads((out / "parity.json").read_text())
    assert found["parity"]["n_images"] == (run.manifest()["subset"] == "validation").sum()
    assert found["parity"]["max_difference"] < 1e-4
    assert found["parity"]["agreement"] == 1.0
    onnx.checker.check_model(onnx.load(out / "model.onnx"))


def test_predict_py_answers_alike_without_torch_or_pandas(exported, run, tiny_folder, tmp_path):
    out, _ = exported
    bad = tmp_path / "bad.jpg"
    bad.write_text("no image")
    files = [*sorted(tiny_folder.glob("*/*.png"))[::5], bad]
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({BLOCKED})); "
        f"sys.argv[0] = {str(out / 'predict.py')!r}; "
        "import runpy; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    command = [sys.executable, "-I", "-c", code, "--json", *map(str, files)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    theirs = json.loads(result.stdout)["predictions"]
    ours = [answer.record() for answer in predictor.load(run.id).predict(files)]
    assert theirs[-1] == ours[-1]
    for one, other in zip(theirs[:-1], ours[:-1], strict=True):
        assert one["label"] == other["label"]
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-4)


def test_the_onnx_model_takes_any_batch(exported):
    session = onnxruntime.InferenceSession(exported[0] / "model.onnx", providers=["CPUExecutionProvider"])
    x = np.random.default_rng(0).normal(size=(5, 3, 64, 64)).astype(np.float32)
    (whole,) = session.run(None, {"pixels": x})
    (part,) = session.run(None, {"pixels": x[2:3]})
    assert whole.shape == (5, 3)
    np.testing.assert_allclose(part, whole[2:3], atol=1e-5)


def test_the_card_names_data_figures_origin_and_limits(exported):
    text = (exported[0] / "README.md").read_text()
    for words in ("Started from", "Licence", "## Limits", "| blue |", "1.700", "same answer"):
        assert words in text


def test_a_folder_with_something_in_it_is_left_alone(run, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("keep me")
    with pytest.raises(ExportError, match="not empty"):
        bundle.export(run.id, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_no_bundle_leaves_that_answers_differently(run, tmp_path, monkeypatch):
    monkeypatch.setattr(parity, "TOLERANCE", -1.0)
    with pytest.raises(ExportError, match="answers differently"):
        bundle.export(run.id, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".out*"))


def test_parity_notices_another_model(run, maker, tiny_folder, tmp_path):
    other = maker(tiny_folder, seed=9)
    bundle.export(other.id, tmp_path / "other")
    with pytest.raises(ExportError, match="answers differently"):
        parity.measure(run, predictor.load(run.id), tmp_path / "other")


RULES = [
    {},
    {"unknown_below": 0.5},
    {"kind": "threshold", "label": "b", "threshold": 0.2},
    {"kind": "cost", "costs": ((0, 1, 9), (5, 0, 1), (1, 1, 0))},
    {"kind": "cost", "costs": ((0, 1, 9), (5, 0, 1), (1, 1, 0)), "unknown_cost": 0.6},
]


@pytest.mark.parametrize("rule", RULES)
def test_the_bundles_rule_is_the_runs(rule):
    decision = decisions.Decision(classes=("a", "b", "c"), **rule)
    shares = np.random.default_rng(0).dirichlet([1, 1, 1], size=200)
    ours = [standalone.choose(decision.to_dict(), row) for row in shares]
    assert ours == decision.answer_shares(shares).tolist()


@settings(max_examples=200, deadline=None)
@given(st.integers(2, 6), st.integers(0, 10_000), st.sampled_from(["highest", "cost", "threshold"]))
def test_random_rules_answer_alike_inside_and_outside(n_classes, seed, kind):
    """Whole-number costs and probabilities in tenths, so that ties and thresholds are met exactly."""
    random = np.random.default_rng(seed)
    classes = tuple("abcdef"[:n_classes])
    costs = random.integers(0, 4, (n_classes, n_classes))
    costs[0, 1] = 1
    rule = decisions.Decision(
        classes=classes,
        kind=kind,
        costs=tuple(map(tuple, costs.tolist())) if kind == "cost" else None,
        label=str(random.choice(classes)) if kind == "threshold" else None,
        threshold=float(random.integers(0, 11) / 10) if kind == "threshold" else None,
        unknown_below=random.choice([None, 0.3, 0.5]),
        unknown_cost=random.choice([None, 0.0, 0.4, 1.0]),
    )
    shares = random.multinomial(10, np.ones(n_classes) / n_classes, size=40) / 10
    kept = json.loads(json.dumps(rule.to_dict()))
    assert [standalone.choose(kept, row) for row in shares] == rule.answer_shares(shares).tolist()


def test_an_unsure_answer_says_so_in_words():
    sure = {"label": "cat", "probability": 0.81, "unknown": None}
    assert standalone.say(sure) == "cat 81.0%"
    assert standalone.say(sure | {"unknown": True}) == (
        "unknown, too unsure to say (most probable: cat 81.0%)"
    )


def test_without_a_saved_rule_the_bundle_is_calibrated_like_the_run(run, tmp_path):
    bundle.export(run.id, tmp_path / "out")
    kept = json.loads((tmp_path / "out" / "decision.json").read_text())
    assert kept == decisions.load(run).to_dict()
    assert predictor.load(run.id).decision == decisions.load(run)


def test_the_command(run, tmp_path):
    result = CliRunner().invoke(
        export_command, [run.id, "--out", str(tmp_path / "out"), "--json"], catch_exceptions=False
    )
    assert set(json.loads(result.stdout)) == {"files", "parity"}


@pytest.mark.parametrize("name", ["mobilenet_v2", "convnext_tiny", "vit_b_16"])
def test_other_networks_export_alike(name, tmp_path):
    model = network.Classifier(name, 3, 32).eval().requires_grad_(False)
    bundle.to_onnx(model, tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    x = torch.randn(3, 3, 32, 32)
    (theirs,) = session.run(None, {"pixels": x.numpy()})
    with torch.inference_mode():
        np.testing.assert_allclose(theirs, model(x).numpy(), atol=1e-4)
