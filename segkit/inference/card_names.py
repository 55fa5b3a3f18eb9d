"""Names of personas, from what is known of most of them, and never from label numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..thresholds import NAMED
from .described import Described, Value

NO_NAME = frozenset({
    "unknown", "unclassified", "other", "others", "otro", "otros", "none", "n/a", "na", "not known", "desconocido",
    "sin clasificar", "",
})  # fmt: skip
APART = 1.5  # times as many as among all are on one side of a number
ANYBODY, MIXED, SMALL = "Leads", "Mixed leads", "Too small to describe"


@dataclass(frozen=True)
class Known:
    """What a name may rest on.

    Attributes
    ----------
    seniority, industry, state : str or None
        The commonest that is told.
    others : tuple of Described
        Other fields that are not sensitive, in their order.
    """

    seniority: str | None
    industry: str | None
    state: str | None
    others: tuple[Described, ...]


def named(field: Described | None) -> str | None:
    """Return the commonest value of a field that says something and that ten units have at least."""
    return next((v for v in field.commonest if _says(v)), None) if field else None


def _speaking(field: Described) -> list[Value]:
    return [v for v in field.values if _says(v.value)]


def _says(value: str) -> bool:
    return value.strip().lower() not in NO_NAME


def base_name(known: Known) -> str:
    """Return the name without the tier.

    Notes
    -----
    Industry and state known: "S in I"; industry alone: "S - I Sector"; state alone: "S (State)"; neither: "S Professionals".
    Without a seniority "Leads" stands in, and with none of the three the value that sets the persona apart most.

    Examples
    --------
    >>> base_name(Known("Management", "Retail", "Texas", ())), base_name(Known("Management", "Retail", None, ()))
    ('Management in Retail', 'Management - Retail Sector')
    >>> base_name(Known("Management", None, "Texas", ())), base_name(Known("Entry-Level", None, None, ()))
    ('Management (Texas)', 'Entry-Level Professionals')
    """
    who = known.seniority or ANYBODY
    if known.industry:
        return f"{who} in {known.industry}" if known.state else f"{who} - {known.industry} Sector"
    if known.state:
        return f"{who} ({known.state})"
    if known.seniority:
        return "Professionals" if known.seniority == "Professional" else f"{known.seniority} Professionals"
    return distinctive(known.others) or MIXED


def distinctive(fields: Sequence[Described]) -> str | None:
    """Return the value that is more common here than among all, beyond chance and by the most; None if there is none.

    It has to be that of a quarter of the persona (``thresholds.NAMED``), and counts by the lower limit of its lift. Of a
    number three quarters of the persona have to be on one side of the middle of all, which half of all are: that counts
    as ``APART``.
    """
    found = [
        (v.lift_low, -place, f"{field.label}: {v.value}")
        for place, field in enumerate(fields)
        for v in _speaking(field)
        if v.share >= NAMED and v.lift_low > 1
    ]
    found += [
        (APART, -place, f"{side} {f.label[:1].lower()}{f.label[1:]}")
        for place, f in enumerate(fields)
        if (side := _side(f))
    ]
    return max(found)[2] if found else None


def _side(field: Described) -> str:
    """Return on which side of the middle of all three quarters of a persona are or more; empty where on neither."""
    at = field.middle or {}
    if not {"lower", "upper", "median_of_all"} <= set(at):
        return ""
    return "High" if at["lower"] > at["median_of_all"] else "Low" if at["upper"] < at["median_of_all"] else ""


def names_of(known: Mapping[int, Known], tiers: Mapping[int, str], order: Sequence[int]) -> dict[int, str]:
    """Return a name for each persona; no two are equal.

    Parameters
    ----------
    known : mapping of int to Known
    tiers : mapping of int to str
        As it is said: the tier, or that it is undecided.
    order : sequence of int
        All personas, largest first; those that are not in ``known`` are too small to describe.

    Notes
    -----
    Names that would be equal are told apart by the first other field whose commonest value differs between all of
    them, else by the value that sets each apart most from all leads; those that are still equal by letters, the largest
    first.
    """
    bases = {p: base_name(known[p]) for p in order if p in known}
    out: dict[int, str] = {}
    for base, tier in dict.fromkeys((bases[p], tiers[p]) for p in bases):
        same = [p for p in bases if (bases[p], tiers[p]) == (base, tier)]
        words = _apart({p: known[p] for p in same}, base) if len(same) > 1 else {same[0]: ""}
        out.update({p: f"{base}{words[p]} - {tier}" for p in same})
    small = [p for p in order if p not in known]
    out.update({p: SMALL + (f" {i}" if len(small) > 1 else "") for i, p in enumerate(small, start=1)})
    return _lettered(out, order)


def _apart(known: Mapping[int, Known], base: str) -> dict[int, str]:
    """Return what is put behind a name that several personas have; empty words where nothing sets one apart."""
    states = {p: k.state for p, k in known.items()}
    candidates = [] if any(f"({s})" in base for s in states.values()) else [states]
    fields = {f.name for k in known.values() for f in k.others}
    for name in sorted(
        fields, key=lambda f: next(i for k in known.values() for i, o in enumerate(k.others) if o.name == f)
    ):
        own = {p: next((o for o in k.others if o.name == name), None) for p, k in known.items()}
        candidates.append({p: named(o) for p, o in own.items()})
    for words in candidates:
        if all(words.values()) and len(set(words.values())) == len(words):
            return {p: f", {w}" for p, w in words.items()}
    own_words = {p: distinctive(k.others) for p, k in known.items()}
    return {p: f", {w}" if w and w not in base else "" for p, w in own_words.items()}


def _lettered(names: Mapping[int, str], order: Sequence[int]) -> dict[int, str]:
    """Put a letter behind names that are still equal."""
    out = dict(names)
    for name in set(names.values()):
        same = [p for p in order if names[p] == name]
        if len(same) > 1:
            base, dash, tier = name.rpartition(" - ")
            out.update({p: f"{base} {_letter(i)}{dash}{tier}" for i, p in enumerate(same)})
    return out


def _letter(place: int) -> str:
    head, tail = divmod(place, 26)
    return (_letter(head - 1) if head else "") + chr(ord("A") + tail)
