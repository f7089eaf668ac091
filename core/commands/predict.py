"""`predict` and `export`: a trained model at work."""

from pathlib import Path
from typing import Any

import click

from core.commands import output


@click.command()
@click.argument("run_id", metavar="RUN")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option(
    "--csv", "csv_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the answers here."
)
@click.option(
    "--workers", default=2, type=click.IntRange(1, 64), show_default=True, help="Threads that decode."
)
@click.option("--explain", is_flag=True, help="Add where the model looked, as a grid of numbers.")
@click.option("--mirror", is_flag=True, help="Look at each image and its mirror image: twice the work.")
@output.json_option
def predict(
    run_id: str,
    paths: tuple[str, ...],
    csv_file: Path | None,
    workers: int,
    explain: bool,
    mirror: bool,
    as_json: bool,
) -> None:
    """Classify images: files, or folders with all the images in them.

    With --csv each answer is written as it is found; called again with the same file, it goes on where
    it was stopped, in flat memory, and the JSON holds the first 1,000 answers and counts.
    """
    from core import runs
    from core.inference import batch, predictor, unknown

    predictor.read_model(runs.load(run_id))
    unknown.ensure(runs.load(run_id), progress=output.progress())
    model = predictor.load(run_id)
    model = model.looking_twice() if mirror else model
    if csv_file is not None:
        found = batch.to_csv(model, paths, csv_file, workers=workers, progress=output.progress())
        counts = f"{found['n_images']:,} images, {found['n_errors']:,} of them without an answer: {csv_file}"
        output.emit(as_json, found, counts)
        return
    records = [
        _record(model, answer, explain) for answer in model.stream(batch.files(paths), workers=workers)
    ]
    output.emit(as_json, {"predictions": records}, "\n".join(_line(record) for record in records))


def _record(model: Any, answer: Any, explain: bool) -> dict[str, Any]:
    """An answer as JSON, with its explanation on request."""
    record: dict[str, Any] = answer.record()
    if explain and answer.error is None:
        from core.inference.explain import reasons

        record["explanation"] = reasons.explain(model, Path(answer.path), answer.label).record()
    return record


def _line(record: dict[str, Any]) -> str:
    if "error" in record:
        return f"{record['path']}: {record['error']}"
    doubt = _DOUBT[record["unknown_because"]]
    return f"{record['path']}: {record['label']} {record['probability']:.1%}{doubt}"


_DOUBT = {None: "", "unlike": "  (unlike the training images)", "unsure": "  (too unsure to say)"}


@click.command()
@click.argument("run_id", metavar="RUN")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="A new folder.")
@output.json_option
def export(run_id: str, out: Path, as_json: bool) -> None:
    """Write a run's model into a folder that answers with onnxruntime, numpy and pillow alone."""
    from core.inference.export import bundle

    found = bundle.export(run_id, out, progress=output.progress())
    parity = found["parity"]
    text = (
        f"{out}: {len(found['files'])} files. Same answers for {parity['agreement']:.1%} of "
        f"{parity['n_images']} images, greatest difference {parity['max_difference']:.1e}."
    )
    output.emit(as_json, found, text)
