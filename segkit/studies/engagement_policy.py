"""What segments of engagement are called, and what to do with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ..engine.verdict import NONE
from ..inference.groups import GroupRates
from ..inference.standouts import standouts

FIRST = "Contact first: they close more often than the others."
SAME = "Treat as all others: no difference in closing is shown."
LAST = "Automated messages first: they close less often than the others."
DESCRIBED = "Description only: no handling follows."
HIGHER, LOWER, UNSEEN = "High engagement", "Low engagement", "Mostly not seen online"
TRAITS = {  # what the segment that leads in it by so much is called
    "log_clicks": "Social clickers", "log_forms": "Most forms", "log_sessions": "Frequent visitors",
    "log_pageviews": "Most pages",
}  # fmt: skip
LEADS = 1.0  # standard deviations above the mean of all prospects


@dataclass(frozen=True)
class Handling:
    """What to do with the prospects of one segment.

    Attributes
    ----------
    segment : int
    kind : {"first", "same", "last", "none"}
    action : str
    """

    segment: int
    kind: str
    action: str


def policy(rates: GroupRates, *, verdict: str) -> tuple[Handling, ...]:
    """Return what to do with each segment: whether its rate differs from that of all others beyond chance, of all segments.

    Parameters
    ----------
    rates : GroupRates
        By segment, with differences from all others.
    verdict : str
        Its word; where there is no segmentation nothing is recommended.
    """
    found = standouts(rates.table, level=float(rates.params["level"])) if len(rates.table) > 1 else rates.table.iloc[:0]
    higher = dict(zip(found["group"], found["difference"] > 0, strict=True))
    return tuple(Handling(int(s), *_kind(higher.get(s), verdict)) for s in rates.table["group"])


def _kind(higher: bool | None, verdict: str) -> tuple[str, str]:
    if verdict == NONE:
        return "none", DESCRIBED
    if higher is None:
        return "same", SAME
    return ("first", FIRST) if higher else ("last", LAST)


def names(means: pd.DataFrame, sessions: pd.Series) -> dict[int, str]:
    """Return the name of each segment.

    Two segments are of high and of low engagement. Of more, one that leads in a trait is called by it, and one of which most
    were never seen on the website by that; all others are levels of engagement.

    Parameters
    ----------
    means : DataFrame of shape (n_segments, n_features)
        Mean z-scores, the most engaged segment first.
    sessions : Series
        Median of the sessions, by segment.

    Examples
    --------
    >>> means = pd.DataFrame({"log_clicks": [2.0, 0.1, -0.4], "log_forms": [0.5, 0.2, -1.6]}, index=[3, 1, 2])
    >>> names(means, pd.Series([1.0, 0.0, 3.0], index=[1, 2, 3]))
    {3: 'Social clickers', 1: 'Medium engagement', 2: 'Mostly not seen online'}
    """
    order = [int(s) for s in means.index]
    if len(order) == 2:
        return dict(zip(order, (HIGHER, LOWER), strict=True))
    out: dict[int, str] = {}
    if not sessions[order[-1]]:
        out[order[-1]] = UNSEEN
    leading = sorted(((float(means[t].max()), t) for t in TRAITS if t in means), reverse=True)
    for most, trait in leading:
        first = int(means[trait].idxmax())
        if most >= LEADS and first not in out:
            out[first] = TRAITS[trait]
    rest = [s for s in order if s not in out]
    levels = {1: ("Medium engagement",), 2: ("Higher engagement", "Lower engagement")}.get(len(rest))
    levels = levels or tuple(f"Engagement level {i} of {len(rest)}" for i in range(1, len(rest) + 1))
    return {s: (out | dict(zip(rest, levels, strict=True)))[s] for s in order}


def reason(medians: Mapping[str, float]) -> str:
    """Return why a segment is called so, a clause that follows "for"."""
    told = (("sessions", "session"), ("pageviews", "page view"), ("forms", "form"), ("clicks", "click"))
    counts = [f"{medians[n]:g} {noun}{'' if medians[n] == 1 else 's'}" for n, noun in told]
    return f"a median of {', '.join(counts[:-1])} and {counts[-1]}"
