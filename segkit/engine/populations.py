"""Whether the segments depend on who takes part: refitted on parts of the population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..privacy import SMALL_CELL
from .clusterer import SMALL, Clusterer
from .fits import adjusted_rand, best_jaccard, crossing
from .matrix import fit_matrix
from .segments import Segments


@dataclass(frozen=True)
class Populations:
    """Partitions of parts of the population, each compared with the one in use on the units that both have.

    Attributes
    ----------
    table : DataFrame
        ``population``; ``units``, missing where it would give away how few were left out; ``left_out``, their share,
        missing alike; ``ari``; one column ``jaccard_<segment>`` per segment, missing where the part has no unit of it.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    params: dict[str, Any]
    seed: int

    def to_json(self) -> dict[str, Any]:
        """Return the ARI by population, with the units that remain."""
        rows = self.table.set_index("population")
        return {str(name): {"ari": float(row["ari"]), "units": row["units"]} for name, row in rows.iterrows()}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def populations(
    frame: pd.DataFrame,
    blocks: Mapping[str, Sequence[str]],
    segments: Segments,
    parts: Mapping[str, NDArray[np.bool_]],
    *,
    clip: float,
    cap: float,
    scaler: Any = None,
    clusterer: Clusterer = SMALL,
    minimum: int = SMALL_CELL,
) -> Populations:
    """Refit preprocessing and k-means on parts of the population.

    The features of a unit stay what they are. Refitted are the limits of the clipping, the medians and ranges of the
    scaling, and the segments.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_features)
        Raw features.
    blocks : mapping of str to sequence of str
        The model's features.
    segments : Segments
        The partition in use.
    parts : mapping of str to array of bool, length n_units
        Who remains. A part with no more distinct units than segments, or that leaves nobody out, has no row.
    clip, cap, scaler
        Of the preprocessing; see `matrix.fit_matrix`.
    clusterer : Clusterer
    minimum : int
        The smallest number of units left out that is shown.
    """
    labels = segments.labels.reindex(frame.index).to_numpy() - 1
    k, rows = segments.k, []
    for name, mask in parts.items():
        out = int((~mask).sum())
        if not 0 < out < len(frame) - 1:
            continue
        try:
            values = fit_matrix(frame[mask], blocks, clip=clip, cap=cap, scaler=scaler).values
        except ValueError:  # all that remains is alike
            continue
        if len(np.unique(values, axis=0)) <= k:
            continue
        own = clusterer.fit(values, k, seed=segments.seed).labels
        shown = out >= minimum
        counts = crossing(labels[mask], own, k, k)
        rows.append(
            {
                "population": name,
                "units": float(mask.sum()) if shown else np.nan,
                "left_out": out / len(frame) if shown else np.nan,
                "ari": adjusted_rand(counts),
                **{f"jaccard_{i + 1}": float(v) for i, v in enumerate(best_jaccard(counts))},
            }
        )
    names = ["population", "units", "left_out", "ari", *(f"jaccard_{i}" for i in range(1, k + 1))]
    return Populations(pd.DataFrame(rows, columns=names), {**clusterer.params, "clip": clip, "cap": cap}, segments.seed)
