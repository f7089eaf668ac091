"""`predict` and `export`: a trained model at work."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from core.commands import output
from core.errors import InferenceError

UNKNOWN = "unknown"
"""The class folder of images that are unlike the training images."""


FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("run_id", metavar="RUN")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--csv", "csv_file", type=FILE, help="Write the answers here.")
@click.option("--parquet", "parquet_file", type=FILE, help="Write them here as Parquet, when all are there.")
@click.option("--sort-into", type=FOLDER, help="Copy each image into a folder of its class here.")
@click.option("--link", is_flag=True, help="With --sort-into: links in place of copies.")
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
    parquet_file: Path | None,
    sort_into: Path | None,
    link: bool,
    workers: int,
    explain: bool,
    mirror: bool,
    as_json: bool,
) -> None:
    """Classify images: files, or folders with all that is in them.

    Each file gets an answer, or the reason why there is none. With --csv or --parquet each answer is written
    as it is found; called again with the same file, it goes on where it was stopped, in flat memory, and the
    JSON holds the first 1,000 answers and counts.
    """
    from core.inference import files, sorting

    tables = csv_file or parquet_file
    if explain and tables:
        raise InferenceError(
            "A table has no room for explanations: leave out --explain, or --csv and --parquet."
        )
    if link and sort_into is None:
        raise InferenceError("--link says how --sort-into DIR puts images there: give both.")
    model = _model(run_id, mirror)
    folders = None
    if sort_into is not None:
        folders = sorting.Folders(sort_into, link=link)
        folders.check([*model.classes, UNKNOWN], paths)
    if tables:
        found = _tables(model, paths, csv_file, parquet_file, workers, folders)
        names = " and ".join(files.printable(path) for path in (csv_file, parquet_file) if path)
        text = f"{found['n_images']:,} images, {found['n_errors']:,} of them without an answer: {names}"
        output.emit(as_json, found, text)
    else:
        _listed(model, paths, workers, folders, explain, as_json)


def _model(run_id: str, mirror: bool) -> Any:
    """The run's predictor, with its sense of the unknown worked out where that can be."""
    from core import runs
    from core.inference import predictor, unknown

    run = runs.load(run_id)
    predictor.read_model(run)  # what is damaged or missing is said at once
    unknown.ensure(run, progress=output.progress())
    model = predictor.load(run_id)
    return model.looking_twice() if mirror else model


def _tables(
    model: Any,
    paths: Sequence[str],
    csv_file: Path | None,
    parquet_file: Path | None,
    workers: int,
    folders: Any,
) -> dict[str, Any]:
    """Write the answers to files. Parquet cannot be appended to: it is made of the CSV in the end."""
    from core.inference import batch, files, table

    working = csv_file or Path(f"{parquet_file}.csv")
    found = batch.to_csv(
        model, paths, working, workers=workers, sorted_into=folders, progress=output.progress()
    )
    if parquet_file is not None:
        batch.to_parquet(working, parquet_file, model.classes)
        found["parquet"] = files.printable(parquet_file)
    if csv_file is None:
        del found["csv"]
        for path in (working, *table.beside(working)):
            path.unlink(missing_ok=True)
    return found | _sorted(folders)


def _listed(
    model: Any, paths: Sequence[str], workers: int, folders: Any, explain: bool, as_json: bool
) -> None:
    """Print the answers: each as it comes for people, all in one object as JSON."""
    from core.inference import batch, files
    from core.inference.explain import reasons

    skipped = files.Skipped()
    found = files.some(paths, files.found(paths, skipped=skipped), skipped)
    records = []
    for path, answer in batch.answered(model, found, workers=workers):
        if folders is not None and answer.error is None:
            folders.add(answer.folder, path)
        if explain and answer.error is None:
            answer = reasons.added(answer, reasons.explain(model, path, answer.label))
        if as_json:
            records.append(answer.record())
        else:
            click.echo(_line(answer.record()))
    if as_json:
        output.emit(True, {"predictions": records, "n_skipped": skipped.count} | _sorted(folders), "")


def _sorted(folders: Any) -> dict[str, Any]:
    return {} if folders is None else {"sorted": dict(folders.counts)}


def _line(record: dict[str, Any]) -> str:
    if "error" in record:
        return f"{record['path']}: {record['error']}"
    doubt = _DOUBT[record["unknown_because"]]
    return f"{record['path']}: {record['label']} {record['probability']:.1%}{doubt}"


_DOUBT = {None: "", "unlike": "  (unlike the training images)", "unsure": "  (too unsure to say)"}


@click.command()
@click.argument("run_id", metavar="RUN")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="A new folder.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["onnx", "torch", "both"]),
    default="onnx",
    show_default=True,
    help="torch: a program of torch.export, model.pt2.",
)
@output.json_option
def export(run_id: str, out: Path, form: str, as_json: bool) -> None:
    """Write a run's model into a folder that answers with onnxruntime, numpy and pillow alone."""
    from core.inference.export import bundle

    formats = bundle.FORMATS if form == "both" else (form,)
    found = bundle.export(run_id, out, formats=formats, progress=output.progress())
    parity = found["parity"]
    text = (
        f"{out}: {len(found['files'])} files. Same answers for {parity['agreement']:.1%} of "
        f"{parity['n_images']} images, greatest difference {parity['max_difference']:.1e}."
    )
    output.emit(as_json, found, text)
