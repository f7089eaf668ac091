"""`metrics`, `decide`, `compare`, `report`: how good a run is, how it decides, and against which other."""

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
