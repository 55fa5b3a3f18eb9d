"""Which trials the study of conversations proposes; their sizes follow from the record."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..disclosure import common, figures
from ..inference.trials import Question
from ..privacy import SMALL_CELL

RETURNED, BOUGHT, TAKEN = "returned", "bought", "offer taken"  # the outcomes that the record may have
HARM = (
    "Opt-outs: counted in both arms each week; the trial ends where the arm that is tried has more of them, with a one-sided p "
    "below 0.05 at any count.",
    "Complaints: counted alike, and the trial ends by the same rule.",
)
_AS_NOW = "As now"
QUESTIONS = (
    Question(
        "answer_time", "Answers within a quarter of an hour bring more subscribers back within two days.",
        (_AS_NOW, "Messages are answered within fifteen minutes, in staffed hours"),
        "Share of conversations whose pair begins another one within 48 hours", RETURNED, 0.15, 2,
    ),
    Question(
        "usual_hours", "Writing only in hours in which a subscriber usually writes brings more of them back.",
        (_AS_NOW, "Nothing is sent outside of the hours in which the subscriber wrote before"),
        "Share of conversations whose pair begins another one within 48 hours", RETURNED, 0.15, 2,
    ),
    Question(
        "clear_offer", "Offers that say price and content beforehand are taken more often.",
        (_AS_NOW, "Each offer says its price and what it holds, before anything is sent"),
        "Share of offers that are bought", TAKEN, 0.2, 2,
    ),
    Question(
        "later_offer", "A first offer that comes later is more often followed by a purchase.",
        (_AS_NOW, "The first offer comes after ten messages of a pair at the earliest"),
        "Share of pairs with a purchase within a week", BOUGHT, 0.3, 7,
    ),
)  # fmt: skip


def spend_cap(spend: pd.Series) -> float:
    """Return the spending of one subscriber in the trial from which on nothing more is offered.

    Parameters
    ----------
    spend : Series
        What each subscriber spent in the record.

    Returns
    -------
    float
        The 95 % quantile of those who spent anything, or a lower one such that five are above it, in a form that five of them
        have in common; NaN where there is none, or where fewer than ten spent anything.

    Examples
    --------
    >>> spend_cap(pd.Series(range(1001))), spend_cap(pd.Series([1.0] * 9))
    (950.0, nan)
    """
    paid = spend[spend > 0]
    if len(paid) < 2 * SMALL_CELL:
        return math.nan
    value = float(paid.quantile(min(0.95, 1 - SMALL_CELL / len(paid))))
    return figures(common(value, paid.to_numpy(dtype=np.float64)), 2)


def questions(spend: pd.Series | None = None, *, currency: str = "") -> Sequence[Question]:
    """Return what is asked, with the guard-rails of each: opt-outs, complaints, and a cap on what one subscriber spends.

    Parameters
    ----------
    spend : Series, optional
        See `spend_cap`; without it, or where few spent anything, the cap has no amount.
    currency : str
    """
    cap = math.nan if spend is None else spend_cap(spend)
    amount = "an amount set beforehand" if math.isnan(cap) else f"{cap:,g} {currency}".strip()
    rail = (
        f"Spending: {amount} in the trial is the most for one subscriber; whoever reaches it gets none of its offers."
    )
    return [
        Question(q.key, q.hypothesis, q.arms, q.metric, q.outcome, q.lift, q.days, (*HARM, rail)) for q in QUESTIONS
    ]
