"""The report's sections: each takes figures and gives HTML."""

import html
from typing import Any

import numpy as np

from core import runs
from core.metrics import adviser, calibration, decisions, ruled, store, views, words
from core.metrics import confusion as reading
from core.metrics import costs as costing
from core.metrics import mistakes as wrong
from core.metrics import scores as scoring
from core.metrics.report import cells, pictures, svg
from core.words import moment

MOST_CURVES = 12
ENOUGH = 5
"""Images of a bin from which on the reliability is drawn."""


def rule(figures: dict[str, Any]) -> str:
    """Under which rule the figures stand, and what the most probable class would score, if that differs."""
    text = f"Answered by {figures['decision']['words']}."
    if ruled.changes(figures):
        found = figures["under_decision"]
        text += (
            f" It answers {words.percent(found['coverage'])} of the images and is right on "
            f"{words.percent(found['accuracy'])} of those. The figures are under this rule; as the most "
            f"probable class, accuracy is {words.percent(figures['accuracy'])}."
        )
    return f"<p>{html.escape(text)}</p>"


def cost_tile(figures: dict[str, Any]) -> tuple[str, str, str]:
    """Title, value and note of the expected cost; a bill of the answered images alone says so."""
    of = "images" if figures["cost_basis"] == "all" else "answered"
    pair = figures["expected_cost_interval"]
    note = "too few images" if pair is None else f"95 %: {pair[0]:,.1f} to {pair[1]:,.1f}"
    value = figures["expected_cost"]
    return f"Costs per 1,000 {of}", "undefined" if value is None else f"{value:,.1f}", note


def scores(figures: dict[str, Any]) -> str:
    """Every score of the whole, with its interval."""
    rows = []
    for row in views.score_rows(figures):
        pair = None if row["low"] is None else [row["low"], row["high"]]
        between = cells.span(row["name"], pair) if row["name"] in figures["intervals"] else "–"
        rows.append([row["title"], cells.number(row["name"], row["value"]), between, row["note"]])
    return "<h2>Scores</h2>" + cells.table(["Score", "Value", "95 % interval", cells.NOTE], rows)


def classes(figures: dict[str, Any]) -> str:
    """Every class: its recall as a chart, all its scores as a table."""
    per_class = figures["per_class"]
    shown = [
        (label, one["recall"], *one["intervals"]["recall"])
        for label, one in sorted(per_class.items(), key=lambda item: item[1]["recall"] or 0.0)
        if one["recall"] is not None and one["intervals"]["recall"]
    ][:30]
    chart = svg.interval_bars(shown, alt="Recall of each class with its 95 % interval") if shown else ""
    names = ["precision", "recall", "f1", "average_precision", "roc_auc"]
    rows = [
        [label, *(cells.with_interval(one, name) for name in names), f"{one['support']:,}"]
        for label, one in per_class.items()
    ]
    head = ["Class", "Precision", "Recall", "F1", "Average precision", "ROC AUC", "Images"]
    caption = (
        f"<figcaption>Recall, weakest {len(shown)} first, with 95 % intervals</figcaption>" if shown else ""
    )
    return f"<h2>Class by class</h2><figure>{chart}{caption}</figure>{cells.table(head, rows)}"


def confusion(figures: dict[str, Any]) -> str:
    """The matrix, in an order that puts the confused together, and its worst pairs."""
    counts, names = np.array(figures["confusion"]), figures["classes"]
    n = len(names)
    order = reading.cluster_order(counts[:, :n]) if n > 12 else list(range(n))
    ordered = counts[np.ix_(order, [*order, *range(n, counts.shape[1])])]
    answers = [*(names[k] for k in order), *ruled.answer_names(figures)[n:]]
    chart = ""
    if n <= 100:
        chart = svg.heatmap(
            reading.row_shares(ordered).tolist(),
            ordered.tolist(),
            [names[k] for k in order],
            answers,
            alt="Confusion matrix: rows are true classes, columns answers",
        )
    rows = [
        [pair["true"], pair["answer"], f"{pair['count']:,}", words.percent(pair["share"])]
        for pair in reading.most_confused(counts, names, limit=10)
    ]
    pairs = (
        cells.table(["True class", "Taken for", "Images", "Of the class"], rows, texts=2)
        if rows
        else "<p>No mistakes.</p>"
    )
    note = (
        "<p class='note'>Rows: what the image is. Columns: what the model says. Shaded by share of row.</p>"
    )
    return f"<h2>What is taken for what</h2>{note}{chart}<h3>Most confused</h3>{pairs}"


def curves(run: runs.Run) -> str:
    """Precision-recall and ROC of the classes, the rule's own point marked."""
    predictions, rule = run.predictions("validation"), decisions.load(run)
    found = [views.class_curve(predictions, rule, label) for label in predictions.classes[:MOST_CURVES]]
    found = [one for one in found if one.recall is not None]
    first = {one.label: list(zip(one.curve.recall, one.curve.precision, strict=True)) for one in found}
    second = {
        one.label: [(0.0, 0.0), *zip(one.curve.false_positive_rate, one.curve.recall, strict=True)]
        for one in found
        if one.false_positive_rate is not None
    }
    points = [
        (one.recall, one.precision) for one in found if one.precision is not None and one.recall is not None
    ]
    places = [
        (one.false_positive_rate, one.recall)
        for one in found
        if one.false_positive_rate is not None and one.recall is not None
    ]
    pr = svg.Axes(x_label="Recall: share found", y_label="Precision: share right")
    roc = svg.Axes(x_label="False alarms among the others", y_label="Recall: share found")
    more = len(predictions.classes) - MOST_CURVES
    note = f" The first {MOST_CURVES} classes are drawn; {more} more are in the table." if more > 0 else ""
    return (
        f"<h2>Curves</h2><p class='note'>Dots are where the run's rule stands.{note}</p><div class='charts'>"
        f"<figure>{svg.lines(pr, first, alt='Precision and recall of each class', marks=points)}</figure>"
        f"<figure>{svg.lines(roc, second, alt='ROC curves', marks=places, diagonal=True)}</figure>"
        "</div>"
    )


def probabilities(run: runs.Run, figures: dict[str, Any]) -> str:
    """Reliability, confidence, and what saying "unknown" would buy."""
    predictions, heat = run.predictions("validation"), figures["calibration"]["temperature"]
    groups = store.groups_of(run, predictions.paths)
    before, after = views.reliability(predictions, heat, groups=groups)
    sure = views.confidence(predictions, heat)
    shares = scoring.probabilities(predictions.logits, heat)
    coverage = costing.coverage_curve(predictions.true, shares, groups=groups)
    tallest = max(1, int((sure.right + sure.wrong).max()))
    lowest = 1 - 0.04 * max(1.0, float(np.ceil((1 - coverage.accuracy.min()) / 0.04)))  # whole ticks
    share = svg.Axes(x_label="Probability of the answer", y_label="Share right")
    count = svg.Axes(
        x_label="Probability", y_label="Images", y=(0.0, float(-(-tallest // 4) * 4)), percent=False
    )
    kept = svg.Axes(x_label="Share of images answered", y_label="Share right", y=(lowest, 1.0))
    reliable = {"before": _points(before), "after": _points(after)}
    layers = {"right": sure.right.tolist(), "wrong": sure.wrong.tolist()}
    line = {"accuracy": list(zip(coverage.coverage, coverage.accuracy, strict=True))}
    found = figures["calibration"]
    return (
        "<h2>Can the probabilities be believed?</h2>"
        f"<p>Calibration error {words.percent(found['ece_before'])} before and "
        f"{words.percent(found['ece_after'])} after scaling by a temperature of {heat:.2f}, "
        "fitted on validation.</p><div class='charts'>"
        f"<figure>{svg.lines(share, reliable, alt='Reliability diagram', diagonal=True)}</figure>"
        f"<figure>{svg.bars(count, layers, alt='How sure right and wrong answers are')}</figure>"
        f"<figure>{svg.lines(kept, line, alt='Accuracy against coverage')}"
        "<figcaption>Answering only the surest images</figcaption></figure></div>"
    )


def _points(found: calibration.Reliability) -> list[tuple[float, float]]:
    kept = found.count >= ENOUGH  # between bins of a few images a line would only zigzag
    return list(zip(found.confidence[kept], found.accuracy[kept], strict=True))


def training(history: list[dict[str, Any]]) -> str:
    """Loss and accuracy by epoch."""
    if len(history) < 2:
        return ""
    epochs = (1.0, float(len(history)))
    charts = []
    for kind, percent in (("loss", False), ("accuracy", True)):
        series = {
            subset: [
                (e["epoch"], e[f"{subset}_{kind}"]) for e in history if e.get(f"{subset}_{kind}") is not None
            ]
            for subset in ("train", "validation")
        }
        top = 1.0 if percent else max((y for points in series.values() for _, y in points), default=1.0)
        axes = svg.Axes(
            x=epochs, y=(0.0, top), x_label="Epoch", y_label=kind.capitalize(), percent=percent, whole=True
        )
        charts.append(f"<figure>{svg.lines(axes, series, alt=f'{kind} by epoch')}</figure>")
    return f"<h2>Training</h2><div class='charts'>{''.join(charts)}</div>"


def mistakes(run: runs.Run, *, images: bool, most: int = 12) -> str:
    """The mistakes of the greatest loss, as pictures where they can be had."""
    predictions = run.predictions("validation")
    found = wrong.worst_first(wrong.answers(predictions, decisions.load(run)), limit=most)
    if found.empty:
        return "<h2>Mistakes</h2><p>None on the validation images.</p>"
    manifest = run.manifest()
    files = dict(zip(manifest["path"], manifest["file"], strict=True)) if images else {}
    parts = []
    for row in found.to_dict("records"):
        address = pictures.data_url(files[row["path"]]) if row["path"] in files else None
        shown = f'<img alt="{html.escape(row["true"])}" src="{address}">' if address else ""
        text = f"{row['true']}, called {row['answer']} ({words.percent(row['probability'], 0)})"
        caption = f"{html.escape(text)}<br>{html.escape(row['path'])}"
        parts.append(f"<figure>{shown}<figcaption>{caption}</figcaption></figure>")
    return f"<h2>The worst mistakes</h2><div class='gallery'>{''.join(parts)}</div>"


def test(figures: dict[str, Any], seal: str) -> str:
    """The opened test result under the rule in force, beside how often it was opened."""
    shown = ruled.under(figures)
    rows = [
        [adviser.title(name), cells.number(name, shown[name]), cells.span(name, shown["intervals"].get(name))]
        for name in ("accuracy", "balanced_accuracy", "macro_f1", "log_loss")
    ]
    head = cells.table(["Score", "Value", "95 % interval"], rows)
    said = f"{figures['n_images']:,} images that chose nothing. {seal}"
    return f"<h2>Test</h2><p>{html.escape(said)}</p>{rule(figures)}{head}"


def looks(found: list[dict[str, Any]]) -> str:
    """Every opening of the test result: when, where, and under which decision rule."""
    if not found:
        return ""
    rows = [[moment(one["when"]), one.get("via", ""), one.get("words", "")] for one in found]
    head = ["When", "Where", "Decision rule"]
    return "<h2>Openings of the test result</h2>" + cells.table(head, rows, texts=3)


def settings(found: dict[str, str]) -> str:
    """The configuration that made the run."""
    return "<h2>How it was trained</h2>" + cells.table(
        ["Setting", "Value"], [[k, v] for k, v in found.items()], texts=2
    )
