"""The sample path: images, a split and a first quick run, without a single decision."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from core.data import datasets
from core.split import config as split_config
from core.split import store as splits
from core.training import config as training_config
from core.training import jobs
from pages.parts import nav, progress

SAMPLE = "drawn-animals"
SPLIT = "drawn-animals-70-15-15"


def go() -> NoReturn:
    """Draw the sample, split it 70/15/15, launch a quick run with the weights at hand, and go and watch it.

    What is already there from an earlier try is used again.
    """
    with st.status("Preparing the sample", expanded=True) as status:
        if not datasets.exists(SAMPLE):
            datasets.add(SAMPLE, progress=progress.bar("Drawing birds, cats and dogs"))
        st.write(":material/check: Images drawn")
        if SPLIT not in splits.names(SAMPLE):
            splits.make(SPLIT, datasets.load(SAMPLE), split_config.SplitConfig())
        st.write(":material/check: Divided into train, validation and test")
        settings = training_config.TrainingConfig(dataset=SAMPLE, split=SPLIT, mode="quick")
        run = jobs.launch(settings)
        status.update(label="The first model is being trained", state="complete")
    nav.go("finetune", run=run.id)
