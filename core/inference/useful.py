"""The answered images that are most worth a person's label, by `labelling` over what the network sees."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.features import extract
from core.inference import answered, labelling, predictor


def rank(model: predictor.Predictor, folder: Path, rule: answered.Rule, places: Sequence[int]) -> list[int]:
    """Of the rows at `places` in `folder` the least sure ones, the most useful first.

    Scores are read part by part; only the `labelling.MOST_COMPARED` least sure images are looked at again,
    for their features, so this takes seconds however many there are.

    Raises:
        ImageError: one of these is gone.
    """
    wanted = np.zeros(answered.count(folder), bool)
    wanted[list(places)] = True
    found = [answered.shares(part, rule)[wanted[part.index]] for part in answered.read(folder)]
    if not found or not wanted.any():
        return []
    shares = np.concatenate(found)  # (n_places, n_classes), ascending places
    best = labelling.least_sure(shares)
    chosen = np.flatnonzero(wanted)[best]
    files = [Path(file) for file in answered.rows(folder, chosen.tolist())["file"]]
    network = model.fast if model.known is None else model.known.model
    features = extract.of_model(network, files, model.transform)
    return [int(place) for place in chosen[labelling.rank(shares[best], features)]]
