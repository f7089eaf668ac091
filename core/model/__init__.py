"""The network, its pretrained weights, the one transform of evaluation, and augmentation."""
