"""Whether a pair that has been silent for some time comes back, and how soon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..engine.matrix import Floats
from ..engine.unit_bootstrap import draws_for, interval, unit_counts
from ..features.conversations import SECONDS_PER_HOUR, runs
from .rates import COVERAGE, rate
from .times import Survival, kaplan_meier

HOURS = (24.0, 48.0, 72.0)


@dataclass(frozen=True)
class Gaps:
    """The silences of pairs: one after each message.

    Attributes
    ----------
    hours : array of float, length n_messages
        To the next message of the pair, or to the end of the log.
    ended : array of bool, length n_messages
        Whether there is a next message.
    subscriber : array of int, length n_messages
        Number of the subscriber.
    """

    hours: Floats
    ended: NDArray[np.bool_]
    subscriber: NDArray[np.int64]

    @property
    def subscribers(self) -> int:
        """How many there are."""
        return int(self.subscriber.max(initial=-1)) + 1

    def lasting(self, hours: float) -> Gaps:
        """Return what is left of the silences that last longer than some hours, or are open after them."""
        own = (self.hours > hours) | (~self.ended & (self.hours >= hours))
        return Gaps(self.hours[own] - hours, self.ended[own], self.subscriber[own])


def gaps_of(frame: pd.DataFrame, as_of: pd.Timestamp) -> Gaps:
    """Return the silences of a log; the last one of each pair is open at the end.

    Parameters
    ----------
    frame : DataFrame
        ``pair``, ``subscriber``, ``time``; sorted by time.
    as_of : Timestamp
        The end; messages after it are not seen.

    Raises
    ------
    ValueError
        The frame is not sorted by time.
    """
    known = frame.iloc[: int(frame["time"].searchsorted(as_of, side="right"))]
    found = runs(known)
    following = np.append(found.gap[1:], np.nan)[: len(known)]
    ended = ~np.isnan(following)
    hours = np.where(ended, following, as_of.timestamp() - found.seconds) / SECONDS_PER_HOUR
    subscriber = np.asarray(pd.factorize(known["subscriber"])[0], dtype=np.int64)[found.order]
    return Gaps(hours, ended, subscriber)


@dataclass(frozen=True)
class Returns:
    """Returns after a silence.

    Attributes
    ----------
    table : DataFrame
        One row per ``after`` (hours of silence) and ``within`` (hours more): ``silences``, ``subscribers``, ``returned``
        (within that time, as seen), ``share`` (Kaplan-Meier), ``greenwood_low``, ``greenwood_high`` (silences independent of
        each other), ``low``, ``high`` (bootstrap of subscribers). NaN where the log does not reach so far.
    ever : DataFrame
        One row per ``after``: ``silences``, ``subscribers``, ``returned`` (within the log), ``open`` (at its end), ``share``
        (returned by silences: what was seen, and less than what is to come).
    curves : dict of float to Survival
        By hours of silence: the share that is still silent, by hours since then.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    ever: pd.DataFrame
    curves: dict[float, Survival] = field(repr=False)
    params: dict[str, Any]
    seed: int

    def of(self, after: float, within: float) -> pd.Series:
        """Return one row of the table."""
        return self.table.set_index(["after", "within"]).loc[(after, within)]

    def to_json(self) -> dict[str, Any]:
        """Return plain values; the steps of the curves stay in them."""
        return {"returns": self.table.to_dict("records"), "ever": self.ever.to_dict("records"), "params": self.params}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def returns(
    frame: pd.DataFrame,
    as_of: pd.Timestamp,
    *,
    after: Sequence[float] = HOURS,
    within: Sequence[float] = HOURS,
    seed: int = 42,
    draws: int | None = None,
    level: float = COVERAGE,
) -> Returns:
    """Estimate how many silences of some hours end within some more.

    Parameters
    ----------
    frame : DataFrame
        ``pair``, ``subscriber``, ``time``; sorted by time. Whose messages count is for the caller to say: with those of one side
        alone, silence and return are of that side.
    as_of : Timestamp
        The end of the log, at which silences that go on are censored.
    after, within : sequence of float
        Hours.
    seed : int
    draws : int, optional
        Resamples of subscribers; see `segkit.engine.unit_bootstrap.draws_for`, of the silences.
    level : float

    Raises
    ------
    ValueError
        The frame is not sorted by time.

    Notes
    -----
    P(gap <= s + w | gap > s) = 1 - S(s + w) / S(s): a silence comes under observation once it has lasted s hours (left
    truncation), so that short gaps, which are most of them, say nothing of it. Kaplan and Meier (1958), and Klein, J. P. and
    Moeschberger, M. L. (2003). Survival analysis, 2nd ed., section 4.6. Greenwood's limits take silences for independent,
    which those of one subscriber are not; a resample therefore draws subscribers.
    """
    gaps = gaps_of(frame, as_of)
    parts = [gaps.lasting(s) for s in after]
    draws = draws or draws_for(max((len(p.hours) for p in parts), default=0))  # more silences than subscribers
    curves = {float(s): kaplan_meier(p.hours, p.ended, level=level) for s, p in zip(after, parts, strict=True)}
    limits = np.asarray(within, dtype=np.float64)
    drawn = [_resampled(part, limits, gaps.subscribers, draws, seed) for part in parts]
    rows, ever = list[tuple[Any, ...]](), list[tuple[Any, ...]]()
    for s, part, shares in zip(after, parts, drawn, strict=True):
        units, ended = len(np.unique(part.subscriber)), int(part.ended.sum())
        ever.append((s, len(part.hours), units, ended, len(part.hours) - ended, part.ended.mean() if units else np.nan))
        low, high = interval(shares, level)
        for i, w in enumerate(within):
            curve, returned = curves[float(s)], int((part.ended & (part.hours <= w)).sum())
            found = [np.nan] * 5
            if curve.units and curve.known(w):
                share, least, most = curve.at(w)
                limits_of = _limits(1 - share, units, level) or (float(low[i]), float(high[i]))
                found = [1 - share, 1 - most, 1 - least, *limits_of]
            rows.append((s, w, len(part.hours), units, returned, *found))
    head = ["after", "within", "silences", "subscribers", "returned"]
    return Returns(
        pd.DataFrame(rows, columns=[*head, "share", "greenwood_low", "greenwood_high", "low", "high"]),
        pd.DataFrame(ever, columns=["after", "silences", "subscribers", "returned", "open", "share"]),
        curves, {"after": list(after), "within": list(within), "draws": draws, "level": level}, seed,
    )  # fmt: skip


def _limits(share: float, subscribers: int, level: float) -> tuple[float, float] | None:
    """Return the interval of a share of none or all, which no resample changes: as if each subscriber were one observation."""
    if 1e-12 < share < 1 - 1e-12:
        return None
    found = rate(round(share) * subscribers, subscribers, level=level)
    return found.low, found.high


def _resampled(part: Gaps, within: Floats, subscribers: int, draws: int, seed: int) -> Floats:
    """Return the share that has returned by each limit, in each resample of subscribers; shape (draws, n_limits)."""
    order = np.argsort(part.hours, kind="stable")
    hours, ended, who = part.hours[order], part.ended[order], part.subscriber[order]
    starts = np.flatnonzero(np.diff(hours, prepend=-1.0) > 0)  # of silences that are of one length
    at = hours[starts].searchsorted(within, side="right")
    out = np.full((draws, len(within)), np.nan)
    if not len(hours):
        return out
    for i, counts in enumerate(
        row for block in unit_counts(subscribers, draws, "inference/returns", seed) for row in block
    ):
        weight = counts[who]
        at_risk = weight[::-1].cumsum()[::-1][starts]
        events = np.add.reduceat(weight * ended, starts)
        if at_risk[0] > 0:
            left = 1 - np.divide(events, at_risk, out=np.zeros(len(starts)), where=at_risk > 0)
            out[i] = 1 - np.append(1.0, left.cumprod())[at]
    return out


def conditional(gaps: Gaps, silent: Floats, within: float) -> Floats:
    """Return the probability that a silence goes on for some hours more, by how long it has lasted.

    Parameters
    ----------
    gaps : Gaps
        What is learnt from.
    silent : array of float, length n_pairs
        Hours of silence so far.
    within : float
        Hours.

    Returns
    -------
    array of float, length n_pairs
        S(s + h) / S(s), from the Kaplan-Meier curve of all gaps, which is that of the gaps of at least s. Beyond the longest
        gap the curve stays where it is; NaN where it has come to 0 by s.
    """
    curve = kaplan_meier(gaps.hours, gaps.ended).table
    steps, survival = curve["time"].to_numpy(), np.append(1.0, curve["survival"].to_numpy())
    now, then = (survival[steps.searchsorted(silent + more, side="right")] for more in (0.0, within))
    return np.divide(then, now, out=np.full(len(silent), np.nan), where=now > 1e-12)
