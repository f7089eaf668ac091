"""A quicker copy of a network for answering: BatchNorm folded into the convolutions, channels last."""

import copy
from itertools import pairwise

import torch
from torch import nn
from torch.nn.utils import fusion

from core.model import network


def fuse(model: network.Classifier) -> network.Classifier:
    """A copy of `model` in evaluation mode that gives the same logits (to about 1e-6) with less arithmetic.

    Torchvision's networks lay each BatchNorm right behind its convolution, so neighbours are folded where
    they stand. (Tracing with torch.fx would find them too, but patches every module of the process while it
    does: a model that answers in another thread of the server would fail.)
    """
    quick = copy.deepcopy(model).requires_grad_(False).eval()
    for parent in quick.backbone.modules():
        for (first, convolution), (second, norm) in pairwise(list(parent.named_children())):
            fits = isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
            if fits and norm.num_features == convolution.out_channels:
                setattr(parent, first, fusion.fuse_conv_bn_eval(convolution, norm))  # type: ignore[type-var,arg-type]
                setattr(parent, second, nn.Identity())
    return quick.to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]
