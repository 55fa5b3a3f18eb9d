"""Populations of callers without segments: whose features look like those of a log, and are computed by the same code."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..config import Contacts
from ..engine.matrix import Floats
from ..features.calls import call_features
from ..seeds import generator
from .caller_law import CallerLaw, Calls, Ints, Log, draw_calls, fit_law

AT_ONCE = 1_000_000  # calls in one query: 300 MB


def read_log(calls: pa.Table, settings: Contacts) -> Log:
    """Return the typed calls as arrays.

    Parameters
    ----------
    calls : pyarrow table
        ``unit``, ``started_at``, ``duration``.
    settings : Contacts
        Bands of the day.
    """
    names = np.unique(calls["unit"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)[1]
    start = calls["started_at"].to_numpy().astype("datetime64[s]").astype(np.int64)
    duration = calls["duration"].to_numpy().astype(np.int64)
    unit = _ranked(names, start, duration)
    order = np.lexsort((unit, duration, start))
    bands = list(settings.hours.bands.values())
    band_of = np.zeros(24, dtype=np.int64)
    for i, (first, last) in enumerate(bands):
        band_of[first : last + 1] = i
    return Log(
        unit=unit[order],
        start=start[order],
        duration=duration[order],
        band_of_hour=band_of,
    )


def _ranked(names: Ints, start: Ints, duration: Ints) -> Ints:
    """Number units by what they did, so that another key, or another order of rows, draws the same populations."""
    order = np.lexsort((duration, start, names))
    ends = np.flatnonzero(np.diff(names[order])) + 1
    histories = [h.tobytes() for h in np.split(np.column_stack([start, duration])[order], ends)]
    rank = np.empty(len(histories), dtype=np.int64)
    rank[sorted(range(len(histories)), key=histories.__getitem__)] = np.arange(len(histories))
    return rank[names]


class Populations:
    """Two nulls of a call log.

    Parameters
    ----------
    calls : pyarrow table
        The typed calls.
    settings : Contacts
    columns : list of str
        The features that are wanted, in order.
    as_of : datetime
        From which recency counts, as for the observed features.
    long_call : float
        Seconds from which a call is long, as for the observed features.
    """

    def __init__(
        self, calls: pa.Table, settings: Contacts, columns: list[str], *, as_of: datetime, long_call: float
    ) -> None:
        self.log = read_log(calls, settings)
        self.settings, self.columns, self.as_of, self.long_call = settings, columns, as_of, long_call

    def exchangeable(self, count: int, seed: int) -> Iterator[Floats]:
        """Yield features of logs in which the names of the callers are dealt out anew; each keeps its number of calls."""
        log = self.log
        draws = (
            Calls(generator(f"exchangeable {b}", seed).permutation(log.unit), log.start, log.duration)
            for b in range(count)
        )
        return self._features(draws)

    def continuous(self, count: int, seed: int) -> Iterator[Floats]:
        """Yield features of logs whose callers differ by degree: see `caller_law`."""
        law: CallerLaw = fit_law(self.log)
        return self._features(draw_calls(law, generator(f"continuous {b}", seed)) for b in range(count))

    def _features(self, draws: Iterator[Calls]) -> Iterator[Floats]:
        """Compute the features of several logs with one query."""
        batch: list[Calls] = []
        for calls in draws:
            batch.append(calls)
            if sum(len(c.unit) for c in batch) >= AT_ONCE:
                yield from self._query(batch)
                batch = []
        if batch:
            yield from self._query(batch)

    def _query(self, batch: list[Calls]) -> Iterator[Floats]:
        sizes = [int(c.unit.max()) + 1 for c in batch]
        firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        unit = np.concatenate([c.unit + first for c, first in zip(batch, firsts, strict=True)])
        names = [f"{b}-{i}" for b, size in enumerate(sizes) for i in range(size)]
        table = pa.table(
            {
                "unit": pa.DictionaryArray.from_arrays(pa.array(unit, pa.int32()), pa.array(names)),
                "started_at": pa.array(_stamps([c.start for c in batch]), pa.timestamp("us")),
                "duration": pa.array(np.concatenate([c.duration for c in batch]), pa.int64()),
                "category": pa.nulls(len(unit), pa.string()),
            }
        )
        frame = call_features(table, self.settings, as_of=self.as_of, long_call=self.long_call).frame
        of = np.array([name.partition("-")[0] for name in frame.index], dtype=np.int64)
        values = frame[self.columns].to_numpy(dtype=np.float64)
        for b in range(len(batch)):
            yield values[of == b]


def _stamps(starts: list[Ints]) -> NDArray[np.datetime64]:
    return np.concatenate(starts).astype("datetime64[s]").astype("datetime64[us]")
