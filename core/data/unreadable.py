"""Why a file cannot be read as an image, in words for the person who brought it."""

from pathlib import Path

_ACCEPTED = "JPEG, PNG, WebP, BMP, GIF and TIFF are read"
_HEIC = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"}
_AVIF = {b"avif", b"avis"}
_STARTS = (
    (b"PK\x03\x04", "an archive inside the images: unpack it and add the folder"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "a gzip archive inside the images: unpack it and add the folder"),
    (b"Rar!", "a RAR archive inside the images: unpack it and add the folder"),
    (b"7z\xbc\xaf", "a 7-Zip archive inside the images: unpack it and add the folder"),
    (b"%PDF", "a PDF document, not an image: export its pages as PNG"),
    (b"<svg", "an SVG drawing, not pixels: export it as PNG"),
    (b"<!doc", "a web page, not an image: the download failed or saved the page around it"),
    (b"<html", "a web page, not an image: the download failed or saved the page around it"),
    (b"8BPS", "a Photoshop file: export it as JPEG or PNG"),
    (b"\x00\x00\x00\x0cjP", "a JPEG 2000 image: save it as JPEG or PNG"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 image: save it as JPEG or PNG"),
    (b"\x1aE\xdf\xa3", "a video, not an image"),
)


def what_it_is(source: Path | bytes) -> str:
    """Name what a file without a readable image really is."""
    try:
        start = source[:512] if isinstance(source, bytes) else _start_of(source)
    except OSError as error:
        return f"the file cannot be opened: {error.strerror or error}"
    if not start:
        return "the file is empty"
    if start[4:8] == b"ftyp":
        return _media(start)
    for prefix, words in _STARTS:
        if start.lstrip().lower().startswith(prefix.lower()):
            return words
    if not any(start):
        return "the file holds only zero bytes: the copy or download failed"
    if _damaged_start(start):
        return f"a damaged {_damaged_start(start)} file: its header cannot be read"
    return f"not an image that Fieldguide knows ({_ACCEPTED})"


def what_went_wrong(source: Path | bytes, error: Exception) -> str:
    """Say why an image that was recognised could not be read, from what Pillow raised."""
    text = str(error).strip() or type(error).__name__
    if isinstance(error, FileNotFoundError):
        return "there is no such file, or no longer"
    if isinstance(error, PermissionError):
        return "the file may not be read: its permissions forbid it"
    if isinstance(error, MemoryError):
        return "it needs more memory than one image may take: scale it down"
    if type(error).__name__.startswith("DecompressionBomb"):
        return "it claims more pixels than can be read safely: scale it down"
    if "truncated" in text or "unexpected end" in text.lower():
        return f"the file is cut off before its end ({text})"
    kind = _damaged_start(source[:16] if isinstance(source, bytes) else _start_or_nothing(source))
    return f"a damaged {kind or 'image'} file ({text[:120]})"


def _media(start: bytes) -> str:
    """What an ISO media file is, by the brands that it claims: the main one, and those it goes with."""
    size = int.from_bytes(start[:4], "big")
    brands = {start[8:12], *(start[place : place + 4] for place in range(16, min(size, len(start)), 4))}
    if brands & _AVIF:
        return "an AVIF image, which is not read here: save it as JPEG or PNG"
    if brands & _HEIC:
        return (
            "a HEIC photo (the iPhone's own format), which is not read here: export it as JPEG, or set the "
            "camera to 'Most Compatible'"
        )
    return "a video, not an image"


def _damaged_start(start: bytes) -> str | None:
    if start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        return "WebP"
    starts = {
        b"\xff\xd8": "JPEG",
        b"\x89PNG": "PNG",
        b"GIF8": "GIF",
        b"BM": "BMP",
        b"II*\0": "TIFF",
        b"MM\0*": "TIFF",
    }
    return next((name for prefix, name in starts.items() if start.startswith(prefix)), None)


def _start_of(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(512)


def _start_or_nothing(path: Path) -> bytes:
    try:
        return _start_of(path)
    except OSError:
        return b""
