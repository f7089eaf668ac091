"""Training once more like an earlier run: the same settings, more images, the same judges."""

import pytest

from core import runs, upkeep
from core.data import datasets, drafts
from core.errors import NotFoundError, TrainingError
from core.split import config as split_config
from core.split import store as splits
from core.training import config as configs
from core.training import jobs, notes, retraining


@pytest.fixture
def run(workspace, tiny_folder, monkeypatch) -> runs.Run:
    monkeypatch.setattr(jobs, "start", lambda run: None)
    splits.make("tiny-split", datasets.add("tiny", tiny_folder), split_config.SplitConfig(seed=3))
    return jobs.launch(
        configs.TrainingConfig(dataset="tiny", split="tiny-split", epochs=3, image_size=32, name="Colours")
    )


def grow(tiny_folder, count=4):
    for number in range(count):
        source = tiny_folder / "red" / f"{number:02d}.png"
        (tiny_folder / "green" / f"again{number}.png").write_bytes(source.read_bytes() + b" ")
    datasets.refresh("tiny")


def test_nothing_new_is_nothing_to_train(run):
    assert retraining.plan(run.id).changes == 0
    with pytest.raises(TrainingError, match="as it was for run"):
        retraining.carry_out(run.id)


def test_the_plan_counts_what_has_changed(run, tiny_folder):
    grow(tiny_folder)
    drafts.relabel("tiny", ["red/05.png"], "blue")
    drafts.exclude("tiny", ["red/06.png"])
    manifest = run.manifest().set_index("path")
    test = int((manifest["subset"] == "test").sum() - (manifest.loc["red/06.png", "subset"] == "test"))
    assert retraining.plan(run.id) == retraining.Plan(
        dataset="tiny", split="tiny-split-v2", new=4, relabelled=1, gone=1, test=test
    )


def test_the_new_run_has_the_old_settings_and_the_old_judges(run, tiny_folder):
    grow(tiny_folder)
    again = retraining.carry_out(run.id)
    config, before = again.config(), run.config()
    assert config["split"] == "tiny-split-v2" and notes.read(again).name == "Colours, again"
    for setting in ("epochs", "image_size", "mode", "backbone", "dataset", "seed"):
        assert config[setting] == before[setting]
    then = run.manifest().set_index("path")["subset"]
    now = again.manifest().set_index("path")["subset"]
    assert len(now) == len(then) + 4
    assert (now[then.index] == then).all()
    # Exact copies of training images under another label: they follow their originals, and leak nowhere.
    assert [now[f"green/again{i}.png"] for i in range(4)] == [then[f"red/{i:02d}.png"] for i in range(4)]
    assert splits.load("tiny-split-v2").config.seed == 3


def test_names_go_on_counting(run, tiny_folder):
    grow(tiny_folder)
    again = retraining.carry_out(run.id)
    (tiny_folder / "green" / "last.png").write_bytes((tiny_folder / "green" / "00.png").read_bytes() + b"  ")
    datasets.refresh("tiny")
    third = retraining.carry_out(again.id)
    assert third.config()["split"] == "tiny-split-v3" and notes.read(third).name == "Colours, again"


def test_a_run_whose_split_is_gone_is_trained_again_all_the_same(run, tiny_folder):
    grow(tiny_folder)
    splits.forget("tiny-split")
    again = retraining.carry_out(run.id)
    then, now = run.manifest().set_index("path")["subset"], again.manifest().set_index("path")["subset"]
    assert (now[then.index] == then).all()


def test_a_renamed_dataset_is_followed_and_another_of_the_old_name_is_not(run, tiny_folder):
    grow(tiny_folder)
    upkeep.rename_dataset("tiny", "hues")
    datasets.add("tiny", tiny_folder)
    assert (retraining.plan(run.id).dataset, retraining.plan(run.id).new) == ("hues", 4)
    assert retraining.carry_out(run.id).config()["dataset"] == "hues"
    upkeep.delete_dataset("hues")
    with pytest.raises(NotFoundError, match="is gone"):
        retraining.plan(run.id)
