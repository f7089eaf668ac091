"""From a folder, whatever its shape, to labelled files.

Known shapes: one subfolder per class; `train/ validation/ test/` holding class folders; images with a
table that names file and label (Hugging Face's `metadata.csv` among them). A folder that only wraps
another is looked through.
"""

from pathlib import Path, PurePosixPath

from core import paths
from core.data import images, labelling, scan, tables
from core.errors import DatasetError

_EXPECTED = (
    "Fieldguide reads a folder with one subfolder per class, the same inside train, validation and test "
    "folders, or images with a table (CSV, TSV, JSONL, Parquet) that has a file and a label column."
)
Files = tuple[Path, list[str], list[tuple[str, str]]]  # where paths start, the files, what was set aside
_NO_LABEL = f"it has no label column ({', '.join(tables.COLUMNS['label'])})"


def read(
    folder: Path, *, only_table: str | None = None, inner: str | None = None, called: str | None = None
) -> labelling.Listing:
    """List the labelled files of `folder`; `only_table` names the one table to go by.

    `inner` is the folder inside it where an earlier reading found the images: paths keep starting from it,
    whatever has come to lie beside it. `called` is what the person calls the source.

    Raises:
        DatasetError: it is no folder, or its shape is none of the known ones.
    """
    if not paths.is_dir(folder):
        raise DatasetError(f"There is no folder {folder}. {_EXPECTED}")
    found = scan.walk(folder)
    kept = None if inner is None else _kept(folder, inner, found)
    root, files, aside = kept or unwrapped(folder, found.files, found.set_aside)
    described, refused = _tables(root, files, only_table)
    meant = {table.name: f"not used as a table: {table.reason}" for table in refused if table.meant}
    others = [file for file in files if file not in meant]
    listing = labelling.label(root, others, described, strict=only_table is not None)
    listing.set_aside = sorted([*aside, *listing.set_aside, *meant.items()])
    listing.ignored += found.ignored
    listing.notes += _empty_classes(root.relative_to(folder).as_posix(), found.empty, listing)
    if listing.table.empty:
        raise DatasetError(_nothing(called or str(folder), listing, described, refused))
    return listing


def _empty_classes(inner: str, empty: list[str], listing: labelling.Listing) -> list[str]:
    """A sentence on the folders that stand among the class folders and hold nothing."""
    depth = labelling.CLASS_DEPTH.get(listing.shape)
    prefix = "" if inner == "." else f"{inner}/"
    inside = [one.removeprefix(prefix) for one in empty if one.startswith(prefix)]
    names = sorted({one.split("/")[-1] for one in inside if one.count("/") + 1 == depth})
    if not names:
        return []
    listed = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    if len(names) == 1:
        return [f"The folder {listed} holds no images, so there is no such class."]
    return [f"The folders {listed} hold no images, so there are no such classes."]


def _kept(folder: Path, inner: str, found: scan.Found) -> Files | None:
    """The files below `inner`, and the others set aside; None when none is there any more."""
    prefix = "" if inner == "." else f"{inner}/"
    inside = [file.removeprefix(prefix) for file in found.files if file.startswith(prefix)]
    if not inside:
        return None
    outside = [file for file in found.files if not file.startswith(prefix)]
    outside = [file for file in outside if is_table(file) or not scan.is_paper(file)]
    reason = f"lies outside {inner}, where the images of this dataset are: bring it as a source of its own"
    aside = [(path.removeprefix(prefix), why) for path, why in found.set_aside]
    return folder / inner, inside, aside + [(file, reason) for file in outside]


def _tables(
    root: Path, files: list[str], only: str | None
) -> tuple[list[tables.Table], list[tables.Refused]]:
    """The tables of files at the top of a folder, and every `metadata` table further down."""
    described, refused = [], []
    for file in files if only is None else [only]:
        path = PurePosixPath(file)
        if path.suffix.lower() in scan.TABLE_ENDINGS and (
            len(path.parts) == 1 or path.stem.lower() == "metadata"
        ):
            table = tables.read(root, file, files)
            if isinstance(table, tables.Table):
                described.append(table)
            else:
                refused.append(table)
    if only is not None and not (described and "label" in described[0].rows):
        reason = refused[0].reason if refused else _NO_LABEL
        raise DatasetError(f"{only} cannot be used as a table of images: {reason}. {_EXPECTED}")
    return described, refused


def unwrapped(
    root: Path, files: list[str], aside: list[tuple[str, str]], *, keep_subsets: bool = False
) -> Files:
    """Step into a top folder that holds everything and is itself no class; with `keep_subsets`, nor a subset
    (of one archive of several, `train` says what its images are for).
    """
    while True:
        images_and_tables = [
            file for file in files if "/" in file or not scan.is_paper(file) or is_table(file)
        ]
        tops = {file.split("/", 1)[0] for file in images_and_tables}
        top = next(iter(tops)) if len(tops) == 1 else None
        inside = [file[len(top) + 1 :] for file in files if file.startswith(f"{top}/")] if top else []
        is_subset = keep_subsets and top is not None and tables.subset_of(top) is not None
        if is_subset or not any("/" in file or is_table(file) for file in inside):
            return root, files, aside
        prefix = f"{top}/"
        aside = [(path.removeprefix(prefix), reason) for path, reason in aside]
        root, files = root / str(top), inside


def is_table(file: str) -> bool:
    """Whether a file at the top of a folder may be a table of its images."""
    return "/" not in file and PurePosixPath(file).suffix.lower() in scan.TABLE_ENDINGS


def _nothing(
    called: str, listing: labelling.Listing, described: list[tables.Table], refused: list[tables.Refused]
) -> str:
    """Why no file bears a label: what was there, and what is the matter with each table."""
    reasons = {table.name: table.reason for table in refused}
    reasons |= {table.name: _NO_LABEL for table in described if "label" not in table.rows}
    unused = "".join(f" {name} was not used: {reason}." for name, reason in reasons.items())
    return f"No labelled images were found in {called} ({_what_was_there(listing)}).{unused} {_EXPECTED}"


def _what_was_there(listing: labelling.Listing) -> str:
    files = listing.set_aside
    loose = [path for path, _ in files if path.lower().endswith(images.ENDINGS)]
    if loose:
        return f"{len(loose)} images lie there without a class, the first {loose[0]}"
    if files:
        more = f"{len(files):,} other files, the first " if len(files) > 1 else ""
        return f"{more}{files[0][0]}: {files[0][1]}"
    return "it holds no images"
