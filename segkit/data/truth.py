"""What was planted in a simulated log, under the names that its study uses."""

from __future__ import annotations

import pandas as pd

from .. import seeds
from ..privacy import keyed_all
from .registry import Dataset, simulator


def keyed_truth(key: bytes, dataset: Dataset) -> pd.Series:
    """Return the planted segment of each simulated unit, indexed by keyed id.

    Parameters
    ----------
    key : bytes
        The secret under which the study's ids are keyed.
    dataset : Dataset
        What was simulated.
    """
    truth = simulator(dataset)(seeds.ROOT).truth
    names = keyed_all([str(n) for n in truth.index], key)
    return pd.Series(truth.to_numpy(), index=[names[str(n)] for n in truth.index], name="planted")


def keyed_profiles(key: bytes, dataset: Dataset) -> pd.DataFrame:
    """Return what the texts of each simulated subscriber tell: fields of a profile, indexed by keyed id; empty where nothing.

    Parameters
    ----------
    key, dataset
        As of `keyed_truth`.
    """
    planted: pd.DataFrame = simulator(dataset)(seeds.ROOT).profiles  # type: ignore[attr-defined]
    names = keyed_all([str(n) for n in planted.index], key)
    return planted.set_axis(pd.Index([names[str(n)] for n in planted.index]))
