"""`dataset`: bring images, see what is wrong with them, put it right."""

from pathlib import Path
from typing import Any

import click

from core.commands import output


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
@output.json_option
def show(name: str, as_json: bool) -> None:
    """Say what is in a dataset, and what was set aside."""
    from core.data import datasets

    _show(datasets.load(name), as_json)


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
    """Say that the source folder of NAME has moved to PATH."""
    from core.data import datasets

    _show(datasets.relink(name, path, progress=output.progress()), as_json)


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
    datasets.delete(name)
    output.emit(as_json, {"deleted": name}, f"{name} is deleted.")


@dataset.command()
@click.argument("name")
@click.argument("new")
@output.json_option
def rename(name: str, new: str, as_json: bool) -> None:
    """Give a dataset another name; its splits follow."""
    from core.data import datasets

    _show(datasets.rename(name, new), as_json)


def _show(loaded: Any, as_json: bool) -> None:
    aside = loaded.set_aside[["path", "reason"]].to_dict("records")
    payload = {
        "name": loaded.name,
        "n_images": len(loaded.table),
        "classes": loaded.counts,
        "set_aside": aside,
    }
    lines = [f"{loaded.name}: {len(loaded.table)} images in {len(loaded.classes)} classes"]
    lines += [f"  {label}: {n}" for label, n in loaded.counts.items()]
    if aside:
        lines.append(f"{len(aside)} files were set aside:")
        lines += [f"  {one['path']}: {one['reason']}" for one in aside]
    output.emit(as_json, payload, "\n".join(lines))
