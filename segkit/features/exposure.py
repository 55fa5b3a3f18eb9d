"""Features in days on which the log was watched: exposure, in place of the calendar."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from ..data.breaks import Breaks
from .measures import Measures
from .table import SECONDS_PER_DAY


def in_watched_days(frame: pd.DataFrame, as_of: datetime, found: Breaks, measures: Measures) -> pd.DataFrame:
    """Return features with recency and tenure in watched days; all others are as they were.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_features)
        Recency and tenure in days of the calendar.
    as_of : datetime
        The moment from which recency counts.
    found : Breaks
    measures : Measures

    Notes
    -----
    A unit that could not be seen was not silent: time at risk is the time under observation. Andersen, P. K., Borgan, Ø.,
    Gill, R. D. and Keiding, N. (1993). Statistical Models Based on Counting Processes, section III.4 (filtering).
    """
    recency, tenure = measures.recency.name, measures.tenure.name
    end = np.datetime64(as_of, "us")
    last = end - _duration(frame[recency])
    first = last - _duration(frame[tenure])
    return frame.assign(
        **{recency: frame[recency] - found.silent(last, end), tenure: frame[tenure] - found.silent(first, last)}
    )


def _duration(days: pd.Series) -> np.ndarray:
    return np.round(days.to_numpy(dtype=np.float64) * SECONDS_PER_DAY).astype("timedelta64[s]")
