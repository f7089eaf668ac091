"""The learning rate over a run, as a part of its peak: a function of how far the run is."""

import math

WARM_UP_SHARE = 0.25
START_FACTOR = 0.04
END_FACTOR = 0.01


def factor(share: float, schedule: str) -> float:
    """The learning rate at `share` (0 to 1) of its course, as a part of its peak; 0 before it sets off.

    one-cycle: a cosine up over the first quarter, a cosine down over the rest (Smith and Topin, 2018).
    cosine: a straight warm-up over the first 5 %, then a cosine down. constant: the warm-up, then the peak.
    """
    if share < 0:
        return 0.0
    if schedule == "one-cycle":
        if share < WARM_UP_SHARE:
            return _cosine(START_FACTOR, 1.0, share / WARM_UP_SHARE)
        return _cosine(1.0, END_FACTOR, (share - WARM_UP_SHARE) / (1 - WARM_UP_SHARE))
    if share < 0.05:
        return START_FACTOR + (1 - START_FACTOR) * share / 0.05
    return 1.0 if schedule == "constant" else _cosine(1.0, END_FACTOR, (share - 0.05) / 0.95)


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * min(share, 1.0))) / 2
