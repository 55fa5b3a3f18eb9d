"""Populations without segments, whose features look like those of a log, and are computed by the same code."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ...config import EventSettings
from ...data.breaks import Breaks
from ...engine.matrix import Floats
from ...features.events import event_features
from ...features.measures import Measures
from ...seeds import generator
from .law import DAY, Drawn, Ints, Law, Log, draw_events, fit_law

AT_ONCE = 1_000_000  # events in one query: 300 MB


def read_log(events: pa.Table, settings: EventSettings, breaks: Breaks | None = None) -> Log:
    """Return the typed events as arrays.

    Parameters
    ----------
    events : pyarrow table
        ``unit``, ``started_at``, ``amount``.
    settings : EventSettings
        Bands of the day.
    breaks : Breaks, optional
        Their days were not watched, but for those on which there is an event all the same.
    """
    names = np.unique(events["unit"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)[1]
    start = events["started_at"].to_numpy().astype("datetime64[s]").astype(np.int64)
    amount = events["amount"].to_numpy().astype(np.int64)
    unit = _ranked(names, start, amount)
    order = np.lexsort((unit, amount, start))
    bands = list(settings.hours.bands.values())
    band_of = np.zeros(24, dtype=np.int64)
    for i, (first, last) in enumerate(bands):
        band_of[first : last + 1] = i
    return Log(
        unit=unit[order],
        start=start[order],
        amount=amount[order],
        band_of_hour=band_of,
        dates=_watched(start // DAY, breaks),
    )


def _watched(day: Ints, breaks: Breaks | None) -> Ints:
    """Return the days on which a log was watched, from its first event to its last."""
    dates = np.arange(day.min(), day.max() + 1)
    lost = np.zeros(len(dates), dtype=bool)
    for run in breaks.table.itertuples() if breaks is not None else ():
        first, last = (int(np.datetime64(d, "D").astype(np.int64)) for d in (run.start, run.end))
        lost |= (dates >= first) & (dates <= last)
    return dates[~lost | np.isin(dates, day)]


def _ranked(names: Ints, start: Ints, amount: Ints) -> Ints:
    """Number units by what they did, so that another key, or another order of rows, draws the same populations."""
    order = np.lexsort((amount, start, names))
    ends = np.flatnonzero(np.diff(names[order])) + 1
    histories = [h.tobytes() for h in np.split(np.column_stack([start, amount])[order], ends)]
    rank = np.empty(len(histories), dtype=np.int64)
    rank[sorted(range(len(histories)), key=histories.__getitem__)] = np.arange(len(histories))
    return rank[names]


class Populations:
    """Two nulls of a log of events.

    Parameters
    ----------
    events : pyarrow table
        The typed events.
    settings : EventSettings
    measures : Measures
    columns : list of str
        The features that are wanted, in order.
    as_of : datetime
        From which recency counts, as for the observed features.
    large : float
        The amount from which an event is large, as for the observed features.
    breaks : Breaks, optional
        Of the log: on their days nothing is drawn, as nothing was seen.
    """

    def __init__(
        self,
        events: pa.Table,
        settings: EventSettings,
        measures: Measures,
        columns: list[str],
        *,
        as_of: datetime,
        large: float,
        breaks: Breaks | None = None,
    ) -> None:
        self.log = read_log(events, settings, breaks)
        self.settings, self.measures, self.columns = settings, measures, columns
        self.as_of, self.large = as_of, large

    def exchangeable(self, count: int, seed: int) -> Iterator[Floats]:
        """Yield features of logs in which the names of the units are dealt out anew; each keeps its number of events."""
        log = self.log
        draws = (
            Drawn(generator(f"exchangeable {b}", seed).permutation(log.unit), log.start, log.amount)
            for b in range(count)
        )
        return self._features(draws)

    def continuous(self, count: int, seed: int) -> Iterator[Floats]:
        """Yield features of logs whose units differ by degree: see `law`."""
        law: Law = fit_law(self.log)
        return self._features(draw_events(law, generator(f"continuous {b}", seed)) for b in range(count))

    def _features(self, draws: Iterator[Drawn]) -> Iterator[Floats]:
        """Compute the features of several logs with one query."""
        batch: list[Drawn] = []
        for events in draws:
            batch.append(events)
            if sum(len(c.unit) for c in batch) >= AT_ONCE:
                yield from self._query(batch)
                batch = []
        if batch:
            yield from self._query(batch)

    def _query(self, batch: list[Drawn]) -> Iterator[Floats]:
        sizes = [int(c.unit.max()) + 1 for c in batch]
        firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        unit = np.concatenate([c.unit + first for c, first in zip(batch, firsts, strict=True)])
        names = [f"{b}-{i}" for b, size in enumerate(sizes) for i in range(size)]
        table = pa.table(
            {
                "unit": pa.DictionaryArray.from_arrays(pa.array(unit, pa.int32()), pa.array(names)),
                "started_at": pa.array(_stamps([c.start for c in batch]), pa.timestamp("us")),
                "amount": pa.array(np.concatenate([c.amount for c in batch]), pa.int64()),
                "category": pa.nulls(len(unit), pa.string()),
            }
        )
        frame = event_features(table, self.settings, self.measures, as_of=self.as_of, large=self.large).frame
        of = np.array([name.partition("-")[0] for name in frame.index.tolist()], dtype=np.int64)
        values = frame[self.columns].to_numpy(dtype=np.float64)
        for b in range(len(batch)):
            yield values[of == b]


def _stamps(starts: list[Ints]) -> NDArray[np.datetime64]:
    return np.concatenate(starts).astype("datetime64[s]").astype("datetime64[us]")
