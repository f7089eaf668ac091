"""Figures in plain words, for the terminal, the report and the page."""

from typing import Any


def percent(value: float | None, digits: int = 1) -> str:
    """0.8765 -> "87.7 %"; None -> "undefined"."""
    return "undefined" if value is None else f"{100 * value:.{digits}f} %"


def between(pair: list[float] | None) -> str:
    """[0.81, 0.92] -> "81.0 to 92.0 %"; None -> "too few images"."""
    return "too few images" if pair is None else f"{100 * pair[0]:.1f} to {100 * pair[1]:.1f} %"


def page(figures: dict[str, Any]) -> str:
    """The figures as a short text for a terminal."""
    lines = [
        f"Run {figures['run']}, {figures['subset']}: {figures['n_images']:,} images "
        f"of {len(figures['classes'])} classes.",
        f"Accuracy {percent(figures['accuracy'])} (95 % interval {between(figures['accuracy_interval'])}); "
        f"always saying '{figures['majority_class']}' scores {percent(figures['majority_baseline'])}.",
        f"Macro F1 {percent(figures['macro_f1'])} ({between(figures['intervals']['macro_f1'])}), "
        f"balanced accuracy {percent(figures['balanced_accuracy'])}.",
        f"Rule: {figures['decision']['words']}; costs per 1,000 images: {figures['expected_cost']:.1f}.",
    ]
    if "openings" in figures:
        lines.append(f"The test result has been opened {figures['openings']} times.")
    width = max(len(label) for label in figures["classes"])
    lines.append(f"\n{'class':<{width}}  precision    recall        F1  images")
    for label, one in figures["per_class"].items():
        cells = "".join(f"{percent(one[name]):>10}" for name in ("precision", "recall", "f1"))
        lines.append(f"{label:<{width}} {cells}  {one['support']:>6}")
    return "\n".join(lines)
