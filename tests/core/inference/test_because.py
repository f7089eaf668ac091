"""What made an answer: each way that a rule or the unknown may decide otherwise."""

import pytest

from core.inference import because
from core.metrics import decisions

CLASSES = ("cat", "dog")
PLAIN = decisions.Decision(classes=CLASSES)
CAREFUL = decisions.Decision(classes=CLASSES, unknown_below=0.9)
THRESHOLD = decisions.Decision(classes=CLASSES, kind="threshold", label="dog", threshold=0.2)
COSTLY = decisions.Decision(classes=CLASSES, kind="cost", costs=((0, 10), (10, 0)), unknown_cost=1.0)


@pytest.mark.parametrize(
    "rule, label, unknown_because, expected",
    [
        (PLAIN, "cat", None, "likeliest"),
        (PLAIN, "cat", "unlike", "unlike"),
        (CAREFUL, "cat", "unlike", "unlike"),
        (CAREFUL, "cat", "unsure", "too unsure"),
        (THRESHOLD, "dog", None, "rule"),
        (COSTLY, "cat", "unsure", "too costly"),  # 0.3 x 10 is more than 1
    ],
)
def test_each_reason(rule, label, unknown_because, expected):
    assert because.reason(rule, {"cat": 0.7, "dog": 0.3}, label, unknown_because=unknown_because) == expected
