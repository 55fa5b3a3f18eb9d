"""Facts, words and tables about any table of numbers: for the chapter on notebooks, and for a site of one's own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..engine.k_resampling import KResampling
from ..engine.krule import KDecision
from ..engine.matrix import ModelMatrix
from ..engine.meaning import Profile
from ..engine.modes import Modes
from ..engine.multiverse import Multiverse
from ..engine.nulls import Nulls
from ..engine.other_scales import OtherScales
from ..engine.samples import Stability
from ..engine.segments import Segments
from ..engine.sensitivity import Sensitivity
from ..engine.verdict import NONE, Verdict
from ..thresholds import AGREEMENT, CLOSE, EVEN, HALF, MOST, REASONABLE, SILENCED, UNSURE
from ..vocabulary import Vocabulary
from . import border_words, k_subsamples
from .claim import FAILS, HOLDS, OPEN, PARTLY, UNSHOWN
from .claim_table import TONES
from .modes import scales_table
from .prose import capital, exact, exact_percent, inline, join, minus, percent, plural, word
from .show import Shown, table, tag

COLUMNS = ["claim", "evidence", "number", "threshold", "verdict"]


def two(value: float) -> str:
    """Write a number with two decimals, a dash where there is none."""
    return minus(f"{value:.2f}") if math.isfinite(value) else "–"


def three(value: float) -> str:
    """Write a number with three decimals, a dash where there is none."""
    return minus(f"{value:.3f}") if math.isfinite(value) else "–"


@inline
def answer(found: Verdict, segments: Segments, unit: str) -> str:
    """Say how many segments there are, and what may be said of them."""
    if found.word == NONE:
        return f"No number of segments is confirmed by other samples of {unit}s. Those that are shown illustrate a division."
    sizes = join([f"{n:,}" for n in segments.sizes])
    return f"{capital(word(segments.k))} segments, of {sizes} {unit}s. The verdict is “{found.word}”."


@inline
def made_of(matrix: ModelMatrix, segments: Segments, unit: str) -> str:
    """Say what the segments were made of, and how."""
    blocks = join([f"{b} ({plural(len(n), 'feature')})" for b, n in matrix.blocks.items()])
    how = segments.params.get("clusterer", "k-means")
    extended = segments.params.get("extends_by")
    new = f"; other {unit}s get the segment of {extended}" if extended and extended != "its own rule" else ""
    return f"{len(matrix.values):,} {unit}s, described by {blocks}, were clustered by {how}{new}."


@dataclass(frozen=True)
class Compared:
    """Segments that another estimator made, beside our own.

    Attributes
    ----------
    segments, again : int
        How many it made, and how many of them are found again.
    low, least : float
        Their smallest mean Jaccard similarity, and the one from which on a segment counts as found again.
    own : float or None
        The smallest of our own; None where there is none.
    """

    segments: int
    again: int
    low: float
    least: float
    own: float | None


def compared(theirs: Stability, ours: Stability) -> Compared:
    """Tell whether segments that another estimator made are found again, beside our own."""
    found, own = theirs.table["jaccard"], float(ours.table["jaccard"].min(skipna=False))
    again, low = int((found >= theirs.least).sum()), float(found.min(skipna=False))
    return Compared(len(found), again, low, theirs.least, own if math.isfinite(own) else None)


def stability(found: Stability, label: str = "tbl-stability", whose: str = "Segmentation") -> Shown:
    """Show how well each segment is found again."""
    rows = found.table
    again = int((rows["jaccard"] >= found.least).sum())
    some = f"{capital(word(again)) if again else 'None'} of {word(len(rows))} segments of {whose}"
    several = f"Every segment of {whose}" if again == len(rows) else some
    heads = {"units": "units", "recurrence": "mean recurrence", "seldom": "seldom", "jaccard": "mean Jaccard"}
    return table(
        rows[["segment", *heads]],
        label,
        f"**{several} {'is' if again in (1, len(rows)) else 'are'} found again in resamples.** Recurrence: the share of refits "
        "of the whole chain in which a unit gets its segment again; seldom: units that do in fewer than four of five. Jaccard: "
        "similarity with the nearest segment of a bootstrap sample (Hennig 2007).",
        {"recurrence": lambda v: percent(float(v)), "jaccard": two},
        headings=heads,
    )


def number(decision: KDecision, label: str = "tbl-number") -> Shown:
    """Show what the rule asks of each number of segments."""
    rows = decision.table.assign(qualifies=["yes" if q else "no" for q in decision.table["qualifies"]])
    limits = decision.params
    said = f"the rule answers {word(decision.rule)}" if decision.found else "the rule finds no number of segments"
    return table(
        rows, label,
        f"**{capital(said)}.** It takes the largest number with a mean prediction strength of at least "
        f"{exact(limits['prediction_strength'])} and a mean bootstrap Jaccard similarity of at least {exact(limits['jaccard'])} "
        "for every segment (Tibshirani and Walther 2005; Hennig 2007).",
        dict.fromkeys(("prediction_strength", "jaccard"), two),
        headings={"k": "segments", "prediction_strength": "prediction strength", "jaccard": "smallest Jaccard"},
    )  # fmt: skip


@inline
def sure(decision: KDecision, found: KResampling, unit: str) -> str:
    """Say how often the rule answers what in subsamples."""
    return k_subsamples.answers(decision, found, Vocabulary(units=f"{unit}s"))


def chance(found: Nulls, label: str = "tbl-nulls") -> Shown:
    """Show the silhouette beside those of tables without segments."""
    row = found.row(found.names[0])
    rows = pd.DataFrame([{"null": n, **found.row(n)[["observed", "null_mean", "null_sd", "p"]]} for n in found.names])
    beyond = found.beaten[found.names[0]]
    verb = "is" if beyond else "is not"
    return table(
        rows, label,
        f"**The silhouette {verb} beyond what correlated features without clusters give.** "
        f"{plural(int(row['drawn']), 'table')} with the same margins and rank correlations were clustered in the same "
        f"way; theirs is {two(row['null_mean'])} on average (Davison and Hinkley 1997, section 4.2).",
        dict.fromkeys(("observed", "null_mean", "null_sd", "p"), three),
        headings={"null_mean": "mean without segments", "null_sd": "its sd"},
    )  # fmt: skip


def left_out(found: Sensitivity, label: str = "tbl-sensitivity") -> Shown:
    """Show the partitions without each block and each feature."""
    rows = pd.concat([found.arm("drop block"), found.arm("drop feature")], ignore_index=True)[["arm", "what", "ari"]]
    low = rows.loc[rows["ari"].idxmin()] if len(rows) else None
    finding = (
        "There is nothing that could be left out."
        if low is None
        else f"Least alike is the partition without {low['what']}: an adjusted Rand index of {two(low['ari'])}."
    )
    return table(
        rows.rename(columns={"arm": "change"})[["what", "change", "ari"]], label,
        f"**{finding}** Everything is refitted, and compared with the partition in use.",
        {"ari": two}, headings={"what": "without", "ari": "adjusted Rand index"},
    )  # fmt: skip


def prepared(found: Multiverse, label: str = "tbl-choices") -> Shown:
    """Show what each choice of preparation does by itself."""
    rows = found.effects
    summary = found.summary(defensible=True)
    n, close = int(summary["matrices"]), float(summary["share_above_08"])
    finding = (
        f"{round(close * n)} of {n} defensible preparations give much the same segments." if n else "There is one way."
    )
    return table(
        rows[["choice", "level", "in_use", "alone", "median_ari"]].assign(
            level=[_level(v) for v in rows["level"]], in_use=["yes" if u else "" for u in rows["in_use"]]
        ),
        label,
        f"**{finding}** An adjusted Rand index of at least {exact(CLOSE)} counts as much the same.",
        dict.fromkeys(("alone", "median_ari"), two),
        headings={"in_use": "in use", "alone": "changed alone", "median_ari": "median of all with it"},
    )  # fmt: skip


def scales(found: OtherScales, modes: Modes, label: str = "tbl-scales") -> Shown:
    """Show what each scaler answers, and which is in use."""
    hidden = modes.hidden
    each = (
        "more than one mode, and little weight"
        if len(hidden) == 1
        else "each has more than one mode, and little weight"
    )
    why = f" is in use: {found.params['reason']}" if not hidden else f" hides {join(hidden)}: {each}"
    return scales_table(
        found,
        label,
        f"The {found.scaler} scaler{why}. Modes are counted by the dip test (Hartigan and Hartigan 1985).",
        names={},
    )


def _level(value: Any) -> str:
    """Write a level of a choice: no clipping and no cap are none."""
    return "none" if value in (0.0, math.inf) else str(value)


def profiles(found: Profile, label: str = "tbl-profiles") -> Shown:
    """Show the median of each feature by segment."""
    wide = found.wide("median").T.reset_index(names="feature")
    several = [c for c in wide.columns if c != "feature"]
    spread = wide[several].max(axis=1) - wide[several].min(axis=1)
    scale = found.table.groupby("feature")[["q25", "q75"]].agg({"q25": "min", "q75": "max"}).reindex(wide["feature"])
    apart = (spread / (scale["q75"] - scale["q25"]).to_numpy()).idxmax() if len(wide) else 0
    return table(
        wide.rename(columns={c: f"segment {c}" for c in several}), label,
        f"**Medians differ most, beside the spread, in {wide.loc[apart, 'feature']}.** Medians by segment, in the units of the "
        "table; the CSV has quartiles and means.",
        export=found.table,
    )  # fmt: skip


def _claim(claim: str, evidence: str, value: float, threshold: str, verdict: str | None) -> dict[str, Any]:
    known = math.isfinite(value) and verdict is not None
    return dict(zip(COLUMNS, (claim, evidence, value, threshold, verdict if known else OPEN), strict=True))


def _least(claim: str, evidence: str, value: float, least: float) -> dict[str, Any]:
    return _claim(claim, evidence, value, f"at least {exact(least)}", HOLDS if value >= least else FAILS)


def claims(found: Any, unit: str) -> pd.DataFrame:
    """Put every claim in a row, with its number, its threshold, and whether it holds.

    Parameters
    ----------
    found : TableEvidence
    unit : str
        What a row of the table is.

    Returns
    -------
    DataFrame
        ``claim``, ``evidence``, ``number``, ``threshold``, ``verdict``: one of "holds", "partly", "does not hold",
        "inconclusive" (a test that could have shown it did not) and "cannot tell".
    """
    return pd.DataFrame([*_found(found, unit), *_chosen(found)], columns=COLUMNS)


def _found(found: Any, unit: str) -> list[dict[str, Any]]:
    """Return the claims about number, chance and samples."""
    decision, stable, k = found.k_decision, found.stability, found.segments.k
    at = decision.table.set_index("k").reindex([k]).iloc[0]
    nulls, number = found.nulls, k_subsamples.claim(decision, found.k_resampling)
    name, sure = nulls.names[0], float(stable.table["seldom"].sum() / stable.table["units"].sum())
    beaten = HOLDS if nulls.beaten[name] else UNSHOWN
    return [
        _least(f"Halves of the {unit}s predict each other’s {word(k)} segments", "mean prediction strength",
               float(at["prediction_strength"]), decision.params["prediction_strength"]),
        _claim(number.claim, number.evidence, number.number, number.threshold, number.verdict),
        _least("The segments lie apart", "mean silhouette", found.segments.mean_silhouette, REASONABLE),
        _claim("There is more than correlated features explain", f"p under the {name} null", float(nulls.row(name)["p"]),
               f"at most {exact(nulls.params['level'])}", beaten if nulls.testable else None),
        *(_claim(c.claim, c.evidence, c.number, c.threshold, c.verdict) for c in border_words.claim(found.borders)),
        _least("Every segment is found again", "smallest mean bootstrap Jaccard similarity",
               float(stable.table["jaccard"].min(skipna=False)), stable.least),
        _least("The whole chain, refitted, gives the same segments", "5 % quantile of the adjusted Rand index", stable.ari_q05,
               AGREEMENT),
        _claim(f"Few {unit}s lie between segments", "share that seldom gets its segment again", sure,
               f"at most {exact_percent(UNSURE)}", HOLDS if sure <= UNSURE else FAILS),
    ]  # fmt: skip


def _chosen(found: Any) -> list[dict[str, Any]]:
    """Return the claims about what could have been chosen otherwise."""
    shares = found.matrix.table["variance share"]
    share, even = float(shares.min()), EVEN / len(shares)
    lowest = {arm: found.sensitivity.arm(arm)["ari"].min() for arm in ("drop block", "drop feature")}
    summary, others = found.multiverse.summary(defensible=True), found.algorithms.table["ari"]
    alike, same = float(summary["share_above_08"]), float((others >= CLOSE).mean())
    return [
        _claim("Every block of features has a say", "smallest share of the variance", share, f"at least {percent(even)}",
               HOLDS if share >= even else PARTLY if share >= SILENCED else FAILS),
        _least("No block decides alone", "lowest adjusted Rand index without a block", float(lowest["drop block"]), CLOSE),
        _least("No feature decides alone", "lowest adjusted Rand index without a feature", float(lowest["drop feature"]), CLOSE),
        _claim("Preprocessing does not decide", "share of defensible alternatives that are close", alike,
               f"at least {exact_percent(MOST)}", HOLDS if alike >= MOST else PARTLY if alike >= HALF else FAILS),
        _claim("The algorithm does not decide", "share of other algorithms that are close", same, "all of them",
               HOLDS if same == 1 else PARTLY if same >= HALF else FAILS),
    ]  # fmt: skip


def claims_table(found: pd.DataFrame, label: str = "tbl-claims") -> Shown:
    """Show claims with number, threshold and verdict."""
    held = int((found["verdict"] == HOLDS).sum())
    return table(
        found, label, f"**{held} of {len(found)} claims hold.** Verdicts follow from the numbers and thresholds.",
        {"number": two,
         "verdict": lambda w: tag(str(w), TONES[str(w)])}, stack=True,
    )  # fmt: skip
