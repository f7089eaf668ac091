"""How errors reach the person: a FieldguideError as its sentence, a bug as a short reference."""

from __future__ import annotations

import logging
import secrets

import streamlit as st

from core import errors

_log = logging.getLogger("fieldguide.pages")


def show(error: errors.FieldguideError) -> None:
    """Show the sentence that the error carries."""
    st.error(str(error), icon=":material/error:")


def on_script_error(error: Exception) -> bool:
    """Last resort of the server for whatever a script or callback raised; True: nothing else is to be shown.

    A FieldguideError that no page caught still gets its sentence. Anything else is our bug: it goes to the
    log with its traceback, under a reference that the page shows.
    """
    if isinstance(error, errors.FieldguideError):
        show(error)
        return True
    reference = secrets.token_hex(3)
    _log.error("Page failed, reference %s", reference, exc_info=error)
    st.error(
        f"Something went wrong on our side (reference **{reference}**). Your files and runs are safe. "
        "Reload the page to try again; if it stays, look the reference up in the server's log.",
        icon=":material/bug_report:",
    )
    return True
