"""Which study a file is for, judged by its columns."""

from __future__ import annotations

from collections.abc import Mapping

from ..contract import CALLS, CONTRACTS, CRM, LEADS, MESSAGES, PURCHASES, Contract
from ..errors import ConfigError, printable
from . import message_roles, prospect_roles
from .roles import MOSTLY, Profile, content_score, header_score

FEW = 2  # values of an outcome; a file of leads has more columns than that
DOUBT = "The file may be one of calls or one of purchases: no column alone says so"


def contract_of(study: str | None, found: Mapping[str, Profile], rows: int) -> tuple[Contract, str]:
    """Return what a file is taken for, and why that is in doubt, if it is.

    The names that exports of a CRM have for a number, a date of creation and a source tell contacts of one; those that logs of
    messages have for both sides and a time tell messages, where no column has lengths. A column that
    says who converted tells leads, unless there are dates with lengths or money as well. A column of lengths, or one of
    telephone numbers, tells calls; one of money without these tells purchases.

    Raises
    ------
    ConfigError
        There is no such study.
    """
    if study is not None:
        if study not in CONTRACTS:
            raise ConfigError(f"there is no study {printable(study)!r}", remedy=f"Studies are {', '.join(CONTRACTS)}.")
        return CONTRACTS[study], ""
    if prospect_roles.known(found):
        return CRM, ""
    if message_roles.known(found):
        return MESSAGES, ""
    if _leads(found, rows):
        return LEADS, ""
    profiles = found.items()
    duration, amount, contact = CALLS["duration"], PURCHASES["amount"], CALLS["contact"]
    calls = any(
        content_score(duration, p, rows)
        and (header_score(duration, name) > 0 or p.clock >= MOSTLY or p.elapsed or p.worded >= MOSTLY)
        for name, p in profiles
    )
    paid = any(
        (score := content_score(amount, p, rows)) and (head := header_score(amount, name)) >= 0 and head + score >= 2
        for name, p in profiles
    )
    phones = any(content_score(contact, p, rows) >= 2 for _, p in profiles)
    ended = phones and any(p.day >= MOSTLY and header_score(CALLS["end"], name) > 0 for name, p in profiles)
    if calls or ended:
        return CALLS, ""
    if paid:
        return (CALLS, DOUBT) if phones and not _bought(found) else (PURCHASES, "")
    return CALLS, "" if phones else DOUBT


def _leads(found: Mapping[str, Profile], rows: int) -> bool:
    """Tell whether a column says yes or no to a conversion, and others describe who did, not what happened when."""
    outcome = LEADS["outcome"]
    told = [n for n, p in found.items() if p.flag >= MOSTLY and p.distinct <= FEW and header_score(outcome, n) >= 2]
    dated = any(p.day >= MOSTLY for p in found.values())
    amounts = (CALLS["duration"], PURCHASES["amount"])
    summed = any(content_score(a, p, rows) and header_score(a, n) >= 2 for a in amounts for n, p in found.items())
    return bool(told) and len(found) > FEW and not (dated and summed)


def _bought(found: Mapping[str, Profile]) -> bool:
    """Tell whether a header speaks of customers or orders: these may be known by their telephone numbers."""
    return any(header_score(PURCHASES[role], name) >= 2 for role in ("customer", "order") for name in found)
