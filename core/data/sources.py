"""From a folder, whatever its shape, to labelled files.

Known shapes: one subfolder per class; `train/ validation/ test/` holding class folders; images with a
table that names file and label (Hugging Face's `metadata.csv` among them). A folder that only wraps
another is looked through.
"""

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pandas as pd

from core.data import images, scan, tables
from core.errors import DatasetError

COLUMNS = ["path", "label", "group", "subset"]
_EXPECTED = (
    "Fieldguide reads a folder with one subfolder per class, the same inside train, validation and test "
    "folders, or images with a table (CSV, TSV, JSONL, Parquet) that has a file and a label column."
)


@dataclass(kw_only=True)
class Listing:
    """The files of a source. `table` has the columns path, label, group, subset and any `column:NAME`,
    one row per file that claims to be an image, sorted by path; nothing has been opened yet."""

    root: Path
    shape: str
    table: pd.DataFrame
    set_aside: list[tuple[str, str]]
    ignored: int
    tables: list[str] = field(default_factory=list)


def read(folder: Path, *, only_table: str | None = None) -> Listing:
    """List the labelled files of `folder`; `only_table` names the one table to go by.

    Raises:
        DatasetError: it is no folder, or its shape is none of the known ones.
    """
    if not folder.is_dir():
        raise DatasetError(f"There is no folder {folder}. {_EXPECTED}")
    found = scan.walk(folder)
    root, files, aside = unwrapped(folder, found.files, found.set_aside)
    described = _tables(root, files, only_table)
    listing = _listing(root, files, described)
    listing.set_aside = sorted(aside + listing.set_aside)
    listing.ignored += found.ignored
    if listing.table.empty:
        raise DatasetError(
            f"No labelled images were found in {folder} ({_what_was_there(listing)}). {_EXPECTED}"
        )
    return listing


def _listing(root: Path, files: list[str], described: list[tables.Table]) -> Listing:
    used = {table.name for table in described}
    files = [file for file in files if file not in used]
    labels = _merged([table for table in described if "label" in table.rows])
    by_folder = _by_folder(files)
    if labels is not None and _goes_by_table(labels, by_folder.table, described):
        listing = _by_table(files, labels, described)
    else:
        listing = by_folder
    listing.root, listing.tables = root, sorted(used)
    listing.table = _with_columns(listing.table, described)
    return listing


def _goes_by_table(labels: pd.DataFrame, by_folder: pd.DataFrame, described: list[tables.Table]) -> bool:
    """Whether the tables, and not the folders, say what is in the images."""
    if by_folder.empty:
        return True
    both = (
        by_folder.set_index("path")["label"]
        .to_frame("folder")
        .join(labels["label"].rename("table"), how="left")
    )
    listed = both["table"].notna()
    if (both["folder"] == both["table"])[listed].mean() > 0.9:
        return False  # they agree, and the folders also know the files that the table leaves out
    hugging_face = any(PurePosixPath(table.name).stem.lower() == "metadata" for table in described)
    return hugging_face or listed.mean() >= 0.5


def _by_folder(files: list[str]) -> Listing:
    """Labels from folder names, after the subset's folder where the top folders are subsets."""
    tops = {file.split("/", 1)[0] for file in files if "/" in file}
    subsets = {top: tables.subset_of(top) for top in tops}
    has_subsets = len({subset for subset in subsets.values() if subset}) >= 2
    depth = 2 if has_subsets else 1
    listing = _empty("train, validation and test folders" if has_subsets else "class folders")
    rows = []
    for file in files:
        parts = file.split("/")
        subset = subsets.get(parts[0]) if has_subsets and len(parts) > 1 else None
        if has_subsets and len(parts) > 1 and subset is None:
            listing.set_aside.append((file, "lies outside the train, validation and test folders"))
        elif len(parts) > depth:
            rows.append((file, scan.text(parts[depth - 1]), None, subset))
        else:
            _leave(listing, file, "lies beside the class folders, so it has no class")
    listing.table = pd.DataFrame(rows, columns=COLUMNS, dtype=object)
    return listing


def _by_table(files: list[str], labels: pd.DataFrame, described: list[tables.Table]) -> Listing:
    listing = _empty("a table")
    torn = {path for table in described for path, _ in table.set_aside}
    names = ", ".join(table.name for table in described if "label" in table.rows)
    rows = []
    for file in files:
        label = labels["label"].get(file)
        if isinstance(label, str):
            subset = next(filter(None, map(tables.subset_of, file.split("/")[:-1])), None)
            rows.append((file, label, None, subset))
        elif file in labels.index:
            listing.set_aside.append((file, f"has no label in {names}"))
        elif file not in torn:
            _leave(listing, file, f"is not listed in {names}")
    listing.set_aside += [entry for table in described for entry in table.set_aside]
    listing.table = pd.DataFrame(rows, columns=COLUMNS, dtype=object)
    return listing


def _with_columns(listed: pd.DataFrame, described: list[tables.Table]) -> pd.DataFrame:
    """Add what the tables say beyond labels: groups, subsets, other columns. The first table wins."""
    extra = _merged(described)
    if extra is None or listed.empty:
        return listed
    extra = extra.drop(columns="label", errors="ignore").reindex(listed["path"])
    for column in extra.columns:
        values = tables.with_none(extra[column]).to_numpy()
        if column == "subset":
            listed[column] = [value or known for value, known in zip(values, listed[column], strict=True)]
        else:
            listed[column] = pd.Series(values, listed.index, dtype=object)
    return listed


def _merged(described: list[tables.Table]) -> pd.DataFrame | None:
    merged: pd.DataFrame | None = None
    for table in described:
        merged = table.rows if merged is None else merged.combine_first(table.rows)
    return merged


def _tables(root: Path, files: list[str], only: str | None) -> list[tables.Table]:
    """The tables of files at the top of a folder, and every `metadata` table further down."""
    described = []
    for file in files if only is None else [only]:
        path = PurePosixPath(file)
        if path.suffix.lower() in scan.TABLE_ENDINGS and (
            len(path.parts) == 1 or path.stem.lower() == "metadata"
        ):
            table = tables.read(root, file, files)
            described += [] if table is None else [table]
    if only is not None and not (described and "label" in described[0].rows):
        raise DatasetError(
            f"{only} is no table of images: it needs a file column ({', '.join(tables.COLUMNS['file'])}) "
            f"naming files beside it, and a label column ({', '.join(tables.COLUMNS['label'])})."
        )
    return described


def unwrapped(
    root: Path, files: list[str], aside: list[tuple[str, str]]
) -> tuple[Path, list[str], list[tuple[str, str]]]:
    """Step into a top folder that holds everything and is itself no class."""
    while True:
        images_and_tables = [
            file for file in files if "/" in file or not scan.is_paper(file) or is_table(file)
        ]
        tops = {file.split("/", 1)[0] for file in images_and_tables}
        top = next(iter(tops)) if len(tops) == 1 else None
        inside = [file[len(top) + 1 :] for file in files if file.startswith(f"{top}/")] if top else []
        if not any("/" in file or is_table(file) for file in inside):
            return root, files, aside
        prefix = f"{top}/"
        aside = [(path.removeprefix(prefix), reason) for path, reason in aside]
        root, files = root / str(top), inside


def is_table(file: str) -> bool:
    """Whether a file at the top of a folder may be a table of its images."""
    return "/" not in file and PurePosixPath(file).suffix.lower() in scan.TABLE_ENDINGS


def _leave(listing: Listing, file: str, reason: str) -> None:
    if scan.is_paper(file) and file.count("/") <= 1:
        listing.ignored += 1  # a README or a table never claimed to be an image
    else:
        listing.set_aside.append((file, reason))


def _empty(shape: str) -> Listing:
    return Listing(root=Path(), shape=shape, table=pd.DataFrame(columns=COLUMNS), set_aside=[], ignored=0)


def _what_was_there(listing: Listing) -> str:
    loose = [path for path, _ in listing.set_aside if path.lower().endswith(images.ENDINGS)]
    if loose:
        return f"{len(loose)} images lie there without a class, the first {loose[0]}"
    return f"{len(listing.set_aside)} other files" if listing.set_aside else "it holds no files"
