"""Dates of a file whose columns are not known yet: read before roles are chosen, so that columns look like what they are."""

from __future__ import annotations

from collections.abc import Mapping

from ..contract import Contract
from ..event_settings import DateNumbers
from . import roles, written_dates
from .roles import Profile
from .tables import Table
from .written_dates import Written


def as_read(
    table: Table,
    found: dict[str, Profile],
    settled: Mapping[str, str | None],
    contract: Contract,
    stated: DateNumbers | None = None,
    order: str | None = None,
) -> tuple[Table, dict[str, Profile], Mapping[str, Written]]:
    """Return the table as its dates are read, what its cells look like then, and how dates are written by column.

    ``stated`` is what numbers in place of dates count, where it was answered; so is ``order`` that of dates.
    """
    if not contract.events:
        return table, found, {}

    def called(*names: str) -> list[str]:
        asked = [contract[name] for name in names if name in contract.names]
        return [n for n in found if any(settled.get(r.name) == n or roles.header_score(r, n) > 0 for r in asked)]

    dated = called("date", "end")
    read, written = written_dates.drafted(table, dated, called("time"), stated, called("duration"), order)
    if not any(p.day >= roles.MOSTLY for p in found.values()):
        month, year = (next(iter(called(part)), None) for part in ("month", "year"))
        whole = written_dates.parted(read, dated, month, year)
        written = {
            **written,
            **{name: Written() for name in whole.read if name not in read.read},
        }  # days of a month count nothing
        read = whole
    return read, (roles.profiles(read) if read is not table else found), written
