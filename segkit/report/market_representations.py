"""Ways to describe the same markets, side by side: what each really holds, and whether it agrees with the others."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..engine.matching import rand_index
from ..engine.representations import Representation, Representations
from ..engine.sequence_network import leading, rank_correlation
from ..engine.silhouettes import silhouettes
from ..thresholds import LEVEL, MOST
from .prose import capital, count, fixed, join, percent, word
from .robustness import ONE, agreement
from .show import Shown, table

IN_USE = "all features that can be read (in use)"
NAMED = {"hybrid": "balanced embedding with structure", "concatenation": "published embedding with structure"}
NARROW = FOLLOWS = MOST  # of the variance on one dimension, and a rank correlation: from here on there is hardly more
TIE = 1e-9  # silhouettes of the same segments differ by no more
FEWEST = 5  # markets: with fewer no order is beyond chance


@dataclass(frozen=True)
class Way:
    """One way to describe markets.

    Attributes
    ----------
    name, title : str
        The former is empty for the features in use.
    columns : int
    sizes : list of int
        Of its segments, as many as are in use, the largest first; empty where it has no such division.
    common, own : float
        Mean silhouettes in the common space and in its own; NaN where there is no division.
    agrees : float
        Adjusted Rand index of its segments and those in use; NaN where there is no division.
    one_dimensional, follows : float
        Share of the variance on one dimension, and the rank correlation of that with revenue.
    """

    name: str
    title: str
    columns: int
    sizes: list[int]
    common: float
    own: float
    agrees: float
    one_dimensional: float
    follows: float

    @property
    def alone(self) -> int:
        """Segments of one market."""
        return self.sizes.count(1)

    @property
    def echo(self) -> bool:
        """Whether it holds little more than how much a market sells."""
        return self.one_dimensional >= NARROW and self.follows >= FOLLOWS


@dataclass(frozen=True)
class Missing:
    """A way that is missing: its name for readers, and why."""

    title: str
    reason: str


@dataclass(frozen=True)
class Pair:
    """Two ways, and how their segments agree."""

    one: str
    two: str
    ari: float


@dataclass(frozen=True)
class Ways:
    """All ways to describe the markets of a study.

    Attributes
    ----------
    used : Way
        The features of which the segments in use are made.
    ways : list of Way
        The others, that of revenue alone first.
    missing : list of Missing
    pairs : list of Pair
        Of those that are divided into as many segments as are in use, the most alike first.
    k, markets, most : int
        Segments in use; the largest number of them that was tried.
    critical : float
        Up to about this a rank correlation among so many markets is within chance; infinite where all are.
    narrow : float
        The share, and the correlation, from which on a way holds little more than one thing.
    """

    used: Way
    ways: list[Way]
    missing: list[Missing]
    pairs: list[Pair]
    k: int
    markets: int
    most: int
    critical: float
    narrow: float = NARROW

    @property
    def divided(self) -> list[Way]:
        """Ways with as many segments as are in use."""
        return [w for w in self.ways if w.sizes]

    @property
    def same(self) -> list[str]:
        """Those that give the segments in use."""
        return [w.title for w in self.divided if w.agrees >= ONE]

    @property
    def echoes(self) -> list[Way]:
        """Those that hold little more than revenue, beside revenue itself."""
        return [w for w in self.ways if w.echo and w.name != "level"]

    @property
    def flat(self) -> list[Way]:
        """Those with little more than one dimension that is not revenue."""
        return [w for w in self.ways if w.name != "level" and w.one_dimensional >= NARROW and not w.echo]

    @property
    def lonely(self) -> list[Way]:
        """Those with segments of one market."""
        return [w for w in self.divided if w.alone]

    @property
    def clearest(self) -> list[Way]:
        """Those whose segments stand apart most in the common space."""
        top = max((w.common for w in self.divided), default=math.nan)
        return [w for w in self.divided if w.common >= top - TIE]

    @property
    def dazzling(self) -> Way | None:
        """The one whose own silhouette is furthest above that in the common space, if any is above."""
        top = max(self.divided, key=lambda w: w.own - w.common, default=None)
        return top if top is not None and top.own > top.common else None

    @property
    def alike(self) -> int:
        """Pairs with the same segments."""
        return sum(p.ari >= ONE for p in self.pairs)

    @property
    def mean(self) -> float:
        """Of the agreement over all pairs; NaN without any."""
        return float(np.mean([p.ari for p in self.pairs])) if self.pairs else math.nan


def titled(one: Representation) -> str:
    """Return the name of a representation in sentences: without a comma, since they list several."""
    return NAMED.get(one.name, one.title)


def ways(found: Representations, labels: pd.Series) -> Ways:
    """Collect what sentences tell of the representations.

    Parameters
    ----------
    found : Representations
    labels : Series of int
        The segments in use, by market.
    """
    k, there = int(labels.nunique()), [r for r in found.items.values() if r.matrix is not None]
    rows = found.agreement[found.agreement["k"] == k]
    titles = {r.name: titled(r) for r in there}
    pairs = [Pair(titles[str(r.a)], titles[str(r.b)], float(r.ari)) for r in rows.itertuples()]
    return Ways(
        used=_used(found, labels),
        ways=[_way(r, found.scores, labels) for r in there],
        missing=[Missing(titled(r), r.missing) for r in found.items.values() if r.matrix is None],
        pairs=sorted(pairs, key=lambda p: -p.ari),
        k=k,
        markets=len(labels),
        most=int(found.scores["k"].max()) if len(found.scores) else 0,
        critical=critical(len(labels)),
    )


def critical(markets: int) -> float:
    """Return up to what absolute value a rank correlation is within chance, by the t distribution; infinite where any is.

    Zar, J. H. (1972). Significance testing of the Spearman rank correlation coefficient. Journal of the American Statistical
    Association, 67, 578-580.

    Examples
    --------
    >>> round(critical(10), 3), critical(4)
    (0.632, inf)
    """
    from scipy.stats import t

    if markets < FEWEST:
        return math.inf
    at = float(t.ppf(1 - LEVEL / 2, markets - 2))
    return at / math.sqrt(markets - 2 + at * at)


def _way(one: Representation, scores: pd.DataFrame, labels: pd.Series) -> Way:
    """Describe one representation, divided as often as the segments in use are."""
    k = int(labels.nunique())
    assert one.matrix is not None  # as the one who asks has made sure
    columns = int(one.matrix.values.shape[1])
    if k not in one.labels:
        nothing = (math.nan,) * 3
        return Way(one.name, titled(one), columns, [], *nothing, one.one_dimensional, one.follows_level)
    row = scores[(scores["representation"] == one.name) & (scores["k"] == k)].iloc[0]
    ari = rand_index(labels.to_numpy(), one.labels[k].reindex(labels.index).to_numpy())
    sizes = [int(s) for s in row["sizes"]]
    own = (float(row["common"]), float(row["silhouette"]), ari)
    return Way(one.name, titled(one), columns, sizes, *own, one.one_dimensional, one.follows_level)


def _used(found: Representations, labels: pd.Series) -> Way:
    """Describe the features in use, whose space is the common one."""
    values = found.common.values
    own = labels.reindex(found.common.index)
    codes, _ = pd.factorize(own)
    apart = float(silhouettes(values, [codes]).mean()) if own.nunique() > 1 else math.nan
    share, scores = leading(values)
    level = found.items["level"].matrix
    follows = math.nan if level is None else rank_correlation(scores, level.values[:, 0])
    sizes = [int(n) for n in labels.value_counts()]
    return Way("", IN_USE, values.shape[1], sizes, apart, apart, 1.0, share, follows)


def ways_table(known: Ways) -> Shown:
    """Show every way: columns, segments, agreement with those in use, and what its first dimension is."""
    rows = [known.used, *known.ways]
    frame = pd.DataFrame({
        "description": [capital(w.title) for w in rows], "columns": [w.columns for w in rows],
        "sizes": [", ".join(map(count, w.sizes)) or None for w in rows],
        "ARI": [w.agrees if w.sizes else math.nan for w in rows], "silhouette": [w.common for w in rows],
        "one dimension": [w.one_dimensional for w in rows], "follows revenue": [w.follows for w in rows],
    })  # fmt: skip
    n, lonely = len(known.divided), len(known.lonely)
    first = (
        "No other way is divided into as many segments as are in use" if not n
        else f"{capital(word(lonely))} of {word(n)} other ways {'has' if lonely == 1 else 'have'} a segment of one market" if lonely
        else "No other way has a segment of one market"
    )  # fmt: skip
    export = pd.DataFrame([vars(w) | {"sizes": " ".join(map(str, w.sizes))} for w in rows])
    return table(
        frame, "tbl-ways",
        f"**{first}.** Sizes: markets per segment, each way divided into {word(known.k)}. ARI: agreement with the segments in use. "
        "Silhouette: in the common space. One dimension: the share of the variance on the first principal component. Follows "
        "revenue: its absolute rank correlation with the level of revenue.",
        {"columns": count, "ARI": agreement, "silhouette": fixed, "one dimension": percent, "follows revenue": fixed},
        right=("sizes",), export=export, stack=True,
    )  # fmt: skip


def common_table(found: Representations) -> Shown:
    """Show silhouettes in the common space, by number of segments."""
    titles = {r.name: capital(titled(r)) for r in found.items.values()}
    wide = found.scores.pivot(index="representation", columns="k", values="common")
    wide = wide.reindex([n for n in titles if n in wide.index])
    frame = (
        wide.set_axis([f"K = {k}" for k in wide], axis=1).rename(index=titles).rename_axis("description").reset_index()
    )
    top = found.scores[found.scores["common"] >= found.scores["common"].max() - TIE]
    by = top.groupby("representation", sort=False)["k"]
    best = [f"{titled(found.items[str(n)])} in {join([word(int(k)) for k in own])}" for n, own in by]
    export = found.scores.assign(sizes=[" ".join(map(str, s)) for s in found.scores["sizes"]])
    return table(
        frame, "tbl-common",
        f"**The highest is {fixed(float(top['common'].iloc[0]))}: {join(best)} segments.** Mean silhouettes, all in the space of "
        "the features that can be read. The CSV holds those in a space of their own as well.",
        dict.fromkeys(frame.columns[1:], fixed), export=export, stack=True,
    )  # fmt: skip


def verdict(known: Ways) -> str:
    """Say in a few words how the ways agree."""
    if not known.divided:
        return "no other division"
    return f"{count(len(known.same))} of {count(len(known.divided))} ways give the segments in use"
