"""How far two extractors of profiles say the same of the same people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .. import disclosure
from ..data.profile_lexicon import FIELDS
from ..engine.matrix import Floats
from ..engine.unit_bootstrap import draws_for, interval, unit_counts
from ..features.profiles import Profiles
from ..privacy import SMALL_CELL
from .rates import COVERAGE

MEASURES = ("same", "kappa", "jaccard")


@dataclass(frozen=True)
class Agreement:
    """The agreement of two extractors, field by field.

    Attributes
    ----------
    table : DataFrame
        One row per field: ``field``; ``same``, the share of people with the same values; ``kappa``, Cohen's kappa of each value
        on average; ``jaccard``, the mean similarity of the sets of values, of those for whom either found any; each with
        ``_low`` and ``_high``; ``values``, how many values have a kappa; ``either``, the people with any value.
    people : int
        Whom both describe.
    one, other : str
        The extractors.
    level : float
        Of the intervals.
    draws : int
        Resamples of people.
    """

    table: pd.DataFrame
    people: int
    one: str
    other: str
    level: float
    draws: int

    @property
    def shown(self) -> pd.DataFrame:
        """The table as it may be told: nothing of a field that was found for fewer than five people."""
        out = self.table.drop(columns="values").astype({"either": "float64"})
        numbers = [name for name in out.columns if name != "field"]
        out.loc[(out["either"] < SMALL_CELL).to_numpy(), numbers] = np.nan
        return out.assign(either=disclosure.count(self.table["either"]))

    def to_json(self) -> dict[str, Any]:
        """Return plain values, None where a field was found for fewer than five people."""
        shown = self.shown.astype(object)
        return {
            "one": self.one, "other": self.other, "people": disclosure.total(self.people), "level": self.level, "draws": self.draws,
            "fields": shown.where(shown.notna(), None).to_dict("records"),
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.shown.to_html(index=False, border=0, na_rep="–")


def agreement(
    one: Profiles, other: Profiles, *, seed: int, level: float = COVERAGE, draws: int | None = None
) -> Agreement:
    r"""Compare two sets of profiles of the same people, with percentile intervals over resampled people.

    Parameters
    ----------
    one, other : Profiles
        Compared are the people whom both have.
    seed : int
    level : float
    draws : int, optional
        Resamples of people; see `segkit.engine.unit_bootstrap.draws_for`.

    Notes
    -----
    :math:`\kappa = (p_o - p_e) / (1 - p_e)` where :math:`p_o` is the share of people for whom both say alike whether they
    have the value, and :math:`p_e` that of two extractors who give it as often, and by lot: Cohen, J. (1960), A coefficient of
    agreement for nominal scales, Educational and Psychological Measurement, 20, 37-46. A value that neither gives has no
    kappa. People without any value in a field are the same by the first measure, which is why the third leaves them out.
    Similarity of sets is shared values by all values: Jaccard, P. (1912), New Phytologist, 11, 37-50.
    """
    people = one.table.index.intersection(other.table.index, sort=False)
    first, second = one.multi_hot.loc[people], other.multi_hot.loc[people]
    draws = draws or draws_for(len(people))
    rows = []
    for field in FIELDS:
        columns = [name for name in first.columns if name.startswith(f"{field}=")]
        a, b = (frame[columns].to_numpy(dtype=np.float64) for frame in (first, second))
        given = (a + b).any(axis=0)
        a, b = a[:, given], b[:, given]
        value = _measured(a, b, np.ones((1, len(people))))[0]
        blocks = unit_counts(len(people), draws, f"profiles/agreement/{field}", seed) if len(people) else ()
        drawn = [_measured(a, b, counts) for counts in blocks]
        low, high = interval(np.concatenate(drawn) if drawn else np.empty((0, len(MEASURES))), level)
        row: dict[str, Any] = {"field": field}
        for i, name in enumerate(MEASURES):
            row |= {name: value[i], f"{name}_low": low[i], f"{name}_high": high[i]}
        rows.append(row | {"values": int(given.sum()), "either": int((a + b).any(axis=1).sum())})
    return Agreement(pd.DataFrame(rows), len(people), one.extractor, other.extractor, level, draws)


def _measured(a: Floats, b: Floats, counts: Floats) -> Floats:
    """Return the three measures for each row of weights: shape (n_rows, 3), from (n_people, n_values) of zeros and ones."""
    n = counts.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        same = counts @ (a == b).all(axis=1).astype(np.float64) / n[:, 0]
        p, q, both = (counts @ part / n for part in (a, b, a * b))
        observed, chance = 1 - p - q + 2 * both, p * q + (1 - p) * (1 - q)
        kappa = np.where(chance < 1, (observed - chance) / (1 - chance), np.nan)
        shared, every = (a * b).sum(axis=1), np.maximum(a, b).sum(axis=1)
        known = (every > 0).astype(np.float64)
        jaccard = counts @ np.divide(shared, every, out=np.zeros(len(a)), where=every > 0) / (counts @ known)
    has = ~np.isnan(kappa)
    mean = np.where(has, kappa, 0.0).sum(axis=1) / np.where(has.any(axis=1), has.sum(axis=1), np.nan)
    return np.column_stack([same, mean, jaccard])
