"""What must not follow from what a private site publishes: one meaning for the gate that hides and the solver that seeks.

Sources: Hundepool, A. et al. (2012), Statistical Disclosure Control, Wiley: minimum frequency rule (3.2.1), p%-rule for
sums (4.2.2), secondary suppression and the intervals that an intruder computes by linear programming (4.4).
"""

from __future__ import annotations

import math

SMALL = 5  # contacts: 1 to 4 are not told
NEAR = 0.10  # p of the p%-rule: nobody learns the share of one contact in a sum to within a tenth of it
WIDTH = 1.0  # a whole number is known where the range that an attacker computes is narrower


def small(contacts: float) -> bool:
    """Tell whether a count of contacts may not be known: 1 to 4. That nobody is in a cell tells of nobody.

    >>> [small(n) for n in (0, 1, 4, 5)]
    [False, True, True, False]
    """
    return 0 < round(contacts) < SMALL


def found(low: float, high: float) -> int | None:
    """Return the small count of contacts that a range gives away, if it gives one away.

    A suppressed cell is known to be small by being suppressed, so a range from 1 to 4 says nothing new. What counts is
    that one whole number alone is left.

    >>> found(2.0, 2.4), found(1.0, 4.0), found(7.0, 7.0), found(2.2, 2.4)
    (2, None, None, None)
    """
    if high - low >= WIDTH or math.floor(high + 1e-4) != math.ceil(low - 1e-4):
        return None
    value = math.floor(high + 1e-4)
    return value if small(value) else None


def sum_found(low: float, high: float, value: float) -> bool:
    """Tell whether a range gives away a sum over fewer than five contacts: it is known, or known to within a tenth.

    >>> sum_found(8.0, 8.4, 8.0), sum_found(100.0, 105.0, 103.0), sum_found(1.0, 40.0, 8.0)
    (True, True, False)
    """
    return high - low < WIDTH or high - low <= NEAR * abs(value)


def dominated(parts: list[float], p: float = NEAR) -> bool:
    """Tell whether the second largest contributor to a published sum learns the largest to within ``p`` of it.

    >>> dominated([100.0, 3.0, 2.0]), dominated([100.0, 30.0, 20.0])
    (True, False)
    """
    largest = sorted((abs(x) for x in parts), reverse=True)
    return bool(largest) and sum(largest[2:]) < p * largest[0]
