"""What pages say of numbers that breaks of the log change: both of them, and nothing where there is no break."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

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


def both(page: str, found: Silences | None, at: Breaks = BREAK) -> str:
    return plain(says(page, "silences", SHOP, "customers", silences=found, breaks=at, _cards=TWO))


def test_silences_are_told_by_watched_days_and_by_the_calendar(downloads: Path) -> None:
    found = silences_of((32.4, 84.0, 54, 103), (400.0, 420.0, math.nan, math.nan))
    text = both("decisions", found)
    assert text == (
        "Only days on which the file was watched count here, for silences and for gaps; the 20 days in [its "
        "breaks](audit.qmd#sec-coverage) do not. Without the days in breaks the median customer of “Loyal” has been silent for 32 "
        "days, with them for 84 days; 54 customers are overdue, and by the calendar 103 would be. Without the days in breaks the "
        "median customer of “Once” has been silent for 400 days, with them for 420 days."
    )
    front = both("index", found)
    assert front.endswith(
        "the median customer of “Loyal” has been silent for 32 days and not 84 days and the median customer of “Once” has been "
        "silent for 400 days and not 420 days."
    )
    other = both("interpretation", found)
    assert other.startswith(
        "By the definition of the features, the days since the last order are those of the calendar"
    )
    assert other.endswith("the median customer of “Once” has been silent for 400 days, with them for 420 days.")
    shown = unescaped(pages.silences_table(found, TWO, SHOP).markdown)  # type: ignore[union-attr]
    assert "Without the days of breaks 54 customers are overdue, with them 103." in shown
    assert pd.read_csv(downloads / "silences.csv")["name"].tolist() == ["Loyal", "Once"]


def test_where_breaks_change_nothing_no_number_is_told_twice() -> None:
    alike = silences_of((32.4, 32.4, 54, 54), (math.nan, math.nan, math.nan, math.nan))
    assert both("decisions", alike).endswith("(audit.qmd#sec-coverage) do not.")
    assert "do not change how many" in unescaped(pages.silences_table(alike, TWO, SHOP).markdown)  # type: ignore[union-attr]
    late = silences_of((32.4, 32.4, 54, 60))
    assert "54 customers are overdue, and by the calendar 60 would be." in both("decisions", late)
    assert both("index", late) == "" and "median" not in both("interpretation", late)
    hidden = silences_of((32.4, 84.0, 54, math.nan))
    assert both("decisions", hidden).endswith("for 32 days, with them for 84 days.")
    for page in ("decisions", "interpretation", "index"):
        assert both(page, None, NO_BREAK) == ""
    assert pages.silences_table(None, TWO, SHOP) is None
