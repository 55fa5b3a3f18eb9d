"""Shares closed within fixed times, among the units that are old enough to be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from .groups import compared, names_of
from .rates import COVERAGE

HORIZONS = (90, 180, 365)  # days


@dataclass(frozen=True)
class Horizons:
    """Rates of closing within fixed times.

    Attributes
    ----------
    table : DataFrame
        One row per horizon and group: ``horizon`` (days) and the columns of `groups.GroupRates.table`; ``units`` are those
        created so long before the end of the record.
    reference : object
        None for all others.
    unknown : int
        Units without a group or a date of creation, which take no part.
    negative : int
        Units that were closed before they were created, which take no part.
    params : dict
    """

    table: pd.DataFrame
    reference: Any
    unknown: int
    negative: int
    params: dict[str, Any]

    def at(self, horizon: int) -> pd.DataFrame:
        """Return the rows of one horizon."""
        return self.table[self.table["horizon"] == horizon].drop(columns="horizon").reset_index(drop=True)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "rates": self.table.to_dict("records"), "reference": self.reference, "unknown": self.unknown,
            "negative": self.negative, "params": self.params,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def conversion(
    groups: pd.Series,
    created: pd.Series,
    closed: pd.Series,
    as_of: pd.Timestamp,
    horizons: Sequence[int] = HORIZONS,
    *,
    reference: Any = None,
    order: Sequence[Any] | None = None,
    level: float = COVERAGE,
) -> Horizons:
    """Return the share of each group that closed within so many days of its creation.

    Parameters
    ----------
    groups : Series of length n_units
    created, closed : Series of datetime
        ``closed`` is NaT where the unit is open; all in one order.
    as_of : Timestamp
        The end of the record. Only units created at least the horizon before it count, whether they closed or not: a young
        unit that has closed already would count where its equals that are still open do not.
    horizons : sequence of int
        Days.
    reference : object, optional
        A group; differences are from all others where there is none.
    order : sequence, optional
        As in `groups.rates_by`.
    level : float

    Raises
    ------
    ValueError
        The lengths differ, or the reference is none of the groups.
    """
    if not len(groups) == len(created) == len(closed):
        raise ValueError("there must be one group, one date of creation and one of closing per unit")
    frame = pd.DataFrame({"group": groups.array, "created": created.array, "closed": closed.array})
    unknown = frame["group"].isna() | frame["created"].isna()
    negative = ~unknown & (frame["closed"] < frame["created"])
    frame = frame[~unknown & ~negative]
    names = names_of(frame["group"], order)
    blocks = []
    for horizon in horizons:
        span = pd.Timedelta(days=horizon)
        old = frame[frame["created"] + span <= as_of]
        hit = old["closed"] - old["created"] <= span
        counts = hit.groupby(old["group"], observed=True).agg(["sum", "size"]).reindex(names, fill_value=0)
        block = compared(names, counts["sum"].tolist(), counts["size"].tolist(), reference=reference, level=level)
        block.insert(0, "horizon", horizon)
        blocks.append(block)
    table = pd.concat(blocks, ignore_index=True)
    params = {"horizons": list(horizons), "level": level, "reference": reference}
    return Horizons(table, reference, int(unknown.sum()), int(negative.sum()), params)
