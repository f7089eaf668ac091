"""How near the sizes of a split came to what was asked for."""

from dataclasses import dataclass

from core.split.config import SUBSETS
from core.split.store import Split


@dataclass(frozen=True, kw_only=True)
class Size:
    """One subset's images. share: of all images. asked: the share that was asked for; None if none was."""

    subset: str
    n: int
    share: float
    asked: float | None


def of(split: Split) -> list[Size]:
    """The sizes of train, validation and test."""
    counts, total = split.counts(), len(split.table)
    sizes = [(subset, sum(counts[subset].values())) for subset in SUBSETS]
    asked = {} if split.config.is_taken else split.config.shares
    return [Size(subset=one, n=n, share=n / total, asked=asked.get(one)) for one, n in sizes]


def sentence(split: Split) -> str:
    """What was asked, what it came to, and why it did not come nearer; "" where no sizes were asked for."""
    if split.config.is_taken:
        return ""
    found, total, groups = of(split), len(split.table), split.groups()
    off = max(abs(one.n - (one.asked or 0) * total) for one in found)
    whole = f"{groups['groups']:,} group{'s' * (groups['groups'] != 1)} of up to {groups['largest']} images"
    if off < 1:
        kept = f", and {whole} stay whole" if groups["groups"] else ""
        near = (
            "what you asked for, to the image" if off < 1e-6 else "less than one image off what you asked for"
        )
        return f"The sizes are {near}{kept}."
    asked = " / ".join(f"{100 * (one.asked or 0):g}" for one in found)
    came = " / ".join(f"{100 * one.share:.1f}" for one in found)
    why = f"{whole} stay whole" if groups["groups"] else "every class is divided in whole images"
    return (
        f"You asked for {asked} %; it came to {came} %, at most {off:.0f} image{'s' * (round(off) != 1)} "
        f"off, because {why}."
    )
