"""The lines of a draft on how a file is written and when its business is open, with what the file leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from ..config import UNANSWERED, WEEKDAYS, Format, Hours
from ..contract import Contract
from ..event_settings import DateNumbers
from .answers import MISSED, NONE, bands_of, days_of, own_of
from .evidence import Evidence
from .roles import Choice


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


def quoted(text: str) -> str:
    """Write a TOML string.

    >>> quoted('a "b"')
    '"a \\\\"b\\\\""'
    """
    escaped = "".join(f"\\{c}" if c in '"\\' else c if c.isprintable() else f"\\U{ord(c):08X}" for c in text)
    return f'"{escaped}"'


def format_lines(
    contract: Contract, seen: Evidence, answers: Mapping[str, str], questions: list[Question]
) -> list[str]:
    """Return how dates, amounts and numbers are written; what is not known is added to the questions."""
    orders = ("month/day/year", "day/month/year", "year-month-day")
    asked: list[tuple[str, str, tuple[str, ...], tuple[str | None, str]]]
    asked = [("date_order", "In which order are dates written?", orders, seen.order)]
    if contract.money:
        signs = ("point", "comma")
        asked.append(("decimal", "Do amounts have a decimal point or a decimal comma?", signs, seen.form))
    else:
        units = get_args(Format.model_fields["duration_unit"].annotation)
        asked.append(("duration_unit", "In which unit are durations written?", units, seen.form))
        if any(seen.decimal) or "decimal" in answers:
            prompt = "Do durations have a decimal point or a decimal comma? The other sign is that of thousands."
            asked.append(("decimal", prompt, ("point", "comma"), seen.decimal))
        if seen.missed:
            prompt = "What are calls without a length: 0 seconds long, as missed calls, or set aside?"
            asked.append(("missed", prompt, MISSED, (None, f"{seen.missed:,} calls have no length")))
    if any(seen.numbers):
        counts = get_args(DateNumbers)
        asked.insert(1, ("date_numbers", "What do the numbers in place of dates count?", counts, seen.numbers))
    lines = []
    for key, prompt, options, (value, reason) in asked:
        if value is None and key not in answers:
            questions.append(Question(key, prompt, options, reason))
        said = answers.get(key, value)
        lines += [f"# {reason}.", f"{key} = {quoted(said or UNANSWERED)}"]
    if contract.money:
        value, reason = seen.purchase
        if value is None:
            prompt = "What is one purchase: all rows of a customer and day, or each row?"
            questions.append(Question("purchase", prompt, ("day", "row"), reason, required=False))
        lines += [f"# {reason}.", f"purchase = {quoted(answers.get('purchase', value or 'day'))}"]
    required, reason = seen.zone
    zone = answers.get("time_zone")
    if zone is None and reason:
        prompt = "In which time zone is the business? Times are converted to its clock."
        questions.append(Question("time_zone", prompt, () if required else (NONE,), reason, required))
        lines += [f"# {reason}.", f'{"" if required else "# "}time_zone = "{UNANSWERED}"']
    elif zone not in (None, NONE):
        lines += [f"# {reason or 'Times state no offset from UTC'}.", f"time_zone = {quoted(str(zone))}"]
    if seen.doubles:
        reason = f"{seen.doubles:,} numbers seem to be written in several ways"
        prompt = "Are numbers that differ only in +, spaces, zeros or country code one contact?"
        questions.append(Question("normalise_numbers", prompt, ("true", "false"), reason, required=False))
        lines.append(f"# {reason}.")
    if seen.doubles or "normalise_numbers" in answers:
        lines.append(f"normalise_numbers = {answers.get('normalise_numbers', 'false')}")
    if "withheld" in answers:
        lines += ["# As you answered.", f"withheld = {quoted(answers['withheld'])}"]
    return lines


def own_lines(choices: Mapping[str, Choice], answers: Mapping[str, str], questions: list[Question]) -> list[str]:
    """Return the own numbers as answered; they are asked for where both sides of calls have numbers and nothing says whose."""
    side = choices.get("caller")
    if "own" in answers:
        return ["# As you answered.", f"own = [{', '.join(map(quoted, own_of(answers['own'])))}]"]
    if side is None or side.sure:
        return []
    reason = "No column says in or out, and no number is on one side of nearly all calls"
    questions.append(Question("own", "Which numbers are your own? Give them with commas between.", (), reason))
    return [f"# {reason}: give your own numbers.", f'own = ["{UNANSWERED}"]']


def hours_lines(contract: Contract, seen: Evidence, answers: Mapping[str, str], questions: list[Question]) -> list[str]:
    """Return the closed days and the bands of the day; both have defaults and can be answered."""
    heads, events = (contract.section("hours"), contract.section("hours.bands")), contract.terms.events
    if not seen.hours and seen.weekdays:
        none = "# There is no time of day, so there are no bands of it."
        days = days_of(answers["closed_days"]) if "closed_days" in answers else ()
        return [heads[0], f"closed_days = [{', '.join(quoted(day) for day in days)}]", "", heads[1], none]
    defaults = Hours()
    days = days_of(answers["closed_days"]) if "closed_days" in answers else seen.closed_days or defaults.closed_days
    bands = bands_of(answers["bands"]) if "bands" in answers else defaults.bands
    shares = ", ".join(f"{day} {share:.1%}" for day, share in zip(WEEKDAYS, seen.weekdays, strict=False))
    by_day = f"Share of {events}: {shares}" if shares else f"The share of {events} by weekday is not known yet"
    first, last = defaults.bands["business_hours"]
    inside = sum(seen.hours[first : last + 1])
    by_hour = (
        f"{inside:.1%} of {events} begin from {first} to {last} o'clock" if seen.hours else "Hours are the defaults"
    )
    text = ", ".join(f"{name} {a}-{b}" for name, (a, b) in bands.items())
    options = tuple(dict.fromkeys([", ".join(days) or NONE, "Sunday", "Saturday, Sunday", NONE]))
    questions.append(Question("closed_days", "On which days is the business closed?", options, by_day, required=False))
    questions.append(
        Question("bands", "Which hours belong to which band of the day?", (text,), by_hour, required=False)
    )
    return [
        heads[0],
        f"# {by_day}.",
        f"closed_days = [{', '.join(quoted(day) for day in days)}]",
        "",
        heads[1],
        f"# {by_hour}.",
        "# First and last hour of each band; together they cover 0 to 23.",
        *(f"{name} = [{a}, {b}]" for name, (a, b) in bands.items()),
    ]
