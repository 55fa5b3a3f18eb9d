"""What is clustered of texts and of profiles, and what else could explain the segments that come of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..seeds import generator, integer
from .algorithms import METHODS, smallest_cluster
from .copula import copula_draws
from .matrix import Floats
from .nulls import Replicates

TEXT, PROFILE = "text", "profile"
BALANCED, PLAIN, STANDARD = "balanced", "plain", "standard scores"
SUBSAMPLES, PART = 10, 0.8


@dataclass(frozen=True)
class TextBlocks:
    """Blocks of columns side by side, as they are clustered.

    Attributes
    ----------
    frame : DataFrame of shape (n_documents, n_columns)
        Each block divided by the root of its inertia, so that none outweighs another.
    blocks : dict of str to list of str
        Columns by block; a block that is the same in all documents is left out.
    shares : DataFrame
        ``scaling``, ``block``, ``share`` of the inertia: balanced; plain, blocks as they are; and with the profile as
        standard scores.
    """

    frame: pd.DataFrame
    blocks: Mapping[str, list[str]]
    shares: pd.DataFrame


def text_blocks(values: pd.DataFrame, profile: pd.DataFrame | None = None) -> TextBlocks:
    """Put texts and profiles side by side, with an equal say.

    Parameters
    ----------
    values : DataFrame of shape (n_documents, n_dims)
        Points of texts, none missing.
    profile : DataFrame of shape (n_documents, n_items), optional
        Zeros and ones, on the same index.

    Raises
    ------
    ValueError
        The two are about other documents, or in another order.

    Notes
    -----
    The inertia of a block is the sum of the variances of its columns. Joined as they are, vectors of length one and as
    many standard scores as there are items give nearly all inertia to the items; weights for blocks are from multiple
    factor analysis (Escofier, B. and Pages, J. (1994). Computational Statistics and Data Analysis, 18, 121-140), with the
    whole inertia in place of that of the first direction, since distances sum over all.

    Examples
    --------
    >>> text, items = pd.DataFrame({"t": [0.1, -0.1]}), pd.DataFrame({"p": [0, 1], "q": [1, 0]})
    >>> found = text_blocks(text, items).shares.set_index(["scaling", "block"])["share"]
    >>> found["balanced"].round(3).tolist(), found["plain"].round(3).tolist()
    ([0.5, 0.5], [0.02, 0.98])
    """
    given = {TEXT: values, **({} if profile is None else {PROFILE: profile})}
    if any(not block.index.equals(values.index) for block in given.values()):
        raise ValueError("texts and profiles are not about the same documents, in one order")
    raw = {name: block.astype("float64") for name, block in given.items()}
    kept = {name: block for name, block in raw.items() if _inertia(block) > 0}
    scaled = {name: block / np.sqrt(_inertia(block)) for name, block in kept.items()}
    other = {n: _standard(b) if n == PROFILE else b for n, b in kept.items()}
    shares = [
        (scaling, name, _inertia(block) / sum(_inertia(b) for b in blocks.values()))
        for scaling, blocks in ((BALANCED, scaled), (PLAIN, kept), (STANDARD, other))
        for name, block in blocks.items()
    ]
    # Names of columns are those of the blocks, so that no item is taken for a dimension.
    named = {n: b.set_axis([f"{n} {c}" for c in b.columns], axis=1) for n, b in scaled.items()}
    return TextBlocks(
        frame=pd.concat(named.values(), axis=1) if named else pd.DataFrame(index=values.index),
        blocks={n: list(b.columns) for n, b in named.items()},
        shares=pd.DataFrame(shares, columns=["scaling", "block", "share"]),
    )


def _inertia(block: pd.DataFrame) -> float:
    return float(block.to_numpy(dtype=np.float64).var(axis=0).sum()) if block.size else 0.0


def _standard(block: pd.DataFrame) -> pd.DataFrame:
    spread = block.std(ddof=0)
    return (block - block.mean()) / spread.where(spread > 0, 1.0)


def one_cloud(found: TextBlocks, persons: pd.Series | None = None) -> Replicates:
    """Return data sets of one cloud: texts in a single normal cloud on their sphere, profiles with the margins that they have.

    Parameters
    ----------
    found : TextBlocks
    persons : Series, optional
        Whom each document is of, on the same index. Documents of one person have one profile, which makes heaps of its own;
        where they do, profiles are drawn for persons, and lose what goes together with texts.

    Returns
    -------
    callable
        As `nulls.compare` takes them: how many, and the root seed.

    Notes
    -----
    Rank correlations of columns are kept. A dimension of a text has no margin of its own to keep: two topics show as
    two heaps on one dimension, and a null that keeps them keeps what it should put to the test. So a dimension has a
    normal margin of the same mean and spread, as in Liu, Y., Hayes, D. N., Nobel, A. and Marron, J. S. (2008). Statistical
    significance of clustering for high-dimension, low-sample size data. Journal of the American Statistical Association,
    103, 1281-1293; and points are then put at the distance from the origin that texts are at.
    """
    from scipy.special import ndtri
    from scipy.stats import rankdata

    values = found.frame.to_numpy(dtype=np.float64)
    text = np.flatnonzero(found.frame.columns.isin(found.blocks.get(TEXT, [])))
    lengths = np.linalg.norm(values[:, text], axis=1)
    margins, n = values.copy(), len(values)
    for column in text:
        normal = ndtri((rankdata(values[:, column], method="ordinal") - 0.5) / n)
        margins[:, column] = values[:, column].mean() + values[:, column].std() * normal / normal.std()

    other = np.setdiff1d(np.arange(values.shape[1]), text)
    of = np.arange(n) if persons is None else pd.factorize(persons.reindex(found.frame.index))[0]
    first = np.unique(of, return_index=True)[1]
    shared = len(first) < n and bool((values[first][of][:, other] == values[:, other]).all())

    def draws(count: int, root: int) -> Iterator[Floats]:
        own = copula_draws(values[first][:, other], np.zeros(len(first)), count, integer("text/persons", root))
        for drawn in copula_draws(margins, np.zeros(n, dtype=np.int64), count, root):
            drawn[:, text] *= (lengths / np.linalg.norm(drawn[:, text], axis=1))[:, None]
            if shared:
                drawn[:, other] = next(own)[of]
            yield drawn

    return draws


@dataclass(frozen=True)
class Density:
    """What clusters of density are there, by HDBSCAN, which needs no number of them and leaves noise.

    Attributes
    ----------
    clusters : int
    noise : float
        Share of the documents that are in none.
    noise_low, noise_high : float
        Least and most, over random parts of the documents.
    clusters_low, clusters_high : int
        The same of the number of clusters.
    """

    clusters: int
    noise: float
    noise_low: float
    noise_high: float
    clusters_low: int
    clusters_high: int

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def density(values: Floats, *, subsamples: int = SUBSAMPLES, seed: int = 42) -> Density:
    """Look for clusters of density, in all documents and in random parts of them.

    Parameters
    ----------
    values : array of shape (n_documents, n_columns)
        More than `algorithms.smallest_cluster` says.
    subsamples : int
        Parts of four fifths. HDBSCAN itself draws nothing, so what varies is who takes part.
    seed : int

    Notes
    -----
    Campello, R. J. G. B., Moulavi, D. and Sander, J. (2013). Density-based clustering based on hierarchical density
    estimates. PAKDD, 160-172.
    """
    rng, n = generator("text/density", seed), len(values)
    size = max(round(PART * n), min(n, smallest_cluster(n) + 1))
    rows = [np.arange(n), *(np.sort(rng.choice(n, size, replace=False)) for _ in range(subsamples))]
    found = [METHODS["HDBSCAN"](values[r], 0, seed) for r in rows]
    noise = [float((labels < 0).mean()) for labels in found]
    number = [int(labels.max()) + 1 for labels in found]
    parts = slice(1, None) if subsamples else slice(None)
    return Density(number[0], noise[0], min(noise[parts]), max(noise[parts]), min(number[parts]), max(number[parts]))


def explained(labels: Sequence[int] | pd.Series, measure: Sequence[float] | pd.Series) -> float:
    """Return how much of the variance of a measure segments account for: the adjusted coefficient of determination.

    Parameters
    ----------
    labels : length n
    measure : length n

    Returns
    -------
    float
        1 - (within / (n - k)) / (total / (n - 1)): around zero where segments have nothing to do with the measure, whatever
        their number (Ezekiel 1930). NaN where the measure does not vary, or each unit has a segment of its own.

    Examples
    --------
    >>> explained([1, 1, 2, 2], [0.0, 0.0, 1.0, 1.0]), round(explained([1, 2, 1, 2], [0.0, 0.0, 1.0, 1.0]), 3)
    (1.0, -0.5)
    """
    group, x = pd.factorize(np.asarray(labels))[0], np.asarray(measure, dtype=np.float64)
    n, k = len(x), int(group.max(initial=-1)) + 1
    total = float(((x - x.mean()) ** 2).sum()) if n else 0.0
    if n <= k or total <= 1e-12 * float((x**2).sum()):  # it does not vary, rounding aside
        return float("nan")
    means = np.bincount(group, weights=x) / np.bincount(group)
    within = float(((x - means[group]) ** 2).sum())
    return 1 - (within / (n - k)) / (total / (n - 1))
