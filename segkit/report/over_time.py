"""What the page on time shows of kept models, of refitted ones, and of units that move: facts and tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ..engine.windows import OUTLYING, Ageing, Refits
from ..thresholds import CLOSE
from ..vocabulary import Vocabulary
from . import prose
from .prose import capital, percent
from .robustness import agreement, at_least
from .show import Shown, table

FALL = 0.05  # from which difference of the median ARI on agreement is said to fall with age
MORE, MANY = 2, 5  # times as many outliers as expected from which on they are called more, and many more
UNLIKE = 0.3  # ARI below which an earlier segment says little about a later one


def months(found: Ageing | Refits, windows: int = 1) -> int:
    """Return how many months so many steps of windows take."""
    return int(found.params["every"]) * windows


def tipped(kept: Ageing) -> bool:
    """Tell whether kept and refitted models part only where a scale tips between the two."""
    apart = kept.table[kept.table["ari"] < CLOSE]
    return len(apart) > 0 and bool((apart["rescaled"] != "").all())


@dataclass(frozen=True)
class Kept:
    """What is told of models that are kept for later windows.

    Attributes
    ----------
    reason : str
        Why nothing can be told, and nothing below is; else empty.
    every, young, old : int
        Months between windows; months after which the youngest and the oldest model are compared.
    low, high, first, last : float
        The lowest and the highest ARI with a refitted model; its median over the youngest models, and over the oldest.
    close : float
        From which ARI on two partitions are called close.
    tips, lasting : bool
        Whether models part only where a scale tips; whether borders last, where columns are scaled alike.
    alike : float
        The lowest ARI, where a scale tips the lowest where columns are scaled alike.
    falls : bool
        Whether the median falls with age.
    apart : int or None
        Months after which an ARI is not close for the first time.
    outside, typical, expected : float
        The largest share of units that lie further out than the typical share of those in the fit, and what is expected.
    more, many : bool
        Whether there are more of them than expected, and many more.
    """

    reason: str
    every: int = 0
    young: int = 0
    old: int = 0
    low: float = math.nan
    high: float = math.nan
    first: float = math.nan
    last: float = math.nan
    close: float = CLOSE
    tips: bool = False
    lasting: bool = False
    alike: float = math.nan
    falls: bool = False
    apart: int | None = None
    outside: float = math.nan
    typical: float = OUTLYING
    expected: float = 1 - OUTLYING
    more: bool = False
    many: bool = False


def kept(found: Ageing) -> Kept:
    """Collect what sentences on kept models need."""
    if found.reason:
        return Kept(found.reason)
    ages, tips = found.summary, tipped(found)
    low, first, last = float(ages["ari_min"].min()), ages.iloc[0], ages.iloc[-1]
    alike = float(found.table.loc[found.table["rescaled"] == "", "ari"].min()) if tips else low
    outside, expected = float(found.table["outliers"].max()), 1 - OUTLYING
    bad = ages.loc[ages["ari_min"] < CLOSE, "age"]
    return Kept(
        reason="",
        every=months(found),
        young=months(found, int(first["age"])),
        old=months(found, int(last["age"])),
        low=low,
        high=float(ages["ari_max"].max()),
        first=float(first["ari_median"]),
        last=float(last["ari_median"]),
        tips=tips,
        lasting=alike >= CLOSE,
        alike=alike if math.isfinite(alike) else low,
        falls=float(first["ari_median"] - last["ari_median"]) >= FALL,
        apart=months(found, int(bad.min())) if len(bad) else None,
        outside=outside,
        more=outside >= MORE * expected,
        many=outside >= MANY * expected,
    )


@dataclass(frozen=True)
class Company:
    """What is told of units in windows that have their own models.

    Attributes
    ----------
    reason : str
        Why nothing can be told, and nothing below is; else empty.
    length, overlap, windows, fewest, most : int
        Months of a window, and those that neighbours share; windows, and the smallest and largest number of units in one.
    steps : bool
        Whether any neighbours were compared.
    low, usual, high : float
        The lowest, median and highest ARI of neighbours.
    lowest, highest : str
        The later windows where it is so.
    close : float
        From which ARI on two partitions are called close.
    apart, both_least, both_most : int
        Months between the windows furthest apart, or none; the smallest and largest number of units with events in both.
    mean : float
        The mean ARI of these.
    unlike : bool
        Whether it is so low that the earlier segment says little.
    """

    reason: str
    length: int = 0
    overlap: int = 0
    windows: int = 0
    fewest: int = 0
    most: int = 0
    steps: bool = False
    low: float = math.nan
    usual: float = math.nan
    high: float = math.nan
    lowest: str = ""
    highest: str = ""
    close: float = CLOSE
    apart: int = 0
    both_least: int = 0
    both_most: int = 0
    mean: float = math.nan
    unlike: bool = False


def company(refit: Refits) -> Company:
    """Collect what sentences on units that move need; neighbours that share no unit have no ARI."""
    if refit.reason:
        return Company(refit.reason)
    steps = refit.lag(1)
    known = steps.dropna(subset="ari").sort_values("ari", kind="stable")
    lag = int(refit.table["lag"].max())
    far = refit.lag(lag) if lag > 1 else refit.table.iloc[:0]
    mean = float(far["ari"].mean())
    return Company(
        reason="",
        length=refit.params["months"],
        overlap=refit.params["months"] - refit.params["every"],
        windows=len(refit.units),
        fewest=int(refit.units.min()),
        most=int(refit.units.max()),
        steps=len(known) > 0,
        low=float(known["ari"].min()),
        usual=float(known["ari"].median()),
        high=float(known["ari"].max()),
        lowest=str(known["window"].iloc[0]) if len(known) else "",
        highest=str(known["window"].iloc[-1]) if len(known) else "",
        apart=months(refit, lag) if len(far) else 0,
        both_least=int(far["common"].min()) if len(far) else 0,
        both_most=int(far["common"].max()) if len(far) else 0,
        mean=mean,
        unlike=mean < UNLIKE,
    )


@dataclass(frozen=True)
class Rescaled:
    """Where a column began or ceased to be scaled.

    Attributes
    ----------
    compared : bool
        Whether there were windows to compare.
    names, windows : list of str
        Features that are scaled in one of two neighbouring windows and not in the other; the later window of each pair.
    """

    compared: bool
    names: list[str]
    windows: list[str]


def rescaled(refit: Refits, labels: Mapping[str, str]) -> Rescaled:
    """Collect between which windows the preprocessing tips."""
    steps = refit.lag(1)
    moved = steps[steps["rescaled"] != ""]
    columns = sorted({n for text in moved["rescaled"] for n in text.split(", ")})
    return Rescaled(not refit.reason, [labels.get(n, n) for n in columns], [str(w) for w in moved["window"]])


def status(kept: Ageing, terms: Vocabulary) -> str:
    """Return the number that the page stands for."""
    if kept.reason:
        return f"too short {terms.a_record}"
    return f"lowest ARI of a kept model with a refitted one {at_least(float(kept.summary['ari_min'].min()))}"


def ageing_table(kept: Ageing, terms: Vocabulary) -> Shown:
    """Show agreement and outliers by age."""
    ages = kept.summary
    frame = pd.DataFrame(
        {
            "months since the fit": [months(kept, int(a)) for a in ages["age"]],
            "models": ages["models"],
            "lowest ARI": ages["ari_min"],
            "median ARI": ages["ari_median"],
            "outliers": ages["outliers_max"],
        }
    )
    low = float(ages["ari_min"].min()) if len(ages) else float("nan")
    finding = (
        f"A kept model agrees with a refitted one to {at_least(low)} at least." if len(ages) else "Nothing to compare."
    )
    return table(
        frame,
        "tbl-ageing",
        f"**{finding}** All pairs of a kept model and a later window; outliers: largest share of {terms.units} further out than "
        f"{percent(OUTLYING, 0)} of those that the model was fitted on.",
        {"lowest ARI": lambda v: at_least(float(v)), "median ARI": agreement, "outliers": lambda v: percent(float(v))},
        export=kept.table,
    )


def refit_table(refit: Refits, terms: Vocabulary) -> Shown:
    """Show the agreement of each window with the one before."""
    steps = refit.lag(1)
    frame = pd.DataFrame(
        {
            "window that ends": steps["window"],
            f"{terms.units} in both": steps["common"],
            "ARI with the one before": steps["ari"],
        }
    )
    least = float(steps["ari"].min()) if len(steps) else float("nan")
    finding = (
        f"From quarter to quarter the agreement is {agreement(least)} at least."
        if len(steps)
        else "Nothing to compare."
    )
    return table(
        frame,
        "tbl-refit",
        f"**{finding}** {capital(terms.units)} with {terms.events} in both windows, with preprocessing and segments refitted in "
        "each.",
        {f"{terms.units} in both": prose.count, "ARI with the one before": agreement},
        export=refit.table,
    )
