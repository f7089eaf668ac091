"""Images that stand out: too dark, too bright, blank, blurred, tiny or strangely shaped."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Limit:
    """Where a number becomes a finding, and what is then said of the image."""

    feature: str
    low: float = -np.inf
    high: float = np.inf
    reason: str


LIMITS = (
    Limit(feature="contrast", low=4.0, reason="almost one even tone"),
    Limit(feature="brightness", low=20.0, reason="very dark"),
    Limit(feature="brightness", high=245.0, reason="very bright"),
    Limit(feature="short_side", low=32.0, reason="very small"),
    Limit(feature="elongation", high=4.0, reason="very long and narrow"),
)
BLUR_BELOW = 0.02  # of the dataset's median sharpness


def find(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The outstanding images of a dataset's table: path, feature, value and reason, worst first per feature.

    Blur is judged against the dataset itself: a median image is taken to be sharp enough. So are size and
    brightness where the whole dataset lies beyond a limit (tiny digits on black): what holds for more
    than half of the images is no exception.
    """
    numbers = pd.DataFrame(
        {
            "contrast": table["contrast"],
            "brightness": table["brightness"],
            "sharpness": table["sharpness"],
            "short_side": table[["width", "height"]].min(axis=1),
            "elongation": table[["width", "height"]].max(axis=1) / table[["width", "height"]].min(axis=1),
        }
    )
    blur = Limit(
        feature="sharpness", low=BLUR_BELOW * float(numbers["sharpness"].median()), reason="very blurred"
    )
    found = []
    for limit in (*LIMITS, blur):
        values = numbers[limit.feature]
        beyond = (values < limit.low) | (values > limit.high)
        if beyond.mean() <= 0.5:
            ranked = values[beyond].sort_values(ascending=np.isfinite(limit.low), kind="stable")
            found += [_finding(table, row, limit, float(value)) for row, value in ranked.items()]
    return found


def _finding(table: pd.DataFrame, row: Any, limit: Limit, value: float) -> dict[str, Any]:
    path = table["path"].loc[row]
    return {"path": path, "feature": limit.feature, "value": round(value, 2), "reason": limit.reason}
