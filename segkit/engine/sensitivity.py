"""Do the segments depend on our choices: blocks and features left out, one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .clusterer import LARGE, MANY, Clusterer, KMeansClusterer
from .convergence import label_all
from .fits import Labels, side_by_side
from .matching import rand_index
from .matrix import Floats, ModelMatrix, fit_matrix
from .segments import Segments

EVEN = "drop block, equal weights"
ARMS = ("drop block", "only block", "drop feature", "equal blocks", EVEN, "add block")
Step = tuple[str, str, dict[str, list[str]], float]


def jaccard_by_segment(reference: pd.Series, labels: pd.Series) -> pd.Series:
    """Return, for each reference segment, its largest Jaccard similarity with a segment of another partition.

    Parameters
    ----------
    reference, labels : Series of int
        Two partitions on the same index.

    Notes
    -----
    Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics & Data Analysis, 52,
    258-271.

    Examples
    --------
    >>> a, b = pd.Series([1, 1, 1, 2]), pd.Series([5, 5, 6, 6])
    >>> jaccard_by_segment(a, b).round(3).tolist()
    [0.667, 0.5]
    """
    both = pd.crosstab(reference.to_numpy(), labels.to_numpy())
    union = both.sum(axis=1).to_numpy()[:, None] + both.sum(axis=0).to_numpy()[None, :] - both.to_numpy()
    best = (both.to_numpy() / union).max(axis=1)
    return pd.Series(best, index=both.index, name="jaccard")


@dataclass(frozen=True)
class Sensitivity:
    """Partitions under other sets of features, each compared with the one in use.

    Attributes
    ----------
    table : DataFrame
        ``arm`` (one of ``ARMS``), ``what``, ``ari``, ``variance_share`` (of what was dropped or kept, in the matrix that
        the comparison is about; missing where it took no part) and one column ``jaccard_<segment>`` per segment. The
        comparison is with the partition in use; in the arm ``drop block, equal weights`` it is with the partition of all
        blocks at equal weight, whose segments are others, so that there the Jaccard columns are missing.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    params: dict[str, Any]
    seed: int

    def arm(self, name: str) -> pd.DataFrame:
        """Return the rows of one arm, lowest ARI first."""
        rows = self.table[self.table["arm"] == name]
        return rows.sort_values(["ari", "what"], ignore_index=True)

    def to_json(self) -> dict[str, Any]:
        """Return ARI and variance share by block, and ARI by feature."""
        blocks = self.arm("drop block").set_index("what")
        return {
            "drop_block": blocks[["ari", "variance_share"]].to_dict("index"),
            "only_block": self.arm("only block").set_index("what")["ari"].to_dict(),
            "drop_feature": self.arm("drop feature").set_index("what")["ari"].to_dict(),
            "equal_blocks": self.arm("equal blocks")["ari"].tolist(),
            "drop_block_equal_weights": self.arm(EVEN).set_index("what")["ari"].to_dict(),
            "add_block": self.arm("add block").set_index("what")["ari"].to_dict(),
            "params": self.params,
        }

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def equal_blocks(matrix: ModelMatrix) -> np.ndarray:
    """Return the matrix with its blocks reweighted to the same variance; the total stays as it was.

    Returns
    -------
    array of shape (n_units, n_columns)
    """
    values = matrix.values.copy()
    total = values.var(axis=0).sum()
    place = {name: i for i, name in enumerate(matrix.columns)}
    for names in matrix.blocks.values():
        columns = [place[n] for n in names]
        own = values[:, columns].var(axis=0).sum()
        if own > 0:
            values[:, columns] *= np.sqrt(total / len(matrix.blocks) / own)
    return values


def sensitivity(
    frame: pd.DataFrame,
    blocks: Mapping[str, Sequence[str]],
    matrix: ModelMatrix,
    segments: Segments,
    *,
    clip: float,
    cap: float,
    scaler: Any = None,
    extra: Mapping[str, Sequence[str]] | None = None,
    clusterer: Clusterer = MANY,
    arms: Sequence[str] = ARMS,
    jobs: int | None = None,
) -> Sensitivity:
    """Refit preprocessing and k-means without each block and each feature, and with each block alone.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_features)
        Raw features, including those of ``extra``.
    blocks : mapping of str to sequence of str
        The model's features.
    matrix : ModelMatrix
        What is in use; its variance shares stand beside each arm.
    segments : Segments
        The partition in use.
    clip, cap, scaler
        Of the preprocessing; see `matrix.fit_matrix`.
    extra : mapping of str to sequence of str, optional
        Blocks that take no part in the model and are added one at a time.
    clusterer : Clusterer
        K-means with fifty starts when not given.
    arms : sequence of str
        Those that are wanted.
    jobs : int, optional
        Threads; all processors when not given.

    Notes
    -----
    A block that scaling has silenced cannot matter, and that dropping it changes nothing proves nothing: hence the
    variance shares, and the arms in which all blocks have the same variance.
    """
    plan = [step for step in _plan(blocks, extra or {}, matrix.feature_shares) if step[0] in arms]
    matrices, kept = [], []
    for step in plan:
        try:
            other = fit_matrix(frame, step[2], clip=clip, cap=cap, scaler=scaler)
        except ValueError:  # what remains is constant: no partition to compare with
            continue
        matrices.append(equal_blocks(other) if step[0] == EVEN else other.values)
        kept.append(step)
    if {"equal blocks", EVEN} & set(arms):
        kept.append(("equal blocks", "all", {}, 1.0))
        matrices.append(equal_blocks(matrix))
    fits = _fitted(matrices, clusterer, segments, jobs)
    even = fits[-1] if kept and kept[-1][0] == "equal blocks" else None
    own = segments.labels.to_numpy()
    rows = []
    for (arm, what, _, share), labels in zip(kept, fits, strict=True):
        near = jaccard_by_segment(segments.labels, pd.Series(labels, index=matrix.index))
        reference = even if arm == EVEN and even is not None else own
        rows.append(
            {
                "arm": arm,
                "what": what,
                "ari": rand_index(reference, labels),
                "variance_share": share,
                **{f"jaccard_{s}": float("nan") if arm == EVEN else float(j) for s, j in near.items()},
            }
        )
    table = pd.DataFrame(rows)
    table = table[table["arm"].isin(arms)].reset_index(drop=True) if rows else table
    return Sensitivity(table, {**clusterer.params, "clip": clip, "cap": cap}, segments.seed)


def _fitted(
    matrices: Sequence[Floats], clusterer: Clusterer, segments: Segments, jobs: int | None
) -> list[NDArray[np.int32]]:
    """Label each matrix; the starts of k-means go on side by side, which is faster than one fit after the other.

    Of very many units the starts run on some of them, see `clusterer.kmeans`.
    """
    if isinstance(clusterer, KMeansClusterer) and len(segments.labels) <= LARGE:
        return label_all([(v, segments.k, segments.seed, clusterer.restarts, "k-means++") for v in matrices], jobs)
    tasks = [(clusterer, v, segments.k, segments.seed) for v in matrices]
    return [np.asarray(own, dtype=np.int32) for own in side_by_side(_labels, tasks, jobs=jobs)]


def _labels(clusterer: Clusterer, values: Floats, k: int, seed: int) -> Labels:
    return clusterer.best(values, k, seed=seed).labels


def _plan(blocks: Mapping[str, Sequence[str]], extra: Mapping[str, Sequence[str]], shares: pd.Series) -> list[Step]:
    """List what is fitted: the arm, what it is about, the features by block, and the share of the variance."""
    plan: list[Step] = []
    for block, names in blocks.items():
        share = float(shares.reindex(names).sum())
        rest = {b: list(n) for b, n in blocks.items() if b != block}
        if rest:
            plan.append(("drop block", block, rest, share))
            plan.append((EVEN, block, rest, 1 / len(blocks)))
        plan.append(("only block", block, {block: list(names)}, share))
    for feature in shares.index:
        rest = {b: [n for n in names if n != feature] for b, names in blocks.items()}
        plan.append(("drop feature", feature, rest, float(shares[feature])))
    for block, names in extra.items():
        plan.append(("add block", block, {**{b: list(n) for b, n in blocks.items()}, block: list(names)}, np.nan))
    return plan
