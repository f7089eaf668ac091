"""Features of a dataset's images, for the commands that look deeper than hashes."""

from typing import TYPE_CHECKING, Any

import click

from core.progress import Progress

if TYPE_CHECKING:
    import numpy as np

    from core.data.datasets import Dataset

backbone_option = click.option("--backbone", default=None, help="Look with the features of this backbone.")
weights_option = click.option(
    "--weights",
    default="auto",
    show_default=True,
    help="Its weights: auto, imagenet, starter, none or a file.",
)


def of_dataset(
    dataset: "Dataset", backbone: str, weights: str, progress: Progress
) -> "tuple[np.ndarray, str]":
    """Features (n_images, n_features) in the order of the dataset's table, and what they were made with.

    Raises:
        WeightsError: the weights cannot be had, or do not fit the backbone.
    """
    from core.features import extract
    from core.model import catalog
    from core.model import weights as weights_module
    from core.model.transform import EvalTransform

    catalog.check(backbone)
    resolved: Any = weights_module.resolve(weights, backbone)
    transform = EvalTransform.for_size(resolved.image_size, resolved.mean, resolved.std)
    files = dataset.files(dataset.table["path"].tolist())
    hashes = dataset.table["sha256"].tolist()
    found = extract.features(files, backbone, resolved, transform, hashes=hashes, progress=progress)
    return found, f"{backbone} with {resolved.kind} weights"
