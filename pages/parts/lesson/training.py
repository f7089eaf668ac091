"""Chapters 3 to 5: the model, its training, and the judgement."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core import lesson, runs
from pages.parts import matrix, words
from pages.parts.finetune import charts
from pages.parts.lesson import frame, text

_CODE = """from torch import nn
from torchvision.models import resnet18

class Classifier(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.backbone = resnet18(weights="IMAGENET1K_V1")
        n_features = self.backbone.fc.in_features      # 512
        self.backbone.fc = nn.Identity()               # drop the old head
        self.flatten = nn.Flatten(start_dim=1)
        self.classifier = nn.Linear(n_features, n_classes)

    def forward(self, x):                              # (N, 3, 224, 224)
        features = self.flatten(self.backbone(x))      # (N, 512)
        return self.classifier(features)               # (N, n_classes): logits
"""


def model(run: runs.Run | None) -> None:
    """Chapter 3: a network that has already learned to see."""
    frame.chapter(
        3,
        "Start from a model that can already see",
        text.MODEL,
        picture="model-throughput",
        alt="From image tensor to features, logits and probabilities",
    )
    with st.expander("The same in PyTorch", icon=":material/code:"):
        st.code(_CODE, language="python")
    if run is None:
        frame.not_yet("You have not trained a model yet.", "finetune", "Choose a model")
        return
    config, classes = run.config(), run.classes()
    origin = (run.status().get("weights") or {}).get("origin", "no pretrained weights recorded")
    head = lesson.head(config, len(classes))
    size = f"`Linear({head[0]}, {len(classes)})`, {head[1]:,} numbers," if head else "a linear layer"
    with frame.own(3, f"the run **{words.plain(words.title(run))}**."):
        st.markdown(
            f"{words.backbone(config['backbone'])}. Its new head is {size} for "
            f"{words.plain(', '.join(classes[:12]))}. The backbone started from: {origin}."
        )


def training(run: runs.Run | None) -> None:
    """Chapter 4: guess, compare, adjust."""
    frame.chapter(
        4,
        "Train: guess, compare, adjust",
        text.TRAINING,
        picture="model-training",
        alt="Prediction and label give the loss, and the loss moves the weights",
    )
    history = run.history() if run else []
    if run is None or not history:
        frame.not_yet("There is no training to look at yet.", "finetune", "Train a model")
        return
    status, last, config = run.status(), history[-1], run.config()
    with frame.own(
        4, f"{len(history)} epoch{'s' if len(history) > 1 else ''} of **{words.plain(words.title(run))}**."
    ):
        if len(history) > 1:
            best = status.get("best_epoch")
            charts.draw(history, best_epoch=best, metric=config.get("metric") or "", key="lesson")
        elif config["mode"] != "quick":
            st.markdown("One epoch is done; from the second on there is a curve.")
        else:
            st.markdown(
                "This run trained its head alone, in one go, on features that were computed once: no curve, "
                f"but a training loss of {last['train_loss']:.3f} and a validation loss of "
                f"{last['validation_loss']:.3f}."
            )
    frame.go_on("finetune", "Train another")


def evaluation(figures: dict[str, Any] | None) -> None:
    """Chapter 5: how good is it on images it has not learned from?"""
    frame.chapter(
        5,
        "Evaluate on images it has not learned from",
        text.EVALUATION,
        picture="model-evaluation",
        alt="Predictions for unseen images are compared with their labels",
    )
    if figures is None:
        frame.not_yet("There are no answers to judge yet.", "finetune", "Train a model")
        return
    with frame.own(5, f"{figures['n_images']:,} {figures['subset']} images."):
        left, right = st.columns([1, 2], gap="large")
        left.metric(
            "Accuracy", words.percent(figures["accuracy"]), help="Share of images with the right answer"
        )
        left.caption(_sure(figures["accuracy_interval"]))
        left.metric(
            f"Always saying “{figures['majority_class']}”", words.percent(figures["majority_baseline"])
        )
        with right:
            chart = matrix.figure(np.array(figures["confusion"]), figures["classes"], kind="counts")
            alt = "Confusion matrix: rows are true classes, columns are answers"
            st.plotly_chart(
                chart, width="stretch", key="lesson-confusion", alt=alt, config={"displayModeBar": False}
            )
            st.caption("Rows: what the image is. Columns: what the model said. The diagonal is right.")
    frame.go_on("metrics", "Decide whether that is good enough")


def _sure(between: list[float] | None) -> str:
    if between is None:
        return "So few groups of images do not say how sure that is."
    low, high = (words.percent(end) for end in between)
    return f"With so many images it could be anywhere from {low} to {high} (95 % interval)."
