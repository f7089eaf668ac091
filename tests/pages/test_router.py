"""The shell: every page opens cold, the choice follows the address, errors reach the person as sentences."""

import subprocess
import sys
from pathlib import Path

import pytest

from core import errors, upkeep
from core import workspace as workspace_files
from core.data import datasets
from pages.parts import nav
from tests.pages import made
from tests.pages.conftest import Open, words

PAGES = [name for name in nav.PAGES if nav.exists(name)]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_cold_in_an_empty_workspace(open_page: Open, name: str) -> None:
    at = open_page(name)
    assert not at.exception
    assert at.title[0].value == nav.PAGES[name].headline


@pytest.mark.parametrize("name", PAGES)
def test_an_address_that_names_nothing_known_still_opens(open_page: Open, name: str) -> None:
    at = open_page(name, dataset="gone", split="gone", run="gone")
    assert not at.exception
    assert at.title[0].value == nav.PAGES[name].headline
    assert [warning.value for warning in at.warning] == [
        "The link names a run that is not here (any more): `gone`. There are no other runs."
    ]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_shows_an_error_as_its_sentence(
    open_page: Open, name: str, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> list[str]:
        raise errors.WorkspaceError("The disk of the workspace is gone.")

    monkeypatch.setattr(datasets, "names", broken)
    at = open_page(name)
    assert not at.exception
    assert [error.value for error in at.error] == ["The disk of the workspace is gone."]


DAMAGED = {
    "home": "datasets/colours/table.parquet",
    "dataset": "datasets/colours/table.parquet",
    "split": "datasets/colours/table.parquet",
    "finetune": "splits/colours-split.parquet",
    "metrics": "runs/{run}/predictions.parquet",
    "classify": "runs/{run}/predictions.parquet",
}


@pytest.mark.parametrize("name", sorted(DAMAGED))
def test_a_page_whose_own_file_is_damaged_keeps_its_title_and_says_so(
    open_page: Open, name: str, tiny_folder: Path, workspace: Path
) -> None:
    made.dataset_and_split(tiny_folder)
    run = made.run("finished")
    (workspace / DAMAGED[name].format(run=run.id)).write_bytes(b"not Parquet")
    at = open_page(name, dataset=made.DATASET, split=made.SPLIT, run=run.id)
    if name == "finetune":
        at.segmented_control(key="finetune-view").select("new").run()
    assert not at.exception
    assert at.title[0].value == nav.PAGES[name].headline
    said = [error.value for error in at.error] + [warning.value for warning in at.warning]
    assert said or name == "classify"  # which answers from the model, and needs no stored predictions
    assert all("Traceback" not in sentence for sentence in said)


def test_a_damaged_run_stands_in_no_pages_way_and_can_be_deleted(
    open_page: Open, tiny_folder: Path, workspace: Path
) -> None:
    made.dataset_and_split(tiny_folder)
    made.run("finished")
    broken = workspace / "runs" / "20260101-000000-dead"
    broken.mkdir()
    (broken / "config.json").write_text("{")
    for name in PAGES:
        at = open_page(name)
        assert (at.title[0].value, list(at.error)) == (nav.PAGES[name].headline, [])
    at = open_page("finetune")
    at.button(key=f"finetune-damaged-{broken.name}").click().run()
    assert not broken.exists()


def test_the_address_chooses_and_is_kept(open_page: Open, tiny_folder: Path) -> None:
    datasets.add("a-set", tiny_folder)
    datasets.add("b-set", tiny_folder)
    at = open_page("dataset", dataset="b-set")
    assert "b-set" in words(at)
    at.switch_page("split.py").run()
    assert at.sidebar.selectbox(key="choose-dataset").value == "b-set"
    assert at.query_params["dataset"] == "b-set"


def test_choosing_in_the_sidebar_reaches_the_page_and_the_address(open_page: Open, tiny_folder: Path) -> None:
    datasets.add("a-set", tiny_folder)
    datasets.add("b-set", tiny_folder)
    at = open_page("dataset", dataset="a-set")
    at.sidebar.selectbox(key="choose-dataset").select("b-set").run()
    assert at.subheader[0].value == "b-set"
    assert at.query_params["dataset"] == "b-set"


def test_the_runs_of_a_renamed_dataset_stay_in_the_sidebar(open_page: Open, tiny_folder: Path) -> None:
    made.dataset_and_split(tiny_folder)
    older, newer = made.run(name="older"), made.run(name="newer")
    upkeep.rename_dataset(made.DATASET, "hues")
    at = open_page("home", dataset="hues")
    assert set(at.sidebar.selectbox(key="choose-run").options) == {"older", "newer"}
    assert at.session_state["choose-run"] in (older.id, newer.id)


def test_explanations_can_be_switched_off_for_all_pages(open_page: Open) -> None:
    at = open_page("split")
    assert "What happens here" in words(at)
    at.sidebar.toggle(key="explain-steps").set_value(False).run()
    assert "What happens here" not in words(at)
    at.switch_page("dataset.py").run()
    assert "What happens here" not in words(at)


def test_opening_the_pages_imports_no_torch(workspace: Path) -> None:
    script = (
        "import sys; from streamlit.testing.v1 import AppTest\n"
        "at = AppTest.from_file('pages/router.py', default_timeout=60).run()\n"
        f"for name in {PAGES!r}: at.switch_page(name + '.py').run(); assert not at.exception, at.exception\n"
        "heavy = [name for name in ('torch', 'torchvision') if name in sys.modules]\n"
        "sys.exit(f'{heavy} imported' if heavy else 0)"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("page", ["home", "dataset", "split", "finetune", "metrics"])
def test_a_chosen_run_follows_its_dataset_to_another_name_and_outlives_it(
    open_page: Open, tiny_folder: Path, page: str
) -> None:
    made.dataset_and_split(tiny_folder)
    run = made.run("finished")
    workspace_files.write_json(
        run.folder / "config.json", run.config() | {"dataset_id": datasets.load(made.DATASET).id}
    )
    at = open_page(page, run=run.id)
    upkeep.rename_dataset(made.DATASET, "hues")
    at.run()
    assert not at.exception and not at.error and at.query_params["dataset"] == "hues"
    upkeep.delete_dataset("hues")
    at.run()
    assert not at.exception and not at.error and "dataset" not in at.query_params
    assert at.query_params["run"] == run.id


def test_a_prepared_run_is_the_next_step(open_page: Open, tiny_folder: Path) -> None:
    made.dataset_and_split(tiny_folder)
    run = made.run("prepared", done=0)
    at = open_page("home", run=run.id)
    assert not at.exception and "A run is **prepared**. Start it or make another." in words(at)
