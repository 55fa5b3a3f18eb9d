"""The loader of prospects: histories, counts, likelihoods and dates are read; what a file leaves open is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_leads import text
from small_prospects import HEADER, KEY, changed, rows, settings, whole

from segkit.contract import CRM
from segkit.data import ProspectTable, load_prospects, prospect_identifiers
from segkit.data.channel_words import VERSION
from segkit.data.roles import known_columns
from segkit.errors import ColumnError, InputError
from segkit.privacy import keyed

Write = Callable[..., Path]


@pytest.fixture
def load(write: Write) -> Callable[..., ProspectTable]:
    def _load(content: str, **given: Any) -> ProspectTable:
        return load_prospects(write(content, "prospects.csv"), settings(**given), key=KEY)

    return _load


Load = Callable[..., ProspectTable]


def test_an_export_is_known_by_its_headers(load: Load) -> None:
    found = load(text(rows(), HEADER))
    frame = found.frame
    assert list(frame) == [
        "clicks", "sessions", "pageviews", "forms", "likelihood", "original_source", "latest_source", "stage", "intake", "created",
        "closed", "first_online", "first_offline",
    ]  # fmt: skip
    assert frame.index.name == "prospect" and frame.index[0] == keyed("1000", KEY) and frame.index.is_unique
    assert frame["clicks"].tolist()[:4] == [2, 1, 4, 0]  # LinkedIn i % 3, Facebook the newest of "1 // 2" or nothing
    assert frame["sessions"].tolist() == list(range(24)) and frame["pageviews"].isna().all()
    assert frame["original_source"].tolist()[:3] == ["PAID_SEARCH", "OFFLINE", "PAID_SOCIAL"]
    assert frame["stage"].value_counts().to_dict() == {"lead": 18, "customer": 6}
    assert frame["created"].iloc[0] == datetime(2024, 1, 1, 10) and frame["closed"].notna().sum() == 6
    assert found.as_of == datetime(2024, 2, 21, 10) and found.negative == 0 and found.dictionary == VERSION
    assert (found.rows, found.quarantined, found.notes, len(found.warnings), len(found.fingerprint)) == (
        24,
        (),
        (),
        1,
        64,
    )
    assert found.history.to_dict("list") == {
        "column": ["clicks_facebook", "sessions", "original_source", "stage"], "cells": [12, 24, 8, 6], "most": [2, 2, 2, 2],
    }  # fmt: skip


def test_touches_are_counted_by_both_detectors(load: Load) -> None:
    found = load(text(rows(), HEADER))
    taxonomy, literal = found.touches["taxonomy"], found.touches["literal"]
    assert taxonomy.index.equals(found.frame.index) and literal.index.equals(found.frame.index)
    assert taxonomy["Event"].tolist()[:3] == [0, 0, 1] and taxonomy["Google_Ads"].tolist()[:3] == [2, 1, 1]
    assert taxonomy["system"].tolist()[:3] == [False, True, False]
    assert literal["Other_Offline"].tolist()[:3] == [0, 1, 1] and literal["Event"].sum() == 0


def test_texts_and_numbers_of_contacts_stay_in_the_room(load: Load) -> None:
    found = load(changed("Original Source Drill-Down 1", "Ana Gil called, ana@gil.example"))
    said = (
        found.frame.to_csv() + str(found) + "".join(t.to_csv() for t in found.touches.values()) + "".join(found.notes)
    )
    assert not any(secret in said for secret in ("Ana", "gil", "1007", "Owner", "Feria", "IMPORT"))


@pytest.mark.parametrize(
    ("cells", "moments"),
    [
        (("1704103200000",), "2024-01-01 10:00"),  # date -u -d @1704103200
        (("1704103200",), "2024-01-01 10:00"),
        (("1704103200000.0",), "2024-01-01 10:00"),
        (("20240101",), "2024-01-01"),
        (("2024-01-01T10:00:00Z",), "2024-01-01 10:00"),
        (("2024-01-01T12:00:00+02:00",), "2024-01-01 10:00"),
        (("2024-01-01",), "2024-01-01"),
        (("1/1/2024 10:00 AM", "1/31/2024"), "2024-01-01 10:00"),
        (("01.01.2024 10:00", "31.01.2024"), "2024-01-01 10:00"),
        (("2023-05-05 // 2024-01-01 10:00",), "2024-01-01 10:00"),
        (("1600000000000//1704103200000",), "2024-01-01 10:00"),
    ],
)
def test_dates_of_every_form(load: Load, cells: tuple[str, ...], moments: str) -> None:
    assert load(whole("Create Date", *cells)).frame["created"].iloc[0] == pd.Timestamp(moments)


def test_epochs_and_iso_may_stand_in_one_column(load: Load) -> None:
    created = load(changed("Create Date", "1704103200000", "1704103200", "2024-01-01 10:00")).frame["created"]
    assert created.iloc[:3].tolist() == [pd.Timestamp(2024, 1, 1, 10)] * 3


def test_an_open_order_of_dates_is_asked(load: Load) -> None:
    open_file = whole("Create Date", "1/2/2024", "3/4/2024")
    with pytest.raises(InputError, match="no date of the file settles the order") as caught:
        load(open_file)
    assert (
        "date_order in [channels]" in caught.value.remedy
        and caught.value.column == "Create Date"
        and caught.value.count == 24
    )
    assert load(open_file, date_order="month/day/year").frame["created"].iloc[0] == pd.Timestamp(2024, 1, 2)
    assert load(open_file, date_order="day/month/year").frame["created"].iloc[0] == pd.Timestamp(2024, 2, 1)
    with pytest.raises(InputError, match="contradict"):
        load(whole("Create Date", "1/2/2024", "31/4/2024", "30/4/2024"), date_order="month/day/year")
    with pytest.raises(InputError, match="mixed"):
        load(whole("Create Date", "1/31/2024", "31/1/2024"))


def test_one_column_of_dates_settles_the_order_for_another(load: Load) -> None:
    made = rows()
    for i, row in enumerate(made):
        row[HEADER.index("Create Date")], row[HEADER.index("Close Date")] = (
            "3/4/2024",
            "25/5/2024" if i % 4 == 0 else "",
        )
    found = load(text(made, HEADER))
    assert found.frame["created"].iloc[0] == pd.Timestamp(2024, 4, 3)
    assert any("order of day and month of the created column" in note for note in found.notes)


def test_negative_days_are_counted_and_stay(load: Load) -> None:
    found = load(changed("Close Date", "2023-12-30", "2024-01-02 09:00", "2024-01-02 10:00"))
    assert found.negative == 2  # rows 2 and 4: a close on the day of the creation is none
    assert found.frame["closed"].iloc[0] == pd.Timestamp(2023, 12, 30)


def test_what_is_after_the_export(load: Load) -> None:
    plain = text(rows(), HEADER)
    found = load(plain, as_of="2024-02-05 00:00:01")
    assert found.frame["closed"].notna().sum() == 1 and "5 prospects with a date after as_of (closed)" in found.notes[0]
    assert found.as_of == pd.Timestamp(2024, 2, 5, 0, 0, 1)
    assert load(plain, as_of="2024-02-05 00:00").as_of == pd.Timestamp(
        "2024-02-05 23:59:59.999999"
    )  # a whole day is meant
    with pytest.raises(InputError, match="created after the moment of the export") as caught:
        load(plain, as_of="2024-01-20 00:00:01")
    assert caught.value.rows == (21, 22, 23, 24, 25) and "as_of" in caught.value.remedy
    assert any("may be a plan" in w for w in load(changed("Close Date", "2030-01-01")).warnings)


def test_counts_are_whole(load: Load) -> None:
    with pytest.raises(InputError, match="counts that are not whole") as caught:
        load(changed("Number of Sessions", "1.5"))
    assert caught.value.column == "Number of Sessions" and "decimals" in caught.value.remedy


@pytest.mark.parametrize(
    ("cells", "given", "expected", "note"),
    [
        (("0.5", "0.25"), {}, [0.5, 0.25], False),
        (("50", "25"), {}, [0.5, 0.25], True),
        (("50%", "25 %"), {}, [0.5, 0.25], True),
        (("0.5%",), {}, [0.005], True),
        (("0.5",), {"score_unit": "percent"}, [0.005], True),
        (("0.1 // 0.5", "0.25//"), {}, [0.5, 0.25], False),
        (("1", "0"), {}, [1.0, 0.0], False),
        (("", "100"), {}, [np.nan, 1.0], True),
    ],
)
def test_likelihoods_are_shares(
    load: Load, cells: tuple[str, ...], given: dict[str, str], expected: list[float], note: bool
) -> None:
    found = load(whole("Likelihood to close", *cells), **given)
    np.testing.assert_allclose(found.frame["likelihood"].iloc[: len(expected)], expected)
    assert any("percentages" in n for n in found.notes) == note


def test_likelihoods_that_nothing_settles_are_asked(load: Load) -> None:
    for cells, given, what in (
        (("50%", "0.5"), {}, "some likelihoods have a per cent sign"),
        (("50%",), {"score_unit": "share"}, "per cent sign"),
        (("101",), {}, "outside 0 to 100"),
        (("-1",), {}, "outside 0 to 1"),
        (("2",), {"score_unit": "share"}, "outside 0 to 1"),
    ):
        with pytest.raises(InputError, match=what) as caught:
            load(whole("Likelihood to close", *cells), **given)
        assert caught.value.column == "Likelihood to close" and caught.value.remedy
    with pytest.raises(InputError, match="a few likelihoods are above 1") as caught:
        load(changed("Likelihood to close", "7", count=200))
    assert caught.value.rows == (2,) and "score_unit" in caught.value.remedy


REFUSED = {
    "three rows": (text(rows(3), HEADER), "3 prospects, and 20 are needed", ()),
    "empty number": (changed("Record ID", "1000", "", "N/A"), "without a number", (3, 4)),
    "number twice": (changed("Record ID", "7", "8", "7"), "more than once", (2, 4)),
    "number twice as a decimal": (changed("Record ID", "7", "7.0"), "more than once", (2, 3)),
    "damaged number": (changed("Record ID", "6.48E+08"), "damaged by a spreadsheet", (2,)),
    "text as number": (changed("Number of Sessions", "1", "many"), "no number", (3,)),
    "formula as number": (changed("Number of Sessions", "=1+1"), "no number", (2,)),
    "count below zero": (changed("LinkedIn Clicks", "1", "-1"), "below 0", (3,)),
    "infinite count": (changed("LinkedIn Clicks", "1e999"), "infinite", (2,)),
    "no date": (changed("Create Date", "soon"), "no date from 1970 to 2100", (2,)),
    "no such day": (changed("Create Date", "2024-02-30"), "no date from 1970 to 2100", (2,)),
    "year": (changed("Create Date", "2024-01-01", "1215-01-01"), "no date from 1970 to 2100", (3,)),
    "no offset": (changed("Create Date", "2024-01-01T10:00:00+19:00"), "no date", (2,)),
    "number as date": (changed("Create Date", "12"), "no date", (2,)),
    "never created": (whole("Create Date", "", "-"), "no prospect has a date of creation", ()),
}


@pytest.mark.parametrize(("content", "what", "at"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_used_is_named(load: Load, content: str, what: str, at: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=what) as caught:
        load(content)
    assert caught.value.rows == at and caught.value.remedy and "prospects.csv" in str(caught.value)


def test_hostile_cells_are_texts_like_any_other(load: Load) -> None:
    cells = (
        "<script>alert(1)</script>",
        '=HYPERLINK("x")',
        "feria " * 5_000,
        "\u202eairef",
        "https://" + "a" * 9_000,
        "//" * 300,
    )
    found = load(changed("Original Source Drill-Down 1", *cells))
    events = found.touches["taxonomy"]["Event"].tolist()
    assert events[:6] == [0, 0, 1, 0, 0, 0] and found.touches["literal"]["Event"].iloc[2] == 0
    strange = load(changed("Lifecycle Stage", "<b>", "MQL", "Sales Qualified Lead"))
    assert strange.frame["stage"].tolist()[:3] == ["other", "marketingqualifiedlead", "salesqualifiedlead"]
    assert strange.notes == ("1 prospect has a stage that is not known; it counts as other (stage).",)


def test_a_source_outside_of_the_enumeration_is_other(load: Load) -> None:
    found = load(changed("Original Source", "Feria", "Unknown", "Paid search"))
    assert found.frame["original_source"].tolist()[0] == "OTHER" and found.frame["original_source"].isna().tolist()[1]
    assert found.frame["original_source"].tolist()[2] == "PAID_SEARCH" and "counts as OTHER" in found.notes[0]
    assert found.touches["taxonomy"]["Event"].iloc[0] == 1


def test_missing_is_missing_and_never_a_touch(load: Load) -> None:
    made = [[*row[:1], "", "", "N/A", "Unknown", "", "-", "", *row[8:]] for row in rows()]
    found = load(text(made, HEADER))
    assert found.frame[["clicks", "sessions", "likelihood", "original_source", "latest_source"]].isna().all(axis=None)
    assert not found.touches["taxonomy"].any(axis=None) and (found.touches["literal"]["Other_Offline"] == 3).all()


def test_intakes_are_a_year_and_a_period(load: Load) -> None:
    made = [[*row, cell] for row, cell in zip(rows(), ["202210 // 202235", "202175.0", "spring", ""] * 6, strict=True)]
    found = load(text(made, (*HEADER, "intake_period")))
    assert (
        found.frame["intake"].iloc[:2].tolist() == ["202235", "202175"] and found.frame["intake"].iloc[2:4].isna().all()
    )
    assert found.notes == ("6 prospects have an intake that is no YYYYPP; it counts as missing (intake).",)


@pytest.mark.parametrize("gone", ["Record ID", "Create Date"])
def test_a_column_that_is_needed_and_lacking_is_named(load: Load, gone: str) -> None:
    at = HEADER.index(gone)
    content = text([row[:at] + row[at + 1 :] for row in rows()], HEADER[:at] + HEADER[at + 1 :])
    with pytest.raises(ColumnError) as caught:
        load(content)
    assert caught.value.column == gone and "segkit init" in caught.value.remedy
    named = {"id": "Record ID", "created": "Create Date", "original_source": "Original Source"}
    with pytest.raises(ColumnError, match=gone):
        load(content, columns=named)


def test_any_other_column_may_be_lacking(load: Load) -> None:
    keep = [HEADER.index(name) for name in ("Record ID", "Create Date", "Original Source")]
    found = load(text([[row[i] for i in keep] for row in rows()], [HEADER[i] for i in keep]))
    assert found.frame["closed"].isna().all() and found.frame["stage"].isna().all() and found.negative == 0
    with pytest.raises(ColumnError) as caught:
        load(text([[row[i] for i in keep[:2]] for row in rows()], [HEADER[i] for i in keep[:2]]))
    assert caught.value.column == "Original Source"


def test_columns_of_any_crm_can_be_named(load: Load) -> None:
    header = ("n", "begun", "from")
    content = text([[f"k{i}", "2024-01-01", "Feria"] for i in range(20)], header)
    found = load(content, columns={"id": "n", "created": "begun", "acquisition": "from"})
    assert (found.touches["taxonomy"]["Event"] == 1).all() and found.frame.index[3] == keyed("k3", KEY)


def test_the_first_name_of_a_known_export_wins() -> None:
    assert known_columns(["createdate", "RECORD ID", "id", "Create Date"], CRM) == {
        "id": "RECORD ID",
        "created": "Create Date",
    }
    assert known_columns(["Name", "Amount"], CRM) == {}


def test_everything_that_may_identify_somebody_is_collected(write: Write) -> None:
    made = [[*row, f"p{i}@example.org"] for i, row in enumerate(rows())]
    made[0][HEADER.index("Contact owner")] = "Eva Sol // Ida Ley"
    found = prospect_identifiers(write(text(made, (*HEADER, "Email")), "prospects.csv"), settings())
    assert {"1000", "1023"} <= found.numbers and {"Owner 1", "Ida Ley", "p3@example.org"} <= found.names | found.numbers
    assert "PAID_SEARCH" not in found.numbers | found.names


def test_a_table_is_the_same_each_time(load: Load) -> None:
    first, second = load(text(rows(), HEADER)), load(text(rows(), HEADER))
    pd.testing.assert_frame_equal(first.frame, second.frame)
    pd.testing.assert_frame_equal(first.touches["literal"], second.touches["literal"])
