import concurrent.futures

import numpy as np
import pytest
import torch

from core.errors import ImageError, InferenceError
from core.inference import predictor
from core.inference.explain import gradcam, occlusion, reasons
from core.model import network


def _hooks(model):
    return sum(len(m._forward_hooks) + len(m._backward_hooks) for m in model.modules())


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "convnext_tiny"])
def test_it_is_pytorch_grad_cams(name):
    reference = pytest.importorskip(
        "pytorch_grad_cam", reason="the reference implementation is not installed"
    )
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    torch.manual_seed(0)
    model = network.Classifier(name, 3, 96).eval()
    x = torch.randn(1, 3, 96, 96)
    ours = gradcam.maps(model, x.clone(), 1)[0].numpy()
    with reference.GradCAM(model=model, target_layers=[gradcam.target_layer(model)]) as cam:
        cam(input_tensor=x, targets=[ClassifierOutputTarget(1)])
        raw = cam.get_cam_image(
            x,
            cam.target_layers[0],
            [ClassifierOutputTarget(1)],
            cam.activations_and_grads.activations[0].detach().numpy(),
            cam.activations_and_grads.gradients[0].detach().numpy(),
            False,
        )
    theirs = np.maximum(raw[0], 0)
    np.testing.assert_allclose(ours, theirs, atol=1e-4 * max(1.0, float(theirs.max())))
    np.testing.assert_allclose(ours / ours.max(), theirs / theirs.max(), atol=1e-4)


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "convnext_tiny"])
def test_the_model_is_left_as_it_was_also_after_an_error(name):
    model = network.Classifier(name, 2, 64).eval()
    modules = list(model.modules())
    gradcam.maps(model, torch.randn(1, 3, 64, 64), 0)
    with pytest.raises(RuntimeError):
        gradcam.maps(model, torch.randn(1, 5, 64, 64), 0)
    with pytest.raises(IndexError):
        gradcam.maps(model, torch.randn(1, 3, 64, 64), 7)
    assert _hooks(model) == 0
    assert list(model.modules()) == modules
    assert all(parameter.grad is None for parameter in model.parameters())


def test_occlusion_leaves_no_hooks_either(workspace, tiny_folder, maker):
    model = predictor.load(maker(tiny_folder, "vit_b_16", 32).id)
    with pytest.raises(AssertionError, match="image"):  # torchvision's own: another size
        occlusion.map_(model.fast, torch.zeros(1, 3, 48, 48), 0)
    found = reasons.explain(model, tiny_folder / "red" / "00.png")
    assert (found.method, found.heat.shape) == ("occlusion", (7, 7))
    assert _hooks(model.fast) == 0


def test_many_threads_explain_and_answer_with_one_model(run, tiny_folder):
    model = predictor.load(run.id)
    pixels = [model.transform.read(path) for path in sorted(tiny_folder.glob("*/*.png"))[::5]]
    alone = [reasons.of_pixels(model, one, "red").heat for one in pixels]
    logits = [model.answer_pixels(one[None])[0].logits for one in pixels]

    def ask(number):
        place = number % len(pixels)
        if number % 3:
            heat = reasons.of_pixels(model, pixels[place], "red").heat
            return np.abs(heat - alone[place]).max()
        return np.abs(np.subtract(model.answer_pixels(pixels[place][None])[0].logits, logits[place])).max()

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        differences = list(pool.map(ask, range(160)))
    assert max(differences) < 1e-3
    assert _hooks(model.fast) == 0


def test_occlusion_finds_the_only_place_that_matters():
    class TopLeft(torch.nn.Module):
        """Class 1 is as probable as the top left corner is bright."""

        def forward(self, x):
            bright = x[:, :, :10, :10].mean((1, 2, 3))
            return torch.stack([torch.zeros_like(bright), 5 * bright], dim=1)

    heat = occlusion.map_(TopLeft(), torch.ones(1, 3, 70, 70), 1, cells=7)
    assert heat.argmax() == 0
    assert (heat.flatten()[1:] == 0).all()


def test_an_explanation_of_any_class(run, tiny_folder):
    model = predictor.load(run.id)
    source = (tiny_folder / "red" / "00.png").read_bytes()
    answer = model.predict([source])[0].label
    assert reasons.explain(model, source).label == answer
    heats = [reasons.explain(model, source, label).heat for label in model.classes]
    assert all(heat.min() >= 0 and heat.max() <= 1 for heat in heats)
    assert not np.array_equal(heats[0], heats[1])
    with pytest.raises(InferenceError, match="no class 'wasp'"):
        reasons.explain(model, source, "wasp")
    with pytest.raises(ImageError):
        reasons.explain(model, b"nothing")


def test_the_overlay_is_the_image_where_nothing_speaks_and_red_where_most_does():
    heat = np.zeros((8, 8), np.float32)
    heat[:4, :4] = 1.0
    pixels = np.full((64, 64, 3), 100, np.uint8)
    shown = np.asarray(
        reasons.Explanation(label="a", method="Grad-CAM", heat=heat, pixels=pixels).overlay(1.0)
    )
    assert shown.shape == (64, 64, 3)
    np.testing.assert_allclose(shown[60, 60], 100, atol=2)
    assert shown[5, 5, 0] > 100 > shown[5, 5, 2]
    plain = reasons.Explanation(label="a", method="Grad-CAM", heat=heat, pixels=pixels).overlay(0.0)
    np.testing.assert_array_equal(np.asarray(plain), pixels)
