"""`dataset`: bring images, see what is wrong with them, put it right."""

from pathlib import Path
from typing import Any

import click

from core import upkeep, words
from core.commands import features, output


@click.group()
def dataset() -> None:
    """Bring images, see what is wrong with them, put it right."""


@dataset.command()
@click.argument("name")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--extend", is_flag=True, help="Add the images to the existing dataset NAME.")
@output.json_option
def add(name: str, path: Path | None, extend: bool, as_json: bool) -> None:
    """Take in the images of PATH (a folder, a zip, a table) under NAME; without PATH, the sample NAME."""
    from core.data import datasets

    if extend and path is None:
        raise click.UsageError("--extend needs the PATH of the images to add.")
    if extend and path is not None:
        _show(datasets.extend(name, path, progress=output.progress()), as_json)
    else:
        _show(datasets.add(name, path, progress=output.progress()), as_json)


@dataset.command()
@click.argument("name")
@click.option("--paths", is_flag=True, help="List every image: its path and label, and those left out.")
@output.json_option
def show(name: str, paths: bool, as_json: bool) -> None:
    """Say what is in a dataset, and what was set aside."""
    from core.data import datasets

    loaded = datasets.load(name)
    if not paths:
        return _show(loaded, as_json)
    columns = ["path", "label"]
    images, excluded = loaded.table[columns], loaded.excluded[columns]
    listed = {"images": images.to_dict("records"), "excluded": excluded.to_dict("records")}
    lines = [f"{path}\t{label}" for path, label in images.itertuples(index=False)]
    lines += [f"{path}\t{label}\texcluded" for path, label in excluded.itertuples(index=False)]
    output.emit(as_json, _described(loaded) | listed, "\n".join([_text(loaded), *lines]))


@dataset.command()
@click.argument("name")
@output.json_option
def refresh(name: str, as_json: bool) -> None:
    """Look at the source again, reading only files that are new or changed."""
    from core.data import datasets

    _show(datasets.refresh(name, progress=output.progress()), as_json)


@dataset.command()
@click.argument("name")
@click.argument("path", type=click.Path(path_type=Path))
@output.json_option
def relink(name: str, path: Path, as_json: bool) -> None:
    """Say that a source folder of NAME has moved to PATH; of several, the missing one that fits."""
    from core.data import datasets

    linked = datasets.relink(name, path, progress=output.progress())
    missing = [str(place.folder) for place in linked.places if not place.there]
    lines = [f"Still missing: {folder}. Relink it too." for folder in missing]
    output.emit(as_json, _described(linked) | {"still_missing": missing}, "\n".join([_text(linked), *lines]))


@dataset.command("list")
@output.json_option
def list_(as_json: bool) -> None:
    """List the datasets."""
    from core.data import datasets

    found = [datasets.load(name) for name in datasets.names()]
    payload = [{"name": one.name, "n_images": len(one.table), "n_classes": len(one.classes)} for one in found]
    lines = [f"{one['name']}: {one['n_images']} images in {one['n_classes']} classes" for one in payload]
    output.emit(as_json, {"datasets": payload}, "\n".join(lines) or "There are no datasets yet.")


@dataset.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output.json_option
def delete(name: str, yes: bool, as_json: bool) -> None:
    """Remove a dataset with its uploads, edits and splits; a linked folder is never touched."""
    from core.data import datasets

    loaded = datasets.load(name)
    if not yes and not as_json:
        click.confirm(
            f"Delete {name} ({len(loaded.table)} images), its edits and splits?", abort=True, err=True
        )
    upkeep.delete_dataset(name)
    output.emit(as_json, {"deleted": name}, f"{name} is deleted.")


@dataset.command()
@click.argument("name")
@click.argument("new")
@output.json_option
def rename(name: str, new: str, as_json: bool) -> None:
    """Give a dataset another name; its splits follow."""

    _show(upkeep.rename_dataset(name, new), as_json)


@dataset.command()
@click.argument("name")
@features.backbone_option
@features.weights_option
@output.json_option
def check(name: str, backbone: str | None, weights: str, as_json: bool) -> None:
    """Say what is wrong with a dataset: copies, label conflicts, outstanding images, shortcuts.

    With --backbone, near-duplicates also cover crops and small turns, found by features.
    """
    from core.data import checks, crops, datasets, shortcuts

    loaded = datasets.load(name)
    if backbone is None:
        report = checks.check(loaded)
    else:
        found, basis = features.of_dataset(loaded, backbone, weights, output.progress())
        report = checks.check(loaded, clusters=crops.clusters(loaded.table, found), basis=basis)
    lines = [
        f"{len(report.unreadable)} files could not be read",
        f"{len(report.exact_duplicates)} sets of exact copies",
        f"{len(report.near_duplicates)} sets of near-duplicates",
        f"{len(report.label_conflicts)} sets of copies bear more than one label",
        f"{len(report.extremes)} images stand out",
        *[shortcuts.in_words(one) for one in report.shortcuts],
        f"A model that always says {report.largest_class!r} would be right "
        f"{words.percent(report.largest_class_share)} of the time",
    ]
    output.emit(as_json, report.to_dict(), "\n".join(lines))


@dataset.command()
@click.argument("name")
@features.backbone_option
@features.weights_option
@output.json_option
def suspects(name: str, backbone: str | None, weights: str, as_json: bool) -> None:
    """List images whose label looks wrong to a model that did not learn from them."""
    from core.data import datasets
    from core.data import suspects as suspects_module

    loaded = datasets.load(name)
    found, basis = features.of_dataset(loaded, backbone or "resnet18", weights, output.progress())
    listed = suspects_module.find(loaded.table, found)
    suspects_module.keep(loaded.folder, listed, basis)
    lines = [
        f"{one['path']}: {one['label']}, rather {one['suggested']} ({one['score']:.2f})" for one in listed
    ]
    text = "\n".join([f"{len(listed)} suspects, by {basis}", *lines])
    output.emit(as_json, {"suspects": listed, "features": basis}, text)


@dataset.command()
@click.argument("name")
@click.option("--exclude", multiple=True, metavar="PATH", help="Leave an image out; may be repeated.")
@click.option("--include", multiple=True, metavar="PATH", help="Take an image in again that was left out.")
@click.option("--relabel", multiple=True, nargs=2, metavar="PATH LABEL", help="Give an image another label.")
@click.option(
    "--rename-class", nargs=2, metavar="LABEL NEW", help="Rename a class, or merge it into another."
)
@click.option(
    "--keep-one", multiple=True, metavar="PATH", help="Of these copies keep the largest; repeat it."
)
@click.option("--keep", metavar="PATH", help="With --keep-one: keep this copy instead of the largest.")
@click.option("--undo", is_flag=True, help="Take back the newest edit.")
@click.option("--export", type=click.Path(path_type=Path), help="Write what the edits change to a CSV file.")
@output.json_option
def edit(
    name: str,
    exclude: tuple[str, ...],
    include: tuple[str, ...],
    relabel: tuple[tuple[str, str], ...],
    rename_class: tuple[str, str] | None,
    keep_one: tuple[str, ...],
    keep: str | None,
    undo: bool,
    export: Path | None,
    as_json: bool,
) -> None:
    """Put a dataset right, without touching the image files; print what `show` prints.

    All that is asked for is done, in the order of the options above, or nothing of it.
    """
    from core.data import datasets, drafts, edits

    if not (exclude or include or relabel or rename_class or keep_one or undo or export):
        raise click.UsageError(
            "Say what to change: --exclude, --include, --relabel, --rename-class, --keep-one or --undo."
        )
    if keep is not None and not keep_one:
        raise click.UsageError("--keep needs the copies of which it is one: --keep-one PATH for each.")
    draft = drafts.Draft(name)
    if exclude:
        draft.exclude(exclude)
    if include:
        draft.include(include)
    for label in dict.fromkeys(label for _, label in relabel):
        draft.relabel([path for path, wanted in relabel if wanted == label], label)
    if rename_class:
        draft.rename_class(*rename_class)
    if keep_one:
        copies = keep_one if keep is None else tuple(dict.fromkeys((*keep_one, keep)))
        draft.keep_one(copies, keep)
    if undo:
        draft.undo()
    draft.write()
    if export:
        edits.table(name).to_csv(export, index=False)
    _show(datasets.load(name), as_json)


def _show(loaded: Any, as_json: bool) -> None:
    output.emit(as_json, _described(loaded), _text(loaded))


def _described(loaded: Any) -> dict[str, Any]:
    return {
        "name": loaded.name,
        "n_images": len(loaded.table),
        "classes": loaded.counts,
        "set_aside": loaded.set_aside[["path", "reason"]].to_dict("records"),
        "ignored": loaded.ignored,
        "notes": loaded.notes,
    }


def _text(loaded: Any) -> str:
    aside = loaded.set_aside[["path", "reason"]].to_dict("records")
    lines = [f"{loaded.name}: {len(loaded.table)} images in {len(loaded.classes)} classes"]
    lines += [f"  {label}: {n}" for label, n in loaded.counts.items()]
    if aside:
        lines.append(f"{len(aside)} files were set aside:")
        lines += [f"  {one['path']}: {one['reason']}" for one in aside]
    if loaded.ignored:
        lines.append(f"Passed over (hidden files, system files, documents): {loaded.ignored}.")
    lines += loaded.notes
    return "\n".join(lines)
