"""A network in two formats that need none of Fieldguide: ONNX, and a program of `torch.export`."""

import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from core.errors import ExportError
from core.model import network

OPSET = 17
MOST_IN_BATCH = 4096


class Seeing(nn.Module):
    """What a bundle asks of a network: (batch, 3, S, S) -> logits and features, or one of them."""

    def __init__(self, model: network.Classifier, outputs: tuple[str, ...]) -> None:
        super().__init__()
        self.model, self.outputs = model, outputs

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """The outputs, in the order in which they were named."""
        features = self.model.features(pixels)
        return tuple(
            self.model.classifier(features) if name == "logits" else features for name in self.outputs
        )


def to_onnx(model: network.Classifier, target: Path, outputs: tuple[str, ...] = ("logits",)) -> None:
    """Write `model` as ONNX: "pixels" (batch, 3, S, S) float32 -> `outputs`, each (batch, n).

    Raises:
        ExportError: the network holds something that ONNX has no word for.
    """
    quick = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # ONNX has no such shortcut through a transformer
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter announces a successor that needs more packages
            torch.onnx.export(
                Seeing(model, outputs).eval(),
                (_example(model),),
                str(target),
                input_names=["pixels"],
                output_names=list(outputs),
                dynamic_axes={name: {0: "batch"} for name in ("pixels", *outputs)},
                opset_version=OPSET,
                dynamo=False,
            )
    except torch.onnx.OnnxExporterError as error:
        raise ExportError(f"{model.backbone_name} cannot be written as ONNX: {error}") from error
    finally:
        torch.backends.mha.set_fastpath_enabled(quick)


def to_program(model: network.Classifier, target: Path, outputs: tuple[str, ...] = ("logits",)) -> None:
    """Write `model` as a program for `torch.export.load`, with the same input and outputs as `to_onnx`.

    Raises:
        ExportError: torch cannot trace the network for a batch of any size.
    """
    batch = torch.export.Dim("batch", min=1, max=MOST_IN_BATCH)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.export.export(
                Seeing(model, outputs).eval(), (_example(model),), dynamic_shapes={"pixels": {0: batch}}
            )
            torch.export.save(program, target)
    except Exception as error:  # torch.export raises what it likes, from many places
        said = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
        raise ExportError(
            f"{model.backbone_name} cannot be written as a program of torch.export ({said}). Choose --format "
            "onnx."
        ) from error


def _example(model: network.Classifier) -> Tensor:
    return torch.zeros(2, 3, model.image_size, model.image_size)
