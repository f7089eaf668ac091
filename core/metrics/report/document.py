"""The report as one HTML text: a first page that prints as a summary, then every figure with its chart."""

import datetime
import html
from pathlib import Path
from typing import Any

from core import runs
from core.metrics import adviser, decisions, openings, previous, ruled, store, verdict, words
from core.metrics.report import cells, facts, sections
from core.words import moment

STYLE = Path(__file__).with_name("style.css")


def render(
    run: runs.Run,
    *,
    metric: str | None = None,
    with_test: bool = False,
    via: str = "report",
    known: bool = False,
    images: bool = True,
) -> str:
    """The report of `run`, self-contained: no outside address, no folder of this machine, no GPS.

    Figures are under the decision rule in force; where it changes answers, the accuracy of the most probable
    class stands beside them.

    metric: the headline metric; by default what suits the balance of the classes.
    with_test: add the test result, which is written down as an opening (`via` says where), once the report is
        ready.
    known: who asks has opened the test result already, so that the report is no opening of its own.
    images: show the worst mistakes as small pictures, without what the camera wrote into them.

    Raises:
        TrainingError: the run has no validation (or, with_test, no test) predictions.
        MetricsError: there is no such metric.
    """
    figures = store.figures(run)
    headline = metric or adviser.advise(facts.counts(figures)).metric
    adviser.value_of(figures, headline)
    opening = openings.entry(run, via=via) if with_test and not known else None
    test = store.figures(run, "test") if with_test else None
    looks = openings.history(run) + ([opening] if opening else [])
    seal = openings.said(run, more=1 if opening else 0)
    title = f"{facts.dataset(run)}: how good is {facts.name(run)}, and how sure is that?"
    shown = ruled.under(figures)
    body = [
        _summary(run, figures, test, headline, seal),
        sections.test(test, seal) if test else "",
        sections.scores(shown),
        sections.classes(shown),
        sections.confusion(shown),
        sections.curves(run),
        sections.probabilities(run, figures),
        sections.training(run.history()),
        sections.mistakes(run, images=images),
        sections.settings(facts.settings_in_words(run)),
        sections.looks(looks),
    ]
    text = _page(title, "\n".join(part for part in body if part))
    if opening:
        openings.write(run, opening)
    return text


def _page(title: str, body: str) -> str:
    style = STYLE.read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{style}</style></head>\n<body>{body}</body></html>\n"
    )


def _summary(
    run: runs.Run, figures: dict[str, Any], test: dict[str, Any] | None, headline: str, seal: str
) -> str:
    """The first page: verdict, the figures that count, the rule, and what they rest on."""
    shown = ruled.under(figures)
    value, between = adviser.value_of(shown, headline)
    sentences = verdict.verdict(shown, headline) + previous.sentence(previous.compared(run, headline))
    said = "".join(f'<li class="{one.tone}">{html.escape(one.text)}</li>' for one in sentences)
    now = moment(datetime.datetime.now(datetime.UTC).isoformat())
    span = words.between(shown["accuracy_interval"])
    tiles = [
        sections.cost_tile(shown)
        if headline == "expected_cost"
        else (
            adviser.title(headline),
            cells.number(headline, value),
            f"95 %: {cells.span(headline, between)}",
        ),
        (
            "Accuracy",
            words.percent(shown["accuracy"]),
            f"95 %: {span}",
        ),
        ("Guessing", words.percent(figures["majority_baseline"]), f"always '{figures['majority_class']}'"),
    ]
    if headline == "accuracy":
        tiles[1] = (
            "Macro F1",
            words.percent(shown["macro_f1"]),
            f"95 %: {cells.span('macro_f1', shown['intervals']['macro_f1'])}",
        )
    if decisions.load(run).priced and headline != "expected_cost":
        tiles.append(sections.cost_tile(figures))
    squares = "".join(
        '<div class="tile"><span>{}</span><b>{}</b><span>{}</span></div>'.format(*map(html.escape, tile))
        for tile in tiles
    )
    frequencies = "".join(f"<li>{html.escape(line)}</li>" for line in facts.frequencies(run))
    return (
        '<section class="summary"><p class="soft">Fieldguide report</p>'
        f"<h1>{html.escape(facts.name(run))}</h1>"
        f'<p class="soft">{html.escape(facts.origin(run, figures))} · written {now}</p>'
        f'{sections.rule(figures)}<ul class="verdict">{said}</ul><div class="tiles">{squares}</div>'
        f'<h2>In whole images</h2><p class="note">If 1,000 images came in this dataset\'s proportions:</p>'
        f"<ul>{frequencies}</ul>{_seal(test, seal)}"
        "<p class='note'>Intervals hold 95 times in 100 for images drawn as these were; they say nothing "
        "of images of another kind, place or camera.</p></section>"
    )


def _seal(test: dict[str, Any] | None, seal: str) -> str:
    """What is known of the sealed test subset: its accuracy if it is shown, and how often it was opened."""
    said = f"{seal} Every figure here is of the validation images."
    if test is not None:
        shown = ruled.under(test)
        pair = words.between(shown["accuracy_interval"])
        said = f"Test accuracy {words.percent(shown['accuracy'])} (95 %: {pair}). {seal}"
    return f"<p>{html.escape(said)}</p>"
