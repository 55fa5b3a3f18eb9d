"""Facts about features with more than one mode, which a scaling may hide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..engine.modes import Modes


@dataclass(frozen=True)
class Hidden:
    """The features that the scaling makes small although they have more than one mode.

    Attributes
    ----------
    several : int
        Features with more than one mode.
    looked : int
        Features that were looked at.
    hidden : sequence of str
        Their titles.
    lowered : float
        Of its even share of the variance, what each of them has less than.
    """

    several: int
    looked: int
    hidden: Sequence[str]
    lowered: float


def hidden(found: Modes, labels: Mapping[str, str]) -> Hidden:
    """Tell which features the scaling hides, by what pages say for them."""
    table, params = found.table, found.params
    several = int((table["p"] <= params["level"]).sum())
    return Hidden(several, len(table), [labels.get(n, n) for n in found.hidden], params["lowered"])
