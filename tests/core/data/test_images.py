"""Whatever lies in a file, the answer is RGB pixels the right way up, or a reason in words."""

import csv
import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data import images
from core.errors import ImageError


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.fixture
def corner() -> Image.Image:
    """A 60x40 grey image whose top left quarter is red."""
    image = Image.new("RGB", (60, 40), (90, 90, 90))
    image.paste((250, 0, 0), (0, 0, 30, 20))
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF"])
def test_every_format_gives_the_same_rgb_picture(corner: Image.Image, kind: str) -> None:
    decoded = images.decode(encoded(corner, kind))
    assert decoded.mode == "RGB" and decoded.size == (60, 40)
    assert np.abs(np.asarray(decoded)[10, 10].astype(int) - [250, 0, 0]).max() < 16


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(corner: Image.Image, orientation: int) -> None:
    undo = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[
        orientation
    ]  # Image.Transpose that stores it so
    stored = corner if undo is None else corner.transpose(Image.Transpose(undo))
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(stored, "JPEG", exif=exif.tobytes(), quality=95)
    decoded = np.asarray(images.decode(data)).astype(int)
    assert decoded.shape == (40, 60, 3)
    assert np.abs(decoded[10, 10] - [250, 0, 0]).max() < 20 and np.abs(decoded[30, 50] - 90).max() < 20
    header = images.probe(data)
    assert (header.width, header.height, header.exif) == (60, 40, True)


def test_transparency_is_laid_over_white() -> None:
    image = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    image.putpixel((0, 0), (10, 20, 30, 255))
    decoded = images.decode(encoded(image, "PNG"))
    assert decoded.getpixel((0, 0)) == (10, 20, 30) and decoded.getpixel((3, 3)) == (255, 255, 255)


def test_transparent_palette_is_laid_over_white() -> None:
    image = Image.new("P", (4, 4), 0)
    image.putpalette([0, 0, 0, 200, 0, 0])
    image.putpixel((1, 1), 1)
    decoded = images.decode(encoded(image, "PNG", transparency=0))
    assert decoded.getpixel((0, 0)) == (255, 255, 255) and decoded.getpixel((1, 1)) == (200, 0, 0)


def test_16_bits_are_scaled_to_8() -> None:
    values = np.array([[0, 257, 32896, 65535]], dtype=np.uint16)
    decoded = images.decode(encoded(Image.fromarray(values), "PNG"))
    assert np.asarray(decoded)[0, :, 0].tolist() == [0, 1, 128, 255]


def test_floating_point_tiff_is_stretched_to_what_occurs() -> None:
    values = np.array([[0.0, 0.25, 1.0, np.nan]], dtype=np.float32)
    decoded = images.decode(encoded(Image.fromarray(values), "TIFF"))
    assert np.asarray(decoded)[0, :, 1].tolist() == [0, 64, 255, 0]


def test_cmyk_keeps_its_colours() -> None:
    decoded = images.decode(encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "TIFF"))
    red, green, blue = decoded.getpixel((4, 4))
    assert red > 200 and green < 60 and blue < 60


def test_an_animation_gives_its_first_frame() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert images.decode(data).getpixel((0, 0)) == (255, 0, 0)


def test_a_short_side_scales_a_large_jpeg_down_but_never_below_it() -> None:
    data = encoded(Image.new("RGB", (1600, 1200), "green"), "JPEG")
    width, height = images.decode(data, short_side=256).size
    assert 256 <= min(width, height) < 512 and abs(width / height - 4 / 3) < 0.01
    assert images.decode(data).size == (1600, 1200)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\x00" * 64, "only zero bytes"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04 something", "archive"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"\x00\x00\x00\x18ftyphevx\x00\x00\x00\x00msf1hevx", "HEIC"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1avif", "AVIF"),
        (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00mif1miafavif", "AVIF"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp41heic", "video"),
        (b"\xff\xd8\xff\xe0 not really", "damaged JPEG"),
        (b"hello, world", "not an image"),
    ],
)
def test_what_is_no_image_says_what_it_is(content: bytes, reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        images.decode(content)


def test_a_truncated_file_says_so(corner: Image.Image) -> None:
    data = encoded(corner.resize((600, 400)), "JPEG", quality=95)
    with pytest.raises(ImageError, match="cut off"):
        images.decode(data[: len(data) // 2])


def test_a_header_that_claims_too_many_pixels_is_refused_without_reading_them() -> None:
    data = bytearray(encoded(Image.new("1", (8, 8)), "BMP"))
    data[18:26] = (30_000).to_bytes(4, "little") * 2
    with pytest.raises(ImageError, match="pixels"):
        images.decode(bytes(data))


def test_a_missing_file_is_an_image_error(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no such file, or no longer"):
        images.decode(tmp_path / "gone.jpg")


@pytest.mark.filterwarnings("ignore")
def test_hostile_files_of_known_formats_agree_with_their_manifest(shared: Path) -> None:
    root = shared / "data" / "hostile"
    with open(root / "manifest.csv", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["format"] in images.FORMATS]
    wrong = []
    for row in rows:
        try:
            images.decode(root / row["file"])
            outcome = "decodes"
        except ImageError:
            outcome = "fails"
        if outcome != row["expected"]:
            wrong.append((row["file"], outcome))
    assert len(rows) > 500 and wrong == []


def test_what_is_no_file_is_refused_without_being_opened(tmp_path: Path) -> None:
    (tmp_path / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")  # opening it would wait for ever
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    (tmp_path / "broken.jpg").symlink_to("nothing.jpg")
    for name, reason in {
        "folder.jpg": "a folder",
        "pipe.jpg": "pipe",
        "loop.jpg": "cannot be opened",
        "broken.jpg": "no such file",
    }.items():
        with pytest.raises(ImageError, match=reason):
            images.decode(tmp_path / name)
        with pytest.raises(ImageError, match=reason):
            images.probe(tmp_path / name)
