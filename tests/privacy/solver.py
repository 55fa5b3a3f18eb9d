"""The attacker: reads all that a private site publishes, and works out what the dashes stand for.

Every CSV file, results.json, and the sentences with counts become facts of one programme (`programme.py`) over the counts
of contacts, and sums over contacts, that a site is about. `leaks` lists the counts from 1 to 4 that follow, complements
included.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from policy import SMALL, found, sum_found
from private_sites import Published
from programme import TIGHT, Name, Programme, Terms, total

BASE = 5  # to multiples of which the gate rounds counts
FULL = 8  # significant digits from which on a number counts as not rounded
SEGMENT_SHARES = ("share_", "category: ")


@dataclass(frozen=True)
class Target:
    """Something that must not be known.

    Attributes
    ----------
    what : str
    terms : mapping
        The quantity as an expression.
    contacts : int, optional
        For sums: how many contacts are behind it; the truth, which the attacker does not use.
    value : float, optional
        For sums: the truth.
    """

    what: str
    terms: Terms
    contacts: int | None = None
    value: float | None = None

    def hidden(self, low: float, high: float) -> bool:
        """Tell whether it is hidden for certain if it may be as small and as large as this, and perhaps more so."""
        if self.contacts is None:
            return math.floor(high + 1e-4) > math.ceil(low - 1e-4)  # two whole numbers, as in `found`
        return not 0 < self.contacts < SMALL or self.value is None or not sum_found(low, high, self.value)


@dataclass(frozen=True)
class Leak:
    """Something that became known, and from where."""

    what: str
    value: float
    width: float
    sources: tuple[str, ...]

    def __str__(self) -> str:
        read = [s for s in self.sources if re.search(r"\.csv|\.json|\.svg|page|\.qmd", s)]
        return f"{self.what} = {self.value:g} (width {self.width:.3g}) from {', '.join(read or self.sources)}"


def decimals(texts: Iterable[str]) -> int | None:
    """Return to how many decimals a column of numbers is rounded; None where it is not.

    >>> decimals(["0.5", "0.25", ""]), decimals(["0.3333333333"]), decimals(["12"])
    (2, None, 0)
    """
    most = 0
    for text in texts:
        hit = re.fullmatch(r"'?-?(\d*)\.?(\d*)(e[-+]\d+)?", text)
        if hit is None or hit[3]:
            if hit is not None:
                return None
            continue
        if len((hit[1] + hit[2]).lstrip("0")) >= FULL:
            return None
        most = max(most, len(hit[2]))
    return most


@dataclass(frozen=True)
class Column:
    """Numbers that were rounded alike."""

    values: pd.Series
    slack: float

    @staticmethod
    def of(texts: pd.Series) -> Column:
        places = decimals(texts)
        return Column(
            pd.to_numeric(texts.str.lstrip("'"), errors="coerce"), 0.0 if places is None else 0.5 * 10.0**-places
        )


def column(frame: pd.DataFrame, name: str) -> Column:
    """Read a column of a table of texts."""
    return Column.of(frame[name])


def exactly(values: Iterable[Any]) -> float:
    """Return by how much numbers of results.json that were rounded alike may be off."""
    places = decimals([f"{v:.10g}" for v in values if isinstance(v, int | float) and not isinstance(v, bool)])
    return 0.0 if places is None else 0.5 * 10.0**-places


class Attack:
    """One site under attack.

    Parameters
    ----------
    published : Published
    rounded : bool, optional
        Whether the gate has rounded; when not given, what the pages say of it.
    """

    def __init__(self, published: Published, *, rounded: bool | None = None) -> None:
        self.published = published
        self.results = published.results
        self.tables = published.tables()
        self.words = {n: re.sub(r"\\(.)", r"\1", re.sub(r"\s+", " ", w)) for n, w in published.words().items()}
        self.programme = Programme()
        self.rounded = (
            any("contacts and calls are rounded" in w for w in self.words.values()) if rounded is None else rounded
        )
        self.told: dict[Name, float] = {}
        self.targets: list[Target] = []
        self.rows, self.units = int(self.results["data"]["rows"]), int(self.results["data"]["units"])
        slips = [self._slip(n) for n in (self.units, self.rows)]
        self.most = self.units + slips[0]
        self.programme.add("everybody", self.units - slips[0], self.most)
        self.programme.add("every call", self.rows - slips[1], self.rows + slips[1])
        self.told["everybody"], self.told["every call"] = (
            float(BASE * math.floor(n / BASE + 0.5)) for n in (self.units, self.rows)
        )
        self.segments: dict[int, str] = {int(s["id"]): str(s["name"]) for s in self.results["segments"]}
        self.ids = {name: number for number, name in self.segments.items()}
        for read in READERS:
            read(self)

    def _slip(self, total: int) -> int:
        """Return by how much a total may be off: it is told in tens, from a thousand on in hundreds."""
        base = 2 * BASE if total < 200 * BASE else 20 * BASE
        return base // 2 if self.rounded and total % base == 0 else 0  # else it is exact

    def count(self, *name: Any, of: Terms | None = None) -> Name:
        """Name a count of contacts; where it is part of another one, it and its complement must not be known."""
        key: Name = name
        if key not in self.programme.unknowns:
            self.programme.add(key, 0, self.most)
            said = " ".join(str(self.segments.get(n, n)) if i else str(n) for i, n in enumerate(name))
            self.targets.append(Target(said, {key: 1.0}))
            if of is not None:
                whole = of or {self.everybody(): 1.0}
                rest = {**whole, key: whole.get(key, 0.0) - 1.0}
                self.programme.between(rest, 0, math.inf, "a part is no more than the whole")
                self.targets.append(Target(f"the others of {said}", rest))
        return key

    def everybody(self) -> Name:
        """Return the number of all contacts, which is known, or known to have been rounded."""
        return "everybody"

    def adds_up(self, terms: Terms, source: str, whole: Name = "everybody") -> None:
        """Say that parts make up all contacts, or all calls."""
        self.programme.say({**terms, whole: -1.0}, 0, source)

    def share(self, part: Name, whole: Terms, value: float, slack: float, source: str, *, steps: bool = False) -> None:
        """Say that a quantity is a share of another one.

        Parameters
        ----------
        part : name
        whole : mapping
            The other one, as an expression; empty for all contacts.
        value : float
            NaN where it is missing.
        slack : float
            By how much the value may be off, being rounded.
        source : str
        steps : bool
            Whether the gate rounds the share itself to steps of five contacts; else it is a share of rounded counts.
        """
        whole = whole or {self.everybody(): 1.0}
        told = self.told.get(next(iter(whole))) if self.rounded else None
        if self.rounded and told and math.isfinite(value):
            if steps:  # within half a step of the truth, and the whole within two of what is told
                off = BASE / 2 / told * (told + 2) + TIGHT
                self._near(part, whole, value, off, source)
            elif value >= 1:
                self._near(part, whole, 1.0, TIGHT, source)
            else:
                self.exact(part, round(value * told), source)
        elif self.rounded and told and not steps:
            self._hidden(part, whole, source)
        elif not self.rounded and math.isfinite(value):
            self._near(part, whole, value, max(TIGHT, slack * self.units), source)

    def _near(self, part: Name, whole: Terms, value: float, off: float, source: str) -> None:
        terms = {n: -value * w for n, w in whole.items()}
        terms[part] = terms.get(part, 0.0) + 1.0
        self.programme.between(terms, -off, off, source)

    def _hidden(self, part: Name, whole: Terms, source: str) -> None:
        """Say what the gate's dash says: the part, or what it leaves of the whole, is from 1 to 4."""
        which = self.programme.add(("which of", part, source), 0, 1)
        much = self.rows + 2.0
        rest = {**whole, part: whole.get(part, 0.0) - 1.0}
        because = f"{source}, a dash"
        self.programme.between({part: 1.0, which: -much}, -math.inf, SMALL - 1, because)
        self.programme.between({part: 1.0, which: much}, 1, math.inf, because)
        self.programme.between({**rest, which: much}, -math.inf, much + SMALL - 1, because)
        self.programme.between({**rest, which: -much}, 1 - much, math.inf, because)

    def size(self, segment: int) -> Name:
        """Return the size of a segment."""
        return ("contacts of", segment)

    def exact(self, name: Name, value: object, source: str, slack: float = 0.0, *, dash: bool = False) -> None:
        """Say what a count is, where it is published.

        Parameters
        ----------
        name : name
        value : number or None
        source : str
        slack : float
        dash : bool
            Whether the gate leaves out counts from 1 to 4, and those alone.
        """
        number = pd.to_numeric(pd.Series([value]), errors="coerce").iloc[0]
        if pd.notna(number):
            told = float(number)
            low, high = (told, told) if not self.rounded or told == 0 else (max(told - 2, SMALL), told + 2)
            self.told.setdefault(name, told)
            self.programme.between({name: 1.0}, low - max(TIGHT, slack), high + max(TIGHT, slack), source)
        elif self.rounded and dash:
            self.programme.between({name: 1.0}, 1, SMALL - 1, f"{source}, a dash")

    def of_all(self, name: Name, share: float, slack: float, source: str, total: int | None = None) -> None:
        """Say that a count is a share of all contacts, or of all calls."""
        n = self.units if total is None else total
        if not self.rounded:
            self.programme.say({name: 1.0}, share * n, source, max(TIGHT, slack * n))
        else:
            self.exact(name, round(share * n), source)  # of the rounded total

    def leaks(self) -> list[Leak]:
        """Return what became known."""
        solver, out = self.programme.solver(), []
        for target in self.targets:
            seen = solver.seen(target.terms)
            if seen is not None and target.hidden(*seen):
                continue
            r = solver.range(target.terms)
            if target.contacts is None:
                value = found(r.low, r.high)
                if value is not None:
                    out.append(Leak(target.what, value, max(r.width, 0.0), r.sources))
            elif 0 < target.contacts < 5 and target.value is not None and sum_found(r.low, r.high, target.value):
                out.append(
                    Leak(f"{target.what}, of {target.contacts} contacts", target.value, max(r.width, 0.0), r.sources)
                )
        return out


Reader = Callable[[Attack], None]
READERS: list[Reader] = []


def reader(read: Reader) -> Reader:
    """Register a reader; they run in the order in which they stand here."""
    READERS.append(read)
    return read


# Segments


@reader
def sizes(a: Attack) -> None:
    """Sizes of the segments in use: cards, tables, sentences."""
    for card in a.results["segments"]:
        name = a.count("contacts of", int(card["id"]))
        a.programme.between({name: 1.0}, 1, a.most, "no segment is empty")
        a.exact(name, card["size"], "results.json segments.size", dash=True)
        if card["share"] is not None and not a.rounded:
            slack = exactly([c["share"] for c in a.results["segments"]])
            a.of_all(name, card["share"], slack, "results.json segments.share")
        if card["archetype"] == "small":  # named so for being small
            a.programme.between({name: 1.0}, 1, 4, "results.json segments.archetype")
        elif card["medians"]:
            a.programme.between({name: 1.0}, 5, a.most, "results.json segments.medians")
    a.adds_up(total(a.size(s) for s in a.segments), "results.json data.units")
    for file, key, by in (
        ("segments", "units", "segment"), ("policy", "contacts", "segment"), ("recurrence", "contacts", "name"),
    ):  # fmt: skip
        frame = a.tables.get(file, pd.DataFrame())
        if key in frame and len(frame):
            read = column(frame, key)
            whose = frame["segment"]
            for who, value in zip(whose, read.values, strict=True):
                number = int(who) if by == "segment" else a.ids.get(who)
                if number is not None:
                    a.exact(a.size(number), value, f"{file}.csv {key}")
    for page, text in a.words.items():
        for number, name in a.segments.items():
            for hit in re.finditer(rf"“{re.escape(name)}” \((\d+) contacts?\)", text):
                a.exact(a.size(number), hit[1], f"{page}: size in a sentence")


@reader
def silhouettes(a: Attack) -> None:
    """The mean silhouette is a mean of means."""
    own, parts = a.results.get("silhouette", {}), {}
    by = own.get("by_segment") or {}
    slack = exactly([*by.values(), own.get("mean")])
    cut = 0.01 if a.rounded else 0.0  # the gate cuts after two decimals
    for name, value in by.items():
        if name not in a.ids:
            continue
        part = a.programme.add(("silhouettes", a.ids[name]), -a.most, a.most, whole=False)
        parts[part] = 1.0
        size = a.size(a.ids[name])
        for sign in (1.0, -1.0):
            a.programme.between({part: sign, size: 1.0}, 0, math.inf, "a silhouette is at most one")
        if value is not None:
            off = TIGHT if a.rounded else max(TIGHT, slack * a.most)
            source = "results.json silhouette.by_segment"
            a.programme.between({part: 1.0, size: -value}, -off, math.inf, source)
            a.programme.between({part: 1.0, size: -value - cut}, -math.inf, off, source)
    if a.rounded:
        return  # the mean is made of what is told of the segments
    if len(parts) == len(a.segments) and own.get("mean") is not None:
        off = TIGHT if a.rounded else max(TIGHT, slack * a.most)
        a.programme.between({**parts, "everybody": -own["mean"]}, -off, math.inf, "results.json silhouette.mean")
        a.programme.between({**parts, "everybody": -own["mean"] - cut}, -math.inf, off, "results.json silhouette.mean")


@reader
def other_numbers(a: Attack) -> None:
    """Sizes at other numbers of segments, and the flows between them."""
    k = a.results["k"]
    here = len(a.segments)
    for source, rows in (
        ("k.segment_silhouettes", k.get("segment_silhouettes", [])),
        ("k.instability.segments", (k.get("instability") or {}).get("segments", [])),
        ("k.flow.nodes", (k.get("flow") or {}).get("nodes", [])),
    ):
        for row in rows:
            name = a.count("contacts at k", row["k"], "in", f"#{row['segment']}")
            a.exact(name, row["units"], f"results.json {source}", dash=True)
    seen: dict[int, list[Name]] = {}
    for name in a.programme.unknowns:
        if isinstance(name, tuple) and name[0] == "contacts at k":
            seen.setdefault(name[1], []).append(name)
    for number, names in seen.items():
        if len(names) == number:
            a.adds_up(total(names), "results.json data.units")
        for name in names:
            a.programme.between({name: 1.0}, 1, a.most, "no segment is empty")
        if number == here:
            for name in names:
                a.programme.say({name: 1.0, a.size(int(name[3][1:])): -1.0}, 0, "the number in use")
    for row in k.get("indices", []):
        if row.get("smallest") is not None and row["k"] in seen:
            for name in seen[row["k"]]:
                least = row["smallest"] - (2 if a.rounded else 0)
                a.programme.between({name: 1.0}, least, a.most, "results.json k.indices.smallest")
    _flows(a, seen)


def _flows(a: Attack, seen: dict[int, list[Name]]) -> None:
    edges = (a.results["k"].get("flow") or {}).get("edges", [])
    known = {(e["k"], e["segment"], e["next"]): e["units"] for e in edges}
    for k in sorted(seen):
        if k + 1 not in seen or not any(e[0] == k for e in known):
            continue
        cells = {}
        for i in range(1, k + 1):
            for j in range(1, k + 2):
                cells[i, j] = a.count("contacts from", f"{k}#{i}", "to", f"{k + 1}#{j}")
                a.exact(cells[i, j], known.get((k, i, j)), "results.json k.flow.edges")
        for i in range(1, k + 1):
            whole = {("contacts at k", k, "in", f"#{i}"): -1.0}
            a.programme.say({**total(cells[i, j] for j in range(1, k + 2)), **whole}, 0, "rows of the flow")
        for j in range(1, k + 2):
            whole = {("contacts at k", k + 1, "in", f"#{j}"): -1.0}
            a.programme.say({**total(cells[i, j] for i in range(1, k + 1)), **whole}, 0, "columns of the flow")


@reader
def other_starts(a: Attack) -> None:
    """Sizes under other starts."""
    frame = a.tables.get("worst-seed")
    if frame is None:
        return
    for i, row in enumerate(frame.to_dict("records")):
        names = []
        for title in frame.columns[1:]:
            names.append(a.count("contacts", f"start {i}", title))
            a.exact(names[-1], row[title], "worst-seed.csv", dash=True)
            if i == 0 and title in a.ids:
                a.programme.say({names[-1]: 1.0, a.size(a.ids[title]): -1.0}, 0, "worst-seed.csv in use")
        if len(names) == len(a.segments):
            a.adds_up(total(names), "results.json data.units")


# What contacts of a segment do


def shares_of(a: Attack) -> list[str]:
    """Return the features that are shares: of the day, of the week, of labels."""
    frame = a.tables.get("segments", pd.DataFrame({"feature": []}))
    found = [f for f in dict.fromkeys(frame["feature"]) if f.startswith(SEGMENT_SHARES)]
    effects = (a.results.get("effects") or {}).get("by_feature", [])
    return list(dict.fromkeys([*found, *(e["feature"] for e in effects if e["feature"].startswith(SEGMENT_SHARES))]))


@reader
def shares(a: Attack) -> None:
    """Who has any call in a band, on a closed day, with a label; and the means of their shares."""
    for feature in shares_of(a):
        everybody = a.count("contacts with any", feature, of={})
        parts = []
        for s in a.segments:
            any_ = a.count("contacts with any", feature, "in", s, of={a.size(s): 1.0})
            mean = a.programme.add(("sum of", feature, s), 0, a.most, whole=False)
            a.programme.between({any_: 1.0, mean: -1.0}, 0, math.inf, "a share is at most one")
            a.programme.between({mean: a.rows + 2.0, any_: -1.0}, 0, math.inf, "and above zero where there is any")
            parts.append(any_)
        a.programme.say({**total(parts), everybody: -1.0}, 0, "segments add up")
    _read_shares(a)
    _sums_to_one(a)


def _read_shares(a: Attack) -> None:
    frame = a.tables.get("segments")
    if frame is None:
        return
    own = frame[frame["feature"].str.startswith(SEGMENT_SHARES)]
    for statistic in ("share_any", "mean"):
        if statistic not in own:
            continue
        read = column(own, statistic)
        for (segment, feature), value in zip(
            own[["segment", "feature"]].itertuples(index=False), read.values, strict=True
        ):
            s = int(segment)
            part = ("contacts with any", feature, "in", s) if statistic == "share_any" else ("sum of", feature, s)
            if a.rounded and not math.isfinite(value):
                continue  # left out for being fewer than five, or ten, or for another cell
            a.share(part, {a.size(s): 1.0}, value, read.slack, f"segments.csv {statistic}", steps=statistic == "mean")
    for file, kinds in (("off-hours", {" (contacts)": "any", " (calls)": "sum"}), ("category-mix", {"": "sum"})):
        frame = a.tables.get(file)
        if frame is None:
            continue
        for title in frame.columns[1:]:
            kind = next((k for k in kinds if k and title.endswith(k)), "")
            name = title.removesuffix(kind)
            feature = next((f for f in shares_of(a) if f in (name, _feature(name))), None)
            if feature is None:
                continue
            read = column(frame, title)
            for who, value in zip(frame.iloc[:, 0], read.values, strict=True):
                if who in a.ids:
                    s = a.ids[who]
                    part = ("contacts with any", feature, "in", s) if kinds[kind] == "any" else ("sum of", feature, s)
                    if a.rounded and not math.isfinite(value):
                        continue
                    a.share(part, {a.size(s): 1.0}, value, read.slack, f"{file}.csv", steps=kinds[kind] == "sum")


def _feature(label: str) -> str:
    """Return the feature that a table calls by its label."""
    return f"share_{label.replace('closed days', 'closed day').replace('open days', 'open day').replace(' ', '_')}"


def _sums_to_one(a: Attack) -> None:
    bands = [f"share_{b}" for b in a.results["parameters"]["contacts"]["hours"]["bands"]]
    known = shares_of(a)
    groups = [bands, ["share_open_day", "share_closed_day"]]
    labels = [f for f in known if f.startswith("category: ")]
    if labels and len(labels) < 8 and not a.rounded:  # else some are not named
        groups.append(labels)
    for features in groups:
        if all(f in known for f in features):
            for s in a.segments:
                terms = {("sum of", f, s): 1.0 for f in features}
                a.programme.say({**terms, a.size(s): -1.0}, 0, "shares add up to one")


@reader
def unscaled(a: Attack) -> None:
    """The share of contacts off the middle value of a share that is mostly zero is a count of contacts."""
    listed = (a.results.get("pipeline_bootstrap") or {}).get("unscaled_columns") or {}
    slack = exactly(listed.values())
    off = max(TIGHT, slack * a.units)
    for feature, value in listed.items():
        if value is None or not feature.startswith("share_"):
            continue
        name = a.count("contacts off the middle of", feature)
        off = BASE / 2 + 2 + TIGHT if a.rounded else off
        a.programme.say({name: 1.0}, value * a.units, "results.json pipeline_bootstrap.unscaled_columns", off)
        everybody = ("contacts with any", feature)
        if everybody in a.programme.unknowns and feature not in ("share_open_day", _busiest(a)):
            a.programme.say({name: 1.0, everybody: -1.0}, 0, "the middle value is zero")


def _busiest(a: Attack) -> str:
    bands = a.results["audit"].get("bands") or {}
    known = {b: n for b, n in bands.items() if n is not None}
    return f"share_{max(known, key=lambda b: known[b])}" if known else ""


@reader
def deltas(a: Attack) -> None:
    """Cliff's delta of a share that few have is a difference of two small shares."""
    by_segment = (a.results.get("effects") or {}).get("cliffs_delta") or {}
    if a.rounded:
        return  # to one digit, and left out where few contacts have any
    slack = exactly(v for own in by_segment.values() for v in own.values()) + 1e-9
    for key, own in by_segment.items():
        n = _known(a, a.size(int(key)))
        for feature, delta in own.items():
            everybody = ("contacts with any", feature)
            if delta is None or n is None or everybody not in a.programme.unknowns or n == a.units:
                continue
            inside = ("contacts with any", feature, "in", int(key))
            label = feature.startswith("category: ")

            def fits(x: int, y: int, n: int = n, delta: float = delta, label: bool = label) -> bool:
                rest, others = a.units - n, y - x
                if x > n or others < 0 or others > rest:
                    return False
                # Of two contacts with any, either may have more: a share of calls; a label that all calls carry is equal.
                either = 0.0 if label else x * others / (n * rest)
                middle = x / n - others / rest
                return abs(delta - middle) <= either + slack

            a.programme.tried([inside, everybody], fits, "results.json effects.cliffs_delta")


def _known(a: Attack, name: Name) -> int | None:
    values = a.programme.values(name)
    return values[0] if len(values) == 1 else None


@reader
def effects(a: Attack) -> None:
    """The variance between segments of a label is a function of a few counts, which can all be tried."""
    sizes_ = {s: _known(a, a.size(s)) for s in a.segments}
    if a.rounded or any(n is None for n in sizes_.values()):
        return
    n = np.array([float(sizes_[s] or 0) for s in a.segments])
    rows = (a.results.get("effects") or {}).get("by_feature", [])
    slack = exactly(r["eta_squared"] for r in rows) + 2e-9
    for row in rows:
        feature, eta = row["feature"], row["eta_squared"]
        if eta is None or not feature.startswith("category: "):
            continue
        names = [("contacts with any", feature, "in", s) for s in a.segments]
        ranges = [a.programme.values(name) for name in names]
        if math.prod(len(r) for r in ranges) > 20_000:
            continue

        def fits(*x: int, eta: float = eta) -> bool:
            counts = np.array(x, dtype=float)
            mean = counts.sum() / n.sum()
            if mean in (0.0, 1.0) or (counts > n).any():
                return eta == 0.0
            between = (n * (counts / n - mean) ** 2).sum()
            return bool(abs(between / (n.sum() * mean * (1 - mean)) - eta) <= slack)

        a.programme.tried(names, fits, "results.json effects.by_feature")


@reader
def categories(a: Attack) -> None:
    """Contacts by label: table, what is left without a label, the commonest."""
    frame = a.tables.get("categories")
    if frame is None or frame.empty:
        return
    contacts, calls = column(frame, "units"), column(frame, "events")
    names, sums = [], []
    for label, n, m in zip(frame["category"], contacts.values, calls.values, strict=True):
        name = a.count("contacts with any", f"category: {label}", of={})
        names.append(name)
        a.exact(name, n, "categories.csv units", dash=True)
        sums.append(a.programme.add(("calls with", label), 0, a.rows + 2))
        a.exact(sums[-1], m, "categories.csv events")
        a.programme.between({sums[-1]: 1.0, name: -1.0}, 0, math.inf, "a contact has a call")
    share = column(frame, "share")
    for name, value in zip(sums, share.values, strict=True):
        if math.isfinite(value):
            a.of_all(name, value, share.slack, "categories.csv share", a.rows)
    listed = a.tables.get("columns")
    filled = listed is not None and (listed.loc[listed["role"] == "category", "empty"] == "0").all()
    if filled:
        others = a.count("contacts with labels that are not named")
        a.adds_up({**total(names), others: 1.0}, "a contact has one label")
        rest = a.programme.add(("calls with", "labels that are not named"), 0, a.rows + 2)
        a.adds_up({**total(sums), rest: 1.0}, "calls by label add up", "every call")
        if not a.rounded:  # every label is named
            a.programme.say({others: 1.0}, 0, "categories.csv")
            a.programme.say({rest: 1.0}, 0, "categories.csv")


@reader
def populations(a: Attack) -> None:
    """Who is left without a label, without those of one call, without those of two."""
    several = {}
    for name, row in (a.results.get("population") or {}).items():
        left = a.count("contacts in", name, of={})
        several[name] = left
        if a.rounded and row["units"] is None:  # for what is left, or for what is left out
            a._hidden(left, {a.everybody(): 1.0}, "results.json population.units")
        a.exact(left, row["units"], "results.json population.units")
        gone = a.count("contacts left out of", name)
        a.adds_up({left: 1.0, gone: 1.0}, "in or out")
        label = ("contacts with any", f"category: {name.removeprefix('without_')}")
        if name.startswith("without_") and label in a.programme.unknowns:
            a.programme.say({gone: 1.0, label: -1.0}, 0, "without a label")
    if {"min_events_2", "min_events_3"} <= several.keys():
        two = a.count("contacts with exactly", "two calls")
        a.programme.say(
            {several["min_events_2"]: 1.0, several["min_events_3"]: -1.0, two: -1.0}, 0, "two or more less three"
        )
    frame = a.tables.get("populations")
    if frame is None or "contacts" not in frame:
        return
    for who, value in zip(frame.iloc[:, 0], column(frame, "contacts").values, strict=True):
        quoted = re.search(r"“(.*)”", who)
        key = {"two calls or more": "min_events_2", "three calls or more": "min_events_3"}.get(
            who, f"without_{quoted[1]}" if quoted else "without_top_1_percent"
        )
        if key in several:
            a.exact(several[key], value, "populations.csv contacts")


@reader
def commonest(a: Attack) -> None:
    """The share of contacts with the commonest label is a count."""
    value = (a.results.get("external") or {}).get("commonest")
    if value is not None:
        top = a.count("contacts with the commonest label")
        off = BASE / 2 + 2 + TIGHT if a.rounded else max(TIGHT, exactly([value]) * a.units)
        a.programme.say({top: 1.0}, value * a.units, "results.json external.commonest", off)


# Sums of calls


@reader
def bands(a: Attack) -> None:
    """Calls by band and by weekday, in three places each."""
    for kind, listed, file, title in (
        ("band", a.results["audit"].get("bands") or {}, "bands", "band"),
        ("weekday", a.results["audit"].get("weekdays") or {}, "weekdays", "weekday"),
    ):
        names = {}
        for key, value in listed.items():
            names[key] = a.programme.add(("calls", kind, key), 0, a.rows + 2)
            a.exact(names[key], value, f"results.json audit.{kind}s")
        frame = a.tables.get(file)
        if frame is None:
            continue
        read, share = column(frame, "events"), column(frame, "share")
        for label, n, part in zip(frame[title], read.values, share.values, strict=True):
            key = next((k for k in names if k.replace("_", " ").lower() == str(label).lower()), str(label))
            name = names.setdefault(key, a.programme.add(("calls", kind, key), 0, a.rows + 2))
            a.exact(name, n, f"{file}.csv events")
            if math.isfinite(part):
                a.of_all(name, part, share.slack, f"{file}.csv share", a.rows)
            for page, text in a.words.items():
                said = re.search(rf"(?<!\w){re.escape(str(label))} ([\d.]+) ?%", text, flags=re.I)
                if said and "audit" in page:
                    off = 0.5 * 10.0 ** -(decimals([said[1]]) or 0) / 100 * a.rows + (BASE if a.rounded else 0)
                    a.programme.say({name: 1.0}, float(said[1]) / 100 * a.rows, f"{page}: figure in words", off + TIGHT)
        a.adds_up(total(names.values()), f"calls by {kind} add up", "every call")


@reader
def calls_of_segments(a: Attack) -> None:
    """A mean number of calls times a size is a number of calls."""
    frame = a.tables.get("segments")
    if frame is None or "mean" not in frame:
        return
    own = frame[frame["feature"] == "n_calls"]
    read, seen = column(own, "mean"), []
    for s in a.segments:
        seen.append(a.programme.add(("calls of", s), 1, a.rows + 2))
        a.programme.between({seen[-1]: 1.0, a.size(s): -1.0}, 0, math.inf, "a contact has a call")
    for segment, value in zip(own["segment"], read.values, strict=True):
        size, name = a.size(int(segment)), ("calls of", int(segment))
        if math.isfinite(value):
            off = max(TIGHT, read.slack * a.units)
            if a.rounded and value:  # two digits at least
                off = 0.5 * 10.0 ** (math.floor(math.log10(value)) - 1) * a.units
            a.programme.between({name: 1.0, size: -value}, -off, off, "segments.csv mean of n_calls")
    a.adds_up(total(seen), "calls by segment add up", "every call")


# Stability, policy, rules


@reader
def recurrence(a: Attack) -> None:
    """How many contacts of a segment are unsure, and how many in all."""
    frame = a.tables.get("recurrence")
    kinds = ("seldom", "near another", "both")
    for s in a.segments:
        own = [a.count("contacts", kind, "in", s, of={a.size(s): 1.0}) for kind in kinds]
        a.programme.between({own[0]: 1.0, own[2]: -1.0}, 0, math.inf, "both is part of each")
        a.programme.between({own[1]: 1.0, own[2]: -1.0}, 0, math.inf, "both is part of each")
        union = {own[0]: -1.0, own[1]: -1.0, own[2]: 1.0, a.size(s): 1.0}
        a.programme.between(union, 0, math.inf, "no more than there are")
    for kind in kinds:
        everybody = a.count("contacts", kind, of={})
        a.programme.say(
            {**total(("contacts", kind, "in", s) for s in a.segments), everybody: -1.0}, 0, "segments add up"
        )
        if frame is not None and kind in frame:
            for who, value in zip(frame["segment"], column(frame, kind).values, strict=True):
                part = ("contacts", kind, "in", a.ids[who])
                a.exact(part, value, f"recurrence.csv {kind}")
                if a.rounded and not math.isfinite(value):
                    a._hidden(part, {a.size(a.ids[who]): 1.0}, f"recurrence.csv {kind}")
    if a.rounded:
        return  # the sums of the pages are sums of what is told by segment
    text = a.words.get("chapters/contacts/stability.qmd", "")
    for pattern, kind in (
        (
            r"(\d+|[Nn]o) contacts? \([\d.]+ ?%\) comes? back to their|(\d+|[Nn]o|One) contacts?[^.;]*?in fewer than",
            "seldom",
        ),
        (r"(\d+|[Nn]o|one) contacts? lies? about as near", "near another"),
    ):
        hit = re.search(pattern, text)
        if hit:
            said = next(g for g in hit.groups() if g)
            value = {"no": 0, "one": 1}.get(said.lower(), said)
            a.exact(("contacts", kind), value, f"stability page: {kind}")
    for file in ("claims", "evidence"):
        frame = a.tables.get(file)
        if frame is not None:
            rows = frame[frame["claim"] == "Few contacts lie between segments"]
            read = column(rows, "number") if len(rows) else None
            if read is not None and math.isfinite(read.values.iloc[0]):
                off = max(TIGHT, read.slack * a.units)
                a.programme.say({("contacts", "seldom"): 1.0}, read.values.iloc[0] * a.units, f"{file}.csv number", off)


@reader
def overdue(a: Attack) -> None:
    """Whom rules are for, and who of them is overdue, by watched days and by the calendar."""
    named = a.results["parameters"]["contacts"].get("columns", {}).get("not_business")
    for s in a.segments:
        meant = a.count("contacts", "meant", "in", s, of={a.size(s): 1.0})
        if not named:
            a.programme.say({meant: 1.0, a.size(s): -1.0}, 0, "no label is named, so the rules are for all")
        for kind in LATE.values():
            a.count("contacts", kind, "in", s, of={meant: 1.0})
    for row in a.results.get("policy", []):
        s = int(row["segment"])
        a.exact(("contacts", "overdue", "in", s), row["overdue_now"], "results.json policy.overdue_now")
        a.exact(("contacts", "meant", "in", s), row.get("meant"), "results.json policy.meant")
        a.exact(a.size(s), row["contacts"], "results.json policy.contacts")
    for key, names in (("silences", LATE), ("overdue", {"overdue": "overdue"})):
        for row in a.results.get(key) or []:
            for name, kind in names.items():
                a.exact(("contacts", kind, "in", int(row["segment"])), row.get(name), f"results.json {key}.{name}")
    for file, names in (("policy", {"meant": "meant", "overdue_now": "overdue"}), ("silences", LATE)):
        frame = a.tables.get(file)
        for name, kind in names.items() if frame is not None else ():
            if name in frame:
                for s, value in zip(frame["segment"], column(frame, name).values, strict=True):
                    a.exact(("contacts", kind, "in", int(s)), value, f"{file}.csv {name}")
    for page in ("decisions", "index"):
        _said(a, page, a.words.get(f"chapters/contacts/{page}.qmd", ""))


LATE = {"overdue": "overdue", "overdue_calendar": "overdue by the calendar"}


def _said(a: Attack, page: str, text: str) -> None:
    """Read the sentences of a page that count parts of segments."""
    for sentence in re.split(r"(?<=[.:?])\s", text):
        kinds = ("meant", None) if re.match(r"(Left|Rules) are", sentence) else ("overdue", "meant")
        for part, whole, name in re.findall(r"(\d+) of (\d+) in “([^”]+)”", sentence):
            if name in a.ids:
                s = a.ids[name]
                a.exact(("contacts", kinds[0], "in", s), part, f"{page} page: {kinds[0]}")
                a.exact(("contacts", kinds[1], "in", s) if kinds[1] else a.size(s), whole, f"{page} page: {kinds[0]}")
    most = re.search(
        r"overdue in “([^”]+)”: by watched days (\d+) of the (\d+) [^.]*?(?:by the calendar (\d+))?\.", text
    )
    if most and most[1] in a.ids:
        for kind, value in zip(("overdue", "meant", "overdue by the calendar"), most.groups()[1:], strict=True):
            a.exact(("contacts", kind, "in", a.ids[most[1]]), value, f"{page} page: most overdue")


@reader
def lines(a: Attack) -> None:
    """For how many contacts each line of the rule card holds: for each contact exactly one does."""
    frame = a.tables.get("rules")
    if frame is None or "contacts" not in frame or frame.empty:
        return
    own = [a.count("contacts of line", f"#{i}", of={}) for i in range(len(frame))]
    for name, value in zip(own, column(frame, "contacts").values, strict=True):
        a.exact(name, value, "rules.csv contacts", dash=True)
    a.adds_up(total(own), "one line holds for each contact")


@reader
def confusion(a: Attack) -> None:
    """Precision and recall of each segment, and accuracy, are a table of counts."""
    rows = (a.results.get("rules") or {}).get("fidelity", [])
    slack = exactly(v for r in rows for k, v in r.items() if k not in ("leaves", "rules", "good"))
    off = max(TIGHT, slack * a.units)
    for row in rows:
        by = f"{row['leaves']} leaves"
        right = {}
        for s in a.segments:
            right[s] = a.count("contacts told right", by, "in", s, of={a.size(s): 1.0})
            told = a.count("contacts told", by, "as", s)
            a.programme.between({told: 1.0, right[s]: -1.0}, 0, math.inf, "right is part of told")
            a.targets.append(Target(f"contacts told wrong {by} as {a.segments[s]}", {told: 1.0, right[s]: -1.0}))
            recall, precision = row.get(f"recall_{s}"), row.get(f"precision_{s}")
            if recall is not None:
                a.share(right[s], {a.size(s): 1.0}, recall, slack, "results.json rules.fidelity recall", steps=True)
            if precision is not None and not a.rounded:  # else in steps of a size that it is not a share of
                a.share(right[s], {told: 1.0}, precision, slack, "results.json rules.fidelity precision")
        a.adds_up(total(("contacts told", by, "as", s) for s in a.segments), "everybody is told")
        if row.get("accuracy") is not None:
            a.programme.say(
                total(right.values()),
                row["accuracy"] * a.units,
                "results.json rules.fidelity accuracy",
                BASE / 2 + 2 + TIGHT if a.rounded else off,
            )


@reader
def noise(a: Attack) -> None:
    """Who is in no cluster of an algorithm."""
    own = a.results.get("algorithms") or {}
    slack = exactly(row.get("noise") for row in own.values())
    for name, row in own.items():
        if row.get("noise") is not None:
            out = a.count("contacts that are noise to", name, of={})
            a.of_all(out, row["noise"], slack, "results.json algorithms.noise")


# Time


@reader
def windows(a: Attack) -> None:
    """Contacts of windows, shares of segments in them, and who is in two of them."""
    refit = (a.results.get("time") or {}).get("refit") or {}
    for window, value in (refit.get("units") or {}).items():
        name = a.count("contacts in the year to", window)
        a.exact(name, value, "results.json time.refit.units", dash=True)
    frame = a.tables.get("refit")
    if frame is not None and len(frame):
        for row, value in zip(frame.to_dict("records"), column(frame, "common").values, strict=True):
            pair = [("contacts in the year to", row[k]) for k in ("window", "before")]
            if not all(p in a.programme.unknowns for p in pair):
                continue
            both = a.count("contacts in both", row["before"], row["window"], of={pair[0]: 1.0})
            a.targets.append(Target(f"the leavers of {row['before']} by {row['window']}", {pair[1]: 1.0, both: -1.0}))
            a.exact(both, value, "refit.csv common")
    frame = a.tables.get("ageing")
    if frame is not None and len(frame):
        units, share = column(frame, "units"), column(frame, "outliers")
        for row, n, part in zip(frame.to_dict("records"), units.values, share.values, strict=True):
            name = a.count("contacts in the year to", row["window"])
            a.exact(name, n, "ageing.csv units")
            out = a.count("contacts far out by", row["fitted"], "in", row["window"])
            a.share(out, {name: 1.0}, part, share.slack, "ageing.csv outliers", steps=True)
    frame = a.tables.get("time-shares")
    if frame is not None and len(frame):
        for i, row in enumerate(frame.to_dict("records")):
            whole = a.count("contacts in the year to", row["window"])
            rest = {whole: 1.0}
            for title in frame.columns[1:]:
                read = column(frame, title)
                part = a.count("contacts in the year to", row["window"], title, of={whole: 1.0})
                a.share(part, {whole: 1.0}, read.values.iloc[i], read.slack, "time-shares.csv")
                rest[part] = -1.0
            hidden = a.count("contacts in the year to", row["window"], "in segments that are not shown")
            a.programme.say({**rest, hidden: -1.0}, 0, "segments add up")


@reader
def moves(a: Attack) -> None:
    """Where contacts of one year are in the next."""
    frame = a.tables.get("moves")
    if frame is None or frame.empty:
        return
    units, share = column(frame, "units"), column(frame, "share")
    for period, own in frame.groupby("period", sort=False):
        for origin, rows in own.groupby("origin", sort=False):
            whole = a.count("contacts", f"{period}:", origin)
            cells = []
            for i, row in rows.iterrows():
                cell = a.count("contacts", f"{period}:", origin, "to", row["destination"], of={whole: 1.0})
                cells.append(cell)
                if not a.rounded or math.isfinite(units.values[i]):
                    a.exact(cell, units.values[i], "moves.csv units")
                a.share(cell, {whole: 1.0}, share.values[i], share.slack, "moves.csv share")
            a.programme.say({**total(cells), whole: -1.0}, 0, "a row adds up")


# Use


@reader
def activity(a: Attack) -> None:
    """How active segments are: units, active ones, shares, calls; and how many are active in all."""
    found = a.results.get("activity") or {}
    rows = found.get("segments") or []
    slack = exactly(r.get("share") for r in rows)
    mean_slack = exactly(r.get("events") for r in rows)
    parts, wholes = [], []
    for row in rows:
        s = row["segment"]
        whole = a.count("contacts at the date in", f"#{s}")
        part = a.count("contacts active in", f"#{s}", of={whole: 1.0})
        parts.append(part)
        wholes.append(whole)
        a.exact(whole, row.get("units"), "results.json activity.units")
        a.exact(part, row.get("active"), "results.json activity.active")
        if row.get("share") is not None:
            a.share(part, {whole: 1.0}, row["share"], slack, "results.json activity.share")
        if row.get("events") is not None and not a.rounded:
            calls = a.programme.add(("calls after the date in", s), 0, a.rows + 2)
            off = max(TIGHT, mean_slack * a.units)
            a.programme.between({calls: 1.0, whole: -row["events"]}, -off, off, "results.json activity.events")
            a.programme.between({calls: 1.0, part: -1.0}, 0, math.inf, "who is active has a call")
    frame = a.tables.get("orders")
    if frame is None or frame.empty or not parts:
        return
    last = frame[frame["date"] == frame["date"].max()]
    units = column(frame, "units").values[last.index[0]]
    whole = a.count("contacts at the date")
    every = a.count("contacts active", of={whole: 1.0})
    a.exact(whole, units, "orders.csv units")
    a.programme.say({**total(parts), every: -1.0}, 0, "segments add up")
    a.programme.say({**total(wholes), whole: -1.0}, 0, "segments add up")
    if "observed" in frame:
        seen = column(frame, "observed")
        a.share(every, {whole: 1.0}, seen.values[last.index[0]], seen.slack, "orders.csv observed")


@reader
def waiting(a: Attack) -> None:
    """Segments whose waiting times are estimated, with their sizes."""
    for row in (a.results.get("next_event") or {}).get("segments") or []:
        a.exact(a.count("contacts waiting in", f"#{row['segment']}"), row["units"], "results.json next_event.units")


def truths(a: Attack, frame: pd.DataFrame, calls: pd.DataFrame, labels: pd.Series) -> Iterator[Target]:
    """Yield the sums that must not be known, with the contacts behind them.

    Parameters
    ----------
    a : Attack
    frame : DataFrame
        Features by contact.
    calls : DataFrame
        The calls of the log.
    labels : Series of int
        Segments by contact.
    """
    when, settings = calls["started_at"].dt, a.results["parameters"]["contacts"]["hours"]
    hour, day = when.hour, when.day_name()
    for band, (first, last) in settings["bands"].items():
        yield _sum(a, ("calls", "band", band), calls[hour.between(first, last)])
    for name in dict.fromkeys(day):
        yield _sum(a, ("calls", "weekday", name), calls[day == name])
    for label in calls["category"].dropna().unique():
        yield _sum(a, ("calls with", label), calls[calls["category"] == label])
    who = calls["unit"].map(labels)
    for s in a.segments:
        yield _sum(a, ("calls of", s), calls[who == s])


def _sum(a: Attack, name: Name, calls: pd.DataFrame) -> Target:
    if name not in a.programme.unknowns:  # a table that is not published at all: nothing is known but the total
        a.programme.add(name, 0, a.rows + 2)
    said = " ".join(str(a.segments.get(n, n)) for n in name)  # type: ignore[union-attr]
    return Target(said, {name: 1.0}, calls["unit"].nunique(), float(len(calls)))
