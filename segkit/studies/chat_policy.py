"""What segments of pairs are called, what to do with them, and the playbook of each, which follows from its numbers.

Nothing here may advise what `segkit.data.forbidden_tactics` forbids; a playbook with such a text is not made.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from ..data import forbidden_tactics as tactics
from ..disclosure import common, in_steps, whole
from ..engine.meaning import distinct
from ..engine.verdict import NONE
from ..errors import BuildError
from ..inference.marked import Marked, marked
from ..privacy import SMALL_CELL
from ..thresholds import OVERDUE

FIRST = "Answer first: more of these pairs bought than of the others."
SAME = "Answer in turn, as all others: no difference in buying is shown."
LAST = "Answer in turn, and offer only what is asked for: fewer of these pairs bought than of the others."
UNPAID = "Answer in turn: the record has no money, so that nothing tells who buys."
ALL = "The same for all: answer in turn. No segmentation is shown, so that no segment is treated in a way of its own."
FEW = "Too few subscribers to tell: no handling of their own."
SMALL = "Small segment"
ORDERED = {2: ("Longer", "Shorter"), 3: ("Longest", "Middle-sized", "Shortest")}
APART = 0.75  # standard deviations by which exchanges are longer or shorter than those of all pairs
LONG, SHORT = 20.0, 6.0  # messages of a conversation
BANDS = {f"{h}-{h + 4}": (h, h + 4) for h in range(0, 24, 4)}  # hours of the clock that the record has
BOUGHT = "bought"


@dataclass(frozen=True)
class Playbook:
    """What whoever answers the pairs of one segment may go by.

    Attributes
    ----------
    segment : int
    name, reason, action : str
        The reason is a clause that follows "for".
    description : str
    traits : tuple of str
        Values of profiles that stand out, of the fields that may be told of.
    times : tuple of str
        Hours in which more of their messages come than of all pairs; empty where the data show none.
    style, signs : str
        How they write, and what to watch for.
    never : tuple of str
        What not to do, as the list of forbidden tactics says it.

    Raises
    ------
    BuildError
        A text advises a forbidden tactic.
    """

    segment: int
    name: str
    reason: str
    action: str
    description: str
    traits: tuple[str, ...]
    times: tuple[str, ...]
    style: str
    signs: str
    never: tuple[str, ...] = tuple(tactics.NEVER.values())

    def __post_init__(self) -> None:
        broken = {rule for text in self.texts for rule in tactics.forbidden(text)}
        if broken or not set(self.never) <= set(tactics.NEVER.values()):
            what = ", ".join(sorted(broken)) or "a text of its own among what not to do"
            raise BuildError(
                f"the playbook of segment {self.segment} holds what no playbook may ({what})",
                remedy="Change the words of `segkit.studies.chat_policy`, or the value of the profile.",
            )

    @property
    def texts(self) -> tuple[str, ...]:
        """All that it advises; what it warns of is not among it."""
        told = (getattr(self, f.name) for f in fields(self) if f.name not in ("segment", "never"))
        return tuple(t for text in told for t in ([text] if isinstance(text, str) else text))


@dataclass(frozen=True)
class ChatPolicy:
    """The playbooks of all segments, that of the longest exchanges first.

    Attributes
    ----------
    items : tuple of Playbook
    marks : Marked
        The tests of hours, values of profiles and buying behind them.
    """

    items: tuple[Playbook, ...]
    marks: Marked

    @property
    def table(self) -> pd.DataFrame:
        """One row per segment: ``segment``, ``name``, ``reason``, ``action``."""
        rows = [(p.segment, p.name, p.reason, p.action) for p in self.items]
        return pd.DataFrame(rows, columns=["segment", "name", "reason", "action"])

    @property
    def actions(self) -> dict[int, str]:
        """What each card says, by segment."""
        return {p.segment: p.action for p in self.items}

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"playbooks": [asdict(p) for p in self.items], "marks": self.marks.to_json(), "line": tactics.VERSION}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def hour_shares(pairs: pd.Series, times: pd.Series) -> pd.DataFrame:
    """Return which share of its messages each pair wrote in each four hours of the day.

    Parameters
    ----------
    pairs : Series
        The pair of each message.
    times : Series of datetime64
        Its moment, with the same index.

    Returns
    -------
    DataFrame of shape (n_pairs, 6)
        Indexed by pair, with a column per band, as in ``BANDS``; each row sums to 1.

    Examples
    --------
    >>> times = pd.Series(pd.to_datetime(["2026-01-01 03:59", "2026-01-01 04:00", "2026-01-02 23:00"]))
    >>> hour_shares(pd.Series(["a", "a", "b"]), times).to_numpy().tolist()
    [[0.5, 0.5, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]]
    """
    band = pd.Categorical.from_codes(times.dt.hour.to_numpy() // 4, categories=list(BANDS))
    return pd.crosstab(pairs, band, normalize="index", dropna=False).rename_axis(index="pair", columns=None)


def policy(
    pairs: pd.DataFrame,
    labels: pd.Series,
    hours: pd.DataFrame,
    profiles: pd.DataFrame | None = None,
    *,
    verdict: str,
    seed: int,
) -> ChatPolicy:
    """Return the playbook of each segment of pairs.

    Parameters
    ----------
    pairs : DataFrame
        Indexed by pair: ``subscriber``; ``messages`` and ``conversations`` (numbers); ``gap_hours`` (the pair's median time
        between two conversations, NaN where it has one); ``purchases`` (a number), where the record has money.
    labels : Series of int
        The segment of each pair.
    hours : DataFrame
        As `hour_shares` makes it.
    profiles : DataFrame of bool, optional
        Indexed by pair, with columns (field, value). Fields and values that no playbook may tell of take no part.
    verdict : str
        Its word; where there is no segmentation the action is the same for all.
    seed : int
    """
    at = labels.index
    known, marks = pairs.reindex(at), hours.reindex(at).rename(columns=lambda b: ("hours", b))
    if profiles is not None:
        told = [c for c in profiles.columns if c[0] in tactics.FIELDS and not tactics.forbidden(_words(c[1]))]
        marks = pd.concat([marks, profiles.reindex(at)[told].astype(float)], axis=1)
    if "purchases" in known:
        marks[(BOUGHT, "")] = (known["purchases"] > 0).astype(float)
    marks.columns = pd.Index(list(marks.columns), tupleize_cols=False)
    found = marked(marks, labels, known["subscriber"], name="playbook", seed=seed)
    return playbooks(known, labels, found, verdict=verdict)


def playbooks(
    pairs: pd.DataFrame, labels: pd.Series, marks: Marked, *, verdict: str, private: bool = False
) -> ChatPolicy:
    """Write the playbooks from what is known already.

    Parameters
    ----------
    pairs, labels, verdict
        As for `policy`.
    marks : Marked
        What stands out; as it may be told, where the data are private.
    private : bool
        Whether numbers in sentences are those that five subscribers have in common.
    """
    known, names = pairs.reindex(labels.index), _names(pairs.reindex(labels.index), labels)
    length = known.groupby(labels)["messages"].median()
    order = [int(s) for s in length.sort_values(ascending=False, kind="stable").index]
    books = (_playbook(s, names[s], known[labels == s], marks, verdict, private) for s in order)
    return ChatPolicy(tuple(books), marks)


def _words(value: str) -> str:
    return value.replace("_", " ")


def _few(own: pd.DataFrame) -> bool:
    return own["subscriber"].nunique() < SMALL_CELL


def _names(pairs: pd.DataFrame, labels: pd.Series) -> dict[int, str]:
    """Name segments by how long exchanges are, and by whether most pairs bought where that differs.

    Two or three segments of which several would get the same word are named by their order.
    """
    size = np.log1p(pairs["messages"].astype(float))
    z = (size.groupby(labels).median() - size.mean()) / (float(size.std()) or 1.0)
    z = z.sort_values(ascending=False, kind="stable")
    lengths = ["Long" if v > APART else "Short" if v < -APART else "Middle-sized" for v in z]
    if len(set(lengths)) < len(z) and z.is_unique:
        lengths = list(ORDERED.get(len(z), lengths))
    bought = {s: "purchases" in pairs and pairs.loc[labels == s, "purchases"].median() > 0 for s in z.index}
    told = {}
    for s, length in zip(z.index, lengths, strict=True):
        ends = "" if len(set(bought.values())) == 1 else f", most with{'' if bought[s] else 'out'} purchases"
        told[int(s)] = SMALL if _few(pairs[labels == s]) else f"{length} exchanges{ends}"
    return distinct(told)


def _playbook(segment: int, name: str, own: pd.DataFrame, found: Marked, verdict: str, private: bool) -> Playbook:
    if _few(own):
        action = ALL if verdict == NONE else FEW
        return Playbook(
            segment, name, "having too few subscribers to describe", action, FEW, (), (), _style(own), _signs(own)
        )
    out = found.standing_out(segment).dropna(subset=["mean", "overall", "difference"])
    kinds = {mark: float(d) for mark, d in zip(out["mark"], out["difference"], strict=True)}
    higher = [row for row in out.itertuples() if row.difference > 0]
    times = tuple(
        _beside(f"{m[1].replace('-', ' to ')} h", r, "messages") for r in higher if (m := r.mark)[0] == "hours"
    )
    traits = tuple(
        _beside(f"{_words(r.mark[0])}: {_words(r.mark[1])}", r, "pairs")
        for r in higher if r.mark[0] in tactics.FIELDS and _tellable(r.mean, own)
    )  # fmt: skip
    medians = {c: _middle(own[c], own["subscriber"], private) for c in ("messages", "conversations")}
    reason = (
        f"a median of {_count(medians['messages'], 'message')} in {_count(medians['conversations'], 'conversation')}"
    )
    if not all(map(math.isfinite, medians.values())):
        reason = "numbers of messages and conversations that few have in common"
    sizes = (len(own), own["subscriber"].nunique())
    n, people = ((whole(s) or 0) for s in sizes) if private else sizes
    told = f"{n:,} pairs of {people:,} subscribers, with {reason}."
    action = _action(kinds.get((BOUGHT, "")), verdict, paid="purchases" in own)
    return Playbook(
        segment, name, reason, action, told + _bought(own, private), traits, times, _style(own, private), _signs(own, private)
    )  # fmt: skip


def _middle(values: pd.Series, of: pd.Series, private: bool) -> float:
    """Return a median; of private data in a form that five subscribers have in common, NaN where there is none."""
    value, known = float(values.median()), values.dropna()
    if not private:
        return value
    return common(value, known.to_numpy(dtype=np.float64), pd.factorize(of[known.index])[0].astype(np.int64))


def _action(bought: float | None, verdict: str, *, paid: bool) -> str:
    """Return what to do with a segment that more or fewer pairs bought in, or of which that is not shown."""
    if verdict == NONE:
        return ALL
    if not paid:
        return UNPAID
    return SAME if bought is None else FIRST if bought > 0 else LAST


def _count(number: float, noun: str) -> str:
    return f"{number:,g} {noun}{'' if number == 1 else 's'}"


def _beside(what: str, row: Any, of: str) -> str:
    return f"{what} ({_percent(row.mean)} of their {of}, {_percent(row.overall)} of all)"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _tellable(share: float, own: pd.DataFrame) -> bool:
    """Tell whether neither those with a trait nor those without it are fewer than five pairs."""
    have = round(share * len(own))
    return SMALL_CELL <= have <= len(own) - SMALL_CELL or have == len(own)


def _bought(own: pd.DataFrame, private: bool) -> str:
    if "purchases" not in own:
        return ""
    by = own.groupby("subscriber")["purchases"].max() > 0
    if not (SMALL_CELL <= by.sum() <= len(by) - SMALL_CELL or by.sum() in (0, len(by))):
        return ""
    part = pd.Series([float((own["purchases"] > 0).mean())])
    return f" {_percent(float((in_steps(part, len(own)) if private else part).iloc[0]))} of the pairs bought something."


def _style(own: pd.DataFrame, private: bool = False) -> str:
    """Return how long an answer may run on, from how many messages a conversation has."""
    each = math.nan if _few(own) else _middle(own["messages"] / own["conversations"], own["subscriber"], private)
    if math.isnan(each):
        return "Answer at the length and in the tone of what they write."
    kind = "long" if each >= LONG else "short" if each <= SHORT else "of middle length"
    tail = {
        "long": "there is room for questions and for answers in full",
        "short": "one clear answer at a time, without filling words",
        "of middle length": "answer what is asked, and leave the next step to them",
    }[kind]
    return f"Conversations are {kind}, with {_count(round(each), 'message')} as a median: {tail}."


def _signs(own: pd.DataFrame, private: bool = False) -> str:
    """Return from when on silence is unusual; nothing is done about it but one message, which needs no answer."""
    gaps, usual = own["gap_hours"], math.nan
    if not _few(own) and gaps.notna().sum() >= max(SMALL_CELL, len(own) / 2):
        usual = _middle(gaps, own["subscriber"], private)
    if math.isnan(usual):
        return "No usual time between conversations is known: wait until they write."
    long, times = _span(OVERDUE * usual), _count(OVERDUE, "time")
    return (
        f"Between conversations {_span(usual)} pass as a median; silence of more than {long}, {times} as long, is unusual. One "
        "friendly word may be sent then, without an offer; after that, wait for theirs."
    )


def _span(hours: float) -> str:
    return _count(round(hours), "hour") if hours < 72 else _count(round(hours / 24), "day")
