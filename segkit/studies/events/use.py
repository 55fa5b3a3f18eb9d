"""Events: whether the segments are useful."""

from __future__ import annotations

from typing import Any

from ...data.breaks import Exposure, exposure
from ...engine import buy_till_die, capacity, overdue, usefulness
from ...engine.forecasts import Forecast, Life, Outlook, Roles, forecast, lives
from ...engine.matrix import Floats
from ...inference import Activity, NextEvents, activity, next_events
from ..base import part, step
from .data import dated
from .outcomes import (
    HISTORY,
    RECENCY,
    TENURE,
    WINDOW,
    days_to_next,
    end_of_log,
    judged_at,
    needed_days,
    snapshots,
    weekly,
    weeks,
)
from .segments import EventSegments


class EventUse(EventSegments):
    """Answers to that. Where the log is too short for them, they are None."""

    @property
    def _life(self) -> Life:
        return Life(self.measures.days.name, self.measures.tenure.name)

    @part
    def _lives(self) -> tuple[Floats, Floats, Floats]:
        return lives(self.exposed, self.measures.recency.name, self._life)

    @part
    def _forecasts(self) -> list[Forecast]:
        """Every policy at each date, learnt a window before it from the calls that were known by then."""
        s, m, found = self.settings, self.measures, []
        roles = Roles(RECENCY, m.count.name, m.total.name, Life(m.days.name, TENURE))
        for i, date in enumerate(judged_at(self.audit.first, self.audit.last)):
            past, now = snapshots(self.log.events, s, m, [date - WINDOW, date], self.breaks)
            one = forecast(
                past, now, self.features.blocks, self.segments.labels, roles,
                k=self.segments.k, clip=s.clip, cap=s.cap, seed=self.seed, name=str(i),
            )  # fmt: skip
            found.append(one)
        return [f for f in found if f is not None]

    @part
    def _reachable(self) -> list[Forecast]:
        """The same, of those whom a rule is for."""
        those = [f.of(~self.apart.reindex(f.segment.index).to_numpy()) for f in self._forecasts]
        return [f for f in those if f.judged]

    @step
    def outlook(self) -> Outlook:
        """What the length of the log allows."""
        first, last = self.audit.first, self.audit.last
        dates = tuple(f.when for f in self._forecasts)
        covered = (end_of_log(last).date() - first.date()).days
        return Outlook(covered, needed_days(), judged_at(first, last), dates, WINDOW.days, HISTORY.days)

    @step
    def usefulness_watched(self) -> usefulness.Usefulness | None:
        """What `usefulness` tells, from the dates whose windows were watched; None where that is all of them, or none."""
        few, seed = self.use_exposure.table["few"].to_numpy(), self.seed
        kept = [f for f, out in zip(self._forecasts, few, strict=True) if not out]
        if not few.any() or not kept:
            return None
        return usefulness.usefulness(kept, self.features.frame.index, k=self.segments.k, seed=seed)

    @step
    def usefulness(self) -> usefulness.Usefulness | None:
        """How well segments and their rivals tell who is active next."""
        if not self._forecasts:
            return None
        seed = self.seed
        return usefulness.usefulness(self._forecasts, self.features.frame.index, k=self.segments.k, seed=seed)

    @step
    def use_exposure(self) -> Exposure:
        """On how many days of the window after each date the log was watched."""
        return exposure(self.breaks, {f"{d:%Y-%m}": (d, d + WINDOW) for d in self.outlook.judged})

    @step
    def activity(self) -> Activity | None:
        """How active each segment was after the latest date."""
        return activity(self.usefulness.groups) if self.usefulness else None

    @step
    def next_events(self) -> NextEvents | None:
        """How long contacts of each segment take to call again after the earliest date, which has the longest record."""
        if not self._forecasts:
            return None
        at = self._forecasts[0]
        end = end_of_log(self.audit.last)
        times = days_to_next(self.log.events, at.segment.index, at.when, end, self.breaks)
        return next_events(times, at.segment, at.when, until=self.breaks.watched(at.when, end))

    @step
    def capacity(self) -> capacity.Capacity | None:
        """How many of those who are active anyway each ranking reaches."""
        if not self._reachable:
            return None
        most = max(len(f.segment) for f in self._reachable)
        points = [c * weeks() for c in weekly(most)]
        return capacity.capacity(self._reachable, self.features.frame.index, points, seed=self.seed)

    @step
    def buy_till_die(self) -> buy_till_die.BuyTillYouDie:
        """A model of when units stop for good, fitted to all that the log knows (Fader, Hardie and Lee 2005)."""
        return buy_till_die.buy_till_die(*self._lives)

    @step
    def overdue(self) -> overdue.Overdue | None:
        """How many of those who are overdue the model holds to be alive; None where it does not fit."""
        model, frame = self.buy_till_die, self.exposed
        if model.params is None or not model.fits:
            return None
        rules = self.policy.table.set_index("segment").astype({"overdue_after_days": "float64"})
        limits = rules["overdue_after_days"].where(rules["overdue_now"].notna())
        labels = self.segments.labels.reindex(frame.index).mask(self.apart, 0)  # whom no rule is for is in no segment
        since = frame[self.measures.recency.name]
        return overdue.overdue(model.params, self._lives, since.to_numpy(), labels.to_numpy(), limits)

    def results(self) -> dict[str, Any]:
        """Return these numbers too."""
        at = self.outlook
        watched = self.usefulness_watched
        judged = {
            "days": at.covered, "days_needed": at.needed, "dates": list(at.judged), "window_days": at.window,
            "exposure": self.use_exposure.to_json(), "watched": watched.summary.to_dict("records") if watched else None,
        }  # fmt: skip
        if not (self.usefulness and self.activity and self.next_events):
            found: dict[str, Any] = {"usefulness": judged, "activity": None, "next_event": None, "capacity": None}
        else:
            found = {
                "usefulness": {**judged, **self.usefulness.to_json()},
                "activity": self.activity.to_json(),
                "next_event": self.next_events.to_json(),
                "capacity": self.capacity.to_json(self.terms.units) if self.capacity else None,
            }
        stop = {
            "buy_till_die": self.buy_till_die.to_json(),
            "overdue": self.overdue.to_json() if self.overdue else None,
        }
        return {
            **super().results(),
            **{name: dated(value, exact=self.exact_dates) for name, value in found.items()},
            **stop,
        }
