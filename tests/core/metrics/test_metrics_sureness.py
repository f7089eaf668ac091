"""What became of the images that were answered about as surely, counted by hand."""

import numpy as np
import pytest

from core.metrics import decisions, sureness
from tests.core.metrics import cases


def judged(shares, true):
    return cases.predictions(true, np.log(np.asarray(shares)), classes=["clear", "cancer"])


def test_the_answered_label_counts_and_not_the_most_probable_one():
    """Called cancer from 10 % on: of 40 images at 11 to 12 %, 4 are one; the most probable class misleads."""
    cancer = np.r_[np.linspace(0.11, 0.12, 40), np.full(60, 0.02)]
    predictions = judged(np.stack([1 - cancer, cancer], axis=1), [1] * 4 + [0] * 96)
    rule = decisions.Decision(classes=("clear", "cancer"), kind="threshold", label="cancer", threshold=0.1)
    assert sureness.among(predictions, rule, 0.11) == sureness.Among(right=4, judged=40)
    assert sureness.among(predictions, rule, 0.98) == sureness.Among(right=60, judged=60)


def test_images_that_are_handed_on_are_no_answers():
    share = np.r_[np.full(30, 0.62), np.full(30, 0.58)]
    predictions = judged(np.stack([share, 1 - share], axis=1), [0] * 60)
    rule = decisions.Decision(classes=("clear", "cancer"), unknown_below=0.6)
    assert sureness.among(predictions, rule, 0.6) == sureness.Among(right=30, judged=30)


@pytest.mark.parametrize(("near", "enough"), [(19, False), (20, True), (150, True)])
def test_too_few_images_say_nothing_and_too_many_are_cut_to_the_nearest(near, enough):
    share = np.r_[np.full(near, 0.75), np.full(200, 0.95)]
    predictions = judged(np.stack([share, 1 - share], axis=1), [0] * (near + 200))
    found = sureness.among(predictions, decisions.Decision(classes=("clear", "cancer")), 0.76)
    assert found.enough is enough and found.judged == min(near, sureness.MOST)
