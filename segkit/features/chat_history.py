"""What was known of a pair at a moment: how long it has been silent, and how it wrote before."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .conversations import SECONDS_PER_HOUR, runs

ALIVE = 168.0  # hours of silence above which a pair is no longer asked about
RECENT = 48.0  # hours that are of late
LABELS = {
    "log_silence": "hours silent (log)", "log_messages": "messages (log)", "usual_gap": "usual gap (log)",
    "log_recent": "messages of late (log)", "log_tenure": "hours known (log)", "log_purchases": "purchases (log)",
}  # fmt: skip


def history(
    frame: pd.DataFrame, moment: pd.Timestamp, *, alive_hours: float = ALIVE, recent: float = RECENT
) -> pd.DataFrame:
    """Describe the pairs that are not silent for too long at a moment, from the messages up to it.

    Parameters
    ----------
    frame : DataFrame
        ``pair``, ``subscriber``, ``time``, and ``purchased`` where there is money; sorted by time.
    moment : Timestamp
    alive_hours : float
        Pairs that have been silent for longer are left out.
    recent : float
        Hours of what is late.

    Returns
    -------
    DataFrame
        Indexed by pair, in the order of their first messages: ``subscriber``, ``silent`` (hours), and the features: logarithms of
        one plus hours of silence, messages, messages of late, hours since the first message and purchases; and the mean
        logarithm of one plus the hours between messages, one mean gap of the log added to those of the pair.
    """
    known = frame.iloc[: int(frame["time"].searchsorted(moment, side="right"))]
    found = runs(known)
    hours = (moment.timestamp() - found.seconds) / SECONDS_PER_HOUR  # ago
    own = known.iloc[found.order]
    gap = np.log1p(found.gap / SECONDS_PER_HOUR)
    mean = float(np.nanmean(gap)) if (~found.first).any() else 0.0
    bought = own["purchased"].to_numpy(dtype=np.float64) if "purchased" in own else 0.0
    rows = pd.DataFrame({
        "pair": own["pair"].array, "subscriber": own["subscriber"].array, "hours": hours, "gap": gap, "late": hours < recent,
        "bought": bought,
    }).groupby("pair", sort=False)  # fmt: skip
    size, silent, gaps = rows.size(), rows["hours"].min(), rows["gap"]
    made = pd.DataFrame({
        "subscriber": rows["subscriber"].first(), "silent": silent, "log_silence": np.log1p(silent),
        "log_messages": np.log1p(size), "usual_gap": (gaps.sum() + mean) / (gaps.count() + 1),
        "log_recent": np.log1p(rows["late"].sum()), "log_tenure": np.log1p(rows["hours"].max()),
        "log_purchases": np.log1p(rows["bought"].sum()),
    })  # fmt: skip
    return made[made["silent"] <= alive_hours]
