"""Other clusterings of the same markets, DBSCAN with its noise among them, and what other choices do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ..engine.clusterings import ALL_NOISE, AS_PUBLISHED, OF_DISTANCES, Clusterings
from ..engine.coassignment import NOISE
from ..engine.multiverse import Multiverse
from ..engine.sensitivity import Sensitivity
from ..thresholds import CLOSE, SAME
from .market_segments import listed
from .prose import capital, count, fixed, join, percent
from .show import Shown, table


@dataclass(frozen=True)
class Dense:
    """What DBSCAN finds with one radius.

    Attributes
    ----------
    clusters : int
    noise : list of str
        Markets that are in none.
    told : str
        Why there is no division; empty where there is one.
    ari : float
        With the segments in use, noise being a group of its own.
    radius : float
    core : int
        Markets within the radius that make a core.
    """

    clusters: int
    noise: list[str]
    told: str
    ari: float
    radius: float
    core: int

    @property
    def empty(self) -> bool:
        """Whether every market is noise."""
        return self.told == ALL_NOISE

    @property
    def named(self) -> str:
        """The noise, as a sentence names it."""
        return listed(self.noise)


@dataclass(frozen=True)
class Other:
    """A clustering that was asked for as many segments."""

    name: str
    ari: float
    single: int
    moved: list[str]

    @property
    def same(self) -> bool:
        """Whether it gives the segments in use."""
        return self.ari == 1.0


@dataclass(frozen=True)
class Ways:
    """What other clusterings make of the same markets.

    Attributes
    ----------
    others : list of Other
        Ward and medoids, as far as they could be fitted.
    ours, default : Dense
        DBSCAN with a radius from the distances, and with the default of the library.
    markets : int
    """

    others: list[Other]
    ours: Dense
    default: Dense
    markets: int

    @property
    def same(self) -> list[str]:
        """Those that give the segments in use."""
        return [o.name for o in self.others if o.same]

    @property
    def differing(self) -> list[Other]:
        """Those that do not."""
        return [o for o in self.others if not o.same]


def ways(found: Clusterings, segments: pd.Series) -> Ways:
    """Compare the clusterings with the segments in use."""
    rows, p = found.table.set_index("algorithm"), found.params
    own = segments.reindex(found.labels.index)

    def dense(name: str, radius: float, core: int) -> Dense:
        row = rows.loc[name]
        noise = [str(u) for u in found.labels.index[(found.labels[name] == NOISE).to_numpy()]]
        told = row["told"] if isinstance(row["told"], str) else ""
        return Dense(int(row["clusters"]), noise, told, float(row["ari"]), float(radius), int(core))

    others = [
        Other(name, float(rows.loc[name, "ari"]), int(rows.loc[name, "singletons"]),
              [str(u) for u in own.index[(found.labels[name] != own).to_numpy()]])
        for name in ("Ward", "k-medoids") if name in found.labels
    ]  # fmt: skip
    return Ways(others, dense(OF_DISTANCES, p["radius"], p["core"]), dense(AS_PUBLISHED, *p["published"]), len(own))


def ways_table(found: Clusterings) -> Shown:
    """Show the clusterings side by side."""
    rows = found.table
    some = rows[rows["algorithm"] != "k-means"]
    same = [str(a) for a in some.loc[(some["ari"] == 1) & (some["noise"] == 0), "algorithm"]]
    frame = pd.DataFrame({
        "clustering": rows["algorithm"], "segments": rows["clusters"], "smallest": rows["smallest"], "largest": rows["largest"],
        "of one market": rows["singletons"], "in none": rows["noise"], "silhouette": rows["silhouette"], "ARI": rows["ari"],
        "note": rows["told"].replace("", None),
    })  # fmt: skip
    finding = f"{capital(join(same))} {'gives' if len(same) == 1 else 'give'} the segments in use" if same else (
        "No other clustering gives exactly the segments in use"
    )  # fmt: skip
    dash = " A dash: nothing to tell, or fewer than two segments." if frame.isna().any(axis=None) else ""
    return table(
        frame, "tbl-clusterings",
        f"**{finding}.** In none: share of the markets that the clustering leaves without a segment. ARI: adjusted Rand index with "
        f"the segments in use, markets in none being a group; one is the same, zero is chance on average.{dash}",
        {"segments": count, "smallest": count, "largest": count, "of one market": count, "in none": lambda v: percent(v, 0),
         "silhouette": fixed, "ARI": fixed},
        stack=True,
    )  # fmt: skip


@dataclass(frozen=True)
class Choices:
    """What other choices do to the partition.

    Attributes
    ----------
    others : int
        Other preparations of the same features, scale by limit.
    median, lowest, close_share : float
        Adjusted Rand index with the segments in use: its median and its lowest, and the share that is close.
    block, feature : str
        Without which the partition changes most; empty where there is none to leave out.
    block_ari, feature_ari : float
    features, moving : int
        Features that were left out one by one, and those without which the partition is not the same for practical purposes.
    close, same : float
    """

    others: int
    median: float
    lowest: float
    close_share: float
    block: str
    block_ari: float
    feature: str
    feature_ari: float
    features: int
    moving: int
    close: float = CLOSE
    same: float = SAME

    @property
    def alike(self) -> int:
        """Preparations that give much the same segments."""
        return round(self.close_share * self.others) if self.others else 0


def choices(found: Multiverse, left: Sensitivity, labels: Mapping[str, str]) -> Choices:
    """Collect what other scales and the features one by one do."""
    told = found.summary(defensible=True)
    blocks, features = left.arm("drop block"), left.arm("drop feature")

    def first(rows: pd.DataFrame) -> tuple[str, float]:
        return (
            (labels.get(str(rows["what"].iloc[0]), str(rows["what"].iloc[0])), float(rows["ari"].iloc[0]))
            if len(rows)
            else ("", math.nan)
        )

    block, feature = first(blocks), first(features)
    return Choices(
        int(told["matrices"]), told["median_ari"], told["lowest"], told["share_above_08"], *block, *feature, len(features),
        int((features["ari"] < SAME).sum()),
    )  # fmt: skip
