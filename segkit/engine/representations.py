"""The same markets in several representations, side by side: what each of them really holds, and whether it agrees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd

from .clusterer import MANY, Clusterer
from .matching import rand_index
from .matrix import Floats, ModelMatrix, fit_matrix
from .segments import Segments, TooFewUnitsError, fit_segments
from .sequence_network import Network, NoNetwork, leading, rank_correlation
from .sequences import Linear, Sequences, linear
from .silhouettes import silhouettes

MOST = 6  # segments that are tried
TITLES = {
    "level": "revenue level alone", "statics": "structure alone", "series": "series features",
    "components": "principal components of sequences", "embedding": "LSTM embedding", "hybrid": "embedding and structure, balanced",
    "concatenation": "embedding and structure, as published",
}  # fmt: skip
EMBEDDED = ("embedding", "hybrid", "concatenation")  # what needs the network
SCORES = ("representation", "k", "silhouette", "common", "sizes", "singletons")


class Featured(Protocol):
    """What is asked of a table of features, see `segkit.features.table.FeatureTable`."""

    @property
    def frame(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def blocks(self) -> Mapping[str, list[str]]: ...  # noqa: D102


@dataclass(frozen=True)
class Representation:
    """One way to describe markets by numbers.

    Attributes
    ----------
    name, title : str
    matrix : ModelMatrix or None
        What would be clustered; None where it is missing.
    missing : str
        Why it is missing; empty where it is not.
    labels : dict of int to Series
        Segments by their number K, as in `segments.Segments`.
    one_dimensional : float
        Share of the variance on the first principal component.
    follows_level : float
        Absolute rank correlation (Spearman) of that component with the level of revenue.
    """

    name: str
    title: str
    matrix: ModelMatrix | None = field(repr=False)
    missing: str = ""
    labels: Mapping[int, pd.Series] = field(default_factory=dict, repr=False)
    one_dimensional: float = float("nan")
    follows_level: float = float("nan")


@dataclass(frozen=True)
class Representations:
    """All representations of the same markets.

    Attributes
    ----------
    items : dict of str to Representation
        In the order of ``TITLES``.
    scores : DataFrame
        ``representation``, ``k``, ``silhouette`` (mean, in its own space), ``common`` (mean, in the common space), ``sizes``
        (largest first) and ``singletons`` (segments of one market). Only the column ``common`` may be compared between
        representations: a silhouette in a space of its own is high where the space has few dimensions.
    agreement : DataFrame
        ``k``, ``a``, ``b`` and ``ari``, the adjusted Rand index of the segments of two representations; each pair once.
    common : ModelMatrix
        The common space: all features that can be read, as standard scores.
    params : dict
    seed : int
    """

    items: Mapping[str, Representation]
    scores: pd.DataFrame
    agreement: pd.DataFrame
    common: ModelMatrix = field(repr=False)
    params: dict[str, Any]
    seed: int

    @property
    def table(self) -> pd.DataFrame:
        """One row per representation: columns, share of the variance on one of them, and how far that follows the level."""
        rows = [
            (r.name, r.title, 0 if r.matrix is None else r.matrix.values.shape[1], r.one_dimensional, r.follows_level, r.missing)
            for r in self.items.values()
        ]  # fmt: skip
        names = ["representation", "title", "columns", "one_dimensional", "follows_level", "missing"]
        return pd.DataFrame(rows, columns=names)

    def to_json(self) -> dict[str, Any]:
        """Return all tables."""
        tables = {"representations": self.table, "scores": self.scores, "agreement": self.agreement}
        return {**{name: t.to_dict("records") for name, t in tables.items()}, "params": self.params}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def representations(
    features: Featured,
    cut: Sequences,
    network: Network | NoNetwork,
    *,
    components: Linear | None = None,
    clusterer: Clusterer = MANY,
    most: int = MOST,
    seed: int = 42,
) -> Representations:
    """Describe markets in every way, segment them by each, and compare.

    Parameters
    ----------
    features : FeatureTable
        Blocks ``series`` and ``structure``, with a column ``level`` in the former.
    cut : Sequences
    network : Network or NoNetwork
        Of these sequences.
    components : Linear, optional
        Where they are there already.
    clusterer : Clusterer
    most : int
        Segments that are tried; two less than there are markets at most.
    seed : int

    Notes
    -----
    Features are standard scores, neither clipped nor capped: among ten markets each is a tenth of the data. Embeddings and
    components stay as they are, as published. In the balanced hybrid each block is divided by the root of its first
    eigenvalue, so that no direction of one block outweighs all of the other (multiple factor analysis: Escofier, B. and
    Pages, J. (1994). Multiple factor analysis (AFMULT package). Computational Statistics and Data Analysis, 18, 121-140).
    """
    own = components or linear(cut)
    level = cut.level.reindex(features.frame.index)
    common = standardised(features.frame, features.blocks)
    made: dict[str, ModelMatrix | str] = dict(_matrices(features, cut, network, own))
    ks = range(2, min(most, len(features.frame) - 2) + 1)
    items = {}
    for name, title in TITLES.items():
        matrix = made[name]
        if isinstance(matrix, str):
            items[name] = Representation(name, title, None, matrix)
            continue
        share, scores = leading(matrix.values)
        found = {k: s.labels for k in ks if (s := _segments(matrix, k, clusterer, seed)) is not None}
        follows = rank_correlation(scores, level.to_numpy())
        items[name] = Representation(name, title, matrix, "", found, share, follows)
    return Representations(
        items,
        pd.DataFrame([row for r in items.values() for row in _scored(r, common)], columns=list(SCORES)),
        pd.DataFrame(list(_agreements(list(items.values()))), columns=["k", "a", "b", "ari"]),
        common,
        {"most": most, **clusterer.params},
        seed,
    )


def standardised(frame: pd.DataFrame, blocks: Mapping[str, Sequence[str]]) -> ModelMatrix:
    """Return features as standard scores, neither clipped nor capped."""
    from sklearn.preprocessing import StandardScaler

    return fit_matrix(frame, blocks, clip=0.0, cap=np.inf, scaler=StandardScaler())


def balanced(blocks: Mapping[str, Floats]) -> dict[str, Floats]:
    """Divide each block by the root of its first eigenvalue, so that none has a direction of more variance than another.

    Examples
    --------
    >>> a, b = balanced({"a": np.array([[0.0], [20.0]]), "b": np.array([[1.0, 1.0], [-1.0, -1.0]])}).values()
    >>> a.var(axis=0).round(6).tolist(), b.var(axis=0).round(6).tolist()
    ([1.0], [0.5, 0.5])
    """
    out = {}
    for name, values in blocks.items():
        apart = values - values.mean(axis=0)
        first = np.linalg.norm(apart, 2) / np.sqrt(len(values))
        out[name] = apart / first if first > 1e-12 else apart
    return out


def _matrices(
    features: Featured, cut: Sequences, network: Network | NoNetwork, own: Linear
) -> Iterator[tuple[str, ModelMatrix | str]]:
    """Yield each representation, or why there is none."""
    frame, blocks = features.frame, features.blocks
    for name, block, names in (
        ("level", "series", ["level"]),
        ("statics", "structure", blocks.get("structure", [])),
        ("series", "series", blocks.get("series", [])),
    ):
        varying = [n for n in names if n in blocks.get(block, [])]
        yield name, standardised(frame, {block: varying}) if varying else "It is the same in every market."
    columns = [f"component {i + 1}" for i in range(own.dims)]
    yield (
        "components",
        _plain({"components": pd.DataFrame(own.values, index=cut.markets, columns=columns)}, frame.index),
    )
    if isinstance(network, NoNetwork):
        yield from ((name, network.reason) for name in EMBEDDED)
        return
    embedding = network.embedding
    yield "embedding", _plain({"embedding": embedding}, frame.index)
    if not blocks.get("structure"):
        yield from ((name, "The structure is the same in every market.") for name in EMBEDDED[1:])
        return
    scores = standardised(frame, {"structure": blocks["structure"]})
    statics = pd.DataFrame(scores.values, index=frame.index, columns=list(scores.columns))
    both = {"embedding": embedding.reindex(frame.index), "structure": statics}
    even = balanced({name: block.to_numpy() for name, block in both.items()})
    yield (
        "hybrid",
        _plain({n: pd.DataFrame(even[n], index=b.index, columns=b.columns) for n, b in both.items()}, frame.index),
    )
    yield "concatenation", _plain(both, frame.index)


def _plain(blocks: Mapping[str, pd.DataFrame], index: pd.Index) -> ModelMatrix | str:
    """Return a matrix of blocks as they are."""
    from .preprocessing import ConstantError  # brings scikit-learn, which pages do without

    frame = pd.concat([b.reindex(index) for b in blocks.values()], axis=1)
    try:
        return fit_matrix(
            frame, {n: list(b.columns) for n, b in blocks.items()}, clip=0.0, cap=np.inf, scaler="passthrough"
        )
    except ConstantError:
        return "It is the same in every market."


def _segments(matrix: ModelMatrix, k: int, clusterer: Clusterer, seed: int) -> Segments | None:
    """Segment markets; None where fewer than that differ."""
    try:
        return fit_segments(matrix, k, clusterer=clusterer, seed=seed)
    except TooFewUnitsError:
        return None


def _scored(one: Representation, common: ModelMatrix) -> Iterator[tuple[object, ...]]:
    for k, labels in one.labels.items():
        codes = labels.to_numpy() - 1
        assert one.matrix is not None  # there would be no labels
        spaces = (one.matrix.values, common.values)
        inside, compared = (float(silhouettes(v, [codes]).mean()) for v in spaces)
        sizes = np.sort(np.bincount(codes))[::-1].tolist()
        yield one.name, k, inside, compared, tuple(sizes), sizes.count(1)


def _agreements(items: Sequence[Representation]) -> Iterator[tuple[int, str, str, float]]:
    for i, a in enumerate(items):
        for b in items[i + 1 :]:
            for k in a.labels:
                if k in b.labels:
                    yield k, a.name, b.name, rand_index(a.labels[k], b.labels[k])
