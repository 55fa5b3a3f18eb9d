"""A draft of settings for a file: what the file itself settles is filled in, the rest becomes a question."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from .. import scratch
from ..config import UNANSWERED, WEEKDAYS, DateOrder, Format, Hours
from ..errors import ConfigError, InputError, printable
from . import evidence, roles
from .evidence import Evidence
from .roles import ROLES, Choice
from .tables import open_table

NONE = "none"  # the answer "the file has no such column", "no day is closed"
FORMAT_KEYS = ("date_order", "duration_unit", "time_zone", "normalise_numbers")
KEYS = (*ROLES, *FORMAT_KEYS, "closed_days", "bands", "k")
FEW_CONTACTS = 20


@dataclass(frozen=True)
class Question:
    """Something that the owner of a file knows better than the file shows.

    Attributes
    ----------
    key : str
        What ``answers`` calls it.
    prompt : str
    options : tuple of str
        Possible answers, the likeliest first; empty where any text may be right.
    reason : str
        What was seen in the file.
    required : bool
        Whether the settings are refused until it is answered. Else the draft has a default.
    """

    key: str
    prompt: str
    options: tuple[str, ...]
    reason: str
    required: bool = True


@dataclass(frozen=True)
class Draft:
    """Settings for one file.

    Attributes
    ----------
    toml : str
        The settings with a comment on each.
    questions : tuple of Question
        What is still open.
    columns : mapping
        Role to column, without the undecided ones.
    confident : bool
        Whether no required question is open.
    """

    toml: str
    questions: tuple[Question, ...]
    columns: Mapping[str, str]
    confident: bool


def draft_settings(path: Path, answers: Mapping[str, str] | None = None) -> Draft:
    """Draft the settings of a file from its header and cells.

    Parameters
    ----------
    path : path
        CSV, Parquet or .xlsx.
    answers : mapping, optional
        Answers by the key of their question: a role (``"contact"``: a column name, or ``"none"``), ``"date_order"``,
        ``"duration_unit"``, ``"time_zone"``, ``"normalise_numbers"``, ``"closed_days"`` (``"Saturday, Sunday"``),
        ``"bands"`` (``"night 0-7, day 8-19, evening 20-23"``), ``"k"``.

    Raises
    ------
    InputError
        The file cannot be read.
    ConfigError
        An answer has no question, or is none of the possible ones.
    """
    path = Path(path)
    answers = {key: str(value).strip() for key, value in (answers or {}).items()}
    with open_table(path) as table:
        found = roles.profiles(table)
        settled = _check_answers(answers, list(found))
        choices = roles.choose(found, min(table.count, roles.SAMPLE), settled)
        seen = evidence.collect(table, choices, found, answers)
    questions: list[Question] = []
    lines = [
        f"# Settings for {printable(path.name)}, drafted by `segkit init` and laid over segkit.toml.",
        f'# Replace each "{UNANSWERED}" by the answer; the comment above it says what was seen.',
        "",
        *_size_lines(seen, answers),
        "[contacts.columns]",
        *_column_lines(choices, found, questions),
        "",
        "[contacts.format]",
        *_format_lines(choices, seen, answers, questions),
        "",
        *_hours_lines(seen, answers, questions),
    ]
    order = {key: i for i, key in enumerate(KEYS)}
    left = sorted((q for q in questions if q.key not in answers), key=lambda q: (not q.required, order[q.key]))
    columns = {role: choice.column for role, choice in choices.items() if choice.column}
    return Draft("\n".join(lines) + "\n", tuple(left), columns, not any(q.required for q in left))


def write_draft(path: Path, draft: Draft, *, force: bool = False) -> Path:
    """Write a draft beside its file, as ``<file>.toml``.

    Parameters
    ----------
    path : path
        The data file.
    draft : Draft
    force : bool
        Whether to replace settings that are there.

    Raises
    ------
    InputError
        Settings are there already, or the folder cannot be written.
    """
    path = Path(path)
    target = path.with_name(path.name + ".toml")
    try:
        with scratch.draft(target, replace=force) as file:
            file.write(draft.toml.encode())
    except FileExistsError:
        raise InputError(
            "these settings exist already", file=target, remedy="Edit them, or give --force to draft them again."
        ) from None
    except OSError as error:
        raise InputError(
            f"the settings cannot be written ({error.strerror})", file=target, remedy="Make the folder writable."
        ) from None
    return target


def _check_answers(answers: Mapping[str, str], columns: list[str]) -> dict[str, str | None]:
    """Check the answers, and return those that settle a role."""
    settled: dict[str, str | None] = {}
    for key, value in answers.items():
        if key not in KEYS:
            raise ConfigError(f"there is no question {printable(key)!r}", remedy=f"Questions are {', '.join(KEYS)}.")
        options: tuple[str, ...] | None = None
        if key in ROLES:
            if value == NONE and key not in roles.REQUIRED:
                settled[key] = None
                continue
            options, settled[key] = tuple(columns), value
        elif key == "date_order":
            options = get_args(DateOrder)
        elif key == "duration_unit":
            options = get_args(Format.model_fields["duration_unit"].annotation)
        elif key == "normalise_numbers":
            options = ("true", "false")
        if options is not None and value not in options:
            shown = ", ".join(printable(option) for option in options)
            raise ConfigError(f"{printable(value)!r} is no answer to {key}", remedy=f"Possible answers are {shown}.")
        try:
            if key == "time_zone" and value != NONE:
                Format(time_zone=value)
            elif key == "closed_days":
                Hours(closed_days=_days(value))
            elif key == "bands":
                Hours(bands=_bands(value))
            elif key == "k" and not (value.isdigit() and 2 <= int(value) <= 50):
                raise ValueError
        except ValueError:
            raise ConfigError(f"{printable(value)!r} is no answer to {key}", remedy=_HINTS[key]) from None
    return settled


_HINTS = {
    "time_zone": "An example is Europe/Berlin.",
    "closed_days": "Give English weekdays, such as Saturday, Sunday, or none; one day at least is open.",
    "bands": "Give names with hours that cover 0 to 23 once, such as night 0-7, day 8-19, evening 20-23.",
    "k": "Give a whole number from 2 to 50.",
}


def _days(value: str) -> tuple[str, ...]:
    return () if value == NONE else tuple(day.strip() for day in value.split(","))


def _bands(value: str) -> dict[str, tuple[int, int]]:
    out = {}
    for part in value.split(","):
        match = re.fullmatch(r"\s*(\w+)[\s:=]+(\d+)\s*-\s*(\d+)\s*", part)
        if not match:
            raise ValueError(part)
        out[match[1]] = (int(match[2]), int(match[3]))
    return out


def _quoted(text: str) -> str:
    """Write a TOML string.

    >>> _quoted('a "b"')
    '"a \\\\"b\\\\""'
    """
    escaped = "".join(f"\\{c}" if c in '"\\' else c if c.isprintable() else f"\\U{ord(c):08X}" for c in text)
    return f'"{escaped}"'


def _size_lines(seen: Evidence, answers: Mapping[str, str]) -> list[str]:
    if "k" not in answers and (seen.contacts is None or seen.contacts >= FEW_CONTACTS):
        return []
    contacts = seen.contacts or FEW_CONTACTS
    most = max(2, min(12, contacts // 2))
    k = int(answers["k"]) if "k" in answers else max(2, min(4, contacts // 5))
    if contacts >= FEW_CONTACTS:
        return ["[contacts]", "# As you answered.", f"k = {k}", ""]
    return [
        "[contacts]",
        f"# The file has {contacts:,} contacts, which is few.",
        f"k = {k}",
        f"k_max = {max(k, most)}",
        "",
    ]


_PROMPTS = {
    "date": "Which column has the date of the call?",
    "time": "Which column has the time of day?",
    "duration": "Which column has the duration of the call?",
    "contact": "Which column identifies the person at the other end?",
    "name": "Which column has the person's name? It is never shown; its words are searched for on the finished pages.",
    "category": "Which column has a category of the contact?",
    "weekday": "Which column repeats the weekday?",
    "month": "Which column repeats the month?",
    "year": "Which column repeats the year?",
}


def _column_lines(
    choices: Mapping[str, Choice], found: Mapping[str, roles.Profile], questions: list[Question]
) -> list[str]:
    lines = []
    used = {choice.column for choice in choices.values()}
    for role, choice in choices.items():
        required = role in roles.REQUIRED
        free = tuple(dict.fromkeys([*choice.candidates, *(name for name in found if name not in used)]))
        needs_time = role == "time" and choice.column is None and choice.reason.startswith("no column")
        if choice.column is None and (required or needs_time):
            lines += [f"# {choice.reason}.", f'{role} = "{UNANSWERED}"']
            questions.append(Question(role, _PROMPTS[role], free, choice.reason))
        elif choice.column is not None:
            lines += [f"# {choice.reason}.", f"{role} = {_quoted(choice.column)}"]
            if not choice.sure:
                questions.append(Question(role, _PROMPTS[role], free, choice.reason, required=False))
        elif role in ("name", "category") and free:
            questions.append(Question(role, _PROMPTS[role], (NONE, *free), choice.reason, required=False))
    return lines


def _format_lines(
    choices: Mapping[str, Choice], seen: Evidence, answers: Mapping[str, str], questions: list[Question]
) -> list[str]:
    orders = ("month/day/year", "day/month/year", "year-month-day")
    units = ("seconds", "minutes", "h:mm:ss")
    lines = []
    for key, prompt, options, (value, reason) in (
        ("date_order", "In which order are dates written?", orders, seen.order),
        ("duration_unit", "In which unit are durations written?", units, seen.unit),
    ):
        if value is None and key not in answers:
            questions.append(Question(key, prompt, options, reason))
        said = answers.get(key, value)
        lines += [f"# {reason}.", f"{key} = {_quoted(said or UNANSWERED)}"]
    required, reason = seen.zone
    zone = answers.get("time_zone")
    if zone is None and reason:
        prompt = "In which time zone is the business? Times are converted to its clock."
        questions.append(Question("time_zone", prompt, () if required else (NONE,), reason, required))
        lines += [f"# {reason}.", f'{"" if required else "# "}time_zone = "{UNANSWERED}"']
    elif zone not in (None, NONE):
        lines += [f"# {reason or 'Times state no offset from UTC'}.", f"time_zone = {_quoted(str(zone))}"]
    if seen.doubles:
        reason = f"{seen.doubles:,} numbers seem to be written in several ways"
        prompt = "Are numbers that differ only in +, spaces, zeros or country code one contact?"
        questions.append(Question("normalise_numbers", prompt, ("true", "false"), reason, required=False))
        lines.append(f"# {reason}.")
    if seen.doubles or "normalise_numbers" in answers:
        lines.append(f"normalise_numbers = {answers.get('normalise_numbers', 'false')}")
    return lines


def _hours_lines(seen: Evidence, answers: Mapping[str, str], questions: list[Question]) -> list[str]:
    defaults = Hours()
    days = _days(answers["closed_days"]) if "closed_days" in answers else seen.closed_days or defaults.closed_days
    bands = _bands(answers["bands"]) if "bands" in answers else defaults.bands
    shares = ", ".join(f"{day} {share:.1%}" for day, share in zip(WEEKDAYS, seen.weekdays, strict=False))
    by_day = f"Share of calls: {shares}" if shares else "The share of calls by weekday is not known yet"
    first, last = defaults.bands["business_hours"]
    inside = sum(seen.hours[first : last + 1])
    by_hour = f"{inside:.1%} of calls begin from {first} to {last} o'clock" if seen.hours else "Hours are the defaults"
    text = ", ".join(f"{name} {a}-{b}" for name, (a, b) in bands.items())
    options = tuple(dict.fromkeys([", ".join(days) or NONE, "Sunday", "Saturday, Sunday", NONE]))
    questions.append(Question("closed_days", "On which days is the business closed?", options, by_day, required=False))
    questions.append(
        Question("bands", "Which hours belong to which band of the day?", (text,), by_hour, required=False)
    )
    return [
        "[contacts.hours]",
        f"# {by_day}.",
        f"closed_days = [{', '.join(_quoted(day) for day in days)}]",
        "",
        "[contacts.hours.bands]",
        f"# {by_hour}.",
        "# First and last hour of each band; together they cover 0 to 23.",
        *(f"{name} = [{a}, {b}]" for name, (a, b) in bands.items()),
    ]
