"""Units whose features are means of members sampled within them, with groups that are planted or none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segkit.engine.matrix import Floats, ModelMatrix, fit_matrix
from segkit.seeds import generator

NAMES = ("x", "y", "z")


@dataclass(frozen=True)
class Sampled:
    """Units, and what another sample of their members makes of them."""

    sample: Callable[[np.random.Generator], pd.DataFrame]
    frame: pd.DataFrame
    matrix: ModelMatrix


def sampled(gap: float, *, units: int = 10, members: int = 40, name: str = "tests/sampled") -> Sampled:
    """Make units in two halves whose means lie ``gap`` standard deviations of a member apart in every feature."""
    strata = np.repeat(np.arange(units), members)
    middle = np.where(np.arange(units) < units // 2, 0.0, gap)
    own = middle[strata, None] + generator(name).normal(size=(len(strata), len(NAMES)))
    index = pd.Index([f"u{i}" for i in range(units)])

    def features_of(times: Floats) -> pd.DataFrame:
        sums = np.zeros((units, len(NAMES)))
        np.add.at(sums, strata, own * times[:, None])
        return pd.DataFrame(sums / np.bincount(strata, weights=times)[:, None], index=index, columns=list(NAMES))

    frame = features_of(np.ones(len(strata)))

    def sample(rng: np.random.Generator) -> pd.DataFrame:
        return features_of(rng.multinomial(members, np.full(members, 1 / members), size=units).ravel().astype(float))

    return Sampled(sample, frame, fit_matrix(frame, {"made": NAMES}))
