"""The one way from a picture to what the network sees, outside of training.

Validation, test, prediction, explanation and export all go through `EvalTransform`: Pillow for the
pixels, numpy for the numbers, nothing else, so that an exported model can do the same without torch.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.data import images
from core.errors import ConfigError

MEAN = (0.485, 0.456, 0.406)  # of ImageNet's pixels in [0, 1]: red, green, blue
STD = (0.229, 0.224, 0.225)
_USUAL_MARGIN = 256 / 224  # what torchvision's ImageNet presets resize to, for what they keep


@dataclass(frozen=True, kw_only=True)
class EvalTransform:
    """Scale the centre square of an image to `resize` pixels a side, and keep its middle.

    `image_size` is the side that is kept; `mean` and `std` are per channel (red, green, blue), of
    pixels in [0, 1]. `resize - image_size` is even, so that the middle is the same number of pixels
    from each edge.

    Raises:
        ConfigError: the sizes do not fit together.
    """

    image_size: int
    resize: int
    mean: tuple[float, float, float] = MEAN
    std: tuple[float, float, float] = STD

    def __post_init__(self) -> None:
        if not 1 <= self.image_size <= self.resize or (self.resize - self.image_size) % 2:
            raise ConfigError(
                f"Images cannot be resized to {self.resize} and cropped to {self.image_size} pixels: the "
                "crop must be smaller, by an even number."
            )
        if len(self.mean) != 3 or len(self.std) != 3 or min(self.std) <= 0:
            raise ConfigError("mean and std need three numbers each, and std numbers above 0.")

    @classmethod
    def for_size(
        cls, image_size: int, mean: tuple[float, float, float] = MEAN, std: tuple[float, float, float] = STD
    ) -> Self:
        """The usual margin around a crop of `image_size`: 256 for 224, 146 for 128."""
        margin = round(image_size * (_USUAL_MARGIN - 1) / 2)
        return cls(image_size=image_size, resize=image_size + 2 * margin, mean=mean, std=std)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """The transform that `to_dict` wrote down."""
        red, green, blue = (float(value) for value in values["mean"])
        red_std, green_std, blue_std = (float(value) for value in values["std"])
        return cls(
            image_size=int(values["image_size"]),
            resize=int(values["resize"]),
            mean=(red, green, blue),
            std=(red_std, green_std, blue_std),
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self) | {"mean": list(self.mean), "std": list(self.std)}

    def square(self, image: Image.Image) -> NDArray[np.uint8]:
        """The centre square of an RGB image, scaled: (resize, resize, 3). `crop` makes `pixels` of it."""
        width, height = image.size
        side = min(width, height)
        left, top = (width - side) / 2, (height - side) / 2
        scaled = image.resize(
            (self.resize, self.resize), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side)
        )
        return np.asarray(scaled, dtype=np.uint8)

    def crop(self, squares: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The middle of (..., resize, resize, 3): (..., image_size, image_size, 3), a view."""
        margin = (self.resize - self.image_size) // 2
        inside = slice(margin, margin + self.image_size)
        return squares[..., inside, inside, :]

    def pixels(self, image: Image.Image) -> NDArray[np.uint8]:
        """An RGB image -> (image_size, image_size, 3)."""
        return self.crop(self.square(image))

    def read(self, source: Path | bytes) -> NDArray[np.uint8]:
        """A file or its bytes -> (image_size, image_size, 3).

        Raises:
            ImageError: it cannot be taken as an image.
        """
        return self.pixels(images.decode(source, short_side=self.resize))

    def batch(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Normalise (N, S, S, 3) bytes to what the network takes: (N, 3, S, S), contiguous."""
        scale = (1 / (255 * np.asarray(self.std))).astype(np.float32)
        shift = (-np.asarray(self.mean) / np.asarray(self.std)).astype(np.float32)
        values = pixels.astype(np.float32) * scale + shift  # (N, S, S, 3)
        return np.ascontiguousarray(values.transpose(0, 3, 1, 2))
