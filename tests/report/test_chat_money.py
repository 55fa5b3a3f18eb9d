"""What the page on who brings the money says of subscribers, whatever they paid."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from said import cells, said

from segkit.contract import MESSAGES
from segkit.inference.concentration import Concentration, concentration
from segkit.report import chat_money
from segkit.report import concentration as shares
from segkit.report.prose import GAP

TERMS = MESSAGES.terms
STRANGE = re.compile(r"\bnan\b|\binf\b|None|\{|\(\s|\s[.,;:]|  |\.\.|,\.|\(\)|–")


def of(amounts: Any) -> Concentration:
    return concentration(np.asarray(amounts, dtype=float), name="test", seed=1, draws=99)


STEEP = 0.9 ** np.arange(200.0)
CASES: dict[str, Concentration | None] = {
    "no money": None, "no revenue": of(np.zeros(200)), "few": of([5.0, 3, 0]), "one": of([4.0]), "steep": of(STEEP),
    "a hundred": of(0.9 ** np.arange(100.0)), "equal": of(np.ones(200)), "below zero": of(np.append(STEEP, [-1.0] * 7)),
    "some below zero": of(np.append(STEEP, [-1.0] * 2)), "one has all": of(np.eye(1, 200)[0]), "none": of([]),
}  # fmt: skip


def says(label: str, found: Concentration | None) -> str:
    payers = chat_money.of_subscribers(TERMS)
    return said("money", label, TERMS, "conversations", revenue=found, _own=chat_money.held(found), _payers=payers,
                _chat_money=chat_money, _concentration=shares).replace(GAP, " ")  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_sentence_reads_right_whatever_was_paid(case: str) -> None:
    texts = {n: says(n, CASES[case]) for n in cells("money", "conversations") if n}
    assert len(texts) == 4 and all(texts.values())
    assert {n: t for n, t in texts.items() if STRANGE.search(t)} == {}
    assert chat_money.status(chat_money.held(CASES[case]))


def test_a_log_without_money_says_so_once_and_shows_nothing() -> None:
    assert says("lead", None).startswith("The log has neither prices nor revenue")
    assert not chat_money.held(None).shown and not chat_money.held(CASES["no revenue"]).known


def test_shares_are_those_of_a_geometric_series() -> None:
    """Of amounts 0.9^i the first n of 200 hold (1 - 0.9^n) / (1 - 0.9^200): half of it by the seventh (1 - 0.9^7 = 0.52)."""
    known = chat_money.held(CASES["steep"])
    whole = 1 - 0.9**200
    assert known.first.value == pytest.approx((1 - 0.9**10) / whole)
    assert known.share.value == pytest.approx((1 - 0.9**20) / whole)
    # between points of the curve, at each twentieth of the subscribers here, lines lie below it: ten hold more than half
    assert 7 <= known.halves <= 10
    # what is left for the other 190, against a mean of all 200
    assert known.without == pytest.approx((0.9**10 - 0.9**200) / whole / 190 * 200)
    # 0.9^n is 0.005 at n = 50.3: from the sixth of twenty points on, next to nothing is left
    assert known.idle == pytest.approx(1 - 60 / 200)


def test_the_first_ten_of_a_hundred_are_the_first_tenth() -> None:
    same = chat_money.held(CASES["a hundred"])
    assert same.same and "The first ten of them" not in says("lead", CASES["a hundred"])
    assert not chat_money.held(CASES["steep"]).same and "The first ten of them alone" in says("lead", CASES["steep"])


def test_few_below_zero_are_not_counted_out() -> None:
    assert "7 subscribers took back more" in says("curve", CASES["below zero"])
    assert "Fewer than 5 subscribers took back more" in says("curve", CASES["some below zero"])


def test_equal_shares_hang_on_nobody() -> None:
    known = chat_money.held(CASES["equal"])
    assert known.without == pytest.approx(1) and known.idle == pytest.approx(0) and known.halves == 100
    assert "hangs on few" not in says("meaning", CASES["equal"])


def test_money_is_no_reason_to_press_anybody() -> None:
    for case in ("steep", "equal"):
        text = says("meaning", CASES[case])
        assert "ethics.qmd" in text and "nobody is written to more often" in text
