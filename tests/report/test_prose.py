"""Numbers in sentences never say what they are not."""

from __future__ import annotations

import math

from hypothesis import example, given
from hypothesis import strategies as st

from segkit.report import prose
from segkit.report.prose import GAP

shares = st.floats(0, 1, allow_nan=False)


@given(shares, st.integers(0, 3))
@example(0.005, 0)  # 0.5 rounds to 0, halves to even
@example(0.9996, 1)
@example(0.0005, 1)
@example(5e-324, 2)
@example(1 - 2**-53, 3)
def test_percent_keeps_nothing_and_all_for_themselves(share: float, digits: int) -> None:
    text = prose.percent(share, digits)
    assert text.endswith(f"{GAP}%") and " %" not in text
    assert (text == f"0{GAP}%") == (share == 0)
    assert (text == f"100{GAP}%") == (share == 1)


@given(shares, st.integers(0, 3))
def test_percent_is_near_the_share(share: float, digits: int) -> None:
    text = prose.percent(share, digits).removesuffix(f"{GAP}%")
    bare = float(text.removeprefix("under ").removeprefix("over "))
    assert abs(bare - 100 * share) <= (1 if " " in text else 0.5000001) * 10.0**-digits


@given(st.integers(-(10**12), 10**12))
def test_counts_round_trip(n: int) -> None:
    assert int(prose.count(n).replace(",", "").replace("\N{MINUS SIGN}", "-")) == n


@given(st.floats(-1e9, 1e9), st.integers(0, 4))
def test_numbers_round_trip(x: float, digits: int) -> None:
    text = prose.number(x, digits)
    assert abs(float(text.replace(",", "").replace("\N{MINUS SIGN}", "-")) - x) <= 0.5000001 * 10.0**-digits
    assert text != "-0" and not ("." in text and text.endswith(("0", ".")))


@given(st.floats(0, 1e7))
def test_durations_have_no_sixty(seconds: float) -> None:
    text = prose.duration(seconds)
    parts = text.replace(GAP, " ").split(" ")
    units = dict(zip(parts[1::2], parts[::2], strict=True))
    assert set(units) <= {"h", "min", "s"} and " " not in text.replace(f"{GAP}h ", "").replace(f"{GAP}min ", "")
    if "h" in units:
        assert int(units.get("min", 0)) < 60
    if "min" in units and "s" in units:
        assert int(units["s"]) < 60
    value = sum(float(v.replace(",", "")) * {"h": 3600, "min": 60, "s": 1}[u] for u, v in units.items())
    assert abs(value - seconds) <= (60 if "h" in units else 0.51)


def test_missing_values_are_a_dash() -> None:
    for write in (prose.number, prose.percent, prose.duration):
        assert write(math.nan) == "–" and write(math.inf) == "–"


def test_ago_has_the_right_plural() -> None:
    assert [prose.ago(x).replace(GAP, " ") for x in (0, 0.04, 0.96, 1.04, 1.1, 9.96, 501.3)] == [
        "less than a day", "less than a day", "1 day", "1 day", "1.1 days", "10 days", "501 days",
    ]  # fmt: skip


@given(st.lists(st.text("abc", min_size=1), max_size=6))
def test_join_names_every_item_once(items: list[str]) -> None:
    assert prose.join(items).replace(" and ", ", ").split(", ") == (items or [""])


def test_an_empty_text_leaves_nothing_that_is_seen() -> None:
    # Nothing at all would make one of the engines show the expression itself.
    assert prose.Text("")._repr_markdown_() == "<!-- -->"


@given(st.text("ab`*_{}[]()<>#+-.!$|~^@\\ ", min_size=1, max_size=20))
def test_inline_text_is_shown_and_not_read(text: str) -> None:
    escaped = prose.Text(text)._repr_markdown_()
    at = 0
    for character in text:
        if character not in "ab ":
            assert escaped[at] == "\\"
            at += 1
        assert escaped[at] == character
        at += 1
