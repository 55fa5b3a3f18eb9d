"""What subscribers tell of themselves, and how far two readers of it agree: facts and tables."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from .. import disclosure
from ..data import forbidden_tactics
from ..data.profile_lexicon import FIELDS, lexicon
from ..features.profiles import RULES, Profiles
from ..inference.profile_agreement import Agreement
from ..inference.rates import COVERAGE
from .prose import capital, count, exact_percent, fixed, join, percent, plural
from .show import Shown, table, tag


def named(field: str) -> str:
    """Return what a field is called inside a sentence.

    >>> named("age_indicators")
    'age indicators'
    """
    return field.replace("_", " ")


def known(value: Any) -> bool:
    """Tell whether a number is told."""
    return value is not None and math.isfinite(float(value))


def decimals(value: Any, digits: int = 2) -> str:
    """Write a number, or a dash where it is not told.

    >>> decimals(0.5), decimals(None)
    ('0.50', '–')
    """
    return fixed(float(value), digits) if known(value) else "–"


def between(low: Any, high: Any, digits: int = 2) -> str:
    """Write an interval, or a dash.

    >>> between(0.1, 0.25), between(0.1, float("nan"))
    ('0.10 to 0.25', '–')
    """
    return f"{decimals(low, digits)} to {decimals(high, digits)}" if known(low) and known(high) else "–"


@dataclass(frozen=True)
class Told:
    """What the page tells of profiles; without texts there are no people.

    Attributes
    ----------
    there : bool
        Whether the log has texts.
    asked, served, partial : bool
        Whether the settings ask for a server, whether profiles are its own, and whether it has not described everybody.
    extractor, version : str
        Who found the profiles in use, and the version of the vocabulary.
    people : int
        As a total may be told.
    shares : dict of str to float
        Field to the share of people of whom it tells anything, the largest first; fields of which that may not be told are
        not there.
    values, found, hidden : int
        Values of the vocabulary, those of five people or more, and those whose number may not be told.
    protected : dict of str to float
        Value to how many people have it; NaN where that may not be told.
    """

    there: bool
    asked: bool
    served: bool
    partial: bool
    extractor: str
    version: str
    people: int
    shares: dict[str, float]
    values: int
    found: int
    hidden: int
    protected: dict[str, float]

    @property
    def extractor_said(self) -> str:
        """Who found the profiles, as the subject of a sentence in the plural."""
        return f"the answers of {self.extractor}" if self.served else "the rules"

    @property
    def fields(self) -> int:
        """How many fields there are."""
        return len(FIELDS)

    @property
    def most(self) -> list[str]:
        """The fields that are known of most people, in words."""
        top = max(self.shares.values(), default=0.0)
        return [f for f, share in self.shares.items() if share == top > 0]

    @property
    def least(self) -> list[str]:
        """The fields that are known of fewest."""
        low = min(self.shares.values(), default=0.0)
        return [f for f, share in self.shares.items() if share == low and f not in self.most]

    @property
    def guarded(self) -> list[str]:
        """All protected values, as sentences have them."""
        return [f"“{value}”" for value in self.protected]

    @property
    def seen(self) -> list[str]:
        """Protected values that were found, in words."""
        return [
            f"“{value}” ({count(n) if known(n) else 'a number that is not told'})"
            for value, n in self.protected.items()
            if n != 0
        ]


def told(found: Profiles | None, *, asked: bool = False, missing: int = 0) -> Told:
    """Collect what the sentences on profiles need.

    Parameters
    ----------
    found : Profiles or None
        Those in use; None without texts.
    asked : bool
        Whether the settings ask for a server.
    missing : int
        People whom the server has not described.
    """
    words = lexicon()
    every = sum(map(len, words.values.values()))
    if found is None:
        return Told(False, asked, False, False, "", words.version, 0, {}, every, 0, 0, {})
    shares = found.covered.dropna(subset="share").sort_values("share", ascending=False, kind="stable")
    values = found.counts
    own = values[values["protected"]]
    return Told(
        there=True,
        asked=asked,
        served=found.extractor != RULES,
        partial=found.extractor != RULES and missing > 0,
        extractor=found.extractor,
        version=found.version,
        people=disclosure.total(len(found.table)),
        shares={named(f): float(s) for f, s in zip(shares["field"], shares["share"], strict=True)},
        values=every,
        found=int((values["people"] > 0).sum()),
        hidden=int(values["people"].isna().sum()),
        protected={str(v): float(n) for v, n in zip(own["value"], own["people"], strict=True)},
    )


def open_fields() -> list[str]:
    """Return the fields that a playbook may tell of, in words."""
    return [named(f) for f in forbidden_tactics.FIELDS]


def fields_table(found: Profiles, ruled: Profiles) -> Shown:
    """Show of how many people each field tells anything; beside the rules, where others found the profiles in use."""
    rows, whole = found.covered, told(found)
    frame = pd.DataFrame({"field": [capital(named(f)) for f in rows["field"]], "subscribers": rows["people"],
                          "share": rows["share"]})  # fmt: skip
    if whole.served:
        frame["by rules"] = ruled.covered["share"]
    finding = (
        f"{capital(join(whole.most))} {'is' if len(whole.most) == 1 else 'are'} known of most" if whole.most
        else "No field may be told of"
    )  # fmt: skip
    return table(
        frame, "tbl-fields",
        f"**{finding}.** Subscribers of whom a field tells anything, of {count(whole.people)}. Numbers are in fives, and shares "
        "follow from them; a dash: fewer than five, or all but fewer than five.",
        {"subscribers": count, "share": _share, "by rules": _share}, headings={"by rules": "share by rules"}, export=rows,
    )  # fmt: skip


def _share(value: Any) -> str:
    return percent(float(value))


def _limits(low: Any, high: Any) -> str:
    return f"{_share(low)} to {_share(high)}" if known(low) and known(high) else "–"


def values_table(found: Profiles) -> Shown:
    """Show the values that were found; all of the vocabulary are in the CSV."""
    every = found.counts
    rows = every[every["people"] != 0]
    order = {f: i for i, f in enumerate(FIELDS)}
    rows = rows.sort_values(
        ["field", "people"],
        ascending=[True, False],
        key=lambda c: c.map(order) if c.name == "field" else c,
        kind="stable",
    )
    frame = pd.DataFrame({
        "value": [capital(str(v)) for v in rows["value"]], "field": [named(f) for f in rows["field"]],
        "subscribers": rows["people"].to_numpy(), "share": rows["share"].to_numpy(),
        "protected": ["protected" if p else "" for p in rows["protected"]],
    })  # fmt: skip
    return table(
        frame, "tbl-values",
        f"**{plural(len(rows), 'value')} of the {count(len(every))} {'is' if len(rows) == 1 else 'are'} found.** Subscribers with "
        "each value; one may have several. Numbers are in fives. A dash: fewer than five, or all but fewer than five. The CSV "
        "also has the values that nobody has.",
        {"subscribers": count, "share": _share, "protected": lambda v: tag(v, "mid") if v else ""},
        export=every, stack=True,
    )  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """How well rules find what was planted.

    Attributes
    ----------
    best, worst : str
        Fields of which most and least is found, in words.
    high, low : float
        These shares.
    share, wrong : float
        Over all fields: of what was planted, what the rules note; of where nothing was planted, where they note something.
    """

    best: str
    worst: str
    high: float
    low: float
    share: float
    wrong: float


def planted(found: pd.DataFrame | None) -> Planted | None:
    """Collect what the sentences on planted fields need; None for real data, or where nothing was planted."""
    if found is None or not found["planted"].any():
        return None
    rows = found.dropna(subset="share").sort_values("share", kind="stable")
    first, last, whole = rows.iloc[-1], rows.iloc[0], found[["planted", "noted", "others", "wrongly"]].sum()
    return Planted(
        named(first["field"]), named(last["field"]), float(first["share"]), float(last["share"]),
        float(whole["noted"] / whole["planted"]), float(whole["wrongly"] / max(whole["others"], 1)),
    )  # fmt: skip


def planted_table(found: pd.DataFrame) -> Shown:
    """Show, by field, how much of what was planted the rules note, and how much that was not."""
    frame = pd.DataFrame({
        "field": [capital(named(f)) for f in found["field"]], "planted": found["planted"], "noted": found["noted"],
        "share": found["share"], "interval": [_limits(a, b) for a, b in zip(found["low"], found["high"], strict=True)],
        "others": found["others"], "noted of others": found["wrongly"],
    })  # fmt: skip
    own = planted(found)
    finding = f"Rules note {percent(own.share, 0)} of what was planted" if own else "Nothing was planted"
    return table(
        frame, "tbl-planted-fields",
        f"**{finding}.** Made-up subscribers whose texts tell something of a field, and those of them of whom the rules note any "
        f"value of it, with {exact_percent(COVERAGE)} intervals; beside them the others, of whom nothing should be noted.",
        {"planted": count, "noted": count, "share": _share, "others": count, "noted of others": count}, export=found, stack=True,
    )  # fmt: skip


@dataclass(frozen=True)
class Agreed:
    """How far two readers find the same.

    Attributes
    ----------
    one, other : str
    people : int
        As a total may be told.
    level : float
        Of the intervals.
    kappas : dict of str to float
        Field to Cohen's kappa, the largest first, where it may be told.
    """

    one: str
    other: str
    people: int
    level: float
    kappas: dict[str, float]


def agreed(found: Agreement | None) -> Agreed | None:
    """Collect what the sentences on agreement need; None where fewer than two readers did run."""
    if found is None:
        return None
    rows = found.shown.dropna(subset="kappa").sort_values("kappa", ascending=False, kind="stable")
    kappas = {named(str(f)): float(k) for f, k in zip(rows["field"], rows["kappa"], strict=True)}
    return Agreed(_reader(found.one), _reader(found.other), disclosure.total(found.people), found.level, kappas)


def _reader(extractor: str) -> str:
    return "the rules" if extractor == RULES else extractor


def agreement_table(found: Agreement) -> Shown:
    """Show three measures of agreement, field by field."""
    rows, whole = found.shown, agreed(found)
    frame = pd.DataFrame({"field": [capital(named(str(f))) for f in rows["field"]]})
    for name in ("kappa", "jaccard", "same"):
        frame[name] = [decimals(v) for v in rows[name]]
        frame[f"{name} interval"] = [
            between(a, b) for a, b in zip(rows[f"{name}_low"], rows[f"{name}_high"], strict=True)
        ]
    frame["either"] = rows["either"].to_numpy()
    first = next(iter(whole.kappas), "") if whole else ""
    finding = f"They agree most on {first}" if first else "In no field is agreement told"
    return table(
        frame, "tbl-agreement",
        f"**{finding}.** {capital(_reader(found.one))} beside {_reader(found.other)}: Cohen's kappa of each value on average, the "
        "similarity of the sets of values (Jaccard) of those of whom either has any, and the share with the same values, with "
        f"{exact_percent(found.level)} intervals. Either: subscribers of whom either tells anything, in fives.",
        {"either": count}, headings={"kappa interval": "interval", "jaccard interval": "interval", "same interval": "interval"},
        right=[c for c in frame if c not in ("field", "either")], export=rows, stack=True,
    )  # fmt: skip
