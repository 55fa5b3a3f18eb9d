"""Files that cannot be used: one clear error each, with place and remedy, and never a cell's content."""

from __future__ import annotations

import gzip
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_log import KEY, as_csv, log_rows, settings, with_cells

from segkit.config import Contacts
from segkit.data import archives, files, fingerprint, limits, load_events, opening, raw_identifiers, tables
from segkit.data.tables import open_table
from segkit.errors import ConfigError, InputError, SegkitError

Write = Callable[..., Path]
FEW = dict.fromkeys(("name", "category", "weekday", "month", "year"))


def refused(path: Path, contacts: Contacts | None = None, **options: object) -> InputError:
    with pytest.raises(InputError) as caught:
        load_events(path, contacts or settings(), key=KEY, **options)  # type: ignore[arg-type]
    message = str(caught.value)
    assert "Remedy:" in message and path.name in message
    for row in log_rows():
        assert row["dialled_phone_number"] not in message and row["name"] not in message
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value


def test_missing_column_names_the_nearest(write: Write) -> None:
    text = as_csv(log_rows()).replace("duration_in_seconds", "Duration_in_sec")
    error = refused(write(text))
    assert error.column == "duration_in_seconds"
    assert 'The nearest name in the file is "Duration_in_sec"' in error.remedy
    assert "`segkit init calls.csv`" in error.remedy


def test_several_missing_columns_are_all_named(write: Write) -> None:
    error = refused(write("a,b,c\n1,2,3\n"))
    assert error.column == "date_stamp"
    for name in ("time", "dialled_phone_number", "duration_in_seconds"):
        assert f'"{name}"' in error.problem


def test_a_configured_name_column_may_not_be_missing(write: Write) -> None:
    rows = [{k: v for k, v in row.items() if k != "name"} for row in log_rows()]
    assert refused(write(rows)).column == "name"
    with pytest.raises(InputError, match='column "name"'):
        raw_identifiers(write(rows), settings())


def test_markup_in_column_names_is_not_printed(write: Write) -> None:
    error = refused(write("<script>alert(1)</script>date_stamp,b\x1b[31m,c\n1,2,3\n"))
    assert "<" not in str(error) and "\x1b" not in str(error)


def test_column_that_occurs_twice(write: Write) -> None:
    error = refused(write(as_csv(log_rows()).replace("year", "time", 1)), settings({"year": None}))
    assert error.column == "time" and "two columns have this name" in str(error)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_empty_file(write: Write, content: bytes) -> None:
    assert "the file is empty" in str(refused(write(content)))


def test_header_only(write: Write) -> None:
    assert "a header and no rows" in str(refused(write(as_csv(log_rows()).split("\n")[0] + "\n")))


@pytest.mark.parametrize("minimum", [0, 1, 2])
def test_one_contact(write: Write, minimum: int) -> None:
    rows = [row for row in log_rows() if row["dialled_phone_number"].endswith("03")]
    error = refused(write(rows), minimum_units=minimum)
    assert error.column == "dialled_phone_number"
    assert "the file has 1 contact and 2 are needed" in str(error)


def test_fewer_contacts_than_asked(write: Write) -> None:
    assert "the file has 12 contacts and 13 are needed" in str(refused(write(log_rows()), minimum_units=13))
    assert load_events(write(log_rows()), settings(), key=KEY, minimum_units=12).units == 12


def test_all_calls_alike(write: Write) -> None:
    same = {"date_stamp": "1/31/2022", "time": "10:00:00", "duration_in_seconds": "9"}
    rows = [{**row, **same} for row in log_rows()]
    assert "all calls have the same time and the same duration" in str(refused(write(rows)))
    rows[0]["duration_in_seconds"] = "10"
    assert load_events(write(rows), settings(), key=KEY).rows == 60


def test_every_row_the_same(write: Write) -> None:
    assert "the file has 1 contact" in str(refused(write([log_rows()[0]] * 60)))


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("long", "no duration in seconds"),
        ("1:20", "no duration in seconds"),
        ("12 s", "no duration in seconds"),
        ("1,234", "no duration in seconds"),
        ("1e3", "no duration in seconds"),
        ("inf", "an infinite duration"),
        ("-Infinity", "an infinite duration"),
        ("NaN", "no number (NaN) as duration"),
        ("-5", "a negative duration"),
        ("-0.2", "a negative duration"),
        ("86401", "a duration of more than 24 hours"),
        ("9" * 400, "a duration of more than 24 hours"),
    ],
)
def test_durations(write: Write, written: str, what: str) -> None:
    error = refused(write(with_cells(duration={1: written, 9: written})))
    assert (error.column, error.rows, error.count) == ("duration_in_seconds", (3, 11), 2)
    assert f"2 rows have {what}" in str(error)


@pytest.mark.parametrize(
    ("unit", "longest", "too_long"), [("minutes", "1440", "1440.1"), ("h:mm:ss", "24:00:00", "24:00:01")]
)
def test_a_day_is_the_longest_call_in_every_unit(write: Write, unit: str, longest: str, too_long: str) -> None:
    rows = [{**row, "duration_in_seconds": "0:01:00" if unit == "h:mm:ss" else "1"} for row in log_rows()]
    rows[0]["duration_in_seconds"] = longest
    log = load_events(write(rows), settings(duration_unit=unit), key=KEY)
    assert max(log.events.column("amount").to_pylist()) == 86_400
    rows[0]["duration_in_seconds"] = too_long
    assert "1 row has a duration of more than 24 hours (row 2)" in str(
        refused(write(rows), settings(duration_unit=unit))
    )


@pytest.mark.parametrize("written", ["0:75:10", "0:05:75", "5:75", "90", "0:5:00:00", "1:2"])
def test_lengths_that_no_clock_shows(write: Write, written: str) -> None:
    rows = [{**row, "duration_in_seconds": "75:10"} for row in log_rows()]
    rows[3]["duration_in_seconds"] = written
    error = refused(write(rows), settings(duration_unit="h:mm:ss"))
    assert "1 row has no duration in h:mm:ss (row 5)" in str(error)


def test_unit_that_fits_every_row_is_named(write: Write) -> None:
    rows = [{**row, "duration_in_seconds": "0:02:59"} for row in log_rows()]
    assert 'duration_unit in [contacts.format] to "h:mm:ss", which fits every row' in refused(write(rows)).remedy
    error = refused(write(log_rows()), settings(duration_unit="h:mm:ss"))
    assert 'to "seconds", "minutes", "milliseconds" or "days", which fits every row' in error.remedy


@pytest.mark.parametrize("written", ["6.48E+08", "6,48E+08", "5e+9", "#REF!", "########", "#NAME?"])
def test_identifiers_damaged_by_a_spreadsheet(write: Write, written: str) -> None:
    error = refused(write(with_cells(contact={2: written, 4: written})))
    assert (error.column, error.rows) == ("dialled_phone_number", (4, 6))
    assert "spreadsheet" in error.problem and "format the column as text" in error.remedy


@pytest.mark.parametrize("written", ["12E5", "123456e78901", "#1234", "E+5"])
def test_codes_that_only_resemble_damage_are_read(write: Write, written: str) -> None:
    assert load_events(write(with_cells(contact={2: written})), settings(), key=KEY).units == 13


@pytest.mark.parametrize("role", ["date", "time", "duration", "contact"])
@pytest.mark.parametrize("written", ["", "  ", "NULL", "nan", "N/A"])
def test_empty_cells(write: Write, role: str, written: str) -> None:
    error = refused(write(with_cells(**{role: {0: written, 59: written}})))
    assert error.column == getattr(settings().columns, role)
    what = "no number (NaN) as duration" if (role, written) == ("duration", "nan") else "no value"
    assert f"2 rows have {what} (rows 2, 61)" in str(error)


@pytest.mark.parametrize(("change", "what"), [(lambda c: c[:-2], "too few"), (lambda c: [*c, "x"], "too many")])
def test_ragged_rows(write: Write, change: Callable[[list[str]], list[str]], what: str) -> None:
    lines = as_csv(log_rows()).strip().split("\n")
    for i in (4, 30):
        lines[i] = ",".join(change(lines[i].split(",")))
    error = refused(write("\n".join(lines) + "\n"))
    assert f"2 lines have {what} fields; the header has 9 columns (rows 5, 31)" in str(error)


def test_quotation_mark_that_is_never_closed(write: Write) -> None:
    text = as_csv(log_rows()).replace("Person05", '"Person05', 1)
    error = refused(write(text))
    assert "quotation mark" in error.problem and error.rows == (7,)


def test_bytes_that_are_no_text(write: Write) -> None:
    error = refused(write(as_csv(with_cells(name={6: "X\x81"})).encode("latin-1")))
    assert "windows-1252 and holds bytes that are not" in error.problem and error.rows == (8,)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_damaged_utf8_is_not_taken_for_windows_1252(write: Write, mark: bytes) -> None:
    name = "Zoë" if not mark else "Zoe"
    data = mark + as_csv(with_cells(name={2: name, 6: "X@@"})).encode().replace(b"@@", b"\xff")
    error = refused(write(data))
    assert "begins as utf-8" in error.problem and error.rows == (8,)


def test_utf16_cut_in_the_middle(write: Write) -> None:
    assert "utf-16" in refused(write(as_csv(log_rows()).encode("utf-16")[:-1])).problem


def test_zero_bytes(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    text = as_csv(log_rows())
    assert "binary file" in refused(write(text.replace("Person07", "\0"))).problem
    monkeypatch.setattr(files, "HEAD", 2000)  # the byte now stands behind the head
    error = refused(write(text + "\0"))
    assert "zero bytes" in error.problem and error.rows == (62,)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "the workbook cannot be read"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "the workbook has a password"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9], "the archive is damaged"),
        (b'[{"a": 1}, {"a"', "the JSON is damaged, or was cut off"),
        (b"Rar!\x1a\x07", "Unpack it, and give the file inside"),
        (b"7z\xbc\xaf\x27\x1c", "Unpack it, and give the file inside"),
        (b"BZh91AY", "Unpack it, and give the file inside"),
        (b"\xfd7zXZ\0", "Unpack it, and give the file inside"),
        (b"\x28\xb5\x2f\xfd", "Unpack it, and give the file inside"),
        (b"ARROW1\0\0", "Write it as Parquet or CSV"),
        (b"calls.csv" + b"\0" * 248 + b"ustar", "a tar archive"),
        (b"<!DOCTYPE html><table>", "a web page without a table"),
        (b"<?xml version='1.0'?>", "this is XML"),
        (b"%PDF-1.7", "a PDF document"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"PK\x03\x04 but no archive", "a damaged archive"),
        (b"PAR1 but no Parquet PAR1", "the Parquet file is damaged"),
        (b"\x7fELF\0\0\0\0", "a binary file"),
    ],
)
def test_other_kinds_of_file(write: Write, content: bytes, what: str) -> None:
    assert what in str(refused(write(content)))


def test_workbook_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "calls.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 100_000)
    monkeypatch.setattr(limits, "INFLATED", 50_000)  # of this process; a workbook is measured in one of its own
    with path.open("rb") as file, pytest.raises(InputError, match="unpacks to more than"):
        archives.measure(file, path)


def test_parquet_without_the_columns(tmp_path: Path) -> None:
    path = tmp_path / "calls.parquet"
    pq.write_table(pa.table({"a": [1], "date_stamps": [2]}), path)
    assert '"date_stamps"' in refused(path).remedy


def test_parquet_without_rows(tmp_path: Path) -> None:
    path = tmp_path / "calls.parquet"
    pq.write_table(pa.Table.from_pylist(log_rows()).slice(0, 0), path)
    assert "no rows" in str(refused(path))


def test_parquet_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "calls.parquet"
    pq.write_table(pa.Table.from_pylist(log_rows()), path)
    path.write_bytes(path.read_bytes()[:-200])
    assert "damaged" in str(refused(path))


def test_folder_and_nothing_at_all(tmp_path: Path) -> None:
    assert "this is a folder" in str(refused(tmp_path))
    assert "there is no such file" in str(refused(tmp_path / "none.csv"))
    with pytest.raises(InputError, match="there is no such file"):
        fingerprint(tmp_path / "none.csv")


def test_device(write: Write) -> None:
    assert "not a regular file" in str(refused(Path("/dev/null")))


def test_unreadable_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rights themselves are no test where the tests run as root, so the refusal is simulated."""
    path = write(log_rows())

    def refuse(where: Path, *args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied", str(where))

    monkeypatch.setattr("os.open", refuse)
    assert "the file may not be read" in str(refused(path))


class Counting:
    """A file that counts the bytes read from it."""

    def __init__(self, path: Path) -> None:
        self.file, self.bytes = path.open("rb"), 0

    def __enter__(self) -> Counting:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def read(self, size: int) -> bytes:
        data = self.file.read(size)
        self.bytes += len(data)
        return data


@pytest.mark.parametrize("start", [b"", b"date_stamp,time", b"a,b,c\n" + b"1,2,3\n" * 200_000, b"x" * (3 << 20)])
def test_a_gigabyte_of_junk_is_refused_at_its_head(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: bytes
) -> None:
    path = tmp_path / "junk.csv"
    with path.open("wb") as file:
        file.write(start)
        file.truncate(1 << 30)  # a sparse file: a gigabyte of zero bytes that takes no room
    opened: list[Counting] = []

    def counting(where: Path) -> Counting:
        opened.append(Counting(where))
        return opened[-1]

    for room in (opening, tables):
        monkeypatch.setattr(room, "open_bytes", counting)
    tracemalloc.start()
    try:
        refused(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(file.bytes for file in opened) <= 2 << 20
    assert peak < 16 << 20


def test_no_line_end_in_the_first_megabyte(write: Write) -> None:
    assert "no line ends within the first megabyte" in str(refused(write(b"abc," * 300_000)))


def test_a_wanted_header_before_junk_is_refused_at_the_first_zero_byte(tmp_path: Path) -> None:
    path = tmp_path / "junk.csv"
    with path.open("wb") as file:
        file.write(as_csv(log_rows() * 200).encode())
        file.truncate(1 << 28)
    tracemalloc.start()
    try:
        error = refused(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "binary file" in error.problem or "zero bytes" in error.problem
    assert peak < 64 << 20


def test_rows_of_a_workbook_are_those_of_the_sheet(tmp_path: Path) -> None:
    """A title, a blank row, the header on row 3, a blank row 5: the record at position 4 stands on row 9."""
    rows = with_cells(duration={4: "long"})
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (["Calls"], [], list(rows[0]), list(rows[0].values()), [], *(list(r.values()) for r in rows[1:])):
        sheet.append(line)
    book.save(tmp_path / "calls.xlsx")
    assert refused(tmp_path / "calls.xlsx").rows == (9,)


def test_workbook_that_is_empty(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "calls.xlsx")
    assert "the workbook is empty" in str(refused(tmp_path / "calls.xlsx"))


def test_long_numbers_that_a_workbook_cut_are_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(log_rows()[0]))
    for row in log_rows():
        sheet.append([int("9" * 12 + v) if k == "dialled_phone_number" else v for k, v in row.items()])
    book.save(tmp_path / "calls.xlsx")
    error = refused(tmp_path / "calls.xlsx")
    assert error.column == "dialled_phone_number" and error.count == 60


def test_faults_of_the_query_engine_quote_no_cell(write: Write) -> None:
    with pytest.raises(SegkitError) as caught, open_table(write(log_rows())) as table:
        table.one(f"SELECT max(CAST({table.columns['name']} AS DATE)) FROM raw")
    assert "Person" not in str(caught.value) and "ConversionException" in str(caught.value)
    assert caught.value.__suppress_context__


def test_header_in_square_brackets_is_no_json(write: Write) -> None:
    text = as_csv(log_rows()).replace("date_stamp", "[date_stamp]", 1)
    assert load_events(write(text), settings({"date": "[date_stamp]"}), key=KEY).rows == 60


def test_column_without_a_name(write: Write) -> None:
    lines = as_csv(log_rows()).strip().split("\n")
    facts = load_events(write("\n".join(line + "," for line in lines)), settings(), key=KEY).audit.columns
    assert facts.iloc[-1].tolist() == ["(column 10)", "unused", "empty", 60, 1.0]


def test_nothing_is_left_behind_by_a_refusal(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    refused(write(as_csv(with_cells(time={1: "never"})).encode("utf-16")))
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("08:00:00+99:00", "an offset from UTC that no time zone has"),
        ("08:00:00 +14:30", "an offset from UTC that no time zone has"),
        ("08:00:00+05:75", "an offset from UTC that no time zone has"),
        ("08:00:00-1300", "an offset from UTC that no time zone has"),
        ("08:00:00 CET", "a time zone by name"),
        ("08:00 Europe/Berlin", "a time zone by name"),
        ("08:00:00 Pacific/Atlantis", "a time zone by name"),
    ],
)
@pytest.mark.parametrize("joined", [False, True])
def test_time_zones_that_are_none(write: Write, written: str, what: str, joined: bool) -> None:
    rows = with_cells(time={3: written, 5: written})
    if joined:
        rows = [{**row, "date_stamp": f"{row['date_stamp']} {row['time']}"} for row in rows]
    error = refused(write(rows), settings({"time": None}) if joined else settings())
    assert (error.column, error.rows) == ("date_stamp" if joined else "time", (5, 7))
    assert f"2 rows have {what}" in error.problem


def test_a_time_zone_that_the_query_engine_does_not_know(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{**row, "time": row["time"] + "Z"} for row in log_rows()]
    zoned = settings(time_zone="Europe/Berlin")
    unknown = zoned.model_copy(update={"format": zoned.format.model_copy(update={"time_zone": "Europe/Atlantis"})})
    with pytest.raises(ConfigError, match="time_zone: the query engine knows no such time zone"):
        load_events(write(rows), unknown, key=KEY)
