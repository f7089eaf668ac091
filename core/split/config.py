"""How a dataset is to be divided."""

import dataclasses
import math
import re
from typing import Any

from core.errors import SplitError

SUBSETS = ("train", "validation", "test")
GROUPINGS = "near-duplicates, parent, column:NAME, pattern:REGEX or none"


@dataclasses.dataclass(frozen=True, kw_only=True)
class SplitConfig:
    """Shares of the subsets, and what must stay together.

    group_by:     near-duplicates (clusters of copies), parent (the folder an image lies in), column:NAME
                  (of the source's table), pattern:REGEX (its first group, else the whole match, in the
                  image's path) or none.
    from_folders: take the subsets from the train, validation and test folders, or the table's subset
                  column; the shares then matter only for subsets that the source does not have.
    from_table:   the name of the file that says which image is in which subset (`core.split.listed`); shares,
                  seed and group_by then matter only for what it leaves open.
    features:     what near-duplicates were found with beyond hashes (a backbone and its weights), for the
                  record; None for hashes alone.

    Raises:
        SplitError: shares that don't add up to 1, an empty train or validation share, an unknown grouping.
    """

    train: float = 0.70
    validation: float = 0.15
    test: float = 0.15
    seed: int = 0
    group_by: str = "near-duplicates"
    from_folders: bool = False
    from_table: str | None = None
    features: str | None = None

    def __post_init__(self) -> None:
        shares = self.shares
        if not all(math.isfinite(share) and 0 <= share <= 1 for share in shares.values()):
            raise SplitError(f"Each share must lie between 0 and 1; found {_listed(shares)}.")
        if abs(sum(shares.values()) - 1) > 1e-6:
            raise SplitError(
                f"The shares must add up to 1; {_listed(shares)} add up to {sum(shares.values()):.4g}. "
                "Leave 0.7, 0.15 and 0.15 if in doubt."
            )
        if self.train == 0 or self.validation == 0:
            raise SplitError("Train and validation must both get images; only test may be 0.")
        if not 0 <= self.seed < 2**63:
            raise SplitError(f"The seed must be a whole number from 0; found {self.seed}.")
        if self.from_folders and self.from_table is not None:
            raise SplitError("Take the subsets from the folders or from a table, not from both.")
        self._check_grouping()

    @property
    def is_taken(self) -> bool:
        """Whether folders or a table decide, not the shares."""
        return self.from_folders or self.from_table is not None

    @property
    def shares(self) -> dict[str, float]:
        """Subset to its share of the images."""
        return {subset: float(getattr(self, subset)) for subset in SUBSETS}

    def group_in_words(self) -> str:
        """What stays together, in words: "copies of the same picture", "images of the same folder"."""
        kind, _, detail = self.group_by.partition(":")
        return {
            "near-duplicates": "copies of the same picture",
            "parent": "images of the same folder",
            "column": f"images with the same {detail}",
            "pattern": f"images whose names match {detail}",
        }.get(kind, "nothing")

    def in_words(self) -> str:
        """What decided: "by near-duplicates", "as its folders say", "as split.csv says"."""
        if self.from_table is not None:
            return f"as {self.from_table} says"
        return "as its folders say" if self.from_folders else f"by {self.group_by}"

    def to_dict(self) -> dict[str, Any]:
        """What JSON keeps of it."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "SplitConfig":
        """The configuration that `to_dict` was given."""
        known = {field.name for field in dataclasses.fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})

    def _check_grouping(self) -> None:
        kind, _, detail = self.group_by.partition(":")
        if kind in ("near-duplicates", "parent", "none") and not detail:
            return
        if kind not in ("column", "pattern") or not detail:
            raise SplitError(f"Images cannot be grouped by {self.group_by!r}; use {GROUPINGS}.")
        if kind == "pattern":
            try:
                re.compile(detail)
            except re.error as error:
                raise SplitError(f"The pattern {detail!r} is no regular expression: {error}.") from None


def shares_of(*, train: float, validation: float, test: float) -> dict[str, float]:
    """The shares that percentages stand for, as `SplitConfig` takes them.

    Raises:
        SplitError: the percentages don't add up to 100.
    """
    percentages = {"train": train, "validation": validation, "test": test}
    total = sum(percentages.values())
    if abs(total - 100) > 1e-4:
        least = "less" if total > 100 else "more"
        raise SplitError(
            f"{train:g} + {validation:g} + {test:g} make {total:g} %, and all together must be 100 %: give "
            f"one of them {abs(total - 100):g} {least}."
        )
    return {name: value / 100 for name, value in percentages.items()}


def _listed(shares: dict[str, float]) -> str:
    return ", ".join(f"{name} {share:g}" for name, share in shares.items())
