"""A made-up randomised experiment with e-mails, of which the effects are known and the past of the customers is not random.

It stands in for that of K. Hillstrom (2008): 64,000 customers who had bought by phone, on the web, or both, of whom two thirds
were sent one of two e-mails by lot. The constants are shares, rates and quantiles of the published file by channel and arm,
rounded; no record of it is used. Who had bought on several channels had spent more, and visits and buys more often without any
e-mail: that is a difference of customers, and no effect of channels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segkit.data.experiment import ARMS, COLUMNS
from segkit.seeds import ROOT, generator

from .made import Simulated

Floats = NDArray[np.float64]

ROWS = 64_000
RECENCY = (
    0.140,
    0.118,
    0.092,
    0.079,
    0.070,
    0.072,
    0.064,
    0.055,
    0.101,
    0.118,
    0.055,
    0.036,
)  # months since a purchase, from 1
ZIP_CODES = {"Rural": 0.149, "Surburban": 0.450, "Urban": 0.401}  # as the file spells it
BREAKS = (100, 200, 350, 500, 750, 1_000)  # dollars
SEGMENTS = (
    "1) $0 - $100", "2) $100 - $200", "3) $200 - $350", "4) $350 - $500", "5) $500 - $750", "6) $750 - $1,000", "7) $1,000 +",
)  # fmt: skip
LEAST, MOST = 29.99, 3_500.0  # dollars of the past year
SPENT_MEDIAN, SPENT_SPREAD, SPENT_MOST = 81.0, 0.9, 499.0  # dollars of a purchase after the e-mail, lognormal


@dataclass(frozen=True)
class _Past:
    """The customers of a channel: share; dollars of the past year; share of each kind of goods, and of new ones; and their rates.

    Dollars are ``floor`` plus lognormal. ``visit`` and ``conversion`` are rates without an e-mail.
    """

    share: float
    floor: float
    median: float
    spread: float
    one_kind: float
    newbie: float
    visit: float
    conversion: float


CHANNELS = {
    "Phone": _Past(0.438, 0.0, 131.5, 0.95, 0.46, 0.49, 0.087, 0.0054),
    "Web": _Past(0.441, 0.0, 131.5, 0.95, 0.46, 0.49, 0.119, 0.0058),
    "Multichannel": _Past(0.121, 200.0, 250.0, 0.70, 0.37, 0.60, 0.129, 0.0069),
}
EFFECTS = {
    "Mens E-Mail": (0.0766, 0.0068),
    "Womens E-Mail": (0.0452, 0.0031),
}  # on the rates of visits and of conversions
BY_HISTORY = 0.15  # visits grow with this power of the dollars of the past year


@dataclass(frozen=True)
class SimulatedExperiment(Simulated):
    """A simulated experiment.

    Attributes
    ----------
    frame : DataFrame
        One row per customer; text columns, named and written as in the published file.
    truth : Series
        The channel of each customer's past, by the row of the file: the header is row 1.
    true : dict
        By e-mail: the effects on ``visit`` and on ``conversion``, as differences of shares, the same in every channel.
    untreated : dict
        By channel: the shares without an e-mail.
    """

    truth: pd.Series
    true: dict[str, dict[str, float]]
    untreated: dict[str, dict[str, float]]


def simulate_experiment(seed: int = ROOT, rows: int = ROWS) -> SimulatedExperiment:
    """Simulate an experiment.

    Parameters
    ----------
    seed : int
        The root seed.
    rows : int

    Returns
    -------
    SimulatedExperiment

    Examples
    --------
    >>> made = simulate_experiment(42, rows=900)
    >>> made.frame.shape, made.true["Mens E-Mail"]["visit"]
    ((900, 12), 0.0766)
    """
    rng = generator("simulate/experiment", seed)
    pasts = list(CHANNELS.values())
    which = rng.choice(len(pasts), rows, p=[past.share for past in pasts])
    arm = rng.integers(0, len(ARMS), rows)  # by lot, equally likely

    def of(name: str) -> Floats:
        return np.array([getattr(past, name) for past in pasts])[which]

    grown = of("floor") + of("median") * np.exp(of("spread") * rng.normal(size=rows))
    history = np.clip(grown, LEAST, MOST).round(2)
    kind, one = rng.random(rows), of("one_kind")
    pull = history**BY_HISTORY
    pull /= np.array([pull[which == number].mean() for number in range(len(pasts))])[which]
    effect = np.array([EFFECTS.get(name, (0.0, 0.0)) for name in ARMS])[arm]
    draw = rng.random(rows)  # one for both, since who buys has visited
    visit = draw < of("visit") * pull + effect[:, 0]
    bought = draw < of("conversion") + effect[:, 1]
    paid = np.clip(SPENT_MEDIAN * np.exp(SPENT_SPREAD * rng.normal(size=rows)), LEAST, SPENT_MOST).round(2)
    columns = {
        "recency": rng.choice(np.arange(1, 13), rows, p=np.array(RECENCY) / sum(RECENCY)),
        "history_segment": np.array(SEGMENTS)[np.searchsorted(BREAKS, history, side="right")],
        "history": _plain(history),
        "mens": ((kind < one) | (kind >= 2 * one)).astype(int),  # who is of neither single kind bought both
        "womens": (kind >= one).astype(int),
        "zip_code": rng.choice(list(ZIP_CODES), rows, p=list(ZIP_CODES.values())),
        "newbie": (rng.random(rows) < of("newbie")).astype(int),
        "channel": np.array(list(CHANNELS))[which],
        "segment": np.array(ARMS)[arm],
        "visit": visit.astype(int),
        "conversion": bought.astype(int),
        "spend": _plain(np.where(bought, paid, 0)),
    }
    frame = pd.DataFrame({name: pd.Series(columns[name]).astype("str") for name in COLUMNS})
    truth = frame["channel"].set_axis(pd.RangeIndex(2, rows + 2, name="row"))
    true = {name: {"visit": v, "conversion": c} for name, (v, c) in EFFECTS.items()}
    untreated = {name: {"visit": past.visit, "conversion": past.conversion} for name, past in CHANNELS.items()}
    return SimulatedExperiment(frame, truth, true, untreated)


def _plain(dollars: Floats) -> list[str]:
    """Write dollars without needless zeros, as the published file does."""
    return [f"{x:.2f}".rstrip("0").rstrip(".") for x in dollars]
