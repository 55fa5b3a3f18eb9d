"""Where tables come from. This is the only room that sees raw identifiers.

What it offers is imported when it is first asked for: the processes that read foreign formats need little of it, and
start for every file.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .draft import Draft, draft_settings, write_draft
    from .draft_format import Question
    from .events import EventLog, LoadAudit, Quarantined, load_events
    from .files import fingerprint
    from .identifiers import Identifiers, raw_identifiers
    from .leads import LeadTable, lead_identifiers, load_leads
    from .messages import Messages, load_messages, message_identifiers
    from .prospects import ProspectTable, load_prospects, prospect_identifiers
    from .sales import Sales, load_sales, sale_identifiers

__all__ = [
    "Draft",
    "EventLog",
    "Identifiers",
    "LeadTable",
    "LoadAudit",
    "Messages",
    "ProspectTable",
    "Quarantined",
    "Question",
    "Sales",
    "draft_settings",
    "fingerprint",
    "lead_identifiers",
    "load_events",
    "load_leads",
    "load_messages",
    "load_prospects",
    "load_sales",
    "message_identifiers",
    "prospect_identifiers",
    "raw_identifiers",
    "sale_identifiers",
    "write_draft",
]
_HOMES = {
    "events": ("EventLog", "LoadAudit", "Quarantined", "load_events"),
    "draft": ("Draft", "draft_settings", "write_draft"),
    "draft_format": ("Question",),
    "files": ("fingerprint",),
    "identifiers": ("Identifiers", "raw_identifiers"),
    "leads": ("LeadTable", "lead_identifiers", "load_leads"),
    "messages": ("Messages", "load_messages", "message_identifiers"),
    "prospects": ("ProspectTable", "load_prospects", "prospect_identifiers"),
    "sales": ("Sales", "load_sales", "sale_identifiers"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f".{home}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
