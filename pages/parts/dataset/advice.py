"""What has to be put right before a dataset can be split, each with the action that does it."""

from __future__ import annotations

import streamlit as st

from core.data import datasets, drafts
from pages.parts import nav, words
from pages.parts.dataset import corrections, views

_LEAST = 3  # images of a class: one each to train, to validate and to test


def draw(dataset: datasets.Dataset) -> None:
    """A folder that is gone, a single class, classes that are too small; nothing where all is well."""
    _missing(dataset)
    _single_class(dataset)
    small_classes(dataset)


def small(dataset: datasets.Dataset) -> list[str]:
    """The classes with too few images to be split, the smallest first."""
    counts = dataset.counts
    return sorted((one for one in counts if counts[one] < _LEAST), key=lambda one: (counts[one], one))


def small_classes(dataset: datasets.Dataset) -> bool:
    """Say which classes cannot be split, with what mends it; False where there is none, or only one class."""
    found, counts = small(dataset), dataset.counts
    if not found or len(counts) < 2:
        return False
    named = ", ".join(f"**{words.plain(one)}** ({counts[one]})" for one in found[:6])
    more = f" and {len(found) - 6} more" if len(found) > 6 else ""
    them, these = ("it", "this class") if len(found) == 1 else ("them", "these classes")
    others = len(counts) - len(found) >= 2  # are left to be told apart
    st.warning(
        f"Too few images to be split: {named}{more}. A class needs at least {_LEAST}, one each to train, "
        f"validate and test. Bring more of {them}{f', or leave {these} out' if others else ''}.",
        icon=":material/rule:",
    )
    with st.container(horizontal=True):
        if others and st.button(
            f"Leave {these} out", icon=":material/visibility_off:", key="leave-small-out"
        ):
            paths = dataset.table["path"][dataset.table["label"].isin(found)].tolist()
            corrections.do(lambda: drafts.exclude(dataset.name, paths), f"{len(paths)} left out.")
        nav.button("dataset", "Bring more images", key="bring-more", primary=False, on_click=_to_bring)
    return True


def _to_bring() -> None:
    views.ask("Bring more")


def _missing(dataset: datasets.Dataset) -> None:
    """Folders that were moved or deleted; their place is given on Manage, which says the same itself."""
    gone = [place.folder for place in dataset.places if place.linked and not place.there]
    if not gone or st.session_state.get(views.KEY) == "Manage":
        return
    st.warning(
        f"The folder of these images, `{gone[0]}`, is not there any more: they can be neither shown nor "
        "trained on. Put it back, or say where it is now.",
        icon=":material/folder_off:",
    )
    if st.button("Say where it is now", icon=":material/drive_file_move:", key="to-relink"):
        views.turn_to("Manage")


def _single_class(dataset: datasets.Dataset) -> None:
    if len(dataset.counts) != 1:
        return
    st.warning(
        f"All images bear one label, **{words.plain(dataset.classes[0])}**: with a single class there is "
        "nothing to tell apart. Put the images of each class in a folder of its own (`cats/`, `dogs/`), or "
        "bring them with a table that has a file and a label column. A few can also be relabelled under "
        "*Images*.",
        icon=":material/rule:",
    )
    if st.session_state.get(views.KEY) != "Bring more" and st.button(
        "Bring images of another class", type="primary", icon=":material/add_photo_alternate:", key="to-bring"
    ):
        views.turn_to("Bring more")
