"""What the page on stability shows of other samples: facts, figures, tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..engine.jaccard import NOISE, SCHEMES, Jaccard
from ..engine.meaning import Card, Cards
from ..engine.pipeline import TIPPING, PipelineBootstrap
from ..thresholds import AGREEMENT, DOUBTFUL, HIGHLY, LOW, VALID
from ..vocabulary import Vocabulary
from .findings import quoted
from .prose import exact, inline, percent
from .robustness import ONE, agreement, at_least
from .show import Shown, table, tag
from .subsampling import part

TITLES = {"bootstrap": "bootstrap", "halves": "random halves", "noise": f"{percent(NOISE, 0)} noise"}
AGAIN, LOST = "found again", "not found again"
TONES = {AGAIN: "ok", LOST: "no"}


def told_of(found: Jaccard, cards: Cards) -> list[Card]:
    """Return the segments of which something may be said, and was found."""
    known = found.means()
    return [c for c in cards if c.medians and np.isfinite(known.get(c.id, np.nan))]


@dataclass(frozen=True)
class Recovery:
    """How far segments come back in other samples.

    Attributes
    ----------
    segments, shown : int
        Segments in use, and those of which something may be said, and was found.
    lost, shaky : list of str
        Those that are not found again in bootstrap samples; those that are, but not in every other kind of sample.
    weakest, similarity : str
        The segment that comes back least in bootstrap samples, and its mean similarity.
    least : float
        From which mean on a segment counts as found again.
    loose, alike : bool
        Whether the weakest is not highly stable, and whether all means read as one.
    kind, doubted, doubt : str
        The kind of sample with the lowest mean of all, the segment, and the mean.
    """

    segments: int
    shown: int
    lost: list[str]
    shaky: list[str]
    weakest: str
    similarity: str
    least: float
    loose: bool
    alike: bool
    kind: str
    doubted: str
    doubt: str


def recovery(found: Jaccard, cards: Cards) -> Recovery:
    """Compare the means of all kinds of samples with the threshold in use."""
    names = {c.id: quoted(c) for c in told_of(found, cards)}
    means = found.means()[[*names]]
    rows = found.summary[found.summary["segment"].isin(names)].dropna(subset="mean")
    lowest, ask = rows.groupby("segment")["mean"].min(), found.least
    last = rows.loc[rows["mean"].idxmin()] if names else None
    return Recovery(
        segments=len(cards),
        shown=len(names),
        lost=[names[s] for s in names if means[s] < ask],
        shaky=[names[s] for s in names if lowest[s] < ask <= means[s]],
        weakest=names[means.idxmin()] if names else "",
        similarity=agreement(float(means.min()), ask),
        least=ask,
        loose=bool(means.min() < HIGHLY),
        alike=bool((means.round(2) == 1).all()),
        kind="" if last is None else TITLES[last["scheme"]],
        doubted="" if last is None else names[last["segment"]],
        doubt="" if last is None else agreement(float(last["mean"]), ask),
    )


@dataclass(frozen=True)
class Refitted:
    """How far the whole chain, refitted on other samples, gives the same segments.

    Attributes
    ----------
    resamples, fitted : int
        Samples, and those of them that could be fitted.
    few : int or None
        Units in each, where fewer than there are.
    ari_mean, ari_low : str
        The mean ARI with the partition in use, and what ``most`` of the samples reach; empty where none was fitted.
    most : float
    apart : bool
        Whether that is too low for the partitions to be called close.
    """

    resamples: int
    fitted: int
    few: int | None
    ari_mean: str
    ari_low: str
    most: float
    apart: bool


def refitted(found: PipelineBootstrap) -> Refitted:
    """Collect how many resamples were fitted, and how far they agree."""
    known = np.isfinite(found.ari_q05)
    return Refitted(
        resamples=found.params["resamples"],
        fitted=found.params["fitted"],
        few=part(found.params),
        ari_mean=agreement(found.ari_mean) if known else "",
        ari_low=at_least(found.ari_q05) if known else "",
        most=1 - LOW,
        apart=found.ari_q05 < AGREEMENT,
    )


def status(found: Jaccard, whole: PipelineBootstrap, cards: Cards, terms: Vocabulary) -> str:
    """Return the two numbers that the page stands for."""
    means = [float(found.means()[c.id]) for c in told_of(found, cards)]
    if not means:
        return f"too few {terms.units} for other samples"
    ari = f", 5 % quantile of the ARI {at_least(whole.ari_q05)}" if np.isfinite(whole.ari_q05) else ""
    return f"lowest mean Jaccard {agreement(min(means), found.least)}{ari}"


@inline
def bounds(found: Jaccard) -> str:
    """Say which threshold decides, and which rules of thumb stand beside it."""
    return (
        f"The threshold in use is a setting, {exact(found.least)}: from this mean over bootstrap samples on, a segment counts as "
        f"found again. Rules of thumb, which decide nothing here, call a mean below {DOUBTFUL} not to be trusted, below {VALID} "
        f"a pattern, from {VALID} valid and from {HIGHLY} highly stable. In one sample a segment counts as dissolved at "
        f"{found.params['dissolved']} or below, and as recovered above {found.params['recovered']}."
    )


def jaccard_table(found: Jaccard, cards: Cards) -> Shown:
    """Show the means, how often each segment dissolves or is recovered, and the word for it."""
    summary = found.summary.assign(verdict=lambda f: np.where(f["mean"] >= found.least, AGAIN, LOST))
    rows = summary.set_index(["segment", "scheme"])
    shown = told_of(found, cards)
    first = SCHEMES[0]
    frame = pd.DataFrame(
        {
            "segment": [c.name for c in shown],
            "verdict": [str(rows.loc[(c.id, first), "verdict"]) for c in shown],
            **{TITLES[s]: [float(rows.loc[(c.id, s), "mean"]) for c in shown] for s in SCHEMES},
            "recovered": [float(rows.loc[(c.id, first), "recovered"]) for c in shown],
            "dissolved": [float(rows.loc[(c.id, first), "dissolved"]) for c in shown],
        }
    )
    worst = max((float(d) for d in frame["dissolved"]), default=0.0)
    finding = (
        "No segment dissolves in any bootstrap sample."
        if worst == 0
        else f"The segment that dissolves most often does so in {percent(worst, 0)} of the bootstrap samples."
    )
    hidden = " Segments too small to be shown are left out." if len(shown) < len(cards) else ""
    return table(
        frame,
        "tbl-jaccard",
        f"**{finding}** Mean Jaccard similarity by kind of sample; verdict, recovered and dissolved are those of the "
        f"bootstrap, and the verdict is that of the threshold in use, {exact(found.least)}.{hidden}",
        {
            **dict.fromkeys(TITLES.values(), lambda v: agreement(v, found.least)),
            "verdict": lambda v: tag(str(v), TONES[str(v)]),
            "recovered": lambda v: percent(float(v), 0),
            "dissolved": lambda v: percent(float(v), 0),
        },
        export=summary[summary["segment"].isin([c.id for c in shown])],
    )


@dataclass(frozen=True)
class Starts:
    """Whether more starts would have changed the fits.

    Attributes
    ----------
    few, many, checked : int
        Starts of each fit, and of the samples that were refitted with more, and how many those are.
    low : str
        The lowest ARI of two such fits; empty where there are none.
    same : bool
        Whether all are the same partition.
    """

    few: int
    many: int
    checked: int
    low: str
    same: bool


def starts(found: Jaccard) -> Starts:
    """Compare fits with few and with many starts."""
    few, many, checked = (found.params[name] for name in ("restarts", "many_starts", "checked"))
    known = checked and np.isfinite(found.more_starts)
    return Starts(few, many, checked, at_least(found.more_starts) if known else "", found.more_starts > ONE)


@dataclass(frozen=True)
class Scaling:
    """Which columns are not scaled, how near that is to tipping, and what tipping does.

    Attributes
    ----------
    flat : int
        Columns that are not scaled.
    nearest : str
        The one that is nearest to being scaled.
    share, tipping : float
        The share of its units on one side of the middle value, and that from which on it is scaled.
    resamples, changed : int
        Samples, and those in which columns were scaled otherwise.
    moved : list of str
        Those columns, the commonest first, up to three.
    others : int
        How many more there are.
    theirs, rest : str
        The mean ARI of the samples that were scaled otherwise, and of the others.
    """

    flat: int
    nearest: str
    share: float
    tipping: float
    resamples: int
    changed: int
    moved: list[str]
    others: int
    theirs: str
    rest: str


def scaling(found: PipelineBootstrap, labels: Mapping[str, str]) -> Scaling:
    """Collect what scaling has to do with how far the samples agree."""
    moved = [labels.get(str(c), str(c)) for c in found.columns_changed.index]
    top, share = next(((str(c), float(x)) for c, x in found.flat.items()), ("", 0.0))
    means = found.summary.set_index("resamples")["ari_mean"]
    return Scaling(
        flat=len(found.flat),
        nearest=labels.get(top, top),
        share=share,
        tipping=TIPPING,
        resamples=found.params["resamples"],
        changed=int(found.table["changed"].sum()),
        moved=moved[:3],
        others=len(moved[3:]),
        theirs=agreement(float(means["other scaling"])),
        rest=agreement(float(means["same scaling"])),
    )
