"""Quick mode: a convex head on frozen features, evaluated like any other run."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from core.data import datasets
from core.inference import predictor
from core.training import forecast, head, jobs, quick, tasks


@pytest.fixture
def blobs():
    """Three classes in 20 features, overlapping: (120, 20), labels (120,)."""
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 40)
    centres = random.normal(size=(3, 20)) * 0.6
    return (centres[labels] + random.normal(size=(120, 20))).astype(np.float32), labels


def test_the_head_is_scikit_learns_logistic_regression(blobs):
    features, labels = blobs
    strength = 0.1
    found = head.fit(features, labels, strength, np.ones(3))
    standard = (features - features.mean(0)) / (features.std(0) + 1e-6)
    reference = LogisticRegression(C=1 / (strength * len(labels)), tol=1e-8, max_iter=5000).fit(
        standard, labels
    )
    ours, theirs = found.logits(features), reference.decision_function(standard)
    ours, theirs = ours - ours.mean(1, keepdims=True), theirs - theirs.mean(1, keepdims=True)
    assert np.abs(ours - theirs).max() < 0.01


def test_class_weights_are_scikit_learns(blobs):
    features, labels = blobs
    weights = np.array([1.0, 5.0, 0.5])
    found = head.fit(features, labels, 0.1, weights)
    standard = (features - features.mean(0)) / (features.std(0) + 1e-6)
    share = weights[labels].sum()
    reference = LogisticRegression(C=1 / (0.1 * share), class_weight=dict(enumerate(weights)), max_iter=5000)
    theirs = reference.fit(standard, labels).predict(standard)
    assert (found.logits(features).argmax(1) == theirs).mean() > 0.98


def test_cross_validation_prefers_a_strong_penalty_where_features_are_noise():
    random = np.random.default_rng(1)
    noise, labels = random.normal(size=(90, 30)).astype(np.float32), np.repeat([0, 1, 2], 30)
    chosen = head.choose(noise, labels, np.arange(90), np.ones(3), seed=0)
    assert chosen.strength == head.STRENGTHS[0]


@pytest.mark.parametrize("k", [2, 7])
def test_every_image_is_answered_by_a_head_that_learned_from_the_other_folds(blobs, k, monkeypatch):
    features, labels = blobs
    learned = []
    fit = head.fit
    monkeypatch.setattr(
        head, "fit", lambda x, *rest, **start: learned.append(len(x)) or fit(x, *rest, **start)
    )
    chosen = head.choose(features, labels, np.arange(120), np.ones(3), seed=0, folds=k)
    assert len(learned) == k * len(chosen.losses)
    assert sum(120 - n for n in learned[:k]) == 120


def test_the_folds_of_the_configuration_are_those_of_the_cross_validation(settings, monkeypatch):
    asked = []
    assign = head.splitting.assign
    monkeypatch.setattr(
        head.splitting, "assign", lambda *of, **how: asked.append(how["folds"]) or assign(*of, **how)
    )
    jobs.run_here(jobs.prepare(settings(mode="quick", folds=3)))
    forecast.make(settings(mode="quick", folds=4))
    assert asked == [3, 4, 4]


def test_out_of_fold_answers_are_honest(blobs):
    """On labels that mean nothing they are no better than chance, though the fit itself is perfect."""
    random = np.random.default_rng(2)
    features, labels = random.normal(size=(60, 200)).astype(np.float32), random.integers(0, 2, 60)
    chosen = head.choose(features, labels, np.arange(60), np.ones(2), seed=0)
    assert (head.fit(features, labels, 0.001, np.ones(2)).logits(features).argmax(1) == labels).all()
    assert (chosen.out_of_fold.argmax(1) == labels).mean() < 0.7


@pytest.mark.parametrize("views", [1, 2])
def test_a_quick_run_is_a_finished_run(settings, views):
    run = jobs.prepare(settings(mode="quick", views=views, backbone="resnet18", image_size=64))
    assert jobs.run_here(run) == "finished", run.status()["error"]
    predictions = run.predictions("validation")
    assert (predictions.logits.argmax(1) == predictions.true).mean() == 1.0  # red, green and blue
    assert len(run.history()) == 1


def test_a_quick_runs_stored_logits_are_what_prediction_says(settings):
    run = jobs.prepare(settings(mode="quick"))
    jobs.run_here(run)
    files = dict(zip(run.manifest()["path"], run.manifest()["file"], strict=True))
    predictions = run.predictions("test")
    answers = predictor.load(run.id).predict(
        [predictor.reading.Path(files[path]) for path in predictions.paths]
    )
    said = np.array([answer.logits for answer in answers])
    assert np.abs(said - predictions.logits).max() < 1e-3


def test_a_full_run_may_begin_with_the_head_that_fits_its_frozen_backbone(settings):
    """With rates too small to learn anything, a fitted head answers where a random one guesses."""
    still = {"epochs": 1, "learning_rate": 1e-8, "backbone_learning_rate": 0.0, "batch_norm": "frozen"}
    accuracy = {}
    for start in ("fit", "random"):
        run = jobs.prepare(settings(backbone="resnet18", image_size=64, head_start=start, **still))
        assert jobs.run_here(run) == "finished", run.status()["error"]
        accuracy[start] = run.status()["validation"]["accuracy"]
    assert accuracy["fit"] == 1.0 > accuracy["random"]


def test_a_quick_run_that_was_stopped_starts_over(settings):
    run = jobs.prepare(settings(mode="quick"))

    def stop(done, total, message):
        if "Looking" in message:
            (run.folder / "pause").touch()

    assert jobs.run_here(run, stop) == "paused"
    jobs.resume(run.id, detach=False)
    assert run.state() == "finished"


def test_sampling_evenly_is_weighing_where_the_head_sees_all_images_at_once(settings):
    labels = np.array([0, 0, 0, 1])
    assert tasks.head_weights(labels, 2, "sampler").tolist() == [2 / 3, 2.0]
    assert tasks.head_weights(labels, 2, "none").tolist() == [1.0, 1.0]
    found = {}
    for balance in ("weights", "sampler"):
        run = jobs.prepare(settings(mode="quick", balance=balance))
        jobs.run_here(run)
        found[balance] = run.predictions("validation").logits
    assert np.array_equal(found["weights"], found["sampler"])


def test_training_a_quick_run_longer_chooses_precision_and_threads_anew(settings):
    run = jobs.prepare(settings(mode="quick", precision="auto", threads=None))
    assert jobs.run_here(run) == "finished"
    assert (run.config()["precision"], run.config()["threads"]) == ("fp32", 1)
    config = jobs.longer(run.id, 2)
    assert (config.mode, config.precision, config.threads) == ("full", "auto", None)


def test_only_training_images_may_be_looked_at_in_bf16(settings, monkeypatch):
    """What is judged is answered as every image will be: in fp32."""
    asked = {}
    look = quick.features_of

    def noted(table, setting, progress, precision):
        asked[precision] = asked.get(precision, set()) | set(table["subset"])
        return look(table, setting, progress, precision)

    monkeypatch.setattr(quick, "features_of", noted)
    run = jobs.prepare(settings(mode="quick", precision="bf16"))
    assert jobs.run_here(run) == "finished"
    assert asked == {"bf16": {"train"}, "fp32": {"validation", "test"}}
    judged = run.predictions("validation")
    answers = predictor.load(run.id).predict(
        [datasets.load(run.dataset()).file(path) for path in judged.paths]
    )
    assert np.abs([answer.logits for answer in answers] - judged.logits).max() < 1e-3
