"""The cases that the metrics are checked on, as a fixture."""

import pytest

from tests.core.metrics import cases


@pytest.fixture(params=cases.CASES, ids=str)
def case(request):
    """(true, logits) of every kind of input."""
    return cases.CASES[request.param]
