"""Whether published values are those of single contacts: each is held against what the contacts have.

Two questions. Is a value one that five contacts have in common, being what they all come to by rounding, or the mean of five
neighbours? And do more of them match one to four contacts, as far as their digits go, than by chance? How many would is told
by the same values moved by few units of their last digit: further off, contacts are fewer than beside a quartile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from declared import numbers
from policy import small
from private_sites import Published, Truth

SHIFTS = (-3, -2, -1, 1, 2, 3)  # in units of the last digit
COARSEST = 0.05  # of a value, the widest step of a rounding that says anything


@dataclass(frozen=True)
class Match:
    """A published value that one to four contacts have."""

    where: str
    value: str
    contacts: int


@dataclass(frozen=True)
class Matches:
    """What matches, and how many would by chance."""

    found: tuple[Match, ...]
    looked_at: int
    chance: float
    alone: tuple[Match, ...] = ()  # which five contacts do not have in common

    @property
    def beyond_chance(self) -> bool:
        """Whether more match than three standard deviations above what chance gives, and one more."""
        return len(self.found) > self.chance + 3 * np.sqrt(self.chance) + 1


def step(text: str) -> float:
    """Return the unit of the last digit of a number as it is written.

    >>> step("12.50"), step("1230"), step("1e-05")
    (0.01, 1.0, 1e-05)
    """
    mantissa, _, power = text.lower().partition("e")
    return float(10.0 ** (int(power or 0) - len(mantissa.partition(".")[2])))


def holders(value: float, unit: float, values: np.ndarray, units: np.ndarray) -> int:
    """Count the contacts one of whose values is the published one, as far as its digits go."""
    return len(np.unique(units[np.abs(values - value) <= unit / 2 + 1e-9 * abs(value)]))


def in_common(value: float, values: np.ndarray, units: np.ndarray) -> bool:
    """Tell whether five contacts come to a value by a rounding to 1, 2 or 5 times a power of ten, or by their mean.

    >>> in_common(50.0, np.array([48.0, 49.0, 50.0, 51.0, 52.0]), np.arange(5))
    True
    >>> in_common(50.3, np.array([40.1, 45.2, 50.3, 55.4, 64.5]), np.arange(5))
    False
    """
    for power in range(-6, 9):
        for lead in (1, 2, 5):
            width = lead * 10.0**power
            whole = abs(value / width - round(value / width)) < 1e-6
            if (
                whole
                and width <= COARSEST * abs(value)
                and len(np.unique(units[np.abs(values - value) <= width / 2])) >= 5
            ):
                return True
    if len(np.unique(units)) == len(units):  # five neighbours
        means = np.convolve(np.sort(values), np.full(5, 0.2), "valid") if len(values) >= 5 else values[:0]
        return value == 0 or any(float(f"{mean:.2g}") == value for mean in means)
    own = np.unique(values)
    near = np.concatenate([own[:-1] + part * np.diff(own) for part in np.linspace(0, 1, 9)])  # where a quantile may lie
    told = {float(f"{_mean_of_five(v, values, units):.2g}") for v in near}
    return value == 0 or value in told


def _mean_of_five(near: float, values: np.ndarray, units: np.ndarray) -> float:
    """Return the mean of the values nearest to one, of five contacts."""
    order = np.argsort(np.abs(values - near), kind="stable")
    first = np.sort(np.unique(units[order], return_index=True)[1])[:5]
    return float(values[order][first].mean()) if len(first) == 5 else np.nan


def compare(cells: Iterator[tuple[str, str, np.ndarray, np.ndarray]]) -> Matches:
    """Hold published values against those of contacts.

    Parameters
    ----------
    cells : iterator of (where, text, values, units)
        The published text, what contacts have, and whose each value is.
    """
    found, alone, looked, chance = [], [], 0, 0.0
    for where, text, values, units in cells:
        if len(text.strip("0.").replace(".", "").replace("-", "")) < 2:
            continue  # nothing, all, and single digits
        looked += 1
        value, unit = float(text), step(text)
        n = holders(value, unit, values, units)
        if small(n):
            found.append(Match(where, text, n))
        if not in_common(value, values, units):
            alone.append(Match(where, text, n))
        chance += float(np.mean([small(holders(value + s * unit, unit, values, units)) for s in SHIFTS]))
    return Matches(tuple(found), looked, chance, tuple(alone))


def statistics(published: Published, truth: Truth) -> Matches:
    """Hold quartiles, medians, thresholds and quantiles against the contacts that they are about."""
    return compare(_cells(published, truth))


def _cells(published: Published, truth: Truth) -> Iterator[tuple[str, str, np.ndarray, np.ndarray]]:
    tables, frame, labels, calls = published.tables(), truth.frame, truth.labels, truth.calls
    who = np.arange(len(frame))
    by_segment = labels.reindex(frame.index).to_numpy()
    for row in tables["segments"].to_dict("records"):
        own = by_segment == int(row["segment"])
        values = frame.loc[own, row["feature"]].to_numpy(dtype=float)
        for statistic in ("q25", "median", "q75"):
            if row.get(statistic):
                yield f"segments.csv {row['feature']} {statistic}", row[statistic], values, who[own]
    for row in tables["features"].to_dict("records"):
        for statistic in ("first quartile", "median", "third quartile"):
            if row[statistic]:
                yield (
                    f"features.csv {row['feature']} {statistic}",
                    row[statistic],
                    frame[row["feature"]].to_numpy(float),
                    who,
                )
    lengths, callers = calls["amount"].to_numpy(dtype=float), pd.factorize(calls["unit"])[0]
    for row in tables["amounts"].to_dict("records"):
        if row["amount"]:
            yield f"amounts.csv {row['quantile']}", row["amount"], lengths, callers
    limit = published.results["features"]["thresholds"].get("long_call_sec")
    if limit is not None:
        yield "results.json features.thresholds", f"{limit:.10g}", lengths, callers
    for card in published.results["segments"]:
        own = by_segment == int(card["id"])
        for feature, value in card["medians"].items():
            if value is not None:
                yield (
                    f"results.json segments.medians {feature}", f"{value:.10g}", frame.loc[own, feature].to_numpy(float), who[own],
                )  # fmt: skip
    for row in tables["silences"].to_dict("records") if "silences" in tables else []:
        own = by_segment == int(row["segment"])
        for days, whose in (("watched", truth.exposed), ("calendar", frame)):
            if row[days]:
                yield f"silences.csv {days}", row[days], whose.loc[own, "recency_days"].to_numpy(dtype=float), who[own]
    active = frame["n_days_active"]
    gaps = (truth.exposed["tenure_days"] / (active - 1).where(active > 1)).to_numpy(dtype=float)
    for row in tables["policy"].to_dict("records"):
        if row["usual_gap_days"]:
            own = (by_segment == int(row["segment"])) & np.isfinite(gaps)
            yield "policy.csv usual_gap_days", row["usual_gap_days"], gaps[own], who[own]


def anywhere(published: Published, frame: pd.DataFrame, digits: int = 5) -> Matches:
    """Hold every long number of every file against every value of every contact.

    Parameters
    ----------
    published : Published
    frame : DataFrame
        Features by contact.
    digits : int
        Significant ones that a number has at least; those with fewer are met by chance.
    """
    values = np.concatenate([frame[c].to_numpy(dtype=float) for c in frame.columns])
    units = np.tile(np.arange(len(frame)), frame.shape[1])
    order = np.argsort(values)
    values, units = values[order], units[order]

    def near(text: str) -> tuple[np.ndarray, np.ndarray]:
        reach = 20 * step(text)
        a, b = np.searchsorted(values, (float(text) - reach, float(text) + reach))
        return values[a:b], units[a:b]

    def cells() -> Iterator[tuple[str, str, np.ndarray, np.ndarray]]:
        texts = {
            n: b.decode("utf-8", "replace") for n, b in published.downloads.items() if n.endswith((".csv", ".json"))
        }
        for name, text in {**texts, **published.words()}.items():
            for number in dict.fromkeys(numbers(text)):
                if len(number.replace(".", "").lstrip("0")) >= digits and name not in (
                    "packages.csv",
                    "results.schema.json",
                ):
                    yield (name, number, *near(number))

    return compare(cells())
