"""Who does not come back: the risk of silence from what was known at the time, and whether it beats the base rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..engine.matrix import Floats
from ..engine.rankings import auc, ranking, totals
from ..engine.unit_bootstrap import draws_for, interval, unit_counts
from ..features.chat_history import ALIVE, LABELS, history
from ..seeds import generator
from .rates import COVERAGE
from .scores import BINS, ScoreCalibration, recalibrated, score_calibration
from .silence import conditional, gaps_of

HORIZON = 48.0  # hours without a message that count as gone
SNAPSHOTS, FOLDS = 3, 5
FEW = 10  # pairs with, or without, a return below which no model is fitted
BIN = 20  # pairs of a bin of the calibration at least
REFITS = 200  # resamples for intercept and slope, which are fitted anew in each
AT_ONCE = 50  # resamples whose weights of pairs are held at a time
BASE, SILENT, MODEL = "base rate", "time in silence", "model"
FORECASTS = (BASE, SILENT, MODEL)
NUMBERS = tuple(LABELS)


@dataclass(frozen=True)
class Churn:
    """How well it was known who would not return.

    Attributes
    ----------
    table : DataFrame
        One row per forecast ("base rate", "time in silence", "model") of the last snapshot: ``forecast``, ``brier``, ``brier_low``,
        ``brier_high``, ``auc``, ``auc_low``, ``auc_high``, ``mean`` (forecast).
    comparisons : DataFrame
        ``first``, ``second``, ``difference`` of their Brier scores (below 0 the first is better), ``low``, ``high``.
    snapshots : DataFrame
        One row per moment: ``moment``, ``pairs`` asked about, ``subscribers``, ``gone`` (no message within the horizon), ``share``.
    calibration : ScoreCalibration
        Of the model at the last snapshot. Limits of intercept and slope are from resampled subscribers; those of the bins,
        and of DeLong, take pairs for independent.
    coefficients : DataFrame
        Of the model of all snapshots: ``feature``, ``label``, ``odds_ratio`` of being gone per standard deviation.
    now : DataFrame
        One row per pair that is asked about at the end: ``pair``, ``subscriber``, ``silent`` (hours), ``risk`` by the model of all
        snapshots. Of use where the model beats the base rate alone. Not for publishing.
    fitted : bool
        Whether there was enough to learn from and to be tried on.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    comparisons: pd.DataFrame
    snapshots: pd.DataFrame
    calibration: ScoreCalibration
    coefficients: pd.DataFrame
    now: pd.DataFrame = field(repr=False)
    fitted: bool
    params: dict[str, Any]
    seed: int

    def against(self, second: str, first: str = MODEL) -> pd.Series:
        """Return one comparison."""
        return self.comparisons.set_index(["first", "second"]).loc[(first, second)]

    @property
    def beats(self) -> bool:
        """Whether the model is better than the base rate beyond chance."""
        return self.fitted and bool(self.against(BASE)["high"] < 0)

    @property
    def verdict(self) -> str:
        """What can be said of the model."""
        if not self.fitted:
            return "cannot be told"
        return "better than the base rate" if self.beats else "no better than the base rate"

    def to_json(self) -> dict[str, Any]:
        """Return plain values; the risks of single pairs stay in them."""
        return {
            "forecasts": self.table.to_dict("records"), "comparisons": self.comparisons.to_dict("records"),
            "snapshots": self.snapshots.assign(moment=self.snapshots["moment"].astype(str)).to_dict("records"),
            "calibration": self.calibration.to_json(), "coefficients": self.coefficients.to_dict("records"),
            "verdict": self.verdict, "params": self.params,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def churn(
    frame: pd.DataFrame,
    as_of: pd.Timestamp,
    *,
    horizon: float = HORIZON,
    moments: Sequence[pd.Timestamp] | None = None,
    alive_hours: float = ALIVE,
    folds: int = FOLDS,
    seed: int = 42,
    draws: int | None = None,
    level: float = COVERAGE,
) -> Churn:
    """Learn who does not return within some hours at earlier snapshots, and try it at the last one.

    Parameters
    ----------
    frame : DataFrame
        As in `segkit.features.chat_history.history`.
    as_of : Timestamp
        The end of the log; messages after it are not seen.
    horizon : float
        Hours.
    moments : sequence of Timestamp, optional
        Snapshots. The last one is the horizon before the end by default, and two more at equal distances before it: a quarter
        of the log, or the horizon where that is longer.
    alive_hours : float
    folds : int
        Groups of subscribers; what is tried on one is learnt from the others. Fewer where there are not so many.
    seed : int
    draws : int, optional
        Resamples of subscribers; see `segkit.engine.unit_bootstrap.draws_for`.
    level : float

    Raises
    ------
    ValueError
        The frame is not sorted by time, a snapshot lies less than the horizon before the end, or an earlier one less than the
        horizon before the last one: what is learnt from it would not have been known.

    Notes
    -----
    Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly Weather Review, 78, 1-3. The model
    is a logistic regression with a ridge penalty of one on standardised features. Its rivals are the share of those gone at
    all earlier snapshots; and the Kaplan-Meier curve of the gaps up to the last snapshot, of the same subscribers that the
    model learns from, given the silence so far (see `silence.conditional`). Intervals are of resampled subscribers, with all
    their pairs; what was learnt stays as it is.
    """
    at = _moments(frame, as_of, horizon, moments)
    asked = pd.concat([_asked(frame, moment, horizon, alive_hours) for moment in at], ignore_index=True)
    before, last = asked[asked["moment"] < at[-1]], asked[asked["moment"] == at[-1]].reset_index(drop=True)
    codes, names = pd.factorize(pd.concat([last["subscriber"], before["subscriber"]]))
    of_last, of_before = codes[: len(last)], codes[len(last) :]
    who = int(of_last.max(initial=-1)) + 1
    number = min(folds, who)
    fold = np.zeros(len(names), dtype=np.int64)
    if number > 1:
        fold = generator("inference/churn/folds", seed).permutation(len(names)) % number
    known = frame.iloc[: int(frame["time"].searchsorted(at[-1], side="right"))]
    forecasts, fitted = np.full((len(last), len(FORECASTS)), np.nan), number > 1
    share = float(before["gone"].mean()) if len(before) else np.nan
    for f in range(number if fitted else 0):
        own, train = fold[of_last] == f, before[fold[of_before] != f]
        model = _Model.of(train)
        fitted &= model is not None or not own.any()
        if model is None:
            continue
        elsewhere = known[known["subscriber"].isin(names[fold != f])]
        still = conditional(gaps_of(elsewhere, at[-1]), last.loc[own, "silent"].to_numpy(dtype=np.float64), horizon)
        forecasts[own] = np.column_stack(
            [np.full(own.sum(), share), np.nan_to_num(still, nan=share), model.risk(last[own])]
        )
    final, now = _Model.of(asked), history(frame, as_of, alive_hours=alive_hours, recent=horizon)
    draws = draws or draws_for(who)
    table, comparisons, calibration = _judged(
        forecasts if fitted else forecasts * np.nan, last["gone"].to_numpy(dtype=bool), of_last, seed, draws, level
    )
    return Churn(
        table, comparisons, _snapshots(asked, at), calibration, _coefficients(final),
        now[["subscriber", "silent"]].assign(risk=final.risk(now) if final else np.nan).reset_index(), bool(fitted),
        {"horizon": horizon, "alive_hours": alive_hours, "folds": number, "draws": draws, "level": level, "least": BIN}, seed,
    )  # fmt: skip


def _moments(
    frame: pd.DataFrame, as_of: pd.Timestamp, horizon: float, moments: Sequence[pd.Timestamp] | None
) -> list[pd.Timestamp]:
    span = pd.Timedelta(hours=horizon)
    if moments is None:
        first = frame["time"].min() if len(frame) else as_of
        step = max(span, (as_of - first) / (SNAPSHOTS + 1))
        return [as_of - span - step * i for i in range(SNAPSHOTS - 1, -1, -1)]
    at = sorted(moments)
    if not at or at[-1] + span > as_of or any(m + span > at[-1] for m in at[:-1]):
        raise ValueError(
            "snapshots must lie at least the horizon before the end, and earlier ones so much before the last one"
        )
    return at


def _asked(frame: pd.DataFrame, moment: pd.Timestamp, horizon: float, alive_hours: float) -> pd.DataFrame:
    """Return the pairs that are asked about at a moment, and whether they are gone within the horizon."""
    begin, end = (
        int(frame["time"].searchsorted(m, side="right")) for m in (moment, moment + pd.Timedelta(hours=horizon))
    )
    found = history(frame, moment, alive_hours=alive_hours, recent=horizon)
    back = found.index.isin(frame["pair"].iloc[begin:end])
    return found.reset_index().assign(moment=moment, gone=~back)


@dataclass(frozen=True)
class _Model:
    """A logistic regression of being gone on standardised features."""

    centre: pd.Series
    spread: pd.Series
    estimator: Any

    @classmethod
    def of(cls, asked: pd.DataFrame) -> _Model | None:
        """Fit it; None where there are too few pairs of either kind."""
        from sklearn.linear_model import LogisticRegression

        gone = asked["gone"].to_numpy(dtype=bool)
        if min(gone.sum(), (~gone).sum()) < FEW:
            return None
        numbers = asked[list(NUMBERS)]
        spread = numbers.std(ddof=0)
        centre, spread = numbers.mean()[spread > 1e-9], spread[spread > 1e-9]
        estimator = LogisticRegression(C=1.0, max_iter=1000)
        return cls(centre, spread, estimator.fit(((numbers[spread.index] - centre) / spread).to_numpy(), gone))

    def risk(self, asked: pd.DataFrame) -> Floats:
        """Return the probability of being gone."""
        if asked.empty:
            return np.zeros(0)
        scaled = ((asked[self.spread.index] - self.centre) / self.spread).to_numpy()
        return np.asarray(self.estimator.predict_proba(scaled)[:, 1], dtype=np.float64)


def _judged(
    forecasts: Floats, gone: NDArray[np.bool_], who: NDArray[np.int64], seed: int, draws: int, level: float
) -> tuple[pd.DataFrame, pd.DataFrame, ScoreCalibration]:
    """Score the forecasts, compare them, and resample subscribers for the intervals."""
    subscribers = int(who.max(initial=-1)) + 1
    model = forecasts[:, FORECASTS.index(MODEL)]
    bins = int(np.clip(len(gone) // BIN, 1, BINS))
    found = score_calibration(pd.Series(model), pd.Series(gone), bins=bins, least=BIN, level=level)
    if np.isnan(forecasts).any() or not len(gone):
        none = pd.DataFrame({"forecast": FORECASTS}).assign(
            **dict.fromkeys(("brier", "brier_low", "brier_high", "auc", "auc_low", "auc_high", "mean"), np.nan)
        )
        return none, _compared(np.full((2, len(FORECASTS)), np.nan), level), found
    errors = (forecasts - gone[:, None]) ** 2
    sums = np.column_stack([np.bincount(who, weights=e, minlength=subscribers) for e in errors.T])
    size = np.bincount(who, minlength=subscribers)
    ranked = [ranking(f) for f in forecasts.T]
    briers, areas, lines = [errors.mean(axis=0)[None]], list[Floats](), list[tuple[float, float]]()
    for block in unit_counts(subscribers, draws, "inference/churn/bootstrap", seed):
        briers.append((block @ sums) / (block @ size)[:, None])
        for begin in range(0, len(block), AT_ONCE):
            weights = block[begin : begin + AT_ONCE][:, who]
            areas.append(np.column_stack([auc(*totals(r, gone, weights)) for r in ranked]))
        for counts in block[: max(0, REFITS - len(lines))]:
            picked = np.repeat(np.arange(len(gone)), counts[who].astype(np.int64))
            intercept, slope = recalibrated(model[picked], gone[picked], level)
            lines.append((intercept[0], slope[0]))
    drawn = np.concatenate(briers)
    one = np.ones((1, len(gone)))
    value = [float(auc(*totals(r, gone, one))[0]) for r in ranked]
    (low, high), (least, most) = interval(drawn[1:], level), interval(np.concatenate(areas), level)
    table = pd.DataFrame({
        "forecast": FORECASTS, "brier": drawn[0], "brier_low": low, "brier_high": high, "auc": value, "auc_low": least,
        "auc_high": most, "mean": forecasts.mean(axis=0),
    })  # fmt: skip
    return table, _compared(drawn, level), _relimited(found, np.array(lines), level)


def _compared(drawn: Floats, level: float) -> pd.DataFrame:
    """Compare Brier scores; the first row is of the data, the others of resamples."""
    rows = []
    for first, second in ((MODEL, BASE), (MODEL, SILENT), (SILENT, BASE)):
        gap = drawn[:, FORECASTS.index(first)] - drawn[:, FORECASTS.index(second)]
        low, high = interval(gap[1:], level)
        rows.append((first, second, float(gap[0]), float(low), float(high)))
    return pd.DataFrame(rows, columns=["first", "second", "difference", "low", "high"])


def _relimited(found: ScoreCalibration, lines: Floats, level: float) -> ScoreCalibration:
    """Put the limits of resampled subscribers in the place of the normal ones."""
    low, high = interval(lines, level)
    intercept, slope = (
        (line[0], float(low[i]), float(high[i])) for i, line in enumerate((found.intercept, found.slope))
    )
    return replace(found, intercept=intercept, slope=slope)


def _snapshots(asked: pd.DataFrame, at: Sequence[pd.Timestamp]) -> pd.DataFrame:
    found = asked.groupby("moment").agg(
        pairs=("pair", "size"), subscribers=("subscriber", "nunique"), gone=("gone", "sum")
    )
    found = found.reindex(pd.DatetimeIndex(at, name="moment"), fill_value=0).reset_index()
    return found.assign(share=found["gone"] / found["pairs"].where(found["pairs"] > 0))


def _coefficients(model: _Model | None) -> pd.DataFrame:
    names = list(model.spread.index) if model else []
    odds = np.exp(model.estimator.coef_[0]) if model else np.zeros(0)
    return pd.DataFrame({"feature": names, "label": [LABELS[n] for n in names], "odds_ratio": odds})
