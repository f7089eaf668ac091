"""Subsets that the source itself names: train, validation and test folders, or a subset column."""

from collections.abc import Sequence

from core.errors import SplitError
from core.split import assign as assigning
from core.split import coverage
from core.split.config import SplitConfig


def assign(
    paths: Sequence[str],
    labels: Sequence[str],
    groups: Sequence[str],
    named: Sequence[str | None],
    config: SplitConfig,
) -> list[str]:
    """The subset of each image as the source names it.

    A source without validation images gives up part of train for them: the share that validation has of
    train and validation together. A source without test images leaves test empty.

    Raises:
        SplitError: the source names no subsets, leaves images out, or has no train images of a class.
    """
    nameless = [path for path, subset in zip(paths, named, strict=True) if subset is None]
    if len(nameless) == len(paths):
        raise SplitError(
            "The dataset's source names no subsets. It needs train, validation and test folders, or a table "
            "with a subset column; else divide it by percentages."
        )
    if nameless:
        raise SplitError(
            f"{len(nameless)} of {len(paths)} images have no subset, the first {nameless[0]!r}. Name "
            "a subset for every image, exclude them, or divide by percentages."
        )
    subsets = [str(subset) for subset in named]
    if "train" not in subsets:
        raise SplitError(f"The source names no train images, only {' and '.join(sorted(set(subsets)))}.")
    assigning.check_classes(labels, paths)
    coverage.check(labels, subsets)
    return subsets if "validation" in subsets else _with_validation(paths, labels, groups, subsets, config)


def _with_validation(
    paths: Sequence[str],
    labels: Sequence[str],
    groups: Sequence[str],
    subsets: list[str],
    config: SplitConfig,
) -> list[str]:
    train = [number for number, subset in enumerate(subsets) if subset == "train"]
    share = config.validation / (config.train + config.validation)
    divided = assigning.assign(
        [paths[number] for number in train],
        [labels[number] for number in train],
        [groups[number] for number in train],
        {"train": 1 - share, "validation": share},
        config.seed,
    )
    result = list(subsets)
    for number, subset in zip(train, divided, strict=True):
        result[number] = subset
    return result
