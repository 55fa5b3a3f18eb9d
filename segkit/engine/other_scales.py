"""What the rule for the number of segments answers under other scalers than the one in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from ..thresholds import JACCARD, PREDICTION_STRENGTH
from .clusterer import SMALL, Clusterer
from .fits import Labels, adjusted_rand, crossing, side_by_side
from .k_resampling import BOOTSTRAPS, SPLITS, rule_on
from .matrix import fit_matrix


@dataclass(frozen=True)
class OtherScales:
    """The number of segments by the rule under each scaler, and how much its segments agree with those in use.

    Attributes
    ----------
    table : DataFrame
        ``scaler``; ``in_use``; ``k``, the number by the rule, 1 for none; ``ari``, the adjusted Rand index of its segments
        with those in use, missing where it finds none; ``verdict`` as well, where all evidence was asked of each scaler.
    params : dict
        ``splits`` and ``bootstraps`` behind the answers of the scalers that are not in use; ``reason`` where the one in use
        was chosen for one.
    seed : int
    """

    table: pd.DataFrame
    params: dict[str, Any]
    seed: int

    @property
    def agree(self) -> bool:
        """Whether all scalers give one number of segments."""
        return bool(self.table["k"].nunique() == 1)

    def to_json(self) -> dict[str, Any]:
        """Return the table as plain values."""
        return {"table": self.table.to_dict("records"), "params": self.params, "seed": self.seed}

    @property
    def scaler(self) -> str:
        """The one in use."""
        return str(self.table.loc[self.table["in_use"], "scaler"].iloc[0])

    def _repr_html_(self) -> str:
        reason = self.params.get("reason")
        said = f"<p>The scaler in use is “{self.scaler}”: {escape(reason)}.</p>" if reason else ""
        return said + str(self.table.to_html(index=False, border=0))


def other_scales(
    frame: pd.DataFrame,
    blocks: Mapping[str, Sequence[str]],
    labels: Labels,
    scaling: str,
    rule: int,
    others: Sequence[str],
    ks: Sequence[int],
    *,
    clip: float,
    cap: float,
    splits: int = SPLITS,
    bootstraps: int = BOOTSTRAPS,
    strength: float = PREDICTION_STRENGTH,
    jaccard: float = JACCARD,
    clusterer: Clusterer = SMALL,
    seed: int = 42,
    jobs: int | None = None,
) -> OtherScales:
    """Apply the rule to the same table under other scalers.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_features)
        Raw features.
    blocks : mapping of str to sequence of str
        Their names by block.
    labels : array of int of shape (n_units,)
        The segments in use, from 0.
    scaling : str
        The name of the scaler in use.
    rule : int
        What the rule answers under it.
    others : sequence of str
        Names of scalers, as in `scalers.MAKERS`.
    ks : sequence of int
        Numbers of segments to compare.
    clip, cap : float
        Of the preprocessing; see `matrix.fit_matrix`.
    splits, bootstraps : int
        Of prediction strength and of the similarities.
    strength, jaccard : float
        What the rule asks; see `krule.decide`.
    clusterer : Clusterer
    seed : int
    jobs : int, optional
        Processes; all processors when not given.
    """
    names = [name for name in others if name != scaling]
    plan = [
        (frame, blocks, labels, name, list(ks), clip, cap, splits, bootstraps, strength, jaccard, clusterer, seed)
        for name in names
    ]
    found = side_by_side(_answer, plan, what="scales", jobs=jobs)
    rows = [(scaling, True, rule, 1.0 if rule > 1 else np.nan)]
    rows += [(name, False, k, alike) for name, (k, alike) in zip(names, found, strict=True)]
    table = pd.DataFrame(rows, columns=["scaler", "in_use", "k", "ari"])
    return OtherScales(table, {"splits": splits, "bootstraps": bootstraps, **clusterer.params}, seed)


def _answer(
    frame: pd.DataFrame, blocks: Mapping[str, Sequence[str]], labels: Labels, scaling: str, ks: list[int],
    clip: float, cap: float, splits: int, bootstraps: int, strength: float, jaccard: float, clusterer: Clusterer, seed: int,
) -> tuple[int, float]:  # fmt: skip
    """Return the number by the rule, and how much its segments agree with those in use."""
    from .scalers import MAKERS  # pages read what is kept without the libraries that compute

    matrix = fit_matrix(frame, blocks, clip=clip, cap=cap, scaler=MAKERS[scaling]())
    k, _ = rule_on(matrix, ks, splits, bootstraps, strength, jaccard, clusterer, seed)
    if k == 1:
        return 1, float("nan")
    theirs = clusterer.fit(matrix.values, k, seed=seed).labels
    return k, adjusted_rand(crossing(labels, theirs, int(labels.max()) + 1, k))
