"""Figures as JSON can hold them."""

from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """`value` as JSON can hold it: numpy numbers become Python's, NaN and infinities become None."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, np.ndarray) and value.dtype.kind in "iu":
        return value.tolist()  # a confusion matrix of 1,000 classes is a million numbers
    if isinstance(value, np.ndarray | list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, np.bool_ | bool):
        return bool(value)
    if isinstance(value, np.integer | int):
        return int(value)
    if isinstance(value, np.floating | float):
        number = float(value)
        return number if np.isfinite(number) else None
    return value
