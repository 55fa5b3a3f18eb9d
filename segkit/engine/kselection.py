"""How many segments: the internal indices over a range of K."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from .matrix import ModelMatrix
from .segments import kmeans

COLUMNS = ["k", "inertia", "silhouette", "davies_bouldin", "calinski_harabasz", "smallest"]


@dataclass(frozen=True)
class KSelection:
    """Internal indices for each K.

    Attributes
    ----------
    table : DataFrame
        Columns ``k``, ``inertia``, ``silhouette``, ``davies_bouldin``, ``calinski_harabasz``, ``smallest`` (units in the
        smallest segment).
    params : dict
        Restarts and the range of K.
    seed : int
    """

    table: pd.DataFrame
    params: dict[str, Any]
    seed: int

    @property
    def by(self) -> dict[str, int]:
        """The K that each index alone would choose: highest silhouette, lowest Davies-Bouldin, highest Calinski-Harabasz.

        None of them can answer "one", and all of them measure much the same thing, so they are no vote. Empty where no K
        could be measured.
        """
        if self.table.empty:
            return {}
        at = self.table.set_index("k")
        return {
            "silhouette": int(at["silhouette"].idxmax()),
            "davies_bouldin": int(at["davies_bouldin"].idxmin()),
            "calinski_harabasz": int(at["calinski_harabasz"].idxmax()),
        }

    def to_json(self) -> dict[str, Any]:
        """Return the indices as plain values."""
        return {"indices": self.table.to_dict("records"), "by": self.by, "params": self.params, "seed": self.seed}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def select_k(matrix: ModelMatrix, ks: Iterable[int], *, restarts: int = 50, seed: int = 42) -> KSelection:
    """Fit k-means for each K and measure the partition.

    Parameters
    ----------
    matrix : ModelMatrix
        n units.
    ks : iterable of int
        Values of K; those that are not below the number of distinct units are left out, since no index is defined there.
    restarts : int
        K-means++ starts for each K.
    seed : int

    Notes
    -----
    Silhouette: Rousseeuw (1987). Davies-Bouldin: Davies and Bouldin (1979). Calinski-Harabasz: Calinski and Harabasz
    (1974).
    """
    distinct = len(pd.DataFrame(matrix.values).drop_duplicates())
    usable = [k for k in ks if k < distinct]
    rows = []
    with threadpool_limits(1):
        for k in tqdm(usable, desc="K", leave=False, delay=2, disable=None):
            fit = kmeans(matrix.values, k, restarts=restarts, seed=seed)
            rows.append(
                {
                    "k": k,
                    "inertia": float(fit.inertia_),
                    "silhouette": float(silhouette_score(matrix.values, fit.labels_)),
                    "davies_bouldin": float(davies_bouldin_score(matrix.values, fit.labels_)),
                    "calinski_harabasz": float(calinski_harabasz_score(matrix.values, fit.labels_)),
                    "smallest": int(pd.Series(fit.labels_).value_counts().min()),
                }
            )
    return KSelection(pd.DataFrame(rows, columns=COLUMNS), {"restarts": restarts, "ks": usable}, seed)
