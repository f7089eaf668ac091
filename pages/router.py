"""Entry script: page set-up, the shared choice, the menu, and the chosen page.

Streamlit runs this file for every visitor and every interaction; `app.py` only names it.
"""

from pathlib import Path

import streamlit as st

from core import errors
from pages.parts import gate, nav, problems, sidebar, state, warmup

ASSETS = Path(__file__).resolve().parent.parent / "assets"
ABOUT = "Fieldguide teaches a model to tell your images apart, and says how far to trust it."

st.set_page_config(layout="wide", page_icon=str(ASSETS / "icon.svg"), menu_items={"About": ABOUT})
st.logo(str(ASSETS / "logo.svg"), icon_image=str(ASSETS / "icon.svg"), size="large")
st.html(Path(__file__).parent / "parts" / "style.css")

menu: dict[str, list] = {}
for name, info in nav.PAGES.items():
    if nav.exists(name):
        entry = st.Page(
            f"{name}.py", title=info.title, icon=info.material, help=info.subtitle, default=name == "home"
        )
        menu.setdefault(info.section, []).append(entry)
page = st.navigation(menu)

try:
    if gate.passed():
        state.sync()
        sidebar.draw()
        page.run()
except errors.FieldguideError as error:
    problems.show(error)
warmup.painted()
