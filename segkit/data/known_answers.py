"""Tables of which the answer is known: real ones that textbooks use, and made ones with planted groups or with none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..seeds import generator

TABLES = Path(__file__).with_name("tables")
UNITS = 300  # of each table that is made, but for the one that stands in for a published table
Table = tuple[pd.DataFrame, "NDArray[np.int64] | None"]


@dataclass(frozen=True)
class Known:
    """A table with the number of groups that it is known to have.

    Attributes
    ----------
    groups : int
        How many there are: planted, or what is recorded of each unit, or what the publication counts; 1 for none.
    made : bool
        Whether the groups, or that there are none, were planted.
    table : callable
        Returns the features, a row for each unit, and its group from 0 on, or None where nobody recorded it.
    """

    groups: int
    made: bool
    table: Callable[[], Table]


def _shipped(name: str) -> Callable[[], Table]:
    """Read a table that scikit-learn ships."""

    def table() -> Table:
        from sklearn import datasets

        found: Any = getattr(datasets, f"load_{name}")(as_frame=True)
        return found.data, found.target.to_numpy(dtype=np.int64)

    return table


def _published(name: str) -> Callable[[], Table]:
    """Read a table that was typed from its publication; nobody recorded groups."""
    return lambda: (pd.read_csv(TABLES / f"{name}.csv", comment="#"), None)


def _made(name: str, make: Callable[[np.random.Generator], tuple[Any, Any]]) -> Callable[[], Table]:
    """Make a table of a seed of its own."""

    def table() -> Table:
        values, groups = make(generator(f"known answers/{name}"))
        return pd.DataFrame(np.asarray(values)).add_prefix("x"), groups

    return table


def _clouds(
    rng: np.random.Generator, centres: list[tuple[float, ...]], sizes: list[int], sd: float = 1.0
) -> tuple[Any, Any]:
    """Return round normal clouds."""
    groups = np.repeat(np.arange(len(sizes)), sizes)
    return rng.normal(np.array(centres)[groups], sd), groups


def _axis(rng: np.random.Generator) -> tuple[Any, Any]:
    """Return four groups along one column, six standard deviations apart, among two columns that say nothing."""
    return _clouds(rng, [(6.0 * i, 0.0, 0.0) for i in range(4)], [UNITS // 4] * 4)


def _hidden(rng: np.random.Generator) -> tuple[Any, Any]:
    """Return two groups of 40 and 60 %, six standard deviations apart in one column of four."""
    return _clouds(rng, [(0.0, 0.0, 0.0, 0.0), (6.0, 0.0, 0.0, 0.0)], [UNITS * 2 // 5, UNITS * 3 // 5])


def _strips(rng: np.random.Generator) -> tuple[Any, Any]:
    """Return two strips side by side, much longer than they are apart."""
    groups = np.repeat([0, 1], UNITS // 2)
    return np.column_stack([rng.uniform(0, 20, UNITS), 4 * groups + rng.normal(0, 0.5, UNITS)]), groups


def _rings(rng: np.random.Generator) -> tuple[Any, Any]:
    """Return a ring around another."""
    groups, angle = np.repeat([0, 1], UNITS // 2), rng.uniform(0, 2 * np.pi, UNITS)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    return circle * (1 + 3 * groups)[:, None] + rng.normal(0, 0.15, (UNITS, 2)), groups


# The stand-in for xclara has sizes, centres and spread of that table (Struyf, Hubert and Rousseeuw 1996), rounded.
XCLARA: tuple[list[tuple[float, ...]], list[int], float] = (
    [(10.0, 10.0), (40.0, 60.0), (70.0, -10.0)],
    [900, 1150, 950],
    10.0,
)

KNOWN: dict[str, Known] = {
    "iris": Known(3, False, _shipped("iris")),
    "wine": Known(3, False, _shipped("wine")),
    "breast cancer": Known(2, False, _shipped("breast_cancer")),
    "faithful": Known(2, False, _published("faithful")),
    "ruspini": Known(4, False, _published("ruspini")),
    "as xclara": Known(3, True, _made("xclara", lambda rng: _clouds(rng, *XCLARA))),
    "three clouds": Known(
        3, True, _made("clouds", lambda rng: _clouds(rng, [(0.0, 0.0), (6.0, 0.0), (3.0, 5.2)], [UNITS // 3] * 3))
    ),
    "four on one axis": Known(4, True, _made("axis", _axis)),
    "two on one axis": Known(2, True, _made("hidden", _hidden)),
    "two strips": Known(2, True, _made("strips", _strips)),
    "two rings": Known(2, True, _made("rings", _rings)),
    "one long cloud": Known(1, True, _made("long", lambda rng: (rng.normal(0, (5, 1), (UNITS, 2)), None))),
    "one skewed cloud": Known(1, True, _made("skewed", lambda rng: (rng.lognormal(0, 1, (UNITS, 4)), None))),
    "even square": Known(1, True, _made("square", lambda rng: (rng.uniform(size=(UNITS, 2)), None))),
    "noise": Known(1, True, _made("noise", lambda rng: (rng.normal(size=(UNITS, 5)), None))),
}
