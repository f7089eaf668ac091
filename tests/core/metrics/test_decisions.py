"""Decision rules against brute force, and the lesson's 1 % case."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats
from sklearn.metrics import log_loss

from core import workspace as files
from core.errors import MetricsError
from core.metrics import bills, decisions, temperature
from tests.core.metrics import cases

ABC = ("a", "b", "c")


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 6), st.integers(0, 10_000), st.booleans())
def test_the_cost_rule_equals_brute_force(n_classes, seed, with_unknown):
    random = np.random.default_rng(seed)
    costs, logits = random.random((n_classes, n_classes)), random.normal(size=(20, n_classes)) * 2
    handing_on = 0.3 if with_unknown else None
    rule = decisions.Decision(
        classes=tuple("abcdef"[:n_classes]),
        kind="cost",
        costs=tuple(map(tuple, costs)),
        unknown_cost=handing_on,
        temperature=1.7,
    )
    for row, answer in zip(logits, rule.answer(logits), strict=True):
        share = np.exp(row / 1.7) / np.exp(row / 1.7).sum()
        options = {a: sum(share[t] * costs[t, a] for t in range(n_classes)) for a in range(n_classes)}
        if with_unknown:
            options[decisions.UNKNOWN] = handing_on
        assert options[int(answer)] == pytest.approx(min(options.values()), abs=1e-12)


def test_equal_costs_give_the_most_probable_class():
    _, logits = cases.random_case(200, 3)
    costs = decisions.worse_miss(list(ABC), "a", 1)
    rule = decisions.Decision(classes=ABC, kind="cost", costs=costs)
    assert np.array_equal(rule.answer(logits), logits.argmax(axis=1))


def planted(n=20_000, prevalence=0.01, seed=0):
    """Scans of which 1 % show a cancer, and a model whose logits are the true log odds, d' = 1.5."""
    random = np.random.default_rng(seed)
    true = (random.random(n) < prevalence).astype(np.int64)
    evidence = random.normal(size=n) + 1.5 * true
    log_odds = np.log(prevalence / (1 - prevalence)) + 1.5 * evidence - 1.5**2 / 2
    return true, np.stack([np.zeros(n), log_odds], axis=1)


@pytest.mark.parametrize("times", [20, 100, 500])
def test_costs_turn_the_99_percent_accurate_useless_model_into_one_that_finds_what_they_imply(times):
    """With a miss `times` as bad, an image is called cancer from probability 1 / (1 + times) on."""
    true, logits = planted()
    plain = decisions.Decision(classes=("clear", "cancer"))
    assert (plain.answer(logits) == true).mean() > 0.985
    assert (plain.answer(logits)[true == 1] == 1).mean() < 0.02
    costs = decisions.worse_miss(["clear", "cancer"], "cancer", times)
    rule = decisions.Decision(classes=("clear", "cancer"), kind="cost", costs=costs)
    found = (rule.answer(logits)[true == 1] == 1).mean()
    cut = (np.log(1 / times) - np.log(0.01 / 0.99) + 1.5**2 / 2) / 1.5  # in units of the evidence
    implied = stats.norm.sf(cut - 1.5)
    chance = 3 * np.sqrt(implied * (1 - implied) / (true == 1).sum())
    assert found >= implied - chance
    found = bills.bill(true, rule.answer(logits), plain.answer(logits), rule)
    assert found.after < found.before


def test_a_threshold_answers_its_class_from_there_on():
    shares = np.array([[0.7, 0.2, 0.1], [0.85, 0.1, 0.05], [0.0, 0.3, 0.7]])
    rule = decisions.Decision(classes=ABC, kind="threshold", label="b", threshold=0.2)
    assert rule.answer_shares(shares).tolist() == [1, 0, 1]
    strict = decisions.Decision(classes=ABC, kind="threshold", label="a", threshold=0.8)
    assert strict.answer_shares(shares).tolist() == [1, 0, 2]


def test_unknown_below_applies_under_every_kind():
    shares = np.array([[0.5, 0.3, 0.2], [0.9, 0.1, 0.0]])
    costs = decisions.worse_miss(list(ABC), "b", 50)
    for options in (
        {},
        {"kind": "cost", "costs": costs},
        {"kind": "threshold", "label": "a", "threshold": 0.1},
    ):
        rule = decisions.Decision(classes=ABC, unknown_below=0.6, **options)
        assert rule.answer_shares(shares)[0] == decisions.UNKNOWN
        assert rule.answer_shares(shares)[1] != decisions.UNKNOWN


@settings(max_examples=200, deadline=None)
@given(st.integers(2, 6), st.integers(0, 10_000))
def test_of_equally_cheap_answers_the_most_probable_is_given(n_classes, seed):
    """Whole-number costs and probabilities in tenths make many ties; rounding would break them at random."""
    random = np.random.default_rng(seed)
    costs = random.integers(0, 3, (n_classes, n_classes))
    costs[0, 1] = 1
    shares = random.multinomial(10, np.ones(n_classes) / n_classes, size=30) / 10
    classes = tuple("abcdef"[:n_classes])
    rule = decisions.Decision(classes=classes, kind="cost", costs=tuple(map(tuple, costs)))
    for row, answer in zip(shares, rule.answer_shares(shares), strict=True):
        tenths = np.round(row * 10).astype(int)
        exact = tenths @ costs  # whole numbers: no rounding
        tied = np.flatnonzero(exact == exact.min())
        assert answer in tied and tenths[answer] == tenths[tied].max()


def test_a_price_of_nothing_is_no_price():
    """Otherwise every image that could be wrong would be handed on, and the bill would be 0."""
    shares = np.array([[0.6, 0.4], [0.9, 0.1]])
    costs = ((0.0, 1.0), (1.0, 0.0))
    for price in (None, 0.0):
        rule = decisions.Decision(classes=("a", "b"), kind="cost", costs=costs, unknown_cost=price)
        assert rule.answer_shares(shares).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kind": "best"}, "not known"),
        ({"temperature": 0}, "above 0"),
        ({"kind": "cost"}, "cost matrix"),
        ({"kind": "threshold", "label": "a"}, "class and a probability"),
        ({"kind": "threshold", "label": "x", "threshold": 0.5}, "no class 'x'"),
        ({"unknown_below": 1.2}, "from 0 to 1"),
        ({"unknown_below": float("nan")}, "from 0 to 1"),
        ({"unknown_cost": -1}, "0 or more"),
        ({"costs": ((0.0, 1.0), (1.0, 0.0))}, r"shape \(2, 2\)"),
        ({"costs": ((0, 1, 1), (-1, 0, 1), (1, 1, 0))}, "negative"),
        ({"kind": "cost", "costs": ((0, 0, 0), (0, 0, 0), (0, 0, 0))}, "No mistake costs anything"),
        ({"kind": "cost", "costs": ((2, 0, 0), (0, 2, 0), (0, 0, 2))}, "No mistake costs anything"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_a_reason(options, words):
    with pytest.raises(MetricsError, match=words):
        decisions.Decision(classes=ABC, **options)


def test_a_rule_survives_its_json():
    rule = decisions.Decision(
        classes=ABC,
        kind="cost",
        costs=decisions.worse_miss(list(ABC), "b", 5),
        unknown_below=0.3,
        temperature=1.5,
    )
    assert decisions.Decision.from_dict(rule.to_dict() | {"added later": 1}) == rule
    with pytest.raises(MetricsError, match="cannot be read"):
        decisions.Decision.from_dict({"kind": "highest"})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"unknown_below": 0.9999}, "unknown below 0.9999"),
        ({"kind": "threshold", "label": "a", "threshold": 0.9999}, "probability of 0.9999 on"),
        ({"costs": ((0, 2, 1), (1, 0, 1), (1, 1, 0))}, "judged by its own costs"),
        ({"kind": "cost", "costs": ((0, 2, 1), (1, 0, 1), (1, 1, 0)), "unknown_cost": 0.5}, "more than 0.5"),
    ],
)
def test_a_rule_is_described_with_its_numbers_as_they_are(options, words):
    assert words in decisions.Decision(classes=ABC, **options).describe()


@pytest.mark.parametrize(
    ("saved", "words"),
    [
        ([1], "cannot be read"),
        ({"classes": ["a", "b"]}, "is for the classes a, b; run .* knows a, b, c"),
        ({"classes": ["a", "b", "d"]}, "is for the classes a, b, d"),
        ({"classes": 3}, "cannot be read"),
        ({"classes": ["a", "b", "c"], "temperature": "hot"}, "cannot be read"),
    ],
)
def test_a_saved_rule_that_does_not_fit_the_run_is_a_sentence(workspace, saved, words):
    run = cases.stored_run()
    files.write_json(run.folder / decisions.FILE, saved)
    with pytest.raises(MetricsError, match=words):
        decisions.load(run)


def test_without_a_saved_rule_probabilities_are_calibrated_on_validation(workspace):
    run = cases.stored_run(skill=0.5)
    seen = run.predictions("validation")
    found = optimize.minimize_scalar(
        lambda t: log_loss(seen.true, special.softmax(seen.logits / t, axis=1)),
        bounds=(0.05, 20),
        method="bounded",
        options={"xatol": 1e-8},
    )
    rule = decisions.load(run)
    assert rule == decisions.Decision(classes=ABC, temperature=rule.temperature)
    assert rule.temperature == pytest.approx(found.x, rel=0.02) and found.x > 1.1


def test_the_fitted_temperature_is_kept_until_there_are_other_predictions(workspace):
    run = cases.stored_run()
    first = temperature.fitted(run)
    kept = files.read_json(run.folder / temperature.FILE)
    files.write_json(run.folder / temperature.FILE, kept | {"temperature": 7.0})
    assert temperature.fitted(run) == 7.0
    table = files.read_table(run.folder / "predictions.parquet")
    files.write_table(run.folder / "predictions.parquet", table.tail(150))
    assert temperature.fitted(run) not in (7.0, first)
    (run.folder / temperature.FILE).write_text("{")
    assert temperature.fitted(run) == temperature.fitted(run)


def test_without_validation_images_there_is_nothing_to_calibrate_on(workspace):
    assert decisions.load(cases.stored_run(subsets=("test",))) == decisions.Decision(classes=ABC)


def test_a_rule_is_kept_with_the_run_and_only_if_it_fits(workspace):
    run = cases.stored_run()
    rule = decisions.Decision(classes=ABC, unknown_below=0.4)
    decisions.save(run, rule)
    assert decisions.load(run) == rule
    with pytest.raises(MetricsError, match="knows a, b, c"):
        decisions.save(run, decisions.Decision(classes=("a", "b")))
