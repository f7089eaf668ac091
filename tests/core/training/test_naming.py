"""Settings as people read them."""

import pytest

from core.training import config as configs
from core.training import naming


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("backbone", "resnet18", "ResNet-18"),
        ("weights", "starter", "starter weights"),
        ("weights", "mine.pth", "weights from mine.pth"),
        ("learning_rate", 0.0003, "0.0003"),
        ("head_start", "fit", "Fitted to the frozen backbone"),
        ("download", True, "yes"),
        ("clip", None, "none"),
    ],
)
def test_a_value_is_said_in_words(field: str, value: object, said: str) -> None:
    assert naming.said(field, value) == said


def test_what_was_off_or_had_no_effect_is_left_out() -> None:
    config = configs.TrainingConfig(dataset="pets", split="half", mode="quick", clip=1.0, seed=3).to_dict()
    given = dict(naming.given(config))
    assert given["Dataset"] == "pets" and given["Seed"] == "3"
    assert "Limit on each step" not in given and "Epochs" not in given
    assert dict(naming.given(config | {"mode": "full"}))["Limit on each step"] == "1"


def test_an_unknown_setting_is_named_in_plain_letters() -> None:
    assert naming.title("torch_version") == "Torch version"
