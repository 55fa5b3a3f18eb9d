"""The best of many groups, without falling for the luckiest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..engine.fits import Labels
from ..engine.matrix import Floats
from ..engine.unit_bootstrap import BLOCK
from ..privacy import SMALL_CELL
from ..seeds import generator
from .priors import Prior, posterior_of, prior_of
from .rates import COVERAGE

DRAWS = 20_000  # from the posterior, by which the probability of being best is found


@dataclass(frozen=True)
class Winners:
    """Shares of many groups, drawn towards each other as far as chance may explain their spread.

    Attributes
    ----------
    table : DataFrame
        One row per group: ``group``, ``events``, ``units``, ``share``, ``enough`` (units), and for those with enough
        ``posterior``, ``low``, ``high``, ``p_best`` (probability of the highest share of all), ``p`` and ``q`` (against
        all other groups; exact test, and the false discovery rate at which the group would be called different).
    prior : Prior
        What the groups tell of each other; nothing where none has enough units.
    params : dict
    """

    table: pd.DataFrame
    prior: Prior
    params: dict[str, Any]

    @property
    def best(self) -> Any:
        """The group that most probably has the highest share; None where no group has enough units."""
        known = self.table[self.table["enough"]]
        return known.loc[known["p_best"].idxmax(), "group"] if len(known) else None

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "groups": self.table.to_dict("records"),
            "prior": [self.prior.mean, self.prior.worth],
            "params": self.params,
        }

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def best_of_many(
    groups: Sequence[Any],
    events: ArrayLike,
    units: ArrayLike,
    *,
    minimum: int = SMALL_CELL,
    overlapping: bool = False,
    everyone: tuple[int, int] | None = None,
    level: float = COVERAGE,
) -> Winners:
    """Compare the shares of many groups without falling for the luckiest.

    Parameters
    ----------
    groups : sequence
        Names.
    events, units : array of int, length n_groups
    minimum : int
        Groups with fewer units are listed, but take no part.
    overlapping : bool
        Whether units may be in several groups: then Benjamini-Yekutieli instead of Benjamini-Hochberg.
    everyone : pair of int, optional
        Events and units of all there are, each counted once; each group is then tested against all that are not in it. Where
        there is none, against the units of the other groups with enough units.
    level : float
        Of the posterior intervals.

    Raises
    ------
    ValueError
        A group has more events or units than everyone.

    Notes
    -----
    Casella, G. (1985). An introduction to empirical Bayes data analysis. The American Statistician, 39, 83-87.
    Benjamini, Y. and Hochberg, Y. (1995), Journal of the Royal Statistical Society B, 57, 289-300; Benjamini, Y. and
    Yekutieli, D. (2001), The Annals of Statistics, 29, 1165-1188. The prior's own uncertainty is integrated over, as in
    Gelman et al. (2013; see `priors.prior_of`): intervals by a fitted prior alone are too narrow where groups are few.
    """
    from scipy.stats import fisher_exact
    from statsmodels.stats.multitest import multipletests

    x, n = np.asarray(events, dtype=np.float64), np.asarray(units, dtype=np.float64)
    enough = n >= max(minimum, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(n > 0, x / n, np.nan)
    table = pd.DataFrame({"group": list(groups), "events": x.astype(int), "units": n.astype(int), "share": share})
    table["enough"] = enough
    for column in ("posterior", "low", "high", "p_best", "p", "q"):
        table[column] = np.nan
    params = {"minimum": minimum, "level": level, "overlapping": overlapping}
    if not enough.any():
        return Winners(table, prior_of([], []), params)
    x, n = x[enough], n[enough]
    prior = prior_of(x, n)
    # Groups with the same counts have the same posterior and, against a common rest, the same test.
    counts, which = np.unique(np.column_stack([x, n]), axis=0, return_inverse=True)
    total = everyone or (x.sum(), n.sum())
    if (x > total[0]).any() or (n - x > total[1] - total[0]).any():
        raise ValueError("a group has more events or units than everyone")
    others = [[[e, m - e], [total[0] - e, total[1] - m - (total[0] - e)]] for e, m in counts]
    alone = len(x) == 1 and everyone is None
    tests = np.array([np.nan if alone else float(fisher_exact(o)[1]) for o in others])[which]
    kind = "fdr_by" if overlapping else "fdr_bh"
    after = posterior_of(counts[:, 0], counts[:, 1], prior, level=level).iloc[which]
    found = {
        **{column: after[column].to_numpy() for column in after}, "p_best": _best(counts, which, prior), "p": tests,
        "q": tests if alone else multipletests(tests, method=kind)[1],
    }  # fmt: skip
    for column, values in found.items():
        table.loc[enough, column] = np.asarray(values, dtype=np.float64)
    return Winners(table, prior, params)


def _best(counts: Floats, which: Labels, prior: Prior) -> Floats:
    """Return how often each group is the best of draws from the joint posterior; groups of the same counts share alike."""
    rng = generator("winners/best")
    picked = prior.weight.cumsum().searchsorted((np.arange(DRAWS) + 0.5) / DRAWS).clip(max=len(prior.weight) - 1)
    x, n = counts[which].T
    wins = np.zeros(len(which))
    for rows in np.array_split(picked, 1 + DRAWS * len(which) // BLOCK):
        drawn = rng.beta(prior.a[rows, None] + x, prior.b[rows, None] + n - x)
        wins += np.bincount(drawn.argmax(axis=1), minlength=len(which))
    return np.asarray((np.bincount(which, wins) / np.bincount(which))[which] / DRAWS, dtype=np.float64)
