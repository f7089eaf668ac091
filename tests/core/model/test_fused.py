import threading

import pytest
import torch
from torch import nn

from core.model import catalog, fused, network


def lively(name: str) -> network.Classifier:
    """A random network whose BatchNorm statistics are not the trivial ones."""
    torch.manual_seed(0)
    model = network.Classifier(name, 3, catalog.BACKBONES[name].image_size).eval()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    return model


@pytest.mark.parametrize("name", sorted(catalog.BACKBONES))
def test_a_fused_copy_gives_the_same_logits(name: str) -> None:
    model = lively(name)
    images = torch.rand(2, 3, 224, 224)
    quick = fused.fuse(model)
    with torch.inference_mode():
        torch.testing.assert_close(quick(images), model(images), rtol=1e-4, atol=1e-4)


CONVOLUTIONAL = ["resnet18", "resnet50", "mobilenet_v2", "mobilenet_v3_large", "efficientnet_b0"]


@pytest.mark.parametrize("name", CONVOLUTIONAL)
def test_no_batch_norm_is_left_and_the_original_keeps_its_own(name: str) -> None:
    model = lively(name)
    quick = fused.fuse(model)
    assert not [module for module in quick.modules() if isinstance(module, nn.BatchNorm2d)]
    assert [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]


def test_models_answer_in_other_threads_while_one_is_fused() -> None:
    answering, images = lively("resnet18"), torch.rand(1, 3, 64, 64)
    failures: list[BaseException] = []
    done = threading.Event()

    def answer() -> None:
        with torch.inference_mode():
            while not done.is_set():
                try:
                    answering(images)
                except Exception as error:
                    failures.append(error)
                    return

    thread = threading.Thread(target=answer)
    thread.start()
    for _ in range(3):
        fused.fuse(answering)
    done.set()
    thread.join()
    assert failures == []
