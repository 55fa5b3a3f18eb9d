"""What studies of a file with one row per unit share: there are no events, so that units are all that there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import SecretStr

from ..data import opening
from ..data.truth import keyed_truth
from ..engine import nulls
from ..engine.fits import LARGE
from ..engine.matching import rand_index
from ..engine.matrix import Floats
from ..engine.null_statistics import Plan
from ..engine.segments import Segments
from ..engine.silhouettes import EXACT, sample
from ..errors import ConfigError
from ..privacy import secret
from .base import plain, step, write_results
from .filed import FiledStudy
from .source import Source

Draws = Callable[[Floats, NDArray[np.int64], int, int], Iterator[Floats]]  # values, groups, count, seed


class _Read(Protocol):
    @property
    def fingerprint(self) -> str: ...


T = TypeVar("T", bound=_Read)


class RowStudy(FiledStudy):
    """The evidence of one file with one row per unit."""

    refusal = ("", "")  # of new units: what is not done, and the remedy

    def unchanged(self, found: T) -> T:
        """Return what was read, if it is the file that the study is of.

        Raises
        ------
        InputError
        """
        if found.fingerprint != self.source.fingerprint:
            raise opening.changed(self.source.located.path)
        return found

    @property
    def key(self) -> bytes:
        """What units are keyed under."""
        return secret()

    def beside_drawn(
        self,
        draws: Draws,
        groups: Callable[[pd.DataFrame], Mapping[str, NDArray[np.int64]]],
        *,
        most: int = EXACT,
        **limits: Any,
    ) -> nulls.Nulls:
        """Compare the partition with those of drawn populations.

        Parameters
        ----------
        draws : callable
            Draws values like those of the units, each group apart.
        groups : callable
            Returns the group of each unit, by the name of a population.
        most : int
            How many units are drawn at random where there are more than 5,000.
        limits
            What `fit_matrix` is told.
        """
        s, frame = self.effort, self.model_frame
        if len(frame) > EXACT:
            frame = frame.iloc[sample(len(frame), most, "nulls/units", self.seed)]
        values = frame.to_numpy(dtype=np.float64)
        sources = {name: partial(draws, values, of) for name, of in groups(frame).items()}
        plan = Plan(self.k, tuple(k for k in self.ks if k != self.k), bootstraps=s.null_bootstraps, clusterer=self.loop)
        if len(self.model_frame) > LARGE:  # many fits of each of many populations, and the declared statistic needs one
            plan = replace(plan, bootstraps=min(s.null_bootstraps, 5), splits=2, subsamples=5)
        same = self.divided if len(frame) == len(self.model_frame) else None
        return nulls.compare(
            frame, self.blocks, sources, plan, count=s.nulls, level=s.level, partitions=same, seed=self.seed, **limits
        )

    @step
    def recovered(self) -> float | None:
        """Adjusted Rand index of the segments in use with the planted ones (Hubert and Arabie 1985); None for real data."""
        return self.planted(self.segments)

    def planted(self, found: Segments) -> float | None:
        """Return the adjusted Rand index of a partition with the planted one; None for real data."""
        if self.source.located.real:
            return None
        return rand_index(keyed_truth(self.key, self.dataset).reindex(found.labels.index), found.labels)

    @property
    def about(self) -> dict[str, Any]:
        """By what the segments are told."""
        raise NotImplementedError

    def save_model(self, path: Path) -> None:
        """Write down by what the segments are told, for people."""
        write_results(path, plain({"study": self.name, **self.about}))

    @classmethod
    def assign(cls, source: Source | SecretStr, **asked: Any) -> Path:
        """Refuse: what tells a segment is the whole file, and no table of centres.

        Raises
        ------
        ConfigError
        """
        problem, remedy = cls.refusal
        raise ConfigError(problem, remedy=remedy)
