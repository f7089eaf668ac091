import numpy as np
import pytest
from scipy.spatial import distance as scipy_distance
from sklearn.neighbors import NearestNeighbors

from core.errors import ConfigError
from core.inference import distance, neighbours, predictor, unknown


def _known(n=120, f=8, seed=0):
    random = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    return random.normal(size=(n, f)) + 4 * np.eye(3, f)[labels], labels


def test_the_first_distance_is_mahalanobis_as_scipy_has_it():
    values, labels = _known()
    means, precision = distance.shared_shape(values, labels)
    ours = distance.mahalanobis(values[:5], means, precision)
    theirs = [min(scipy_distance.mahalanobis(v, m, precision) ** 2 for m in means) for v in values[:5]]
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_the_nearest_are_scikit_learns():
    values, _ = _known()
    theirs, _ = NearestNeighbors(n_neighbors=5, metric="cosine").fit(values).kneighbors(values[:7])
    np.testing.assert_allclose(distance.nearest(values[:7], distance.unit(values)), theirs, atol=1e-9)


def test_a_twentieth_of_fresh_known_images_lies_beyond_the_95th_percentile():
    values, labels = _known(600)
    fresh, _ = _known(600, seed=1)
    reference, measured = distance.fit(values, labels)
    beyond = (reference.distances(fresh) > np.quantile(measured, 0.95)).mean()
    assert 0.02 < beyond < 0.09


def test_another_kind_lies_far():
    values, labels = _known()
    reference, measured = distance.fit(values, labels)
    other = np.random.default_rng(2).normal(size=(50, 8)) + 12 * np.eye(1, 8, 6)
    assert (reference.distances(other) > measured.max()).mean() > 0.9


def test_more_features_than_images_and_constant_ones_do_no_harm():
    values, labels = _known(30, 100)
    values[:, 50:] = 1.0
    reference, measured = distance.fit(values, labels)
    assert np.isfinite(measured).all() and np.isfinite(reference.distances(values)).all()


def test_the_share_that_is_turned_away_is_the_persons(run):
    unknown.ensure(run)
    known = unknown.load(run)
    for share in (0.05, 0.2, 0.5):
        changed = known.turning_away(share)
        assert (changed.measured > changed.cutoff).mean() == pytest.approx(share, abs=0.04)
    with pytest.raises(ConfigError):
        known.turning_away(0.9)


def test_too_few_images_leave_the_question_open(run):
    table = run.manifest().groupby("class_index").head(1)
    table.to_parquet(run.folder / "manifest.parquet")
    assert unknown.ensure(run) is False
    assert unknown.load(run) is None


def test_the_nearest_training_image_of_a_training_image_is_itself(run, tiny_folder):
    unknown.ensure(run)
    model = predictor.load(run.id)
    row = run.manifest().query("subset == 'train'").iloc[3]
    pixels = model.transform.read(tiny_folder / row["path"])
    (found,) = neighbours.nearest(model.known, pixels[None], count=3)
    assert (found[0].path, found[0].label) == (row["path"], row["label"])
    assert found[0].distance == pytest.approx(0, abs=1e-6)
    assert found[0].distance <= found[1].distance <= found[2].distance


def test_images_that_come_in_groups_are_measured_by_other_groups():
    """Of fresh groups a twentieth lies beyond the line, too, and not nearly all of them."""

    def grouped(seed, n_groups=80, size=8, f=16):
        random = np.random.default_rng(seed)
        groups = np.repeat(np.arange(n_groups), size)
        labels = groups % 2
        middles = 4 * np.eye(2, f)[labels] + random.normal(size=(n_groups, f))[groups]
        return middles + 0.1 * random.normal(size=(len(groups), f)), labels, groups

    values, labels, groups = grouped(0)
    fresh, *_ = grouped(1)
    alone, alone_measured = distance.fit(values, labels)
    reference, measured = distance.fit(values, labels, groups)
    assert (alone.distances(fresh) > np.quantile(alone_measured, 0.95)).mean() > 0.5
    assert (reference.distances(fresh) > np.quantile(measured, 0.95)).mean() < 0.15


def test_a_class_of_one_group_is_known_all_the_same():
    values, labels = _known(60)
    groups = np.where(labels == 2, 0, 1 + np.arange(60))
    _, measured = distance.fit(values, labels, groups)
    assert np.isfinite(measured).all() and measured[labels == 2].mean() < 3
