"""What all settings of studies have; and those of a study of events: its columns, formats and gates."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import Any, ClassVar, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_serializer, field_validator, model_validator

from . import thresholds
from .contract import CALLS, PURCHASES, Contract
from .places import LocalTime, Place
from .privacy import keyed, secret

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NAME = r"^[a-z][a-z0-9_]{0,30}\Z"
SIDES = ("caller", "called")  # of a call
DAY_SHARES = ("open_day", "closed_day")  # features of this name exist beside those of the bands
Action = Literal["stop", "quarantine"]
DateNumbers = Literal[
    "unix seconds", "unix milliseconds", "unix microseconds", "unix nanoseconds", "apple seconds", "windows ticks",
    "excel days", "matlab days",
]  # fmt: skip
DateOrder = Literal["month/day/year", "day/month/year", "year-month-day"]


class Settings(BaseModel):
    """A section: what it does not know, it refuses."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RoleMap(Settings):
    """Which column of the file plays which role."""

    contract: ClassVar[Contract]

    @property
    def used(self) -> dict[str, str]:
        """The columns that the file has, by role, in the order of the contract."""
        return {role: name for role in self.contract.names if (name := getattr(self, role))}

    @model_validator(mode="after")
    def _once(self) -> Self:
        names = list(self.used.values())
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            both = ", ".join(role for role, name in self.used.items() if name in twice)
            raise ValueError(f"one column plays several roles: {both}")  # not its name: it may be a cell of data
        return self


class RoleColumns(RoleMap):
    """The columns of a log of events; ``date`` may hold date and time together."""

    date: str
    time: str | None = None
    name: str | None = None
    category: str | None = None
    weekday: str | None = None
    month: str | None = None
    year: str | None = None
    not_business: tuple[str, ...] = ()  # labels of the category, whose units no rule is for

    @model_validator(mode="after")
    def _labelled(self) -> Self:
        if self.not_business and not self.category:
            raise ValueError("not_business names labels, and category names no column of them")
        return self

    @property
    def unit_column(self) -> str:
        """The column that identifies who acts, or both of which each row has it in one."""
        unit = self.used.get(self.contract.unit)
        return unit or " / ".join(self.used[side] for side in SIDES)

    @property
    def amount_column(self) -> str:
        """The column of what an event adds up to."""
        return self.used[self.contract.amount]

    def column(self, role: str) -> str:
        """Return the column of a role; that of the amount, or of who acts, may be another one, from which it follows."""
        return self.used.get(role) or (self.amount_column if role == self.contract.amount else self.unit_column)


class Columns(RoleColumns):
    """The columns of a call log: the contact has one, or is on either side of a call."""

    contract = CALLS

    duration: str | None = None
    end: str | None = None
    contact: str | None = None
    caller: str | None = None
    called: str | None = None
    direction: str | None = None

    @model_validator(mode="after")
    def _someone(self) -> Self:
        sides = [side for side in SIDES if getattr(self, side)]
        if self.contact and (sides or self.direction):
            raise ValueError("give contact alone, or caller and called (and direction) in its place")
        if not self.contact and len(sides) < len(SIDES):
            raise ValueError("contact: give the column of the other end, or caller and called in its place")
        return self

    @property
    def amount_column(self) -> str:
        """The column of lengths, else that of ends."""
        return self.duration or str(self.end)

    @model_validator(mode="after")
    def _length(self) -> Self:
        if bool(self.duration) == bool(self.end):
            raise ValueError("name the column of lengths as `duration`, or that of the ends as `end`: one of them")
        return self


class PurchaseColumns(RoleColumns):
    """The columns of a purchase log."""

    contract = PURCHASES

    customer: str
    amount: str
    order: str | None = None
    items: str | None = None


class EventFormat(Settings):
    """How dates and numbers are written."""

    date_order: DateOrder = "month/day/year"
    date_numbers: DateNumbers | None = None  # what whole numbers count, where their size does not tell
    time_zone: str | None = None
    normalise_numbers: bool = False
    withheld: Literal["aside", "group"] = "aside"

    @field_validator("time_zone")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value:
            try:
                ZoneInfo(value)
            except (ZoneInfoNotFoundError, ValueError, OSError):  # a region without a city is a folder
                if not available_timezones():
                    raise ValueError("this machine has no database of time zones; install the package tzdata") from None
                raise ValueError(f"no time zone is called {value!r}; an example is Europe/Berlin") from None
        return value or None


class Format(EventFormat):
    """How a call log is written."""

    duration_unit: Literal["seconds", "minutes", "milliseconds", "days", "h:mm:ss", "h:mm", "words"] = "seconds"
    decimal: Literal["point", "comma"] | None = None  # of lengths with signs of thousands; else the cells say it
    missed: Literal["zero", "aside"] | None = None  # what a call without a length is: 0 seconds long, or set aside
    median_limit: float = Field(default=10_800, gt=0)  # seconds; half of the calls that last longer are of another unit
    own: tuple[SecretStr, ...] = ()

    @field_validator("own")
    @classmethod
    def _numbers(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not all(any(c.isalnum() for c in number.get_secret_value()) for number in value):
            raise ValueError("give your own numbers as texts, or leave the setting out")
        return value

    @field_serializer("own", when_used="json")
    def _keyed(self, value: tuple[SecretStr, ...]) -> list[str]:
        """Settings are published and are part of marks: what stands for a number there changes with it and tells nothing."""
        return sorted(keyed(number.get_secret_value(), secret()) for number in value) if value else []


class PurchaseFormat(EventFormat):
    """How a purchase log is written, and what is one purchase.

    That is: the rows of one order number, the rows of a customer and a day, or each row.
    """

    date_order: DateOrder = "year-month-day"
    decimal: Literal["point", "comma"] = "point"
    purchase: Literal["order", "day", "row"] = "day"


class Hours(Settings):
    """Bands of the day, and the days on which the business is closed; dates without a time of day have no bands."""

    bands: dict[str, tuple[int, int]] = Field(
        default_factory=lambda: {
            "early_morning": (0, 7),
            "business_hours": (8, 17),
            "evening": (18, 20),
            "late_night": (21, 23),
        }
    )
    closed_days: tuple[Literal[WEEKDAYS], ...] = ("Sunday",)  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _cover(self) -> Hours:
        for name, (first, last) in self.bands.items():
            if not re.match(NAME, name):
                raise ValueError(f"the band name {name!r} is not lower case letters, digits and underscores")
            if name in DAY_SHARES:
                raise ValueError(f"the band name {name!r} is taken by the shares of open and closed days")
            if not 0 <= first <= last <= 23:
                raise ValueError(
                    f"the band {name!r} does not run from an hour to a later one within 0 to 23; "
                    "split a band that passes midnight in two"
                )
        hours = sorted(h for a, b in self.bands.values() for h in range(a, b + 1))
        if self.bands and hours != list(range(24)):
            raise ValueError("the bands must cover each hour from 0 to 23 exactly once")
        if len(set(self.closed_days)) == len(WEEKDAYS):
            raise ValueError("a business that is closed every day has no open days to compare with")
        return self


class PurchaseHours(Hours):
    """The same of purchases, whose dates may have no time of day: there are no bands then."""

    bands: dict[str, tuple[int, int]] = Field(default_factory=dict)
    closed_days: tuple[Literal[WEEKDAYS], ...] = ()  # type: ignore[valid-type]


class EventGates(Settings):
    """What happens to rows that cannot be used."""

    missing: Action = "stop"
    timestamp: Action = "stop"
    identifier: Action = "stop"


class Gates(EventGates):
    """The gates of calls."""

    duration: Action = "stop"


class PurchaseGates(EventGates):
    """The gates of purchases."""

    amount: Action = "stop"


class Evidence(Settings):
    """How much resampling stands behind each claim, and from where on a claim counts."""

    starts: int = Field(default=10, ge=1)
    gap: int = Field(default=100, ge=2)
    splits: int = Field(default=50, ge=2)
    bootstraps: int = Field(default=100, ge=2)
    subsamples: int = Field(default=100, ge=2)
    resamples: int = Field(default=100, ge=2)
    pipelines: int = Field(default=200, ge=2)
    nulls: int = Field(default=99, ge=2)
    null_bootstraps: int = Field(default=20, ge=2)
    prediction_strength: float = Field(default=thresholds.PREDICTION_STRENGTH, gt=0, le=1)
    jaccard: float = Field(default=thresholds.JACCARD, gt=0, le=1)
    level: float = Field(default=thresholds.LEVEL, gt=0, lt=1)


class StudySettings(Settings):
    """What the settings of all studies have."""

    contract: ClassVar[Contract]

    data: Place = None
    k: int | Literal["auto"] = "auto"
    k_min: int = Field(2, ge=2)
    k_max: int = Field(8, le=50)
    restarts: int = Field(20, ge=1)
    evidence: Evidence = Evidence()

    @field_validator("k", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        if value != "auto" and (type(value) is not int or not 2 <= value <= 50):
            raise ValueError('give a whole number from 2 to 50, or "auto"')
        return value

    @model_validator(mode="after")
    def _range(self) -> Self:
        if self.k_max < self.k_min:
            raise ValueError("k_max is below k_min")
        return self


Break = tuple[date, date]  # its first day and its last


class EventSettings(StudySettings):
    """What the settings of all studies of events have."""

    k_max: int = Field(12, le=50)
    restarts: int = Field(50, ge=1)
    clip: float = Field(0.01, ge=0, lt=0.5)
    cap: float = Field(10.0, gt=0)
    neighbour_map: bool = True
    as_of: LocalTime = None
    breaks: Literal["found", "none"] | tuple[Break, ...] = "found"
    hours: Hours = Hours()
    columns: RoleColumns
    format: EventFormat = EventFormat()
    gates: EventGates = EventGates()

    @field_validator("breaks", mode="before")
    @classmethod
    def _days(cls, value: Any) -> Any:
        if value in ("found", "none"):
            return value
        try:
            pairs = sorted((date.fromisoformat(str(a)), date.fromisoformat(str(z))) for a, z in value)
        except (TypeError, ValueError):
            raise ValueError('give "found", "none", or pairs of a first and a last day, as 2024-12-31') from None
        if any(a > z for a, z in pairs) or any(z >= a for (_, z), (a, _) in pairwise(pairs)):
            raise ValueError("a break ends before it begins, or two of them overlap")
        return tuple(pairs)


class Contacts(EventSettings):
    """The contacts study."""

    contract = CALLS

    long_call_quantile: float = Field(0.95, gt=0, lt=1)
    columns: Columns
    format: Format = Format()
    gates: Gates = Gates()


class Customers(EventSettings):
    """The customers study. Its columns are those of the public purchase log where nothing else is said."""

    contract = PURCHASES

    large_order_quantile: float = Field(0.95, gt=0, lt=1)
    columns: PurchaseColumns = PurchaseColumns(customer="customer", date="date", items="items", amount="amount_usd")
    format: PurchaseFormat = PurchaseFormat()
    gates: PurchaseGates = PurchaseGates()
    hours: PurchaseHours = PurchaseHours()

    @model_validator(mode="after")
    def _orders(self) -> Self:
        if self.format.purchase == "order" and not self.columns.order:
            raise ValueError('format.purchase is "order", and no column has the number of the order')
        return self
