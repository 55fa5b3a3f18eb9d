"""What pages say of numbers that breaks of the log change: both of them, and nothing where there is no break."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
from report_project import closed_off, downloads, unescaped
from said import said as says

from segkit.data.breaks import Breaks, declared
from segkit.engine.meaning import Card, Cards
from segkit.engine.overdue import Silences
from segkit.report import breaks as pages
from segkit.vocabulary import Vocabulary

__all__ = ["closed_off", "downloads"]
SHOP = Vocabulary(
    unit="customer", units="customers", who="who", event="order", events="orders", do="buy", does="buys", did="bought",
    amount="revenue", approach="email", approached="emailed", approaching="emailing", record="file",
)  # fmt: skip
TWO = Cards(
    tuple(
        Card(i, "core", name, name, "much", "Write.", 30, 0.5, {"x": 1.0}) for i, name in ((1, "Loyal"), (2, "Once"))
    ),
    60,
)
BREAK = declared([(date(2024, 3, 1), date(2024, 3, 20))], date(2024, 1, 1), date(2024, 12, 31))
NO_BREAK = declared([], date(2024, 1, 1), date(2024, 12, 31))


def silences_of(*rows: tuple[float, float, float, float]) -> Silences:
    numbers = ["watched", "calendar", "overdue", "overdue_calendar"]
    return Silences(pd.DataFrame(rows, columns=numbers).assign(segment=range(1, len(rows) + 1))[["segment", *numbers]])


def plain(text: object) -> str:
    return str(text).replace("\u00a0", " ")


def both(page: str, found: Silences | None, at: Breaks = BREAK, meant: tuple[float, float] = (130, 12)) -> str:
    policy = SimpleNamespace(table=pd.DataFrame({"segment": [1, 2], "meant": pd.array(meant, "Float64")}))
    return plain(says(page, "silences", SHOP, "customers", silences=found, breaks=at, policy=policy, _cards=TWO))


def test_silences_are_told_by_watched_days_and_by_the_calendar(downloads: Path) -> None:
    found = silences_of((32.4, 84.0, 54, 103), (400.0, 420.0, math.nan, math.nan))
    text = both("decisions", found)
    assert text == (
        "Only days on which the file was watched count here, for silences and for gaps; the 20 days in [its "
        "breaks](audit.qmd#sec-coverage) do not. The largest share is overdue in “Loyal”: by watched days 54 of the 130 "
        "customers [whom the rules are for](#sec-meant), and by the calendar 103."
    )
    front = both("index", found)
    assert front.endswith(
        "the median customer has been silent for 32 days and not 84 days in “Loyal” and 400 days and not 420 days in “Once”."
    )
    other = both("interpretation", found)
    assert other.startswith(
        "By the definition of the features, the days since the last order are those of the calendar"
    )
    assert other.endswith("32 days and not 84 days in “Loyal” and 400 days and not 420 days in “Once”.")
    shown = unescaped(pages.silences_table(found, TWO, SHOP).markdown)  # type: ignore[union-attr]
    assert "Without the days of breaks 54 customers are overdue, with them 103." in shown
    assert pd.read_csv(downloads / "silences.csv")["name"].tolist() == ["Loyal", "Once"]


def test_where_breaks_change_nothing_no_number_is_told_twice() -> None:
    alike = silences_of((32.4, 32.4, 54, 54), (math.nan, math.nan, math.nan, math.nan))
    assert both("decisions", alike).endswith("(#sec-meant), and as many by the calendar.")
    assert both("index", alike) == "" and "median" not in both("interpretation", alike)
    assert "do not change how many" in unescaped(pages.silences_table(alike, TWO, SHOP).markdown)  # type: ignore[union-attr]


def test_the_largest_share_is_named_and_not_the_largest_number() -> None:
    two = silences_of((32.4, 32.4, 54, 60), (32.4, 84.0, 10, 11))
    assert "overdue in “Once”: by watched days 10 of the 12 customers" in both("decisions", two)
    assert "overdue in “Loyal”: by watched days 54 of the 56 customers" in both("decisions", two, meant=(56, 12))


def test_no_share_is_told_of_what_is_hidden_or_without_breaks() -> None:
    hidden = silences_of((32.4, 84.0, 54, math.nan), (5.0, 5.0, 0, 0))
    assert both("decisions", hidden).endswith("whom the rules are for](#sec-meant).")
    for rows, meant in ((hidden, (math.nan, 12)), (silences_of((32.4, 84.0, math.nan, 9)), (130, 12))):
        assert both("decisions", rows, meant=meant).endswith("(audit.qmd#sec-coverage) do not.")
    for page in ("decisions", "interpretation", "index"):
        assert both(page, None, NO_BREAK) == ""
    assert pages.silences_table(None, TWO, SHOP) is None
