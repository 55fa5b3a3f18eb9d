"""The file of the randomised e-mail experiment: its columns in their types, or one error that says what is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import SHOWN_ROWS, ColumnError, InputError
from .tables import open_table

ARMS = ("Mens E-Mail", "No E-Mail", "Womens E-Mail")
CHANNELS = ("Phone", "Web", "Multichannel")
TEXTS: dict[str, tuple[str, ...] | None] = {  # what each may say; None is any text
    "history_segment": None, "zip_code": None, "channel": CHANNELS, "segment": ARMS,
}  # fmt: skip
FLAGS = ("mens", "womens", "newbie", "visit", "conversion")
COLUMNS = (
    "recency", "history_segment", "history", "mens", "womens", "zip_code", "newbie", "channel", "segment", "visit", "conversion",
    "spend",
)  # fmt: skip
REMEDY = "Give the published file as it is, hillstrom.csv."


def load_experiment(path: Path) -> pd.DataFrame:
    """Load the e-mail experiment of K. Hillstrom (2008), or a file of the same columns.

    Parameters
    ----------
    path : path

    Returns
    -------
    DataFrame
        One row per customer, in the order of the file, with the columns of the file in their order. ``recency`` (months) and
        ``mens``, ``womens``, ``newbie``, ``visit`` and ``conversion`` (0 or 1) are whole numbers; ``history`` and ``spend``
        (dollars) are numbers; ``history_segment``, ``zip_code``, ``channel`` and ``segment`` (the arm) are text.

    Raises
    ------
    InputError
        The file cannot be read; a cell is empty or none of what its column holds; who bought has not visited, or who paid has not
        bought; or an arm has no customer.
    ColumnError
        It lacks one of these columns.

    References
    ----------
    K. Hillstrom (2008). The MineThatData e-mail analytics and data mining challenge.
    """
    path = Path(path)
    with open_table(path) as table:
        lacking = [name for name in COLUMNS if name not in table.columns]
        if lacking:
            raise ColumnError(
                f"the file of the experiment lacks {len(lacking)} of its {len(COLUMNS)} columns", file=path, column=lacking[0],
                remedy=REMEDY,
            )  # fmt: skip
        cells = ", ".join(f'{table.text(name)} AS "{name}"' for name in COLUMNS)
        raw = table.connection.execute(f"SELECT {table.row} AS row, {cells} FROM raw ORDER BY 1").df()
    rows = raw["row"]
    frame = pd.DataFrame({name: _read(path, name, raw[name], rows) for name in COLUMNS})
    bought, visited, paid = (frame[name] > 0 for name in ("conversion", "visit", "spend"))
    _refuse(path, "conversion", bought & ~visited, rows, "who bought has not visited")
    _refuse(path, "spend", paid != bought, rows, "an amount was paid without a conversion, or none with one")
    absent = [arm for arm in ARMS if not (frame["segment"] == arm).any()]
    if absent:
        raise InputError(f'no customer is of the arm "{absent[0]}"', file=path, column="segment", remedy=REMEDY)
    return frame


def _read(path: Path, name: str, cells: pd.Series, rows: pd.Series) -> pd.Series:
    """Read one column."""
    if name in TEXTS:
        known = TEXTS[name]
        wrong = cells.isna() if known is None else ~cells.isin(known)
        _refuse(path, name, wrong, rows, f"a cell is not {' or '.join(known)}" if known else "a cell is empty")
        return cells.astype("str")
    numbers = pd.to_numeric(cells, errors="coerce")
    if name in FLAGS:
        wrong, what = ~numbers.isin([0, 1]), "a cell is neither 0 nor 1"
    elif name == "recency":
        wrong, what = ~(numbers >= 0) | (numbers % 1 != 0), "a cell is no whole number of months"
    else:
        wrong, what = ~(numbers >= 0) | ~np.isfinite(numbers), "a cell is no amount of dollars"
    _refuse(path, name, wrong, rows, what)
    return numbers.astype("float64" if name in ("history", "spend") else "int64")


def _refuse(path: Path, column: str, wrong: pd.Series, rows: pd.Series, what: str) -> None:
    if wrong.any():
        raise InputError(
            what,
            file=path,
            column=column,
            rows=rows[wrong].head(SHOWN_ROWS).tolist(),
            count=int(wrong.sum()),
            remedy=REMEDY,
        )
