"""What another preprocessing would have found: every combination of the choices, not the one that was made."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..seeds import generator
from ..thresholds import CLOSE, JACCARD
from .clusterer import SMALL, Clusterer
from .fits import Labels, adjusted_rand, best_jaccard, crossing, side_by_side
from .grid import DIMENSIONS, FeatureSet, Grid
from .matrix import Floats
from .segments import Segments
from .silhouettes import parts

DECIMALS = 8  # two matrices that agree to so many are one


# Logs, cap, K, digest of the matrix, whether its starts were enough, ARI and Jaccard per segment
Arm = tuple[str, float, int, str, bool | None, list[float]]


@dataclass(frozen=True)
class Multiverse:
    """Partitions under every combination of choices, each compared with what the choices in use give.

    Attributes
    ----------
    table : DataFrame
        One row per arm and K: ``k``, the five dimensions, ``matrix`` (equal numbers are equal matrices),
        ``defensible``, ``in_use``, ``converged`` (whether the starts of each fit were enough, see `lloyd.enough`),
        ``ari``, ``ari_se`` (its standard error where samples stand for all, else zero), and ``jaccard_<segment>`` at the
        K in use.
    used : dict
        The level in use of each dimension.
    k : int
        The K in use. Rows of K - 1 and K + 1 are compared with the choices in use at that K.
    params : dict
    seed : int
    least : float
        From which Jaccard similarity on a segment counts as found again.
    """

    table: pd.DataFrame
    used: dict[str, Any]
    k: int
    params: dict[str, Any]
    seed: int
    least: float = JACCARD

    def curve(self, k: int | None = None, *, defensible: bool = False) -> pd.DataFrame:
        """Return the distinct matrices of one K, lowest ARI first; defensible if one arm that leads to it is."""
        rows = self.table[self.table["k"] == (self.k if k is None else k)]
        able = rows.groupby("matrix")["defensible"].transform("any")
        rows = rows.assign(defensible=able)
        rows = rows[rows["defensible"]] if defensible else rows
        first = rows.sort_values("in_use", ascending=False, kind="stable").drop_duplicates("matrix")
        return first.sort_values(["ari", "matrix"], ignore_index=True)

    @property
    def ks(self) -> list[int]:
        """The numbers of segments that were compared."""
        return sorted(int(k) for k in self.table["k"].unique())

    def others(self, k: int | None = None, *, defensible: bool = False) -> pd.DataFrame:
        """Return the curve without the matrix in use, which agrees with itself."""
        rows = self.curve(k, defensible=defensible)
        return rows[~rows["in_use"]]

    def summary(self, k: int | None = None, *, defensible: bool = False) -> dict[str, float]:
        """Return the number of other matrices, their median ARI, its quartiles, and the share that is close."""
        ari = self.others(k, defensible=defensible)["ari"]
        q25, median, q75 = ari.quantile([0.25, 0.5, 0.75]) if len(ari) else (math.nan,) * 3
        share = float((ari >= CLOSE).mean()) if len(ari) else math.nan
        return {
            "matrices": len(ari), "median_ari": float(median), "q25": float(q25), "q75": float(q75),
            "lowest": float(ari.min()) if len(ari) else math.nan, "share_above_08": share,
        }  # fmt: skip

    @property
    def starts(self) -> dict[str, int]:
        """The number of partitions that were fitted, and of those whose starts were not enough."""
        fitted = self.table.drop_duplicates(["k", "matrix"])["converged"]
        return {"fits": int(fitted.notna().sum()), "unconverged": int((fitted == False).sum())}  # noqa: E712  # None is not known

    @property
    def error(self) -> float:
        """The standard error of one ARI that is due to sampling: root mean square over the other matrices."""
        errors = self.others()["ari_se"]
        return float(np.sqrt((errors**2).mean())) if len(errors) else 0.0

    @property
    def effects(self) -> pd.DataFrame:
        """What each choice does by itself, at the K in use.

        One row per dimension and level: ``alone``, the ARI where this choice alone is changed; ``median_ari`` of all
        matrices with that level; and ``effect``, the median difference of the ARI to the arm that differs in this choice
        alone, each pair of matrices once.
        """
        rows = self.table[self.table["k"] == self.k]
        out = []
        for dimension in DIMENSIONS:
            others = [d for d in DIMENSIONS if d != dimension]
            base = rows[rows[dimension] == self.used[dimension]]
            here = rows[(rows[others] == pd.Series(self.used)[others]).all(axis=1)].set_index(dimension)["ari"]
            for level in rows[dimension].unique():
                arms = rows[rows[dimension] == level]
                ari = arms.drop_duplicates("matrix")["ari"]
                pairs = arms.merge(base, on=others, suffixes=("", "_base")).drop_duplicates(["matrix", "matrix_base"])
                out.append(
                    {"choice": dimension, "level": level, "in_use": bool(level == self.used[dimension]),
                     "matrices": len(ari), "alone": float(here.get(level, math.nan)), "median_ari": float(ari.median()),
                     "effect": float((pairs["ari"] - pairs["ari_base"]).median())}
                )  # fmt: skip
        return pd.DataFrame(out)

    def recovered(self, *, defensible: bool = False) -> pd.Series:
        """Return, per segment, the share of the other matrices under which it is found again."""
        rows = self.others(defensible=defensible)
        columns = [c for c in rows if c.startswith("jaccard_")]
        share = (rows[columns] >= self.least).mean()
        return pd.Series(share.to_numpy(), index=[int(c.removeprefix("jaccard_")) for c in columns], name="recovered")

    def to_json(self) -> dict[str, Any]:
        """Return the summary of the defensible subset, of all arms, and of the neighbouring K."""
        names = {math.inf: "none"}
        effects = self.effects.assign(level=[str(names.get(v, v)) for v in self.effects["level"]])
        return {
            **self.summary(defensible=True),
            "all": self.summary(),
            "by_k": {str(k): self.summary(k, defensible=True) for k in self.ks},
            "arms": int((self.table["k"] == self.k).sum()),
            "ari_se": self.error,
            **self.starts,
            "effects": effects.to_dict("records"),
            "recovered": {str(s): float(v) for s, v in self.recovered(defensible=True).items()},
            "params": self.params,
        }

    def _repr_html_(self) -> str:
        return self.effects.to_html(index=False, border=0)


def multiverse(
    frame: pd.DataFrame,
    segments: Segments,
    grid: Grid,
    *,
    clip: float,
    cap: float,
    scaler: str = "robust",
    clusterer: Clusterer = SMALL,
    least: float = JACCARD,
    jobs: int | None = None,
) -> Multiverse:
    """Refit preprocessing and k-means under every combination of choices.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_features)
        Raw features. Above ``silhouettes.EXACT`` units, random samples of so many stand for all, see `silhouettes.parts`.
    segments : Segments
        The partition in use; its K is kept, K - 1 and K + 1 are compared apart.
    grid : Grid
        The choices.
    clip, cap, scaler
        What is in use.
    clusterer : Clusterer
        It starts until that is enough: an arm that ends in a worse optimum would seem to depend on the choices.
    least : float
        From which Jaccard similarity on a segment counts as found again.
    jobs : int, optional
        Processes.

    Notes
    -----
    Steegen, S., Tuerlinckx, F., Gelman, A. and Vanpaemel, W. (2016). Increasing transparency through a multiverse
    analysis. Perspectives on Psychological Science, 11, 702-712. Shown as a specification curve: Simonsohn, U., Simmons,
    J. P. and Nelson, L. D. (2020). Specification curve analysis. Nature Human Behaviour, 4, 1208-1214.

    Steps have the order of the preprocessing in use: logs, clipping, medians for missing values, scaling, cap. Scaling
    works on single columns, so each is scaled once for all sets of features.
    """
    n, seed, clusterer = len(frame), segments.seed, clusterer.converging()
    labels = segments.labels.reindex(frame.index).to_numpy() - 1
    used: dict[str, Any] = {
        "scaler": scaler,
        "clip": clip,
        "cap": cap,
        "logs": next(iter(grid.logs)),
        "units": next(iter(grid.units)),
    }
    samples = parts(n, "multiverse/sample", seed)
    found = [_on(frame, labels, rows, grid, used, segments.k, seed, clusterer, jobs) for rows in samples]
    sampled = len(samples[0]) if len(samples) > 1 else None
    params = {**clusterer.params, "units": n, "sampled": sampled, "samples": len(samples)}
    return Multiverse(_together(found), used, segments.k, params, seed, least)


def _on(
    frame: pd.DataFrame, labels: Labels, rows: Labels, grid: Grid, used: Mapping[str, Any], k: int, seed: int,
    clusterer: Clusterer, jobs: int | None,
) -> pd.DataFrame:  # fmt: skip
    """Fit every arm on some of the units."""
    levels = grid.levels(used)
    columns, picks = _columns(frame.iloc[rows], grid.logs)
    reference = _references(columns, picks[used["logs"]], used, labels[rows], k, seed, clusterer)
    masks = [mask[rows] for mask in grid.units.values()]
    tasks = [
        (columns[m], s, c, levels["cap"], picks, {j: r[m] for j, r in reference.items()}, seed, clusterer)
        for m, s, c in itertools.product(masks, levels["scaler"], levels["clip"])
    ]
    return _table(side_by_side(_arms, tasks, what="choices", jobs=jobs), grid, levels, used, k)


def _together(found: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Average what several samples gave, arm by arm, with the standard error of the mean ARI."""
    table = found[0].copy()
    if len(found) == 1:
        table.insert(table.columns.get_loc("ari") + 1, "ari_se", 0.0)
        return table
    arm = ["k", *DIMENSIONS]
    measured = [c for c in table if c == "ari" or c.startswith("jaccard_")]
    groups = pd.concat(found).groupby(arm, sort=False)
    means = groups[measured].mean()
    table["converged"] = table[arm].join(groups["converged"].min(), on=arm)["converged"]
    means.insert(1, "ari_se", groups["ari"].std(ddof=1) / np.sqrt(len(found)))
    return table.drop(columns=measured).join(means, on=arm)


def _table(
    done: Iterable[list[Arm]], grid: Grid, levels: Mapping[str, list[Any]], used: Mapping[str, Any], k: int
) -> pd.DataFrame:
    """Name the arms, and number their matrices."""
    cells = itertools.product(levels["units"], levels["scaler"], levels["clip"])
    found, ids = [], dict[str, int]()
    for (units, scaler, clip), arms in zip(cells, done, strict=True):
        for logs, cap, own, digest, converged, (ari, *near) in arms:
            level = {"scaler": scaler, "clip": clip, "cap": cap, "logs": logs, "units": units}
            row = {"k": own, **level, "matrix": ids.setdefault(f"{units} {digest}", len(ids))}
            row |= {"defensible": grid.allows(level), "in_use": level == used}
            row |= {"converged": converged, "ari": ari}
            found.append(row | ({f"jaccard_{i + 1}": v for i, v in enumerate(near)} if own == k else {}))
    names = ["k", *DIMENSIONS, "matrix", "defensible", "in_use", "converged", "ari"]
    names += [f"jaccard_{i}" for i in range(1, k + 1)]
    return pd.DataFrame(found).reindex(columns=names)


def _columns(frame: pd.DataFrame, logs: Mapping[str, FeatureSet]) -> tuple[Floats, dict[str, list[int]]]:
    """Return every column that some set uses, logged or not, and where each set finds its own."""
    wanted = list(dict.fromkeys((name, name in s.logged) for s in logs.values() for name in s.names))
    values = [frame[name].to_numpy(dtype=np.float64) for name, _ in wanted]
    stacked = np.column_stack(
        [np.log1p(np.maximum(v, 0)) if log else v for v, (_, log) in zip(values, wanted, strict=True)]
    )
    place = {key: i for i, key in enumerate(wanted)}
    return stacked, {key: [place[name, name in s.logged] for name in s.names] for key, s in logs.items()}


def prepared(values: Floats, scaler: str, clip: float) -> Floats:
    """Clip, put medians for missing values, and scale.

    Parameters
    ----------
    values : array of shape (n_units, n_columns)
    scaler : str
    clip : float
        Tail probability.
    """
    from .scalers import scaled

    low, high = np.nanquantile(values, [clip, 1 - clip], axis=0)
    values = np.clip(values, low, high)
    values = np.where(np.isnan(values), np.nanmedian(values, axis=0), values)
    return scaled(values, scaler)


def _references(
    columns: Floats, pick: list[int], used: Mapping[str, Any], labels: Labels, k: int, seed: int, clusterer: Clusterer
) -> dict[int, Labels]:
    """Return, for each K, the partition that the choices in use give; that of the K in use is given."""
    values = np.clip(prepared(columns[:, pick], used["scaler"], used["clip"]), -used["cap"], used["cap"])
    distinct = _distinct(values)
    others = [j for j in (k - 1, k + 1) if 2 <= j < distinct]
    return {k: labels} | {j: clusterer.fit(values, j, seed=seed).labels for j in others}


def _arms(
    columns: Floats, scaler: str, clip: float, caps: Sequence[float], picks: Mapping[str, list[int]],
    reference: Mapping[int, Labels], seed: int, clusterer: Clusterer,
) -> list[Arm]:  # fmt: skip
    """Fit all arms that share scaler, clipping and units; those of one matrix are fitted once."""
    out, known = [], dict[str, dict[int, tuple[bool | None, list[float]]]]()
    if len(columns) < 2:
        return []
    ready = prepared(columns, scaler, clip)
    for (logs, pick), cap in itertools.product(picks.items(), caps):
        values = np.clip(ready[:, pick], -cap, cap)
        values = np.ascontiguousarray(values[:, np.ptp(values, axis=0) > 0])
        digest = hashlib.sha256((np.round(values, DECIMALS) + 0.0).tobytes()).hexdigest()  # + 0 makes -0 a 0
        if digest not in known:
            distinct = _distinct(values)
            fits = {k: clusterer.fit(values, k, seed=seed) for k in reference if distinct > k}
            known[digest] = {
                k: (found.converged, _compare(reference[k], found.labels, max(reference) + 1))
                for k, found in fits.items()
            }
        out += [(logs, cap, k, digest, *measured) for k, measured in known[digest].items()]
    return out


def _distinct(values: Floats) -> int:
    """Count units that differ, by one random projection: far quicker than by comparing rows."""
    if not values.size:
        return 0
    weights = generator("multiverse/distinct").normal(size=values.shape[1])
    return len(np.unique(np.round(values @ weights, DECIMALS)))


def _compare(reference: Labels, labels: Labels, k: int) -> list[float]:
    """Return the ARI, and the best Jaccard similarity of each segment of the reference."""
    counts = crossing(reference, labels, k, k)
    near = best_jaccard(counts)
    return [adjusted_rand(counts), *(float(v) for v in near[: int(reference.max()) + 1])]
