"""What the page on stages says: the look ahead, the states and the guide, however the results turn out."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from report_project import closed, closed_off, downloads, unescaped
from said import cells, said
from silences_told import TERMS, advises_nothing_forbidden, busy, end_of, log, sentences, strange

from segkit.data.forbidden_tactics import forbidden
from segkit.features.chat_stages import BUYS, FALLS, RETURNS, STATES, Prospective, prospective, stage_counts
from segkit.inference.moves import MoveRates, move_rates
from segkit.report import chat_stages as stages
from segkit.report import chat_states as states
from segkit.report.prose import GAP

__all__ = ["closed", "closed_off", "downloads"]
pytestmark = pytest.mark.usefixtures("closed", "downloads")

BUYING, MANY = busy(40), busy(40).assign(purchased=False)
FRAMES = {
    "buying": BUYING,
    "nobody buys": MANY,
    "one pair": log([("a", "s", 0, False), ("a", "s", 5, True), ("a", "s", 100, False)]),
    "one message": log([("a", "s", 3, False)]),
    "bought at the end": log([("a", "s", 0, False), ("a", "s", 5, True), ("b", "t", 1, False)]),
}


class Told:
    """The results of a log, and what the page says of them."""

    def __init__(self, frame: pd.DataFrame, *, paid: bool = True) -> None:
        frame = frame if paid else frame.assign(purchased=False)
        self.paid, self.counts = paid, stage_counts(frame) if paid else None
        self.seen: Prospective = prospective(frame, end_of(frame))
        self.rates: MoveRates = move_rates(self.seen.spells, draws=50)

    @property
    def past(self) -> stages.Published:
        return stages.published(self.counts)

    @property
    def now(self) -> states.Guide:
        return states.guide(self.seen, self.rates, paid=self.paid)

    def says(self, label: str) -> str:
        return said("stages", label, TERMS, "conversations", _past=self.past, _now=self.now).replace(GAP, " ")

    @property
    def texts(self) -> dict[str, str]:
        return {n: self.says(n) for n in cells("stages", "conversations") if n}

    @property
    def captions(self) -> dict[str, str]:
        shown: dict[str, Any] = {
            "now": states.now_table(self.seen, self.now), "moves": states.moves_table(self.rates, paid=self.paid)
        }  # fmt: skip
        if self.counts is not None:
            shown["published"] = stages.published_table(self.counts)
        found = {n: re.sub(r" \[CSV\].*|\s*:::", "", unescaped(s.markdown.split("```")[-1])) for n, s in shown.items()}
        caption = states.occupation_caption(self.seen, self.now)
        return {
            **found,
            "figure": caption,
            "alt": states.occupation_alt(self.now),
            "status": states.verdict(self.past, self.now),
        }

    def withheld(self) -> Told:
        """Return the same with every number taken away that a gate could take."""
        if self.counts is not None:
            counts = self.counts.table.assign(rows=np.nan, pairs=np.nan, unknown=np.nan)
            self.counts = replace(self.counts, table=counts, pairs=None, buyers=None, again=None)  # type: ignore[arg-type]
        gone = dict.fromkeys(["events", "subscribers", "pair_days", "rate", "low", "high"], np.nan)
        self.rates = replace(self.rates, table=self.rates.table.assign(**gone))
        self.seen = replace(
            self.seen, spells=self.seen.spells.iloc[:0], occupation=self.seen.occupation.assign(pairs=np.nan)
        )
        return self


TOLD = {f"{n}, {'money' if paid else 'no money'}": (n, paid) for n in FRAMES for paid in (True, False)}


@pytest.mark.parametrize("withheld", [False, True])
@pytest.mark.parametrize("case", TOLD)
def test_every_sentence_reads_right_and_crosses_no_line(case: str, withheld: bool) -> None:
    name, paid = TOLD[case]
    told = Told(FRAMES[name], paid=paid)
    told = told.withheld() if withheld else told
    texts = {**told.texts, **told.captions}
    assert len(texts) >= 13 and strange(texts) == {}
    advises_nothing_forbidden(texts)
    assert not paid or "no money" not in texts["lead"]


def test_the_guard_sees_what_it_should() -> None:
    assert strange({"a": "It has nan pairs."}) and strange({"a": "One . Two"}) and not strange({"a": "One. Two"})
    assert [forbidden(s) for s in sentences("**Wait.** Only today! Buy now.")][-1] != []
    with pytest.raises(pytest.fail.Exception, match="urgency"):
        advises_nothing_forbidden({"a": "Answer. Only today, buy now."})


def test_the_look_ahead_is_told_with_its_share() -> None:
    # Stages of a: 1, 1, 2, 2; of b: 1, 3, 3. Unknown is what follows a first purchase and is none itself: the third of a, two of b.
    frame = log([
        *(("a", "s", hour, bool(hour % 2)) for hour in range(4)), *(("b", "t", hour, hour == 0) for hour in range(3)),
    ])  # fmt: skip
    told = Told(frame)
    assert (told.past.rows, told.past.ahead, told.past.after) == (7, 3, 4)
    assert told.past.leak == pytest.approx(3 / 7) and told.past.after_share == pytest.approx(3 / 4)
    assert "of 42.9 % of the messages, the stage was unknown when they were written" in told.says("lead")
    assert "of 4 messages after a first purchase or at a later one, 3 (75 %) have a stage" in told.says("published")
    assert "2 of 2 pairs bought, 1 of them more than once." in told.says("published")
    assert "Nobody bought anything" in Told(MANY).says("published")
    assert "in this log, no pair does" in Told(FRAMES["bought at the end"]).says("lead")


def test_without_money_one_paragraph_says_so_and_states_differ_by_silence_alone() -> None:
    told = Told(MANY, paid=False)
    assert told.says("published").endswith("This log has no money, so that nothing is shown here.")
    assert told.says("leak") == ""
    assert [s.name for s in told.now.states] == ["writing", "silent"]
    shown = unescaped(states.moves_table(told.rates, paid=False).markdown)
    assert "buys" not in shown and "purchase" not in shown
    assert not re.search("purchase|bought|buy", told.says("guide") + told.says("states") + told.says("moves"))


def test_the_guide_counts_pairs_and_tells_the_rates_of_the_table() -> None:
    told = Told(BUYING)
    last = told.seen.spells.groupby("pair").last()
    for s in told.now.states:
        assert s.now == int(((last["state"] == s.state) & (last["silent"] == s.silent)).sum())
        for w in s.ways:
            assert w.rate == pytest.approx(told.rates.of(w.move, s.state)["rate"], nan_ok=True)
    assert told.now.pairs == 40 and told.now.silent == int(last["silent"].sum())
    moves = [[w.move for w in s.ways] for s in told.now.states]
    assert moves == [[FALLS, BUYS], [FALLS, BUYS], [FALLS], [RETURNS], [RETURNS], [RETURNS]]
    assert told.says("guide").count("*Answering:*") == 6


def rated(**rates: tuple[float, float, float]) -> Told:
    """Return a log with rates of its own: state and move in letters, and the rate with its interval."""
    told = Told(BUYING)
    table = told.rates.table.set_index(["move", "state"])
    for name, found in rates.items():
        move, state = {"f": FALLS, "b": BUYS, "r": RETURNS}[name[0]], STATES[int(name[1])]
        table.loc[(move, state), ["rate", "low", "high"]] = found
    told.rates = replace(told.rates, table=table.reset_index())
    return told


def test_what_comes_next_is_told_beyond_chance_alone() -> None:
    silence = rated(f0=(0.3, 0.25, 0.35), b0=(0.1, 0.05, 0.15))
    assert silence.now.states[0].next == "silence"
    assert "Silence comes next more often than a purchase, beyond chance" in silence.says("guide")
    assert "30 (25 to 35) fall silent and 10 (5 to 15) buy for the first time." in silence.says("guide")
    purchase = rated(f0=(0.1, 0.05, 0.15), b0=(0.3, 0.25, 0.35))
    assert "A purchase comes next more often than silence" in purchase.says("guide")
    open_ = rated(f0=(0.2, 0.1, 0.3), b0=(0.25, 0.2, 0.4), f1=(0.2, 0.1, 0.3), b1=(0.25, 0.2, 0.4))
    assert open_.says("guide").count("is not settled.") == 2
    nobody = rated(f2=(math.nan,) * 3)
    assert "How often they move on cannot be told." in nobody.says("guide")


def test_pairs_that_bought_are_steadier_where_the_intervals_do_not_meet() -> None:
    apart = rated(f0=(0.3, 0.25, 0.35), f1=(0.2, 0.15, 0.24), f2=(0.1, 0.05, 0.3))
    assert apart.now.steadier == ["bought once"]
    assert "Pairs in the state “bought once” fall silent less often" in apart.says("moves")
    assert "is not settled: the intervals overlap." in rated(
        f0=(0.3, 0.1, 0.5), f1=(0.2, 0.15, 0.24), f2=(0.2, 0.05, 0.3)
    ).says("moves")


def test_areas_add_up_to_the_pairs_that_have_begun() -> None:
    told = Told(BUYING)
    rows = states.occupied(told.seen, paid=True)
    first = BUYING.groupby("pair")["time"].min()
    begin = told.seen.occupation["moment"].min() - pd.Timedelta(days=1)
    for day, total in rows.sum(axis=1).items():
        assert total == (first <= begin + pd.Timedelta(days=float(day))).sum()  # type: ignore[arg-type]
    assert len(states.occupation_figure(told.seen, paid=True).legends[0].get_texts()) == 6
    assert len(states.occupation_figure(told.seen, paid=False).legends[0].get_texts()) == 2
