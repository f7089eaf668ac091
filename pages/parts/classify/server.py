"""A folder on the server: any number of images, answered by a process of its own and shown as uploads are."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import errors, runs
from core.inference import answered, detached
from pages.parts import problems, words
from pages.parts.classify import model

POLL_SECONDS = 1.0
_CHOSEN = "classify-folder"  # the folder of answers that the person looks at


def draw(run: runs.Run, card: DeltaGenerator, *, mirrored: bool) -> model.Shown | None:
    """Ask in `card` for a folder, or choose an earlier one; follow it, and return what is answered so far."""
    with card:
        _ask(run, mirrored)
    batches = detached.known(run)
    if not batches:
        return None
    by_place = {str(batch.folder): batch for batch in batches}
    if st.session_state.get(_CHOSEN) not in by_place:
        st.session_state[_CHOSEN] = str(batches[0].folder)
    if len(batches) > 1:
        st.selectbox(
            "Folders", list(by_place), format_func=lambda place: _title(by_place[place]), key=_CHOSEN
        )
    batch = by_place[st.session_state[_CHOSEN]]
    alive = detached.state(batch)["state"] in detached.ALIVE
    with st.container(border=True, key="classify-folder-state"):
        st.fragment(_follow, run_every=POLL_SECONDS if alive else None)(batch, alive)
    if not answered.count(batch.folder):
        return None
    return model.answered_folder(run, batch.folder, mirrored=batch.mirrored)


def _ask(run: runs.Run, mirrored: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        path = st.text_input(
            "Folder of images on the server",
            placeholder="/data/photos",
            key="classify-server",
            width="stretch",
        ).strip()
        go = st.button(
            "Answer all", key="classify-server-go", disabled=not path, icon=":material/play_arrow:"
        )
    st.caption(
        "Any number of images, also in folders below it. They are read, never changed. It goes on when you "
        "close this page, and takes up again where it was stopped."
    )
    if go:
        try:
            batch = detached.ask(run, Path(path), mirrored=mirrored)
        except errors.FieldguideError as error:
            problems.show(error)
            return
        st.session_state[_CHOSEN] = str(batch.folder)


def _follow(batch: detached.Batch, was_alive: bool) -> None:
    """How far it is, and what can be done about it."""
    said = detached.state(batch)
    if (said["state"] in detached.ALIVE) != was_alive:
        st.rerun()
    st.markdown(f"**{words.plain(_title(batch))}**")
    done, total = said["done"], said["total"]
    if said["state"] in detached.ALIVE:
        counted = f" ({done:,} of {total:,})" if total else ""
        st.progress(min(1.0, done / total) if total else 0.0, text=f"{said['message']}{counted} …")
        with st.container(horizontal=True):
            if st.button("Stop", key="classify-folder-stop", icon=":material/stop:"):
                detached.stop(batch)
            if answered.count(batch.folder) and st.button("Show what is there", key="classify-folder-show"):
                st.rerun()
        return
    _ended(batch, said["state"], said["message"], total)


def _ended(batch: detached.Batch, state: str, message: str, total: int) -> None:
    """What came of it, and the ways on."""
    count = answered.count(batch.folder)
    if state == "failed":
        st.error(words.plain(message), icon=":material/error:")
    elif state == "ready":
        st.markdown(f":green-badge[:material/check_circle: Answered] {count:,} images")
    else:
        word = "Stopped" if state == "stopped" else "Interrupted"
        st.markdown(f":orange-badge[{word}] {count:,}{f' of {total:,}' if total else ''} images are answered")
    with st.container(horizontal=True):
        label = "Look for new images" if state == "ready" else "Go on"
        if st.button(label, key="classify-folder-again", icon=":material/play_arrow:"):
            detached.ask(runs.load(batch.run_id), batch.source, mirrored=batch.mirrored)
            st.rerun()
        if st.button("Forget the answers", key="classify-folder-forget", type="tertiary"):
            detached.forget(batch)
            st.rerun()


def _title(batch: detached.Batch) -> str:
    return f"{batch.source}{', looked at twice' if batch.mirrored else ''}"
