"""A division made anew after a dataset has grown: what has been decided stays decided."""

from collections.abc import Mapping, Sequence

ORDER = ("test", "validation", "train")
"""Where members of one group lay apart, the group goes to the first of these: what has judged before must
never be learnt from afterwards."""


def keep(
    paths: Sequence[str], groups: Sequence[str], subsets: Sequence[str], earlier: Mapping[str, str]
) -> list[str]:
    """The subset of each image: as in `earlier` (path to subset) for it and its group, else as in `subsets`.

    So a new image that must stay together with one of the earlier test goes to the test too.
    """
    held: dict[str, str] = {}
    for path, group in zip(paths, groups, strict=True):
        subset = earlier.get(path)
        if subset is not None and (group not in held or ORDER.index(subset) < ORDER.index(held[group])):
            held[group] = subset
    return [held.get(group, subset) for group, subset in zip(groups, subsets, strict=True)]
