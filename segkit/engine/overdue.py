"""Who has been silent for how long by which count of days, and how many of those who are overdue a model holds to be there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..privacy import SMALL_CELL
from .bgnbd import Parameters
from .matrix import Floats

COLUMNS = ["segment", "overdue", "alive_overdue", "alive_others"]


@dataclass(frozen=True)
class Overdue:
    """Units that are overdue, and the mean probability that they are still alive.

    Attributes
    ----------
    table : DataFrame
        One row per segment: ``segment``, ``overdue`` (units), ``alive_overdue`` and ``alive_others`` (mean probability of being
        alive, of the units that are overdue and of the others). Numbers about fewer than five units are missing, and so are all
        of a segment whose units cannot be overdue.
    """

    table: pd.DataFrame

    def to_json(self) -> list[dict[str, Any]]:
        """Return the rows as plain values."""
        return self.table.to_dict("records")

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def overdue(
    params: Parameters, lives: tuple[Floats, Floats, Floats], since: Floats, labels: np.ndarray, limits: pd.Series
) -> Overdue:
    """Compare units that are overdue with the others of their segment.

    Parameters
    ----------
    params : Parameters
        Of the BG/NBD model.
    lives : tuple of three arrays, length n_units
        Repeats, time of the last event, age, as `forecasts.lives` gives them.
    since : array, length n_units
        Days since the last event.
    labels : array of int, length n_units
    limits : Series of float
        Days after which a unit is overdue, by segment; missing where it cannot be.
    """
    alive, rows = params.alive(*lives), []
    for segment, limit in limits.items():
        own = labels == segment
        due, others = own & (since > limit), own & ~(since > limit)
        sizes = int(due.sum()), int(others.sum())
        # A mean of the others gives that of the overdue away where the segment's own is known, so both go.
        shown = np.isfinite(limit) and sizes[1] >= SMALL_CELL and sizes[0] >= SMALL_CELL
        means = [float(alive[part].mean()) if shown else np.nan for part in (due, others)]
        rows.append((segment, float(sizes[0]) if shown else np.nan, *means))
    return Overdue(pd.DataFrame(rows, columns=COLUMNS))


@dataclass(frozen=True)
class Silences:
    """How long the units of each segment have been silent, without the days of breaks and with them.

    Attributes
    ----------
    table : DataFrame
        One row per segment: ``segment``, ``watched`` and ``calendar`` (median days since the last event), ``overdue`` and
        ``overdue_calendar`` (units). The latter are missing where they may not be shown, and where two of them would tell of
        fewer than five units by their difference.
    """

    table: pd.DataFrame

    def to_json(self) -> list[dict[str, Any]]:
        """Return the rows as plain values."""
        return self.table.to_dict("records")

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def silences(since: Mapping[str, pd.Series], labels: pd.Series, late: Mapping[str, pd.Series]) -> Silences:
    """Set what counts watched days beside what counts all of them.

    Parameters
    ----------
    since : mapping of str to Series
        Days since the last event by unit, as ``watched`` and ``calendar`` days.
    labels : Series of int
        Segment by unit.
    late : mapping of str to Series
        By segment, how many units are overdue by each; missing where that may not be shown.
    """
    watched, calendar = (late[name].astype("float64") for name in ("watched", "calendar"))
    apart = (watched - calendar).abs()
    sizes = labels.value_counts().reindex(watched.index, fill_value=0)
    medians = {
        n: d.groupby(labels).median().reindex(watched.index).where(sizes >= SMALL_CELL) for n, d in since.items()
    }
    return Silences(
        pd.DataFrame(
            {**medians, "overdue": watched, "overdue_calendar": calendar.mask((apart > 0) & (apart < SMALL_CELL))}
        ).rename_axis("segment").reset_index()
    )  # fmt: skip
