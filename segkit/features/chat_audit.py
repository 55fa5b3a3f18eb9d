"""What a log of messages holds, before anything is computed from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from ..data.messages import Messages

QUANTILES = (0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True)
class ChatAudit:
    """The extent of a log of messages.

    Attributes
    ----------
    rows, subscribers, accounts, pairs : int
    staff : int or None
        Persons who answer; None where the log does not name them.
    first, last, as_of : datetime
        Of the messages, and the moment from which silence counts.
    per_pair : Series
        Messages of a pair: ``mean``, quartiles and 90 % quantile by their share, ``max``.
    top_share : float
        Share of the messages that the busiest tenth of the pairs has.
    blank : float or None
        Share of rows without a text of the subscriber; None without texts.
    money : dict of str to float or None
        ``offers``, ``bought``, ``tips`` (rows with one), ``revenue``, ``buying`` pairs with a purchase and ``again`` with two or
        more; None without money.
    by_day : Series
        Rows by day.
    currency : str
    notes, warnings : tuple of str
    """

    rows: int
    subscribers: int
    accounts: int
    pairs: int
    staff: int | None
    first: datetime
    last: datetime
    as_of: datetime
    per_pair: pd.Series
    top_share: float
    blank: float | None
    money: dict[str, float] | None
    by_day: pd.Series
    currency: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def days(self) -> float:
        """Days from the first message to the moment from which silence counts."""
        return (self.as_of - self.first).total_seconds() / 86_400

    @property
    def table(self) -> pd.DataFrame:
        """One row per quantity."""
        rows: list[tuple[str, Any]] = [
            (n, getattr(self, n)) for n in ("rows", "subscribers", "accounts", "pairs", "staff")
        ]
        rows += [("messages of a pair, " + str(name), value) for name, value in self.per_pair.items()]
        rows += [] if self.blank is None else [("share without a text of the subscriber", self.blank)]
        rows += list((self.money or {}).items())
        return pd.DataFrame(rows, columns=["what", "value"])

    def to_json(self) -> dict[str, Any]:
        """Return the quantities as plain values."""
        return {
            **{n: getattr(self, n) for n in ("rows", "subscribers", "accounts", "pairs", "staff")},
            **{n: getattr(self, n).isoformat(sep=" ") for n in ("first", "last", "as_of")},
            "days": self.days, "per_pair": self.per_pair.to_dict(), "top_tenth_share": self.top_share, "blank": self.blank,
            "money": self.money, "notes": [*self.warnings, *self.notes],
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def chat_audit(messages: Messages) -> ChatAudit:
    """Count what a log holds.

    Parameters
    ----------
    messages : Messages
    """
    f = messages.frame
    sizes = f.groupby("pair").size().sort_values(ascending=False)
    per_pair = pd.Series(
        {
            "mean": float(sizes.mean()),
            **{f"{q:.0%}": float(sizes.quantile(q)) for q in QUANTILES},
            "max": float(sizes.max()),
        }
    )
    top = int(np.ceil(len(sizes) / 10))
    return ChatAudit(
        rows=messages.rows,
        subscribers=f["subscriber"].nunique(),
        accounts=f["account"].nunique(),
        pairs=len(sizes),
        staff=f["staff"].nunique() or None,
        first=f["time"].min().to_pydatetime(),
        last=f["time"].max().to_pydatetime(),
        as_of=messages.as_of.to_pydatetime(),
        per_pair=per_pair,
        top_share=float(sizes.iloc[:top].sum() / len(f)),
        blank=float(f["inbound"].isna().mean()) if messages.has_text else None,
        money=_money(f) if messages.has_money else None,
        by_day=f.groupby(f["time"].dt.normalize()).size(),
        currency=messages.currency,
        notes=messages.notes,
        warnings=messages.warnings,
    )


def _money(f: pd.DataFrame) -> dict[str, float]:
    bought = f.loc[f["purchased"], "pair"].value_counts()
    return {
        "offers": float(((f["price"] > 0) | f["purchased"]).sum()), "bought": float(f["purchased"].sum()),
        "tips": float((f["tips"].fillna(0) > 0).sum()), "revenue": round(float(f["revenue"].sum()), 2),
        "buying": float(len(bought)), "again": float((bought >= 2).sum()),
    }  # fmt: skip
