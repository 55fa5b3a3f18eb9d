"""Tables of mixed fields whose groups are known, because they were planted, or that have none."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segkit.engine.levels import Levels, coded
from segkit.seeds import generator

SIZES = (6, 5, 4, 4, 3, 3)


def made(
    n: int, kinds: int = 3, *, missing: float = 0.0, clear: float = 0.85, number: bool = True, name: str = "mixed"
) -> tuple[pd.DataFrame, Levels, np.ndarray]:
    """Draw units of some kinds, each with a usual category in every field; no kinds at all where ``kinds`` is 1.

    Returns
    -------
    frame : DataFrame of float
        Codes, and one number where asked for; NaN where missing.
    levels : Levels
    truth : array of int
    """
    rng = generator(f"tests/{name}")
    truth = rng.integers(kinds, size=n)
    text: dict[str, list[object] | np.ndarray] = {}
    for f, size in enumerate(SIZES):
        usual = np.where(rng.random(n) < clear, (truth + f) % size, rng.integers(size, size=n))
        code = usual if kinds > 1 else rng.integers(size, size=n)
        hidden = rng.random(n) < missing
        text[f"field {f}"] = [None if h else f"c{c}" for c, h in zip(code, hidden, strict=True)]
    if number:
        value = rng.normal(size=n) + (4.0 * truth if kinds > 1 else 0.0)
        text["age"] = np.where(rng.random(n) < missing, np.nan, value)
    frame, levels = coded(pd.DataFrame(text, index=[f"{i:012x}" for i in range(n)]))
    return frame, levels, truth


def renumbered(frame: pd.DataFrame, levels: Levels) -> tuple[pd.DataFrame, Levels]:
    """Return the same table with the categories of each field coded backwards."""
    out, of = frame.copy(), {}
    for name, words in levels.of.items():
        of[name] = words[::-1]
        if words:
            out[name] = len(words) - 1 - out[name]
    return out, Levels(of)


def by_field(frame: pd.DataFrame) -> dict[str, list[str]]:
    """Return blocks of one field each."""
    return {str(n): [str(n)] for n in frame}
