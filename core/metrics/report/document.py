"""The report as one HTML text: a first page that prints as a summary, then every figure with its chart."""

import datetime
import html
from pathlib import Path
from typing import Any

from core import runs
from core.metrics import adviser, openings, store, verdict, words
from core.metrics.report import facts, sections

STYLE = Path(__file__).with_name("style.css")


def render(
    run: runs.Run,
    *,
    metric: str | None = None,
    with_test: bool = False,
    via: str = "report",
    images: bool = True,
) -> str:
    """The report of `run`, self-contained: no outside address, no folder of this machine, no GPS.

    metric: the headline metric; by default what suits the balance of the classes.
    with_test: add the test result, which is written down as an opening (`via` says where).
    images: show the worst mistakes as small pictures, without what the camera wrote into them.

    Raises:
        TrainingError: the run has no validation (or, with_test, no test) predictions.
        MetricsError: there is no such metric.
    """
    figures = store.figures(run)
    headline = metric or adviser.advise(facts.counts(figures)).metric
    test = store.open_test(run, via=via) if with_test else None
    title = f"{facts.name(run)}: how good, how sure"
    body = [
        _summary(run, figures, test, headline),
        sections.scores(figures),
        sections.classes(figures),
        sections.confusion(figures),
        sections.curves(run),
        sections.probabilities(run, figures),
        sections.training(run.history()),
        sections.mistakes(run, images=images),
        sections.settings(facts.settings(run)),
    ]
    if test is not None:
        body.insert(1, sections.test(test))
    return _page(title, "\n".join(part for part in body if part))


def _page(title: str, body: str) -> str:
    style = STYLE.read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{style}</style></head>\n<body>{body}</body></html>\n"
    )


def _summary(run: runs.Run, figures: dict[str, Any], test: dict[str, Any] | None, headline: str) -> str:
    """The first page: verdict, the figures that count, the rule, and what they rest on."""
    value, between = adviser.value_of(figures, headline)
    said = "".join(
        f'<li class="{one.tone}">{html.escape(one.text)}</li>' for one in verdict.verdict(figures, headline)
    )
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d")
    span = words.between(figures["accuracy_interval"])
    tiles = [
        (
            adviser.title(headline),
            sections.number(headline, value),
            f"95 %: {sections.span(headline, between)}",
        ),
        (
            "Accuracy",
            words.percent(figures["accuracy"]),
            f"95 %: {span}",
        ),
        ("Guessing", words.percent(figures["majority_baseline"]), f"always '{figures['majority_class']}'"),
        ("Costs per 1,000", f"{figures['expected_cost']:.1f}", figures["decision"]["words"]),
    ]
    if headline == "accuracy":
        tiles.pop(1)
    squares = "".join(
        '<div class="tile"><span>{}</span><b>{}</b><span>{}</span></div>'.format(*map(html.escape, tile))
        for tile in tiles
    )
    frequencies = "".join(f"<li>{html.escape(line)}</li>" for line in facts.frequencies(run))
    return (
        f'<section class="summary"><h1>{html.escape(facts.name(run))}</h1>'
        f'<p class="soft">{html.escape(facts.origin(run, figures))} · written {now}</p>'
        f'<ul class="verdict">{said}</ul><div class="tiles">{squares}</div>'
        f'<h2>In whole images</h2><p class="note">If 1,000 images came in this dataset\'s proportions:</p>'
        f"<ul>{frequencies}</ul>{_seal(run, test)}"
        "<p class='note'>Intervals hold 95 times in 100 for images drawn as these were; they say nothing "
        "of images of another kind, place or camera.</p></section>"
    )


def _seal(run: runs.Run, test: dict[str, Any] | None) -> str:
    """What is known of the sealed test subset."""
    times = openings.count(run)
    said = f"The test result has been opened {times} {'time' if times == 1 else 'times'}."
    if test is not None:
        pair = words.between(test["accuracy_interval"])
        said = f"Test accuracy {words.percent(test['accuracy'])} (95 %: {pair}). {said}"
    elif times == 0:
        said = "The test result is still sealed: every figure here is of the validation images."
    return f"<p>{html.escape(said)}</p>"
