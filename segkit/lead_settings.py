"""Settings of a study of leads: its columns, how they are clustered, and how much evidence there is."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from .contract import LEADS
from .event_settings import RoleMap, StudySettings


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


class Personas(StudySettings):
    """The personas study.

    ``keep`` and ``drop`` are headers of the file: columns that stay although they look as if they followed from the
    outcome, and columns that are left out. ``clustered_file`` asks for the input with the segment of each lead, which is
    written on this machine alone.
    """

    contract = LEADS

    clusterer: Literal["auto", "factors", "gower", "modes", "classes"] = "auto"
    columns: LeadColumns = LeadColumns()
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    clustered_file: bool = False

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if set(self.keep) & set(self.drop):
            raise ValueError("a column is in keep and in drop")
        if set(self.drop) & set(self.columns.used.values()):
            raise ValueError("a column is in drop and has a role")
        return self
