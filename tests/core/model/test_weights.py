import hashlib
import io
import json
import re
import socket
import threading
import urllib.request

import pytest
import safetensors.torch
import torch

from core import workspace
from core.errors import WeightsError
from core.model import catalog, network, weights, weights_files, weights_menu


@pytest.fixture(autouse=True)
def no_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("FIELDGUIDE_HOME", str(tmp_path / "home"))


def _cached_imagenet(monkeypatch, backbone="resnet18", damaged=False):
    """Put a network of torchvision's shape into its cache, under a name that has the right hash."""
    state = network.Classifier(backbone, 2, 64).backbone.state_dict()
    buffer = io.BytesIO()
    torch.save(state | {"fc.weight": torch.zeros(1000, 512), "fc.bias": torch.zeros(1000)}, buffer)
    name = f"{backbone}-{hashlib.sha256(buffer.getvalue()).hexdigest()[:8]}.pth"
    monkeypatch.setattr(catalog, "imagenet_file", lambda _: name)
    path = weights_files.imagenet_path(backbone)
    path.parent.mkdir(parents=True)
    path.write_bytes(buffer.getvalue()[: -100 if damaged else None])
    return state


def test_auto_takes_cached_imagenet_first(monkeypatch):
    state = _cached_imagenet(monkeypatch)
    found = weights.resolve("auto", "resnet18")
    assert found.kind == "imagenet"
    model = network.Classifier("resnet18", 3, 64)
    weights.load_backbone(model, found)
    torch.testing.assert_close(model.backbone.layer4[1].conv2.weight, state["layer4.1.conv2.weight"])


def test_a_damaged_file_in_the_cache_is_not_used(monkeypatch):
    _cached_imagenet(monkeypatch, damaged=True)
    found = weights.resolve("auto", "resnet18")
    assert found.kind == "starter"
    assert "is damaged" in found.origin
    with pytest.raises(WeightsError, match="is damaged: its checksum is wrong"):
        weights.resolve("imagenet", "resnet18")
    offered = weights_menu.available("resnet18")[0]
    assert (offered.spec, offered.ready) == ("imagenet", False)
    assert "damaged" in offered.note


def test_imagenet_that_was_never_here_is_said_to_be_missing():
    with pytest.raises(WeightsError, match="not on this disk"):
        weights.resolve("imagenet", "resnet18")
    assert "damaged" not in weights.resolve("auto", "resnet18").origin


def test_a_cache_that_cannot_be_written_lets_auto_go_on(monkeypatch, tmp_path):
    source = tmp_path / "there.pth"
    source.write_bytes(b"weights")
    monkeypatch.setattr(weights, "_url", lambda _: source.as_uri())
    (tmp_path / "torch").write_bytes(b"a file where the folder should be")
    with pytest.raises(WeightsError, match="TORCH_HOME"):
        weights.resolve("imagenet", "resnet18", download=True)
    found = weights.resolve("auto", "resnet18", download=True)
    assert found.kind == "starter"
    assert "could not be kept" in found.origin


def test_what_cannot_be_had_is_refused_before_anything_is_read():
    weights_files.check("auto", "mobilenet_v2")
    weights_files.check("imagenet", "resnet18", download=True)
    for spec, backbone, words in (
        ("imagenet", "resnet18", "not on this disk"),
        ("starter", "mobilenet_v2", "for resnet18 only"),
        ("nowhere.pth", "resnet18", "There are no weights"),
    ):
        with pytest.raises(WeightsError, match=words):
            weights_files.check(spec, backbone)


def test_torchvisions_densenet_file_fits_though_its_layers_are_named_otherwise(tmp_path):
    state = network.Classifier("densenet121", 2, 64).backbone.state_dict()
    old = {
        re.sub(r"(denselayer\d+\.(?:norm|relu|conv))([12])\.", r"\1.\2.", key): state[key] for key in state
    }
    assert set(old) != set(state)
    torch.save(old, tmp_path / "densenet.pth")
    model = network.Classifier("densenet121", 2, 64)
    weights.load_backbone(model, weights_files.from_file(str(tmp_path / "densenet.pth")))
    name = "features.denseblock1.denselayer1.conv1.weight"
    torch.testing.assert_close(model.backbone.get_parameter(name), state[name])


def test_an_empty_file_is_said_to_be_empty(tmp_path):
    (tmp_path / "nothing.pth").touch()
    with pytest.raises(WeightsError, match="is empty"):
        weights.read(tmp_path / "nothing.pth")


def test_auto_without_imagenet_takes_the_starter_for_resnet18_and_none_for_others():
    assert weights.resolve("auto", "resnet18").kind == "starter"
    assert weights.resolve("auto", "resnet34").kind == "none"


def test_auto_opens_no_connection_unless_it_is_told_to_download(monkeypatch):
    def refuse(*_):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert weights.resolve("auto", "mobilenet_v2").kind == "none"


def test_an_unreachable_network_is_a_sentence_and_auto_goes_on(monkeypatch):
    def refuse(*_, **__):
        raise OSError("no route to host")

    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(WeightsError, match="could not be downloaded"):
        weights.resolve("imagenet", "resnet18", download=True, timeout=1)
    assert weights.resolve("auto", "resnet18", download=True, timeout=1).kind == "starter"
    assert not list(weights_files.imagenet_path("resnet18").parent.glob("*.pth"))


def test_a_name_server_that_never_answers_is_given_up(monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(urllib.request, "urlopen", lambda *_, **__: released.wait(60))
    try:
        with pytest.raises(WeightsError, match="no answer within"):
            weights.resolve("imagenet", "resnet18", download=True, timeout=0.2)
    finally:
        released.set()


def test_a_download_is_checked_kept_and_reported(monkeypatch, tmp_path):
    content = b"weights" * 1000
    name = f"resnet18-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    source = tmp_path / "there.pth"
    source.write_bytes(content)
    monkeypatch.setattr(catalog, "imagenet_file", lambda _: name)
    monkeypatch.setattr(weights, "_url", lambda _: source.as_uri())
    seen = []
    found = weights.resolve("imagenet", "resnet18", download=True, progress=lambda *a: seen.append(a))
    assert found.file.read_bytes() == content
    assert seen[-1][:2] == (len(content), len(content))


def test_a_download_with_a_wrong_hash_is_not_kept(monkeypatch, tmp_path):
    source = tmp_path / "there.pth"
    source.write_bytes(b"something else")
    monkeypatch.setattr(weights, "_url", lambda _: source.as_uri())
    with pytest.raises(WeightsError, match="arrived damaged"):
        weights.resolve("imagenet", "resnet18", download=True)
    assert not weights_files.imagenet_path("resnet18").exists()


def test_the_starter_loads_with_its_transform_and_its_own_rates():
    found = weights.resolve("starter", "resnet18")
    assert found.image_size == 128
    assert set(found.defaults) == {"learning_rate", "backbone_learning_rate"}
    model = network.Classifier("resnet18", 3, 128)
    before = model.classifier.weight.clone()
    weights.load_backbone(model, found)
    theirs = safetensors.torch.load_file(weights_files.STARTER)
    torch.testing.assert_close(model.backbone.conv1.weight, theirs["conv1.weight"].float())
    torch.testing.assert_close(model.classifier.weight, before)
    assert model.backbone.bn1.num_batches_tracked == 0


def test_the_starter_is_small_and_says_how_it_was_made():
    card = weights_files.starter_card()
    assert weights_files.STARTER.stat().st_size <= 24_000_000
    assert card["sources"] and card["licence"] and card["made"]["how"] and card["transfer"]


def test_a_damaged_starter_is_a_sentence(monkeypatch, tmp_path):
    damaged = tmp_path / "starter_resnet18.safetensors"
    content = bytearray(weights_files.STARTER.read_bytes())
    content[5_000_000] ^= 1
    damaged.write_bytes(content)
    monkeypatch.setattr(weights_files, "STARTER", damaged)
    for spec in ("starter", "auto"):
        with pytest.raises(WeightsError, match="checksum"):
            weights.resolve(spec, "resnet18")


def test_the_starter_is_for_resnet18_only():
    with pytest.raises(WeightsError, match="resnet18 only"):
        weights.resolve("starter", "vit_b_16")


@pytest.mark.parametrize("wrap", ["plain", "state_dict", "module", "ours", "other head"])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_files_of_many_makers_load(tmp_path, wrap, suffix):
    state = network.Classifier("resnet18", 2, 64).backbone.state_dict()
    saved = {
        "plain": dict(state),
        "state_dict": dict(state),
        "module": {f"module.{k}": v for k, v in state.items()},
        "ours": {f"backbone.{k}": v for k, v in state.items()} | {"classifier.weight": torch.zeros(2, 512)},
        "other head": state | {"fc.weight": torch.zeros(7, 512), "fc.bias": torch.zeros(7)},
    }[wrap]
    path = tmp_path / f"some{suffix}"
    if suffix == ".pth":
        torch.save({"state_dict": saved} if wrap == "state_dict" else saved, path)
    else:
        safetensors.torch.save_file(saved, path)
    model = network.Classifier("resnet18", 5, 64)
    weights.load_backbone(model, weights.resolve(str(path), "resnet18"))
    torch.testing.assert_close(model.backbone.layer1[0].conv1.weight, state["layer1.0.conv1.weight"])


def test_a_file_of_another_architecture_is_an_error_that_lists_the_keys(tmp_path):
    path = tmp_path / "mobile.pth"
    torch.save(network.Classifier("mobilenet_v2", 2, 64).backbone.state_dict(), path)
    model = network.Classifier("resnet18", 2, 64)
    with pytest.raises(WeightsError, match=r"missing: bn1.bias.*unexpected: features.0.0.weight"):
        weights.load_backbone(model, weights.resolve(str(path), "resnet18"))


def test_a_tensor_of_another_shape_is_named(tmp_path):
    path = tmp_path / "odd.pth"
    state = network.Classifier("resnet18", 2, 64).backbone.state_dict()
    torch.save(state | {"conv1.weight": torch.zeros(64, 1, 7, 7)}, path)
    with pytest.raises(WeightsError, match=r"conv1.weight \(64, 1, 7, 7\) instead of \(64, 3, 7, 7\)"):
        weights.load_backbone(network.Classifier("resnet18", 2, 64), weights.resolve(str(path), "resnet18"))


class _Harm:
    def __reduce__(self):
        return (print, ("code was run",))


def test_a_pickle_with_code_in_it_is_not_run(tmp_path, capsys):
    path = tmp_path / "harm.pth"
    torch.save({"conv1.weight": _Harm()}, path)
    with pytest.raises(WeightsError, match="could run code"):
        weights.read(path)
    assert "code was run" not in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"not weights at all", b"PK\x03\x04broken", b"\xff" * 64])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_damaged_file_is_a_sentence(tmp_path, content, suffix):
    path = tmp_path / f"bad{suffix}"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"bad"):
        weights.load_backbone(network.Classifier("resnet18", 2, 64), weights.resolve(str(path), "resnet18"))


def test_numbers_that_are_not_finite_are_refused(tmp_path):
    path = tmp_path / "nan.safetensors"
    safetensors.torch.save_file({"a": torch.tensor([float("nan")])}, path)
    with pytest.raises(WeightsError, match="not finite"):
        weights.read(path)


def test_a_missing_file_says_what_may_be_chosen():
    with pytest.raises(WeightsError, match="auto, imagenet, starter, none"):
        weights.resolve("nothing-there.pth", "resnet18")


def test_a_file_in_the_workspace_goes_by_its_name_and_is_listed():
    folder = workspace.weights_folder()
    folder.mkdir(parents=True)
    safetensors.torch.save_file(
        {"a": torch.zeros(1)}, folder / "mine.safetensors", metadata={"image_size": "96"}
    )
    found = weights.resolve("mine.safetensors", "resnet34")
    assert (found.kind, found.image_size) == ("file", 96)
    assert json.loads(json.dumps(found.record()))["file"] == "mine.safetensors"
    specs = [choice.spec for choice in weights_menu.available("resnet34")]
    assert specs == ["imagenet", "mine.safetensors", "none"]
    assert [choice.spec for choice in weights_menu.available("resnet18")][1] == "starter"


def test_position_embeddings_are_stretched_to_another_image_size(tmp_path):
    from torchvision.models.vision_transformer import interpolate_embeddings

    old = {"encoder.pos_embedding": torch.randn(1, 1 + 16, 8)}
    target = {"encoder.pos_embedding": torch.zeros(1, 1 + 36, 8)}
    theirs = interpolate_embeddings(96, 16, dict(old))
    weights._fit_positions(old, target)
    torch.testing.assert_close(old["encoder.pos_embedding"], theirs["encoder.pos_embedding"])


def test_one_networks_imagenet_weights_want_other_pixels(workspace, tmp_path, monkeypatch):
    from torchvision import models

    file = tmp_path / "w-.pth"
    file.write_bytes(b"1")
    monkeypatch.setattr(weights_files, "imagenet_path", lambda backbone: file)
    for backbone, kind in (
        ("efficientnet_v2_l", models.EfficientNet_V2_L_Weights),
        ("efficientnet_v2_s", models.EfficientNet_V2_S_Weights),
        ("resnet18", models.ResNet18_Weights),
    ):
        found, theirs = weights_files.imagenet(backbone), kind.IMAGENET1K_V1.transforms()
        assert (list(found.mean), list(found.std)) == (theirs.mean, theirs.std)
