"""Units whose activity has a known cause, and what becomes of them in forecasts."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd

from segkit.engine.forecasts import Forecast, Roles, Snapshot, forecast
from segkit.engine.usefulness import Usefulness, usefulness

DAYS = timedelta(days=90)
FIRST = datetime(2023, 1, 1)
ROLES = Roles("recency", "calls", "talk")
BLOCKS = {"a": ["recency", "calls"], "b": ["talk", "shape"]}


def planted(
    n: int, cause: str, *, seed: int = 0, dates: int = 2, groups: int = 3
) -> tuple[list[tuple[Snapshot, Snapshot]], pd.Series]:
    """Make units whose activity depends on recency alone, on the segment alone, or on nothing.

    The segments show in ``shape``, ``calls`` and ``talk``; recency is drawn apart from them.
    """
    random = np.random.default_rng(seed)
    index = pd.Index([f"{i:06x}" for i in range(n)])
    group = random.integers(0, groups, size=n)
    # The most active segment has neither the most nor the fewest calls, so that no column orders as the segments do.
    by_group = np.array([0.05, 0.7, 0.2, 0.1])[group]

    def snap(i: int) -> Snapshot:
        recency = random.uniform(0, 400, size=n)
        frame = pd.DataFrame(
            {"recency": recency if cause != "segment" else 0.01 * recency,
             "calls": 10.0 * group + random.normal(size=n), "talk": 10.0 * group + random.normal(size=n),
             "shape": 20.0 * (group == 1) + random.normal(size=n)},
            index=index,
        )  # fmt: skip
        chance = {
            "recency": np.exp(-recency / 60),
            "segment": by_group,
            "nothing": np.full(n, 0.2),
        }[cause]
        active = random.random(n) < chance
        events = pd.Series(active * random.integers(1, 5, size=n), index=index)
        return Snapshot(FIRST + DAYS * i, FIRST + DAYS * (i + 1), frame, events)

    snaps = [snap(i) for i in range(dates + 1)]
    return list(pairwise(snaps)), pd.Series(group + 1, index=index)


def forecasts(n: int, cause: str, **changes: int) -> tuple[list[Forecast], pd.Index]:
    pairs, group = planted(n, cause, **changes)
    k = changes.get("groups", 3)
    found = [
        forecast(a, b, BLOCKS, group, ROLES, k=k, clip=0.01, cap=10.0, seed=1, name=str(i))
        for i, (a, b) in enumerate(pairs)
    ]
    return [f for f in found if f is not None], group.index


def judged(n: int, cause: str, **changes: int) -> Usefulness:
    found, index = forecasts(n, cause, **changes)
    return usefulness(found, index, k=changes.get("groups", 3), seed=1, draws=200)
