"""Fingerprints that survive rescaling, recompression, mirroring and quarter turns.

An image is reduced to a square grey tile. Its difference hash (dHash) says, for 8 rows of 9 cells, whether
each cell is brighter than its left neighbour: 64 bits that brightness, contrast, scale and compression
hardly touch. Mirroring and turning the tile gives the hashes of the image's 8 orientations, so a copy in
any orientation shares one of them up to a few bits.
"""

import numpy as np
from PIL import Image

TILE = 32  # pixels a side
ORIENTATIONS = 8
BITS = 64
_FLAT = 1.0  # grey levels: steps smaller than this are noise on a plain ground, and read as 'not brighter'


def tile(image: Image.Image) -> np.ndarray:
    """The image as a grey square, shape (32, 32), uint8; the aspect ratio is given up."""
    return np.asarray(image.convert("L").resize((TILE, TILE), Image.Resampling.BILINEAR))


def orientations(tiles: np.ndarray) -> np.ndarray:
    """All quarter turns of each tile and of its mirror image: (N, 32, 32) -> (N, 8, 32, 32)."""
    turned = [np.rot90(tiles, k, axes=(-2, -1)) for k in range(4)]
    return np.stack(turned + [one[..., ::-1] for one in turned], axis=1)


def dhash(tiles: np.ndarray) -> np.ndarray:
    """Difference hashes of tiles: (..., 32, 32) -> (...), uint64."""
    cells = _ROWS @ tiles.astype(np.float32) @ _COLUMNS.T  # (..., 8, 9)
    bits = (cells[..., 1:] - cells[..., :-1] > _FLAT).reshape(*tiles.shape[:-2], BITS)
    packed = np.packbits(bits, axis=-1)  # (..., 8) bytes
    return packed.view(">u8")[..., 0].astype(np.uint64)


def dhashes(tiles: np.ndarray) -> np.ndarray:
    """The hashes of all 8 orientations, the image's own first: (N, 32, 32) -> (N, 8), uint64."""
    return dhash(orientations(tiles))


def to_bytes(hashes: np.ndarray) -> bytes:
    """One image's 8 hashes as 64 bytes, big-endian, for the table."""
    return hashes.astype(">u8").tobytes()


def from_bytes(column: list[bytes]) -> np.ndarray:
    """A column of `to_bytes` back as hashes, shape (N, 8), uint64."""
    return np.frombuffer(b"".join(column), dtype=">u8").reshape(-1, ORIENTATIONS).astype(np.uint64)


def tiles_from_bytes(column: list[bytes]) -> np.ndarray:
    """A column of tiles back as an array, shape (N, 32, 32), uint8."""
    return np.frombuffer(b"".join(column), dtype=np.uint8).reshape(-1, TILE, TILE)


def _averaging(n_cells: int) -> np.ndarray:
    """Matrix (n_cells, 32) that averages a line of pixels over equal cells, with fractional borders."""
    edges = np.linspace(0, TILE, n_cells + 1)
    pixel = np.arange(TILE)
    low = np.maximum(edges[:-1, None], pixel)
    high = np.minimum(edges[1:, None], pixel + 1)
    overlap = np.clip(high - low, 0, None)
    return (overlap / overlap.sum(axis=1, keepdims=True)).astype(np.float32)


_ROWS, _COLUMNS = _averaging(8), _averaging(9)
