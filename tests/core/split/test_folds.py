"""Folds: stratified, groups whole, as many as asked for where the images allow it."""

import numpy as np
import pytest
from sklearn.model_selection import StratifiedGroupKFold

from core.errors import SplitError
from core.split import folds


@pytest.mark.parametrize("k", [2, 5, 8])
def test_classes_are_spread_evenly_over_k_folds_and_groups_stay_whole(k: int) -> None:
    labels = np.repeat([0, 1, 2], 80)
    groups = np.arange(240) // 2
    found = folds.assign(labels, groups, folds=k, seed=0)
    assert all(len(set(found[groups == group])) == 1 for group in range(120))
    for label in range(3):
        assert np.bincount(found[labels == label], minlength=k).tolist() == [80 // k] * k


def test_with_uneven_groups_they_are_as_even_as_scikit_learns() -> None:
    random = np.random.default_rng(0)
    labels, groups = random.integers(0, 3, 300), random.integers(0, 60, 300)

    def unevenness(fold_of: np.ndarray) -> float:
        counts = np.array([np.bincount(labels[fold_of == fold], minlength=3) for fold in range(5)])
        return float(counts.std(0).sum())

    theirs = np.zeros(300, np.int64)
    splitter = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    for fold, (_, held_out) in enumerate(splitter.split(labels, labels, groups)):
        theirs[held_out] = fold
    assert unevenness(folds.assign(labels, groups, folds=5, seed=0)) <= 1.2 * unevenness(theirs)


def test_small_classes_get_fewer_folds_and_at_least_two() -> None:
    few = np.array([0] * 20 + [1] * 3)
    assert folds.assign(few, np.arange(23), folds=10, seed=0).max() == 2
    one = np.array([0] * 20 + [1])
    assert folds.assign(one, np.arange(21), folds=10, seed=0).max() == 1


def test_a_seed_gives_the_same_folds_again_and_another_seed_others() -> None:
    labels, groups = np.repeat([0, 1], 30), np.arange(60)
    first = folds.assign(labels, groups, folds=4, seed=7)
    assert (first == folds.assign(labels, groups, folds=4, seed=7)).all()
    assert (first != folds.assign(labels, groups, folds=4, seed=8)).any()


def test_one_fold_is_none() -> None:
    with pytest.raises(SplitError, match="at least 2 folds; found 1"):
        folds.assign(np.array([0, 1]), np.arange(2), folds=1, seed=0)
