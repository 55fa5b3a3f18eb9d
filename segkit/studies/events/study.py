"""A study of events: all questions about one log, each answered once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import SecretStr

from ..source import Source
from .choices import EventChoices
from .meaning import EventMeaning
from .nulls import EventNulls
from .time import EventTime
from .use import EventUse


class EventStudy(EventNulls, EventTime, EventChoices, EventMeaning, EventUse):
    """Questions about the units of one log of events, each answered once."""

    def results(self) -> dict[str, Any]:
        """Return every number that the pages state; `schema.results_schema` describes the keys."""
        return {**super().results(), "verdict": self.verdict.to_json()}

    def save_model(self, path: Path) -> None:
        """Write down what puts new units into the segments."""
        from .saved_model import save_model  # brings the query engine, which pages do without

        save_model(path, self)

    @classmethod
    def assign(cls, source: Source | SecretStr, **asked: Any) -> Path:
        """Put the units of a file, or of the table of an address, into the segments of a saved model, see `assign.assign_file`."""
        from .assign import assign_file, assign_table

        return (
            assign_table(cls, source, **asked) if isinstance(source, SecretStr) else assign_file(cls, source, **asked)
        )
