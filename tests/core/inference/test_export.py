import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.commands.predict import export as export_command
from core.errors import ExportError
from core.inference import predictor, share, unknown
from core.inference.export import bundle, networks, parity, standalone
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
        assert one["unknown"] == other["unknown"]


def _ask(folder, *arguments):
    command = [sys.executable, "-I", folder / "predict.py", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_predict_py_answers_a_folder_in_batches_as_it_does_single_images(exported, run, tiny_folder):
    out, _ = exported
    (tiny_folder / "notes.txt").write_text("no image")
    (tiny_folder / ".hidden").write_text("litter")
    whole = json.loads(_ask(out, tiny_folder, "--json").stdout)
    assert len(whole["predictions"]) == 37 and whole["n_skipped"] == 1
    assert "not an image" in whole["predictions"][0]["error"]
    some = whole["predictions"][1::9]
    single = [json.loads(_ask(out, one["path"], "--json").stdout)["predictions"][0] for one in some]
    for one, other in zip(some, single, strict=True):
        assert one["logits"] == pytest.approx(other["logits"], abs=1e-4)
        assert one["path"] == other["path"]


def test_predict_py_for_people(exported, tiny_folder, tmp_path):
    out, _ = exported
    usage = _ask(out)
    assert usage.returncode == 2 and "usage" in usage.stderr and not usage.stdout
    (tmp_path / "empty").mkdir()
    empty = _ask(out, tmp_path / "empty")
    assert empty.returncode == 2 and "There is no file in" in empty.stderr
    Image.new("RGB", (64, 64), "white").save(tmp_path / "blank.png")
    said = _ask(out, tmp_path / "blank.png", tiny_folder / "red" / "00.png").stdout.splitlines()
    assert "blank.png" in said[0] and "unlike the training images" in said[0] and "%" in said[0]
    assert "unlike" not in said[1]


def test_the_lower_bounds_are_the_projects(exported):
    lines = (exported[0] / "requirements.txt").read_text().splitlines()
    assert [line.split(">=")[0] for line in lines] == ["onnxruntime", "numpy", "pillow"]
    assert all(">=" in line for line in lines)


def test_a_finetuned_backbone_brings_the_one_it_started_from(run, maker, tiny_folder, tmp_path, monkeypatch):
    """The run looks at images with its own network, and at their likeness with another one."""
    other = unknown.starting_weights(maker(tiny_folder, seed=4))
    monkeypatch.setattr(unknown, "starting_weights", lambda _: other)
    share.save(run, 0.3)
    Image.new("RGB", (64, 64), "white").save(tmp_path / "blank.png")
    found = bundle.export(run.id, tmp_path / "out")
    assert "backbone.onnx" in found["files"]
    assert found["parity"]["unknown_agreement"] == 1.0
    files = [*sorted(tiny_folder.glob("*/*.png"))[::4], tmp_path / "blank.png"]
    ours = predictor.load(run.id).predict(files)
    theirs = json.loads(_ask(tmp_path / "out", *files, "--json").stdout)["predictions"]
    assert [one["unknown"] for one in theirs] == [answer.unknown for answer in ours]
    assert {answer.unknown for answer in ours} == {True, False}
    assert unknown.load(run, *[predictor.read_model(run)[1]] * 2).shared is False


def test_no_bundle_leaves_that_knows_other_images(run, tmp_path, monkeypatch):
    write = bundle._write_known

    def wrongly(known, target):
        write(known, target)
        with np.load(target) as kept:
            np.savez(target, **(dict(kept) | {"cutoff": np.array(-100.0)}))

    monkeypatch.setattr(bundle, "_write_known", wrongly)
    with pytest.raises(ExportError, match="calls other images unknown"):
        bundle.export(run.id, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_program_of_torch_export_answers_alike(run, tiny_folder, tmp_path):
    found = bundle.export(run.id, tmp_path / "out", formats=bundle.FORMATS)
    assert {"model.onnx", "model.pt2"} <= set(found["files"])
    assert found["parity"]["formats"] == ["onnx", "torch"]
    assert found["parity"]["max_difference"] < 1e-4 and found["parity"]["unknown_agreement"] == 1.0
    program = torch.export.load(tmp_path / "out" / "model.pt2").module()
    model = predictor.load(run.id)
    x = model.transform.batch(np.stack([model.transform.read(p) for p in sorted(tiny_folder.glob("red/*"))]))
    for size in (1, 2, 5):
        logits, features = program(torch.from_numpy(x[:size]))
        assert logits.shape == (size, 3) and features.shape == (size, 512)
        np.testing.assert_allclose(logits.numpy(), model.fast(torch.from_numpy(x[:size])).numpy(), atol=1e-4)


def test_a_bundle_of_the_program_alone_needs_no_onnx(run, tmp_path, monkeypatch):
    monkeypatch.setattr(bundle.importlib.util, "find_spec", lambda name: None)
    found = bundle.export(run.id, tmp_path / "out", formats=["torch"])
    assert "model.pt2" in found["files"] and "model.onnx" not in found["files"]
    assert (tmp_path / "out" / "requirements.txt").read_text().startswith("torch>=")
    with pytest.raises(ExportError, match="must be installed"):
        bundle.export(run.id, tmp_path / "other")


def test_a_network_that_cannot_be_traced_is_a_sentence(tmp_path):
    class Stubborn(network.Classifier):
        def features(self, x):
            return super().features(x) if float(x.sum()) == 0 else x

    with pytest.raises(ExportError, match=r"torch.export.*Choose --format onnx"):
        networks.to_program(Stubborn("resnet18", 2, 64).eval(), tmp_path / "model.pt2")


def test_the_onnx_model_takes_any_batch(exported):
    session = onnxruntime.InferenceSession(exported[0] / "model.onnx", providers=["CPUExecutionProvider"])
    x = np.random.default_rng(0).normal(size=(5, 3, 64, 64)).astype(np.float32)
    whole, features = session.run(None, {"pixels": x})
    part, _ = session.run(None, {"pixels": x[2:3]})
    assert whole.shape == (5, 3) and features.shape == (5, 512)
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
    sure = {"path": "a.png", "label": "cat", "probability": 0.81, "unknown": None, "unknown_because": None}
    assert standalone.words(sure) == "a.png: cat 81.0%"
    unsure = sure | {"unknown": True, "unknown_because": "unsure"}
    assert standalone.words(unsure) == "a.png: cat 81.0%  (too unsure to say)"


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
