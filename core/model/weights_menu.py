"""The pretrained weights that a person may choose from, told without torch."""

from dataclasses import dataclass

from core.model import weights_files


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One entry of a menu of weights: `spec` is what `resolve` takes."""

    spec: str
    title: str
    ready: bool
    note: str


def available(backbone: str) -> list[Choice]:
    """What a person may choose for `backbone`, in the order in which `auto` looks.

    A choice that is not `ready` needs a download, or cannot be had at all.
    """
    choices = [_imagenet_choice(backbone)]
    if backbone == weights_files.STARTER_BACKBONE and weights_files.STARTER.exists():
        choices.append(Choice(spec="starter", title="Starter", ready=True, note="comes with Fieldguide"))
    choices += [
        Choice(spec=path.name, title=path.name, ready=True, note="a file in the workspace")
        for path in weights_files.files()
    ]
    return [
        *choices,
        Choice(spec="none", title="None", ready=True, note="random, learns from your images only"),
    ]


def _imagenet_choice(backbone: str) -> Choice:
    if weights_files.imagenet(backbone) is not None:
        return Choice(spec="imagenet", title="ImageNet", ready=True, note="torchvision's, on this disk")
    damaged = weights_files.imagenet_path(backbone).exists()
    note = "the file on this disk is damaged: to be downloaded anew" if damaged else "to be downloaded once"
    return Choice(spec="imagenet", title="ImageNet", ready=False, note=f"torchvision's, {note}")
