"""Settings of a study of the prospects in a CRM: its columns, how channels are detected, and how much evidence there is."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from .contract import CRM
from .event_settings import DateOrder, RoleMap, StudySettings
from .places import LocalTime

SOURCE_ROLES = ("original_source", "original_1", "original_2", "latest_source", "referrer", "acquisition")


class ProspectColumns(RoleMap):
    """The columns of an export. Without any of them, those are taken that have the names of known exports."""

    contract = CRM

    id: str | None = None
    clicks_broadcast: str | None = None
    clicks_linkedin: str | None = None
    clicks_twitter: str | None = None
    clicks_facebook: str | None = None
    sessions: str | None = None
    pageviews: str | None = None
    forms: str | None = None
    original_source: str | None = None
    original_1: str | None = None
    original_2: str | None = None
    latest_source: str | None = None
    referrer: str | None = None
    acquisition: str | None = None
    likelihood: str | None = None
    created: str | None = None
    closed: str | None = None
    stage: str | None = None
    owner: str | None = None
    intake: str | None = None
    first_online: str | None = None
    first_offline: str | None = None

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.used:
            lacking = [role for role in self.contract.required if role not in self.used]
            if lacking:
                raise ValueError(f"{lacking[0]} is missing: name its column")
            if not self.used.keys() & set(SOURCE_ROLES):
                raise ValueError(f"no source is named: give one of {', '.join(SOURCE_ROLES)} at least")
        return self


class Channels(StudySettings):
    """The channels study.

    ``minimum`` is how many prospects a combination of channels needs before its rate is told. ``score_unit`` and ``date_order``
    say how predicted likelihoods and dates are written where the file itself does not settle it.
    """

    contract = CRM

    as_of: LocalTime = None
    minimum: int = Field(20, ge=1)
    detector: Literal["taxonomy", "literal"] = "taxonomy"
    score_unit: Literal["auto", "share", "percent"] = "auto"
    date_order: DateOrder | None = None
    columns: ProspectColumns = ProspectColumns()
