"""Exports of calls whose columns are documented: recognised as a whole, by names or places, if the cells agree.

What a column of its own leaves open, such a document answers. Where cells speak against it, nothing is taken from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from .evidence import Evidence
from .roles import ANSWERED, Choice
from .tables import Table

SEVERAL = 5  # rows that a check compares at least
_OF = {
    "date_order": "order",
    "duration_unit": "form",
    "date_numbers": "numbers",
}  # attribute of the evidence, by its question


@dataclass(frozen=True)
class KnownExport:
    """What is documented of an export.

    Attributes
    ----------
    name : str
    columns : tuple of str
        Names that all must be there; without a header, the documented names by place, of which the last ones may be missing.
    says : mapping of str to str
        Answers to questions on the file, as of `draft.draft_settings`, with the documented names of columns.
    cells : mapping of str to str
        The form of every filled cell, by column.
    agree : tuple of str
        SQL that holds for every row where it is known; ``{name}`` is the cell of a column as text.
    fewest, most : int
        Columns at least and at most, for an export without a header; systems add fields behind those that they had. 0 at least
        is one with a header.
    """

    name: str
    columns: tuple[str, ...]
    says: Mapping[str, str]
    cells: Mapping[str, str] = field(default_factory=dict)
    agree: tuple[str, ...] = ()
    fewest: int = 0
    most: int = 100

    @property
    def reason(self) -> str:
        """Why something was chosen."""
        return f"as {self.name} writes it, and the cells agree"


def _seconds(end: str, start: str, length: str, kind: str) -> str:
    """Return SQL for "this length is that from one moment to another"; both are rounded."""
    between = f"TRY_CAST({{{end}}} AS {kind}) - TRY_CAST({{{start}}} AS {kind})"
    seconds = f"epoch({between})" if kind == "TIMESTAMP" else between
    return f"CASE WHEN {{{start}}} <> '0' THEN abs({seconds} - TRY_CAST({{{length}}} AS DOUBLE)) <= 1 END"


_MOMENT, _WHOLE, _UNIX = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", r"\d+", r"\d{9,10}|0"
KNOWN = (
    KnownExport(  # Cisco Unified CM, Call Detail Records Administration Guide: field descriptions
        "Cisco CUCM", ("cdrRecordType", "globalCallID_callId", "dateTimeOrigination", "callingPartyNumber",
                       "finalCalledPartyNumber", "dateTimeConnect", "dateTimeDisconnect", "duration"),
        {"date": "dateTimeOrigination", "time": "none", "duration": "duration", "caller": "callingPartyNumber",
         "called": "finalCalledPartyNumber", "date_numbers": "unix seconds", "duration_unit": "seconds"},
        dict.fromkeys(("dateTimeOrigination", "dateTimeConnect", "dateTimeDisconnect"), _UNIX) | {"duration": _WHOLE},
        (_seconds("dateTimeDisconnect", "dateTimeConnect", "duration", "BIGINT"),),
    ),
    KnownExport(  # Asterisk documentation: CDR variables, in the order of cdr_csv
        "Master.csv of Asterisk", ("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata",
                                   "start", "answer", "end", "duration", "billsec", "disposition", "amaflags", "uniqueid",
                                   "userfield"),
        {"date": "start", "time": "none", "duration": "billsec", "caller": "src", "called": "dst", "name": "none",
         "category": "none", "duration_unit": "seconds"},
        dict.fromkeys(("start", "answer", "end"), _MOMENT) | dict.fromkeys(("duration", "billsec"), _WHOLE)
        | {"disposition": "[A-Z ]+", "amaflags": "DOCUMENTATION|BILLING|OMIT|DEFAULT|[0-3]"},
        (_seconds("end", "start", "duration", "TIMESTAMP"), _seconds("end", "answer", "billsec", "TIMESTAMP")), fewest=16, most=18,
    ),
    KnownExport(  # Avaya IP Office Manager, appendix on SMDR: fields in their order
        "SMDR of Avaya IP Office", ("start", "connected", "ring", "caller", "direction", "called", "dialled", "account",
                                    "internal", "id", "continued", "device", "party"),
        {"date": "start", "time": "none", "duration": "connected", "caller": "caller", "direction": "direction",
         "called": "called", "name": "none", "category": "none", "duration_unit": "h:mm:ss"},
        {"start": r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", "connected": r"\d\d:\d\d:\d\d", "ring": _WHOLE, "direction": "[IO]",
         "internal": "[01]", "id": _WHOLE, "continued": "[01]"}, ("{start} <> '' AND {connected} <> ''",), fewest=13,
    ),
    KnownExport(  # seconds since 2001 (Apple, NSDate), of the table of calls in CallHistory.storedata
        "the table of calls of an iPhone", ("Z_PK", "ZORIGINATED", "ZDATE", "ZDURATION", "ZADDRESS"),
        {"study": "contacts", "date": "ZDATE", "time": "none", "duration": "ZDURATION", "contact": "ZADDRESS", "name": "none",
         "date_numbers": "apple seconds", "duration_unit": "seconds"},
        {"ZORIGINATED": "[01]", "ZDATE": r"\d{9,10}(\.\d+)?", "ZDURATION": r"\d+(\.\d+)?"},
        ("TRY_CAST({ZDATE} AS DOUBLE) BETWEEN 190e6 AND 1262e6",),  # from 2007, the first of them, to 2040: no count since 1970
    ),
    KnownExport(  # SMS Backup & Restore, "Fields in XML backup files": milliseconds since 1970, and the same moment to be read
        "a backup of the calls of Android", ("number", "duration", "date", "type", "readable_date"),
        {"study": "contacts", "date": "date", "time": "none", "duration": "duration", "contact": "number",
         "date_numbers": "unix milliseconds", "duration_unit": "seconds"},
        dict.fromkeys(("duration", "type"), _WHOLE) | {"date": r"\d{12,13}"},
    ),
    KnownExport(  # the length in the call is from the answer on, the total from the first ring; its unit is asked
        "Aircall", ("line", "datetime (UTC)", "direction", "from", "to", "duration (total)", "duration (in call)"),
        {"duration": "duration (in call)"}, dict.fromkeys(("duration (total)", "duration (in call)"), _WHOLE),
        ("TRY_CAST({duration (in call)} AS BIGINT) <= TRY_CAST({duration (total)} AS BIGINT)",),
    ),
)  # fmt: skip


def recognised(table: Table, named: Iterable[str], answers: Mapping[str, str]) -> KnownExport | None:
    """Return the export that a table is, with the columns of this table in what it says; less what the owner has answered.

    Parameters
    ----------
    table : Table
        With a sample of its rows in ``sample``.
    named : iterable of str
        Columns that have a name, or one by their place.
    answers : mapping
        Of the owner, who knows better.
    """
    here, bare = list(named), table.source.headless
    for known in KNOWN:
        if bare == bool(known.fewest) and answers.get("study", "contacts") == "contacts":
            places = dict(zip(known.columns, here, strict=False)) if bare else _by_name(known, here)
            if (
                places is not None
                and (not bare or known.fewest <= len(here) <= known.most)
                and _agrees(table, known, places)
            ):
                own = {"caller", "called", "direction"} if answers.get("contact", "none") != "none" else set()
                if answers.keys() & {"caller", "called"}:
                    own |= {"contact"}
                said = {key: places.get(value, value) for key, value in known.says.items()}
                return replace(known, says={k: v for k, v in said.items() if k not in own | answers.keys()})
    return None


def _by_name(known: KnownExport, here: Iterable[str]) -> dict[str, str] | None:
    spelled = {name.strip().casefold(): name for name in here}
    found = {name: spelled.get(name.casefold(), "") for name in known.columns}
    return found if all(found.values()) else None


def _agrees(table: Table, known: KnownExport, places: Mapping[str, str]) -> bool:
    """Tell whether cells of the sample have the documented forms, and rows agree in themselves."""
    text = {name: table.text(column) for name, column in places.items()}
    forms = [f"regexp_full_match({text[name]}, '{form}')" for name, form in known.cells.items()]
    rules = [re.sub(r"\{([^{}]+)\}", lambda hit: text[hit[1]], rule) for rule in known.agree]
    found = table.one(
        f"SELECT {', '.join(f'count(*) FILTER (NOT ({sql})), count({sql})' for sql in (*forms, *rules))} FROM sample"
    )
    against, seen = found[::2], found[1::2]
    return not any(against) and all(count >= SEVERAL for count in seen[len(forms) :])


def told(known: KnownExport, choices: Mapping[str, Choice]) -> dict[str, Choice]:
    """Return choices whose reason is the export, where it was what answered."""
    return {
        role: replace(choice, reason=known.reason) if role in known.says and choice.reason == ANSWERED else choice
        for role, choice in choices.items()
    }


def seen_as(known: KnownExport, seen: Evidence) -> Evidence:
    """Return the evidence with what the export says of forms; what the cells answer otherwise is left open, to be asked."""
    out = {}
    for key, name in _OF.items():
        if key in known.says:
            value, said = getattr(seen, name)[0], known.says[key]
            against = f"{known.name} has {said} here, and the cells look like {value}"
            out[name] = (
                (said, f"{known.reason[0].upper()}{known.reason[1:]}") if value in (None, said) else (None, against)
            )
    return replace(seen, **out)  # type: ignore[arg-type]


def left(known: KnownExport, seen: Evidence) -> set[str]:
    """Return the questions of form that are open in spite of the export."""
    return {key for key, name in _OF.items() if key in known.says and getattr(seen, name)[0] is None}
