"""Personas on leads that had no say in forming them, beside simpler rules: facts and tables."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ..inference.cards import Personas
from ..inference.crossfit import PERSONAS, SIMPLER, TREES, CrossFitted
from ..thresholds import CHANCE
from ..vocabulary import Vocabulary
from . import prose
from .lead_personas import dash, interval
from .prose import count, fixed, join, percent
from .show import Shown, table


@dataclass(frozen=True)
class Moved:
    """The persona whose rate changes most when it is formed without its leads.

    Attributes
    ----------
    name : str
        In quotation marks.
    formed, elsewhere : float
        Its rate with all leads in use, and that of the leads that were put into it.
    """

    name: str
    formed: float
    elsewhere: float


@dataclass(frozen=True)
class Facts:
    """What the page tells of cross-fitting and of rivals.

    Attributes
    ----------
    agreement : float
        Share of the leads that get the persona that they have in use.
    folds : int
    known : bool
        Whether an area could be computed.
    auc, low, high, level : float
        Of the personas.
    simpler : list of str
        Simple rules that rank leads better, beyond chance.
    trees : bool
        Whether boosted trees do.
    behind, open : list of str
        Rivals that rank worse beyond chance, and those of which neither can be told.
    fields : list of str
        The best single fields, the one of most folds first.
    moved : Moved or None
    """

    agreement: float
    folds: int
    known: bool
    auc: float
    low: float
    high: float
    level: float
    simpler: list[str]
    trees: bool
    behind: list[str]
    open: list[str]
    fields: list[str]
    moved: Moved | None

    @property
    def ranks(self) -> bool:
        """Whether the personas rank leads better than chance."""
        return self.known and self.low > CHANCE

    @property
    def better(self) -> list[str]:
        """All rivals that rank leads better, beyond chance."""
        return [*self.simpler, *([TREES] if self.trees else [])]


def facts(found: CrossFitted, personas: Personas, labels: Mapping[str, str]) -> Facts:
    """Collect what the sentences need.

    Parameters
    ----------
    found : CrossFitted
    personas : Personas
    labels : mapping of str to str
        Name of a field for readers.
    """
    own = found.ranking.set_index("order").loc[PERSONAS]
    rows = found.comparisons
    ahead, behind = list(rows.loc[rows["high"] < 0, "rival"]), list(rows.loc[rows["low"] > 0, "rival"])
    counted = Counter(found.fields)
    return Facts(
        agreement=found.agreement,
        folds=int(found.params["folds"]),
        known=math.isfinite(float(own["auc"])),
        auc=float(own["auc"]), low=float(own["low"]), high=float(own["high"]), level=float(found.params["level"]),
        simpler=[r for r in ahead if r in SIMPLER],
        trees=TREES in ahead,
        behind=[str(r) for r in behind],
        open=[str(r) for r in rows["rival"] if r not in {*ahead, *behind}],
        fields=[labels.get(n, n) for n, _ in counted.most_common()],
        moved=_moved(found, personas),
    )  # fmt: skip


def _moved(found: CrossFitted, personas: Personas) -> Moved | None:
    told = found.table.dropna(subset=["rate", "formed"])
    if told.empty:
        return None
    row = told.loc[(told["rate"] - told["formed"]).abs().idxmax()]
    return Moved(f"“{personas[int(row['persona'])].name}”", float(row["formed"]), float(row["rate"]))


def rates_table(found: CrossFitted, personas: Personas, terms: Vocabulary) -> Shown:
    """Show each persona's rate with all leads in use, beside that of leads that had no say in it."""
    by, moved = found.table.set_index("persona"), _moved(found, personas)
    rows = by.reindex([p.id for p in personas])
    shown = pd.DataFrame({
        "persona": [p.name for p in personas], "rate in use": rows["formed"].to_numpy(),
        terms.units: rows["units"].to_numpy(), "cross-fitted rate": rows["rate"].to_numpy(),
        "interval": [None if math.isnan(a) else interval(a, b) for a, b in zip(rows["low"], rows["high"], strict=True)],
    })  # fmt: skip
    finding = (
        f"The rate of {moved.name} changes most: {percent(moved.formed)} in use, {percent(moved.elsewhere)} cross-fitted."
        if moved else "No rate may be told."
    )  # fmt: skip
    return table(
        shown, "tbl-crossfit",
        f"**{finding}** {prose.capital(terms.units)} are those that were put into the persona as it was formed without "
        f"them.{dash(shown, terms)}",
        {"rate in use": percent, terms.units: count, "cross-fitted rate": percent}, right=("interval",),
        export=rows.reset_index(),
    )  # fmt: skip


def ranking_table(found: CrossFitted, terms: Vocabulary) -> Shown:
    """Show how well each rule ranks leads, and what the personas have over it."""
    rows = found.ranking.merge(found.comparisons, how="left", left_on="order", right_on="rival", suffixes=("", "_less"))
    ahead = list(found.comparisons.loc[found.comparisons["high"] < 0, "rival"])
    known = bool(rows["auc"].notna().any())
    best = str(rows.loc[rows["auc"].idxmax(), "order"]) if known else ""
    verb = "rank" if best in (PERSONAS, TREES) else "ranks"
    better = (
        f"{prose.capital(join(ahead))} rank{'s' if len(ahead) == 1 and ahead[0] != TREES else ''} better beyond chance."
    )
    finding = (
        "No ranking could be judged." if not known
        else better if ahead
        else f"{prose.capital(best)} {verb} {terms.units} best here; no rival is ahead of the personas beyond chance."
    )  # fmt: skip
    shown = pd.DataFrame({
        "order": rows["order"], "AUC": rows["auc"], "interval": _intervals(rows["low"], rows["high"]),
        "personas less it": rows["difference"], "its interval": _intervals(rows["low_less"], rows["high_less"]),
    })  # fmt: skip
    return table(
        shown, "tbl-ranking",
        f"**{finding}** AUC: how often {terms.a_unit} that converted stands before one that did not; chance gives one half. All "
        "are cross-validated on the same folds, and differences are paired.",
        {"AUC": fixed, "personas less it": "{:+.3f}".format}, right=("interval", "its interval"),
        headings={"order": "ranking by"}, export=rows.drop(columns="rival"),
    )  # fmt: skip


def _intervals(low: pd.Series, high: pd.Series) -> list[str | None]:
    return [None if math.isnan(a) else f"{fixed(a)} to {fixed(b)}" for a, b in zip(low, high, strict=True)]
