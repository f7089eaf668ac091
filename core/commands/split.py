"""`split`: divide a dataset into train, validation and test."""

import dataclasses
from pathlib import Path

import click

from core.commands import features, output


@click.command()
@click.argument("name")
@click.option("--dataset", "dataset_name", required=True, help="The dataset to divide.")
@click.option("--train", default=0.70, show_default=True, help="Share of images to learn from.")
@click.option("--validation", default=0.15, show_default=True, help="Share that chooses the best epoch.")
@click.option("--test", default=0.15, show_default=True, help="Share that grades the result; may be 0.")
@click.option("--seed", default=0, show_default=True)
@click.option(
    "--group-by",
    default="near-duplicates",
    show_default=True,
    help="What stays together: near-duplicates, parent, column:NAME, pattern:REGEX or none.",
)
@click.option("--from-folders", is_flag=True, help="Take the subsets from the source's folders or table.")
@click.option(
    "--from-table",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Take the subsets from a CSV file as the Split page downloads it: path, subset, and sha256 to know "
    "moved files by.",
)
@features.backbone_option
@features.weights_option
@output.json_option
def split(
    name: str,
    dataset_name: str,
    train: float,
    validation: float,
    test: float,
    seed: int,
    group_by: str,
    from_folders: bool,
    from_table: Path | None,
    backbone: str | None,
    weights: str,
    as_json: bool,
) -> None:
    """Divide a dataset into train, validation and test, under NAME.

    With --backbone, near-duplicates also cover crops and small turns, found by features.
    """
    from core.data import crops, datasets
    from core.split import listed, store, sureness
    from core.split.config import SplitConfig

    loaded = datasets.load(dataset_name)
    config = SplitConfig(
        train=train,
        validation=validation,
        test=test,
        seed=seed,
        group_by=group_by,
        from_folders=from_folders,
        from_table=from_table.name if from_table else None,
    )
    named = listed.read(from_table.read_bytes(), from_table.name) if from_table else None
    clusters = None
    if backbone is not None:
        found, basis = features.of_dataset(loaded, backbone, weights, output.progress())
        clusters, config = crops.clusters(loaded.table, found), dataclasses.replace(config, features=basis)
    made = store.make(name, loaded, config, clusters=clusters, named=named)
    subsets = made.counts()
    warning = sureness.warning(subsets)
    payload = {
        "name": name,
        "subsets": subsets,
        "straddling_near_duplicates": made.straddling,
        "notes": made.notes,
        "warning": warning,
    }
    lines = [f"{name}: {dataset_name} divided {config.in_words()}"]
    for subset, counts in subsets.items():
        classes = ", ".join(f"{label} {n}" for label, n in counts.items())
        lines.append(f"  {subset}: {sum(counts.values())} ({classes})")
    lines.append(
        f"Images with a detected near-duplicate in another subset: {made.straddling['this']} here, "
        f"{made.straddling['random']} in a random split."
    )
    output.emit(as_json, payload, "\n".join([*lines, *made.notes, *([warning] if warning else [])]))
