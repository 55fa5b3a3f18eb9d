"""Breaks of a log: runs of days without any event that its own rhythm makes improbable, and the days between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from ..thresholds import BREAK, WATCHED

SIDE = 91  # days on either side of a run that tell the rhythm around it: a quarter, which has each weekday 13 times
ROUNDS = 20  # of finding breaks and taking them out of the rhythm; each finds more, or is the last
COLUMNS = ["start", "end", "days", "p"]
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Breaks:
    """Days on which a log was not watched.

    Attributes
    ----------
    table : DataFrame
        One row per break, in order of time: ``start`` and ``end`` (first and last day), ``days``, ``p`` (the probability of a
        run at least so long anywhere in the log; missing where the settings declare the break).
    first, last : date
        The days of the first event and of the last.
    how : {"found", "declared", "none"}
    level : float
        Up to which ``p`` a run is a break.
    """

    table: pd.DataFrame
    first: date
    last: date
    how: str
    level: float

    @property
    def days(self) -> int:
        """Days in all breaks."""
        return int(self.table["days"].sum())

    def silent(self, start: ArrayLike, stop: ArrayLike) -> NDArray[np.float64]:
        """Return how many of the days between moments lie in breaks, as a fraction where a moment does itself.

        Parameters
        ----------
        start, stop : array of datetime64, of one shape or of shapes that go together

        Returns
        -------
        array of float

        Examples
        --------
        >>> found = declared([(date(2024, 1, 10), date(2024, 1, 12))], date(2024, 1, 1), date(2024, 1, 31))
        >>> found.silent(np.datetime64("2024-01-09T12:00"), np.datetime64("2024-01-20"))
        array(3.)
        """
        a, z = (np.asarray(v, dtype="datetime64[us]") for v in (start, stop))
        total = np.zeros(np.broadcast_shapes(a.shape, z.shape))
        for begin, end in zip(self.table["start"], self.table["end"], strict=True):
            first, after = np.datetime64(begin, "us"), np.datetime64(end, "us") + DAY
            inside = np.minimum(z, after) - np.maximum(a, first)
            total = total + np.maximum(inside, np.timedelta64(0, "us")) / DAY
        return np.asarray(total)

    def watched(self, start: datetime, stop: datetime) -> int:
        """Return the whole days between two midnights on which the log was watched."""
        return round(
            (stop - start) / pd.Timedelta(days=1) - float(self.silent(np.datetime64(start), np.datetime64(stop)))
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        rows = [
            {**row, "start": row["start"].to_pydatetime(), "end": row["end"].to_pydatetime()}
            for row in self.table.to_dict("records")
        ]
        return {"how": self.how, "level": self.level, "days": self.days, "breaks": rows}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


@dataclass(frozen=True)
class Exposure:
    """How many days of each window the log was watched.

    Attributes
    ----------
    table : DataFrame
        ``window``, ``start``, ``days``, ``watched`` (of these), ``share``, ``few`` (whether the share is below ``least``).
    least : float
    """

    table: pd.DataFrame
    least: float

    @property
    def few(self) -> list[str]:
        """The windows that were watched on too few days."""
        return [str(w) for w in self.table.loc[self.table["few"], "window"]]

    @property
    def whole(self) -> bool:
        """Whether the log was watched on every day of all windows."""
        return bool((self.table["watched"] == self.table["days"]).all())

    def to_json(self) -> list[dict[str, Any]]:
        """Return the rows as plain values."""
        return self.table.drop(columns="start").to_dict("records")

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def exposure(found: Breaks, windows: Mapping[str, tuple[datetime, datetime]], *, least: float = WATCHED) -> Exposure:
    """Count the watched days of windows.

    Parameters
    ----------
    found : Breaks
    windows : mapping of str to (datetime, datetime)
        By name, the midnight at which a window begins and the one at which it ends.
    least : float
        Share of days below which a window was watched too little.
    """
    rows = [(name, start, (stop - start).days, found.watched(start, stop)) for name, (start, stop) in windows.items()]
    table = pd.DataFrame(rows, columns=["window", "start", "days", "watched"])
    share = table["watched"] / table["days"]
    return Exposure(table.assign(share=share.astype("float64"), few=(share < least).astype(bool)), least)


def daily(events: pa.Table) -> pd.Series:
    """Count events by day, on every day from the first event to the last; the index is of midnights."""
    counts = events["started_at"].to_pandas().dt.floor("D").value_counts()
    return counts.reindex(pd.date_range(counts.index.min(), counts.index.max(), freq="D"), fill_value=0)


def find_breaks(counts: pd.Series, *, level: float = BREAK) -> Breaks:
    """Find the runs of days without an event that are improbable under the rhythm of the days around them.

    Parameters
    ----------
    counts : Series of int
        Events by day, on every day from the first event to the last (DatetimeIndex of midnights).
    level : float
        Of finding a break at all in a log that has none.

    Notes
    -----
    Where no rate changes, each of the m events within a run and the days beside it falls into the run with the probability of
    the run's share of what weekdays let expect there; so a run without any has p = (1 - share) ** m. That is the test of
    Przyborowski and Wilenski (1940, Biometrika, 31, 313-323) that two Poisson rates are one, in which the rate itself drops
    out. Events come in bursts, so m is divided by the dispersion of the daily counts (Wedderburn 1974, Biometrika, 61,
    439-447). The days before and those after are asked apart, a quarter each, and the larger p counts: a log that grows, fades
    or changes its pace has no break by that alone. A run may begin on any day, so p is multiplied by their number (Bonferroni).
    Breaks that are found are taken out of the rhythm, and those that remain are looked for again. A weekday without events is
    no part of any break by itself. A silence that has a reason, as a holiday of everybody, is not told apart.
    """
    days, n = counts.index, counts.to_numpy(dtype=np.float64)
    runs, weekday = _runs(n), days.day_of_week.to_numpy()
    out = np.zeros(len(n), dtype=bool)
    chance: dict[tuple[int, int], float] = {}
    for _ in range(ROUNDS):
        weight = _rhythm(n, weekday, out)
        events, expected = (np.concatenate([[0.0], np.cumsum(v)]) for v in (n / _dispersion(n, weight), weight))
        left = [run for run in runs if run not in chance]
        found = {run: p for run in left if (p := len(n) * _probability(*run, events, expected)) <= level}
        if not found:
            break
        chance |= found
        for start, stop in found:
            out[start:stop] = True
    rows = [(days[a], days[z - 1], z - a, min(p, 1.0)) for (a, z), p in sorted(chance.items())]
    return Breaks(_table(rows), days[0].date(), days[-1].date(), "found", level)


def declared(pairs: Iterable[Sequence[date]], first: date, last: date, *, level: float = BREAK) -> Breaks:
    """Return breaks of which the first day and the last are known, as far as they lie within the log.

    Parameters
    ----------
    pairs : iterable of (date, date)
    first, last : date
        The days of the first event and of the last.
    level : float
    """
    inside = [(max(a, first), min(z, last)) for a, z in pairs if a <= last and z >= first]
    rows = [(pd.Timestamp(a), pd.Timestamp(z), (z - a).days + 1, np.nan) for a, z in sorted(inside)]
    return Breaks(_table(rows), first, last, "declared" if rows else "none", level)


def _table(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    kinds = {"start": "datetime64[us]", "end": "datetime64[us]", "days": "int64", "p": "float64"}
    return pd.DataFrame(rows, columns=COLUMNS).astype(kinds)


def _runs(n: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return first place and the place after the last of each run of days without events."""
    edge = np.flatnonzero(np.diff(np.concatenate([[False], n == 0, [False]]).astype(np.int8)))
    return [(int(a), int(z)) for a, z in edge.reshape(-1, 2)]


def _rhythm(n: NDArray[np.float64], weekday: NDArray[Any], out: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the mean events of each day's weekday, and nothing on the days that are out."""
    kept = ~out
    sums, sizes = (np.bincount(weekday[kept], weights=w, minlength=7) for w in (n[kept], None))
    return np.where(kept, (sums / np.maximum(sizes, 1))[weekday], 0.0)


def _dispersion(n: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    """Return Pearson's chi squared of the daily counts by its degrees of freedom, and no less than one.

    What is expected of a day is its weekday's part of the events of a quarter on either side.
    """
    at = np.arange(len(n))
    low, high = np.maximum(at - SIDE, 0), np.minimum(at + SIDE + 1, len(n))
    events, weights = (np.concatenate([[0.0], np.cumsum(v)]) for v in (n, weight))
    around = weights[high] - weights[low]
    level = np.divide(events[high] - events[low], around, out=np.zeros(len(n)), where=around > 0)
    expected = weight * level
    seen = expected > 0
    chi = float(((n - expected)[seen] ** 2 / expected[seen]).sum())
    return max(1.0, chi / max(int(seen.sum()) - 7, 1))


def _probability(a: int, z: int, events: NDArray[np.float64], expected: NDArray[np.float64]) -> float:
    """Return the larger probability, by the days before a run and by those after it, that all events miss it.

    A weight of nothing on days that are out of the rhythm makes them no part of either side.
    """
    own = expected[z] - expected[a]
    sides = ((max(a - SIDE, 0), a), (z, min(z + SIDE, len(events) - 1)))
    chances = [
        (beside / (beside + own)) ** (events[y] - events[x]) if own > 0 else 1.0
        for x, y in sides
        for beside in (expected[y] - expected[x],)
    ]
    return float(max(chances))
