"""What kinds of conversations are like, where any are found: how long, how much money, and who writes in the next period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..disclosure import dominated
from ..engine.matching import align, rand_index
from ..inference.rates import COVERAGE, Estimate, bootstrap
from ..privacy import SMALL_CELL

COLUMNS = (
    "method", "kind", "documents", "subscribers", "words", "messages", "revenue", "revenue_low", "revenue_high", "dominated",
    "pairs", "writers", "again", "again_low", "again_high",
)  # fmt: skip


@dataclass(frozen=True)
class TextKinds:
    """The kinds that the rule finds over all stages, each method by itself.

    Attributes
    ----------
    table : DataFrame
        One row per method and kind: ``documents``, ``subscribers``; ``words`` and ``messages`` of the median document;
        ``revenue``, ``revenue_low``, ``revenue_high`` of the mean document, and whether it is ``dominated`` by one subscriber;
        ``pairs`` that were of the kind by what they had written before the next period, of so many subscribers (``writers``),
        and the share of them that wrote in it: ``again``, ``again_low``, ``again_high``. Missing where there is no money, or
        where a number would be about fewer than five subscribers. Empty where there are no kinds.
    alike : dict of str to float
        Adjusted Rand index, by method, of the kinds of pairs by what they had written before, and by their first stage.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    alike: Mapping[str, float]
    params: dict[str, Any]
    seed: int

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "kinds": self.table.to_dict("records"),
            "alike": dict(self.alike),
            "params": self.params,
            "seed": self.seed,
        }

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def text_kinds(
    labels: Mapping[str, pd.Series],
    documents: pd.DataFrame,
    earlier: Mapping[str, pd.Series],
    again: pd.Series,
    subscribers: pd.Series,
    *,
    seed: int = 42,
) -> TextKinds:
    """Describe kinds by what took no part in making them.

    Parameters
    ----------
    labels : mapping of str to Series of int
        By method, the kind of each document, by pair and stage.
    documents : DataFrame
        ``words``, ``messages`` and ``revenue`` (missing where there is no money), by pair and stage.
    earlier : mapping of str to Series of int
        By method, as many kinds of pairs, made of nothing but what had been written before the next period, by pair. Their
        numbers are matched with those of the documents of the first stage. A kind that is made of all messages knows which
        pairs went on, and would predict nothing.
    again : Series of bool
        Whether a pair wrote in the next period, by pair.
    subscribers : Series
        Of each pair, by pair.
    seed : int

    Notes
    -----
    Intervals are percentiles over resamples of the subscribers of a kind, whose documents are drawn together.
    """
    rows, alike = [], {}
    for method, own in labels.items():
        before = pd.Series(dtype="int64")
        if method in earlier:
            first = own[own.index.get_level_values("stage") == 1].droplevel("stage")
            both = earlier[method].index.intersection(first.index)
            made = earlier[method].loc[both]
            before = pd.Series(align(first.loc[both], made), index=both)
            alike[method] = rand_index(first.loc[both], made)
        of = subscribers.reindex(own.index.get_level_values("pair")).set_axis(own.index)
        for kind in sorted(own.unique()):
            inside = documents.loc[own.index[own == kind]]
            pairs = before.index[before == kind]
            rows.append({
                "method": method, "kind": int(kind), **_written(inside, of[inside.index], f"{method}/{kind}", seed),
                **_later(again.loc[pairs], subscribers.loc[pairs], f"{method}/{kind}", seed),
            })  # fmt: skip
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return TextKinds(table, alike, {"level": COVERAGE, "fewest": SMALL_CELL}, seed)


def _written(inside: pd.DataFrame, of: pd.Series, name: str, seed: int) -> dict[str, Any]:
    sums, people = inside["revenue"].groupby(of).sum(), of.nunique()
    out = {"documents": len(inside), "subscribers": people, "dominated": dominated(sums.to_numpy(dtype=np.float64))}
    if people < SMALL_CELL:
        return out
    money = (
        _mean(inside["revenue"], of, f"texts/kinds/{name}/revenue", seed) if inside["revenue"].notna().all() else None
    )
    return out | {
        "words": inside["words"].median(),
        "messages": inside["messages"].median(),
        **dict(_ends("revenue", money)),
    }


def _later(again: pd.Series, of: pd.Series, name: str, seed: int) -> dict[str, Any]:
    out = {"pairs": len(again), "writers": of.nunique()}
    found = (
        _mean(again.astype("float64"), of, f"texts/kinds/{name}/again", seed) if of.nunique() >= SMALL_CELL else None
    )
    return out | dict(_ends("again", found))


def _mean(values: pd.Series, of: pd.Series, name: str, seed: int) -> Estimate:
    """Return the mean over documents, or pairs, with its interval over subscribers."""
    own = values.groupby(of).agg(["sum", "size"]).to_numpy(dtype=np.float64)
    return bootstrap(lambda w: float(w @ own[:, 0] / (w @ own[:, 1])), len(own), name=name, seed=seed)


def _ends(name: str, found: Estimate | None) -> Iterator[tuple[str, float]]:
    for end, suffix in (("value", ""), ("low", "_low"), ("high", "_high")):
        yield f"{name}{suffix}", np.nan if found is None else getattr(found, end)
