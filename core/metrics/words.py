"""Figures in plain words, for the terminal, the report and the page."""

from typing import Any

from core.metrics import deciding, evaluations, ruled


def percent(value: float | None, digits: int = 1) -> str:
    """0.8765 -> "87.7 %"; None -> "undefined"."""
    return "undefined" if value is None else f"{100 * value:.{digits}f} %"


def between(pair: list[float] | None) -> str:
    """[0.81, 0.92] -> "81.0 to 92.0 %"; None -> "too few images"."""
    return "too few images" if pair is None else f"{100 * pair[0]:.1f} to {100 * pair[1]:.1f} %"


def images(subset: str, count: int) -> str:
    """ "validation", 90 -> "90 validation images"; "images of birds", 7 -> "7 images of birds"."""
    if evaluations.name_of(subset):
        return f"{count:,} {subset}"
    return f"{count:,} {subset} images"


def page(figures: dict[str, Any]) -> str:
    """The figures as a short text for a terminal: under the rule in force, and as the most probable class."""
    shown = ruled.under(figures)
    lines = [
        f"Run {figures['run']}: {images(figures['subset'], figures['n_images'])} "
        f"of {len(figures['classes'])} classes.",
        f"Rule: {figures['decision']['words']}.",
        *_under_rule(figures),
        f"Accuracy {percent(shown['accuracy'])} (95 % interval {between(shown['accuracy_interval'])}); "
        f"always saying '{figures['majority_class']}' scores {percent(figures['majority_baseline'])}.",
        f"Macro F1 {percent(shown['macro_f1'])} ({between(shown['intervals']['macro_f1'])}), "
        f"balanced accuracy {percent(shown['balanced_accuracy'])}.",
        *deciding.said_of_costs(figures),
    ]
    if figures.get("previous"):
        lines.append(figures["previous"]["text"])
    if "openings_in_words" in figures:
        lines.append(figures["openings_in_words"])
    return "\n".join([*lines, "", *_class_table(shown)])


def _under_rule(figures: dict[str, Any]) -> list[str]:
    """What the rule changes; nothing where it changes no answer."""
    if not ruled.changes(figures):
        return []
    found = figures["under_decision"]
    return [
        f"It changes {found['n_changed']:,} answers, answers {percent(found['coverage'])} of the images and "
        f"is right on {percent(found['accuracy'])} of those; as the most probable class, accuracy is "
        f"{percent(figures['accuracy'])}. What follows is under the rule."
    ]


def _class_table(shown: dict[str, Any]) -> list[str]:
    width = max(len(label) for label in [*shown["classes"], "class"])
    lines = [f"{'class':<{width}}  precision    recall        F1  images"]
    for label, one in shown["per_class"].items():
        cells = "".join(f"{percent(one[name]):>10}" for name in ("precision", "recall", "f1"))
        lines.append(f"{label:<{width}} {cells}  {one['support']:>6}")
    return lines
