"""Evidence about a table that is at hand, as notebooks have it; nothing of it is kept on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ..engine import modes, segments
from ..engine.clusterer import MANY, SMALL, Clusterer, KMeansClusterer, given
from ..engine.fits import Labels, adjusted_rand, crossing, nearest
from ..engine.matrix import Floats, fit_matrix
from ..engine.other_scales import OtherScales
from ..thresholds import JACCARD, LEVEL, PREDICTION_STRENGTH
from .base import step
from .clustered import DEFENSIBLE
from .evidence import Evidence
from .shelf import Unkept


@dataclass(frozen=True)
class Effort:
    """How much resampling is behind each procedure, and what the tests ask for.

    Attributes
    ----------
    gap : int
        Reference sets of the gap statistic, for each kind of box.
    splits, bootstraps, subsamples : int
        Of prediction strength, instability and consensus.
    resamples : int
        Of the Jaccard similarities, for each scheme.
    pipelines : int
        Bootstraps of the whole chain.
    nulls : int
        Data sets without segments; no p is below 1 / (nulls + 1).
    prediction_strength, jaccard, level : float
        What the rule for the number of segments asks for, and the level of the tests.
    """

    gap: int = 20
    splits: int = 20
    bootstraps: int = 40
    subsamples: int = 40
    resamples: int = 50
    pipelines: int = 50
    nulls: int = 59
    prediction_strength: float = PREDICTION_STRENGTH
    jaccard: float = JACCARD
    level: float = LEVEL


@dataclass(frozen=True)
class Recipe:
    """How features become segments.

    Attributes
    ----------
    blocks : mapping of str to sequence of str
        Names of the features by block.
    clip, cap : float
        Tail probability of the clipping, and the bound after scaling.
    scaler : transformer or {"passthrough"}, optional
        In place of the robust one.
    scaling : str
        The name of the scaler, among `engine.scalers.MAKERS` where it is one of these.
    reason : str
        Why it was taken.
    clusterer : Clusterer
        In all loops of resampling.
    final : Clusterer
        Of the partition in use.
    seed : int
    """

    blocks: Mapping[str, Sequence[str]]
    clip: float = 0.01
    cap: float = 10.0
    scaler: Any = None
    scaling: str = "robust"
    reason: str = "it was asked for"
    clusterer: Clusterer = SMALL
    final: Clusterer = MANY
    seed: int = 42


def chosen(
    frame: pd.DataFrame, blocks: Mapping[str, Sequence[str]], *, clip: float, cap: float, seed: int
) -> tuple[str, str]:
    """Choose a scaler: the robust one, unless columns with more than one mode lose their weight by it.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_features)
    blocks : mapping of str to sequence of str
    clip, cap : float
        Of the preprocessing; see `matrix.fit_matrix`.
    seed : int

    Returns
    -------
    tuple of str
        The name of the scaler, and the reason.

    Notes
    -----
    The interquartile range of two groups of like size is the distance between them, so that the robust scaler takes it for the
    spread of their column. The standard deviation grows less, and gives each column one variance.
    """
    names = [n for group in blocks.values() for n in group]
    hidden = modes.modes(frame[names], fit_matrix(frame, blocks, clip=clip, cap=cap), seed=seed).hidden
    if not hidden:
        return "robust", "few large values do not stretch it, and it hides no column with more than one mode"
    some = ", ".join(hidden)
    return "standard", f"the robust one would take for spread what parts the modes of {some}"


class TableEvidence(Evidence):
    """All evidence for segments of a table that is at hand; nothing of it is kept on disk.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_features)
        Raw features, indexed by unit.
    recipe : Recipe
    k : int, optional
        The number of segments; by the rule of `krule.decide` when not given.
    ks : sequence of int
        Numbers of segments that are compared.
    effort : Effort, optional
    labels : array of length n_units, optional
        A partition that somebody else made, in place of one of our own.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        recipe: Recipe,
        k: int | None = None,
        *,
        ks: Sequence[int] = tuple(range(2, 9)),
        effort: Effort | None = None,
        labels: Labels | None = None,
    ) -> None:
        self.shelf, self.parts = Unkept(self), {}
        self.frame, self.recipe, self.labels = frame, recipe, labels
        self._by_hand, self._ks, self._effort = k, ks, effort or Effort()

    __getattribute__ = object.__getattribute__  # nothing is noted, since nothing is kept

    def _repr_html_(self) -> str:
        return self.segments._repr_html_()

    model_frame = property(lambda self: self.frame[[n for names in self.recipe.blocks.values() for n in names]])
    blocks = property(lambda self: self.recipe.blocks)
    scaling = property(lambda self: self.recipe.scaling)
    limits = property(lambda self: {n: getattr(self.recipe, n) for n in ("clip", "cap", "scaler")})
    loop = property(lambda self: self.recipe.clusterer)
    final = property(lambda self: self.recipe.final)
    seed = property(lambda self: self.recipe.seed)
    ks = property(lambda self: self._ks)
    by_hand = property(lambda self: self._by_hand)
    effort = property(lambda self: self._effort)

    @step
    def segments(self) -> segments.Segments:
        """The partition in use."""
        if self.labels is None:
            return segments.fit_segments(self.matrix, self.k, clusterer=self.final, seed=self.seed)
        found = given(self.matrix.values, self.labels)
        return segments.numbered(self.matrix, found, {"k": len(found.centres), **self.final.params}, self.seed)

    @step
    def other_scales(self) -> OtherScales:
        """What the other scalers that could well have been chosen would have answered, each with all evidence."""
        own, rows = self.segments.labels.to_numpy() - 1, []
        for name in dict.fromkeys((self.scaling, *DEFENSIBLE["scaler"])):
            other = self if name == self.scaling else self._scaled(str(name))
            theirs = other.segments.labels.to_numpy() - 1
            alike = adjusted_rand(crossing(own, theirs, self.segments.k, other.segments.k))
            rows.append((name, other is self, other.k_decision.rule, float(alike), other.verdict.word))
        table = pd.DataFrame(rows, columns=["scaler", "in_use", "k", "ari", "verdict"])
        more = {n: getattr(self.effort, n) for n in ("splits", "bootstraps")}
        return OtherScales(table, {**more, **self.loop.params, "reason": self.recipe.reason}, self.seed)

    def _scaled(self, name: str) -> TableEvidence:
        """Return the evidence for the same table under another scaler."""
        from ..engine.scalers import MAKERS  # pages open studies without the libraries that compute

        recipe = replace(self.recipe, scaler=MAKERS[name](), scaling=name)
        return TableEvidence(self.frame, recipe, self.by_hand, ks=self.ks, effort=self.effort)

    def predict(self, values: Floats) -> Labels:
        """Put new units into the segments.

        Parameters
        ----------
        values : array of shape (m, n_columns)
            As the clustering sees them.

        Returns
        -------
        array of int of shape (m,)
            From 0, in the order of the segment numbers.
        """
        own = self.segments.labels.to_numpy(dtype=np.int64) - 1
        if isinstance(self.final, KMeansClusterer) and self.labels is None:
            return nearest(values, self.segments.centres)
        if self.labels is not None:
            return given(self.matrix.values, own).predict(values)
        found = self.final.best(self.matrix.values, self.segments.k, seed=self.seed)
        number = np.empty(self.segments.k, dtype=np.int64)
        number[found.labels] = own
        return number[found.predict(values)]
