"""A randomised experiment beside the comparison that was not randomised, on the same customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .contrasts import cochran_q, mean_difference
from .rates import COVERAGE, difference

CONTROL, MULTICHANNEL = "No E-Mail", "Multichannel"
SHARES, MEANS = ("visit", "conversion"), ("spend",)
ANY = "any e-mail"


@dataclass(frozen=True)
class Experiment:
    """What an e-mail did, and how customers of several channels differ from those of one.

    Attributes
    ----------
    raw : DataFrame
        Among the untreated, one row per outcome and channel: ``outcome``, ``channel``, ``units``, ``mean`` (a share, or spend),
        and multichannel customers less those of the channel: ``difference``, ``low``, ``high``. Nobody was put into a channel
        at random.
    effects : DataFrame
        One row per outcome and arm, and for any treatment: ``outcome``, ``arm``, ``units``, ``control`` (units), ``mean``,
        ``control_mean``, ``effect``, ``low``, ``high``. Arms are randomised: these are effects.
    by_channel : DataFrame
        The effect of any treatment within each channel: ``outcome``, ``channel``, ``units``, ``control``, ``effect``, ``low``,
        ``high``.
    interaction : DataFrame
        Whether that effect differs between channels: ``outcome``, ``chi_squared``, ``p``, ``freedom`` (Cochran's Q).
    balanced : float
        p of a chi-squared test that arms and channels go together, which randomised arms do not.
    params : dict
    """

    raw: pd.DataFrame
    effects: pd.DataFrame
    by_channel: pd.DataFrame
    interaction: pd.DataFrame
    balanced: float
    params: dict[str, Any]

    @property
    def table(self) -> pd.DataFrame:
        """The randomised effects."""
        return self.effects

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        parts = {
            "raw": self.raw,
            "effects": self.effects,
            "by_channel": self.by_channel,
            "interaction": self.interaction,
        }
        return {k: v.to_dict("records") for k, v in parts.items()} | {"balanced": self.balanced, "params": self.params}

    def _repr_html_(self) -> str:
        return self.effects.to_html(index=False, border=0)


def _gap(one: pd.Series, two: pd.Series, outcome: str, level: float) -> tuple[float, float, float]:
    """Compare two groups in an outcome: Newcombe's interval for shares, Welch's for means."""
    if outcome in MEANS:
        return mean_difference(one, two, level=level)
    found = difference((int(one.sum()), int(two.sum())), (len(one), len(two)), level=level)
    return found.difference, found.low, found.high


def experiment(
    frame: pd.DataFrame, *, control: str = CONTROL, multichannel: str = MULTICHANNEL, level: float = COVERAGE
) -> Experiment:
    """Tell what randomised e-mails did, beside how customers of channels differ without them.

    Parameters
    ----------
    frame : DataFrame, n_customers rows
        ``channel``, ``segment`` (the arm), ``visit``, ``conversion`` (0 or 1), ``spend``; none missing.
    control, multichannel : str
        The arm without treatment, and the channel of those who use several.
    level : float

    Raises
    ------
    ValueError
        A column, the control or the multichannel customers are missing, a value is missing, or an outcome is neither 0 nor 1.

    Notes
    -----
    Made for Hillstrom, K. (2008). The MineThatData e-mail analytics and data mining challenge. The intervals of shares are
    Newcombe's, those of spend Welch's.
    """
    _check(frame, control, multichannel)
    outcomes, treated = (*SHARES, *MEANS), frame["segment"] != control
    channels = [multichannel, *sorted(c for c in frame["channel"].unique() if c != multichannel)]
    arms = [*sorted(a for a in frame["segment"].unique() if a != control)]
    raw, effects, inside, tests = [], [], [], []
    for outcome in outcomes:
        values = frame[outcome]
        of = {c: values[~treated & (frame["channel"] == c)] for c in channels}
        for c in channels:
            gap = (np.nan,) * 3 if c == multichannel else _gap(of[multichannel], of[c], outcome, level)
            raw.append((outcome, c, len(of[c]), _mean(of[c]), *gap))
        base = values[~treated]
        for arm in [*arms, ANY]:
            own = values[treated if arm == ANY else frame["segment"] == arm]
            means = (len(own), len(base), _mean(own), _mean(base))
            effects.append((outcome, arm, *means, *_gap(own, base, outcome, level)))
        spreads = []
        for c in channels:
            own = values[treated & (frame["channel"] == c)]
            inside.append((outcome, c, len(own), len(of[c]), *_gap(own, of[c], outcome, level)))
            # Of a share too: x (1 - x) / (n - 1) is its variance.
            spreads.append(sum(g.var() / len(g) if len(g) > 1 else np.nan for g in (own, of[c])))
        gaps = np.array([row[4] for row in inside[-len(channels) :]], dtype=np.float64)
        tests.append((outcome, *cochran_q(gaps, np.array(spreads, dtype=np.float64))))
    limits = ["low", "high"]
    return Experiment(
        pd.DataFrame(raw, columns=["outcome", "channel", "units", "mean", "difference", *limits]),
        pd.DataFrame(
            effects, columns=["outcome", "arm", "units", "control", "mean", "control_mean", "effect", *limits]
        ),
        pd.DataFrame(inside, columns=["outcome", "channel", "units", "control", "effect", *limits]),
        pd.DataFrame(tests, columns=["outcome", "chi_squared", "p", "freedom"]),
        _independent(frame), {"control": control, "multichannel": multichannel, "level": level},
    )  # fmt: skip


def _mean(values: pd.Series) -> float:
    return float(values.mean()) if len(values) else np.nan


def _independent(frame: pd.DataFrame) -> float:
    from scipy.stats import chi2_contingency

    counts = pd.crosstab(frame["channel"], frame["segment"])
    return float(chi2_contingency(counts).pvalue) if min(counts.shape) > 1 else np.nan


def _check(frame: pd.DataFrame, control: str, multichannel: str) -> None:
    needed = ["channel", "segment", *SHARES, *MEANS]
    lacking = [c for c in needed if c not in frame.columns]
    if lacking:
        raise ValueError(f"the frame lacks {', '.join(lacking)}")
    for column in needed:
        if frame[column].isna().any():
            raise ValueError(f"{column} has a missing value")
    for column in SHARES:
        if not frame[column].isin([0, 1]).all():
            raise ValueError(f"{column} has a value that is neither 0 nor 1")
    for column, value in (("segment", control), ("channel", multichannel)):
        if not (frame[column] == value).any():
            raise ValueError(f"{column} is never {value!r}")
