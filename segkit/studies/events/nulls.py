"""Events: whether there is more than a population without segments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...engine import nulls
from ...engine.copula import copula_draws
from ...engine.matrix import Floats
from ...engine.null_statistics import Plan
from ...engine.silhouettes import EXACT, sample
from ..base import step
from .segments import EventSegments

OTHERS = range(2, 9)  # numbers of segments at which the silhouette is compared as well


class EventNulls(EventSegments):
    """Answers to that."""

    @step
    def nulls(self) -> nulls.Nulls:
        """The partition beside those of populations without segments, from weak to strict."""
        from .populations import Populations  # brings the query engine, which a page that only reads does without

        s, f, seed = self.settings, self.features, self.seed
        m, frame, events = self.measures, f.model_frame, self.log.events
        if len(frame) > EXACT:  # so many populations of more units than that would take hours
            frame = frame.iloc[sample(len(frame), EXACT, "nulls/units", seed)]
            events = events.filter(pc.is_in(events["unit"].cast("string"), pa.array(list(frame.index), "string")))
        populations = Populations(
            events, s, m, list(frame.columns), as_of=f.as_of, large=f.thresholds[m.limit], breaks=self.breaks
        )
        several = (frame[m.count.name] > 1).to_numpy()

        def copula(count: int, root: int) -> Iterator[Floats]:
            return copula_draws(frame.to_numpy(dtype=np.float64), several, count, root)

        plan = Plan(
            self.k,
            tuple(k for k in OTHERS if k != self.k),
            bootstraps=s.evidence.null_bootstraps,
            clusterer=self.loop,
        )
        sources = {"exchangeable": populations.exchangeable, "continuous": populations.continuous, "copula": copula}
        return nulls.compare(
            frame, f.blocks, sources, plan, count=s.evidence.nulls, level=s.evidence.level, seed=seed,
            partitions=self.divided if len(frame) == len(f.model_frame) else None, **self.limits,
        )  # fmt: skip

    def results(self) -> dict[str, Any]:
        """Return these numbers too."""
        return {**super().results(), "nulls": self.nulls.to_json()}
