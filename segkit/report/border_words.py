"""Whether borders would be drawn again, in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..engine.borders import Borders
from ..engine.meaning import Cards
from .claim import HOLDS, OPEN, UNSHOWN, Claim
from .prose import capital, exact, number, plural, word
from .show import Shown, table


@dataclass(frozen=True)
class Crossed:
    """What is said of the borders.

    Attributes
    ----------
    borders, again : int
        How many there are, and how many would be drawn again.
    level : float
    members, most : int
        Units of two segments that are looked at, and clouds behind a p, at most.
    testable : bool
        Whether there are enough clouds for a p to reach the level.
    """

    borders: int
    again: int
    level: float
    members: int
    most: int
    testable: bool


def crossed(found: Borders) -> Crossed:
    """Count the borders."""
    rows = found.table
    return Crossed(
        borders=len(rows),
        again=int(rows["again"].sum()),
        level=found.params["level"],
        members=found.params["members"],
        most=int(rows["drawn"].max()) if len(rows) else 0,
        testable=found.params["testable"],
    )


def borders_table(found: Borders | None, cards: Cards) -> Shown:
    """Show each border with its gap, that of clouds, and whether it would be drawn again; nothing where that was not asked."""
    if found is None or found.table.empty:
        return Shown("")
    told, names = crossed(found), {c.id: c.short for c in cards}
    rows = found.table.assign(
        between=[f"{names.get(r.segment)} | {names.get(r.neighbour)}" for r in found.table.itertuples()],
        drawn_again=["yes" if again else "not shown" for again in found.table["again"]],
    )
    again = capital(word(told.again) if told.again else "none")
    finding = f"{again} of {plural(told.borders, 'border', words=True)} would be drawn again"
    return table(
        rows[["between", "dip", "null_mean", "p", "p_holm", "drawn_again"]], "tbl-borders",
        f"**{finding}.** The dip of the two segments across their border, beside the mean of clouds with one peak that are cut in "
        f"two; p adjusted for the number of borders by the method of Holm, up to {exact(told.level)}.",
        {"dip": _three, "null_mean": _three, "p": _small, "p_holm": _small},
        headings={"between": "border between", "null_mean": "dip of clouds", "p_holm": "p (Holm)", "drawn_again": "drawn again"},
        export=found.table, stack=True,
    )  # fmt: skip


def _three(value: float) -> str:
    return f"{value:.3f}"


def _small(value: float) -> str:
    return number(value, 3) if value >= 0.001 else "below 0.001"


def claim(found: Borders | None) -> list[Claim]:
    """Return the claim that every border would be drawn again; none where that was not asked."""
    if found is None or found.table.empty:
        return []
    worst, told = float(found.table["p_holm"].max(skipna=False)), crossed(found)
    verdict = HOLDS if told.again == told.borders else UNSHOWN if told.testable and math.isfinite(worst) else OPEN
    return [
        Claim("More than chance", "Every border is more than a cut through one cloud",
              f"largest p of {plural(told.borders, 'border')}, adjusted for their number", worst,
              _small(worst) if math.isfinite(worst) else "–", f"p at most {exact(told.level)}", verdict, "k-selection"),
    ]  # fmt: skip
