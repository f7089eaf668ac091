"""What is worked out once a run has its answers, so that no page has to: intervals, and the unknown.

Neither can fail the run: where one is impossible, the run's status says why.
"""

from core import runs
from core.errors import FieldguideError
from core.inference import unknown
from core.metrics import store as metric_store
from core.training import report


def work_out(run: runs.Run, status: report.Status) -> None:
    """Compute the validation figures with their intervals, and fit the run's sense of the unknown."""
    status.tick(0, 0, "Computing the validation figures and their intervals")
    try:
        metric_store.precompute(run)
    except FieldguideError as error:
        status.note(f"The figures could not be computed: {error}")
    status.tick(0, 0, "Learning what is unlike the training images")
    try:
        unknown.fit(run, progress=report.stoppable(status))
    except FieldguideError as error:
        status.note(f"Images unlike the training images will not be pointed out: {error}")
