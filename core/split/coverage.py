"""Whether every class is where it is needed, for divisions that folders or a table made."""

from collections import Counter
from collections.abc import Sequence

from core.errors import SplitError

_MEANS = {
    "validation": "they have no say in which epoch is the best",
    "test": "the final grade says nothing of them",
}
_NAMED = 5  # classes that a sentence lists


def check(labels: Sequence[str], subsets: Sequence[str]) -> list[str]:
    """Refuse classes that nothing can be learned of; say in words which ones cannot be judged.

    `labels` and `subsets` (n_images,) belong together. Returns one sentence for validation and one for test
    where classes are missing there; an empty test subset is no news to anyone and needs none.

    Raises:
        SplitError: a class has no train images.
    """
    counts = Counter(zip(labels, subsets, strict=True))
    classes = sorted(set(labels))
    unlearned = [label for label in classes if not counts[label, "train"]]
    if unlearned:
        one, places = unlearned[0], sorted({subset for label, subset in counts if label == unlearned[0]})
        n = sum(counts[one, place] for place in places)
        raise SplitError(
            f"{listed(unlearned)} no train images, so nothing can be learned of "
            f"{'it' if len(unlearned) == 1 else 'them'}: the {n} image{'s' * (n != 1)} of {one!r} "
            f"{'are' if n != 1 else 'is'} in {' and '.join(places)}. Move some to train, leave the class "
            "out, or divide by percentages."
        )
    return [
        f"{listed(missing)} no {subset} images: {means}."
        for subset, means in _MEANS.items()
        if subset in subsets and (missing := [label for label in classes if not counts[label, subset]])
    ]


def listed(labels: Sequence[str]) -> str:
    """The subject of a sentence: "Class 'a' has", "Classes 'a', 'b' and 3 more have"."""
    if len(labels) == 1:
        return f"Class {labels[0]!r} has"
    more = len(labels) - _NAMED
    return f"Classes {', '.join(map(repr, labels[:_NAMED]))}{f' and {more} more' if more > 0 else ''} have"
