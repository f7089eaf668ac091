"""The model card (Mitchell et al. 2019): what the model is, what it learnt from, and how far to trust it."""

from typing import Any

from core import runs
from core.inference import predictor
from core.metrics import openings, ruled
from core.metrics import store as metric_store
from core.model import weights_files

_LICENCES = {
    "imagenet": "torchvision's (BSD-3-Clause); the images of ImageNet have terms of their own",
    "none": "none needed",
}


def text(run: runs.Run, model: predictor.Predictor, parity: dict[str, Any]) -> str:
    """The card as Markdown."""
    config = run.config()
    parts = [
        f"# {', '.join(model.classes[:6])}{' …' if len(model.classes) > 6 else ''}: an image classifier",
        f"Exported by Fieldguide from run `{run.id}` of {config['created'][:10]}.",
        "## The model",
        _model(model),
        "## What it learnt from",
        _data(run, config),
        "## How good it is",
        *[_figures(run, subset) for subset in ("validation", "test")],
        "## How it answers",
        _rule(model),
        "## Limits",
        _limits(model),
        "## The export",
        f"`predict.py` gave the same answer as the run for {parity['agreement']:.1%} of {parity['n_images']} "
        f"{parity['subset']} images; the greatest difference in a probability was "
        f"{parity['max_difference']:.1e}, and both called the same images unknown for "
        f"{parity['unknown_agreement']:.1%} of them. It needs only what `requirements.txt` lists.",
    ]
    return "\n\n".join(parts) + "\n"


def _model(model: predictor.Predictor) -> str:
    weights = model.card["weights"]
    licence = weights_files.starter_card()["licence"] if weights["kind"] == "starter" else None
    licence = licence or _LICENCES.get(weights["kind"], "not known to Fieldguide: ask whoever made the file")
    size = model.transform.image_size
    return (
        f"- Backbone: {model.card['backbone']}, then a linear head\n"
        f"- Input: the centre of an image, {size} x {size} pixels\n"
        f"- Classes: {', '.join(model.classes)}\n"
        f"- Started from: {weights['origin']}\n"
        f"- Licence of those weights: {licence}"
    )


def _data(run: runs.Run, config: dict[str, Any]) -> str:
    table = run.manifest()
    counts = table.groupby(["label", "subset"]).size().unstack(fill_value=0)
    subsets = [name for name in ("train", "validation", "test") if name in counts]
    lines = [f"Dataset {config.get('dataset')!r}, split {config.get('split')!r}.", ""]
    lines += [f"| class | {' | '.join(subsets)} |", f"|{' --- |' * (len(subsets) + 1)}"]
    for label, row in counts.iterrows():
        lines.append(f"| {label} | {' | '.join(str(int(row[name])) for name in subsets)} |")
    return "\n".join(lines)


def _figures(run: runs.Run, subset: str) -> str:
    """The figures with their intervals; the test subset's only if a person has opened them."""
    known = set(run.manifest()["subset"])
    if subset not in known:
        return f"There were no {subset} images."
    if subset == "test" and not openings.under_rule(run):
        return f"The test result stays sealed. {openings.said(run)}"
    if not (run.folder / "predictions.parquet").exists():
        return f"The run kept no {subset} predictions."
    found = ruled.under(metric_store.figures(run, subset))
    lines = [
        f"On {found['n_images']} {subset} images, by the rule below: "
        f"accuracy {_with(found['accuracy'], found['accuracy_interval'])}, "
        f"macro F1 {_with(found['macro_f1'], found['intervals'].get('macro_f1'))}.",
        "",
        "| class | precision | recall | F1 | images |",
        "| --- | --- | --- | --- | --- |",
    ]
    for label, one in found["per_class"].items():
        cells = [_with(one[name], one["intervals"].get(name)) for name in ("precision", "recall", "f1")]
        lines.append(f"| {label} | {' | '.join(cells)} | {one['support']} |")
    if subset == "test":
        lines += ["", openings.said(run)]
    return "\n".join(lines)


def _with(value: float | None, interval: Any) -> str:
    if value is None:
        return "undefined"
    return f"{value:.3f}" + (f" ({interval[0]:.3f} to {interval[1]:.3f})" if interval else "")


def _rule(model: predictor.Predictor) -> str:
    rule = model.decision
    costs = (
        ""
        if rule.costs is None
        else f" Costs, row = true, column = answer: {[list(row) for row in rule.costs]}."
    )
    return f"By {rule.describe()}, with probabilities at temperature {rule.temperature:.3f}.{costs}"


def _limits(model: predictor.Predictor) -> str:
    if model.known is None:
        unlike = "it was not taught to tell images that are unlike its training images"
    else:
        unlike = (
            "an image farther from the training images than all but "
            f"{model.known.share:.0%} of them are from each other is said to be unknown, which catches most "
            "images of other kinds and not all"
        )
    return (
        f"- It knows {len(model.classes)} classes and gives one of them to whatever it is shown; {unlike}.\n"
        "- The figures hold for images that come about as those did; intervals are 95 % and say nothing "
        "about images of another kind.\n"
        "- A probability is a share among images like the validation images, not a certainty."
    )
