"""`metrics`, `decide`, `compare`, `report`, `evaluate`: how good a run is, and how it decides."""

import tempfile
from pathlib import Path
from typing import Any

import click

from core.commands import output
from core.errors import MetricsError

SUBSETS = click.Choice(["validation", "test"])


@click.command()
@click.argument("run")
@click.option("--subset", type=SUBSETS, default="validation", show_default=True,
              help="Asking for the test subset is written down as an opening.")  # fmt: skip
@output.json_option
def metrics(run: str, subset: str, as_json: bool) -> None:
    """How good RUN is, and how sure that is."""
    from core import runs
    from core.metrics import previous, store, words

    found = runs.load(run)
    if subset == "test":
        figures = store.open_test(found, via="command line")
    else:
        figures = store.figures(found, subset) | {"previous": previous.compared(found)}
    output.emit(as_json, figures, words.page(figures))


@click.command()
@click.argument("run")
@click.option("--cost", type=click.Path(dir_okay=False, exists=True), metavar="FILE.csv",
              help="What mistakes cost: first row = answers, first column = true classes. Alone, it gives "
              "the least expected cost; with --threshold or --highest it judges that rule.")  # fmt: skip
@click.option("--threshold", nargs=2, type=(str, float), metavar="LABEL P",
              help="Answer LABEL from the probability P on.")  # fmt: skip
@click.option("--unknown-below", type=float, metavar="P", help="Answer 'unknown' below the probability P.")
@click.option("--unknown-cost", type=float, metavar="X",
              help="What handing an 'unknown' on costs, in the costs' unit; without it, costs are counted "
              "over the answered images alone.")  # fmt: skip
@click.option("--highest", is_flag=True, help="The most probable class.")
@click.option("--turn-away", type=float, metavar="SHARE",
              help="Share of known images that may be called unknown, e.g. 0.05.")  # fmt: skip
@output.json_option
def decide(
    run: str,
    cost: str | None,
    threshold: tuple[str, float] | None,
    unknown_below: float | None,
    unknown_cost: float | None,
    highest: bool,
    turn_away: float | None,
    as_json: bool,
) -> None:
    """Choose how RUN answers; judged on validation, kept with the run, used by everything that answers."""
    from core import runs
    from core.inference import share
    from core.metrics import costs, deciding

    found = runs.load(run)
    if turn_away is not None:
        share.check(turn_away)
        if not (cost or threshold or highest) and unknown_below is None and unknown_cost is None:
            share.save(found, turn_away)
            text = f"Run {found.id} turns away {turn_away:.1%} of what it knows, so that it can say unknown."
            output.emit(as_json, {"run": found.id, "turn_away": turn_away}, text)
            return
    label, p = threshold or (None, None)
    if threshold and highest:
        raise MetricsError("Give --threshold or --highest, not both: each decides every answer.")
    if not (cost or threshold or highest or unknown_below is not None):
        raise MetricsError(
            "Give --cost FILE.csv, --threshold LABEL P, --unknown-below P, --turn-away SHARE or --highest."
        )
    rule = deciding.rule(
        found,
        costs=costs.read_csv(Path(cost), found.classes()) if cost else None,
        by_costs=bool(cost) and not threshold and not highest,
        label=label,
        threshold=p,
        unknown_below=unknown_below,
        unknown_cost=unknown_cost,
    )
    payload = deciding.decide(found, rule)
    if turn_away is not None:  # all of it or nothing: a rule that was refused changes no share
        share.save(found, turn_away)
    output.emit(as_json, payload, deciding.words(payload))


@click.command()
@click.argument("first")
@click.argument("second")
@click.option("--subset", type=SUBSETS, default="validation", show_default=True,
              help="Asking for the test subset is written down as an opening, for both runs.")  # fmt: skip
@click.option("--metric", default="accuracy", show_default=True, help="A score of the confusion matrix.")
@output.json_option
def compare(first: str, second: str, subset: str, metric: str, as_json: bool) -> None:
    """Whether SECOND is really better than FIRST, on the images that both judged."""
    from core import runs
    from core.metrics import comparison, openings, verdict

    pair = {run: runs.load(run) for run in (first, second)}
    found = comparison.compare(pair[first], pair[second], subset=subset, metric=metric)
    if subset == "test":
        for run in pair.values():  # one run against itself is one look
            openings.record(run, via="command line")
    before, after = ("undefined" if one is None else f"{one:.4f}" for one in found["values"])
    lines = [
        f"{found['n_common']:,} images in common; {metric} {before} and {after}.",
        verdict.against_other(found, f"run {first}").text,
        f"{len(found['flipped'])} images were answered differently "
        f"({_test(found)} p = {found['p_value']:.3g}).",
    ]
    output.emit(as_json, found, "\n".join(lines))


def _test(found: dict[str, Any]) -> str:
    return "McNemar's" if found["n_groups"] is None else "sign flips by group:"


@click.command()
@click.argument("run")
@click.option(
    "--html", type=click.Path(dir_okay=False), required=True, metavar="FILE", help="Where to write it."
)
@click.option(
    "--with-test", is_flag=True, help="Include the test result; this is written down as an opening."
)
@click.option(
    "--metric", default=None, help="The headline metric; by default the one that suits the classes."
)
@output.json_option
def report(run: str, html: str, with_test: bool, metric: str | None, as_json: bool) -> None:
    """A report of RUN in one HTML file that opens offline and prints its first page as a summary."""
    from core import runs, workspace
    from core.metrics.report import document

    found = runs.load(run)
    path = Path(html).expanduser().absolute()
    _check_writable(path)  # before anything is opened that nobody would get to see
    text = document.render(found, metric=metric, with_test=with_test, via="command line")
    workspace.write_bytes(path, text.encode())
    payload = {"run": found.id, "html": str(path), "bytes": len(text.encode())}
    output.emit(as_json, payload, f"The report of run {found.id} is in {path}.")


def _check_writable(path: Path) -> None:
    """Raise MetricsError where no file can be made beside `path`; its folder is made if it is not there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        blocked = isinstance(error, FileExistsError | NotADirectoryError)
        why = "a part of this path is a file, not a folder" if blocked else error.strerror
        raise MetricsError(
            f"The report cannot be written to {path}: {why}. Name a file in a folder that you may write to."
        ) from None


@click.command()
@click.argument("run")
@click.argument("dataset_or_path", metavar="DATASET_OR_PATH")
@output.json_option
def evaluate(run: str, dataset_or_path: str, as_json: bool) -> None:
    """How good RUN is on other labelled images: a dataset, or a folder, archive or table of images.

    A path is taken in as a dataset first. Images of classes that the run does not know are not judged.
    """
    from core import runs
    from core.inference import evaluate as evaluating
    from core.metrics import evaluations, store, words

    found = runs.load(run)
    name = evaluating.dataset_of(dataset_or_path, progress=output.progress())
    report = evaluating.evaluate(found.id, name, via="command line", progress=output.progress())
    figures = store.figures(found, evaluations.subset(name)) | {"evaluation": report}
    lines = [words.page(figures), "", *evaluations.warnings(report)]
    output.emit(as_json, figures, "\n".join(lines).rstrip())
