"""Every way to write the same log gives the same calls."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_log import CALLS, COLUMNS, CONTACTS, KEY, Row, as_csv, iso, log_rows, settings, with_cells, with_column

from segkit.data import EventLog, fingerprint, load_events, readers
from segkit.errors import InputError
from segkit.privacy import keyed

Write = Callable[..., Path]


def load(path: Path, **options: object) -> EventLog:
    return load_events(path, settings(**options), key=KEY)  # type: ignore[arg-type]


def expected() -> pd.DataFrame:
    """Build the typed log from the rows by other means: pandas and the keyed name of each number."""
    rows = pd.DataFrame(log_rows())
    return (
        pd.DataFrame(
            {
                "unit": [keyed(n, KEY) for n in rows["dialled_phone_number"]],
                "started_at": pd.to_datetime(rows["date_stamp"] + " " + rows["time"], format="%m/%d/%Y %H:%M:%S"),
                "amount": rows["duration_in_seconds"].astype("int64"),
                "category": rows["category"],
            }
        )
        .sort_values(["started_at", "unit", "amount"], ignore_index=True)
        .astype({"unit": "object", "category": "object"})
    )


def frame(log: EventLog) -> pd.DataFrame:
    return log.events.to_pandas().astype({"unit": "object", "category": "object"})


def assert_same(log: EventLog) -> None:
    pd.testing.assert_frame_equal(frame(log), expected(), check_dtype=False)


def test_reads_the_log(write: Write) -> None:
    path = write(log_rows())
    log = load(path)
    assert_same(log)
    assert (log.rows, log.units) == (CALLS, CONTACTS)
    assert log.fingerprint == fingerprint(path)
    audit = log.audit
    assert (audit.file_name, audit.bytes, audit.format) == ("calls.csv", path.stat().st_size, "csv")
    assert (audit.encoding, audit.delimiter, audit.rows_read, audit.n_columns) == ("utf-8", ",", CALLS, 9)
    assert audit.duplicates == audit.likely_doubles == audit.identifier_failures == 0
    assert audit.timestamp_failures == audit.amount_failures == audit.negative_amounts == 0
    assert audit.quarantined == audit.notes == ()
    assert audit.disagreements.to_dict("list") == {
        "role": ["weekday", "month", "year"],
        "column": ["day-of_week", "month", "year"],
        "checked": [CALLS] * 3,
        "disagree": [0] * 3,
    }


def test_columns_are_described_in_file_order(write: Write) -> None:
    rows = [{**row, "Zqextra": "" if i else "1.5", "void": ""} for i, row in enumerate(log_rows())]
    facts = load(write(rows)).audit.columns.set_index("name")
    assert list(facts.index) == [*log_rows()[0], "(column 10)", "(column 11)"]  # other headings may be anything
    assert facts.loc["date_stamp"].tolist() == ["date", "date", 0, 0.0]
    assert facts.loc["dialled_phone_number", "type"] == "integer"
    assert facts.loc["(column 10)"].tolist() == ["unused", "decimal", CALLS - 1, (CALLS - 1) / CALLS]
    assert facts.loc["(column 11)"].tolist() == ["unused", "empty", CALLS, 1.0]


@pytest.mark.parametrize("late", [False, True])
def test_the_type_of_a_column_is_the_narrowest_of_all_its_cells(
    write: Write, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    """Where the last cell is another than those of the sample, all are looked at; a gap is of any type."""
    if late:
        monkeypatch.setattr("segkit.data.columns.SAMPLE", CALLS - 1)
    cells = {"whole": ("7", ""), "halves": ("7", "1.5"), "hours": ("09:30", "9:30:15"), "words": ("7", "09:30")}
    rows = [{**row, **{n: own[i == CALLS - 1] for n, own in cells.items()}} for i, row in enumerate(log_rows())]
    facts = load(write(rows)).audit.columns
    assert facts["type"].tolist()[-4:] == ["integer", "decimal", "time", "text"]


def test_types_of_the_result(write: Write) -> None:
    schema = load(write(log_rows())).events.schema
    assert schema.field("unit").type == schema.field("category").type == pa.dictionary(pa.int32(), pa.string())
    assert schema.field("started_at").type == pa.timestamp("us")
    assert schema.field("amount").type == pa.int64()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(write: Write, delimiter: str) -> None:
    log = load(write(as_csv(log_rows(), delimiter), "calls.txt"))
    assert_same(log)
    assert log.audit.delimiter == delimiter


@pytest.mark.parametrize(
    ("codec", "name"),
    [("utf-8-sig", "utf-8"), ("utf-16", "utf-16-le"), ("utf-16-be", "utf-16-be"), ("cp1252", "windows-1252")],
)
def test_encodings(write: Write, codec: str, name: str) -> None:
    rows = with_cells(category=dict.fromkeys(range(CALLS), "Zulieferer für Möbel"))
    text = as_csv(rows)
    data = ("\ufeff" + text).encode(codec) if codec == "utf-16-be" else text.encode(codec)
    log = load(write(data))
    assert log.audit.encoding == name
    assert set(frame(log)["category"]) == {"Zulieferer für Möbel"}
    assert any("UTF-16" in note or "Windows-1252" in note for note in log.audit.notes) == (name != "utf-8")


def test_marked_utf16_with_a_quoted_header(write: Write) -> None:
    text = as_csv(log_rows())
    header, rest = text.split("\n", 1)
    quoted = ",".join(f'"{name}"' for name in header.split(","))
    assert_same(load(write(f"{quoted}\n{rest}".encode("utf-16"))))


def test_header_with_accents_in_windows_1252(write: Write) -> None:
    text = as_csv(log_rows(), ";").replace("duration_in_seconds", "Durée")
    assert_same(load(write(text.encode("cp1252")), columns={"duration": "Durée"}))


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends(write: Write, end: str) -> None:
    assert_same(load(write(as_csv(log_rows(), end=end))))


def test_mixed_line_ends(write: Write) -> None:
    lines = as_csv(log_rows()).split("\n")
    assert_same(load(write("\r\n".join(lines[:20]) + "\n" + "\n".join(lines[20:]))))


def test_blank_lines_are_said(write: Write) -> None:
    lines = as_csv(log_rows()).split("\n")
    log = load(write("\n".join([*lines[:5], "", *lines[5:]])))
    assert_same(log)
    assert log.audit.notes == ("The file has blank lines; rows are counted without them.",)


def test_blank_lines_above_the_header(write: Write) -> None:
    assert_same(load(write("\n\n" + as_csv(log_rows()))))


def test_quoted_line_breaks_and_delimiters(write: Write) -> None:
    rows = with_cells(name={3: 'Anna\n"Nan", of Shop', 9: "a,b"})
    log = load(write(rows))
    assert_same(log)
    assert log.audit.rows_read == CALLS


def test_extra_columns_and_other_order(write: Write) -> None:
    rows = [{"extra": "x", **{name: row[name] for name in reversed(row)}} for row in log_rows()]
    assert_same(load(write(rows)))


def test_row_order_does_not_matter(write: Write) -> None:
    one, other = load(write(log_rows())), load(write(log_rows()[::-1], "reversed.csv"))
    assert one.events.equals(other.events)
    assert one.fingerprint != other.fingerprint


def test_ties_in_time_do_not_depend_on_row_order(write: Write) -> None:
    rows = [{**row, "date_stamp": "1/31/2022", "time": "10:00:00"} for row in log_rows()]
    one = load(write(rows), columns={"weekday": None, "month": None})
    other = load(write(rows[::-1], "b.csv"), columns={"weekday": None, "month": None})
    assert one.events.equals(other.events)


def test_optional_columns_may_be_absent(write: Write) -> None:
    keep = ("date_stamp", "time", "duration_in_seconds", "dialled_phone_number")
    rows = [{name: row[name] for name in keep} for row in log_rows()]
    log = load(write(rows), columns=dict.fromkeys(("name", "category", "weekday", "month", "year")))
    assert log.events.column("category").null_count == CALLS
    assert frame(log)["started_at"].equals(expected()["started_at"])
    assert log.audit.disagreements.empty


def test_empty_category_is_null(write: Write) -> None:
    assert load(write(with_cells(category={0: "", 1: "  "}))).events.column("category").null_count == 2


def test_blanks_around_cells(write: Write) -> None:
    rows = [{name: f" {value}\u00a0" for name, value in row.items()} for row in log_rows()]
    assert_same(load(write(rows)))


def test_duplicates_are_counted_and_kept(write: Write) -> None:
    rows = log_rows()
    log = load(write([*rows, rows[0], rows[0], rows[7]]))
    assert (log.audit.duplicates, log.rows) == (3, CALLS + 3)
    assert log.audit.notes == ("3 rows repeat earlier ones in every column; nothing was dropped.",)


def test_rows_that_differ_in_an_unused_column_are_no_duplicates(write: Write) -> None:
    rows = [{**row, "extra": str(i)} for i, row in enumerate([*log_rows(), log_rows()[0]])]
    assert load(write(rows)).audit.duplicates == 0


def test_paths_with_patterns_are_taken_literally(write: Write) -> None:
    write(log_rows()[:30], "calls1.csv")
    assert load(write(log_rows(), "calls[1]*.csv")).rows == CALLS


def test_content_decides_not_the_extension(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    pq.write_table(pa.Table.from_pylist(log_rows()), path)
    assert load(path).audit.format == "parquet"
    assert load(write(log_rows(), "calls.parquet")).audit.format == "csv"


def test_redundant_columns_that_disagree_are_counted(write: Write) -> None:
    log = load(
        write(
            with_cells(
                weekday={0: "Friday", 1: "?"},
                month={0: "mars", 1: "jan", 2: "13", 3: "1", 4: "2"},
                year={5: "2021", 6: "22"},
            )
        )
    )
    table = log.audit.disagreements.set_index("role")
    assert table.loc["weekday", ["checked", "disagree"]].tolist() == [CALLS - 1, 1]
    assert table.loc["month", ["checked", "disagree"]].tolist() == [CALLS - 1, 2]
    assert table.loc["year", ["checked", "disagree"]].tolist() == [CALLS, 1]
    assert "The year column disagrees with the date in 1 of 60 rows; the date was used." in log.audit.notes


def test_formulas_and_markup_in_names_are_dropped(write: Write) -> None:
    rows = with_cells(name={0: '=HYPERLINK("http://x","y")', 1: "<script>alert(1)</script>", 2: "+1+cmd|' /C calc'!A0"})
    log = load(write(rows))
    assert_same(log)
    assert "script" not in repr(log) and "HYPERLINK" not in repr(log)


def parquet_rows() -> pa.Table:
    rows = log_rows()
    moments = expected()["started_at"]
    return pa.table(
        {
            "date_stamp": pa.array([dt.date.fromisoformat(iso(r)) for r in rows]),
            "time": pa.array([m.time() for m in moments], pa.time64("us")),
            "dialled_phone_number": pa.array([int(r["dialled_phone_number"]) for r in rows], pa.int64()),
            "name": [r["name"] for r in rows],
            "duration_in_seconds": pa.array([int(r["duration_in_seconds"]) for r in rows], pa.int32()),
            "category": pa.array([r["category"] for r in rows]).dictionary_encode(),
        }
    )


def test_typed_parquet(tmp_path: Path) -> None:
    path = tmp_path / "calls.parquet"
    pq.write_table(parquet_rows(), path)
    log = load(path, columns=dict.fromkeys(("weekday", "month", "year")))
    assert_same(log)
    assert (log.audit.format, log.audit.delimiter, log.audit.encoding) == ("parquet", None, "")


@pytest.mark.parametrize("kind", [pa.timestamp("s"), pa.timestamp("ns"), pa.timestamp("ms", "UTC")])
def test_parquet_with_timestamps(tmp_path: Path, kind: pa.DataType) -> None:
    path = tmp_path / "calls.parquet"
    table = parquet_rows().drop_columns(["time", "date_stamp"])
    moments = pa.array(expected()["started_at"], pa.timestamp("us")).cast(pa.timestamp(kind.unit))
    pq.write_table(table.append_column("date_stamp", moments.cast(kind)), path, version="2.6")
    log = load(path, columns=dict.fromkeys(("time", "weekday", "month", "year")))
    assert_same(log)
    assert bool(log.audit.notes) == (kind.tz is not None)


def test_parquet_with_decimal_numbers_and_elapsed_times(tmp_path: Path) -> None:
    path = tmp_path / "calls.parquet"
    table = parquet_rows()
    number = table.column("dialled_phone_number").cast(pa.float64())
    length = table.column("duration_in_seconds").cast(pa.int64()).cast(pa.duration("s")).cast(pa.duration("ms"))
    table = table.set_column(2, "dialled_phone_number", number).set_column(4, "duration_in_seconds", length)
    pq.write_table(table, path)
    assert_same(load(path, columns=dict.fromkeys(("weekday", "month", "year"))))


def workbook(path: Path, rows: list[list[object]], *, title: bool = False, first_sheet: bool = False) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    if first_sheet:
        sheet.append(["Notes", "on", "the", "export"])
        sheet = book.create_sheet("Calls")
    if title:
        sheet.append(["Calls of the year"])
        sheet.append([])
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def sheet_rows(length: Callable[[int], object] = lambda seconds: seconds) -> list[list[object]]:
    names = [COLUMNS[role] for role in ("date", "time", "contact", "duration", "category")]
    rows: list[list[object]] = [list(names)]
    for row in log_rows():
        rows.append(
            [
                dt.date.fromisoformat(iso(row)),
                dt.time.fromisoformat(row["time"]),
                int(row["dialled_phone_number"]),
                length(int(row["duration_in_seconds"])),
                row["category"],
            ]
        )
    return rows


FEW = dict.fromkeys(("name", "weekday", "month", "year"))


@pytest.mark.parametrize("length", [lambda s: s, lambda s: dt.timedelta(seconds=s)], ids=["number", "elapsed"])
def test_workbook(tmp_path: Path, length: Callable[[int], object]) -> None:
    log = load(workbook(tmp_path / "calls.xlsx", sheet_rows(length)), columns=FEW)
    assert_same(log)
    assert log.audit.format == "xlsx"


def test_workbook_with_title_and_another_sheet_first(tmp_path: Path) -> None:
    log = load(workbook(tmp_path / "calls.xlsx", sheet_rows(), title=True, first_sheet=True), columns=FEW)
    assert_same(log)
    assert log.audit.notes == (
        "The workbook has 2 sheets; one was read.",
        "1 line above the table was skipped (row 1).",
    )


def test_workbook_with_moments_in_one_column(tmp_path: Path) -> None:
    rows = sheet_rows()
    for row in rows[1:]:
        row[0] = dt.datetime.combine(row[0], row[1])  # type: ignore[arg-type]
    assert_same(load(workbook(tmp_path / "calls.xlsx", rows), columns={**FEW, "time": None}))


def test_blank_rows_of_a_workbook_are_skipped(tmp_path: Path) -> None:
    rows = sheet_rows()
    assert_same(load(workbook(tmp_path / "calls.xlsx", [*rows[:4], [], *rows[4:], [], []]), columns=FEW))


def test_loading_twice_is_the_same_and_leaves_nothing(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    path = write(as_csv(log_rows()).encode("utf-16"))
    before = path.read_bytes()
    one, other = load(path), load(path)
    assert one.events.equals(other.events) and one.fingerprint == other.fingerprint
    assert path.read_bytes() == before
    assert list(scratch.iterdir()) == []


def test_key_changes_names_and_nothing_else(write: Write) -> None:
    path = write(log_rows())
    one = load_events(path, settings(), key=KEY).events.to_pandas()
    other = load_events(path, settings(), key=b"another key of the same length..").events.to_pandas()
    assert not set(one["unit"]) & set(other["unit"])
    assert sorted(one.groupby("unit", observed=True)["amount"].sum()) == sorted(
        other.groupby("unit", observed=True)["amount"].sum()
    )


def test_no_identifier_survives(write: Write) -> None:
    log = load(write(log_rows()))
    text = repr(log.audit) + log.audit.columns.to_csv() + repr(log.events.to_pydict())
    for row in log_rows():
        assert row["dialled_phone_number"] not in text
        assert row["name"] not in text


def make(role: str, change: Callable[[int, Row], str]) -> list[Row]:
    return with_column(role, change)


@pytest.mark.parametrize(
    ("unit", "change"),
    [
        ("seconds", lambda i, r: f"{r['duration_in_seconds']}.0"),
        ("minutes", lambda i, r: f"{int(r['duration_in_seconds']) / 60:.6f}"),
        ("minutes", lambda i, r: f"{int(r['duration_in_seconds']) / 60:.6f}".replace(".", ",")),
        ("h:mm:ss", lambda i, r: str(dt.timedelta(seconds=int(r["duration_in_seconds"])))),
        ("h:mm:ss", lambda i, r: "{}:{:02}".format(*divmod(int(r["duration_in_seconds"]), 60))),
    ],
    ids=["12.0", "minutes", "decimal comma", "h:mm:ss", "mm:ss"],
)
def test_units_of_duration(write: Write, unit: str, change: Callable[[int, Row], str]) -> None:
    assert_same(load(write(make("duration", change)), duration_unit=unit))


def test_fractions_of_a_second_are_rounded_half_to_even(write: Write) -> None:
    log = load(write(with_cells(duration={0: "2.5", 1: "3.5", 2: "4,4"})))
    assert sorted(frame(log)["amount"])[:3] == [2, 4, 4]
    assert log.audit.notes == ("3 durations have a fraction of a second; halves were rounded to even.",)


@pytest.mark.parametrize("hidden", [False, True], ids=["rewritten", "with its old size and time"])
@pytest.mark.parametrize("moment", ["before the rows are read", "after"])
def test_a_file_that_changes_while_it_is_read_is_refused(
    write: Write, monkeypatch: pytest.MonkeyPatch, moment: str, hidden: bool
) -> None:
    path = write(log_rows())
    reader = readers.READERS["csv"]

    def change() -> None:
        at, text = path.stat(), path.read_bytes()
        path.write_bytes(text[:-3] + b"9" + text[-2:] if hidden else text + text.splitlines(keepends=True)[-1])
        if hidden:
            os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))

    def read(*arguments: object) -> object:
        if moment != "after":
            change()
        found = reader(*arguments)  # type: ignore[arg-type]
        if moment == "after":
            change()
        return found

    monkeypatch.setitem(readers.READERS, "csv", read)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="the file changed while it was read") as caught:
        load(path)
    assert "Wait" in caught.value.remedy and "calls.csv" in str(caught.value)
