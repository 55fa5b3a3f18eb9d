"""Tables of the page on missing fields, blocks, leaks and spellings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import pandas as pd

from ..data.harmonised import Harmonised
from ..data.lead_columns import LeadColumn
from ..engine.external import PERSONAL_CELL
from ..engine.leakage import KEPT, LEAKS, MISSING, NONE, Leakage
from ..inference.missingness import OTHER, Missingness
from ..vocabulary import Vocabulary
from .lead_gate import interval, labels, leaks, pattern
from .prose import capital, count, percent, plural
from .show import Shown, table, tag

PATTERNS = 12  # sets of missing fields that the page shows; the file has all
FOUND = {
    LEAKS: ("left out", "no"), KEPT: ("kept by the settings", "mid"), MISSING: ("missing values", "mid"),
    NONE: ("nothing found", "ok"),
}  # fmt: skip


def _dash(frame: pd.DataFrame, terms: Vocabulary) -> str:
    few = frame.isna().any(axis=None)
    return f" A dash stands for a number that would tell of fewer than ten {terms.units}." if few else ""


def pattern_table(found: Missingness, columns: Sequence[LeadColumn], terms: Vocabulary) -> Shown:
    """Show the rate of each set of missing fields, the commonest first."""
    called, rows = labels(columns), found.by_pattern
    told = rows.assign(pattern=[pattern(str(p), called) for p in rows["pattern"]])
    shown = told.head(PATTERNS)
    frame = shown[["pattern", "units", "conversions", "rate"]].assign(
        interval=[interval(r.low, r.high) for r in shown.itertuples()]
    )
    finding = f"{capital(plural(len(rows), 'set', words=True))} of missing fields."
    own = rows[rows["pattern"] != OTHER]
    if len(own):
        share = float(own["units"].iloc[0]) / max(len(found.blocks), 1)
        finding = f"The commonest set of missing fields is that of {percent(share)} of the {terms.units}."
    rest = f" The {PATTERNS} commonest of {len(rows)} rows; the CSV has all." if len(rows) > PATTERNS else ""
    return table(
        frame, "tbl-patterns",
        f"**{finding}** Missing fields of {terms.units}, and the share of those {terms.who} {terms.did}, with "
        f"{percent(found.params['level'], 0)} intervals after Wilson [@wilson1927] (after Jeffreys where few {terms.units} did, "
        f"or did not). Sets of fewer than ten {terms.units} are told together.{rest}{_dash(frame, terms)}",
        {"units": count, "conversions": count, "rate": percent},
        headings={"pattern": "missing fields", "units": terms.units, "conversions": terms.did}, export=told,
        right=("interval",),
    )  # fmt: skip


def block_table(found: Missingness, columns: Sequence[LeadColumn], terms: Vocabulary) -> Shown:
    """Show the blocks of rows that differ in which fields are filled."""
    called, rows = labels(columns), found.block_table
    filled = [", ".join(called.get(n, n) for n in str(f).split(", ")) if f else "none" for f in rows["fields"]]
    told = rows.assign(fields=filled)
    frame = told[["block", "units", "share", "fields", "conversions", "rate"]].assign(
        interval=[interval(r.low, r.high) for r in rows.itertuples()]
    )
    small = frame["units"] < PERSONAL_CELL
    hide = small if int(small.sum()) != 1 else small | (frame["units"] == frame.loc[~small, "units"].min())
    numbers = ["units", "share", "conversions", "rate", "interval"]
    frame = frame.astype({"units": "float64", "conversions": "float64"})
    frame[numbers] = frame[numbers].mask(hide)
    many = len(rows) > 1
    first = f"**The study uses block 1, {percent(float(rows['share'].iloc[0]))} of the {terms.units}.**"
    finding = first if many else "**One block: no group of rows differs from the others in which fields are filled.**"
    return table(
        frame, "tbl-blocks",
        f"{finding} Fields that half of the rows of a block have filled, and the share of its {terms.units} {terms.who} "
        f"{terms.did}, with {percent(found.params['level'], 0)} intervals.{_dash(frame, terms)}",
        {"units": count, "share": percent, "conversions": count, "rate": percent},
        headings={"units": terms.units, "fields": "filled fields", "conversions": terms.did},
        export=frame, right=("interval",),
    )  # fmt: skip


def leak_table(found: Leakage, columns: Iterable[LeadColumn], terms: Vocabulary) -> Shown:
    """Show what each column alone tells of the outcome."""
    columns = tuple(columns)
    called, rows, own, tone = labels(columns), found.table, leaks(found, columns), dict(FOUND.values())
    frame = pd.DataFrame(
        {
            "column": [called.get(c, c) for c in rows["column"]],
            "AUC": rows["auc"],
            "interval": [
                f"{a:.2f} to {b:.2f}" if math.isfinite(a) else None
                for a, b in zip(rows["low"], rows["high"], strict=True)
            ],
            "known": rows["auc_known"],
            "verdict": rows["verdict"].map({v: word for v, (word, _) in FOUND.items()}),
            "reason": rows["reason"],
        }
    )
    out = f"{capital(plural(len(own.out), 'column', words=True))} {'is' if len(own.out) == 1 else 'are'} left out."
    return table(
        frame, "tbl-leaks",
        f"**{out}** Area under the curve (AUC) of each column alone, cross-validated, a missing value counting as a value, with "
        f"the {percent(own.level, 0)} interval, and the AUC among the {terms.units} whose value is known: 0.5 is chance, 1 is "
        "certainty.",
        {"AUC": "{:.2f}".format, "known": "{:.2f}".format, "verdict": lambda word: tag(word, tone[word])},
        headings={"known": "where known"}, right=("interval",),
    )  # fmt: skip


def change_table(found: Harmonised, terms: Vocabulary) -> Shown:
    """Show what the loader changed, by column and reason."""
    if not len(found.changes):
        return Shown("")
    cells = "Fewer than ten cells were changed." if found.rows is None else f"{count(found.rows)} cells were changed."
    return table(
        found.changes, "tbl-changes",
        f"**{cells}** Spellings that became another one, or none where the cell held a word for a missing value, and the "
        f"{terms.units} that had them.{_dash(found.changes, terms)}",
        {"spellings": count, "rows": count}, headings={"why": "reason", "rows": terms.units},
    )  # fmt: skip


def spelling_table(found: Harmonised, terms: Vocabulary) -> Shown:
    """Show the commonest spellings that were changed."""
    if not len(found.spellings):
        return Shown("")
    shown = found.spellings.head(PATTERNS)
    top = shown.iloc[0]
    finding = f"The commonest is “{top['before']}”, of {count(top['rows'])} {terms.units}."
    rest = (
        f" The {PATTERNS} commonest of {len(found.spellings)}; the CSV has all."
        if len(found.spellings) > PATTERNS
        else ""
    )
    return table(
        shown.assign(after=[a or "missing" for a in shown["after"]]), "tbl-spellings",
        f"**{finding.replace('*', '')}** Spellings of ten {terms.units} or more. Others are counted above, and free titles are "
        f"not quoted.{rest}",
        {"rows": count}, headings={"before": "in the file", "after": "here", "rows": terms.units, "why": "reason"},
        export=found.spellings,
    )  # fmt: skip


def aside_table(found: Harmonised) -> Shown:
    """Show which columns of the file describe nobody, and why."""
    if not found.set_aside:
        return Shown("")
    frame = pd.DataFrame([(one.label, one.why) for one in found.set_aside], columns=["column", "reason"])
    return table(
        frame, "tbl-aside",
        f"**{capital(plural(len(frame), 'column', words=True))} {'is' if len(frame) == 1 else 'are'} set aside.** No persona "
        f"rests on {'it' if len(frame) == 1 else 'them'}.",
    )  # fmt: skip
