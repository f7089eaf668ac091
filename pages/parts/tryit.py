"""The sample path: images, a split and a first quick run, without a single decision."""

from __future__ import annotations

import itertools
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
        split = _split()
        st.write(":material/check: Divided into train, validation and test")
        settings = training_config.TrainingConfig(dataset=SAMPLE, split=split, mode="quick")
        run = jobs.launch(settings)
        status.update(label="The first model is being trained", state="complete")
    nav.go("finetune", run=run.id)


def _split() -> str:
    """The name of a split of the sample as it is now; one from before a correction stays with its runs."""
    known = splits.names(SAMPLE)
    names = itertools.chain([SPLIT], (f"{SPLIT}-{number}" for number in itertools.count(2)))
    name = next(one for one in names if one not in known or splits.current(splits.load(one)))
    if name not in known:
        splits.make(name, datasets.load(SAMPLE), split_config.SplitConfig())
    return name
