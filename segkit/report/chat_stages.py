"""The published stages, which look ahead: facts and a table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..features.chat_stages import AFTER, BEFORE, BETWEEN, StageCounts
from .channel_gaps import real
from .prose import count, percent
from .show import Shown, table

DEFINED = {
    BEFORE: "up to and with the first purchase; all messages of pairs that bought nothing",
    BETWEEN: "after the first purchase, up to and with the last one",
    AFTER: "after the last purchase",
}
DASH = " A dash stands for what cannot be told."


def whole(value: Any) -> int | None:
    """Return a count that the gate may have taken away.

    >>> whole(3.0), whole(float("nan")), whole(None)
    (3, None, None)
    """
    return None if pd.isna(value) else int(value)


@dataclass(frozen=True)
class Published:
    """What the page tells of the published stages.

    Attributes
    ----------
    there : bool
        Whether the log has money, without which there are none.
    rows, ahead, after : int or None
        Messages; those whose stage was unknown when they were written; those after a first purchase. None where it may not
        be told.
    leak, after_share : float
        Share of all messages, and of those after a first purchase, whose stage was unknown.
    pairs, buyers, again : int or None
        Pairs, those that bought, and those that bought more than once.
    """

    there: bool
    rows: int | None = None
    ahead: int | None = None
    after: int | None = None
    leak: float = math.nan
    after_share: float = math.nan
    pairs: int | None = None
    buyers: int | None = None
    again: int | None = None

    @property
    def told(self) -> bool:
        """Whether it may be told how many messages have a stage that was unknown."""
        return self.there and None not in (self.rows, self.ahead, self.after) and math.isfinite(self.leak)


def published(found: StageCounts | None) -> Published:
    """Collect what sentences tell of the published stages; None of a log without money."""
    if found is None:
        return Published(False)
    rows = found.table.set_index("stage")
    ahead, after = real(rows["unknown"].sum(skipna=False)), real(rows.loc[[BETWEEN, AFTER], "rows"].sum(skipna=False))
    return Published(
        True, whole(rows["rows"].sum(skipna=False)), whole(ahead), whole(after), real(found.leak),
        ahead / after if after else math.nan, whole(found.pairs), whole(found.buyers), whole(found.again),
    )  # fmt: skip


def published_table(found: StageCounts) -> Shown:
    """Show the published stages: what they are, how many messages they have, and of how many that was unknown."""
    rows, known = found.table, published(found)
    size = rows["rows"].astype("float64")
    frame = pd.DataFrame({
        "stage": [str(s) for s in rows["stage"]], "messages": size, "share": size / (known.rows or np.nan),
        "pairs": rows["pairs"].astype("float64"), "ahead": rows["unknown"].astype("float64") / size.where(size > 0),
        "is": [DEFINED[int(s)] for s in rows["stage"]],
    })  # fmt: skip
    finding = (
        f"Of {percent(known.leak)} of the messages, the stage was unknown when they were written"
        if known.told
        else "The published stages"
    )
    dash = DASH if frame.isna().any(axis=None) else ""
    return table(
        frame, "tbl-published-stages",
        f"**{finding}.** Pairs: with a message in the stage; one pair may be in several. Looks ahead: share of the messages whose "
        f"stage follows from what came later.{dash}",
        {"messages": count, "share": percent, "pairs": count, "ahead": lambda v: percent(v, 0)},
        headings={"is": "what is in it", "share": "of all messages", "ahead": "looks ahead"}, export=rows, stack=True,
    )  # fmt: skip
