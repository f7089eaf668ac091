"""Opening the Metrics page loads no model and runs no inference: no view of it imports torch."""

import subprocess
import sys
from pathlib import Path

from tests.pages import made

CHECKOUT = Path(__file__).resolve().parents[2]
SCRIPT = """
import sys
from streamlit.testing.v1 import AppTest
at = AppTest.from_file("pages/router.py", default_timeout=120)
at.query_params["run"] = sys.argv[1]
at.switch_page("metrics.py").run()
for view in sys.argv[2].split(","):
    at.segmented_control(key="metrics-view").set_value(view).run()
    assert not at.exception and not at.error and at.metric, view
for subset in ("test", "other"):
    at.segmented_control(key="metrics-subset").set_value(subset).run()
    assert not at.exception, subset
print(sorted({"torch", "torchvision", "onnxruntime"} & set(sys.modules)))
"""


def test_no_view_of_the_metrics_page_imports_torch(workspace, tiny_folder) -> None:
    from pages.parts.metrics import views

    made.dataset_and_split(tiny_folder)
    made.run("finished", name="First")
    run = made.run("finished", name="Second")
    asked = ",".join(views.VIEWS)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, run.id, asked], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip().splitlines()[-1] == "[]"
