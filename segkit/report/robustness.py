"""What the pages on stability and sensitivity show: facts, figures, tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

from ..engine.convergence import REGIMES, Convergence
from ..engine.meaning import Cards, visible_sizes
from ..engine.sensitivity import EVEN, Sensitivity
from ..thresholds import CLOSE, SAME, SILENCED
from ..vocabulary import Vocabulary
from . import prose, theme
from .findings import quoted
from .prose import beside, capital, exact, inline, join, percent, plural
from .show import Shown, table

CHANGES = {
    "only block": "only {what}", "drop block": "without {what}", "add block": "with {what} as a block",
    "equal blocks": "{what} blocks at equal weight",
}  # fmt: skip
ONE = 1 - 1e-9  # from this ARI on, two partitions are equal but for rounding


@dataclass(frozen=True)
class Seeds:
    """How often other seeds find the partition in use.

    Attributes
    ----------
    seeds, restarts : int
    low : str
        The lowest ARI with it, with many restarts.
    same : bool
        Whether all seeds find it then.
    one, chance : float
        The shares of seeds that find it with one k-means++ start, and with one random start.
    """

    seeds: int
    restarts: int
    low: str
    same: bool
    one: float
    chance: float


def seeds(found: Convergence) -> Seeds:
    """Compare the regimes."""
    share, low = found.summary.set_index("regime")["same"], found.lowest()
    one, chance = (float(share[name]) for name, _ in REGIMES[1:])
    return Seeds(found.params["seeds"], found.params["restarts"], at_least(low), low >= ONE, one, chance)


@dataclass(frozen=True)
class Settled:
    """Whether all seeds find one partition with many restarts; None where the seeds were not compared."""

    same: bool | None
    restarts: int


def settled(found: Convergence | None) -> Settled:
    """Say whether a fit can be made again."""
    return Settled(None, 0) if found is None else Settled(found.lowest() >= ONE, found.params["restarts"])


def convergence_table(found: Convergence) -> Shown:
    """Show the agreement with the fit in use under the three regimes."""
    frame = found.summary.rename(columns={"min": "lowest ARI", "median": "median ARI", "mean": "mean ARI"})
    frame = frame.rename(columns={"same": "seeds with the same partition"})
    two = {"lowest ARI": lambda v: at_least(float(v)), **dict.fromkeys(("median ARI", "mean ARI"), agreement)}
    low = found.lowest()
    seeds, restarts = plural(found.params["seeds"], "seed"), plural(found.params["restarts"], "restart")
    finding = f"With {restarts}, the lowest agreement over {seeds} is {at_least(low)}."
    return table(
        frame,
        "tbl-convergence",
        f"**{finding}** Adjusted Rand index (ARI) with the fit in use: 1 is the same partition, 0 is chance.",
        {**two, "seeds with the same partition": lambda v: percent(float(v), 0)},
        headings={"regime": "starts of k-means"},
    )


def worst_seed(found: Convergence, cards: Cards, terms: Vocabulary) -> Shown:
    """Show the segment sizes of the seed that agrees least, beside those in use."""
    names = {c.id: c.name for c in cards}
    shown = [c for c in cards if c.size is not None]
    rows = [{"starts of k-means": "in use", **{c.name: c.size for c in shown}}]
    for regime in found.sizes.index:
        sizes = found.sizes.loc[regime]
        visible = visible_sizes(sizes, terms.fewest)
        rows.append({"starts of k-means": f"{regime}, worst seed", **{names[c.id]: visible[c.id] for c in shown}})
    frame = pd.DataFrame(rows)
    frame = frame.astype({c.name: "Float64" for c in shown})
    first = found.sizes.iloc[0]
    moved = max((abs(int(first[c.id]) - (c.size or 0)) for c in shown if pd.notna(first[c.id])), default=0)
    finding = (
        f"No {terms.unit} changes its segment in the worst seed of many restarts."
        if found.lowest() > ONE
        else f"In the worst seed of many restarts, sizes differ by {plural(moved, terms.unit, terms.units)} at most."
        if moved
        else f"In the worst seed of many restarts {terms.units} change places, but sizes stay the same."
    )
    dash = (
        f" A dash stands for a number that would give fewer than five {terms.units} away."
        if frame.isna().any(axis=None)
        else ""
    )
    return table(
        frame,
        "tbl-worst-seed",
        f"**{finding}** {capital(terms.units)} per segment, segments matched one to one so that most {terms.units} keep "
        f"theirs.{dash}",
        {c.name: prose.count for c in shown},
    )


@dataclass(frozen=True)
class Dropped:
    """What is told of features or blocks that are left out one by one.

    Attributes
    ----------
    names : list of str
        Those that were left out, the lowest ARI first.
    low, high : float
        The lowest ARI, and the highest.
    one, same, close : float
        From which ARI on two partitions are equal but for rounding, much the same, and similar.
    below : int
        How many give an ARI below ``same``.
    quiet : list of str
        Those with almost no weight that can be dropped.
    share : float
        Of the variance that these hold together.
    """

    names: list[str]
    low: float
    high: float
    below: int
    quiet: list[str]
    share: float
    one: float = ONE
    same: float = SAME
    close: float = CLOSE


def dropped(found: Sensitivity, arm: str, labels: Mapping[str, str]) -> Dropped:
    """Collect what happens without each block or feature."""
    rows = found.arm(arm)
    quiet = rows[(rows["variance_share"] < SILENCED) & (rows["ari"] >= CLOSE)]
    return Dropped(
        [labels.get(str(w), str(w)) for w in rows["what"]],
        float(rows["ari"].min()),
        float(rows["ari"].max()),
        int((rows["ari"] < SAME).sum()),
        quiet["what"].tolist(),
        float(quiet["variance_share"].sum()),
    )


def equal(found: Sensitivity) -> float:
    """Return the ARI of the partition of all blocks at the same weight; missing where there is one block."""
    ari = found.arm("equal blocks")["ari"]
    return float(ari.iloc[0]) if len(ari) else math.nan


@dataclass(frozen=True)
class Evened:
    """What leaving a block out does where all have the same weight; there a block of low weight can show what it holds.

    Attributes
    ----------
    most : str
        The block without which the partition changes most; empty where there is none to leave out.
    ari, one : float
        The ARI without it; from which on two partitions are equal but for rounding.
    light : bool
        Whether it has almost no weight in the matrix in use.
    woken : list of (str, float)
        Other blocks of almost no weight without which the partition would be another, and the ARI.
    """

    most: str
    ari: float = math.nan
    one: float = ONE
    light: bool = False
    woken: list[tuple[str, float]] = field(default_factory=list)


def evened(found: Sensitivity) -> Evened:
    """Collect what each block would do if all had the same weight."""
    even, before = found.arm(EVEN), found.arm("drop block")
    if even.empty:
        return Evened("")
    top = even.iloc[0]
    light = before.loc[before["variance_share"] < SILENCED, "what"]
    woken = _even(found, light[light != top["what"]]).dropna()
    return Evened(
        most=str(top["what"]),
        ari=float(top["ari"]),
        light=bool((light == top["what"]).any()),
        woken=[(str(w), float(a)) for w, a in woken[woken < CLOSE].items()],
    )


def _even(found: Sensitivity, what: pd.Series) -> pd.Series:
    """Return the ARI without each block among blocks of equal weight, in the order of the names."""
    return found.arm(EVEN).set_index("what")["ari"].reindex(what)


def drop_figure(found: Sensitivity, arm: str, labels: dict[str, str]) -> Figure:
    """Draw the ARI of each row of an arm beside its share of the variance."""
    rows = found.arm(arm)
    at = np.arange(len(rows))
    with theme.style():
        figure, (left, right) = pyplot.subplots(
            1, 2, figsize=(5.0, 0.9 + 0.27 * len(rows)), sharey=True, width_ratios=(1.5, 1)
        )
        layout = figure.get_layout_engine()
        if isinstance(layout, ConstrainedLayoutEngine):
            layout.set(wspace=0.07)  # else the last number of one axis runs into the first of the other
        left.hlines(at, rows["ari"].clip(upper=1), 1, color=theme.ACCENT, lw=5, alpha=0.35)
        left.plot(rows["ari"], at, "o", color=theme.ACCENT, ms=6, label="as in use")
        even = _even(found, rows["what"]) if arm == "drop block" else pd.Series(dtype="float64")
        if even.notna().any():
            left.plot(even, at, "D", color=theme.SECOND, ms=6, mec=theme.PAPER, label="equal weights")
            figure.legend(loc="outside upper left", ncols=2)
            figure.set_figheight(figure.get_figheight() + 0.3)
        left.set_yticks(at, [labels.get(str(w), capital(str(w))) for w in rows["what"]])
        left.set_xlim(min(0.0, float(rows["ari"].min())) - 0.02, 1.04)
        left.invert_yaxis()
        left.set_title("ARI", fontweight="normal")
        left.set_xticks((0, 0.5, 1))
        right.barh(at, rows["variance_share"].fillna(0), color=theme.SECOND, height=0.6)
        right.set_title("Variance", fontweight="normal")
        right.xaxis.set_major_locator(MaxNLocator(3))
        right.xaxis.set_major_formatter(lambda v, _: f"{v * 100:.0f} %")
        for axes in (left, right):
            axes.grid(axis="y", visible=False)
    return figure


def drop_caption(found: Sensitivity, arm: str, labels: dict[str, str]) -> str:
    """State what leaving something out does."""
    rows = found.arm(arm)
    if rows.empty:
        return "**There is nothing to compare.**"
    top = rows.iloc[0]
    name = labels.get(str(top["what"]), str(top["what"]))
    low = f"{_two(top['ari'])}, the lowest of all" if len(rows) > 1 else _two(top["ari"])
    lead = (
        "The partition is the same throughout"
        if top["ari"] > ONE
        else f"{capital(name)} alone gives an ARI of {low}"
        if arm == "only block"
        else f"With {name}, the ARI is {low}"
        if arm == "add block"
        else f"Without {name}, the ARI is {low}"
    )
    more = " Diamonds: the same among blocks of equal weight." if arm == "drop block" and len(found.arm(EVEN)) else ""
    return f"**{lead}.** On the right, the share of the variance of the matrix: what has none cannot matter.{more}"


def drop_alt(found: Sensitivity, arm: str, labels: dict[str, str]) -> str:
    """Describe the dots and bars."""
    rows = found.arm(arm)
    even = _even(found, rows["what"]) if arm == "drop block" else pd.Series(dtype="float64")
    known = even.dropna().to_dict()
    parts = [
        f"{labels.get(str(r.what), str(r.what))}: ARI {_two(r.ari)}"
        + (f", {percent(r.variance_share)} of the variance" if math.isfinite(r.variance_share) else "")
        + (f", {_two(known[r.what])} at equal weights" if r.what in known else "")
        for r in rows.itertuples()
    ]
    return f"Dots and bars. {capital('; '.join(parts))}." if parts else "An empty figure."


def jaccard_table(
    found: Sensitivity, cards: Cards, arms: tuple[str, ...], label: str, terms: Vocabulary, *, enough: float
) -> Shown:
    """Show, for each arm, how much of each segment comes back; from ``enough`` on it counts as found again."""
    rows = found.table[found.table["arm"].isin(arms)]
    if (rows["arm"] == "drop block").sum() == 2:  # to keep one of two blocks is to leave out the other
        rows = rows[rows["arm"] != "only block"]
    changes = [CHANGES.get(str(r.arm), f"{r.arm}: {{what}}").format(what=r.what) for r in rows.itertuples()]
    frame = pd.DataFrame({"change": changes, "ARI": rows["ari"].to_numpy()})
    shown = [c for c in cards if c.size is not None]
    for card in shown:
        frame[card.name] = rows[f"jaccard_{card.id}"].to_numpy()
    frame = frame.sort_values("ARI", ignore_index=True)
    least = {c.id: round(float(frame[c.name].min()), 2) for c in shown} if len(frame) else {}
    low = [c for c in shown if c.id in least and least[c.id] == min(least.values())]
    finding = (
        "How segments depend on the choice."
        if not low
        else "Every segment comes back, whatever is changed."
        if min(least.values()) == 1
        else f"{join([quoted(c) for c in low])} {'depends' if len(low) == 1 else 'depend'} most on the choice."
    )
    # A ratio of small counts would give the size of a small segment away.
    hidden = [f"jaccard_{c.id}" for c in cards if c.size is None]
    return table(
        frame,
        label,
        f"**{finding}** Largest Jaccard similarity of each segment with a segment of the changed partition: 1 is the same "
        f"{terms.units}, from {exact(enough)} on it counts as found again.",
        dict.fromkeys(["ARI", *(c.name for c in shown)], _two),
        export=found.table.drop(columns=hidden),
    )


def at_least(value: float) -> str:
    """Write a lower bound with two decimals: rounded down, since rounded up it would be none.

    >>> at_least(0.998), at_least(0.8), at_least(1 - 1e-12)
    ('0.99', '0.80', '1.00')
    """
    return f"{math.floor(value * 100 + 1e-6) / 100:z.2f}"


def agreement(value: object, least: float | None = None) -> str:
    """Write an index of agreement with two decimals, more beside a threshold; only what is one is written as one.

    >>> agreement(1.0), agreement(0.998), agreement(0.714), agreement(0.7499, 0.75)
    ('1.00', 'over 0.99', '0.71', '0.7499')
    """
    text = _two(value) if least is None or not isinstance(value, float) else beside(value, least)
    return "over 0.99" if text == "1.00" and isinstance(value, float) and value < ONE else text


@inline
def block_verdict(found: Sensitivity) -> str:
    """Say in a few words how far the partition falls without a block."""
    drop = found.arm("drop block")
    return f"lowest ARI without a block {_two(drop['ari'].min())}" if len(drop) else "one block of features"


def _two(value: object) -> str:
    return f"{value:z.2f}"
