"""CIFAR-10 narrowed to three classes: the narrowing, and what a person reads where there is no network."""

import hashlib
import io
import pickle
import tarfile
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import errors
from core.data.samples import cifar10


class Answer(io.BytesIO):
    """What a server sends, as urlopen returns it."""

    @property
    def headers(self) -> dict[str, str]:
        return {"Content-Length": str(len(self.getvalue()))}


def refuse(error: OSError):
    def urlopen(url: str, timeout: float):
        raise error

    return urlopen


@pytest.mark.parametrize(
    "error",
    [urllib.error.URLError("Name or service not known"), TimeoutError("timed out"), ConnectionResetError()],
)
def test_without_a_network_the_sample_explains_itself(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    monkeypatch.setattr(urllib.request, "urlopen", refuse(error))
    with pytest.raises(errors.DatasetError, match=r"could not be downloaded.*needs a network.*Drawn animals"):
        cifar10.write(tmp_path / "images")
    assert not list(tmp_path.rglob("*.png"))


def test_a_connection_that_breaks_leaves_no_half_an_archive(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(Answer):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise TimeoutError("timed out")
            return super().read(100)

    monkeypatch.setattr(urllib.request, "urlopen", lambda url, timeout: Broken(b"x" * 1000))
    with pytest.raises(errors.DatasetError, match="timed out"):
        cifar10.write(tmp_path / "images")
    assert [path for path in (workspace / "cache").rglob("*") if path.is_file()] == []


def test_a_damaged_archive_is_thrown_away(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def urlopen(url: str, timeout: float) -> Answer:
        asked.append(timeout)
        return Answer(b"<html>not an archive</html>")

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    from torchvision.datasets import utils

    def offline(*_: object, **__: object) -> None:
        raise OSError("network is down")

    monkeypatch.setattr(utils, "_get_redirect_url", offline)
    with pytest.raises(errors.DatasetError, match="damaged or cannot be unpacked"):
        cifar10.write(tmp_path / "images", timeout=3)
    assert asked == [3]
    assert not list((workspace / "cache").rglob("*.tar.gz"))


def test_birds_cats_and_dogs_are_kept_up_to_the_number_asked(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torchvision import datasets

    archive, pixels, labels = tiny_archive()
    checks = {name: hashlib.md5(data).hexdigest() for name, data in archive.items()}
    monkeypatch.setattr(datasets.CIFAR10, "train_list", [["data_batch_1", checks["data_batch_1"]]])
    monkeypatch.setattr(datasets.CIFAR10, "test_list", [])
    monkeypatch.setattr(datasets.CIFAR10, "meta", {**datasets.CIFAR10.meta, "md5": checks["batches.meta"]})
    packed = pack(archive)
    monkeypatch.setattr(datasets.CIFAR10, "tgz_md5", hashlib.md5(packed).hexdigest())
    monkeypatch.setattr(urllib.request, "urlopen", lambda url, timeout: Answer(packed))
    told: list[str] = []
    cifar10.write(tmp_path / "images", lambda done, total, message: told.append(message), per_class=2)
    found = sorted(str(path.relative_to(tmp_path / "images")) for path in tmp_path.rglob("*.png"))
    assert [name.split("/")[0] for name in found] == ["bird", "bird", "cat", "cat", "dog", "dog"]
    first_dog = labels.index(5)
    read = np.asarray(Image.open(tmp_path / "images" / "dog" / f"dog_{first_dog:05d}.png"))
    assert (read == pixels[first_dog].reshape(3, 32, 32).transpose(1, 2, 0)).all()
    assert any("downloading" in message for message in told)


def tiny_archive() -> tuple[dict[str, bytes], np.ndarray, list[int]]:
    """Return batches in CIFAR-10's own format, with 40 random pictures."""
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    pixels = np.random.default_rng(0).integers(0, 256, (40, 3072), dtype=np.uint8)
    labels = [number % 10 for number in range(40)]
    batch = pickle.dumps({"data": pixels, "labels": labels})
    return {"data_batch_1": batch, "batches.meta": pickle.dumps({"label_names": names})}, pixels, labels


def pack(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()
