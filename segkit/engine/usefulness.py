"""Do segments predict who is active next, and do simpler orders do it better."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..privacy import suppressed
from .forecasts import Forecast
from .matrix import Floats
from .rankings import Ranking, auc, lift, ranking, totals
from .unit_bootstrap import draws_for, interval, unit_counts

TOP = 0.1  # the share of the list of which the lift is told
BINS = 10  # groups of forecasts that are compared with what happened


@dataclass(frozen=True)
class Usefulness:
    """How well each policy tells who is active in the window after a date.

    Attributes
    ----------
    table : DataFrame
        One row per date and policy: ``date``, ``policy``, ``units``, ``active``, ``auc``, ``auc_low``, ``auc_high``,
        ``lift``, ``lift_low``, ``lift_high`` (in the first tenth of the list).
    summary : DataFrame
        The means of the dates, by policy: ``policy``, ``auc``, ``lift`` and their intervals.
    comparisons : DataFrame
        The segments less each rival, paired: ``rival``, ``auc``, ``lift`` and their intervals.
    groups : DataFrame
        One row per date and segment: ``date``, ``segment``, ``units``, ``active``, ``expected`` (the share that was
        predicted), ``events`` (mean per unit), ``events_low``, ``events_high``, ``hidden`` (too few units to be shown).
    calibration : DataFrame
        One row per date and policy: ``expected`` and ``observed`` share, ``brier``, and of the Brier score of forecasts
        in groups ``reliability``, ``resolution``, ``uncertainty``.
    bins : DataFrame
        The groups: ``date``, ``policy``, ``bin``, ``units``, ``active``, ``expected``.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    summary: pd.DataFrame
    comparisons: pd.DataFrame
    groups: pd.DataFrame
    calibration: pd.DataFrame
    bins: pd.DataFrame
    params: dict[str, Any]
    seed: int

    def of(self, policy: str) -> pd.Series:
        """Return the summary of one policy."""
        return self.summary.set_index("policy").loc[policy]

    def against(self, rival: str) -> pd.Series:
        """Return the comparison of the segments with one rival."""
        return self.comparisons.set_index("rival").loc[rival]

    def to_json(self) -> dict[str, Any]:
        """Return each policy under its name, the comparisons and the parameters."""
        scores = self.calibration.groupby("policy")[["brier", "reliability", "resolution", "uncertainty"]].mean()
        return {
            **{str(r["policy"]): {k: v for k, v in r.items() if k != "policy"} | scores.loc[r["policy"]].to_dict()
               for r in self.summary.to_dict("records")},
            "segments_less": self.comparisons.set_index("rival").to_dict("index"),
            "by_date": self.table.drop(columns="active").to_dict("records"),
            "params": self.params,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.summary.to_html(index=False, border=0)


class Panel:
    """Forecasts at several dates over one set of units, so that a unit is drawn with all its dates.

    Only policies that are there at every date take part.

    Parameters
    ----------
    forecasts : sequence of Forecast
    in_order : Index
        All units in canonical order, so that a resample does not depend on their names.
    """

    def __init__(self, forecasts: Sequence[Forecast], in_order: pd.Index) -> None:
        self.forecasts = forecasts
        seen = forecasts[0].segment.index
        for f in forecasts[1:]:
            seen = seen.union(f.segment.index, sort=False)
        self.units = in_order[in_order.isin(seen)]
        self.places = [self.units.get_indexer(f.segment.index) for f in forecasts]
        self.policies = tuple(p for p in forecasts[0].policies if all(p in f.policies for f in forecasts))
        self.rankings: list[list[Ranking]] = [[ranking(f.order[p]) for p in self.policies] for f in forecasts]
        self.active = [f.active.to_numpy() for f in forecasts]

    def ones(self) -> Floats:
        """Return the counts of the data themselves."""
        return np.ones((1, len(self.units)))

    def resamples(self, name: str, seed: int, draws: int) -> Iterator[Floats]:
        """Yield how often each unit is drawn, some resamples at a time."""
        return unit_counts(len(self.units), draws, name, seed)


def _scores(panel: Panel, counts: Floats) -> tuple[Floats, Floats]:
    """Return AUC and lift, each of shape (n_samples, n_dates, n_policies)."""
    out = np.empty((2, len(counts), len(panel.forecasts), len(panel.policies)))
    for d, places in enumerate(panel.places):
        own = counts[:, places]
        for p, ranked in enumerate(panel.rankings[d]):
            units, hits = totals(ranked, panel.active[d], own)
            out[0, :, d, p], out[1, :, d, p] = auc(units, hits), lift(units, hits, TOP)
    return out[0], out[1]


def _mean_events(panel: Panel, counts: Floats, k: int) -> Floats:
    """Return the mean number of events by segment, of shape (n_samples, n_dates, k)."""
    out = np.full((len(counts), len(panel.forecasts), k), np.nan)
    for d, (f, places) in enumerate(zip(panel.forecasts, panel.places, strict=True)):
        member = (f.segment.to_numpy()[:, None] == np.arange(1, k + 1)).astype(np.float64)
        own = counts[:, places]
        size, events = own @ member, own @ (member * f.events.to_numpy()[:, None])
        np.divide(events, size, out=out[:, d], where=size > 0)
    return out


def usefulness(
    forecasts: Sequence[Forecast],
    in_order: pd.Index,
    *,
    k: int,
    seed: int,
    draws: int | None = None,
    level: float = 0.95,
) -> Usefulness:
    """Judge every policy at every date by what happened after it.

    Parameters
    ----------
    forecasts : sequence of Forecast
        At least one, in the order of their dates.
    in_order : Index
        All units in canonical order.
    k : int
        Segments.
    seed : int
    draws : int, optional
        Resamples of units; see `draws_for`.
    level : float
        Of the percentile intervals.

    Notes
    -----
    A resample draws units, each with all of its dates. What was learnt at the earlier dates stays as it is, so the
    intervals do not hold the uncertainty of learning.
    """
    panel = Panel(forecasts, in_order)
    policies = panel.policies
    draws = draws or draws_for(len(panel.units))
    point = _scores(panel, panel.ones())
    drawn = [
        (*_scores(panel, c), _mean_events(panel, c, k)) for c in panel.resamples("usefulness/bootstrap", seed, draws)
    ]
    spread = [np.concatenate([part[i] for part in drawn]) for i in range(3)]
    dates = [f.when for f in forecasts]
    rows: list[pd.DataFrame] = []
    summary: dict[str, Floats] = {}
    rivals: dict[str, Floats] = {}
    for name, values, samples in zip(("auc", "lift"), point, spread, strict=False):
        low, high = interval(samples, level)
        rows.append(pd.DataFrame({name: values[0].ravel(), f"{name}_low": low.ravel(), f"{name}_high": high.ravel()}))
        mean, means = values[0].mean(axis=0), samples.mean(axis=1)
        less, lesses = mean[0] - mean[1:], means[:, :1] - means[:, 1:]
        for into, at, over in ((summary, mean, means), (rivals, less, lesses)):
            low, high = interval(over, level)
            into.update({name: at, f"{name}_low": low, f"{name}_high": high})
    head = pd.DataFrame(
        [(f.when, p, len(f.segment), int(f.active.sum())) for f in forecasts for p in policies],
        columns=["date", "policy", "units", "active"],
    )
    low, high = interval(spread[2], level)
    mean = _mean_events(panel, panel.ones(), k)[0]
    bins = pd.concat([binned(f, p) for f in forecasts for p in policies], ignore_index=True)
    return Usefulness(
        table=pd.concat([head, *rows], axis=1),
        summary=pd.DataFrame({"policy": policies, **summary}),
        comparisons=pd.DataFrame({"rival": policies[1:], **rivals}),
        groups=pd.concat(
            [_groups(f, k).assign(events=mean[d], events_low=low[d], events_high=high[d]) for d, f in enumerate(forecasts)],
            ignore_index=True,
        ),
        calibration=pd.DataFrame([calibration(f, p) for f in forecasts for p in policies]),
        bins=bins,
        params={
            "dates": dates, "learnt": [f.learnt for f in forecasts], "draws": draws, "level": level, "top": TOP, "k": k,
            "agreement": [f.agreement for f in forecasts],
        },
        seed=seed,
    )  # fmt: skip


def _groups(f: Forecast, k: int) -> pd.DataFrame:
    """Count units and active units by segment."""
    by, number = f.segment.to_numpy(), np.arange(1, k + 1)
    units = np.array([(by == j).sum() for j in number])
    active = np.array([f.active.to_numpy()[by == j].sum() for j in number])
    rates = f.rate["segments"].to_numpy()
    expected = [float(rates[by == j][0]) if (by == j).any() else np.nan for j in number]
    frame = pd.DataFrame({"date": f.when, "segment": number, "units": units, "active": active, "expected": expected})
    small = [suppressed(counts) for counts in (frame["units"], frame["active"], frame["units"] - frame["active"])]
    return frame.assign(hidden=small[0] | small[1] | small[2])


def binned(f: Forecast, policy: str) -> pd.DataFrame:
    """Put the forecasts of a policy into groups of much the same expected share, equal forecasts together."""
    expected = f.rate[policy].to_numpy()
    group = expected
    if len(np.unique(expected)) > BINS:
        edges = np.unique(np.quantile(expected, np.arange(1, BINS) / BINS))
        group = np.searchsorted(edges, expected, side="right")
    _, number = np.unique(group, return_inverse=True)
    units = np.bincount(number)
    return pd.DataFrame(
        {"date": f.when, "policy": policy, "bin": np.arange(len(units)), "units": units,
         "active": np.bincount(number, weights=f.active.to_numpy()).astype(int),
         "expected": np.bincount(number, weights=expected) / units}
    )  # fmt: skip


def calibration(f: Forecast, policy: str) -> dict[str, Any]:
    """Compare expected shares with what happened.

    Notes
    -----
    Brier, G. W. (1950), Monthly Weather Review, 78, 1-3. Of the forecasts in groups, the score is reliability less resolution
    plus uncertainty: Murphy, A. H. (1973), Journal of Applied Meteorology, 12, 595-600.
    """
    bins, y = binned(f, policy), f.active.to_numpy()
    weight, seen, base = bins["units"] / len(y), bins["active"] / bins["units"], y.mean()
    return {
        "date": f.when, "policy": policy, "expected": float(f.rate[policy].mean()), "observed": float(base),
        "brier": float(((f.rate[policy].to_numpy() - y) ** 2).mean()),
        "reliability": float((weight * (bins["expected"] - seen) ** 2).sum()),
        "resolution": float((weight * (seen - base) ** 2).sum()), "uncertainty": float(base * (1 - base)),
    }  # fmt: skip
