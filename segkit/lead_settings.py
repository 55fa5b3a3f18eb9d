"""Settings of a study of leads: its columns, how they are clustered, and how much evidence there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from .contract import LEADS, Contract
from .event_settings import Evidence, RoleMap, Settings


class LeadColumns(RoleMap):
    """The columns of a file of leads. Without any of them, the file has to be one whose columns are known."""

    contract = LEADS

    outcome: str | None = None
    state: str | None = None
    industry: str | None = None
    job_title: str | None = None
    education: str | None = None
    age_range: str | None = None
    experience: str | None = None
    gender: str | None = None
    lead_source: str | None = None
    id: str | None = None
    name: str | None = None

    @model_validator(mode="after")
    def _outcome(self) -> Self:
        if self.used and not self.outcome:
            raise ValueError("outcome is missing: name the column that says which leads converted")
        return self


class Personas(Settings):
    """The personas study.

    ``keep`` and ``drop`` are headers of the file: columns that stay although they look as if they followed from the
    outcome, and columns that are left out. ``clustered_file`` asks for the input with the segment of each lead, which is
    written on this machine alone.
    """

    contract: ClassVar[Contract] = LEADS

    data: Path | None = None
    k: int | Literal["auto"] = "auto"
    k_min: int = Field(2, ge=2)
    k_max: int = Field(8, le=50)
    restarts: int = Field(20, ge=1)
    clusterer: Literal["auto", "factors", "gower", "modes", "classes"] = "auto"
    columns: LeadColumns = LeadColumns()
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    clustered_file: bool = False
    evidence: Evidence = Evidence()

    @field_validator("k", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        if value != "auto" and (type(value) is not int or not 2 <= value <= 50):
            raise ValueError('give a whole number from 2 to 50, or "auto"')
        return value

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.k_max < self.k_min:
            raise ValueError("k_max is below k_min")
        if set(self.keep) & set(self.drop):
            raise ValueError("a column is in keep and in drop")
        if set(self.drop) & set(self.columns.used.values()):
            raise ValueError("a column is in drop and has a role")
        return self
