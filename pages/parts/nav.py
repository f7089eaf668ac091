"""The pages by name: one table that the router, links and tests read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import streamlit as st

from pages.parts import state

PAGES_FOLDER = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True)
class PageInfo:
    """How a page presents itself in the menu and in its header."""

    title: str
    icon: str
    subtitle: str
    section: str
    heading: str = ""  # where the page's own title says more than the menu's

    @property
    def headline(self) -> str:
        """The page's own title."""
        return self.heading or self.title

    @property
    def material(self) -> str:
        """The icon in Streamlit's notation."""
        return f":material/{self.icon}:"


PAGES = {
    "home": PageInfo(
        title="Home",
        icon="home",
        section="",
        subtitle="Where you are, and what comes next.",
        heading="Teach a model to tell your images apart",
    ),
    "dataset": PageInfo(
        title="Dataset",
        icon="photo_library",
        section="Steps",
        subtitle="Bring images and see what is in them.",
    ),
    "split": PageInfo(
        title="Split", icon="call_split", section="Steps", subtitle="Decide who trains and who judges."
    ),
    "finetune": PageInfo(
        title="Finetune",
        icon="model_training",
        section="Steps",
        subtitle="Teach a pretrained model your classes.",
    ),
    "metrics": PageInfo(
        title="Metrics", icon="query_stats", section="Steps", subtitle="How good, how sure, at what cost."
    ),
    "classify": PageInfo(
        title="Classify", icon="image_search", section="Steps", subtitle="Upload an image, get an answer."
    ),
    "lesson": PageInfo(
        title="Lesson", icon="school", section="Learn", subtitle="The workshop lesson, on your own images."
    ),
}


def exists(name: str) -> bool:
    """Whether the page's file is there."""
    return (PAGES_FOLDER / f"{name}.py").is_file()


def go(
    name: str,
    *,
    dataset: str | None = None,
    split: str | None = None,
    run: str | None = None,
    view: str | None = None,
) -> NoReturn:
    """Leave for another page, choosing a dataset, split or run on the way, and one of the page's views.
    Not inside a callback.
    """
    state.choose(dataset=dataset, split=split, run=run)
    st.switch_page(f"{name}.py", query_params=state.as_query() | ({"view": view} if view else {}))


def link(name: str, label: str | None = None, *, icon: str | None = None) -> None:
    """A link to another page that keeps what is chosen."""
    info = PAGES[name]
    st.page_link(
        f"{name}.py",
        label=label or info.title,
        icon=info.material if icon is None else icon,
        query_params=state.as_query(),
    )


def button(
    name: str,
    label: str,
    *,
    key: str,
    run: str | None = None,
    primary: bool = True,
    on_click: Callable[[], None] | None = None,
) -> None:
    """A button that leads to another page, after `on_click`, choosing a run on the way: what to do next."""
    kind = "primary" if primary else "secondary"
    icon = ":material/arrow_forward:"
    if st.button(label, key=key, type=kind, icon=icon, icon_position="right", on_click=on_click):
        go(name, run=run)
