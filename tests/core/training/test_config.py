"""Configurations refuse what cannot be, and come back from JSON as they were."""

import json

import pytest

from core.errors import ConfigError
from core.model import weights_files
from core.training import config as configs
from core.training import recipe


def make(**changes):
    return configs.TrainingConfig(dataset="d", split="s", **changes)


def test_a_configuration_comes_back_from_json():
    config = make(epochs=3, clip=1.0, tags=("a", "b"), note="why")
    assert configs.TrainingConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_what_else_lies_in_the_record_is_left_aside():
    assert configs.TrainingConfig.from_dict(make().to_dict() | {"created": "today"}) == make()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", 0),
        ("epochs", 1.5),
        ("epochs", True),
        ("batch_size", 0),
        ("learning_rate", float("nan")),
        ("learning_rate", -1.0),
        ("image_size", 16),
        ("mode", "fast"),
        ("augment", "heavy"),
        ("precision", "int8"),
        ("mix", "blend"),
        ("ema", 1.0),
        ("progressive", "yes"),
        ("device", "tpu"),
        ("device", "cuda:x"),
        ("seed", -1),
        ("folds", 1),
        ("folds", 21),
    ],
)
def test_a_setting_out_of_range_is_named(field, value):
    with pytest.raises(ConfigError, match=field):
        make(**{field: value})


def test_quick_mode_refuses_what_only_the_loop_can_do():
    with pytest.raises(ConfigError, match="'focal', which quick mode does not know"):
        make(mode="quick", balance="focal")
    assert make(balance="focal").balance == "focal"
    assert configs.accepted("balance", "quick") == ("none", "weights", "sampler")


def test_every_setting_of_the_form_has_its_sentence():
    explained = set(configs.HELP)
    assert set(configs.CHOICES) | set(configs.RANGES) <= explained


def test_every_setting_has_an_option_on_the_command_line():
    from core.commands import train

    options = {parameter.name for parameter in train.train.params}
    assert set(configs.CHOICES) | set(configs.RANGES) <= options


@pytest.mark.parametrize("kind", ["none", "file"])
def test_the_recipe_fills_every_gap_and_changes_nothing_that_was_given(kind):
    weights = weights_files.Weights(kind=kind, origin="somewhere", image_size=96)
    filled = recipe.fill(make(epochs=7, augment="none"), weights, {"a": 10, "b": 10})
    gaps = [
        key for key in ("batch_size", "learning_rate", "image_size", "metric") if getattr(filled, key) is None
    ]
    assert not gaps
    assert (filled.epochs, filled.augment, filled.image_size) == (7, "none", 96)


def test_pretrained_weights_keep_their_batch_norm_and_random_ones_train_it():
    counts = {"a": 10, "b": 10}
    pretrained = recipe.fill(make(), weights_files.Weights(kind="file", origin="x"), counts)
    random = recipe.fill(make(), weights_files.none(), counts)
    assert (pretrained.batch_norm, pretrained.head_epochs) == ("frozen", 1)
    assert (random.batch_norm, random.head_epochs) == ("train", 0)


def test_uneven_classes_are_judged_by_macro_f1():
    weights = weights_files.none()
    assert recipe.fill(make(), weights, {"a": 100, "b": 20}).metric == "macro_f1"
    assert recipe.fill(make(), weights, {"a": 100, "b": 90}).metric == "accuracy"


def test_classes_that_are_three_times_as_large_as_others_are_weighed_down_unless_told_otherwise():
    weights = weights_files.none()
    assert recipe.fill(make(), weights, {"a": 100, "b": 30}).balance == "weights"
    assert recipe.fill(make(), weights, {"a": 100, "b": 40}).balance == "none"
    assert recipe.fill(make(balance="none"), weights, {"a": 100, "b": 3}).balance == "none"
    assert recipe.fill(make(mode="quick"), weights, {"a": 100, "b": 3}).balance == "weights"


def test_a_single_epoch_trains_the_whole_network():
    weights = weights_files.Weights(kind="file", origin="x")
    assert recipe.fill(make(epochs=1), weights, {"a": 5, "b": 5}).head_epochs == 0
