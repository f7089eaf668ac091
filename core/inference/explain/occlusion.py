"""Occlusion (Zeiler and Fergus 2014): how much the answer suffers where a patch of the image is hidden.

Works for every network, and costs one forward pass for each patch.
"""

import torch
from torch import Tensor

from core.model import network

CELLS = 7
_BATCH = 16


def map_(model: network.Classifier, x: Tensor, class_index: int, *, cells: int = CELLS) -> Tensor:
    """How much hiding each cell of a grid lowers a class's probability: (1, 3, S, S) -> (cells, cells).

    Cells whose hiding raises it get 0. A hidden cell gets the mean colour, 0 after normalisation.
    """
    hidden = torch.cat([_hide(x, row, column, cells) for row in range(cells) for column in range(cells)])
    with torch.inference_mode():
        whole = model(x).softmax(dim=1)[0, class_index]
        parts = [model(part).softmax(dim=1)[:, class_index] for part in hidden.split(_BATCH)]
    return torch.relu(whole - torch.cat(parts)).view(cells, cells)


def _hide(x: Tensor, row: int, column: int, cells: int) -> Tensor:
    edges = torch.linspace(0, x.shape[-1], cells + 1).round().int().tolist()
    copy = x.clone()
    copy[:, :, edges[row] : edges[row + 1], edges[column] : edges[column + 1]] = 0
    return copy
