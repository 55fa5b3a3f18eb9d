"""What the pages say where a sample of the units stands for all of them, and of how it is drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..engine.algorithms import Algorithms
from ..engine.consensus import Consensus
from ..engine.fits import DRAWN, LARGE
from ..engine.gap import Gap
from ..engine.instability import Instability
from ..engine.jaccard import Jaccard
from ..engine.multiverse import Multiverse
from ..engine.prediction import PredictionStrength
from ..vocabulary import Vocabulary
from .prose import capital, count, inline, percent, twos, word


def part(params: Mapping[str, Any]) -> int | None:
    """Return how many units a resample holds, where that is fewer than there are."""
    return int(params["drawn"]) if params.get("drawn", 0) < params.get("units", 0) else None


@inline
def limit() -> str:
    """Write from how many units on a resample is smaller than the log."""
    return count(LARGE)


@inline
def size() -> str:
    """Write how many units a resample then holds."""
    return count(DRAWN)


@inline
def how_drawn(found: Jaccard, terms: Vocabulary) -> str:
    """Say how many resamples there are of each kind."""
    n, noise, few = found.params["resamples"], percent(found.params["noise"], 0), part(found.params)
    size = f"as many as there are {terms.units}" if few is None else f"{count(few)} {terms.units}"
    halves = "random halves" if few is None else f"{count(few // 2)} without replacement"
    whole = f"all {terms.units}" if few is None else f"{count(few)} of the {terms.units}"
    fewer = "" if few is None else " So few, drawn anew each time, make segments look rather less stable than they are."
    return (
        f"Three kinds of samples are drawn, {count(n)} of each: with replacement, {size}, each counted once (bootstrap); {halves}; "
        f"and {whole}, {noise} of them replaced by noise, which takes no part in the comparison.{fewer}"
    )


def method(params: Mapping[str, Any]) -> str:
    """Say by what the units of a result were clustered.

    >>> method({"restarts": 10}), method({"restarts": 7, "most": 50}), method({"clusterer": "k-medoids"})
    ('ten starts of k-means', 'seven to 50 starts of k-means', 'k-medoids')
    """
    if "clusterer" in params:
        return str(params["clusterer"])
    more = f" to {params['most']}" if params.get("most") else ""
    return (
        f"{word(params['restarts'])}{more} {'start' if params['restarts'] == 1 and not more else 'starts'} of k-means"
    )


@dataclass(frozen=True)
class Resampled:
    """How much was resampled.

    Attributes
    ----------
    splits, bootstraps, subsamples, references : int
    method, of_references : str
        What clustered, as in `method`; the same of reference sets.
    few, once : int or None
        Units in each split, and among those that are drawn once for subsamples and gap, where they are not all.
    error : float
        The standard error of the logarithm in the gap that is due to that, at most.
    """

    splits: int
    bootstraps: int
    subsamples: int
    references: int
    method: str
    of_references: str
    few: int | None
    once: int | None
    error: float


def resampled(prediction: PredictionStrength, bootstrap: Instability, pairs: Consensus, gap: Gap) -> Resampled:
    """Collect how much was resampled."""
    few = part(prediction.params)
    return Resampled(
        splits=prediction.params["splits"],
        bootstraps=bootstrap.params["bootstraps"],
        subsamples=pairs.params["subsamples"],
        references=gap.params["references"],
        method=method(prediction.params),
        of_references=method(gap.params),
        few=few,
        once=part(pairs.params) or few,
        error=0.0 if few is None else float(gap.table["log_w_se"].max()),
    )


@inline
def ambiguous(pairs: Consensus, terms: Vocabulary) -> str:
    """Say on which units pairs were looked at, where not on all."""
    error = float(pairs.table["pac_se"].max())
    if not error > 0:
        return ""
    return (
        f"{capital(twos(terms))} are those of {count(pairs.params['pairs_of'])} {terms.units} drawn at random; the standard "
        f"error of their share is {percent(error)} at most."
    )


@dataclass(frozen=True)
class Samples:
    """Samples that stand for all units.

    Attributes
    ----------
    size : int or None
        Units in each; none where all take part.
    times : int
        How many there are.
    error : str
        The standard error of a single ARI that is due to the drawing; empty where there is none.
    """

    size: int | None
    times: int
    error: str


def samples(found: Multiverse | Algorithms) -> Samples:
    """Collect where samples stand for all, and how much of an ARI is due to that."""
    size = found.params["sampled"]
    if size is None:
        return Samples(None, 0, "")
    error = found.error if isinstance(found, Multiverse) else math.sqrt(float((found.table["ari_se"] ** 2).mean()))
    return Samples(size, found.params["samples"], _small(error) if math.isfinite(error) else "")


def on_samples(params: Mapping[str, Any], terms: Vocabulary) -> str:
    """End a caption where samples stand for all."""
    size = params["sampled"]
    return (
        ""
        if size is None
        else f" {capital(word(params['samples']))} samples of {count(size)} {terms.units} stand for all."
    )


def _small(error: float) -> str:
    return "less than 0.001" if error < 0.001 else f"{error:.2g}"
