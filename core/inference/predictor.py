"""A run's best model, ready to answer: files or bytes in, labels with their probabilities out."""

import collections
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import safetensors
import safetensors.torch
import torch
from numpy.typing import NDArray

from core import runs, workspace
from core.errors import InferenceError, NotFoundError
from core.features import reading
from core.inference import files, unknown
from core.metrics import decisions
from core.model import fused, network
from core.model.transform import EvalTransform

BATCH = 16  # more is no faster on processors, and takes more memory
UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the model says of one image, or why it can say nothing.

    `label` is the decision rule's, `probability` that label's; `probabilities` are calibrated and add up
    to 1; `logits` are in the order of the classes. `unknown` is True where the model does not say, and
    `unknown_because` why: the image is "unlike" anything in training, or the rule finds it too "unsure".
    `unknown` is None where the run does not know what it was trained on. With an `error`, nothing else.
    `explanation` is where the model looked, as JSON, on request.
    """

    path: str
    label: str | None = None
    probability: float | None = None
    probabilities: dict[str, float] = field(default_factory=dict)
    logits: list[float] = field(default_factory=list)
    unknown: bool | None = None
    unknown_because: Literal["unlike", "unsure"] | None = None
    distance: float | None = None
    error: str | None = None
    explanation: dict[str, Any] | None = None

    @property
    def folder(self) -> str:
        """Where a sorted image belongs: its label, or "unknown"."""
        return UNKNOWN if self.unknown else str(self.label)

    def record(self) -> dict[str, Any]:
        """As the command line and HTTP give it: the answer, or `path` and `error`."""
        if self.error is not None:
            return {"path": self.path, "error": self.error}
        found = {
            "path": self.path,
            "label": self.label,
            "probability": self.probability,
            "probabilities": self.probabilities,
            "logits": self.logits,
            "unknown": self.unknown,
            "unknown_because": self.unknown_because,
        }
        return found if self.explanation is None else found | {"explanation": self.explanation}


@dataclass(frozen=True, kw_only=True)
class Predictor:
    """A model with its transform, its decision rule, and what it knows of its training images.

    Answers are computed in fp32 and do not depend on what else is in the batch (to 1e-4). `fast` is the
    network with its BatchNorm folded in; it answers, and explains its answers.
    """

    run_id: str
    classes: list[str]
    transform: EvalTransform
    decision: decisions.Decision
    card: dict[str, Any]
    fast: network.Classifier
    known: unknown.Known | None = None
    mirrored: bool = False

    def predict(
        self, sources: Sequence[reading.Source], names: Sequence[str] | None = None, *, workers: int = 2
    ) -> list[Answer]:
        """Answer for files or bytes; one that cannot be read gets an error, the others are unaffected."""
        return list(self.stream(sources, names, workers=workers))

    def stream(
        self,
        sources: Iterable[reading.Source],
        names: Iterable[str] | None = None,
        *,
        workers: int = 2,
        batch_size: int = BATCH,
    ) -> Iterator[Answer]:
        """As `predict`, one answer after the other, in flat memory however many sources there are."""
        shown: collections.deque[str] = collections.deque()  # the names of what is being read
        waiting = _remembering(sources, names, shown)
        for batch in reading.batches(waiting, self.transform, batch_size=batch_size, workers=workers):
            found = dict(zip(batch.places, self.answer_pixels(batch.pixels), strict=True))
            for place in range(batch.first, batch.first + batch.size):
                name = shown.popleft()
                yield (
                    named(found[place], name)
                    if place in found
                    else Answer(path=name, error=batch.errors[place])
                )

    def answer_pixels(self, pixels: NDArray[np.uint8]) -> list[Answer]:
        """Answers for what the transform made of images: (N, S, S, 3)."""
        if not len(pixels):
            return []
        if self.known is None:
            return self.answers(self.logits(pixels))
        if self.known.shared and not self.mirrored:  # one pass through the backbone serves both
            seen = self.known.see(pixels)
            logits = self._head(seen)
        else:
            logits, seen = self.logits(pixels), self.known.see(pixels)
        return self.answers(logits, self.known.reference.distances(seen))

    def logits(self, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
        """(N, S, S, 3) -> (N, n_classes), before temperature and softmax."""
        views = [pixels, pixels[:, :, ::-1]] if self.mirrored else [pixels]
        return np.mean([self._forward(view) for view in views], axis=0)

    def looking_twice(self) -> "Predictor":
        """The same, answering by the mean of an image and its mirror image: twice the arithmetic."""
        return replace(self, mirrored=True)

    @property
    def n_bytes(self) -> int:
        """What the model holds in memory: weights and known features, each counted once."""
        networks = [self.fast] if self.known is None else [self.fast, self.known.model]
        tensors = [t for one in networks for t in (*one.parameters(), *one.buffers())]
        weights = sum({t.data_ptr(): t.numel() * t.element_size() for t in tensors}.values())
        return weights + (0 if self.known is None else self.known.reference.n_bytes)

    def _head(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """(N, n_features) -> (N, n_classes) logits."""
        with torch.inference_mode():
            return self.fast.classifier(torch.from_numpy(features)).numpy().astype(np.float64)

    def _forward(self, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
        x = torch.from_numpy(self.transform.batch(pixels)).contiguous(memory_format=torch.channels_last)
        with torch.inference_mode():
            return self.fast(x).numpy().astype(np.float64)

    def answers(
        self, logits: NDArray[np.float64], distances: NDArray[np.float64] | None = None
    ) -> list[Answer]:
        """Answers, without paths, for logits (N, n_classes) and distances (N,) to the training images."""
        shares = self.decision.probabilities(logits)  # (N, n_classes)
        return [
            self._answer(int(place), shares[i], logits[i], None if distances is None else float(distances[i]))
            for i, place in enumerate(self.decision.answer_shares(shares))
        ]

    def _answer(
        self, place: int, shares: NDArray[np.float64], logits: NDArray[np.float64], distance: float | None
    ) -> Answer:
        """One answer; `place` is the rule's class index, or -1 where it prefers not to say."""
        shown = int(shares.argmax()) if place == decisions.UNKNOWN else place
        far = distance is not None and self.known is not None and distance > self.known.cutoff
        unsure = place == decisions.UNKNOWN
        return Answer(
            path="",
            label=self.classes[shown],
            probability=float(shares[shown]),
            probabilities=dict(zip(self.classes, map(float, shares), strict=True)),
            logits=[float(value) for value in logits],
            unknown=True if unsure else (None if distance is None else far),
            unknown_because="unlike" if far else "unsure" if unsure else None,
            distance=distance,
        )


def load(run_id: str) -> Predictor:
    """Load the best model of a run.

    Raises:
        NotFoundError: there is no such run.
        InferenceError: it has no model yet, or its files are damaged.
    """
    run = runs.load(run_id)
    card, model = read_model(run)
    fast = fused.fuse(model)
    return Predictor(
        run_id=run.id,
        classes=list(card["classes"]),
        transform=EvalTransform.from_dict(card["transform"]),
        decision=decisions.load(run),
        card=card,
        fast=fast,
        known=unknown.load(run, model, fast),
    )


def read_model(run: runs.Run) -> tuple[dict[str, Any], network.Classifier]:
    """A run's model.json and its network, in evaluation mode.

    Raises:
        InferenceError: it has no model yet, or its files are damaged.
    """
    try:
        card = workspace.read_json(run.folder / "model.json")
        state = safetensors.torch.load_file(run.folder / "model.safetensors")
    except (NotFoundError, FileNotFoundError):
        raise InferenceError(
            f"Run {run.id} has no model yet: it is {run.state()}. Let it finish, or choose another run."
        ) from None
    except safetensors.SafetensorError as error:
        raise InferenceError(f"The model of run {run.id} is damaged ({error}). Train it again.") from error
    try:
        model = network.Classifier(card["backbone"], len(card["classes"]), card["image_size"])
        model.load_state_dict(state)
    except (RuntimeError, KeyError, TypeError) as error:
        raise InferenceError(f"The model of run {run.id} does not fit its description: {error}") from error
    return card, model.requires_grad_(False).eval()


def _remembering(
    sources: Iterable[reading.Source], names: Iterable[str] | None, shown: collections.deque[str]
) -> Iterator[reading.Source]:
    """Pass `sources` on, and put the name of each that was taken into `shown`; the sources are not kept."""
    pairs = zip(sources, names, strict=True) if names is not None else ((one, None) for one in sources)
    for number, (source, name) in enumerate(pairs, start=1):
        shown.append(name if name is not None else _name(source, number))
        yield source


def _name(source: reading.Source, number: int) -> str:
    return f"image {number}" if isinstance(source, bytes) else files.printable(source)


def named(answer: Answer, path: str) -> Answer:
    """The same answer, for an image of that name."""
    return replace(answer, path=path)
