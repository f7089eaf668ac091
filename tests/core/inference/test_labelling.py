"""What to label next: a hand-worked case, and the least sure first."""

import numpy as np

from core.inference import labelling


def test_a_hand_worked_case():
    """Two classes, so p - onehot is (-u, u) with u = 1 - p: squared length 2 u^2 for unit features.

    a (u .5, east) and b (u .4, east) lie on one line: |a|^2 .5, |b|^2 .32, |a - b|^2 = 2 (.1)^2 = .02.
    c (u .3, north): |c|^2 .18; from a, at right angles, .5 + .18 = .68.
    d (u .0, west): the zero gradient, |d|^2 0.
    First a (.5 is the longest). Then each one's distance to the nearest of {0, a}: b .02, c .18, d 0.
    So c, then b (min(.32, .02, .32 + .18) = .02), then d.
    """
    shares = [[0.5, 0.5], [0.6, 0.4], [0.7, 0.3], [1.0, 0.0]]
    features = [[2.0, 0.0], [1.0, 0.0], [0.0, 5.0], [-1.0, 0.0]]
    assert labelling.rank(np.array(shares), np.array(features)).tolist() == [0, 2, 1, 3]


def test_two_alike_are_not_asked_for_one_after_the_other():
    random = np.random.default_rng(0)
    centres = np.eye(8)[:4]
    features = np.repeat(centres, 5, axis=0) + random.normal(0, 0.01, (20, 8))
    shares = np.tile([[0.55, 0.45]], (20, 1))
    first = labelling.rank(shares, features)[:4]
    assert sorted(first // 5) == [0, 1, 2, 3]  # one of each kind


def test_every_image_is_ranked_once_and_the_certain_ones_last():
    shares = np.array([[1.0, 0.0], [0.9, 0.1], [0.5, 0.5], [0.0, 1.0]])
    order = labelling.rank(shares, np.eye(4))
    assert sorted(order.tolist()) == [0, 1, 2, 3]
    assert set(order[:2].tolist()) == {1, 2}


def test_the_least_sure_come_first_and_what_has_no_answer_does_not_come():
    shares = np.array([[0.9, 0.1, 0.0], [np.nan] * 3, [0.4, 0.35, 0.25], [0.6, 0.4, 0.0]])
    assert labelling.least_sure(shares).tolist() == [2, 3, 0]
    assert labelling.least_sure(shares, most=1).tolist() == [2]
    np.testing.assert_allclose(labelling.margins(shares[[0, 2, 3]]), [0.8, 0.05, 0.2])
