"""Columns that know the outcome, since they were written after it or are it under another name."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..thresholds import AHEAD, CHANCE, COPY, FAIR, LEAK, PURE, PURE_BY_CHANCE, STANDING_OUT
from .cross_validated import LEVEL, Area, area, codes_of, folds_of, rates_elsewhere
from .external import PERSONAL_CELL
from .fits import Labels

# Words of names that say when a column is written: while or after somebody decides. English and Spanish.
AFTERWARDS = frozenset({
    "duration", "duracion", "duración", "closed", "close", "closing", "cerrado", "cierre", "won", "lost", "ganado",
    "perdido", "revenue", "revenues", "ingreso", "ingresos", "paid", "payment", "payments", "pagado", "pago",
    "invoice", "invoiced", "factura", "sold", "vendido", "vendida", "sale", "sales", "venta", "ventas", "signed",
    "firmado", "converted", "conversion", "convertido", "purchase", "purchased", "compra", "comprado", "churned",
    "contract", "contrato", "deal", "order", "ordered", "pedido", "outcome", "resultado", "commission", "comision",
    "comisión",
})  # fmt: skip
LEAKS, KEPT, MISSING, NONE = "leaks", "kept", "missing values", "none"


@dataclass(frozen=True)
class Leakage:
    """What each column alone tells of the outcome.

    Attributes
    ----------
    table : DataFrame
        One row per column, the strongest first: ``column``, ``auc``, ``low``, ``high`` (cross-validated, a missing value
        counting as a value), ``auc_known`` (where the value is known), ``pure`` (see `leakage`), ``verdict`` ("leaks",
        "kept", "missing values", "none") and ``reason``.
    leaking : tuple of str
        Columns to be left out, in the order of the frame.
    kept : tuple of str
        Columns that would be left out, and are not, because somebody said so.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    leaking: tuple[str, ...]
    kept: tuple[str, ...]
    params: dict[str, Any]
    seed: int

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "columns": self.table.to_dict("records"), "leaking": list(self.leaking), "kept": list(self.kept),
            "params": self.params,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def leakage(
    frame: pd.DataFrame, outcome: pd.Series, *, seed: int, keep: Sequence[str] = (), level: float = LEVEL
) -> Leakage:
    """Find columns that know the outcome.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_columns)
        Text with NA, or numbers with NaN.
    outcome : Series of bool, length n_units
    seed : int
    keep : sequence of str
        Columns that stay whatever is found; the table says so.
    level : float
        Of the intervals.

    Raises
    ------
    ValueError
        A row has no outcome, or ``keep`` names a column that is not there.

    Notes
    -----
    A column leaks if it alone, cross-validated,

    * orders those whose value is known all but without fault (``thresholds.COPY``): it is the outcome;
    * reaches ``LEAK`` and is ``AHEAD`` of the next column. Several may be, up to ``STANDING_OUT`` of all: where more are
      ahead it is the file, and `missingness` says more;
    * has values that have only those with the outcome, or only those without, for ``PURE`` of the former or of the latter,
      beyond chance;
    * reaches ``FAIR`` and has a name that says that it is written afterwards.

    What leaks can only be suspected from data: Kaufman, S., Rosset, S., Perlich, C. and Stitelman, O. (2012). Leakage in data
    mining: formulation, detection, and avoidance. ACM Transactions on Knowledge Discovery from Data, 6, 15. Hence ``keep``.
    """
    y = outcome.reindex(frame.index)
    if y.isna().any():
        raise ValueError(f"{int(y.isna().sum())} rows have no outcome")
    if absent := [c for c in keep if c not in frame.columns]:
        raise ValueError(f"no such column to keep: {', '.join(absent)}")
    y = y.astype(bool)
    fold = folds_of(y, "leakage/folds", seed)
    rows = []
    for name in frame.columns:
        codes, number = codes_of(frame[name])
        alone = area(rates_elsewhere(codes, number, y, fold), y, fold, level=level)
        known = _known(codes, number, y, seed, alone)
        rows.append((str(name), alone.value, alone.low, alone.high, known, _pure(codes, number, y)))
    table = pd.DataFrame(rows, columns=["column", "auc", "low", "high", "auc_known", "pure"])
    table = table.sort_values("auc", ascending=False, kind="stable", na_position="last", ignore_index=True)
    reasons = _reasons(table)
    table["verdict"] = [
        KEPT if v == LEAKS and c in keep else v for c, (v, _) in zip(table["column"], reasons, strict=True)
    ]
    table["reason"] = [why for _, why in reasons]
    found = {v: set(table.loc[table["verdict"] == v, "column"]) for v in (LEAKS, KEPT)}
    params = {
        "level": level, "keep": list(keep), "leak": LEAK, "ahead": AHEAD, "copy": COPY, "fair": FAIR, "pure": PURE,
        "standing_out": STANDING_OUT,
    }  # fmt: skip
    leaking, kept = (tuple(str(c) for c in frame.columns if str(c) in found[v]) for v in (LEAKS, KEPT))
    return Leakage(table, leaking, kept, params, seed)


def _known(codes: Labels, number: int, y: pd.Series, seed: int, alone: Area) -> float:
    """Return the area among the units whose value is known; NaN where there are too few."""
    own = codes > 0
    if own.all():
        return alone.value
    some = y[own]
    fold = folds_of(some, "leakage/folds", seed)
    return area(rates_elsewhere(codes[own], number, some, fold), some, fold).value


def _pure(codes: Labels, number: int, y: pd.Series) -> float:
    """Return the share of those with the outcome, or without it if more, whose known value has nobody else.

    A value counts where it has ten units and would be pure by chance less often than ``PURE_BY_CHANCE``.
    """
    hits = np.bincount(codes, weights=y.to_numpy(dtype=np.float64), minlength=number)[1:]
    units = np.bincount(codes, minlength=number)[1:]
    base = float(y.mean()) if len(y) else np.nan
    found = []
    for mine, share in ((hits, base), (units - hits, 1 - base)):
        total = float(y.sum() if mine is hits else (~y).sum())
        alone = (mine == units) & (units >= PERSONAL_CELL) & (share ** np.maximum(units, 1) < PURE_BY_CHANCE)
        found.append(float(mine[alone].sum()) / total if total else 0.0)
    return max(found)


def _ahead(areas: list[float]) -> tuple[int, float]:
    """Return how many of the columns, sorted by their areas, stand out from the rest, and the area of the next."""
    after = [*areas[1:], CHANCE]
    most = max(1, math.ceil(STANDING_OUT * len(areas))) if len(areas) > 2 else 1
    far = [
        j + 1
        for j, (own, best) in enumerate(zip(areas, after, strict=True))
        if own >= LEAK and own - max(best, CHANCE) >= AHEAD
    ]
    ahead = max((j for j in far if j <= most), default=0)
    return ahead, max(after[ahead - 1], CHANCE) if ahead else math.nan


def _reasons(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Return verdict and reason of each row of the table, which is sorted by area."""
    areas = [a for a in table["auc"] if math.isfinite(a)]
    ahead, best = _ahead(areas) if areas else (0, math.nan)
    out = []
    for place, row in enumerate(table.itertuples()):
        name, alone, known = str(row.column), float(row.auc), float(row.auc_known)
        word = _afterwards(name)
        if not math.isfinite(alone):
            out.append((NONE, "too few rows with or without the outcome"))
        elif known >= COPY:
            out.append((LEAKS, "all but the outcome itself"))
        elif place < ahead:
            out.append((LEAKS, f"ranks far better alone than the next column ({alone:.2f} against {best:.2f})"))
        elif row.pure >= PURE:
            out.append((LEAKS, f"{row.pure:.0%} of those with one outcome have values that nobody else has"))
        elif word and max(known, 0.0) >= FAIR:
            out.append((LEAKS, f'its name says that it is written afterwards ("{word}"), and it ranks well alone'))
        elif alone >= LEAK and not known >= FAIR:
            out.append((MISSING, "ranks by which rows have it filled, as other columns do: see missing values"))
        else:
            out.append((NONE, ""))
    return out


def _afterwards(name: str) -> str:
    """Return the word of a name that says that the column is written after the outcome; empty if there is none.

    Examples
    --------
    >>> _afterwards("Amount_Paid"), _afterwards("talkDuration"), _afterwards("Department")
    ('paid', 'duration', '')
    """
    parts = re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", name))
    return next((p.lower() for p in parts if p.lower() in AFTERWARDS), "")
