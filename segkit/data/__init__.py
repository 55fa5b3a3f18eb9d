"""Where tables come from. This is the only room that sees raw identifiers."""

from __future__ import annotations

from .calls import CallLog, LoadAudit, Quarantined, load_calls
from .draft import Draft, Question, draft_settings, write_draft
from .files import fingerprint
from .identifiers import Identifiers, raw_identifiers

__all__ = [
    "CallLog",
    "Draft",
    "Identifiers",
    "LoadAudit",
    "Quarantined",
    "Question",
    "draft_settings",
    "fingerprint",
    "load_calls",
    "raw_identifiers",
    "write_draft",
]
