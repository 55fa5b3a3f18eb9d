"""Answers to the questions on a file: which there are, and whether one can be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import get_args

from ..config import Channels, DateOrder, Format, Hours, PurchaseFormat, PurchaseHours
from ..contract import CRM, MESSAGES, Contract
from ..errors import ConfigError, printable
from ..event_settings import DateNumbers

FLAGS = ("true", "false")
NONE = "none"  # the answer "the file has no such column", "no day is closed"
MISSED = ("zero", "aside")
HINTS = {
    "time_zone": "An example is Europe/Berlin.",
    "closed_days": "Give English weekdays, such as Saturday, Sunday, or none; one day at least is open.",
    "bands": "Give names with hours that cover 0 to 23 once, such as night 0-7, day 8-19, evening 20-23.",
    "own": "Give your own numbers with commas between them.",
    "k": "Give a whole number from 2 to 50.",
}


def keys(contract: Contract) -> tuple[str, ...]:
    """Return the keys of all questions on a file, in their order."""
    if contract is CRM:
        return (*contract.names, "date_order", "score_unit", "k", "study")
    if contract is MESSAGES:
        return (*contract.names, "date_order", "both_ways", "k", "study")
    if not contract.events:
        return (*contract.names, "k", "study")
    form = ("decimal", "purchase") if contract.money else ("duration_unit", "decimal", "missed", "own")
    return (
        *contract.names,
        "date_order",
        "date_numbers",
        *form,
        "time_zone",
        "normalise_numbers",
        "withheld",
        "closed_days",
        "bands",
        "k",
        "study",
    )


def check(answers: Mapping[str, str], columns: list[str], contract: Contract) -> dict[str, str | None]:
    """Check the answers, and return those that settle a role."""
    settled: dict[str, str | None] = {}
    known = keys(contract)
    hours = PurchaseHours if contract.money else Hours
    for key, value in answers.items():
        if key not in known:
            raise ConfigError(f"there is no question {printable(key)!r}", remedy=f"Questions are {', '.join(known)}.")
        options: tuple[str, ...] | None = None
        if key in contract.names:
            if value == NONE and key not in contract.required:
                settled[key] = None
                continue
            options, settled[key] = tuple(columns), value
        elif key == "date_order":
            options = get_args(DateOrder)
        elif key == "date_numbers":
            options = get_args(DateNumbers)
        elif key == "score_unit":
            options = get_args(Channels.model_fields[key].annotation)
        elif key == "duration_unit":
            options = get_args(Format.model_fields[key].annotation)
        elif key == "missed":
            options = MISSED
        elif key in ("decimal", "purchase"):
            options = get_args(PurchaseFormat.model_fields[key].annotation)
        elif key == "withheld":
            options = get_args(Format.model_fields[key].annotation)
        elif key in ("normalise_numbers", "both_ways"):
            options = FLAGS
        if options is not None and value not in options:
            shown = ", ".join(printable(option) for option in options)
            raise ConfigError(f"{printable(value)!r} is no answer to {key}", remedy=f"Possible answers are {shown}.")
        try:
            if key == "time_zone" and value != NONE:
                Format(time_zone=value)
            elif key == "own":
                Format.model_validate({"own": own_of(value)})
            elif key == "closed_days":
                hours(closed_days=days_of(value))
            elif key == "bands":
                hours(bands=bands_of(value))
            elif key == "k" and not (value.isdigit() and 2 <= int(value) <= 50):
                raise ValueError
        except ValueError:
            raise ConfigError(f"{printable(value)!r} is no answer to {key}", remedy=HINTS[key]) from None
    return settled


def own_of(value: str) -> list[str]:
    """Return the own numbers of an answer."""
    return [] if value == NONE else [number.strip() for number in value.split(",")]


def days_of(value: str) -> tuple[str, ...]:
    """Return the days of an answer."""
    return () if value == NONE else tuple(day.strip() for day in value.split(","))


def bands_of(value: str) -> dict[str, tuple[int, int]]:
    """Return the bands of an answer."""
    out: dict[str, tuple[int, int]] = {}
    for part in value.split(",") if value != NONE else ():
        match = re.fullmatch(r"\s*(\w+)[\s:=]+(\d+)\s*-\s*(\d+)\s*", part)
        if not match:
            raise ValueError(part)
        out[match[1]] = (int(match[2]), int(match[3]))
    return out
