"""The head alone: logistic regression on frozen features, its penalty chosen by cross-validation."""

import dataclasses

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from core.split import folds as splitting

STRENGTHS = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)
"""Candidates for the penalty on squared weights, strongest first."""
ITERATIONS = 60
GRADIENT, CHANGE = 1e-5, 1e-7
"""Where a fit is at its end: finer steps drown in the rounding of fp32, and take twice the time."""
WORSE_IN_A_ROW = 2


@dataclasses.dataclass(frozen=True)
class Head:
    """A linear head: logits are `features @ weight.T + bias`.

    weight: (n_classes, n_features); bias: (n_classes,). Standardisation is folded in.
    """

    weight: np.ndarray
    bias: np.ndarray

    def logits(self, features: np.ndarray) -> np.ndarray:
        """(n, n_features) -> (n, n_classes)."""
        return features @ self.weight.T + self.bias


@dataclasses.dataclass(frozen=True, kw_only=True)
class Chosen:
    """A strength, and what cross-validation with it answered: `out_of_fold` (n, n_classes) logits."""

    strength: float
    losses: dict[float, float]
    out_of_fold: np.ndarray


def fit(
    features: np.ndarray,
    labels: np.ndarray,
    strength: float,
    weights: np.ndarray,
    *,
    start: Head | None = None,
) -> Head:
    """Minimise mean weighted cross-entropy + strength / 2 * squared weights of standardised features.

    `features` (n, n_features), `labels` (n,), `weights` (n_classes,) what each class's images count. The
    problem is convex: `start` only saves time.
    """
    mean, spread = features.mean(0), features.std(0) + 1e-6
    x = torch.from_numpy(((features - mean) / spread).astype(np.float32))  # (n, n_features)
    y = torch.tensor(labels)  # a copy: a table may lend its memory read-only
    share = torch.from_numpy(weights.astype(np.float32))[y]
    weight, bias = _begin(start, mean, spread, len(weights), x.shape[1])
    optimizer = torch.optim.LBFGS(
        [weight, bias],
        max_iter=ITERATIONS,
        tolerance_grad=GRADIENT,
        tolerance_change=CHANGE,
        line_search_fn="strong_wolfe",
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        errors = F.cross_entropy(x @ weight.T + bias, y, reduction="none")  # (n,)
        total = (errors * share).sum() / share.sum() + strength / 2 * weight.square().sum()
        total.backward()
        return total

    optimizer.step(loss)
    found = weight.detach().numpy().astype(np.float64) / spread
    return Head(found.astype(np.float32), (bias.detach().numpy() - found @ mean).astype(np.float32))


def choose(
    features: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    weights: np.ndarray,
    *,
    seed: int,
    folds: int = 5,
) -> Chosen:
    """Find the strength with the least out-of-fold log loss; images of a group stay in one of the `folds`.

    Strengths are tried from the strongest on, until two in a row made it worse.
    """
    fold_of = splitting.assign(labels, groups, folds=folds, seed=seed)
    losses: dict[float, float] = {}
    best = np.zeros((len(labels), len(weights)), np.float32)
    starts: dict[int, Head] = {}
    for strength in STRENGTHS:
        scores = np.zeros_like(best)
        for fold in np.unique(fold_of):
            inside = fold_of != fold
            starts[fold] = fit(features[inside], labels[inside], strength, weights, start=starts.get(fold))
            scores[~inside] = starts[fold].logits(features[~inside])
        losses[strength] = log_loss(scores, labels)
        if losses[strength] == min(losses.values()):
            best = scores
        if list(losses).index(min(losses, key=losses.__getitem__)) <= len(losses) - 1 - WORSE_IN_A_ROW:
            break
    return Chosen(strength=min(losses, key=losses.__getitem__), losses=losses, out_of_fold=best)


def log_loss(logits: np.ndarray, labels: np.ndarray) -> float:
    """Mean cross-entropy of logits (n, n_classes) for labels (n,)."""
    return float(F.cross_entropy(torch.from_numpy(logits).double(), torch.tensor(labels)))


def _begin(
    start: Head | None, mean: np.ndarray, spread: np.ndarray, n_classes: int, n_features: int
) -> tuple[Tensor, Tensor]:
    """Weights to start from, in standardised features."""
    if start is None:
        weight, bias = torch.zeros(n_classes, n_features), torch.zeros(n_classes)
    else:
        weight = torch.from_numpy((start.weight * spread).astype(np.float32))
        bias = torch.from_numpy((start.bias + start.weight @ mean).astype(np.float32))
    return weight.requires_grad_(), bias.requires_grad_()
