"""Training once more like an earlier run, after its dataset has grown or was corrected."""

import dataclasses
from dataclasses import dataclass

from core import runs
from core.data import datasets
from core.errors import NotFoundError, TrainingError
from core.split import config as split_config
from core.split import store as splits
from core.training import config as configs
from core.training import jobs, notes

_AGAIN = ", again"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What training once more would mean.

    `split` is the name of the division to be made; `new`, `relabelled` and `gone` count images against
    those of the run; `test` is how many images of the run's test subset stay there.
    """

    dataset: str
    split: str
    new: int
    relabelled: int
    gone: int
    test: int

    @property
    def changes(self) -> int:
        """Images that make the new run differ from the old one."""
        return self.new + self.relabelled + self.gone


def plan(run_id: str) -> Plan:
    """What has changed since the run, and what would be made of it.

    Raises:
        NotFoundError: there is no such run, or its dataset is gone.
    """
    run = runs.load(run_id)
    name = run.dataset()
    if name is None:
        raise NotFoundError(f"Dataset {run.config()['dataset']!r} of run {run_id} is gone.")
    then = run.manifest().set_index("path")
    now = datasets.load(name).table.set_index("path")["label"]
    both = then.index.intersection(now.index)
    return Plan(
        dataset=name,
        split=_free_name(run.config()["split"]),
        new=len(now.index.difference(then.index)),
        relabelled=int((then.loc[both, "label"] != now.loc[both]).sum()),
        gone=len(then.index.difference(now.index)),
        test=int((then.loc[both, "subset"] == "test").sum()),
    )


def carry_out(run_id: str) -> runs.Run:
    """Divide the dataset as it is now and start a run with the settings of the earlier one.

    Every image keeps the subset that it had; new ones are divided by the earlier shares, except that those
    which must stay together with an earlier image follow it.

    Raises:
        TrainingError: nothing has changed since that run.
        SplitError, TrainingError, ConfigError: it cannot be divided or trained so any more.
    """
    asked = plan(run_id)
    if not asked.changes:
        raise TrainingError(
            f"Dataset {asked.dataset!r} is as it was for run {run_id}: it would be the same run again. "
            "Correct or add images first."
        )
    run = runs.load(run_id)
    manifest = run.manifest()
    splits.make(
        asked.split,
        datasets.load(asked.dataset),
        _way(run),
        earlier=dict(zip(manifest["path"], manifest["subset"], strict=True)),
    )
    return jobs.launch(_settings(run, asked))


def _way(run: runs.Run) -> split_config.SplitConfig:
    """How the run's images were divided. Subsets that the source named are kept as they were, and what was
    added since has none, so the shares decide about that alone."""
    name = run.config()["split"]
    earlier = splits.load(name).config if splits.exists(name) else split_config.SplitConfig()
    return dataclasses.replace(earlier, from_folders=False, features=None)


def _settings(run: runs.Run, asked: Plan) -> configs.TrainingConfig:
    name = notes.read(run).name[: notes.LONGEST_NAME - len(_AGAIN)]
    again = f"{name.removesuffix(_AGAIN)}{_AGAIN}" if name else None
    return jobs.again(run.id).but(split=asked.split, name=again)


def _free_name(name: str) -> str:
    """The split's name with the next number that is free."""
    stem, _, number = name.rpartition("-v")
    stem, count = (stem, int(number)) if stem and number.isdigit() else (name, 1)
    while splits.exists(f"{stem[:56]}-v{count + 1}"):
        count += 1
    return f"{stem[:56]}-v{count + 1}"
