"""One made-up log of calls, written in the ways in which telephone systems, apps and CRMs write theirs.

What reads how is told and tested by these forms: each may go with each other, and what was written must be what is read.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from segkit.seeds import ROOT, generator

OWN = "2025550199"  # the line of the business in the made-up log
ZONE = "Europe/Berlin"
MONTHS = {
    "English": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "German": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "French": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "Spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "Portuguese": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "Italian": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
}
Cells = dict[str, str]


@dataclass(frozen=True)
class Call:
    """A call of the made-up log: who was at the other end, when on the clock of the business, how long, who called."""

    contact: str
    start: datetime
    seconds: int
    incoming: bool


@dataclass(frozen=True)
class Form:
    """A way to write something.

    Attributes
    ----------
    name : str
    write : callable
        Takes a call and gives the cells of its columns, by header.
    asks : mapping of str to str
        What `segkit init` asks because of it, and the right answer.
    note : str
        What a reader should know of how it is read.
    """

    name: str
    write: Callable[[Call], Cells]
    asks: Mapping[str, str]
    note: str = ""


def _named(language: str, pattern: str) -> Callable[[Call], Cells]:
    words = MONTHS[language].split()
    return lambda c: {"start": pattern.format(d=c.start, month=words[c.start.month - 1], clock=f"{c.start:%H:%M:%S}")}


def _moment(pattern: str, header: str = "start") -> Callable[[Call], Cells]:
    return lambda c: {header: format(c.start, pattern)}


def _unix(scale: int) -> Callable[[Call], Cells]:
    zone = ZoneInfo(ZONE)
    return lambda c: {"timestamp": str(round(c.start.replace(tzinfo=zone).astimezone(UTC).timestamp()) * scale)}


def _twelve(c: Call) -> str:
    return f"{(c.start.hour - 1) % 12 + 1}:{c.start:%M:%S} {'AM' if c.start.hour < 12 else 'PM'}"


def _days(origin: datetime) -> Callable[[Call], Cells]:
    return lambda c: {"start": f"{(c.start - origin) / timedelta(days=1):.8f}"}


_BERLIN = {"time_zone": ZONE}
MOMENTS = (
    Form("ISO 8601", _moment("%Y-%m-%d %H:%M:%S"), {}),
    Form("ISO 8601 with its T", _moment("%Y-%m-%dT%H:%M:%S"), {}),
    Form("ISO 8601 with an offset", _moment("%Y-%m-%dT%H:%M:%S+01:00"), {}, "one offset for all: the clock is kept as written"),
    Form("date and time apart", lambda c: {"Datum": f"{c.start:%d.%m.%Y}", "Uhrzeit": f"{c.start:%H:%M:%S}"}, {},
         "where day and month could be either, the order is asked"),
    Form("12-hour clock", lambda c: {"start": f"{c.start:%m/%d/%Y} {_twelve(c)}"}, {}),
    Form("month by name", lambda c: {"start": f"{c.start:%b} {c.start.day}, {c.start.year} {_twelve(c)}"}, {}),
    *(Form(f"month by name, {language}", _named(language, "{d.day}. {month} {d.year} {clock}" if language == "German" else
           "{d.day} {month} {d.year} {clock}"), {}) for language in list(MONTHS)[1:]),
    Form("RFC 2822, as e-mails have it", lambda c: {"date": format_datetime(c.start.replace(tzinfo=ZoneInfo("Etc/GMT-1")))}, {}),
    Form("digits alone, apart", lambda c: {"date": f"{c.start:%Y%m%d}", "time": f"{c.start:%H%M%S}"}, {},
         "four digits of the year, and two each of month, day, hour, minute and second"),
    Form("digits alone, together", _moment("%Y%m%dT%H%M%S"), {}, "as above"),
    Form("day, month and year in columns", lambda c: {
        "day": str(c.start.day), "month": str(c.start.month), "year": str(c.start.year), "time": f"{c.start:%H:%M:%S}"}, {}),
    Form("Unix seconds", _unix(1), _BERLIN, "they are UTC, so the time zone of the business is asked"),
    Form("Unix milliseconds", _unix(1_000), _BERLIN, "as above"),
    Form("Unix microseconds", _unix(1_000_000), _BERLIN, "as above"),
    Form("days of a spreadsheet", _days(datetime(1899, 12, 30)), {}, "counted from the end of 1899"),
)  # fmt: skip


def _clock(seconds: int, *, hours: bool) -> str:
    minutes = seconds // 60
    rest = f"{seconds % 60:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{rest}" if hours else f"{minutes}:{rest}"


def _words(c: Call, minute: str, second: str) -> str:
    return f"{c.seconds // 60} {minute} {c.seconds % 60} {second}"


LENGTHS = (
    Form("seconds", lambda c: {"seconds": str(c.seconds)}, {}),
    Form("milliseconds", lambda c: {"duration_ms": str(c.seconds * 1_000)}, {}, "the header says so"),
    Form("minutes", lambda c: {"duration (min)": f"{c.seconds / 60:.2f}"}, {}, "the header says so"),
    Form("minutes with a decimal comma", lambda c: {"Dauer (min)": f"{c.seconds / 60:.2f}".replace(".", ",")}, {}),
    Form("h:mm:ss", lambda c: {"duration": _clock(c.seconds, hours=True)}, {}),
    Form("m:ss", lambda c: {"duration": _clock(c.seconds, hours=False)}, {}),
    Form("words", lambda c: {"duration": _words(c, "min", "s")}, {}),
    Form("words, run together", lambda c: {"duration": f"{c.seconds // 60}m{c.seconds % 60:02}s"}, {}),
    Form("words, German", lambda c: {"Dauer": _words(c, "Min.", "Sek.")}, {}),
    Form("end of the call", lambda c: {"end": f"{c.start + timedelta(seconds=c.seconds):%Y-%m-%d %H:%M:%S}"}, {},
         "the length is end less start; an end before its start is refused with its row"),
)  # fmt: skip


def _sides(c: Call, incoming: str, outgoing: str) -> Cells:
    caller, called = (c.contact, OWN) if c.incoming else (OWN, c.contact)
    return {"caller": caller, "called": called, "direction": incoming if c.incoming else outgoing}


CONTACTS = (
    Form("digits", lambda c: {"number": c.contact}, {}),
    Form("with a plus", lambda c: {"number": f"+1{c.contact}"}, {}),
    Form("with brackets and dashes", lambda c: {"number": f"({c.contact[:3]}) {c.contact[3:6]}-{c.contact[6:]}"}, {}),
    Form("SIP address", lambda c: {"number": f"sip:{c.contact}@pbx.example"}, {}, "the number within is the contact"),
    Form("formula of a spreadsheet", lambda c: {"number": f'="{c.contact}"'}, {}, "the text within is the contact"),
    Form("beside a number of the row", lambda c: {"id": "", "customer_id": c.contact}, {}, "what numbers rows is no contact"),
    Form("caller, called and direction", lambda c: _sides(c, "Incoming", "Outgoing"), {}, "the contact is the other party"),
    Form("caller, called and direction, German", lambda c: _sides(c, "eingehend", "ausgehend"), {}, "as above"),
    Form("caller and called alone", lambda c: {k: v for k, v in _sides(c, "", "").items() if k != "direction"}, {},
         "your own number is the one on one side of nearly all calls; several are asked for"),
)  # fmt: skip


FORMS = {"moment": MOMENTS, "length": LENGTHS, "contact": CONTACTS}
EXAMPLE = Call("2025550101", datetime(2024, 1, 2, 15, 3, 20), 81, True)


@dataclass(frozen=True)
class Around:
    """What stands around the table: lines of text before and after, between its rows, and without its header."""

    name: str
    before: str = ""
    after: str = ""
    between: str = ""
    header: bool = True


AROUND = (
    Around("nothing"),
    Around("the delimiter stated first", before="sep={delimiter}\n"),
    Around("titles", before="Call report\nFrom 2024-01-01 to 2024-03-31\n\n"),
    Around("comments", before="# made by the exchange\n"),
    Around("blank lines", between="\n"),
    Around("the header again", between="{header}\n"),
    Around("a total at the end", after="Total calls: {rows}\n"),
    Around("no header", header=False),
)

PACKED: Mapping[str, Callable[[str], bytes]] = {
    "UTF-8": lambda text: text.encode(),
    "UTF-8 with its mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "Windows-1252": lambda text: text.encode("cp1252"),
    "gzip": lambda text: gzip.compress(text.encode(), mtime=0),
    "zip": lambda text: _zipped(text.encode()),
}


def _zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("calls.csv", content)
    return out.getvalue()


def calls(rows: int = 90, contacts: int = 9, seed: int = ROOT) -> list[Call]:
    """Return made-up calls in order of time; lengths are multiples of three seconds, so that hundredths of a minute are exact."""
    rng = generator("simulate/exports", seed)
    at = np.sort(rng.choice(80 * 86_400, rows, replace=False))
    who = rng.integers(contacts, size=rows)
    long = 3 * rng.integers(1, 250, size=rows)
    return [
        Call(f"20255501{w:02}", datetime(2024, 1, 2) + timedelta(seconds=int(s)), int(n), bool(side))
        for w, s, n, side in zip(who, at, long, rng.random(rows) < 0.5, strict=True)
    ]


def written(
    log: list[Call], moment: Form, length: Form, contact: Form, around: Around = AROUND[0], packed: str = "UTF-8",
    delimiter: str = ",",
) -> bytes:  # fmt: skip
    """Return a file of the log.

    Parameters
    ----------
    log : list of Call
    moment, length, contact : Form
    around : Around
    packed : str
        A key of `PACKED`.
    delimiter : str
    """
    table: list[dict[str, Any]] = []
    for i, c in enumerate(log, 1):
        cells = {**moment.write(c), **contact.write(c), **length.write(c)}
        table.append({name: str(i) if name == "id" else cell for name, cell in cells.items()})
    header = delimiter.join(table[0])
    lines = [_line(row.values(), delimiter) for row in table]
    middle = around.between.format(header=header)
    lines.insert(len(lines) // 2, middle)
    top = around.before.format(delimiter=delimiter) + (f"{header}\n" if around.header else "")
    return PACKED[packed](top + "".join(lines) + around.after.format(rows=len(log)))


def _line(cells: Any, delimiter: str) -> str:
    """Write a row; formulas of a spreadsheet stand as they are."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerow(
        ["\x00" if c.startswith("=") else c for c in cells]
    )
    text = out.getvalue()
    for c in cells:
        if c.startswith("="):
            text = text.replace('"\x00"', c, 1) if '"\x00"' in text else text.replace("\x00", c, 1)
    return text
