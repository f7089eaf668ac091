"""Entry script: page set-up, the shared choice, the menu, and the chosen page.

Streamlit runs this file for every visitor and every interaction; `app.py` only names it.
"""

import streamlit as st

from core import errors
from pages.parts import drawings, gate, look, nav, problems, sidebar, state, warmup

ICON = str(drawings.ASSETS / "icon.svg")
ABOUT = "Fieldguide teaches a model to tell your images apart, and says how far to trust it."

st.set_page_config(layout="wide", page_icon=ICON, menu_items={"About": ABOUT})
st.logo(drawings.read("logo"), icon_image=ICON, size="large")
look.apply()

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
        state.say_missing()
        page.run()
except errors.FieldguideError as error:
    problems.show(error)
warmup.painted()
