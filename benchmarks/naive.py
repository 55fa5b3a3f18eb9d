"""The published analysis as most people would write it: pandas groups with Python functions, scikit-learn by default.

One thing after another, with default settings everywhere. It is kept only to be measured against.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.metrics import adjusted_rand_score, calinski_harabasz_score, davies_bouldin_score, silhouette_score
from sklearn.preprocessing import RobustScaler

BANDS = {"early_morning": (0, 7), "business_hours": (8, 17), "evening": (18, 20), "late_night": (21, 23)}
BLOCKS = {
    "volume": ["n_calls", "n_days_active", "calls_per_active_day", "calls_per_tenure_day", "log_n_calls"],
    "duration": [
        "total_dur_sec", "mean_dur_sec", "median_dur_sec", "p90_dur_sec", "log_total_dur", "log_median_dur",
        "long_call_share",
    ],
    "recency": ["recency_days", "tenure_days"],
    "timing": [*(f"share_{b}" for b in BANDS), "share_open_day", "share_closed_day"],
}  # fmt: skip
DAY = 86_400.0


def features(calls: pd.DataFrame) -> pd.DataFrame:
    """Return the twenty features of each contact.

    Parameters
    ----------
    calls : DataFrame
        ``unit``, ``started_at``, ``duration``.
    """
    calls = calls.assign(
        date=calls["started_at"].dt.date, hour=calls["started_at"].dt.hour, day=calls["started_at"].dt.day_name()
    )
    until, long = calls["started_at"].max(), calls["amount"].quantile(0.95)
    groups = calls.groupby("unit")
    bands = {
        f"share_{name}": ("hour", lambda h, a=first, z=last: ((h >= a) & (h <= z)).mean())
        for name, (first, last) in BANDS.items()
    }
    out = groups.agg(
        n_calls=("amount", "size"),
        n_days_active=("date", "nunique"),
        total_dur_sec=("amount", "sum"),
        mean_dur_sec=("amount", "mean"),
        median_dur_sec=("amount", "median"),
        p90_dur_sec=("amount", lambda d: d.quantile(0.9)),
        long_call_share=("amount", lambda d: (d >= long).mean()),
        first=("started_at", "min"),
        last=("started_at", "max"),
        share_closed_day=("day", lambda d: (d == "Sunday").mean()),
        **bands,
    )
    out["tenure_days"] = (out["last"] - out["first"]).dt.total_seconds() / DAY
    out["recency_days"] = (until - out["last"]).dt.total_seconds() / DAY
    out["calls_per_active_day"] = out["n_calls"] / out["n_days_active"]
    out["calls_per_tenure_day"] = out["n_calls"] / (out["tenure_days"] + 1)
    out["log_n_calls"] = np.log1p(out["n_calls"])
    out["log_total_dur"] = np.log1p(out["total_dur_sec"])
    out["log_median_dur"] = np.log1p(out["median_dur_sec"])
    out["share_open_day"] = 1 - out["share_closed_day"]
    return out[[n for names in BLOCKS.values() for n in names]].astype("float64")


def matrix(frame: pd.DataFrame) -> np.ndarray:
    """Drop constant columns, clip, impute, scale, cap."""
    frame = frame.loc[:, frame.nunique() > 1]
    frame = frame.clip(frame.quantile(0.01), frame.quantile(0.99), axis=1)
    values = RobustScaler().fit_transform(SimpleImputer(strategy="median").fit_transform(frame))
    return np.clip(values, -10, 10)


def analysis(calls: pd.DataFrame, order: Sequence[str]) -> Mapping[str, np.ndarray]:
    """Return the numbers of the published analysis.

    Parameters
    ----------
    calls : DataFrame
    order : sequence of str
        The order of the contacts; k-means draws its starts by place.
    """
    frame = features(calls).loc[list(order)]
    x = matrix(frame)
    table = []
    for k in range(2, 13):
        fit = KMeans(k, n_init=50, random_state=42).fit(x)
        labels = fit.labels_
        table.append(
            (
                fit.inertia_,
                silhouette_score(x, labels),
                davies_bouldin_score(x, labels),
                calinski_harabasz_score(x, labels),
            )
        )
    final = KMeans(4, n_init=50, random_state=42).fit(x)
    silhouette_score(x, final.labels_)
    seeds = [adjusted_rand_score(final.labels_, KMeans(4, n_init=50, random_state=s).fit(x).labels_) for s in range(50)]
    blocks = []
    for block in BLOCKS:
        kept = [n for b, names in BLOCKS.items() if b != block for n in names]
        labels = KMeans(4, n_init=50, random_state=42).fit(matrix(frame[kept])).labels_
        blocks.append(adjusted_rand_score(final.labels_, labels))
    return {
        "features": frame.to_numpy(),
        "k": np.array(table),
        "sizes": np.sort(np.bincount(final.labels_)),
        "seeds": np.array(seeds),
        "blocks": np.array(blocks),
        "pca": PCA(n_components=2).fit(x).explained_variance_ratio_,
    }
