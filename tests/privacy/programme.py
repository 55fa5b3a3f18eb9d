"""A mixed-integer linear programme over what an attacker does not know, and the range that it leaves to each quantity."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_array

Name = Hashable
Terms = Mapping[Name, float]
TIGHT = 1e-5  # how far a published number with ten digits may be off after it is multiplied by a count
SLIP = 1e-4  # how far a whole number may seem to be off
LOOSE = 1e-3  # beyond this, two facts contradict each other
MOST = 200_000  # combinations that are tried one by one


@dataclass(frozen=True)
class Fact:
    """A linear expression lies between two numbers, and where that was read."""

    terms: dict[Name, float]
    low: float
    high: float
    source: str


@dataclass(frozen=True)
class Unknown:
    """What is known of a quantity from its definition alone."""

    low: float
    high: float
    whole: bool


class ContradictionError(Exception):
    """The facts contradict each other: a reader of a file is wrong."""


@dataclass
class Programme:
    """Unknown quantities and facts about them."""

    unknowns: dict[Name, Unknown] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    about: dict[Name, list[Fact]] = field(default_factory=lambda: defaultdict(list))  # facts about that alone

    def add(self, name: Name, low: float, high: float, *, whole: bool = True) -> Name:
        """Name a quantity; named twice, the narrower range holds."""
        old = self.unknowns.get(name)
        low, high = (max(low, old.low), min(high, old.high)) if old else (low, high)
        self.unknowns[name] = Unknown(low, high, whole)
        return name

    def say(self, terms: Terms, value: float, source: str, slack: float = TIGHT) -> None:
        """Add the fact that an expression is a number, but for rounding."""
        self.between(terms, value - slack, value + slack, source)

    def between(self, terms: Terms, low: float, high: float, source: str) -> None:
        """Add the fact that an expression lies between two numbers."""
        lack = [n for n in terms if n not in self.unknowns]
        assert not lack, (source, lack)
        self.facts.append(Fact({n: float(c) for n, c in terms.items() if c}, low, high, source))
        if len(self.facts[-1].terms) == 1:
            self.about[next(iter(self.facts[-1].terms))].append(self.facts[-1])

    def tried(self, names: Sequence[Name], fits: Callable[..., bool], source: str) -> bool:
        """Narrow a few whole quantities by trying every combination of their values against something not linear.

        Returns
        -------
        bool
            Whether they were few enough to be tried.
        """
        ranges = [self.values(n) for n in names]
        if np.prod([float(len(r)) for r in ranges]) > MOST:
            return False
        left = [combination for combination in itertools.product(*ranges) if fits(*combination)]
        if not left:
            raise ContradictionError(f"{source}: no combination of {names} fits")
        for name, values in zip(names, zip(*left, strict=True), strict=True):
            self.between({name: 1.0}, min(values), max(values), source)
        return True

    def values(self, name: Name) -> range:
        """Return the values that a whole quantity may have by the facts about it alone."""
        u = self.unknowns[name]
        low, high = u.low, u.high
        for fact in self.about[name]:
            c = fact.terms[name]
            a, b = sorted((fact.low / c, fact.high / c))
            low, high = max(low, a), min(high, b)
        return range(math.ceil(low - SLIP), math.floor(high + SLIP) + 1)

    def solver(self) -> Solver:
        """Prepare for many questions."""
        return Solver(self)


@dataclass(frozen=True)
class Range:
    """What the facts leave of an expression, and where the published numbers among them were read."""

    low: float
    high: float
    sources: tuple[str, ...]

    @property
    def width(self) -> float:
        """Zero where the value is known."""
        return self.high - self.low


class Solver:
    """Answers how small and how large expressions can be."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.known: dict[Name, float] = {}
        self.why: dict[Name, frozenset[str]] = {}
        self.facts = self._settle()
        self.part = self._parts()
        self.names: dict[int, list[Name]] = defaultdict(list)
        for name, number in self.part.items():
            self.names[number].append(name)
        self.own: dict[int, list[Fact]] = defaultdict(list)
        for fact in self.facts:
            self.own[self.part[next(iter(fact.terms))]].append(fact)
        self._ready: dict[frozenset[int], tuple[dict[Name, int], tuple[Any, ...]]] = {}
        self._met: dict[frozenset[int], list[np.ndarray]] = defaultdict(list)  # values that meet all facts

    def _settle(self) -> list[Fact]:
        """Take what is known for certain out of the facts, again and again, and narrow ranges by facts about one quantity."""
        ranges = {n: (u.low, u.high) for n, u in self.programme.unknowns.items()}
        why: dict[Name, set[str]] = defaultdict(set)
        facts = self.programme.facts
        while True:
            moved, left = False, []
            for fact in facts:
                shift = sum(c * self.known[n] for n, c in fact.terms.items() if n in self.known)
                terms = {n: c for n, c in fact.terms.items() if n not in self.known and c}
                low, high = fact.low - shift, fact.high - shift
                if not terms:
                    if low > LOOSE or high < -LOOSE:
                        raise ContradictionError(f"{fact.source}: {fact.terms} is off by {low if low > 0 else high:g}")
                    continue
                through = {fact.source, *(w for n in fact.terms if n in self.known for w in self.why[n])}
                if len(terms) > 1:
                    left.append(Fact(terms, low, high, fact.source))
                    continue
                ((name, c),) = terms.items()
                a, b = sorted((low / c, high / c))
                old = ranges[name]
                ranges[name] = (max(old[0], a), min(old[1], b))
                if ranges[name] != old:
                    why[name] |= through
                    moved = True
                if a > old[1] + LOOSE or b < old[0] - LOOSE:
                    raise ContradictionError(
                        f"{fact.source}: {name} is in {a:g} to {b:g}, and in {old[0]:g} to {old[1]:g}"
                    )
            facts = left
            for name, (low, high) in ranges.items():
                if name not in self.known and self.programme.unknowns[name].whole:
                    first, last = math.ceil(low - SLIP), math.floor(high + SLIP) if math.isfinite(high) else math.inf
                    if first == last:
                        self.known[name], moved = float(first), True
                        self.why[name] = frozenset(why[name])
            if not moved:
                self.ranges, self.reasons = ranges, why
                return facts

    def _parts(self) -> dict[Name, int]:
        """Number the parts that no fact joins."""
        parent = {n: n for n in self.programme.unknowns if n not in self.known}

        def root(n: Name) -> Name:
            while parent[n] != n:
                parent[n] = parent[parent[n]]
                n = parent[n]
            return n

        for fact in self.facts:
            first, *rest = fact.terms
            for other in rest:
                parent[root(other)] = root(first)
        numbers: dict[Name, int] = {}
        return {n: numbers.setdefault(root(n), len(numbers)) for n in parent}

    def seen(self, terms: Terms) -> tuple[float, float] | None:
        """Return between which values an expression is known to lie or to reach beyond, from answers to other questions.

        Returns
        -------
        tuple of float, optional
            None where nothing has been asked of these quantities, or the value is known.
        """
        free = {n: c for n, c in terms.items() if n not in self.known}
        parts = frozenset(self.part[n] for n in free)
        if not self._met.get(parts):
            return None
        shift = sum(c * self.known[n] for n, c in terms.items() if n in self.known)
        place, _ = self._system(parts)
        at, weights = [place[n] for n in free], list(free.values())
        values = [shift + float(x[at] @ weights) for x in self._met[parts]]
        return min(values), max(values)

    def range(self, terms: Terms) -> Range:
        """Return the least and the largest value of an expression.

        Raises
        ------
        ContradictionError
            No values meet all facts.
        """
        shift = sum(c * self.known[n] for n, c in terms.items() if n in self.known)
        free = {n: c for n, c in terms.items() if n not in self.known}
        reasons = {w for n in terms if n in self.known for w in self.why[n]}
        if not free:
            return Range(shift, shift, tuple(sorted(reasons)))
        parts = frozenset(self.part[n] for n in free)
        reasons |= {f.source for p in parts for f in self.own[p] if set(f.terms) & set(free)}
        reasons |= {w for n in free for w in self.reasons[n]}
        place, (constraints, bounds, whole) = self._system(parts)
        goal = np.zeros(len(place))
        for name, weight in free.items():
            goal[place[name]] += weight
        ends = []
        for sign in (1.0, -1.0):
            done = milp(
                sign * goal, constraints=constraints, bounds=bounds, integrality=whole, options={"time_limit": 5}
            )
            if done.status == 2:
                raise ContradictionError(f"the facts about {list(free)[:3]} contradict each other")
            if done.status == 0:
                self._met[parts].append(done.x)
            value = done.fun if done.status == 0 else done.mip_dual_bound
            ends.append(sign * float(value) if value is not None else -sign * math.inf)
        return Range(ends[0] + shift, ends[1] + shift, tuple(sorted(reasons)))

    def _system(self, parts: frozenset[int]) -> tuple[dict[Name, int], tuple[Any, ...]]:
        if parts not in self._ready:
            names = [n for p in sorted(parts) for n in self.names[p]]
            place = {n: i for i, n in enumerate(names)}
            facts = [f for p in sorted(parts) for f in self.own[p]]
            rows = lil_array((max(len(facts), 1), len(names)))
            low, high = np.full(rows.shape[0], -np.inf), np.full(rows.shape[0], np.inf)
            for i, fact in enumerate(facts):
                low[i], high[i] = fact.low, fact.high
                for name, weight in fact.terms.items():
                    rows[i, place[name]] += weight
            ends = [self.ranges[n] for n in names]
            bounds = Bounds(np.array([a for a, _ in ends]), np.array([b for _, b in ends]))
            whole = np.array([int(self.programme.unknowns[n].whole) for n in names])
            self._ready[parts] = place, (LinearConstraint(rows.tocsr(), low, high), bounds, whole)
        return self._ready[parts]


def total(names: Iterable[Name]) -> dict[Name, float]:
    """Return the sum of quantities as an expression."""
    return dict.fromkeys(names, 1.0)
