"""A made-up file of leads of which the truth is known: real personas, stacked exports without any, or noise.

The shares of missing values, the number of rows and the share of conversions are those that files of leads from a customer
database have; all else is made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segkit.seeds import ROOT, generator

from .made import Simulated

Regime = Literal["personas", "stacked", "noise"]
Ints = NDArray[np.int64]

ROWS, BASE_RATE = 1_370, 0.28
COLUMNS = (
    "State", "Industry", "Job Title", "Education Level", "Age_range", "Years of Experience", "Gender", "Lead Source", "is_sale",
)  # fmt: skip
MISSING = dict(zip(COLUMNS, (0.62, 0.65, 0.67, 0.78, 0.71, 0.10, 0.86, 0.24), strict=False))
NONE = "no persona"

# The values of each field, and other ways to write some of them, as exports have them side by side.
VALUES: dict[str, tuple[str, ...]] = {
    "State": ("Illinois", "California", "Texas", "Florida", "New York"),
    "Industry": ("Technology", "Healthcare", "Construction", "Retail", "Other"),
    "Job Title": (
        "Chief Executive Officer", "Owner", "Marketing Director", "Project Manager", "Nurse Coordinator", "Software Engineer",
        "Data Analyst", "Sales Associate", "Intern",
    ),
    "Education Level": ("High school", "Bachelor's degree", "Master's degree", "Doctorate"),
    "Age_range": ("18-24", "25-34", "35-44", "45-54", "55+"),
    "Years of Experience": ("0-2", "3-5", "6-9", "10-15", "15+"),
    "Gender": ("Female", "Male"),
    "Lead Source": ("Website", "Referral", "Social media", "Event", "Email"),
}  # fmt: skip
WRITTEN: dict[str, tuple[str, ...]] = {
    "Illinois": ("IL", "ILLINOIS", "ILLINOIS (IL)"), "California": ("CA", "CALIFORNIA"), "Texas": ("TX",),
    "Technology": ("Tecnología",), "Healthcare": ("Salud",), "Other": ("Otros",), "3-5": ("5-Mar",), "6-9": ("9-Jun",),
    "10-15": ("15-Oct",), "Referral": ("Referido",), "Website": ("Sitio web",), "Female": ("F",), "Male": ("M",),
}  # fmt: skip
OTHERWISE = 0.2  # of the cells that can be written in another way are


@dataclass(frozen=True)
class _Persona:
    """Its share of the leads, its rate of conversion, and the commonest values of each field, by their places."""

    share: float
    rate: float
    typical: tuple[tuple[int, ...], ...]


# Weighted by their shares, the rates come to the base rate: .30 x .08 + .28 x .20 + .24 x .40 + .18 x .58 = .28
PERSONAS = {
    "newcomers in retail": _Persona(0.30, 0.08, ((2,), (3,), (7, 8), (0,), (0,), (0,), (0,), (2,))),
    "specialists in technology": _Persona(0.28, 0.20, ((1,), (0,), (5, 6), (1, 2), (1,), (1,), (1,), (0,))),
    "managers in healthcare": _Persona(0.24, 0.40, ((3,), (1,), (3, 4), (2, 3), (2,), (2, 3), (0,), (3,))),
    "owners in construction": _Persona(0.18, 0.58, ((0,), (2,), (0, 1), (0, 1), (3, 4), (4,), (1,), (1,))),
}
TYPICAL = 0.85  # of a persona's leads have a typical value; the others have any
# Three exports: their shares, their rates (.50 x .04 + .30 x .38 + .20 x .73 = .28), and which share of each field the first
# two fill. What the third one fills follows from the share of missing values.
EXPORTS = {"first export": (0.50, 0.04), "second export": (0.30, 0.38), "third export": (0.20, 0.73)}
FILLED = {
    "State": (0.02, 0.98), "Industry": (0.02, 0.98), "Job Title": (0.02, 0.413), "Education Level": (0.02, 0.05),
    "Age_range": (0.02, 0.28), "Years of Experience": (0.98, 0.95), "Gender": (0.01, 0.03), "Lead Source": (0.98, 0.80),
}  # fmt: skip


@dataclass(frozen=True)
class SimulatedLeads(Simulated):
    """A simulated file of leads.

    Attributes
    ----------
    frame : DataFrame
        One row per lead; text columns named as in the schema, empty where nothing is known.
    truth : Series
        The persona from which each lead was drawn, ``no persona`` where there are none, by the row of the file: the header
        is row 1. It never leaves tests and checks.
    export : Series
        The export that each row is from; one for all where files are not stacked.
    rates : dict
        The rate of conversion of each persona, export, or of all.
    """

    truth: pd.Series
    export: pd.Series
    rates: dict[str, float]


def simulate_leads(seed: int = ROOT, regime: Regime = "personas", rows: int = ROWS) -> SimulatedLeads:
    """Simulate a file of leads.

    Parameters
    ----------
    seed : int
        The root seed.
    regime : {"personas", "stacked", "noise"}
        Four personas, whose fields hang together and whose leads convert at rates of their own, with cells missing by chance
        alone; three exports one below the other, which fill different fields and convert at different rates, with fields that
        say nothing; or nothing but chance.
    rows : int

    Returns
    -------
    SimulatedLeads

    Examples
    --------
    >>> leads = simulate_leads(42)
    >>> leads.frame.shape, leads.truth.nunique(), simulate_leads(42, "stacked").truth.unique().tolist()
    ((1370, 9), 4, ['no persona'])
    """
    rng = generator(f"simulate/leads/{regime}", seed)
    of_persona = regime == "personas"
    groups = {name: (p.share, p.rate) for name, p in PERSONAS.items()} if of_persona else EXPORTS
    group = rng.choice(len(groups), rows, p=[share for share, _ in groups.values()])
    rates = np.array([rate for _, rate in groups.values()])[group] if regime != "noise" else np.full(rows, BASE_RATE)
    frame = {}
    for place, (field, values) in enumerate(VALUES.items()):
        value = rng.integers(0, len(values), rows)
        if of_persona:
            value = np.where(rng.random(rows) < TYPICAL, _typical(rng, group, place), value)
        known = rng.random(rows) < _filled(field, group, stacked=regime == "stacked")
        frame[field] = np.where(known, _written(rng, values, value), "")
    frame["is_sale"] = np.where(rng.random(rows) < rates, "TRUE", "FALSE")
    index = pd.RangeIndex(2, rows + 2, name="row")
    names = np.array(list(groups))
    one = np.full(rows, "one export")
    return SimulatedLeads(
        pd.DataFrame(frame, dtype="str")[list(COLUMNS)],
        pd.Series(names[group] if of_persona else np.full(rows, NONE), index=index, name="persona", dtype="str"),
        pd.Series(names[group] if regime == "stacked" else one, index=index, name="export", dtype="str"),
        {name: rate for name, (_, rate) in groups.items()} if regime != "noise" else {NONE: BASE_RATE},
    )


def _typical(rng: np.random.Generator, group: Ints, place: int) -> Ints:
    """Draw one of the typical values of each lead's persona."""
    out = np.empty(group.size, dtype=np.int64)
    for number, persona in enumerate(PERSONAS.values()):
        here = group == number
        out[here] = rng.choice(persona.typical[place], int(here.sum()))
    return out


def _filled(field: str, group: Ints, *, stacked: bool) -> NDArray[np.float64]:
    """Return how likely each row has a value."""
    filled = 1 - MISSING[field]
    if not stacked:
        return np.full(group.size, filled)
    first, second = FILLED[field]
    shares = [share for share, _ in EXPORTS.values()]
    third = (filled - shares[0] * first - shares[1] * second) / shares[2]
    chances: NDArray[np.float64] = np.array([first, second, third])[group]
    return chances


def _written(rng: np.random.Generator, values: tuple[str, ...], value: Ints) -> NDArray[np.object_]:
    """Write values as exports do: mostly in one way, now and then in another."""
    forms = [(v, *WRITTEN.get(v, ())) for v in values]
    another = rng.random(value.size) < OTHERWISE
    which = rng.integers(0, 12, value.size)  # any of one, two or three equally often
    cells = [
        forms[v][1 + w % (len(forms[v]) - 1) if a and len(forms[v]) > 1 else 0]
        for v, a, w in zip(value, another, which, strict=True)
    ]
    return np.array(cells, dtype=object)
