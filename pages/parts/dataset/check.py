"""What is wrong with a dataset: each kind of finding with its images and the action that mends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core import errors, words
from core.data import checks, datasets
from pages.parts import caches, deeper, problems
from pages.parts.dataset import findings, shortcuts, suspects
from pages.parts.words import plain


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of finding: what it is called, what it means, how many there are, how it is shown."""

    title: str
    icon: str
    means: str
    count: Callable[[checks.Report], int]
    show: Callable[[datasets.Dataset, checks.Report], None]


_DEEPER = "check-deeper"
KINDS = {
    "conflicts": Kind(
        title="Label conflicts",
        icon="swap_horiz",
        means="The same picture bears two labels: at least one is wrong, and the model can learn neither.",
        count=lambda report: len(report.label_conflicts),
        show=lambda dataset, report: findings.conflicts(dataset, report.label_conflicts),
    ),
    "exact": Kind(
        title="Exact copies",
        icon="content_copy",
        means="Files with the same bytes: they weigh twice, and on two sides of a split flatter the grade.",
        count=lambda report: len(report.exact_duplicates),
        show=lambda dataset, report: findings.copies(dataset, report.exact_duplicates, key="exact"),
    ),
    "near": Kind(
        title="Near-duplicates",
        icon="filter_none",
        means="The same picture in another size, file or turn. Splits keep them together by default.",
        count=lambda report: len(report.near_duplicates),
        show=lambda dataset, report: findings.copies(dataset, report.near_duplicates, key="near"),
    ),
    "extremes": Kind(
        title="Odd images",
        icon="blur_on",
        means="Images far from the others: nearly blank, very dark or bright, blurred, tiny, oddly shaped.",
        count=lambda report: len({one["path"] for one in report.extremes}),
        show=lambda dataset, report: findings.extremes(dataset, report.extremes),
    ),
    "shortcuts": Kind(
        title="Shortcuts",
        icon="alt_route",
        means="A plain number, such as file size or colour mode, gives a class away. A model may learn "
        "that instead of the subject, and fail where it no longer holds.",
        count=lambda report: len(report.shortcuts),
        show=lambda dataset, report: shortcuts.draw(dataset, report.shortcuts),
    ),
    "unreadable": Kind(
        title="Unreadable files",
        icon="broken_image",
        means="Files that could not be taken as images; they are left aside.",
        count=lambda report: len(report.unreadable),
        show=lambda dataset, report: findings.unreadable(dataset),
    ),
    "suspects": Kind(
        title="Suspected labels",
        icon="psychology_alt",
        means="Images that a model, trained on the others, takes for another class. Often the label is "
        "wrong; sometimes the image is merely hard.",
        count=lambda report: 0,
        show=lambda dataset, report: suspects.draw(dataset),
    ),
}


def draw(dataset: datasets.Dataset) -> None:
    """The kinds of findings with their numbers, and the chosen one in full."""
    if not dataset.classes:
        st.info("There are no images to check yet.")
        return
    report = _report(dataset)
    _balance(report, dataset.counts)
    found = [name for name, kind in KINDS.items() if kind.count(report)]
    if not found:
        st.success("Nothing wrong was found in the files themselves.", icon=":material/verified:")
    options = [*found, "suspects"]
    name = st.pills(
        "Findings",
        options,
        default=options[0],
        format_func=lambda name: _title(KINDS[name], report),
        key=f"check-kind-{'-'.join(found)}",
        label_visibility="collapsed",
    )
    kind = KINDS[name or options[0]]
    st.caption(kind.means)
    kind.show(dataset, report)
    deeper.wanted(_DEEPER)


def _report(dataset: datasets.Dataset) -> checks.Report:
    """By the figures of indexing, or with the network's help where the person asked for it."""
    if not st.session_state.get(_DEEPER):
        return caches.report(dataset)
    try:
        clusters, basis = deeper.clusters(dataset)
    except errors.FieldguideError as error:
        problems.show(error)
        return caches.report(dataset)
    return caches.report(dataset, clusters, basis)


def _title(kind: Kind, report: checks.Report) -> str:
    count = kind.count(report)
    return f":material/{kind.icon}: {kind.title}" + (f" ({count:,})" if count else "")


def _balance(report: checks.Report, counts: dict[str, int]) -> None:
    """What the class sizes mean for reading an accuracy; nothing where there is only one."""
    if len(counts) < 2:
        return
    share, equal = words.percent(report.largest_class_share), words.percent(1 / len(counts))
    if len(set(counts.values())) == 1:
        said = (
            f"All {len(counts)} classes have the same size. A model that always says the same would be right"
        )
        st.markdown(f":material/balance: {said} **{equal}** of the time. Any model has to beat that.")
        return
    st.markdown(
        f":material/balance: A model that always says **{plain(report.largest_class)}** would be right "
        f"**{share}** of the time ({equal} if all {len(counts)} classes had the same size). Any model has to "
        "beat that."
    )
