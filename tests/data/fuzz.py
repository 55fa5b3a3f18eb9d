"""Hundreds of call logs, whole and broken, against a strict reader of our own: none may be read wrong in silence.

Each input is drawn from its number. It either loads as exactly what the strict reader reads, or gives one error that names
no contact. The tests run a few hundred; ``python tests/data/fuzz.py --count 20000`` runs as many as wanted.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import re
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from strict_csv import RefusedError, table

from segkit.config import Contacts
from segkit.data import EventLog, draft_settings, load_events
from segkit.data.tables import open_table
from segkit.errors import ConfigError, InputError
from segkit.privacy import keyed

KEY = b"a key for the fuzzer, of no other use"
ROLES = ("date", "time", "duration", "contact", "name", "category")
COLUMNS = ("call_date", "call_time", "seconds", "phone", "person", "kind")
KINDS = ("Family", "Supplier", "Unknown")
MARKS = "\u200b\u200e\u202a\u202c\u2066\u2069\u00ad\ufeff\u3164\u2800\ufe0f\U000e0041\x01\x1b\x7f\u115f"
ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252")
TOKENS = (
    '"',
    '""',
    "'",
    "\\",
    "#",
    "\n",
    "\r",
    "\r\n",
    " ",
    "\t",
    ";",
    ",",
    "|",
    "-",
    "0",
    "é",
    "\u200b",
    "\ufeff",
    "NULL",
    "∞",
)
Rows = list[list[str]]


@dataclasses.dataclass
class Case:
    """One input: rows as they are meant, and how they are written. ``broken`` says that it has to be refused."""

    rng: random.Random
    header: list[str]
    rows: Rows
    delimiter: str = ","
    end: str = "\n"
    encoding: str = "utf-8"
    kind: str = "csv"
    broken: bool = False
    text: str = ""
    said: list[str] = dataclasses.field(default_factory=list)
    columns: dict[str, str] = dataclasses.field(default_factory=dict)


def made(rng: random.Random) -> Case:
    """Draw a whole log of a dozen contacts."""
    people = [
        (f"{rng.choice(('+27 ', '0', ''))}6{rng.randrange(10**7, 10**8)}", f"Zq{i}{_word(rng)} Xy{_word(rng)}")
        for i in range(12)
    ]
    start, rows = datetime(2022, 1, 13), []
    iso = rng.random() < 0.3
    for i in range(rng.randint(24, 40)):
        number, name = people[i % 12]
        at = start + timedelta(days=i, minutes=rng.randrange(1200), seconds=rng.randrange(60))
        day = f"{at:%Y-%m-%d}" if iso else f"{at.month}/{at.day}/{at.year}"
        length = str(rng.randrange(4000)) + rng.choice(("", "", ".0", ",5"))
        rows.append([day, f"{at:%H:%M:%S}", length, number, name, rng.choice(KINDS)])
    case = Case(
        rng, list(COLUMNS), rows, rng.choice(",;\t|,"), rng.choice(("\n", "\n", "\r\n", "\r")), rng.choice(ENCODINGS)
    )
    case.kind = rng.choice(("csv",) * 14 + ("xlsx", "parquet"))
    order = rng.sample(range(6), 6)
    case.header = [case.header[i] for i in order]
    case.rows = [[row[i] for i in order] for row in rows]
    case.columns = dict(zip(ROLES, COLUMNS, strict=True))
    return case


def _word(rng: random.Random) -> str:
    return "".join(rng.choice("abcdefghikmnoprstuvw") for _ in range(5))


def _at(case: Case, role: str) -> int:
    return case.header.index(COLUMNS[ROLES.index(role)])


def _some(case: Case, most: int = 4) -> list[list[str]]:
    return case.rng.sample(case.rows, case.rng.randint(1, most))


# Changes of the rows, before they are written


def marked(case: Case) -> None:
    for row in _some(case, 9):
        i = case.rng.randrange(6)
        at = case.rng.randint(0, len(row[i]))
        row[i] = row[i][:at] + "".join(case.rng.choices(MARKS, k=case.rng.randint(1, 3))) + row[i][at:]


def nobody(case: Case) -> None:
    for row in _some(case):
        row[_at(case, "contact")] = "".join(case.rng.choices(MARKS, k=3))
    case.broken = True


def full_width(case: Case) -> None:
    shift = case.rng.choice((0xFF10, 0x0660, 0x06F0))
    for row in _some(case, 9):
        i = _at(case, "contact")
        row[i] = "".join(chr(shift + int(c)) if c.isdigit() else c for c in row[i])


def shifted(case: Case) -> None:
    for row in _some(case):
        at = case.rng.randrange(5)
        row.insert(at, row[at]) if case.rng.random() < 0.5 else row.pop(at)
    case.broken = True


def trailing(case: Case) -> None:
    some = case.rng.random() < 0.6
    for row in _some(case, len(case.rows) - 1) if some else case.rows:
        row.append("")
    case.broken = some
    if case.rng.random() < 0.3:
        case.header.append("")


def person_as_kind(case: Case) -> None:
    contact, name, kind = _at(case, "contact"), _at(case, "name"), _at(case, "category")
    for row in _some(case):
        other = case.rng.choice(case.rows)
        row[kind] = case.rng.choice(
            (
                other[contact],
                other[name],
                f"call {other[name].upper()}",
                f"tel {other[contact]}",
                "x.y@example.org",
                "sip:zq@host",
                "0555 123 456",
            )
        )
    case.broken = True


def kinds_of_persons(case: Case) -> None:
    for row in case.rows:
        row[_at(case, "category")] = f"{_word(case.rng)} {_word(case.rng)}"
    case.broken = True


def swapped(case: Case) -> None:
    one, other = case.rng.choice(
        (("name", "category"), ("contact", "category"), ("contact", "duration"), ("date", "time"))
    )
    case.columns[one], case.columns[other] = case.columns[other], case.columns[one]
    case.broken = True


def odd_value(case: Case) -> None:
    role, values = case.rng.choice(
        (
            ("date", ("2/30/2022", "", "31.12", "nan", "1/1/22", "99/99/9999", "2022-13-01", "Tuesday")),
            ("time", ("25:00:00", "8:5", "08:00:00 CET", "08:00:00+99:00", "noon", "", "08:00:60", "-1:00:00")),
            ("duration", ("NaN", "inf", "-1", "1e3", "86401", "", "1,234", "0x10", "1 min", "∞", "1_000", "٣")),
            ("contact", ("6.48E+08", "#REF!", "NULL", "nan", "####", "", " ")),
        )
    )
    for row in _some(case):
        row[_at(case, role)] = case.rng.choice(values)


def unnamed(case: Case) -> None:
    """Drop the header, and perhaps let the settings name the columns by the cells of the first row."""
    case.said = case.header
    case.header = case.rows.pop(0)
    if case.rng.random() < 0.3:
        case.columns = {role: case.header[case.said.index(name)] for role, name in case.columns.items()}
    case.broken = True


def extra_heading(case: Case) -> None:
    who = case.rng.choice(case.rows)
    case.header.append(
        case.rng.choice((who[_at(case, "contact")], "x@example.org", who[_at(case, "name")], "Notes", ""))
    )
    for row in case.rows:
        row.append("x")


ROW_CHANGES: tuple[Callable[[Case], None], ...] = (
    *(marked, nobody, full_width, shifted, trailing, person_as_kind, kinds_of_persons, swapped, odd_value, unnamed),
    extra_heading,
)


def written(case: Case) -> str:
    """Write rows as text, with quotation marks where they are needed and sometimes where they are not."""
    often = case.rng.choice((0.0, 0.1, 1.0))

    def cell(text: str) -> str:
        needs = any(c in text for c in (case.delimiter, '"', "\r", "\n"))
        return '"' + text.replace('"', '""') + '"' if needs or case.rng.random() < often else text

    return case.end.join(case.delimiter.join(map(cell, row)) for row in [case.header, *case.rows]) + case.end


def disturbed(case: Case) -> str:
    """Put a character or two where they do not belong, or take some away."""
    text = case.text
    for _ in range(case.rng.randint(1, 2)):
        at = case.rng.randrange(len(text))
        text = (
            text[:at]
            + (case.rng.choice(TOKENS) if case.rng.random() < 0.8 else "")
            + text[at + case.rng.randint(0, 2) :]
        )
    return text


def store(case: Case, folder: Path) -> Path:
    """Write the case to a file."""
    path = folder / f"calls.{case.kind}"
    if case.kind == "xlsx":
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet()
        for row in [case.header, *case.rows]:
            sheet.append([re.sub(r"[\x00-\x08\x0b-\x1f]", "", text) for text in row])
        book.save(path)
    elif case.kind == "parquet":
        columns = {name: [row[i] for row in case.rows] for i, name in enumerate(case.header)}
        pq.write_table(pa.table(columns), path)
    else:
        data = case.text.encode(case.encoding, "replace")
        case.text = data.decode(case.encoding)
        path.write_bytes(data)
    return path


# The independent reading


def clean(text: str) -> str:
    hidden = set("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
    kept = [
        c
        for c in text
        if c in "\t\n\r"
        or not (
            unicodedata.category(c) in ("Cc", "Cf")
            or c in hidden
            or 0xFE00 <= ord(c) <= 0xFE0F
            or 0xE0000 <= ord(c) <= 0xE01FF
        )
    ]
    return "".join(kept).strip()


def calls_of(header: list[str], rows: Rows, columns: dict[str, str]) -> Counter[tuple[str, datetime, int, str | None]]:
    """Return the calls that rows state, or refuse them: dates, times, lengths and contacts by plain Python."""
    names = [clean(name) for name in header]
    for name in columns.values():
        if names.count(name) != 1:
            raise RefusedError("a column is missing, or there twice")
    at = {role: names.index(name) for role, name in columns.items()}
    found: Counter[tuple[str, datetime, int, str | None]] = Counter()
    for row in rows:
        cells = {role: clean(row[i]) for role, i in at.items()}
        contact = "".join(str(unicodedata.decimal(c, c)) for c in unicodedata.normalize("NFKC", cells["contact"]))
        contact = re.sub(r"^([0-9]+)\.0$", r"\1", contact)
        if contact.lower() in ("", "na", "n/a", "#n/a", "nan", "nat", "null", "none", "<na>"):
            raise RefusedError("no contact")
        day = re.fullmatch(
            r"(?:(\d{4})([-./])(\d\d?)\2(\d\d?)|(\d\d?)([-./])(\d\d?)\6(\d{4}|\d\d))", cells["date"], re.A
        )
        time = re.fullmatch(r"(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?", cells["time"], re.A)
        length = re.fullmatch(r"\+?(\d+)(?:[.,](\d+))?", cells["duration"], re.A)
        if not (day and time and length) or re.fullmatch(r"\+?\d{1,3},\d{3}", cells["duration"], re.A):
            raise RefusedError("a value is not of its kind")
        y, m, d = (day[1], day[3], day[4]) if day[1] else (day[8], day[5], day[7])
        year = int(y) if len(y) == 4 else int(y) + (1900 if int(y) >= 70 else 2000)
        seconds = round(float(f"{length[1]}.{length[2] or 0}"))
        if seconds > 86_400:
            raise RefusedError("too long")
        try:
            moment = datetime(year, int(m), int(d), int(time[1]), int(time[2]), int(time[3] or 0))
        except ValueError:
            raise RefusedError("no such moment") from None
        moment += timedelta(microseconds=int((time[4] or "0").ljust(6, "0")[:6]))
        found[keyed(contact, KEY), moment, seconds, cells["category"] or None] += 1
    return found


def persons(case: Case) -> set[str]:
    """Return what no message and no label may hold: numbers and names of the rows that were written."""
    texts = {row[i] for row in [case.header, *case.rows] for i in range(min(6, len(row)))}
    return {t for t in map(clean, texts) if re.fullmatch(r"\+?[\d ]{8,}", t) or t.startswith("Zq")}


def judge(number: int, folder: Path) -> str:
    """Make input ``number``, load it, and return ``"loaded"`` or ``"refused"``; what is wrong is an AssertionError."""
    case = made(random.Random(number))
    rng = case.rng
    who = persons(case)
    if rng.random() < 0.75:
        rng.choice(ROW_CHANGES)(case)
    case.text = written(case)
    whole = not case.broken
    if case.kind == "csv" and rng.random() < 0.35:
        case.text, whole = disturbed(case), False
    if case.kind == "parquet" and len({*case.header}) < len(case.header):
        case.kind = "csv"
    if case.kind == "parquet" and any(len(row) != len(case.header) for row in case.rows):
        case.kind = "csv"
    path = store(case, folder)
    contacts = Contacts.model_validate({"columns": case.columns}) if len(set(case.columns.values())) == 6 else None
    if contacts is None:
        return "refused"
    try:
        log: EventLog | None = load_events(path, contacts, key=KEY)
    except (InputError, ConfigError) as error:
        log = None
        message = str(error)
        assert "Remedy:" in message, message
        assert error.__cause__ is None and (error.__suppress_context__ or error.__context__ is None), message
        assert not [w for w in who if w in message], message
    if rng.random() < 0.2:
        _draft(path, who)
    if log is None:
        return "refused"
    assert not (case.broken and whole), "it had to be refused"
    try:
        header, rows = table(case.text, case.delimiter) if case.kind == "csv" else (case.header, case.rows)
        want = calls_of(header, rows, case.columns)
    except RefusedError as error:
        raise AssertionError(f"it was read, and the strict reader says: {error}") from None
    have = Counter(tuple(row.values()) for row in log.events.to_pylist())
    assert have == want, f"{len(have - want)} calls differ"
    shown = [log.audit.columns.to_csv(), *log.audit.notes, *(str(row[3]) for row in have)]
    assert not [w for w in who for text in shown if w.casefold() in text.casefold()], "a label is a person"
    return "loaded"


def judge_text(number: int, folder: Path) -> str:
    """Compare the cells of one small text with those of the strict reader: quotation marks, line ends, widths and all."""
    rng = random.Random(f"text {number}")
    width, delimiter, end = rng.randint(2, 4), rng.choice(",;\t|"), rng.choice(("\n", "\n", "\r\n", "\r"))
    if rng.random() < 0.5:
        body = "".join(
            rng.choice((*TOKENS, *"aab", delimiter * 2, '"q"', '"a\nb"', f'"x{delimiter}y"')) for _ in range(20)
        )
    else:
        cells = ("a", "", '"q"', '"a""b"', f'"x{delimiter}y"', '"l\nm"', " z", "zz ", "\\", "#", '""')
        rows = [delimiter.join(rng.choices(cells, k=width)) for _ in range(rng.randint(1, 6))]
        body = end.join(rows) + end * (rng.random() < 0.7)
        if rng.random() < 0.5:
            at = rng.randint(0, len(body))
            body = body[:at] + rng.choice(TOKENS) + body[at:]
    text = delimiter.join(("date", "time", "name", "phone")[:width]) + delimiter * (rng.random() < 0.2) + end + body
    path = folder / "cells.csv"
    path.write_bytes(text.encode())
    try:
        with open_table(path, ("date", "time")) as found:
            sql = f"SELECT {', '.join(found.columns.values())} FROM raw"
            have = [[cell or "" for cell in row] for row in found.connection.execute(sql).fetchall()]
    except InputError:
        return "refused"
    try:
        _, want = table(text, delimiter)
    except RefusedError as error:
        raise AssertionError(f"it was read, and the strict reader says: {error}") from None
    want = [[cell.replace("\r\n", "\n").replace("\r", "\n") for cell in row] for row in want]
    have = [[cell.replace("\r\n", "\n").replace("\r", "\n") for cell in row] for row in have]
    assert have == want, "cells differ"
    return "loaded"


def _draft(path: Path, who: set[str]) -> None:
    try:
        draft = draft_settings(path)
    except (InputError, ConfigError) as error:
        assert not [w for w in who if w in str(error)], str(error)
        return
    text = draft.toml + repr(draft.questions)
    assert not [w for w in who if w in text], "the draft shows a person"


def run(first: int, count: int, how: Callable[[int, Path], str] = judge) -> Counter[str]:
    """Judge ``count`` inputs from number ``first`` on."""
    outcome: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, first + count):
            try:
                outcome[how(number, Path(folder))] += 1
            except AssertionError as error:
                raise AssertionError(f"input {number}: {error}") from error
            except Exception as error:
                raise AssertionError(f"input {number}: {type(error).__name__} in place of one clear error") from error
    return outcome


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--text", action="store_true", help="cells of small texts alone, which is ten times as fast")
    given = parser.parse_args()
    faults = 0
    total: Counter[str] = Counter()
    for at in range(given.first, given.first + given.count):
        try:
            total += run(at, 1, judge_text if given.text else judge)
        except AssertionError as fault:
            faults += 1
            print(fault, flush=True)
        if (at + 1) % 1000 == 0:
            print(at + 1, dict(total), faults, flush=True)
    print(dict(total), f"{faults} faults")
    sys.exit(bool(faults))
