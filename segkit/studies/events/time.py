"""Events: whether the segments last, from one year to the next."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ...data.breaks import Exposure, exposure
from ...engine import drift, meaning, migration, windows
from ..base import part, step
from . import windows as event_windows
from .naming import name_segments
from .segments import EventSegments


class EventTime(EventSegments):
    """Answers about other times, from windows of one length that end with each quarter."""

    @part
    def window_plan(self) -> event_windows.Plan:
        """The windows that the log has room for."""
        return event_windows.plan(self.audit.first, self.audit.last, self.terms.record)

    @step
    def time_exposure(self) -> Exposure:
        """On how many days of each window the log was watched."""
        return exposure(self.breaks, {w.name: (w.start, w.end) for w in self.window_plan.rolling})

    @part
    def _window_features(self) -> event_windows.WindowFeatures:
        plan = self.window_plan
        return event_windows.window_features(self.log.events, self.settings, self.measures, plan.rolling, plan.pairs)

    @part
    def _window_models(self) -> dict[str, windows.WindowModel]:
        """A model of each window whose units are enough for the K in use."""
        s, made = self.settings, self._window_features
        fits = {
            name: windows.fit_window(
                frame, made.blocks, self.k, clip=s.clip, cap=s.cap, restarts=s.restarts, seed=self.seed
            )
            for name, frame in made.frames.items()
        }
        return {name: found for name, found in fits.items() if found is not None}

    @part
    def _time_reason(self) -> str:
        """Why windows cannot be compared; empty where they can."""
        if self.window_plan.reason:
            return self.window_plan.reason
        enough = len(self._window_models) == len(self.window_plan.rolling)
        return "" if enough else f"a window has too few {self.terms.units} that differ for {self.k} segments"

    @property
    def _time_params(self) -> dict[str, Any]:
        return {"months": event_windows.MONTHS, "every": event_windows.QUARTER, "restarts": self.settings.restarts}

    @property
    def _time_base(self) -> list[event_windows.Window]:
        """The window whose model is kept to name segments over time, and all that end after it."""
        return list(self.window_plan.rolling[self.window_plan.base :])

    @step
    def time_refit(self) -> windows.Refits:
        """Whether models refitted quarter after quarter put the same units together."""
        seed = self.seed
        if self._time_reason:
            return windows.no_refits(self._time_reason, seed)
        return windows.refits(
            self._window_models,
            lags=event_windows.LAGS,
            params={**self._time_params, "lags": event_windows.LAGS},
            seed=seed,
        )

    @step
    def time_frozen(self) -> windows.Ageing:
        """How fast a model that is kept parts from one that is refitted."""
        seed = self.seed
        if self._time_reason:
            return windows.no_ageing(self._time_reason, seed)
        place = {w.name: i for i, w in enumerate(self.window_plan.rolling)}
        young = {
            (then, now): frame
            for (then, now), frame in self._window_features.kept.items()
            if place[now] - place[then] <= event_windows.OLDEST
        }
        return windows.ageing(
            self._window_models,
            young,
            params={**self._time_params, "oldest": event_windows.OLDEST, "outlying": windows.OUTLYING},
            seed=seed,
        )

    @step
    def time_cards(self) -> meaning.Cards | None:
        """The segments of the window that migration and drift start from, by name; None where there are none."""
        if self._time_reason:
            return None
        name = self._time_base[0].name
        frame, labels = self._window_features.frames[name], self._window_models[name].labels
        sizes = labels.value_counts().reindex(range(1, self.k + 1), fill_value=0).rename("units")
        return name_segments(
            meaning.profile(frame, labels),
            sizes,
            float(frame[self.measures.median.name].median()),
            self.measures,
            self.naming,
        )

    @step
    def migration(self) -> migration.Migration:
        """Where the units of one year are in the next, by the model of the first."""
        seed, apart = self.seed, self.window_plan.apart
        if self._time_reason or len(apart) < 2:
            why = f"the {self.terms.record} holds no two windows of {event_windows.MONTHS} months that do not overlap"
            return migration.no_migration(self._time_reason or why, seed)
        labels = {w.name: self._kept_labels(apart[0].name, w.name) for w in apart}
        moves = event_windows.states(labels, self._window_features.first_event, apart)
        return migration.migration(moves, self.k, seed=seed)

    @step
    def drift(self) -> drift.Drift:
        """How far features and segment shares have moved since the window that migration starts from."""
        if self._time_reason:
            return drift.no_drift(self._time_reason)
        names = [w.name for w in self._time_base]
        frames = {n: self._kept_frame(names[0], n) for n in names}
        labels = {n: self._kept_labels(names[0], n) for n in names}
        return drift.drift(frames, labels, self.k)

    def _kept_frame(self, fitted: str, name: str) -> pd.DataFrame:
        """Return the features of a window with the threshold of a large event of an earlier one."""
        made = self._window_features
        return made.frames[name] if fitted == name else made.kept[fitted, name]

    def _kept_labels(self, fitted: str, name: str) -> pd.Series:
        """Return the segments of a window's units by the model of an earlier one."""
        return self._window_models[fitted].model.assign(self._kept_frame(fitted, name))["segment"]

    def results(self) -> dict[str, Any]:
        """Return the numbers about time too."""
        return {
            **super().results(),
            "time": {
                "refit": self.time_refit.to_json(),
                "frozen": self.time_frozen.to_json(),
                "migration": self.migration.to_json(),
                "exposure": self.time_exposure.to_json(),
            },
            "drift": self.drift.to_json(),
        }
