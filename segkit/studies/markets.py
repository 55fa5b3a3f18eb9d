"""Markets: which of them move alike and are made alike, how sure that is, and whether it helps to plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from pydantic import SecretStr

from .. import __version__
from ..config import Config, Given
from ..contract import SALES
from ..data import addresses, registry
from ..data.identifiers import Identifiers
from ..data.simulate.sales import simulate_sales
from ..engine import (
    backtest,
    clusterings,
    coassignment,
    dendrogram,
    meaning,
    over_time,
    placing,
    populations,
    within_units,
)
from ..engine import representations as ways
from ..engine.external import PERSONAL_CELL
from ..engine.grid import FeatureSet, Grid
from ..engine.matching import rand_index
from ..engine.matrix import ModelMatrix, fit_matrix
from ..engine.meaning import Card, Cards
from ..engine.sequence_network import Network, NoNetwork, autoencoder
from ..engine.sequences import Linear, Sequences, linear, sequences
from ..errors import InputError
from ..features.counted import counted
from ..features.panel import Panel, panel
from ..features.sales import market_features, market_frame, series_features
from ..features.table import FeatureTable
from ..privacy import secret
from ..seeds import ROOT
from . import evidence_results, market_policy
from .base import part, step
from .rows import RowStudy
from .source import Source
from .store import home

if TYPE_CHECKING:
    from ..data.sales import Sales

WINDOW, STRIDE = 24, 3  # months in which markets are segmented anew, and from one such window to the next
HORIZON = 3  # months that are forecast
STARTS = 20


class MarketsStudy(RowStudy):
    """Questions about the markets of one warehouse, each answered once.

    Markets are all that there are; their customers are a sample. So beside the resamples of markets, which every study has,
    the customers of each market are drawn anew.
    """

    name = "markets"
    terms = SALES.terms
    dataset = registry.SALES
    scaling = "standard"
    refusal = (
        "new markets are not put into the segments of an earlier report",
        "Make the report anew with all of them.",
    )
    rule_card = None  # type: ignore[assignment]  # rules that place each market stand in its place

    @staticmethod
    def identifiers(source: Source) -> Identifiers:
        """Return keys of customers and numbers of orders, as the tables have them."""
        from ..data.sales import sale_identifiers  # brings ibis, which pages do without

        return sale_identifiers(source.located.path, source.settings)

    @classmethod
    def collected(cls, address: SecretStr, config: Config) -> Path:
        """Ask a warehouse each time; what it says is kept in the project, with keyed customers and nothing of the address."""
        from ..data import warehouse  # brings ibis, which pages do without

        place = home(config.root, cls.name) / addresses.FOLDER
        return warehouse.collected(address.get_secret_value(), config.markets, secret(), place)

    @part
    def sales(self) -> Sales:
        """What customers bought, by market and month; read again when needed, never kept on disk."""
        from ..data.sales import load_sales  # brings ibis, which pages do without

        found = self.unchanged(load_sales(self.source.located.path, self.settings, key=self.key))
        if self.private:
            self._large_enough(found)
        return found

    def _large_enough(self, found: Sales) -> None:
        """Refuse markets so small that what is told of them would be told of persons."""
        sizes = found.spend.groupby("market")["customer"].nunique()
        if (few := int((sizes < PERSONAL_CELL).sum())) == 0:
            return
        raise InputError(
            f"{few} of {len(sizes)} markets have fewer than {PERSONAL_CELL} customers, so that their figures would be of persons",
            file=self.source.located.path,
            remedy='Leave these markets out of the tables, or set market = "country" in [markets].',
        )

    @property
    def released(self) -> Self:
        """The study itself: markets are no persons, and none has so few customers that its figures would be of some."""
        return self

    @step
    def extent(self) -> tuple[int, int]:
        """How many order lines, and how many markets."""
        return int(self.sales.totals["rows"]), len(self.sales.markets)

    @step
    def warehouse(self) -> dict[str, Any]:
        """What the tables hold: totals, incomplete months, what was set aside, notes, and the places of the markets."""
        s = self.sales
        return {
            "totals": s.totals, "dropped": s.dropped, "as_of": s.as_of, "months": s.months, "markets": s.markets,
            "aside": s.set_aside, "warnings": s.warnings, "notes": s.notes,
        }  # fmt: skip

    @step
    def panel(self) -> Panel:
        """The markets month by month."""
        return panel(self.sales, growth=self.settings.growth)

    @step
    def features(self) -> FeatureTable:
        """How the revenue of markets moves, and what they are made of."""
        return market_features(self.sales, self.settings)

    @property
    def limits(self) -> dict[str, Any]:
        """Standard scores, and nothing clipped: of ten markets each counts."""
        from ..engine.scalers import MAKERS  # brings scikit-learn, which pages do without

        return {"clip": 0.0, "cap": np.inf, "scaler": MAKERS[self.scaling]()}

    @property
    def grid(self) -> Grid:
        """Other scales; the features are logarithms and shares already."""
        names = tuple(self.model_frame.columns)
        scales = {"scaler": ("robust", "standard", "quantile-normal"), "clip": (0.0,), "cap": (10.0, np.inf)}
        units = {"all": np.ones(len(self.model_frame), dtype=bool)}
        return Grid(logs={"as given": FeatureSet(names)}, units=units, defensible=scales)

    @property
    def differing(self) -> str:
        """In what markets of a usable warehouse differ."""
        return "revenue, growth or customers"

    @step
    def profile(self) -> meaning.Profile:
        """Statistics by segment, also of small ones: markets are no persons."""
        return meaning.profile(self.described, self.segments.labels, minimum=1)

    @property
    def _cut(self) -> Sequences:
        return sequences(self.panel.table, self.settings.sequence)

    @step
    def components(self) -> Linear:
        """The principal components of the same windows, which the network has to beat."""
        return linear(self._cut)

    @step
    def populations(self) -> populations.Populations:
        """What leaving out each market in turn does to the partition."""
        names = self.model_frame.index
        parts = {f"without_{name}": (names != name) for name in names}
        return populations.populations(
            self.model_frame, self.blocks, self.segments, parts, clusterer=self.loop, minimum=1, **self.limits
        )

    @step
    def network(self) -> Network | NoNetwork:
        """The sequence network, or why there is none."""
        if not self.settings.network:
            return NoNetwork("The settings leave it out (network = false).")
        return autoencoder(self._cut, epochs=self.settings.epochs, components=self.components, seed=self.seed)

    @step
    def representations(self) -> ways.Representations:
        """Ways to look at the same markets, side by side."""
        return ways.representations(
            self.features, self._cut, self.network, components=self.components, clusterer=self.final, seed=self.seed
        )

    def _matrix_of(self, frame: pd.DataFrame) -> ModelMatrix:
        return fit_matrix(frame, {"series": list(frame.columns)}, **self.limits)

    @step
    def customers(self) -> coassignment.Coassignment:
        """How sure the segment of each market is, where its customers are drawn anew."""
        own, kind = counted(self.sales), self.settings.growth
        return within_units.resampled(
            lambda rng: market_frame(own, kind, customers=own.drawn(rng)), self.model_frame, self.matrix, self.segments,
            draws=self.settings.draws, ks=self.ks, clusterer=self.loop, seed=self.seed,
        )  # fmt: skip

    @step
    def starts(self) -> coassignment.Coassignment:
        """The same from other starts of k-means."""
        spaces = [(str(i), self.matrix, ROOT + i) for i in range(STARTS)]
        return coassignment.repeated(spaces, self.segments, clusterer=self.loop)

    @step
    def clusterings(self) -> clusterings.Clusterings:
        """What k-means, Ward's linkage, medoids and densities make of the same markets."""
        return clusterings.clusterings(self.matrix, self.segments)

    @step
    def tree(self) -> dendrogram.Dendrogram:
        """How markets join, the most alike first."""
        return dendrogram.dendrogram(self.matrix)

    def _until(self, end: int) -> pd.DataFrame:
        """Return how revenue moved in the months up to one, which is not among them."""
        months = self.panel.months[max(0, end - WINDOW) : end]
        frame = series_features(self.panel.within(months))
        return frame.loc[:, frame.notna().all() & (frame.max() > frame.min())]

    @step
    def over_time(self) -> over_time.OverTime:
        """The segments of successive windows, each of its own months alone."""
        ends = {self.panel.months[e - 1]: e for e in self._ends}
        return over_time.over_time(
            lambda window: self._until(ends[window]), list(ends), self._matrix_of, self.segments.k,
            in_use=self.segments.labels, clusterer=self.loop, seed=self.seed,
        )  # fmt: skip

    @property
    def _ends(self) -> range:
        n = len(self.panel.months)
        return range(min(WINDOW, n) + (n - min(WINDOW, n)) % STRIDE, n + 1, STRIDE)

    @step
    def backtest(self) -> backtest.Backtest:
        """Whether the segment of a market says more of the next quarter than the market itself."""
        levels = self.panel.wide().T.clip(lower=0.0)
        return backtest.backtest(levels, self.over_time.labels, horizon=HORIZON, seed=self.seed)

    @step
    def placing(self) -> placing.PlacingRules:
        """The shortest rule that tells each segment, and for which markets it holds."""
        places = self.sales.markets.reindex(self.model_frame.index)
        known = [
            c for c in ("country", "group") if c in places and places[c].nunique() > 1 and c != self.settings.market
        ]
        frame = self.model_frame.join(places[known])
        return placing.placing_rules(frame, self.segments.labels, names=self.features.labels)

    @property
    def actions(self) -> dict[int, str]:
        """What to do with the markets of each segment; one place says it, for cards and pages alike."""
        growth = self.features.frame["growth"].reindex(self.segments.labels.index)
        return market_policy.actions(growth, self.segments.labels, verdict=self.verdict.word)

    @step
    def cards(self) -> Cards:
        """The segments, that of the larger markets first."""
        labels, frame = self.segments.labels, self.features.frame
        by, total = self.profile.wide("median"), len(labels)
        order = by["level"].sort_values(ascending=False, kind="stable").index
        names, actions = market_policy.names(frame["level"], frame["growth"], labels), self.actions
        items = []
        for rank, s in enumerate(int(s) for s in order):
            size = int(self.segments.sizes[s])
            medians = {str(f): float(v) for f, v in by.loc[s].items()}
            items.append(Card(s, str(rank), names[s], names[s], "", actions[s], size, size / total, medians))
        return Cards(tuple(items), total)

    @step
    def members(self) -> pd.DataFrame:
        """One row per market: segment, how sure it is, revenue, quantity, growth, share of revenue, and the rule that places it."""
        totals = self.panel.table[["revenue", "quantity"]].groupby(level="market").sum()
        sure = self.customers.table.set_index("unit")["confidence"]
        rules, called = self.placing.table.set_index("unit"), {c.id: c.name for c in self.cards}
        labels = self.segments.labels
        frame = pd.DataFrame(
            {
                "segment": labels, "name": labels.map(called), "confidence": sure.reindex(labels.index),
                "revenue": totals["revenue"].reindex(labels.index), "quantity": totals["quantity"].reindex(labels.index),
                "growth": self.features.frame["growth"].reindex(labels.index), "rule": rules["rule"].reindex(labels.index),
            }
        )  # fmt: skip
        frame["share"] = frame["revenue"] / frame["revenue"].sum()
        out = frame.rename_axis("market").reset_index().sort_values("revenue", ascending=False, ignore_index=True)
        return out.join(self.sales.markets[["country", "group"]], on="market")

    @step
    def recovered(self) -> float | None:
        """Adjusted Rand index with the planted groups (Hubert and Arabie 1985); None for real data, and for countries."""
        if self.source.located.real or self.settings.market != "territory":
            return None
        labels = self.segments.labels
        return rand_index(simulate_sales(ROOT).truth.reindex(labels.index), labels)

    def export_to(self, to: Given) -> list[Path]:
        """Write the segments of markets to ``fact_market_segmentation``, a Parquet file or a table of a warehouse.

        Rows of the same day and the same build take the place of those that are there.
        """
        from ..data import warehouse  # brings ibis, which pages do without

        target = to if isinstance(to, Path) else warehouse.connect(to.get_secret_value())
        as_of, version = self.warehouse["as_of"].date(), f"{__version__}-{self.source.build}"
        warehouse.write_back(target, self.members.set_index("market"), as_of, version)
        return [to / f"{warehouse.WRITTEN}.parquet"] if isinstance(to, Path) else []

    @property
    def about(self) -> dict[str, Any]:
        """The segment of each market."""
        return {"features": self.features.labels, "markets": self.members.to_dict("records")}

    def results(self) -> dict[str, Any]:
        """Return every number that the pages state."""
        w, net = self.warehouse, self.network
        return {
            **super().results(),
            "warehouse": {
                **w["totals"], "as_of": w["as_of"], "dropped": w["dropped"].to_dict("records"),
                "notes": [*w["warnings"], *w["notes"]],
            },
            "features": {"count": len(self.model_frame.columns), "blocks": {b: len(n) for b, n in self.blocks.items()}},
            "representations": self.representations.to_json(),
            "network": {"reason": net.reason} if isinstance(net, NoNetwork) else net.to_json(),
            "k": evidence_results.number(self),
            "segments": [
                {"id": c.id, "name": c.name, "units": c.size, "share": c.share, "medians": c.medians or None, "action": c.action}
                for c in self.cards
            ],
            "markets": self.members.to_dict("records"),
            "customers": self.customers.to_json(),
            "starts": self.starts.to_json(),
            "clusterings": self.clusterings.to_json(),
            "tree": self.tree.to_json(),
            "over_time": self.over_time.to_json(),
            "backtest": self.backtest.to_json(),
            "placing": self.placing.to_json(),
            **evidence_results.evidence(self, self.cards),
        }  # fmt: skip
