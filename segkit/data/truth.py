"""The planted segments of the simulated log, under the names that the study uses."""

from __future__ import annotations

import pandas as pd

from ..privacy import keyed_all


def keyed_truth(key: bytes) -> pd.Series:
    """Return the planted segment of each simulated contact, indexed by keyed id.

    Parameters
    ----------
    key : bytes
        The secret under which the study's ids are keyed.
    """
    from .simulate.calls import simulate_calls

    truth = simulate_calls().truth
    names = keyed_all([str(n) for n in truth.index], key)
    return pd.Series(truth.to_numpy(), index=[names[str(n)] for n in truth.index], name="planted")
