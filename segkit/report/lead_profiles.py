"""Personas side by side, and what sets each apart: tables."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ..inference.cards import TOP, Column, Personas
from ..vocabulary import Vocabulary
from .lead_personas import claim, dash, facts, interval, tier, told
from .prose import count, percent
from .show import Shown, table


def comparison_table(found: Personas, terms: Vocabulary) -> Shown:
    """Show the rates of the personas side by side."""
    known, rows = facts(found), found.table
    shown = pd.DataFrame({
        "persona": rows["name"], terms.units: rows["units"].astype("Float64"), "share": rows["share"].astype("float64"),
        "conversions": rows["conversions"].astype("Float64"), "rate": rows["rate"].astype("float64"),
        "interval": [None if pd.isna(a) else interval(a, b) for a, b in zip(rows["low"], rows["high"], strict=True)],
        "shrunk": rows["shrunk"].astype("float64"), "cross-fitted": rows["cross_fitted"].astype("float64"),
        "tier": [tier(p) if p.conversion else None for p in found],
    })  # fmt: skip
    finding = claim(found)
    gap = (
        " The intervals of the first and the last leave a gap." if known.apart
        else " The intervals of the first and the last overlap." if known.best else ""
    )  # fmt: skip
    return table(
        shown, "tbl-personas",
        f"**{finding}**{gap} Ranked by the shrunk rate; {percent(known.level, 0)} intervals.{dash(shown, terms)}",
        {terms.units: count, "conversions": count, "share": percent, "rate": percent, "shrunk": percent,
         "cross-fitted": percent},
        right=("interval",), export=rows,
    )  # fmt: skip


def profile_frame(found: Personas) -> pd.DataFrame:
    """Return every value that is told, one per row: of which persona, how common, and how much more than among all."""
    rows = [
        (p.name, n, d.label, d.known, v.value, v.n, v.share, v.lift, v.lift_low, v.lift_high)
        for p in told(found)
        for n, (_, d) in p.fields.items()
        for v in d.values
    ]
    names = ["persona", "name", "field", "known", "value", "n", "share", "lift", "low", "high"]
    return pd.DataFrame(rows, columns=names)


def apart_table(found: Personas, columns: Sequence[Column], terms: Vocabulary) -> Shown:
    """Show what is more common in a persona than among all leads, beyond chance; sensitive fields are left out."""
    every, sensitive = profile_frame(found), {c.name for c in columns if c.sensitive}
    known = every[~every["name"].isin(sensitive) & (every["low"] > 1)]
    order = {p.name: i for i, p in enumerate(found)}
    rows = known.assign(rank=known["persona"].map(order)).sort_values(["rank", "low"], ascending=[True, False])
    first = rows.groupby("persona", sort=False).head(TOP)
    shown = pd.DataFrame({
        "persona": first["persona"], "field": first["field"], "value": first["value"],
        "n": first["n"], "share": first["share"], "lift": first["lift"],
        "interval": [f"{a:.1f} to {b:.1f}" for a, b in zip(first["low"], first["high"], strict=True)],
    }).reset_index(drop=True)  # fmt: skip
    top = known.loc[known["low"].idxmax()] if len(known) else None
    finding = (
        "No value is more common in one persona than among all leads, beyond chance." if top is None
        else f"{top['field']} “{top['value']}” is {top['lift']:.1f} times as common in “{top['persona']}” as among all "
        f"{terms.units}."
    )  # fmt: skip
    return table(
        shown, "tbl-apart",
        f"**{finding}** For each persona the values that set it apart most, by the lower limit of their lift; shares are of the "
        f"{terms.units} whose value is known. The CSV has every value that is told, also of fields that only describe.",
        {"share": percent, "lift": "{:.1f}".format, "n": count}, right=("interval",), export=every,
    )  # fmt: skip
