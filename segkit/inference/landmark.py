"""Units that both online and offline touches have reached by a landmark, against the others that are open and watched then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..engine.matrix import Floats
from .adjusted import Adjusted, adjusted
from .rates import COVERAGE, Difference, difference, rate
from .times import Survival, kaplan_meier, log_rank, restricted_difference

LANDMARKS = (30, 90)  # days after creation
UNTIL = (180, 365)  # days after the landmark
COLUMNS = (
    "created", "end", "closed", "offline_from", "online_from", "offline", "online", "offline_original", "online_original",
)  # fmt: skip
WATCHED = "watched"  # the column that only the adjusted comparison needs
KINDS = ("offline", "online")


@dataclass(frozen=True)
class Landmark:
    """Closing after landmarks, by what had happened before them.

    Attributes
    ----------
    table : DataFrame
        One row per landmark: ``landmark`` (days after creation), ``units`` (compared), ``exposed``, ``unexposed``,
        ``closed_exposed``, ``closed_unexposed`` (after it), ``gone`` (closed by then), ``short`` (not watched so long),
        ``undated`` (set aside, since it cannot be told whether both touches came in time), ``chi_squared``, ``p`` (log-rank).
    after : DataFrame
        One row per landmark and limit: ``landmark``, ``until`` (days after it), ``share_exposed``, ``share_unexposed``
        (closed by then, Kaplan-Meier), ``difference``, ``low``, ``high``; ``mean_exposed``, ``mean_unexposed`` (days open),
        ``mean_difference``, ``mean_low``, ``mean_high``. NaN where the record does not reach the limit.
    curves : dict of (int, bool) to Survival
        By landmark and exposure, from the landmark on.
    adjusted : dict of (int, int) to Adjusted
        By landmark and limit: shares closed by then, of exposed and unexposed units as if both had the same covariates, with
        overlap weights, among the units of ``table`` whose record reaches the limit whether they close or not. Its ``raw`` is
        the difference of the same units as they are. Empty where there are no covariates.
    dated : bool
        False where the record has no dates of offline, or of online touches: then the original source stands for them.
    raw : Difference
        Shares closed of units that show both touches at the end of the record, however late, and of all others: what the
        landmarks correct.
    raw_p : float
        Log-rank test of the same, from creation on.
    negative : int
        Units that end before they are created, or have no such dates; they take no part.
    params : dict
    """

    table: pd.DataFrame
    after: pd.DataFrame
    curves: dict[tuple[int, bool], Survival]
    adjusted: dict[tuple[int, int], Adjusted]
    dated: bool
    raw: Difference
    raw_p: float
    negative: int
    params: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return plain values; the steps of the curves stay in them."""
        return {
            "landmarks": self.table.to_dict("records"), "after": self.after.to_dict("records"),
            "adjusted": [{"landmark": a, "until": u, "found": f.to_json()} for (a, u), f in self.adjusted.items()],
            "dated": self.dated, "raw": self.raw.to_json(), "raw_p": self.raw_p, "negative": self.negative, "params": self.params,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.after.to_html(index=False, border=0)


def _days(frame: pd.DataFrame, column: str) -> Floats:
    """Return days after creation, NaN where there is no date."""
    return np.asarray((frame[column] - frame["created"]) / pd.Timedelta(days=1), dtype=np.float64)


def _touched(frame: pd.DataFrame, kind: str, at: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which units a kind of touch has reached by a day, and of which that is not known."""
    original = frame[f"{kind}_original"].to_numpy(dtype=bool)
    if frame[f"{kind}_from"].isna().all():
        return original, np.zeros(len(frame), dtype=bool)
    day = _days(frame, f"{kind}_from")
    shown, undated = frame[kind].to_numpy(dtype=bool), np.isnan(day)
    return shown & np.where(undated, original, day <= at), undated & shown & ~original


def landmark(
    frame: pd.DataFrame,
    covariates: pd.DataFrame | None = None,
    *,
    landmarks: Sequence[int] = LANDMARKS,
    until: Sequence[int] = UNTIL,
    level: float = COVERAGE,
) -> Landmark:
    """Compare how units close after a landmark, by whether both kinds of touches had reached them by then.

    Parameters
    ----------
    frame : DataFrame, n_units rows
        ``created``, ``end`` (of closing, or of the record), ``closed`` (bool), ``offline_from``, ``online_from`` (first
        touches, NaT where unknown), ``offline``, ``online`` (bool: any sign of a touch), ``offline_original``,
        ``online_original`` (bool: the original source is one). A sign without a date counts from creation on where the
        original source is one; else the unit is set aside at every landmark at which its exposure hangs on it. With covariates
        also ``watched``: the end of the record, to which the unit would be open had it not closed.
    covariates : DataFrame, n_units rows, optional
        What exposed and unexposed units are to be alike in, in the order of ``frame``; see `adjusted.adjusted`.
    landmarks : sequence of int
        Days after creation.
    until : sequence of int
        Days after each landmark.
    level : float

    Raises
    ------
    ValueError
        A column is missing.

    Notes
    -----
    Who stays open long has time to be touched: comparing units by what they have met in the end credits the touches with
    the time that it took to meet them. Anderson, J. R., Cain, K. C. and Gelber, R. D. (1983). Analysis of survival by tumor
    response. Journal of Clinical Oncology, 1, 710-719. The interval of a difference of shares joins those of the two
    (square-and-add): Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect measures: a general
    approach. Statistics in Medicine, 27, 1693-1702. Touches are not allotted at random, so that no effect is shown.
    """
    wanted = COLUMNS if covariates is None else (*COLUMNS, WATCHED)
    lacking = [c for c in wanted if c not in frame.columns]
    if lacking:
        raise ValueError(f"the frame lacks {', '.join(lacking)}")
    days = _days(frame, "end")
    fine = days >= 0
    own, days = frame[fine], days[fine]
    closed = own["closed"].to_numpy(dtype=bool)
    rows, after, curves = list[dict[str, Any]](), list[dict[str, Any]](), dict[tuple[int, bool], Survival]()
    alike = dict[tuple[int, int], Adjusted]()
    for at in landmarks:
        states = [_touched(own, kind, at) for kind in KINDS]
        sure = [yes | doubtful for yes, doubtful in states]  # may have been touched
        exposed, possible = states[0][0] & states[1][0], sure[0] & sure[1]
        watched = days > at
        known = watched & (exposed == possible)
        t, e, z = days[known] - at, closed[known], exposed[known]
        pair = {arm: kaplan_meier(t[z == arm], e[z == arm], level=level) for arm in (True, False)}
        curves |= {(at, arm): curve for arm, curve in pair.items()}
        chi, p, _ = log_rank(t, e, z)
        rows.append({
            "landmark": at, "units": int(known.sum()), "exposed": int(z.sum()), "unexposed": int((~z).sum()),
            "closed_exposed": int(e[z].sum()), "closed_unexposed": int(e[~z].sum()), "gone": int((~watched & closed).sum()),
            "short": int((~watched & ~closed).sum()), "undated": int((watched & ~known).sum()), "chi_squared": chi, "p": p,
        })  # fmt: skip
        after += [{"landmark": at, "until": limit, **_compared(pair, t, z, limit)} for limit in until]
        if covariates is not None:
            alike |= {(at, limit): _alike(own, known, exposed, covariates[fine], at + limit, level) for limit in until}
    both = (own["offline"] & own["online"]).to_numpy(dtype=bool)
    raw = difference(
        (int(closed[both].sum()), int(closed[~both].sum())), (int(both.sum()), int((~both).sum())), level=level
    )
    dated = all(bool(frame[f"{kind}_from"].notna().any()) for kind in KINDS)
    params = {"landmarks": list(landmarks), "until": list(until), "level": level}
    return Landmark(
        pd.DataFrame(rows), pd.DataFrame(after), curves, alike, dated, raw, log_rank(days, closed, both)[1],
        int((~fine).sum()), params,
    )  # fmt: skip


def _compared(pair: dict[bool, Survival], t: Floats, z: NDArray[np.bool_], limit: int) -> dict[str, float]:
    """Compare exposed and unexposed up to a limit."""
    one, two = (_closed(pair[arm], t[z == arm], limit) for arm in (True, False))
    gap = one[0] - two[0]
    low = gap - np.hypot(one[0] - one[1], two[2] - two[0])
    high = gap + np.hypot(one[2] - one[0], two[0] - two[1])
    means = [
        pair[arm].area(limit)[0] if pair[arm].units and pair[arm].known(limit) else np.nan for arm in (True, False)
    ]
    found = restricted_difference(pair[True], pair[False], limit)
    return {
        "share_exposed": one[0], "share_unexposed": two[0], "difference": gap, "low": low, "high": high,
        "mean_exposed": means[0], "mean_unexposed": means[1], "mean_difference": found[0], "mean_low": found[1],
        "mean_high": found[2],
    }  # fmt: skip


def _alike(
    own: pd.DataFrame,
    known: NDArray[np.bool_],
    exposed: NDArray[np.bool_],
    covariates: pd.DataFrame,
    day: int,
    level: float,
) -> Adjusted:
    """Compare who closed by a day after creation, where exposed and unexposed are alike."""
    old = known & (_days(own, WATCHED) >= day)
    hit = own["closed"].to_numpy(dtype=bool) & (_days(own, "end") <= day)
    return adjusted(pd.Series(exposed[old]), pd.Series(hit[old]), covariates[old], level=level)


def _closed(curve: Survival, times: Floats, limit: int) -> tuple[float, float, float]:
    """Return the share closed by a limit, with its interval; of nobody, as if all who are watched so long were all there are."""
    if not (curve.units and curve.known(limit)):
        return np.nan, np.nan, np.nan
    share, low, high = curve.at(limit)
    if 0 < share < 1:
        return 1 - share, 1 - high, 1 - low
    left = int((times >= limit).sum()) if share == 1 else curve.units
    found = rate(0 if share == 1 else left, left, level=curve.level)
    return found.share, found.low, found.high
