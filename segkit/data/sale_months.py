"""Which months of a table of sales are complete."""

from __future__ import annotations

from datetime import date

import pandas as pd

COVERED = 0.5  # share of a month's days from which on it is complete
FAR_BELOW = 0.1  # of the median of the months beside it
BESIDE = 3


def complete_months(cells: pd.DataFrame, as_of: date | None) -> tuple[pd.DatetimeIndex, pd.DataFrame]:
    """Return the complete months, and those that are not.

    Only the first and the last month can be incomplete. Either is where less than half of its days lie between the first and
    the last order; or where its revenue is below a tenth of the median of the three months beside it, which is what a table
    looks like that was exported before all sales of the month were entered. The last month is incomplete, too, where it goes
    on after ``as_of``. All months between the others are complete, also those without any sale.

    Parameters
    ----------
    cells : DataFrame
        With ``month``, ``revenue``, ``lines``, and ``first`` and ``last`` day of an order.
    as_of : date, optional
        The last day whose orders count.

    Returns
    -------
    DatetimeIndex
        First days of the complete months.
    DataFrame
        Of the others ``month``, ``days`` (share of its days within the data), ``lines``, ``revenue`` and ``why``.

    Examples
    --------
    >>> days = pd.date_range("2024-01-01", "2024-04-08")
    >>> daily = pd.DataFrame({"month": days.to_period("M").start_time, "revenue": 1.0, "lines": 1, "first": days, "last": days})
    >>> months, dropped = complete_months(daily, None)
    >>> len(months), dropped["why"].tolist()
    (3, ['the data have less than half of its days'])
    """
    by = cells.groupby("month").agg(
        revenue=("revenue", "sum"), lines=("lines", "sum"), first=("first", "min"), last=("last", "max")
    )
    first, last = pd.Timestamp(by["first"].min()), pd.Timestamp(by["last"].max())
    months = pd.date_range(by.index.min(), by.index.max(), freq="MS", unit="us")
    revenue = by["revenue"].reindex(months, fill_value=0.0)
    dropped = []
    for at in dict.fromkeys((0, len(months) - 1)):
        month = months[at]
        end = month + pd.offsets.MonthEnd(0)
        share = ((min(last, end) - max(first, month)).days + 1) / month.days_in_month
        beside = revenue.iloc[1 : 1 + BESIDE] if at == 0 else revenue.iloc[-1 - BESIDE : -1]
        if as_of and end.date() > as_of:
            why = "it goes on after the day that counts as the last one"
        elif share < COVERED:
            why = "the data have less than half of its days"
        elif len(beside) and revenue.iloc[at] < FAR_BELOW * beside.median():
            why = "its revenue is below a tenth of that of the months beside it"
        else:
            continue
        dropped.append((month, share, int(by["lines"][month]), float(by["revenue"][month]), why))
    frame = pd.DataFrame(dropped, columns=["month", "days", "lines", "revenue", "why"])
    return months.difference(frame["month"]), frame
