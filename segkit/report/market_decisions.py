"""What to do with the segments of markets: actions, whether planning by segment forecasts better, and what is written back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from .. import __version__
from ..engine.backtest import RIVALS, SEGMENT, Backtest
from ..engine.over_time import OverTime
from ..thresholds import LEVEL
from .market_front import FORECASTS
from .market_segments import Groups, listed
from .prose import join, number, percent
from .show import Shown, table

FLAT = "no growth"
COLUMNS = {  # of the table that is written back, in the words of a reader
    "as_of": "the day that the features stand for",
    "model_version": "the version that made the segments; one day and version is one run",
    "market": "the name of the market",
    "segment": "the number of its segment",
    "name": "the name of the segment",
    "confidence": "share of the draws of customers in which the market is in it",
    "revenue": "of the complete months",
    "quantity": "pieces, of the complete months",
    "growth": "logarithm of the last twelve months over the twelve before",
    "rule": "the shortest rule that was found for the segment",
    "share": "share of the revenue of all markets, from 0 to 1",
    "country": "as the warehouse has it",
    "group": "as the warehouse has it",
}


@dataclass(frozen=True)
class Planning:
    """Whether the segment of a market tells what its revenue does next.

    Attributes
    ----------
    origins, markets : int
        Days at which forecasts were made, and markets.
    horizon : int
        Months that are forecast.
    winner : str
        The forecast with the least error, in words; empty where there is none.
    own : bool
        Whether that is the segment's.
    error, last, mean, overall : float
        Mean absolute errors of growth, a logarithm: of the segment's mean, of the market's own last growth, of the mean of
        its own growth, and of the mean of all markets.
    helps : bool
        Whether the segment's mean beats all of these, and segments at random, beyond chance.
    nearer, level, behind : list of str
        The forecasts among these that the segment beats beyond chance, those of which nothing can be said, and those that
        beat it.
    flat : bool
        Whether the forecast of no growth beats it beyond chance.
    random, p : float
        Mean absolute error of segments of the same sizes dealt out at random, and the share of them that are as near.
    reason : str
        Why nothing, or nothing of chance, can be said.
    alpha : float
    """

    origins: int
    markets: int
    horizon: int
    winner: str
    own: bool
    error: float
    last: float
    mean: float
    overall: float
    helps: bool
    nearer: list[str]
    level: list[str]
    behind: list[str]
    flat: bool
    random: float
    p: float
    reason: str
    alpha: float = LEVEL

    @property
    def by_chance(self) -> bool:
        """Whether segments dealt out at random forecast as well."""
        return not self.p <= self.alpha


def planning(found: Backtest) -> Planning:
    """Collect what the backtest says."""
    errors = found.table.set_index("forecast")["mae"]
    words = {r: found.verdict(r) for r in RIVALS} if len(found.table) else {}
    last, mean, overall = (float(errors.get(r, math.nan)) for r in RIVALS)
    winner = found.winner or ""
    return Planning(
        origins=len(found.by_origin),
        markets=int(found.forecasts["unit"].nunique()),
        horizon=int(found.params.get("horizon", 0)),
        winner=FORECASTS.get(winner, winner),
        own=winner == SEGMENT,
        error=float(errors.get(SEGMENT, math.nan)),
        last=last,
        mean=mean,
        overall=overall,
        helps=bool(winner) and found.helps,
        nearer=[FORECASTS[r] for r, v in words.items() if v == "better"],
        level=[FORECASTS[r] for r, v in words.items() if not v],
        behind=[FORECASTS[r] for r, v in words.items() if v == "worse"],
        flat=found.verdict(FLAT) == "worse",
        random=found.chance,
        p=found.p,
        reason=_said(found.reason),
    )


def _said(reason: str) -> str:
    """Write a reason of the engine with the words of these pages."""
    for theirs, ours in (("origin", "day"), ("unit", "market"), ("period", "month")):
        reason = reason.replace(theirs, ours)
    return reason


def status(known: Planning) -> str:
    """Return the status of the page in a few words."""
    if not known.winner:
        return "planning by segment: not tested"
    return f"planning by segment: {'forecasts better' if known.helps else 'not shown to forecast better'}"


def doing(known: Groups) -> list[tuple[str, list[str]]]:
    """Return what to do, without the last point, and the segments of which it is said."""
    actions = dict.fromkeys(g.action for g in known.groups)
    return [(a.rstrip("."), [g.name for g in known.groups if g.action == a]) for a in actions]


def actions_table(known: Groups) -> Shown:
    """Show what to do with the markets of each segment."""
    frame = pd.DataFrame({
        "segment": [g.name.strip("“”") for g in known.groups], "what to do": [g.action for g in known.groups],
        "markets": [join(g.markets) for g in known.groups], "share of revenue": [g.share for g in known.groups],
    })  # fmt: skip
    finding = "The same for every segment" if known.same else f"{known.largest.name} matters most by revenue"
    return table(
        frame, "tbl-actions",
        f"**{finding}.** What the growth of every single market of a segment allows to say; where it differs, "
        "nothing is said of all.",
        {"share of revenue": percent}, stack=True,
    )  # fmt: skip


@dataclass(frozen=True)
class Changes:
    """What would change the segments.

    Attributes
    ----------
    movers : list of str
        Markets that moved in one look back or more, the most often first.
    windows : int
    staying, dealt : float
        Share of the moves from one look back to the next that end where they began, and what chance would give.
    """

    movers: list[str]
    windows: int
    staying: float
    dealt: float

    @property
    def moved(self) -> str:
        """The movers, as a sentence names them."""
        return listed(self.movers)


def changes(found: OverTime) -> Changes:
    """Collect who moved in time."""
    rows = found.units.sort_values("changes", ascending=False, kind="stable")
    return Changes(
        [str(u) for u in rows.loc[rows["changes"] > 0, "unit"]], len(found.labels.columns), found.staying,
        float(found.steps["chance"].mean()),
    )  # fmt: skip


def written(members: pd.DataFrame) -> pd.DataFrame:
    """Return what is written back: one row per market, indexed by its name, in the order of `COLUMNS`.

    Parameters
    ----------
    members : DataFrame
        One row per market, see the study.
    """
    kept = [c for c in COLUMNS if c in members and c != "market"]
    return members.set_index("market")[kept]


def written_table(rows: pd.DataFrame, as_of: date | pd.Timestamp, version: str = __version__) -> Shown:
    """Show the columns of the table that is written back, with the first row."""
    first: dict[str, Any] = {
        "as_of": f"{as_of:%Y-%m-%d}",
        "model_version": version,
        "market": rows.index[0],
        **rows.iloc[0],
    }
    frame = pd.DataFrame({
        "column": list(first), "what it holds": [COLUMNS[c] for c in first],
        "in the first row": [_cell(v) for v in first.values()],
    })  # fmt: skip
    whole = rows.reset_index()
    whole.insert(0, "model_version", version)
    whole.insert(0, "as_of", f"{as_of:%Y-%m-%d}")
    return table(
        frame, "tbl-written",
        "**One row per market and run.** Columns of the table that is written back. The download holds all rows.",
        export=whole, stack=True,
    )  # fmt: skip


def _cell(value: Any) -> str | None:
    if not isinstance(value, float | np.floating):
        return None if value is None else str(value)
    known = float(value)
    return None if math.isnan(known) else number(known, 0 if abs(known) >= 1000 else 3)
