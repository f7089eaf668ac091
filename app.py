"""The server: Streamlit over `pages/router.py`, our HTTP routes, and the warm-up. No page content.

Start it with `streamlit run app.py`.
"""

import streamlit as st
from starlette.middleware import Middleware

from pages.parts import api, handover, headers, problems, thumbs, warmup

app = st.App(
    "pages/router.py",
    lifespan=warmup.lifespan,
    routes=[*thumbs.routes(), *handover.routes(), *api.routes()],
    middleware=[Middleware(headers.SecurityHeaders)],
    on_script_error=problems.on_script_error,
)
