"""Kinds of conversations by two methods, text alone and text with profile: how many there are, and what else tells them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ..engine import nulls, segments
from ..engine.clusterer import MANY
from ..engine.matching import rand_index
from ..engine.matrix import fit_matrix
from ..engine.null_statistics import DECLARED, Plan
from ..engine.text_segments import PROFILE, TEXT, TextBlocks, density, explained, one_cloud, text_blocks
from ..privacy import SMALL_CELL
from .base import step
from .table import Effort, Recipe, TableEvidence

METHODS = {"A": "text alone", "B": "text and profile"}
POOLED = "all stages"
NULL = "one cloud"
LIGHT = Effort(gap=5, splits=20, bootstraps=40, subsamples=5, resamples=50, pipelines=50, nulls=39)
FEWEST = 2 * SMALL_CELL  # documents: fewer make no two segments that could be shown
COLUMNS = (
    "method", "scope", "documents", "blank", "dims", "rule", "k", "found", "silhouette", "prediction_strength", "jaccard",
    "p", "verdict", "length_r2", "ari_words", "ari_behaviour", "clusters", "noise", "noise_low", "noise_high", "reason",
)  # fmt: skip
NUMBERS = ("method", "scope", "k", "silhouette", "prediction_strength", "jaccard", "qualifies")


class TextEvidence(TableEvidence):
    """Evidence for segments of texts.

    Parameters
    ----------
    found : TextBlocks
    k_max : int
    effort : Effort
    seed : int
    persons : Series, optional
        See `engine.text_segments.one_cloud`.
    """

    def __init__(
        self, found: TextBlocks, k_max: int, effort: Effort, seed: int, persons: pd.Series | None = None
    ) -> None:
        # What blocks weigh is settled, so nothing is clipped or scaled after.
        recipe = Recipe(found.blocks, clip=0.0, cap=np.inf, scaler="passthrough", seed=seed)
        most = max(2, min(k_max, len(found.frame) // SMALL_CELL))
        super().__init__(found.frame, recipe, ks=range(2, most + 1), effort=effort)
        self.found, self.persons = found, persons

    @step
    def nulls(self) -> nulls.Nulls:
        """Whether there is more than one cloud of texts explains."""
        plan = Plan(self.segments.k, bootstraps=0, splits=0, subsamples=0, clusterer=self.loop)
        return nulls.compare(
            self.model_frame, self.blocks, {NULL: one_cloud(self.found, self.persons)}, plan, count=self.effort.nulls,
            level=self.effort.level, seed=self.seed, partitions=self.divided, **self.limits,
        )  # fmt: skip


@dataclass(frozen=True)
class TextMethods:
    """Segments of texts by both methods, in each stage and pooled.

    Attributes
    ----------
    table : DataFrame
        One row per method and scope: ``documents`` (with a vector), ``blank`` (without), ``dims``; ``rule`` (segments by the
        rule, 1 for none), ``k`` (segments that are shown) and ``found`` (whether they are those of the rule, else an
        illustration); of the latter ``silhouette``, ``prediction_strength``, ``jaccard`` (of the segment that comes back
        least), ``p`` (against one cloud) and ``verdict``; ``length_r2`` (share of the variance of the log word count that they
        account for, adjusted), ``ari_words`` and ``ari_behaviour`` (adjusted Rand index with as many segments of the log word
        count alone, and of behaviour alone); ``clusters``, ``noise``, ``noise_low``, ``noise_high`` of HDBSCAN; and ``reason``,
        which is empty unless there are no numbers.
    numbers : DataFrame
        ``method``, ``scope``, ``k``, ``silhouette``, ``prediction_strength``, ``jaccard``, ``qualifies``: what the rule saw.
    shares : DataFrame
        ``scope``, ``scaling``, ``block``, ``share`` of the inertia in method B.
    agreement : dict of str to float
        Adjusted Rand index of A and B by scope.
    labels : dict of (str, str) to Series of int
        Segments by method and scope, from 1, by the id of the document; blank ones have none. Not for publishing.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    numbers: pd.DataFrame
    shares: pd.DataFrame
    agreement: Mapping[str, float]
    labels: Mapping[tuple[str, str], pd.Series] = field(repr=False)
    params: dict[str, Any]
    seed: int

    def row(self, method: str, scope: str = POOLED) -> pd.Series:
        """Return the row of one method and scope."""
        return self.table.set_index(["method", "scope"]).loc[(method, scope)]

    def to_json(self) -> dict[str, Any]:
        """Return everything but the segment of each document."""
        tables = {"methods": self.table, "numbers": self.numbers, "shares": self.shares}
        return {
            **{name: t.to_dict("records") for name, t in tables.items()},
            "agreement": dict(self.agreement), "params": self.params, "seed": self.seed,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def text_methods(
    values: pd.DataFrame,
    words: pd.Series,
    stages: pd.Series,
    *,
    profile: pd.DataFrame | None = None,
    behaviour: pd.DataFrame | None = None,
    groups: pd.Series | None = None,
    k_max: int = 8,
    effort: Effort = LIGHT,
    seed: int = 42,
) -> TextMethods:
    """Segment documents by text, and by text and profile, pooled and in each stage.

    Parameters
    ----------
    values : DataFrame of shape (n_documents, n_dims)
        As `engine.text_space.TextSpace.values`: a row of NaN for a blank document, which takes part in nothing.
    words : Series of int
        Words of each document.
    stages : Series
        Of each document.
    profile : DataFrame of shape (n_documents, n_items), optional
        Zeros and ones. There is no method B without it.
    behaviour : DataFrame of shape (n_documents, n_features), optional
        What was done and not said, scaled robustly.
    groups : Series, optional
        The subscriber of each document.
    k_max : int
        Most segments that are tried; a segment holds five documents on average at least.
    effort : Effort
    seed : int

    Raises
    ------
    ValueError
        Something is not on the index of ``values``, in its order.

    Notes
    -----
    The rule for the number of segments is `engine.krule.decide`, for which no segments is an answer. Its resamples are of
    documents; those of one subscriber are alike, so what it finds is stable at most as it says. The null draws one profile
    for each subscriber, where groups are given.
    """
    for what in (words, stages, profile, behaviour, groups):
        if what is not None and not what.index.equals(values.index):
            raise ValueError("something is not about the same documents as the texts, in one order")
    if not values.index.is_unique:
        raise ValueError("some documents share an id")
    known = values.notna().all(axis=1) & (values.shape[1] > 0)
    scopes = {POOLED: np.ones(len(values), dtype=bool)}
    scopes |= {f"stage {s}": (stages == s).to_numpy() for s in sorted(stages.dropna().unique())}
    rows, numbers, labels, shares = [], [], {}, []
    for scope, own in scopes.items():
        at = np.flatnonzero(own & known)
        blank = int(own.sum()) - len(at)
        parts = [None if t is None else t.iloc[at] for t in (profile, behaviour)]
        for method in METHODS:
            try:
                blocks = _blocks(method, values.iloc[at], parts[0])
                one = _one(TextEvidence(blocks, k_max, effort, seed, groups), words.iloc[at], parts[1])
            except _NoNumbersError as error:
                rows.append(
                    {"method": method, "scope": scope, "documents": len(at), "blank": blank, "reason": str(error)}
                )
                continue
            rows.append({"method": method, "scope": scope, "blank": blank, **one.row})
            numbers.append(one.numbers.assign(method=method, scope=scope))
            labels[method, scope] = one.labels
            if method == "B":
                shares.append(blocks.shares.assign(scope=scope))
    return TextMethods(
        table=_typed(pd.DataFrame(rows, columns=list(COLUMNS))),
        numbers=pd.concat(numbers, ignore_index=True)[list(NUMBERS)] if numbers else pd.DataFrame(columns=list(NUMBERS)),
        shares=pd.concat(shares, ignore_index=True)[["scope", "scaling", "block", "share"]]
        if shares
        else pd.DataFrame(columns=["scope", "scaling", "block", "share"]),
        agreement=dict(_agreements(labels, list(scopes))),
        labels=labels,
        params={"k_max": k_max, "nulls": effort.nulls, "splits": effort.splits, "bootstraps": effort.bootstraps,
                "resamples": effort.resamples, "strength": effort.prediction_strength, "jaccard": effort.jaccard},
        seed=seed,
    )  # fmt: skip


def divided(values: pd.DataFrame, profile: pd.DataFrame | None, k: int, *, seed: int = 42) -> pd.Series | None:
    """Divide documents into a given number of segments, as the methods do.

    Parameters
    ----------
    values : DataFrame of shape (n_documents, n_dims)
        None missing.
    profile : DataFrame of shape (n_documents, n_items), optional
        For method B.
    k : int
    seed : int

    Returns
    -------
    Series of int or None
        From 1; None where too few documents differ.
    """
    from ..engine.preprocessing import ConstantError

    blocks = text_blocks(values, profile)
    try:
        matrix = fit_matrix(blocks.frame, blocks.blocks, clip=0.0, cap=np.inf, scaler="passthrough")
        return segments.fit_segments(matrix, k, clusterer=MANY, seed=seed).labels
    except (ConstantError, segments.TooFewUnitsError, ValueError):
        return None


class _NoNumbersError(Exception):
    """Why a method has no numbers in a scope."""


@dataclass(frozen=True)
class _One:
    """What one method gives in one scope."""

    row: dict[str, Any]
    numbers: pd.DataFrame
    labels: pd.Series


def _blocks(method: str, values: pd.DataFrame, profile: pd.DataFrame | None) -> TextBlocks:
    if len(values) < FEWEST:
        raise _NoNumbersError(f"Fewer than {FEWEST} documents have words.")
    if method == "B" and profile is None:
        raise _NoNumbersError("There are no profiles.")
    found = text_blocks(values, profile if method == "B" else None)
    for block in (TEXT, PROFILE)[: 1 + (method == "B")]:
        if block not in found.blocks:
            raise _NoNumbersError(f"The {block} is the same in all documents.")
    return found


def _one(made: TextEvidence, words: pd.Series, behaviour: pd.DataFrame | None) -> _One:
    from ..engine.preprocessing import ConstantError

    seed = made.seed
    try:
        decision, used = made.k_decision, made.segments
    except (segments.TooFewUnitsError, ConstantError):
        raise _NoNumbersError("Too few documents differ from each other.") from None
    k, log_words = used.k, np.log1p(words)
    table = decision.table.merge(made.k_selection.table[["k", "silhouette"]], on="k", how="left")
    at = table.set_index("k").loc[k]
    near = density(made.matrix.values, seed=seed)
    row = {
        "documents": len(words), "dims": made.matrix.values.shape[1], "rule": decision.rule, "k": k,
        "found": decision.found, "silhouette": at["silhouette"], "prediction_strength": at["prediction_strength"],
        "jaccard": made.jaccard.lowest, "p": made.nulls.row(NULL, DECLARED)["p"], "verdict": made.verdict.word,
        "length_r2": explained(used.labels, log_words), "ari_words": _rival(log_words.to_frame(), used, seed),
        "ari_behaviour": np.nan if behaviour is None else _rival(behaviour, used, seed), "clusters": near.clusters,
        "noise": near.noise, "noise_low": near.noise_low, "noise_high": near.noise_high, "reason": "",
    }  # fmt: skip
    return _One(row, table, used.labels)


def _rival(frame: pd.DataFrame, used: segments.Segments, seed: int) -> float:
    """Return the agreement with as many segments of something simpler; NaN where these cannot be had."""
    from ..engine.preprocessing import ConstantError

    try:
        matrix = fit_matrix(frame.astype("float64"), {"all": [str(c) for c in frame.columns]})
        own = segments.fit_segments(matrix, used.k, clusterer=MANY, seed=seed)
    except (ConstantError, segments.TooFewUnitsError):
        return float("nan")
    return rand_index(used.labels.reindex(own.labels.index), own.labels)


def _agreements(labels: Mapping[tuple[str, str], pd.Series], scopes: list[str]) -> Iterator[tuple[str, float]]:
    for scope in scopes:
        if all((method, scope) in labels for method in METHODS):
            a, b = (labels[method, scope] for method in METHODS)
            yield scope, rand_index(a, b.reindex(a.index))


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """Give columns of counts and words their types; what is missing stays so."""
    whole = dict.fromkeys(("documents", "blank", "dims", "rule", "k", "clusters"), "Int64")
    return table.astype(whole | {"found": "boolean", "verdict": "str"}).fillna({"verdict": ""})
