"""How many segments: the internal indices over a range of K."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, cpu_count, delayed
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from .matrix import Floats, ModelMatrix
from .segments import kmeans
from .silhouettes import EXACT, sample, silhouettes, standard_error

COLUMNS = ["k", "inertia", "silhouette", "davies_bouldin", "calinski_harabasz", "smallest"]


@dataclass(frozen=True)
class KSelection:
    """Internal indices for each K.

    Attributes
    ----------
    table : DataFrame
        Columns ``k``, ``inertia``, ``silhouette``, ``davies_bouldin``, ``calinski_harabasz``, ``smallest`` (units in the
        smallest segment); ``silhouette_se``, its standard error, where it was measured on a sample.
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


def select_k(
    matrix: ModelMatrix, ks: Iterable[int], *, restarts: int = 50, seed: int = 42, jobs: int | None = None
) -> KSelection:
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
    jobs : int, optional
        Threads; all processors when not given.

    Notes
    -----
    Silhouette: Rousseeuw (1987). Davies-Bouldin: Davies and Bouldin (1979). Calinski-Harabasz: Calinski and Harabasz
    (1974).

    The distances behind an exact silhouette grow with the square of n. Above ``silhouettes.EXACT`` units, the mean is
    that of a random sample of so many, each compared with all units: it is unbiased, and its standard error is in the
    table. The two other indices take time in proportion to n and are always exact. For the fit itself see
    `segments.kmeans`.
    """
    distinct = len(pd.DataFrame(matrix.values).drop_duplicates())
    usable = [k for k in ks if k < distinct]
    values, n = matrix.values, len(matrix.values)
    with threadpool_limits(1):
        running = Parallel(n_jobs=jobs or cpu_count(), prefer="threads", return_as="generator")(
            delayed(_measure)(values, k, restarts, seed)
            for k in reversed(usable)  # the longest first
        )
        fits = list(tqdm(running, total=len(usable), desc="K", leave=False, delay=2, disable=None))[::-1]
        rows = sample(n, EXACT, "kselection/silhouette", seed) if n > EXACT else None
        scores = silhouettes(values, [labels for labels, _ in fits], rows) if fits else np.empty((0, 0))
    table = pd.DataFrame([row for _, row in fits], columns=COLUMNS)
    table["silhouette"] = scores.mean(axis=0) if fits else table["silhouette"]
    if rows is not None:
        table.insert(COLUMNS.index("silhouette") + 1, "silhouette_se", standard_error(scores, n))
    return KSelection(table, {"restarts": restarts, "ks": usable}, seed)


def _measure(values: Floats, k: int, restarts: int, seed: int) -> tuple[np.ndarray, dict[str, float]]:
    """Fit one K, and return its labels and the indices that take linear time."""
    from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score

    with threadpool_limits(1):  # what is set for one thread does not hold for another
        fit = kmeans(values, k, restarts=restarts, seed=seed)
        return fit.labels_, {
            "k": k,
            "inertia": float(fit.inertia_),
            "silhouette": float("nan"),
            "davies_bouldin": float(davies_bouldin_score(values, fit.labels_)),
            "calinski_harabasz": float(calinski_harabasz_score(values, fit.labels_)),
            "smallest": int(np.bincount(fit.labels_).min()),
        }
