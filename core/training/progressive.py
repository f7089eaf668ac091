"""Progressive resizing: which image size each epoch trains at.

The first epochs see smaller squares, made from the same stored pixels, and the last ones full size, so that
what is learned last is learned as it will be used (Howard 2018, Tan and Le 2021). A step costs as the square
of the size. Sizes: 60 % of the side in the first 30 % of the epochs, 80 % in the next 30 %, then all of it.
"""

from core.model import catalog
from core.model.transform import EvalTransform
from core.training import config as configs

STAGES = ((0.3, 0.6), (0.6, 0.8))
"""Until which share of the epochs, which share of the side."""
LEAST, ROUND = 32, 16


def size(config: configs.TrainingConfig, epoch: int) -> int:
    """The image size, in pixels, of `epoch` (from 0): a multiple of 16 or of a transformer's patch."""
    full = config.image_size or 224
    done = epoch / max(config.epochs or 1, 1)
    share = next((share for until, share in STAGES if done < until), 1.0)
    last = epoch >= (config.epochs or 1) - 1
    if config.progressive == "off" or share == 1.0 or last or not flexible(config):
        return full
    return min(full, max(LEAST, round(full * share / ROUND) * ROUND))


def flexible(config: configs.TrainingConfig) -> bool:
    """Whether the network takes images of several sizes: a transformer's positions are made for one."""
    return catalog.stride(config.backbone) == 1


def transform(full: EvalTransform, image_size: int) -> EvalTransform:
    """The transform of smaller images; at full size the same one."""
    if image_size == full.image_size:
        return full
    return EvalTransform.for_size(image_size, full.mean, full.std)
