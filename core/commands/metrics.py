"""`metrics`, `decide`, `compare`, `report`: how good a run is, how it decides, and against which other."""

from typing import Any

import click

from core.commands import output

SUBSETS = click.Choice(["validation", "test"])


@click.command()
@click.argument("run")
@click.option("--subset", type=SUBSETS, default="validation", show_default=True,
              help="Asking for the test subset is written down as an opening.")  # fmt: skip
@output.json_option
def metrics(run: str, subset: str, as_json: bool) -> None:
    """How good RUN is, and how sure that is."""
    from core import runs
    from core.metrics import store, words

    found = runs.load(run)
    figures = store.open_test(found, via="command line") if subset == "test" else store.figures(found, subset)
    output.emit(as_json, figures, words.page(figures))


@click.command()
@click.argument("run")
@click.option("--cost", type=click.Path(dir_okay=False, exists=True), metavar="FILE.csv",
              help="Costs: first row = answers, first column = true classes.")  # fmt: skip
@click.option("--threshold", nargs=2, type=(str, float), metavar="LABEL P",
              help="Answer LABEL from the probability P on.")  # fmt: skip
@click.option("--unknown-below", type=float, metavar="P", help="Answer 'unknown' below the probability P.")
@click.option("--unknown-cost", type=float, metavar="X", help="What an 'unknown' costs, in the costs' unit.")
@click.option("--highest", is_flag=True, help="Back to the most probable class.")
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
    from pathlib import Path

    from core import runs
    from core.errors import MetricsError
    from core.inference import share
    from core.metrics import costs, deciding

    found = runs.load(run)
    if turn_away is not None:
        share.save(found, turn_away)
        if not (cost or threshold or highest or unknown_below or unknown_cost):
            text = f"Run {found.id} turns away {turn_away:.1%} of what it knows, so that it can say unknown."
            output.emit(as_json, {"run": found.id, "turn_away": turn_away}, text)
            return
    label, p = threshold or (None, None)
    table = costs.read_csv(Path(cost), found.classes()) if cost else None
    if cost and threshold:
        raise MetricsError("Give --cost or --threshold, not both: each decides every answer.")
    if not (cost or threshold or highest or unknown_below is not None):
        raise MetricsError(
            "Give --cost FILE.csv, --threshold LABEL P, --unknown-below P, --turn-away SHARE or --highest."
        )
    rule = deciding.rule(
        found, costs=table, label=label, threshold=p, unknown_below=unknown_below, unknown_cost=unknown_cost
    )
    payload = deciding.decide(found, rule)
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

    pair = [runs.load(run) for run in (first, second)]
    if subset == "test":
        for run in pair:
            openings.record(run, via="command line")
    found = comparison.compare(*pair, subset=subset, metric=metric)
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
    from pathlib import Path

    from core import runs, workspace
    from core.metrics.report import document

    found = runs.load(run)
    text = document.render(found, metric=metric, with_test=with_test, via="command line")
    path = Path(html).expanduser().absolute()
    workspace.write_bytes(path, text.encode())
    payload = {"run": found.id, "html": str(path), "bytes": len(text.encode())}
    output.emit(as_json, payload, f"The report of run {found.id} is in {path}.")
