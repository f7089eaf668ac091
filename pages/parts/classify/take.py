"""Into other hands: the model as a bundle, on the command line, over HTTP."""

from __future__ import annotations

import streamlit as st

from core import runs
from core.inference.export import packed
from pages.parts import words

WAYS = {
    "bundle": ":material/deployed_code: Bundle",
    "command": ":material/terminal: Command line",
    "http": ":material/http: HTTP",
}
BUNDLE = (
    "`model.onnx`, labels, preprocessing, calibration, the decision rule, a model card, and a `predict.py` "
    "that needs only onnxruntime, numpy and Pillow. Before it is handed out, the bundle answers the "
    "validation images itself, and its answers are compared with the ones here."
)


def draw(run: runs.Run) -> None:
    """Three ways to use this model elsewhere, one at a time."""
    with st.container(border=True, key="classify-take"):
        st.markdown("#### :material/ios_share: Take the model with you")
        way = st.segmented_control(
            "Ways",
            list(WAYS),
            format_func=WAYS.get,
            default="bundle",
            required=True,
            key="classify-take-way",
            label_visibility="collapsed",
            persist_state="session",
        )
        {"bundle": _bundle, "command": _command, "http": _http}[way](run)


def _bundle(run: runs.Run) -> None:
    st.markdown(BUNDLE)
    found = packed.find(run)
    if found is None:
        if st.button("Make the bundle", key="classify-export", icon=":material/deployed_code:"):
            with st.spinner("Exporting, and comparing its answers with the ones here …"):
                packed.make(run)
            st.rerun()
        return
    parity = found.record["parity"]
    st.markdown(
        ":material/verified: The bundle gave the same answer for "
        f"**{words.percent(parity['agreement'])}** of {parity['n_images']:,} {parity['subset']} images; "
        "no probability differs by more than "
        f"**{parity['max_difference']:.1e}**."
    )
    with open(found.file, "rb") as file:
        st.download_button(
            f"Download ({words.size(found.file.stat().st_size)})",
            data=file,
            file_name=found.file.name,
            mime="application/zip",
            on_click="ignore",
            icon=":material/download:",
            key="classify-bundle",
        )


def _command(run: runs.Run) -> None:
    st.markdown(
        "Any number of images, in flat memory; called again with the same file, it goes on where it was."
    )
    st.code(
        f"python -m core predict {run.id} FOLDER --csv answers.csv\n"
        f"python -m core export {run.id} --out bundle",
        language="bash",
    )


def _http(run: runs.Run) -> None:
    st.markdown(
        "This server also answers programs that know its `FIELDGUIDE_TOKEN`; without one that is off."
    )
    server = (st.context.url or "http://127.0.0.1:8501").split("/classify")[0].rstrip("/")
    st.code(
        'curl -H "Authorization: Bearer $FIELDGUIDE_TOKEN" -F files=@image.jpg \\\n'
        f'  "{server}/api/predict?run={run.id}"',
        language="bash",
    )
