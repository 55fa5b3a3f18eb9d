"""What the page on populations without segments shows: figures, tables, sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..engine.null_statistics import DECLARED, LESS
from ..engine.nulls import Nulls
from ..vocabulary import Vocabulary
from . import theme
from .prose import GAP, beside, capital, count, exact, inline, join, number, plural, word
from .show import Shown, table

TITLES = {
    "exchangeable": "{units} {who} are all alike",
    "continuous": "{units} {who} differ by degree",
    "copula": "Features that only go together",
}
MEASURES = {
    "silhouette": "Silhouette", "inertia": "Inertia, relative to one segment", "davies_bouldin": "Davies-Bouldin",
    "calinski_harabasz": "Calinski-Harabasz", "prediction_strength": "Prediction strength",
    "instability": "Instability", "jaccard": "Jaccard, least stable segment", "pac": "Ambiguous pairs (PAC)",
}  # fmt: skip
DIGITS = {"calinski_harabasz": 0}
SURE = 2.0  # Monte-Carlo standard errors between a p and the level, from which the answer is firm
OTHER_K = "silhouette_k"


def title(null: str, terms: Vocabulary) -> str:
    """Return the name of a null for readers; a study may bring its own."""
    known = TITLES.get(null, null.replace("_", " "))
    return capital(known.format(units=terms.units, who=terms.who))


def named(nulls: Sequence[str], terms: Vocabulary, last: str = "and") -> str:
    """Name nulls inside a sentence."""
    return join([f"“{title(n, terms).lower()}”" for n in nulls], last)


def p_of(found: Nulls, null: str, statistic: str = DECLARED) -> str:
    """Write a p-value so that it reads as on the side of the level on which it is."""
    p, level = float(found.row(null, statistic)["p"]), found.params["level"]
    text = beside(p, level, at_most=True, digits=3)
    return "under 0.001" if float(p) < 0.0005 <= level else text.rstrip("0").rstrip(".")


def _too_few(found: Nulls) -> str:
    n, level = found.params["count"], found.params["level"]
    return f"With {plural(n, 'data set')} for each null no p can fall to {exact(level)}, so none can be beaten."


@inline
def lead(found: Nulls, terms: Vocabulary) -> str:
    """Say whether the declared statistic is beyond each null."""
    k, beaten = found.params["k"], [n for n, b in found.beaten.items() if b]
    rest = [n for n in found.names if n not in beaten]
    if not found.testable:
        return f"{_too_few(found)} This build leaves open whether the segments are clearer than in a population without segments."
    if not beaten:
        ps = join([p_of(found, n) for n in rest])
        return (
            f"No population without segments is beaten: the silhouette at K{GAP}={GAP}{k} lies within what {named(rest, terms)} "
            "would "
            f"give ({'p' if len(rest) == 1 else 'p-values'} {ps})."
        )
    text = (
        f"The silhouette at K{GAP}={GAP}{k} is beyond what {named(beaten, terms)} would give "
        f"({'p' if len(beaten) == 1 else 'p-values'} {join([p_of(found, n) for n in beaten])})"
    )
    if not rest:
        return f"{text}. Every population without segments is beaten."
    ps = join([p_of(found, n) for n in rest])
    return f"{text}, but within what {named(rest, terms)} would give ({'p' if len(rest) == 1 else 'p-values'} {ps})."


@inline
def how_many(found: Nulls, terms: Vocabulary) -> str:
    """Say how many data sets were drawn and what was done with them."""
    n = found.params["count"]
    return (
        f"From each of them {count(n)} data sets are drawn, each with {count(found.params['units'])} {terms.units}. Each goes "
        f"through the same preprocessing and the same k-means with K{GAP}={GAP}{found.params['k']} as the {terms.record}."
    )


@inline
def meaning_of_p(found: Nulls, terms: Vocabulary) -> str:
    """Say what p is, and where it cannot decide."""
    level = found.params["level"]
    text = (
        f"The number p is the share of data sets, the {terms.record} among them, whose silhouette is at least as high; up to "
        f"{exact(level)} a null counts as beaten. Silhouette and level were named before any result was seen; K is the one in use."
    )
    return text if found.testable else f"{text} {_too_few(found)}"


@inline
def firmness(found: Nulls, terms: Vocabulary) -> str:
    """Say which answers the number of drawn data sets leaves open."""
    n, level = found.params["count"], found.params["level"]
    if not found.testable:
        return ""
    near = []
    for null in found.names:
        p = float(found.row(null)["p"])
        if math.isfinite(p) and abs(p - level) < SURE * math.sqrt(p * (1 - p) / n):
            near.append(null)
    if not near:
        return f"With {count(n)} data sets for each null, no p is so near the level that more would likely change an answer."
    return (
        f"For {named(near, terms)} p is near the level. It is counted from {count(n)} data sets, and other draws could fall on the "
        f"other side: read {'that answer' if len(near) == 1 else 'those answers'} as close, not as a proof of either."
    )


def declared_figure(found: Nulls, terms: Vocabulary) -> Figure:
    """Draw the silhouettes of each null's data sets, and the observed one."""
    with theme.style():
        figure, panels = _panels(found, 1.25)
        drawn = found.draws[DECLARED].dropna()
        observed = float(found.row(found.names[0])["observed"])
        known = np.append(drawn, observed) if math.isfinite(observed) else drawn.to_numpy()
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        edges = np.linspace(low, high + 1e-9, 31).tolist()
        for null, axes in zip(found.names, panels, strict=True):
            own = found.draws.loc[found.draws["null"] == null, DECLARED].dropna()
            axes.hist(own, edges, color=theme.ACCENT, alpha=0.45, edgecolor=theme.PAPER, linewidth=0.4)
            if math.isfinite(observed):
                axes.axvline(observed, color=theme.SECOND, lw=2.5)
            axes.set_title(f"{title(null, terms)}: p {p_of(found, null)}", fontweight="normal")
            axes.set_yticks([])
            axes.grid(axis="y", visible=False)
        panels[-1].set_xlabel(f"silhouette; the line is the {terms.record}")
    return figure


def _panels(found: Nulls, height: float) -> tuple[Figure, list[Axes]]:
    rows = len(found.names)
    figure, grid = pyplot.subplots(rows, 1, figsize=(5.0, 0.5 + height * rows), sharex=True, squeeze=False)
    return figure, list(grid[:, 0])


def declared_caption(found: Nulls, terms: Vocabulary) -> str:
    """State how many nulls are beaten."""
    beaten, n = sum(found.beaten.values()), len(found.names)
    finding = (
        "Too few data sets to tell"
        if not found.testable
        else f"The {terms.record} lies beyond every null"
        if beaten == n
        else f"The {terms.record} lies beyond none of the nulls"
        if not beaten
        else f"The {terms.record} lies beyond {word(beaten)} of {word(n)} nulls"
    )
    return (
        f"**{finding}.** Bars: silhouettes at K{GAP}={GAP}{found.params['k']} of {count(found.params['count'])} data sets without "
        f"segments. Line: the {terms.record}."
    )


def declared_alt(found: Nulls, terms: Vocabulary) -> str:
    """Describe bars and line."""
    parts = [f"{title(n, terms)}: mean {_two(found.row(n)['null_mean'])}, p {p_of(found, n)}" for n in found.names]
    log = _two(found.row(found.names[0])["observed"])
    return f"Histograms, one below the other. Observed silhouette {log}. {'; '.join(parts)}."


def statistics_table(found: Nulls, terms: Vocabulary) -> Shown:
    """Show each statistic at the K in use: observed value, effect and p under each null."""
    names = [s for s in found.table["statistic"].unique() if not s.startswith(OTHER_K)]
    rows = []
    for s in names:
        digits = DIGITS.get(s, 3)
        less = ", less is clearer" if s in LESS else ""
        mark = ", declared" if s == DECLARED else ""
        row = {
            "measure": f"{MEASURES.get(s, s)}{mark}{less}",
            f"the {terms.record}": _signed(found.row(found.names[0], s)["observed"], digits, plus=False),
        }
        for null in found.names:
            at = found.row(null, s)
            known = math.isfinite(at["p"])
            row[title(null, terms)] = f"{_signed(at['effect'], digits)} (p {p_of(found, null, s)})" if known else "–"
        rows.append(row)
    beyond = [s for s in names if all(found.row(n, s)["p"] <= found.params["level"] for n in found.names)]
    finding = (
        "Too few data sets to tell"
        if not found.testable
        else f"Taken alone, {word(len(beyond))} of {word(len(names))} measures {'lies' if len(beyond) == 1 else 'lie'} beyond "
        f"every null"
    )
    return table(
        pd.DataFrame(rows),
        "tbl-nulls",
        f"**{capital(finding)}.** By how much the {terms.record} differs from the mean of each null, and p; only the declared "
        f"measure is a test. Every data set, the {terms.record} among them, is resampled less often than on the other pages, so "
        "values differ a little from those there. The CSV has means, spreads and adjusted p-values.",
        right=[f"the {terms.record}", *(title(n, terms) for n in found.names)],
        export=found.table,
    )


@inline
def adjusted(found: Nulls) -> str:
    """Say what is left of the other statistics after adjustment for their number."""
    others = found.table[found.table["statistic"] != DECLARED]
    level, n = found.params["level"], found.params["count"]
    many = int(others["p"].notna().groupby(others["null"]).sum().max())
    kept = int((others["p_holm"] <= level).sum())
    if many / (n + 1) > level:
        return (
            f"Of {word(many)} measures beside the declared one, here and at other numbers of segments, some will look unusual by "
            f"chance. Adjusted for their number by "
            f"the method of Holm, no p could be below {number(min(many / (n + 1), 1), 2)} with {count(n)} data sets: these "
            "rows describe, they do not test."
        )
    return (
        f"Adjusted for their number by the method of Holm, {word(kept)} of {word(len(others))} p-values stay at or below "
        f"{exact(level)}."
    )


def by_k(found: Nulls, null: str) -> pd.DataFrame:
    """Return the silhouette for each K: observed, and the middle nine tenths of a null's data sets."""
    own = found.draws[found.draws["null"] == null]
    names = [DECLARED, *(c for c in own.columns if c.startswith(OTHER_K))]
    rows = []
    for s in names:
        k = found.params["k"] if s == DECLARED else int(s.removeprefix(OTHER_K))
        drawn, at = own[s].dropna(), found.row(null, s)
        low, high = drawn.quantile([0.05, 0.95]) if len(drawn) else (math.nan, math.nan)
        rows.append((k, at["observed"], low, high, at["p"]))
    frame = pd.DataFrame(rows, columns=["k", "observed", "low", "high", "p"])
    return frame.sort_values("k", ignore_index=True)


def k_figure(found: Nulls, terms: Vocabulary) -> Figure:
    """Draw the silhouette over K, with the band of each null."""
    with theme.style():
        figure, panels = _panels(found, 1.55)
        for null, axes in zip(found.names, panels, strict=True):
            rows = by_k(found, null)
            axes.fill_between(rows["k"], rows["low"], rows["high"], color=theme.ACCENT, alpha=0.3, lw=0)
            axes.plot(rows["k"], rows["observed"], "o-", color=theme.SECOND, lw=1.8, ms=5)
            axes.set_title(title(null, terms), fontweight="normal")
            axes.set_xticks(rows["k"])
        panels[len(panels) // 2].set_ylabel("silhouette")
        panels[-1].set_xlabel("number of segments K")
    return figure


def k_caption(found: Nulls, terms: Vocabulary) -> str:
    """State at which K the log lies above every band."""
    level = found.params["level"]
    frames = [by_k(found, n) for n in found.names]
    all_p = pd.concat([f.set_index("k")["p"] for f in frames], axis=1)
    above = [int(k) for k in all_p.index[(all_p <= level).all(axis=1)]]
    finding = (
        "Too few data sets to tell"
        if not found.testable
        else f"Taken alone, K{GAP}={GAP}{join([str(k) for k in above])} {'is' if len(above) == 1 else 'are'} clearer than under "
        "every null"
        if above
        else f"At no K is the {terms.record} clearer than under every null"
    )
    return f"**{finding}.** Line: the {terms.record}. Band: the middle nine tenths of the data sets of each null."


def k_alt(found: Nulls, terms: Vocabulary) -> str:
    """Describe line and bands."""
    parts = []
    for null in found.names:
        rows = by_k(found, null)
        above = [str(int(r.k)) for r in rows.itertuples() if r.observed > r.high]
        parts.append(
            f"{title(null, terms)}: the {terms.record} is above the band at {'K = ' + join(above) if above else 'no K'}"
        )
    return f"A line over the number of segments in three panels, with a band. {'; '.join(parts)}."


def fit_table(found: Nulls, labels: dict[str, str], terms: Vocabulary) -> Shown:
    """Show how well each null reproduces the features."""
    rows = []
    for null in found.names:
        own = found.fit[found.fit["null"] == null].sort_values("distance", ascending=False)
        worst = own.iloc[0]
        feature = labels.get(str(worst["feature"]), str(worst["feature"]))
        rows.append(
            {
                "null": title(null, terms),
                "typical distance of a margin": float(own["distance"].median()),
                "largest": float(worst["distance"]),
                "of": feature if worst["distance"] > 0 else "–",
                "largest error of a correlation": float(found.correlation_error[null]),
            }
        )
    frame = pd.DataFrame(rows)
    wide = found.fit.pivot(index="feature", columns="null", values="distance")[found.names]
    export = wide.loc[found.fit["feature"].unique()].reset_index()
    far = frame.loc[frame["largest"].idxmax()]
    finding = (
        f"{far['null']} have margins least like those of the {terms.record}"
        if far["largest"] > 0
        else "All margins are kept"
    )
    two = dict.fromkeys(frame.columns.difference(["null", "of"]), _two)
    return table(
        frame,
        "tbl-null-fit",
        f"**{finding}.** Distance of Kolmogorov and Smirnov between margins, from 0 (the same) to 1. Correlations are of ranks.",
        two,
        export=export,
    )


def limits(found: Nulls, units: int, terms: Vocabulary) -> list[str]:
    """List what the comparison cannot tell."""
    out = [
        "That a null is not beaten does not prove it. It may be wrong and still give partitions that are as clear.",
        f"That a null is beaten says that something in the {terms.record} is not in it. It need not be segments: a margin or a "
        "correlation that the null misses can do it.",
        "The copula keeps a feature's peaks, so segments that one feature shows alone stay in it and cannot beat it.",
        f"K was chosen on the {terms.record}, and the drawn sets are divided into as many segments. To choose it anew for each of "
        "them would make the comparison more cautious.",
        f"The law of {terms.units} {terms.who} differ by degree is ours. Another one, with as much right, would give other "
        "numbers.",
    ]
    if found.params["units"] < units:
        out.append(
            f"The {terms.record} has {count(units)} {terms.units}; the comparison was made on {count(found.params['units'])} of "
            f"them, drawn at random, the {terms.record}'s own numbers included."
        )
    unusable = int((found.params["count"] - found.table.loc[found.table["statistic"] == DECLARED, "usable"]).sum())
    if unusable:
        few = capital(plural(unusable, "data set", words=True))
        out.append(f"{few} had too little in them to be divided; they count against the {terms.record}.")
    return out


def _two(value: object) -> str:
    return "–" if isinstance(value, float) and math.isnan(value) else f"{value:z.2f}"


def _signed(value: float, digits: int, *, plus: bool = True) -> str:
    if not math.isfinite(value):
        return "–"
    text = f"{value:+z,.{digits}f}" if plus else f"{value:z,.{digits}f}"
    return text.replace("-", "−")
