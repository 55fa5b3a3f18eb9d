"""Units that act at rates of their own until they stop, simulated event by event."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segkit.engine.bgnbd import Parameters

PUBLISHED = Parameters(0.243, 4.414, 0.793, 2.426)  # Fader, Hardie and Lee 2005, table 2


def lives(
    p: Parameters, age: np.ndarray, seed: int, later: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return repeats and time of the last by each unit's age, whether it is alive then, and its events in the time after."""
    random = np.random.default_rng(seed)
    n = len(age)
    rate, stop = random.gamma(p.r, 1 / p.alpha, n), random.beta(p.a, p.b, n)
    x, t_x, after, alive = np.zeros(n), np.zeros(n), np.zeros(n), np.ones(n, dtype=bool)
    clock, on = np.zeros(n), np.ones(n, dtype=bool)
    while on.any():
        clock = np.where(on, clock + random.exponential(size=n) / np.maximum(rate, 1e-12), clock)
        within, on = on & (clock <= age), on & (clock <= age + later)
        x, t_x, after = x + within, np.where(within, clock, t_x), after + (on & ~within)
        gone = on & (random.random(n) < stop)
        alive &= ~(gone & within)
        on &= ~gone
    return x, t_x, alive, after


def event_log(p: Parameters, units: int, horizon: float, seed: int) -> pd.DataFrame:
    """Return units and days of their events, the first ones spread over the first half of the time."""
    random = np.random.default_rng(seed)
    rate, stop = random.gamma(p.r, 1 / p.alpha, units), random.beta(p.a, p.b, units)
    clock = random.uniform(0, horizon / 2, units)
    on, parts = np.ones(units, dtype=bool), []
    while on.any():
        parts.append(pd.DataFrame({"unit": np.flatnonzero(on), "day": clock[on]}))
        on &= (random.random(units) >= stop) | (len(parts) == 1)  # none stops at its first event
        clock = clock + random.exponential(size=units) / np.maximum(rate, 1e-12)
        on &= clock <= horizon
    return pd.concat(parts, ignore_index=True)
