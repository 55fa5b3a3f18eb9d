"""What the page on populations without segments shows: facts, figures, tables."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..engine.null_statistics import DECLARED, LESS
from ..engine.nulls import MOST, Nulls
from ..vocabulary import Vocabulary
from . import theme
from .prose import GAP, beside, capital, count, inline, join, plural, twos, word
from .show import Shown, table

TITLES = {
    "exchangeable": "{events} shuffled between {units}",
    "continuous": "one continuum of {units}",
    "copula": "correlated features without clusters",
    "independent": "unrelated fields",
    "tracked": "correlated features, {units} with and without a tracked visit apart",
    "brief": "correlated features, brief {units} apart",
}
MEASURES = {
    "silhouette": "Silhouette", "inertia": "Inertia, relative to one segment", "davies_bouldin": "Davies-Bouldin",
    "calinski_harabasz": "Calinski-Harabasz", "prediction_strength": "Prediction strength",
    "instability": "Instability", "jaccard": "Jaccard, least stable segment", "pac": "Ambiguous {twos} (PAC)",
}  # fmt: skip
DIGITS = {"calinski_harabasz": 0}
OTHER_K, STRENGTH = "silhouette_k", "prediction_strength"
WIDEST = 52  # letters of a title


def title(null: str, terms: Vocabulary) -> str:
    """Return the name of a null for readers; a study may bring its own."""
    known = TITLES.get(null, null.replace("_", " "))
    return capital(known.format(units=terms.units, events=terms.events))


def quoted(null: str, terms: Vocabulary) -> str:
    """Name a null inside a sentence."""
    return f"“{title(null, terms).lower()}”"


def p_of(found: Nulls, null: str, statistic: str = DECLARED) -> str:
    """Write a p-value so that it reads as on the side of the level on which it is."""
    p, level = float(found.row(null, statistic)["p"]), found.params["level"]
    text = beside(p, level, at_most=True, digits=3)
    return "under 0.001" if float(p) < 0.0005 <= level else text.rstrip("0").rstrip(".")


@dataclass(frozen=True)
class Facts:
    """What the page tells of the comparison.

    Attributes
    ----------
    k, count, units, level
        Segments, data sets for each null, units in each, and the level of the test.
    most, limit : int
        Data sets of the null for which most were drawn, so that its answer is settled, and how many may be.
    testable : bool
        Whether so many data sets can beat a null at all.
    beaten, rest, near : list of str
        Titles of nulls: beaten, not beaten, and those whose p is too near the level for its side to be settled.
    ps_beaten, ps_rest : list of str
        Their p-values.
    others, kept, listed : int
        Measures beside the declared one; adjusted p-values at or below the level, of how many.
    best : float
        The smallest adjusted p-value that so many data sets can give.
    unusable : int
        Data sets that could not be divided.
    """

    k: int
    count: int
    most: int
    limit: int
    units: int
    level: float
    testable: bool
    beaten: list[str]
    rest: list[str]
    near: list[str]
    ps_beaten: list[str]
    ps_rest: list[str]
    others: int
    kept: int
    listed: int
    best: float
    unusable: int


def facts(found: Nulls, terms: Vocabulary) -> Facts:
    """Collect what the sentences of the page need."""
    n, level = found.params["count"], found.params["level"]
    beaten = [name for name, yes in found.beaten.items() if yes]
    rest = [name for name in found.names if name not in beaten]
    own = found.table[found.table["statistic"] == DECLARED]
    near = own.loc[own["p"].notna() & ~own["settled"].astype(bool), "null"].tolist()
    others = found.table[found.table["statistic"] != DECLARED]
    many = int(others["p"].notna().groupby(others["null"]).sum().max())
    titles = {name: quoted(name, terms) for name in found.names}
    return Facts(
        k=found.params["k"],
        count=n,
        most=int(own["drawn"].max()),
        limit=(n + 1) * MOST - 1,
        units=found.params["units"],
        level=level,
        testable=found.testable,
        beaten=[titles[name] for name in beaten],
        rest=[titles[name] for name in rest],
        near=[titles[name] for name in near],
        ps_beaten=[p_of(found, name) for name in beaten],
        ps_rest=[p_of(found, name) for name in rest],
        others=many,
        kept=int((others["p_holm"] <= level).sum()),
        listed=int(others["p_holm"].notna().sum()),
        best=min(many / (n + 1), 1.0),
        unusable=int((own["drawn"] - own["usable"]).sum()),
    )


@inline
def strength_note(found: Nulls, terms: Vocabulary) -> str:
    """Say where populations without segments predict each other's halves as well as the data do; nothing where none does."""
    own = {name: found.row(name, STRENGTH) for name in found.names}
    told = {n: f"{quoted(n, terms)} ({_two(row['null_mean'])})" for n, row in own.items() if math.isfinite(row["p"])}
    stronger = [n for n in told if own[n]["effect"] <= 0]
    unclear = [told[n] for n in told if n not in stronger and own[n]["p"] > found.params["level"]]
    strength = f"The prediction strength, {_two(own[found.names[0]]['observed'])} when measured in this way, is"
    first = (
        f"{strength} no higher than it is on average in {join([told[n] for n in stronger])}. There, halves predict each "
        "other as well without any segments: by itself, the strength is no sign of them."
    )
    rest = f"{'It is' if stronger else strength} higher than the mean of {join(unclear)}, but not beyond chance, taken alone."
    return " ".join([first] * bool(stronger) + [rest] * bool(unclear))


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
            axes.set_title(_wrapped(f"{title(null, terms)}: p {p_of(found, null)}"), fontweight="normal")
            axes.set_yticks([])
            axes.grid(axis="y", visible=False)
        panels[-1].set_xlabel(f"silhouette; the line is the {terms.record}")
    return figure


def _wrapped(text: str) -> str:
    """Break a title of a panel where it would be wider than the figure."""
    return "\n".join(textwrap.wrap(text, WIDEST))


def _panels(found: Nulls, height: float) -> tuple[Figure, list[Axes]]:
    n = len(found.names)
    figure, grid = pyplot.subplots(n, 1, figsize=(5.0, 0.5 + height * n), sharex=True, squeeze=False)
    return figure, list(grid[:, 0])


def declared_caption(found: Nulls, terms: Vocabulary) -> str:
    """State how many nulls are beaten."""
    beaten, n = sum(found.beaten.values()), len(found.names)
    finding = (
        "Too few data sets to tell"
        if not found.testable
        else f"The {terms.record} lies beyond {_every(found)}"
        if beaten == n
        else f"The {terms.record} lies beyond none of the nulls"
        if not beaten and n > 1
        else f"The {terms.record} does not lie beyond the null"
        if not beaten
        else f"The {terms.record} lies beyond {word(beaten)} of {word(n)} nulls"
    )
    sets = {int(f(found.row(n)["drawn"] for n in found.names)) for f in (min, max)}
    bars = f"silhouettes at K{GAP}={GAP}{found.params['k']} of {' to '.join(map(count, sorted(sets)))} data sets without segments"
    return f"**{finding}.** Bars: {bars}. Line: the {terms.record}."


def _every(found: Nulls) -> str:
    return "every null" if len(found.names) > 1 else "the null"


def declared_alt(found: Nulls, terms: Vocabulary) -> str:
    """Describe bars and line."""
    parts = [f"{title(n, terms)}: mean {_two(found.row(n)['null_mean'])}, p {p_of(found, n)}" for n in found.names]
    log = _two(found.row(found.names[0])["observed"])
    return f"Histograms, one below the other. Observed silhouette {log}. {'; '.join(parts)}."


def statistics_table(found: Nulls, terms: Vocabulary) -> Shown:
    """Show each statistic at the K in use: observed value, effect and p under each null."""
    known = found.table.loc[found.table["observed"].notna() | (found.table["statistic"] == DECLARED), "statistic"]
    names = [s for s in known.unique() if not s.startswith(OTHER_K)]
    rows = []
    for s in names:
        digits = DIGITS.get(s, 3)
        less = ", less is clearer" if s in LESS else ""
        mark = ", declared" if s == DECLARED else ""
        row = {
            "measure": f"{MEASURES.get(s, s).format(twos=twos(terms))}{mark}{less}",
            f"the {terms.record}": _signed(found.row(found.names[0], s)["observed"], digits, plus=False),
        }
        for null in found.names:
            at = found.row(null, s)
            known = math.isfinite(at["p"])
            row[title(null, terms)] = f"{_signed(at['effect'], digits)} (p {p_of(found, null, s)})" if known else "–"
        rows.append(row)
    beyond = [s for s in names if all(found.row(n, s)["p"] <= found.params["level"] for n in found.names)]
    many = (
        f"all {word(len(names))}"
        if len(beyond) == len(names)
        else f"{word(len(beyond)) if beyond else 'none'} of {word(len(names))}"
    )
    finding = (
        "Too few data sets to tell"
        if not found.testable
        else f"Taken alone, {many} measures {'lie' if len(beyond) > 1 else 'lies'} beyond {_every(found)}"
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


def by_k(found: Nulls, null: str) -> pd.DataFrame:
    """Return the silhouette for each K: observed, and the middle nine tenths of a null's data sets."""
    own = found.draws[found.draws["null"] == null]
    rows = []
    for s in [DECLARED, *(c for c in own.columns if c.startswith(OTHER_K))]:
        k = found.params["k"] if s == DECLARED else int(s.removeprefix(OTHER_K))
        drawn, at = own[s].dropna(), found.row(null, s)
        low, high = drawn.quantile([0.05, 0.95]) if len(drawn) else (math.nan, math.nan)
        rows.append((k, at["observed"], low, high, at["p"]))
    return pd.DataFrame(rows, columns=["k", "observed", "low", "high", "p"]).sort_values("k", ignore_index=True)


def k_figure(found: Nulls, terms: Vocabulary) -> Figure:
    """Draw the silhouette over K, with the band of each null."""
    with theme.style():
        figure, panels = _panels(found, 1.55)
        for null, axes in zip(found.names, panels, strict=True):
            rows = by_k(found, null)
            axes.fill_between(rows["k"], rows["low"], rows["high"], color=theme.ACCENT, alpha=0.3, lw=0)
            axes.plot(rows["k"], rows["observed"], "o-", color=theme.SECOND, lw=1.8, ms=5)
            axes.set_title(_wrapped(title(null, terms)), fontweight="normal")
            axes.set_xticks(rows["k"])
        panels[len(panels) // 2].set_ylabel("silhouette")
        panels[-1].set_xlabel("number of segments K")
    return figure


def k_caption(found: Nulls, terms: Vocabulary) -> str:
    """State at which K the log lies above every band."""
    level, frames = found.params["level"], [by_k(found, n) for n in found.names]
    all_p = pd.concat([f.set_index("k")["p"] for f in frames], axis=1)
    above = [int(k) for k in all_p.index[(all_p <= level).all(axis=1)]]
    finding = (
        "Too few data sets to tell"
        if not found.testable
        else f"Taken alone, each K from {above[0]} to {above[-1]} is clearer than under {_every(found)}"
        if len(above) == len(all_p) > 1
        else f"Taken alone, K{GAP}={GAP}{join([str(k) for k in above])} {'is' if len(above) == 1 else 'are'} clearer than under "
        f"{_every(found)}"
        if above
        else f"At no K is the {terms.record} clearer than under {_every(found)}"
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
    panels = plural(len(found.names), "panel", words=True)
    return f"A line over the number of segments in {panels}, with a band. {'; '.join(parts)}."


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


def _two(value: object) -> str:
    return "–" if value != value else f"{value:z.2f}"


def _signed(value: float, digits: int, *, plus: bool = True) -> str:
    if not math.isfinite(value):
        return "–"
    return f"{value:{'+' if plus else ''}z,.{digits}f}".replace("-", "−")
