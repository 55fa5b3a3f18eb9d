"""Which channels reach how many units, in which groups, and what another way of finding touches would say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .rates import COVERAGE, Difference, difference, rate


@dataclass(frozen=True)
class Reach:
    """How many units each channel reached.

    Attributes
    ----------
    table : DataFrame
        One row per channel, in the order given: ``kind``, ``channel``, ``units`` (reached), ``share`` of all with ``low`` and
        ``high``, ``mentions``, and ``mean`` (mentions per unit reached).
    units : int
        Of the cohort.
    signals : DataFrame
        One row per signal that a unit may have: ``signal``, ``units``, ``share``, ``low``, ``high``.
    diversity : dict of str to float
        By kind, the mean number of channels per unit.
    params : dict
    """

    table: pd.DataFrame
    units: int
    signals: pd.DataFrame
    diversity: dict[str, float]
    params: dict[str, Any]

    def signal(self, name: str) -> pd.Series:
        """Return the row of a signal."""
        return self.signals.set_index("signal").loc[name]

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "units": self.units, "channels": self.table.to_dict("records"), "signals": self.signals.to_dict("records"),
            "diversity": self.diversity, "params": self.params,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def reach(mentions: Mapping[str, pd.DataFrame], signals: Mapping[str, pd.Series], *, level: float = COVERAGE) -> Reach:
    """Count whom each channel reached, and how often.

    Parameters
    ----------
    mentions : mapping of str to DataFrame of int, shape (n_units, n_channels)
        By kind of channel, how often each channel is mentioned of each unit.
    signals : mapping of str to Series of bool, length n_units
        What else is to be counted, by name.
    level : float
        Of the intervals.
    """
    units = len(next(iter(mentions.values())))
    rows = []
    for kind, frame in mentions.items():
        for channel in frame.columns:
            n, total = int((frame[channel] > 0).sum()), int(frame[channel].sum())
            rows.append((kind, channel, n, *_interval(n, units, level), total, total / n if n else np.nan))
    columns = ["kind", "channel", "units", "share", "low", "high", "mentions", "mean"]
    told = [(name, int(has.sum()), *_interval(int(has.sum()), units, level)) for name, has in signals.items()]
    return Reach(
        pd.DataFrame(rows, columns=columns),
        units,
        pd.DataFrame(told, columns=["signal", *columns[2:6]]),
        {kind: float((frame > 0).sum(axis=1).mean()) for kind, frame in mentions.items()},
        {"level": level},
    )


def _interval(n: int, units: int, level: float) -> tuple[float, float, float]:
    found = rate(n, units, level=level)
    return found.share, found.low, found.high


@dataclass(frozen=True)
class ChannelUse:
    """Which share of each group a channel reached.

    Attributes
    ----------
    table : DataFrame
        One row per group and channel: ``group``, ``channel``, ``events`` (units reached), ``units``, ``rate``, ``low``,
        ``high``, and ``lift`` (the rate over that of all units; NaN where the channel reached nobody).
    params : dict
    """

    table: pd.DataFrame
    params: dict[str, Any]

    def wide(self, statistic: str = "rate") -> pd.DataFrame:
        """Return one statistic as a table of shape (channels, groups)."""
        order = self.table["channel"].drop_duplicates()
        return self.table.pivot(index="channel", columns="group", values=statistic).loc[order]

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"cells": self.table.to_dict("records"), "params": self.params}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def use_by(groups: pd.Series, touched: pd.DataFrame, *, level: float = COVERAGE) -> ChannelUse:
    """Return how many units of each group each channel reached.

    Parameters
    ----------
    groups : Series, length n_units
    touched : DataFrame of bool, shape (n_units, n_channels)
        On the same index.
    level : float
        Of the intervals.
    """
    by = touched.groupby(groups.reindex(touched.index), sort=True)
    hits, sizes, everyone = by.sum(), by.size(), touched.mean()
    rows = [
        (group, channel, int(hits.loc[group, channel]), int(sizes[group]))
        for channel in touched.columns
        for group in sizes.index
    ]
    out = pd.DataFrame(rows, columns=["group", "channel", "events", "units"])
    out[["rate", "low", "high"]] = [_interval(e, n, level) for e, n in zip(out["events"], out["units"], strict=True)]
    out["lift"] = out["rate"] / out["channel"].map(everyone).replace(0.0, np.nan)
    return ChannelUse(out, {"level": level})


@dataclass(frozen=True)
class Shift:
    """What another way of finding touches would say of the same units.

    Attributes
    ----------
    table : DataFrame
        Units by strategy, one row per strategy of the first way, one column per strategy of the second.
    moved : int
        Units whose strategy is another one.
    units : int
    comparisons : dict of str to Difference
        By way, the rate of the outcome among units with both kinds of touches, less that among those with one kind.
    channels : DataFrame
        One row per channel: ``kind``, ``channel``, and the units that it reached by each way.
    params : dict
    """

    table: pd.DataFrame
    moved: int
    units: int
    comparisons: dict[str, Difference]
    channels: pd.DataFrame
    params: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "moved": self.moved, "units": self.units,
            "strategies": self.table.rename_axis("first").reset_index().to_dict("records"),
            "comparisons": {name: d.to_json() for name, d in self.comparisons.items()},
            "channels": self.channels.to_dict("records"), "params": self.params,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(border=0)


def shift(
    strategies: Mapping[str, pd.Series],
    reached: Mapping[str, pd.DataFrame],
    kinds: Mapping[str, str],
    outcome: pd.Series,
    *,
    both: str,
    one: str,
    order: tuple[str, ...],
    level: float = COVERAGE,
) -> Shift:
    """Compare two ways of finding touches.

    Parameters
    ----------
    strategies : mapping of str to Series
        The strategy of each unit, by way; two of them.
    reached : mapping of str to Series
        Units reached by channel, by way.
    kinds : mapping of str to str
        The kind of each channel.
    outcome : Series of bool
    both, one : str
        The strategies whose rates are compared: touches of both kinds, and of one.
    order : tuple of str
        All strategies.
    level : float
        Of the intervals.
    """
    first, second = strategies.values()
    table = pd.crosstab(first, second).reindex(index=order, columns=order, fill_value=0)
    compared = {}
    for name, strategy in strategies.items():
        groups = [outcome[strategy == s] for s in (both, one)]
        compared[name] = difference(
            (int(groups[0].sum()), int(groups[1].sum())), (len(groups[0]), len(groups[1])), level=level
        )
    channels = pd.DataFrame(
        {"kind": list(kinds.values()), "channel": list(kinds)}
        | {name: (frame[list(kinds)] > 0).sum().to_numpy() for name, frame in reached.items()}
    )
    return Shift(
        table, int((first != second).sum()), len(first), compared, channels,
        {"ways": list(strategies), "both": both, "one": one, "level": level},
    )  # fmt: skip
