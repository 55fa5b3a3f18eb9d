"""The loader of messages: pairs are keyed, times and money are read, and what a file leaves open is asked or refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_leads import text
from small_messages import HEADER, KEY, changed, letters, rows, settings, whole, without

from segkit.data import Messages, load_messages, message_identifiers
from segkit.data.messages import MOST, pair_text
from segkit.errors import ColumnError, InputError
from segkit.privacy import keyed

Write = Callable[..., Path]
Load = Callable[..., Messages]


@pytest.fixture
def load(write: Write) -> Load:
    def _load(content: str, **given: Any) -> Messages:
        return load_messages(write(content, "messages.csv"), settings(**given), key=KEY)

    return _load


def refused(load: Load, content: str, problem: str, **given: Any) -> InputError:
    with pytest.raises(InputError, match=problem) as caught:
        load(content, **given)
    assert caught.value.remedy and caught.value.file
    return caught.value


def test_a_log_is_known_by_its_headers(load: Load) -> None:
    found = load(text(rows(), HEADER))
    frame = found.frame
    assert list(frame) == [
        "pair", "subscriber", "account", "staff", "time", "row", "inbound", "outbound", "price", "tips", "revenue", "purchased",
        "by_subscriber",
    ]  # fmt: skip
    assert frame["subscriber"][0] == keyed("1000", KEY) and frame["account"][1] == keyed("model_1", KEY)
    assert frame["staff"][2] == keyed("Staff 2", KEY) and frame["pair"][0] == keyed(pair_text("1000", "model_0"), KEY)
    assert frame["pair"].nunique() == 24 and frame["row"].tolist() == list(range(2, 50))
    assert frame["time"].dtype == "datetime64[us]" and frame["time"][25] == pd.Timestamp("2024-01-02 01:00")
    assert frame["inbound"].isna().sum() == 16 and frame["outbound"][1] == "Hi, and 1 times"
    assert frame["purchased"].tolist() == [i % 12 == 0 for i in range(48)] and frame["by_subscriber"].all()
    assert frame["price"].tolist() == [10.0 * (i % 6 == 0) for i in range(48)]
    assert frame["revenue"].sum() == 4 * 10 + 6 * 2.5 and frame["tips"].sum() == 6 * 2.5
    assert found.as_of == pd.Timestamp("2024-01-02 23:00") and (found.has_text, found.has_money) == (True, True)
    assert (found.rows, found.notes, found.quarantined, found.currency, len(found.warnings)) == (48, (), (), "", 1)
    assert len(found.fingerprint) == 64


def test_no_identifier_and_no_text_is_in_what_is_shown(load: Load) -> None:
    found = load(changed("fan_message", "I am Ana Gil, ana@gil.example"))
    assert not any(word in repr(found) + str(found.notes) for word in ("Ana", "Hello", "1007", "model_", "Staff"))
    ids = found.frame[["pair", "subscriber", "account", "staff"]]
    assert ids.map(lambda cell: len(cell) == 12 and int(cell, 16) >= 0).all(axis=None)


def test_rows_are_sorted_by_time_and_those_of_one_time_stay_in_order(load: Load) -> None:
    found = load(changed("datetime", "2024-01-05 10:00", "2024-01-01 05:00:00", "2023-12-31 10:00"))
    assert found.frame["row"].tolist()[:5] == [4, 5, 6, 3, 7]  # row 3 and row 7 are both of five o'clock
    assert found.frame["row"].iloc[-1] == 2 and found.frame["time"].is_monotonic_increasing
    assert found.frame.loc[found.frame["row"] == 3, "outbound"].item() == "Hi, and 1 times"
    assert found.frame.loc[found.frame["row"] == 2, "revenue"].item() == 12.5


def test_headers_in_any_case_and_columns_that_settings_name(load: Load) -> None:
    assert load(text(rows(), [name.upper() for name in HEADER])).rows == 48
    header = list("abcdefghij")
    named = {"subscriber": "g", "account": "b", "time": "h"}
    found = load(text(rows(), header), columns=named)
    assert (found.rows, found.has_text, found.has_money) == (48, False, False)
    assert (
        found.frame["price"].isna().all() and not found.frame["purchased"].any() and found.frame["staff"].isna().all()
    )
    with pytest.raises(ColumnError, match="none of this name"):
        load(text(rows(), header))
    with pytest.raises(ColumnError, match="no such column"):
        load(text(rows(), header), columns=named | {"staff": "x"})


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_and_decimal_commas(load: Load, delimiter: str) -> None:
    made = [[cell.replace(".", ",") if i in (4, 8, 9) else cell for i, cell in enumerate(row)] for row in rows()]
    found = load(text(made, HEADER, delimiter))
    assert found.frame["revenue"].sum() == 55 and found.frame["price"].max() == 10


def test_a_parquet_file_with_types_reads_like_text(load: Load, tmp_path: Path) -> None:
    plain = load(text(rows(), HEADER)).frame
    typed = pd.DataFrame(rows(), columns=list(HEADER)).replace("", None)
    typed = typed.assign(
        price=typed["price"].astype(float), tips=typed["tips"].astype(float), revenue=typed["revenue"].astype(float),
        purchased=typed["purchased"] == "True", fan_id=typed["fan_id"].astype("int64"), datetime=pd.to_datetime(typed["datetime"]),
    )  # fmt: skip
    typed.to_parquet(tmp_path / "m.parquet")
    pd.testing.assert_frame_equal(load_messages(tmp_path / "m.parquet", settings(), key=KEY).frame, plain)
    zoned = typed.assign(datetime=typed["datetime"].dt.tz_localize("Europe/Berlin"))
    zoned.to_parquet(tmp_path / "z.parquet")
    assert load_messages(tmp_path / "z.parquet", settings(), key=KEY).frame["time"][0] == pd.Timestamp(
        "2023-12-31 23:00"
    )


# Times


@pytest.mark.parametrize(
    ("cell", "unit"),
    [
        ("1704103200", "seconds"), ("1704103200.0", "seconds"), ("1704103200000", "milliseconds"),  # date -u -d @1704103200
        ("1704103200000000", "microseconds"), ("1704103200000000000", "nanoseconds"),
    ],
)  # fmt: skip
def test_whole_numbers_are_times_in_one_unit(load: Load, cell: str, unit: str) -> None:
    found = load(whole("datetime", cell))
    assert (found.frame["time"] == pd.Timestamp("2024-01-01 10:00")).all()
    assert found.notes == (f"Times are whole numbers: {unit} since 1970, in UTC.",)


def test_parts_of_a_second_are_kept(load: Load) -> None:
    moments = load(whole("datetime", "1704103200.25", "1704103200.1234567")).frame["time"]
    assert moments.iloc[0] == pd.Timestamp("2024-01-01 10:00:00.123456") and moments.iloc[-1].microsecond == 250_000
    assert load(whole("datetime", "1704103200123.5")).frame["time"][0].microsecond == 123_500


@pytest.mark.parametrize(
    ("cells", "problem", "row"),
    [
        (("1704103200", "1704103200", "1704103200000"), "most times are seconds since 1970, and some are milliseconds", 4),
        (("1704103200", "12"), "nothing says what they count", 3),  # seconds of 1970, or since the first message
        (("17041032000",), "nothing says what they count", 2),  # as seconds of 2510, as milliseconds of 1970
        (("45292.5",), "nothing says what they count", 2),  # days, as spreadsheets count them
        (("1704103200", "1704103200", "2024-01-01 10:00"), "some times are whole numbers and others are dates", 4),
        (("2024-01-01",), "dates without a time of day", 2),
        (("20240101",), "dates without a time of day", 2),
        (("2024-01-01 10:00", "2024-01-01 11:00", "2024-01-01 10:00Z"), "offset from UTC", 4),
        (("2024-01-01 10:00 // 2024-01-01 11:00",), "more than one time", 2),
        (("2024-01-01 10:00", ""), "messages without a time", 3),
        (("2024-01-01 10:00", "n/a"), "messages without a time", 3),
        (("2024-01-01 10:00", "unknown"), "no date", 3),
        (("2024-01-01 10:00", "yesterday"), "no date", 3),
        (("2024-01-01 10:00", "2024-02-30 10:00"), "no date", 3),
        (("2024-01-01 10:00", "2024-01-01 25:00"), "no date", 3),
        (("1.7041E+09",), "no date", 2),
        (("-1704103200",), "no date", 2),
    ],
)  # fmt: skip
def test_times_that_cannot_be_read_are_refused_with_their_rows(
    load: Load, cells: tuple[str, ...], problem: str, row: int
) -> None:
    error = refused(load, whole("datetime", *cells), problem)
    assert error.column == "datetime" and error.rows[0] == row and error.count == 48 // len(cells)


def test_dates_of_other_forms(load: Load) -> None:
    found = load(whole("datetime", "2024-01-01T12:00:00+02:00", "2024-01-01T10:00:00Z"))
    assert (found.frame["time"] == pd.Timestamp("2024-01-01 10:00")).all() and "read as UTC" in found.notes[0]
    assert load(whole("datetime", "1/31/2024 10:00 AM")).frame["time"][0] == pd.Timestamp("2024-01-31 10:00")
    assert load(whole("datetime", "31.01.2024 10:00")).frame["time"][0] == pd.Timestamp("2024-01-31 10:00")
    found = load(whole("datetime", "2024-01-01 10:00", "2024-01-02"))
    assert (
        found.frame["time"].iloc[-1] == pd.Timestamp("2024-01-02") and "24 messages with a date alone" in found.notes[0]
    )


def test_an_open_order_of_dates_is_asked(load: Load) -> None:
    error = refused(load, whole("datetime", "1/2/2024 10:00"), "no date of the file settles the order")
    assert "date_order in [conversations]" in error.remedy
    found = load(whole("datetime", "1/2/2024 10:00"), date_order="day/month/year")
    assert found.frame["time"][0] == pd.Timestamp("2024-02-01 10:00")


def test_the_end_of_the_log(load: Load) -> None:
    plain = text(rows(), HEADER)
    assert load(plain, as_of="2024-01-02 00:00").as_of == pd.Timestamp(
        "2024-01-02 23:59:59.999999"
    )  # a whole day is meant
    assert load(plain, as_of="2024-01-02 23:00").rows == 48
    error = refused(load, plain, "messages after the end of the log", as_of="2024-01-02 22:59")
    assert error.rows == (49,) and "as_of in [conversations]" in error.remedy


# Who


@pytest.mark.parametrize("column", ["fan_id", "model_name"])
@pytest.mark.parametrize("cell", ["", "  ", "\u200b", "nan", "None", "#N/A"])
def test_empty_identifiers_are_refused(load: Load, column: str, cell: str) -> None:
    error = refused(load, changed(column, "x1", cell, "x2", cell), "messages without an? (subscriber|account)")
    assert error.rows == (3, 5) and error.column == column


@pytest.mark.parametrize("column", ["fan_id", "model_name", "chatter_name"])
@pytest.mark.parametrize("cell", ["6.48E+08", "#REF!", "####"])
def test_damaged_identifiers_are_refused(load: Load, column: str, cell: str) -> None:
    error = refused(load, changed(column, "x1", cell), "damaged by a spreadsheet")
    assert error.rows == (3,) and error.column == column


def test_staff_may_be_empty(load: Load) -> None:
    assert load(whole("chatter_name", "", "Kim")).frame["staff"].isna().tolist() == [True, False] * 24


def test_forms_of_one_identifier_are_one(load: Load) -> None:
    made = rows()
    made[24][6], made[25][6], made[26][6] = (
        "\uff11\uff10\uff10\uff10",
        "1001.0",
        "\u200f1002\u200e",
    )  # of 1000, 1001 and 1002
    found = load(text(made, HEADER))
    assert found.frame["pair"].nunique() == 24
    assert any("1 of the subscribers is also written" in note for note in found.notes)
    assert any("1 cell had invisible characters" in note for note in found.notes)


def test_words_for_nobody_are_told_of(load: Load) -> None:
    assert any("1 of the subscribers is a word for nobody" in n for n in load(changed("fan_id", "Anonymous")).notes)


def test_pairs_are_told_apart_whatever_their_names_hold(load: Load) -> None:
    made = rows()
    made[0][6], made[0][1], made[1][6], made[1][1] = "a b", "c", "a", "b c"
    assert load(text(made, HEADER)).frame["pair"].nunique() == 26


@pytest.mark.parametrize(("count", "subscribers"), [(48, 1), (1, 1), (48, 19), (19, 19)])
def test_too_few_subscribers_are_refused(load: Load, count: int, subscribers: int) -> None:
    noun = "subscriber" if subscribers == 1 else "subscribers"
    refused(load, text(rows(count, subscribers), HEADER), f"the file has {subscribers} {noun}, and 20 are needed")


def test_a_file_without_rows_is_refused(load: Load) -> None:
    refused(load, text([], HEADER), "a header and no rows")


def test_rows_that_are_there_twice_are_told_of_and_kept(load: Load) -> None:
    found = load(text([*rows(), rows()[3], rows()[3]], HEADER))
    assert found.rows == 50 and found.notes == ("2 rows repeat earlier ones in every column; nothing was dropped.",)


# People who write to each other


def test_whether_people_write_to_each_other_is_asked(load: Load) -> None:
    error = refused(load, letters(), "30 of the 30 identifiers")
    assert "both_ways in [conversations]" in error.remedy and "true" in error.remedy and "false" in error.remedy
    apart = load(letters(), both_ways=False)
    assert apart.frame["by_subscriber"].all() and "30 identifiers stand in the columns" in "".join(apart.notes)
    assert apart.frame["pair"].nunique() == 40 and load(letters(), both_ways=True).frame["pair"].nunique() == 30
    made = rows()
    made[0][1] = "1005"
    assert any("1 identifier stands in the columns" in note for note in load(text(made, HEADER)).notes)


def test_a_pair_is_the_same_whoever_writes_and_its_subscriber_wrote_first(load: Load) -> None:
    frame = load(letters(), both_ways=True).frame
    for i, row in enumerate(frame.itertuples()):  # in time as in the file
        one, other = str(i % 30), str((i + 1) % 30)  # who wrote in the first round
        assert row.pair == keyed(pair_text(*sorted((one, other))), KEY)
        assert (row.subscriber, row.account) == (keyed(one, KEY), keyed(other, KEY))
        assert row.by_subscriber == (i < 30 or i % 3 != 2)


def test_the_earliest_message_tells_who_wrote_first_and_not_the_first_row(load: Load) -> None:
    late = letters() + "1,0,1000000000\n"
    frame = load(late, both_ways=True).frame
    mine = frame[frame["pair"] == keyed(pair_text("0", "1"), KEY)]
    assert mine["row"].tolist()[0] == 62 and (mine["subscriber"] == keyed("1", KEY)).all()
    assert mine["by_subscriber"].tolist() == [True, False, False]


def test_a_text_of_the_other_one_is_outbound(load: Load) -> None:
    made = [[str(i), str((i + 1) % 30), str(1082040961 + i), f"text {i}"] for i in range(30)]
    made.append(["1", "0", "1082050000", "an answer"])
    frame = load(text(made, ("from", "to", "time", "inbound")), both_ways=True).frame
    assert frame["outbound"].tolist()[-1] == "an answer" and frame["inbound"].isna().tolist() == [False] * 30 + [True]
    assert frame["outbound"].notna().sum() == 1


def test_messages_of_people_to_themselves_are_refused(load: Load) -> None:
    error = refused(load, letters() + "7,7,1082050000\n", "people to themselves", both_ways=True)
    assert error.rows == (62,) and error.column == "receiver"


# Texts


def test_texts_are_kept_as_they_are_but_for_what_nobody_sees(load: Load) -> None:
    cells = (
        " \u200bHello\u200b ",
        "\u200b",
        "\n \t",
        "none",
        "-",
        "?",
        "two\nlines",
        'a "quoted" text',
        "=1+1",
        "\u2764\ufe0f",
    )
    frame = load(changed("fan_message", *cells)).frame
    assert frame["inbound"].isna().tolist()[:10] == [False, True, True] + [False] * 7
    assert frame["inbound"].tolist()[3:10] == ["none", "-", "?", "two\nlines", 'a "quoted" text', "=1+1", "\u2764"]
    assert frame["inbound"][0] == "Hello"


def test_blank_texts_move_no_other_text(load: Load) -> None:
    frame = load(whole("fan_message", "", "second", "third")).frame
    assert all(frame["inbound"].iloc[i::3].fillna("").eq(word).all() for i, word in enumerate(("", "second", "third")))


def test_without_texts_there_are_none(load: Load) -> None:
    assert not load(without("fan_message", "chatter_message")).has_text
    assert load(without("chatter_message")).has_text
    blank = load(text([[*row[:2], "", " ", *row[4:]] for row in rows()], HEADER))
    assert not blank.has_text and blank.frame["inbound"].isna().all()


# Money


def test_what_does_not_add_up_is_refused_with_its_rows(load: Load) -> None:
    error = refused(
        load, changed("revenue", "12.50", "0.01", "0.00", "0.00", "99"), "revenue that is not price x purchased"
    )
    assert error.rows == (3, 6) and error.count == 2 and error.column == "revenue"
    assert "leave out the column of revenue" in error.remedy and "[conversations.columns]" in error.remedy
    made = [[*row[:8], "", row[9]] for row in rows()]
    assert refused(load, text(made, HEADER), "revenue that is not").rows == (2, 10, 18, 26, 34)


def test_revenue_follows_where_it_is_lacking(load: Load) -> None:
    plain = load(text(rows(), HEADER)).frame
    found = load(without("revenue"))
    assert found.frame["revenue"].equals(plain["revenue"]) and "no column of revenue" in found.notes[0]
    found = load(without("tips"))
    assert found.frame["tips"].equals(plain["tips"]) and "no column of tips" in found.notes[0]
    found = load(without("price", "purchased"))
    assert found.has_money and not found.frame["purchased"].any() and (found.frame["price"] == 0).all()
    assert found.frame["revenue"].equals(plain["revenue"]) and "no offer and no purchase is known" in found.notes[0]
    found = load(without("price", "purchased", "revenue"))
    assert found.frame["revenue"].sum() == 15 and found.has_money
    error = refused(load, changed("revenue", "1").replace(",tips,", ",other,"), "revenue below what purchases")
    assert error.rows == (2,)
    found = load(without("price", "purchased", "revenue", "tips"))
    assert not found.has_money and found.frame[["price", "tips", "revenue"]].isna().all(axis=None)


@pytest.mark.parametrize("lacking", ["price", "purchased"])
def test_a_price_and_a_purchase_go_together(load: Load, lacking: str) -> None:
    assert refused(load, without(lacking), f"none of {lacking}").column in ("price", "purchased")


@pytest.mark.parametrize(
    ("yes", "no"), [("true", "false"), ("1", "0"), ("1.0", "0.0"), ("YES", "no"), ("t", "f"), ("Y", "N"), ("True", "")]
)
def test_forms_of_yes_and_no(load: Load, yes: str, no: str) -> None:
    made = rows()
    for i, row in enumerate(made):
        row[5] = yes if i % 12 == 0 else no if row[4] == "" else no or "no"
    assert load(text(made, HEADER)).frame["purchased"].sum() == 4


@pytest.mark.parametrize(
    ("column", "cells", "problem", "row"),
    [
        ("purchased", ("True", "maybe"), "neither yes nor no", 3),
        ("purchased", ("True", "True"), "purchases without a price", 3),
        ("purchased", ("",), "nothing says whether they were bought", 2),
        ("price", ("0",), "purchases without a price", 2),
        ("price", ("-10.00",), "amounts below 0", 2),
        ("price", ("(10.00)",), "amounts below 0", 2),
        ("tips", ("2.50", "\u22122.50"), "amounts below 0", 3),
        ("tips", ("2.50", "a lot"), "no amount with a decimal point", 3),
        ("tips", ("2.50", "1e3"), "no amount with a decimal point", 3),
        ("tips", ("2.50", "inf"), "no amount with a decimal point", 3),
        ("revenue", ("12.50", "900000000000000.00"), "amounts of more than", 3),
        ("revenue", ("12,50",), "only have a decimal point and 1 only a decimal comma", None),
    ],
)  # fmt: skip
def test_money_that_cannot_be_used_is_refused(
    load: Load, column: str, cells: tuple[str, ...], problem: str, row: int | None
) -> None:
    error = refused(load, changed(column, *cells), problem)
    assert error.column in (column, "purchased") and error.rows[:1] == (() if row is None else (row,))


def test_two_columns_with_two_decimal_signs_are_refused(load: Load) -> None:
    made = [[*row[:8], row[8].replace(".", ","), row[9]] for row in rows()]
    assert refused(load, text(made, HEADER), "of another column a decimal point").column == "tips"


def test_amounts_with_currencies(load: Load) -> None:
    made = [[*row[:4], row[4] and f"${row[4]}", *row[5:8], row[8] and f"$ {row[8]}", f"{row[9]} USD"] for row in rows()]
    found = load(text(made, HEADER))
    assert found.currency == "USD" and found.frame["revenue"].sum() == 55
    made[0][8] = "2.50 \u20ac"
    assert "currenc" in str(refused(load, text(made, HEADER), "amounts are in 2 currencies"))
    made = [[*row[:8], row[8].replace("$", "\u20ac"), row[9]] for row in made]
    refused(load, text(made, HEADER), "another currency than those of another column")


def test_parts_of_a_cent_are_rounded_and_add_up_within_one(load: Load) -> None:
    made = rows()
    made[0][4], made[0][8], made[0][9] = (
        "10.005",
        "2.505",
        "12.51",
    )  # 1000.5 and 250.5 cents are 1000 and 250, halves to even
    found = load(text(made, HEADER))
    assert found.frame["price"][0] == 10 and found.frame["revenue"][0] == 12.51
    assert "2 amounts with more than two decimals" in found.notes[0]
    made[0][9] = "12.52"
    assert refused(load, text(made, HEADER), "revenue that is not").rows == (2,)


def test_thousands_that_may_be_decimals_are_told_of(load: Load) -> None:
    made = [
        [*row[:4], "1,234" if row[4] else "", row[5], *row[6:8], "", "1,234" if i % 12 == 0 else "0"]
        for i, row in enumerate(rows())
    ]
    found = load(text(made, HEADER))
    assert found.frame["price"].max() == 1234 and "read with a decimal point" in found.notes[0]
    assert load(text(made, HEADER, ";")).frame["price"].max() == 1.23


# What is searched for on finished pages


def test_every_identifier_is_searched_for(write: Write) -> None:
    made = [[*row, f"ana{i}@gil.example", f"{i % 4}"] for i, row in enumerate(rows())]
    made[5][2] = "call 0555 010 1234 or write to Ana.Gil+x@example.org"
    made[6][3] = "see www.example.org/ana, t.me/anagil, @ana_g"
    made[7][3] = "ana [at] example [dot] org; insta: ana.gil9; \uff10\uff15\uff15\uff15\uff10\uff11\uff10"
    found = message_identifiers(write(text(made, (*HEADER, "mail", "group"))), settings())
    assert {"1000", "1023", "model_1", "Staff 2"} <= found.numbers and {
        "0555 010 1234",
        "\uff10\uff15\uff15\uff15\uff10\uff11\uff10",
    } <= found.numbers
    assert {
        "ana0@gil.example",
        "ana47@gil.example",
        "Ana.Gil+x@example.org",
        "t.me/anagil,",
        "ana_g",
        "ana.gil9",
    } <= found.names
    assert {"www.example.org/ana,", "ana [at] example [dot] org"} <= found.names
    assert "Hello, it is me for the 7th" in " ".join(found.names) and "3" not in found.numbers | found.names


def test_messages_are_searched_for_by_their_first_words(write: Write) -> None:
    made = [
        [*row[:2], f"message {i} says this and that to you on and on", "Good morning", *row[4:]]
        for i, row in enumerate(rows())
    ]
    names = message_identifiers(write(text(made, HEADER)), settings()).names
    assert names == {f"message {i} says this and that to you" for i in range(48)}
    many = rows(2 * MOST)
    names = message_identifiers(write(text(many, HEADER)), settings()).names
    assert len(names) <= MOST and len(names) > 0.9 * MOST
