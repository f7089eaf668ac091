"""Small files that unpack to very much: read in flat memory, one huge one at a time, nothing kept."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data import images, rgb

CHECKOUT = Path(__file__).resolve().parents[3]
SIDE = 4100  # 17 megapixels: 64 MiB at 4 bytes
KINDS = ["RGBA", "P", "I;16", "LA", "RGB"]


def _bomb(kind: str) -> bytes:
    """A large image of one colour in a few kilobytes."""
    image = Image.new(kind, (SIDE, SIDE))
    options = {"transparency": 3} if kind == "P" else {}
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=1, **options)
    return stream.getvalue()


def _peak(code: str, *files: Path) -> list[int]:
    """By how many MiB a process grows while it runs `code`: at most, and for good."""
    script = (
        "import sys, threading; from pathlib import Path\n"
        "from core import memory\n"
        "from core.data import gate, images\n"
        "gate.decoding.most, gate.decoding.budget = 8, 150 * 2**20\n"  # many processors, little memory
        "files = [Path(name) for name in sys.argv[1:]]\n"
        "read = lambda name: images.decode(name, short_side=256)\n"
        "now = lambda: memory.peak_bytes() >> 20\n"
        "held = lambda: int(Path('/proc/self/statm').read_text().split()[1]) * 4 // 1024\n"
        f"before, resting = now(), held()\n{code}\nprint(now() - before, held() - resting)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, files)], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return [int(word) for word in done.stdout.split()]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read as Linux counts it")
def test_a_large_image_of_any_kind_is_held_once(tmp_path: Path) -> None:
    files = []
    for kind in KINDS:
        files.append(tmp_path / f"{kind.replace(';', '')}.png")
        files[-1].write_bytes(_bomb(kind))
    peak, _ = _peak("for name in files: read(name)", *files)
    assert peak < 110  # MiB; 64 of them are the image itself


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read as Linux counts it")
def test_many_at_once_take_turns_and_their_memory_is_given_back(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(_bomb("RGBA"))
    code = (
        "threads = [threading.Thread(target=read, args=files) for _ in range(5)]\n"
        "[thread.start() for thread in threads]; [thread.join() for thread in threads]"
    )
    peak, kept = _peak(code, tmp_path / "bomb.png")
    assert peak < 200  # MiB: about the budget, and not five times 64
    assert kept < 60


def test_in_strips_the_pixels_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(0)
    rgba = Image.fromarray(chance.integers(0, 256, (61, 47, 4), dtype=np.uint8))
    pictures = {
        "RGBA": rgba,
        "LA": rgba.convert("LA"),
        "P": rgba.convert("RGB").quantize(20),
        "CMYK": rgba.convert("CMYK"),
        "I;16": Image.fromarray(chance.integers(0, 65536, (61, 47), dtype=np.uint16)),
        "F": Image.fromarray(chance.normal(size=(61, 47)).astype(np.float32)),
        "1": rgba.convert("1"),
    }
    for name, picture in pictures.items():
        whole = np.asarray(rgb.of(picture))
        with monkeypatch.context() as small:
            small.setattr(rgb, "STRIP_PIXELS", 300)
            assert np.array_equal(np.asarray(rgb.of(picture)), whole), name
            reduced = np.asarray(Image.fromarray(whole).reduce(3))
            assert np.array_equal(np.asarray(rgb.of(picture, factor=3)), reduced), name


def test_a_very_large_image_is_averaged_down_and_keeps_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "LARGE_PIXELS", 10_000)
    picture = Image.new("RGB", (400, 300), "white")
    picture.paste((200, 0, 0), (0, 0, 200, 150))
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    picture.save(stream, "PNG", exif=exif.tobytes())
    found, header = images.read(stream.getvalue(), short_side=50)
    assert found.size == (134, 100)  # a third: never below twice the short side
    assert found.getpixel((120, 90)) == (200, 0, 0) and found.getpixel((10, 10)) == (255, 255, 255)
    assert (header.width, header.height) == (400, 300)
    assert images.decode(stream.getvalue()).size == (400, 300)


@pytest.mark.parametrize(("kind", "refused"), [("WEBP", True), ("JPEG", True), ("PNG", False)])
def test_formats_whose_decoders_need_more_have_a_lower_limit(
    kind: str, refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MAX_BYTES", 100 * 80 * 8)  # the pixels twice over
    stream = io.BytesIO()
    Image.new("RGB", (100, 80)).save(stream, kind, **({"progressive": True} if kind == "JPEG" else {}))
    if not refused:
        assert images.decode(stream.getvalue()).size == (100, 80)
        return
    with pytest.raises(images.ImageError, match=r"100 x 80 pixels.*memory"):
        images.decode(stream.getvalue())
