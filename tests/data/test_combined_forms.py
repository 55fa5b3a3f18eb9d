"""Two hundred files made by combining the forms of moments, lengths, contacts, surroundings and encodings.

What was written is what is read, or something is asked; nothing is read wrong in silence.
"""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from segkit.config import Contacts
from segkit.data import EventLog, draft_settings, load_events
from segkit.data.simulate import exports
from segkit.data.simulate.exports import AROUND, CONTACTS, LENGTHS, MOMENTS, PACKED, Around, Form
from segkit.seeds import generator

LOG = exports.calls()


def combined(n: int = 200) -> list[tuple[Form, Form, Form, Around, str, str]]:
    """Draw combinations, in which each form occurs."""
    rng, out = generator("tests/combined forms"), []
    parts = (MOMENTS, LENGTHS, CONTACTS, AROUND, tuple(PACKED), (",", ";", "\t"))
    orders = [np.concatenate([rng.permutation(len(part)) for _ in range(-(-n // len(part)))]) for part in parts]
    for i in range(n):
        moment, length, contact, around, packed, delimiter = (
            part[int(o[i])] for part, o in zip(parts, orders, strict=True)
        )
        if length.name == "end of the call":
            moment = MOMENTS[0]  # ends are written as starts
        out.append((moment, length, contact, around, packed, delimiter))
    return out


CASES = combined()


def histories(rows: Iterable[tuple[str, int, int]]) -> Counter[tuple[tuple[int, int], ...]]:
    """Count the histories of units, whatever these are called: moments in seconds since 1970 by the clock, and lengths."""
    units: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for unit, moment, seconds in rows:
        units[unit].append((moment, seconds))
    return Counter(tuple(sorted(own)) for own in units.values())


ROLES = {
    "start": "date", "timestamp": "date", "date": "date", "Datum": "date", "day": "date", "Uhrzeit": "time", "time": "time",
    "month": "month", "year": "year", "number": "contact", "customer_id": "contact", "caller": "caller", "called": "called",
    "direction": "direction", "end": "end",
}  # fmt: skip
ORDERS = {"date and time apart": "day/month/year", "12-hour clock": "month/day/year"}
UNITS = {
    "milliseconds": "milliseconds",
    "minutes": "minutes",
    "h:mm:ss": "h:mm:ss",
    "m:ss": "h:mm:ss",
    "words": "words",
}


def by_place(moment: Form, length: Form, contact: Form) -> dict[str, str]:
    """Return what the owner of a file without a header knows of it: which column is what, and how it is written."""
    headers = [name for form in (moment, contact, length) for name in form.write(LOG[0])]
    places = {name: f"column {i}" for i, name in enumerate(headers, 1)}
    right = {ROLES.get(name, "duration"): place for name, place in places.items() if name != "id"}
    right = (
        {"time": "none"}
        | right
        | {
            "study": "contacts",
            "name": "none",
            "own": exports.OWN,
            "decimal": "comma" if "comma" in length.name else "point",
        }
    )
    right["date_order"] = ORDERS.get(moment.name, "year-month-day")
    right["duration_unit"] = next((u for words, u in UNITS.items() if length.name.startswith(words)), "seconds")
    if moment.name.startswith("Unix"):
        right["date_numbers"] = moment.name.lower()
    return right | {"date_numbers": "excel days"} if moment.name == "days of a spreadsheet" else right


def read(path: Path, moment: Form, length: Form, contact: Form, *, header: bool) -> EventLog:
    """Read a file as its owner would, who is asked no more than what its forms leave open."""
    right = {key: answer for form in (moment, length, contact) for key, answer in form.asks.items()}
    right |= {} if header else by_place(moment, length, contact)
    answers: dict[str, str] = {}
    while not (draft := draft_settings(path, answers)).confident:
        asked = {q.key: q.reason for q in draft.questions if q.required}
        assert set(asked) <= set(right) - set(answers), asked
        answers |= {key: right[key] for key in asked}
    assert draft.study == "contacts"
    return load_events(path, Contacts.model_validate(tomllib.loads(draft.toml)["contacts"]), key=b"k" * 32)


@pytest.mark.parametrize(
    "number", range(len(CASES)), ids=lambda n: "-".join(str(getattr(p, "name", p)) for p in CASES[n])
)
def test_what_was_written_is_read(tmp_path: Path, number: int) -> None:
    moment, length, contact, around, packed, delimiter = CASES[number]
    path = tmp_path / "calls.csv"
    path.write_bytes(exports.written(LOG, moment, length, contact, around, packed, delimiter))
    found = read(path, moment, length, contact, header=around.header).events.to_pandas()
    at = found["started_at"].astype("datetime64[s]").astype("int64")
    truth = histories((c.contact, round((c.start - datetime(1970, 1, 1)).total_seconds()), c.seconds) for c in LOG)
    assert histories(zip(found["unit"].astype(str), at, found["amount"], strict=True)) == truth
