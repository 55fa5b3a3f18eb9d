"""Values of leads that are rare, made one value, before anything is clustered."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

OTHER = "other values"
FEW = 10  # leads


@dataclass(frozen=True)
class Pooled:
    """Leads whose rare values are one.

    Attributes
    ----------
    frame : DataFrame
    pooled : DataFrame
        Per column that has any: column, values (distinct ones that were made one), leads (that had them).
    """

    frame: pd.DataFrame
    pooled: pd.DataFrame


def pool_rare(frame: pd.DataFrame, least: int = FEW) -> Pooled:
    """Make the values of each category that fewer than ``least`` leads have into one, ``other values``.

    Parameters
    ----------
    frame : DataFrame
        As in ``LeadTable``: categories as text, numbers as float64, NaN where nothing is known.
    least : int

    Notes
    -----
    A distance that counts agreements takes two leads with rare values for as unlike as any, and what one lead alone says
    describes nobody else. A single rare value keeps its name: nothing would be gained.
    """
    out, records = {}, []
    for name, column in frame.items():
        counts = column.value_counts() if not pd.api.types.is_float_dtype(column) else pd.Series(dtype=int)
        rare = counts[counts < least]
        if len(rare) > 1:
            column = column.where(~column.isin(rare.index), OTHER)
            records.append((name, len(rare), int(rare.sum())))
        out[name] = column
    return Pooled(pd.DataFrame(out, index=frame.index), pd.DataFrame(records, columns=["column", "values", "leads"]))
