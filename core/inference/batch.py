"""Very many images: found, answered and written one after the other, and taken up again where it stopped."""

import collections
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from core import progress as progress_module
from core import workspace
from core.errors import InferenceError
from core.inference import files as files_module
from core.inference import predictor, sorting, table

MOST_SHOWN = 1000
_REPORT_EVERY = 32


def files(paths: Iterable[str | Path]) -> Iterator[Path]:
    """The files that `paths` name, as `files.found`."""
    return files_module.found(paths)


def answered(
    model: predictor.Predictor, paths: Iterable[Path], *, workers: int = 2
) -> Iterator[tuple[Path, predictor.Answer]]:
    """Each path with its answer, in order and in flat memory."""
    waiting: collections.deque[Path] = collections.deque()

    def remembered() -> Iterator[Path]:
        for path in paths:
            waiting.append(path)
            yield path

    for answer in model.stream(remembered(), workers=workers):
        yield waiting.popleft(), answer


def to_csv(
    model: predictor.Predictor,
    paths: Sequence[str | Path],
    target: Path,
    *,
    workers: int = 2,
    sorted_into: sorting.Folders | None = None,
    progress: progress_module.Progress | None = None,
) -> dict[str, Any]:
    """Answer for every file and append one row each to `target`, in flat memory.

    Rows that are there already, from a call that was stopped, are kept and not computed again; the
    images must be the same, in the same order, and so must be what answers them. With `sorted_into`, each
    original is put there by its answer before its row is written. Returns {"predictions", "csv",
    "n_images", "n_errors", "n_skipped", "resumed_at"}: the first 1,000 answers of this call, and counts
    over all files.

    Raises:
        InferenceError: there is no file, `target` holds something else, is being written by somebody
            else, or cannot be written.
    """
    report = progress or progress_module.silent
    kept: list[dict[str, Any]] = []
    skipped = files_module.Skipped()
    found = files_module.found(paths, skipped=skipped, without=(target, *table.beside(target)))
    found = files_module.some(paths, found, skipped)
    with table.alone(target):
        done, errors = table.take_up(target, header(model), table.origin(model))
        waiting, total = table.after(found, done, target), done
        try:
            with open(target, "a", encoding="utf-8", newline="") as file:
                for path, answer in answered(model, waiting, workers=workers):
                    if sorted_into is not None and answer.error is None:
                        sorted_into.add(answer.folder, path)
                    file.write(table.line(row(model, answer)))
                    if len(kept) < MOST_SHOWN:
                        kept.append(answer.record())
                    total, errors = total + 1, errors + (answer.error is not None)
                    if total % _REPORT_EVERY == 0:
                        file.flush()
                        report(total, 0, "Classifying")
        except OSError as error:
            raise InferenceError(f"{target} cannot be written: {error.strerror}.") from error
    return {
        "predictions": kept,
        "csv": files_module.printable(target),
        "n_images": total,
        "n_errors": errors,
        "n_skipped": skipped.count,
        "resumed_at": done,
    }


def to_parquet(source: Path, target: Path, classes: Sequence[str]) -> None:
    """Write the finished table `source` as Parquet, a piece at a time: the same columns, with types.

    Raises:
        InferenceError: `target` cannot be written.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv
    from pyarrow import parquet

    kinds = {"path": pa.string(), "label": pa.string(), "unknown": pa.bool_(), "error": pa.string()}
    schema = pa.schema([(name, kinds.get(name, pa.float64())) for name in table.header(classes)])
    convert = arrow_csv.ConvertOptions(
        column_types=schema, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
    )
    parse = arrow_csv.ParseOptions(newlines_in_values=True)
    try:
        with (
            workspace.replacing(target) as temporary,
            arrow_csv.open_csv(source, parse_options=parse, convert_options=convert) as pieces,
            parquet.ParquetWriter(temporary, schema) as writer,
        ):
            for piece in pieces:
                writer.write_batch(piece)
    except OSError as error:
        raise InferenceError(f"{target} cannot be written: {error.strerror}.") from error


def header(model: predictor.Predictor) -> list[str]:
    """The columns of the table: as `table.header`."""
    return table.header(model.classes)


def row(model: predictor.Predictor, answer: predictor.Answer) -> list[str]:
    """One answer under `header`, as text."""
    return table.row(model.classes, answer)
