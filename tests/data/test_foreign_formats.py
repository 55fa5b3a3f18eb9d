"""Workbooks of all kinds, JSON, backups of phones and packed files give the calls that a CSV gives; traps are refused."""

from __future__ import annotations

import gzip
import json
import struct
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from segkit.data import fingerprint, limits
from segkit.data.tables import open_table
from segkit.errors import InputError

Write = Callable[..., Path]
NAMES = ("start", "number", "seconds")
ROWS = [
    ("2024-01-02 08:00:00", "2025550101", "60"),
    ("2024-01-03 09:30:00", "2025550102", "0"),
    ("2024-01-04 08:00:00", "2025550103", "5"),
]
TEXT = "".join(",".join(row) + "\n" for row in (NAMES, *ROWS))
LISTED = [dict(zip(NAMES, (*row[:2], int(row[2])), strict=True)) for row in ROWS]
PREFIX = "urn:oasis:names:tc:opendocument:xmlns:"


def read(path: Path, kind: str) -> tuple[list[int], tuple[str, ...]]:
    """Check that a file has the three calls, and return their row numbers and the notes."""
    with open_table(path, NAMES, section="[contacts.columns]") as table:
        found = table.connection.execute(f"SELECT {table.row}, c0, c1, c2 FROM raw").fetchall()
        assert [row[1:] for row in found] == ROWS
        assert (table.source.format, table.source.path) == (kind, path)
        assert (table.source.fingerprint, table.source.size) == (fingerprint(path), path.stat().st_size)
        return [row[0] for row in found], table.source.notes


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught, open_table(path, NAMES):
        pass
    error = caught.value
    assert error.file == path and "Remedy:" in str(error) and "20255501" not in str(error)
    return str(error)


def zipped(path: Path, **members: str | bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("\n".join(map(json.dumps, LISTED)), ()),
        (json.dumps(LISTED), ()),
        ("\ufeff" + json.dumps(LISTED, indent=2) + "\n", ()),
        (json.dumps({"calls": LISTED}), ()),
        (json.dumps({"count": 3, "calls": LISTED}), ("Beside its list of records the file has 1 other value; it was not read.",)),
    ],
)  # fmt: skip
def test_json(write: Write, text: str, notes: tuple[str, ...]) -> None:
    assert read(write(text, "calls.json"), "json") == ([1, 2, 3], notes)


def test_json_keeps_digits_and_names_what_is_lacking(write: Write) -> None:
    text = (
        '[{"start": "2024-01-02", "number": 20255501010000000001, "seconds": 1.50},'
        '{"start": null, "seconds": true, "x": "\\ud800"}]'
    )
    with open_table(write(text, "calls.json"), NAMES) as table:
        rows = table.connection.execute("SELECT c0, c1, c2, c3 FROM raw").fetchall()
        assert rows[0] == ("2024-01-02", "20255501010000000001", "1.50", None)
        assert rows[1] == (None, None, "true", "?")
        assert table.source.notes == ("2 records lack names that others have; their cells are empty.",)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (json.dumps(LISTED)[:-9], "the JSON is damaged, or was cut off (row 3)"),
        (json.dumps(LISTED) + "]", "the JSON is damaged"),
        ('[{"start": NaN}]', "the JSON is damaged"),
        ('[{"start": ' + "[" * 100_000, "the JSON is damaged"),
        ('[{"start": {"day": {"of": 1}}}]', "a record has an object within an object (row 1)"),
        ('[{"start": {"day": 1}, "start.day": 2}]', "a record has one name twice (row 1)"),
        ('{"a": [{"x": 1}], "b": [{"x": 1}]}', "the file holds 2 lists"),
        ('[["start", "number"], ["a", "2025550101"]]', "the JSON is no list of objects"),
        ('[{"start": 1, "start": 2}]', "a record has one name twice"),
        ("[]", "the file lists no records"),
        ('[{"2025550101": 5, "Xanbriol": 7}]', "the first row looks like data"),
    ],
)
def test_json_that_is_refused(write: Write, text: str, what: str) -> None:
    assert what in refused(write(text, "calls.json"))


def backup(rows: Sequence[Sequence[str]], above: str = "", more: str = "") -> str:
    calls = "".join(f'  <call start="{a}" number="{b}" seconds="{c}" {more}/>\n' for a, b, c in rows)
    head = "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n<!-- of a phone -->"
    return f'{head}{above}\n<calls count="3">\n{calls}</calls>\n'


def test_a_backup_of_a_phone(write: Write) -> None:
    style = '<?xml-stylesheet type="text/xsl" href="calls.xsl"?>'
    path = write(backup(ROWS, style, 'contact_name="Zoe &#55357;&#56832;" other="null" '), "calls.xml")
    assert read(path, "xml") == ([1, 2, 3], ())
    with open_table(path) as table:
        assert table.connection.execute("SELECT DISTINCT c3, c4 FROM raw").fetchall() == [("Zoe \U0001f600", None)]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (backup(ROWS)[:-40], "the XML is damaged, or was cut off"),
        (backup(ROWS, '<!DOCTYPE calls [<!ENTITY a "b">]>'), "this is XML"),
        ("<calls/><!DOCTYPE calls>", "the XML is damaged"),
        (backup(ROWS, more='x="&a;"'), "the XML is damaged"),
        (backup(ROWS).replace("</calls>", "<sms/></calls>"), "the XML has other elements than calls"),
        (backup(ROWS).replace("</calls>", "<call><call/></call></calls>"), "the XML has other elements than calls"),
        (backup(ROWS).replace("</calls>", "Xanbriol</calls>"), "the XML has text between its elements"),
        ("<?xml version='1.0'?><smses count='0'></smses>", "this is XML"),
    ],
)
def test_backups_that_are_refused(write: Write, text: str, what: str) -> None:
    message = refused(write(text, "calls.xml"))
    assert what in message and "Xanbriol" not in message


def page(rows: Sequence[Sequence[str]], above: str = "") -> str:
    body = "".join(f"<tr>{''.join(f'<td class=x>{cell}</td>' for cell in row)}</tr>\n" for row in rows)
    return f"<html><head><title>Calls</title><style>td {{x: 1}}</style></head><body>{above}<table>{body}</table></body></html>"


@pytest.mark.parametrize(
    ("text", "first", "which"),
    [
        (page([NAMES, *ROWS]), 2, "its table was read"),
        (page([NAMES, *ROWS], "<table><tr><td>a<td>b<tr><td>c<td>d</table>"), 2, "the largest of its 2 tables was read"),
        (page([NAMES, *ROWS]).replace("<td class=x>start", "<td colspan=3>Calls</tr><tr><th>start"), 3, "its table was read"),
        ("<table><tr><td>" + page([NAMES, *ROWS]) + "</td></tr></table>", 2, "its table was read"),
        (page([NAMES, *ROWS]).replace("</td>", "").replace("</tr>", "").replace("60", "<b>6<i>0</i></b>"), 2, "its table was read"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_tables_of_pages(write: Write, text: str, first: int, which: str, encoding: str) -> None:
    rows, notes = read(write(text.encode(encoding), "calls.xls"), "csv")
    assert rows == [first, first + 1, first + 2]
    assert notes[0] == f"The file is a web page, whatever its name says; {which}."


def test_a_page_of_another_encoding_in_an_archive(tmp_path: Path) -> None:
    rows = [(*NAMES, "name"), *((*row, "Zo\u00eb &amp; Co &lt;b&gt;<script>x</script>") for row in ROWS)]
    content = page(rows).replace("<head>", '<head><meta charset="iso-8859-1">').encode("cp1252")
    path = zipped(tmp_path / "calls.zip", **{"calls.xls": content})
    assert read(path, "csv")[1][0] == "The file is an archive; the one file inside was read."
    with open_table(path, NAMES) as table:
        assert table.connection.execute("SELECT DISTINCT c3 FROM raw").fetchall() == [("Zo\u00eb & Co <b>",)]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<!doctype html><html><body>Nothing<table></table></body></html>", "a web page without a table"),
        (page([NAMES, *ROWS]).replace("<td class=x>60", "<td rowspan=2>60"), "reaches over several rows"),
        (page([NAMES, ROWS[0], (*ROWS[1], "Xanbriol")]), "too many fields"),
        (page([("2025550101", "Xanbriol"), ("2025550102", "Fexquay")]), "the first row looks like data"),
    ],
)
def test_pages_that_are_refused(write: Write, text: str, what: str) -> None:
    message = refused(write(text, "calls.xls"))
    assert what in message and "Xanbriol" not in message


def sheet_of_open_document(rows: Sequence[Sequence[str]], declared: str = "") -> str:
    filled = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    cells = "".join(f"<table:table-row>{''.join(map(filled.format, row))}</table:table-row>" for row in rows)
    spaces = " ".join(f'xmlns:{name}="{PREFIX}{name}:1.0"' for name in ("office", "table", "text"))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{declared}<office:document-content {spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="S">{cells}</table:table></office:spreadsheet></office:body></office:document-content>'
    )


def open_document(path: Path, content: str) -> Path:
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return zipped(path, **{"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": "<a/>"})


def test_an_open_document(tmp_path: Path) -> None:
    path = open_document(tmp_path / "calls.ods", sheet_of_open_document([["Calls"], NAMES, *ROWS]))
    assert read(path, "ods") == ([3, 4, 5], ("1 line above the table was skipped (row 1).",))


def test_an_open_document_that_declares_entities(tmp_path: Path) -> None:
    content = sheet_of_open_document([NAMES, *ROWS], '<!DOCTYPE a [<!ENTITY b "c">]>')
    assert "declares entities" in refused(open_document(tmp_path / "calls.ods", content))


def old_workbook(rows: Sequence[Sequence[str]]) -> bytes:
    """Write a workbook as Excel 97 did: records of a stream in the sectors of a compound file."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    begin = [record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 0, 0, 0)) for kind in (5, 0x10)]
    end, name = record(0x0A, b""), b"\x01\x00S"
    globals_length = len(begin[0]) + len(record(0x85, bytes(6) + name)) + len(end)
    stream = begin[0] + record(0x85, struct.pack("<IH", globals_length, 0) + name) + end + begin[1]
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            stream += record(0x204, struct.pack("<HHHHB", r, c, 0, len(cell), 0) + cell.encode("latin-1"))
    stream = (stream + end).ljust(4096, b"\0")
    sectors = -(-len(stream) // 512)
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + sectors), 0xFFFFFFFE]
    fat = struct.pack("<128I", *table, *[0xFFFFFFFF] * (128 - len(table)))

    def entry(title: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = (title + "\0").encode("utf-16-le")
        return (
            text.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(text), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    folder = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, 0xFFFFFFFF, 2, len(stream)) + bytes(256)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    return head + struct.pack("<I", 0) + b"\xff" * 432 + fat + folder + stream.ljust(sectors * 512, b"\0")


def test_an_old_workbook(write: Write) -> None:
    assert read(write(old_workbook([NAMES, *ROWS]), "calls.xls"), "xls") == ([2, 3, 4], ())


def binary_record(kind: int, body: bytes = b"") -> bytes:
    """Write a record of a binary workbook: its kind and its length, seven bits a byte (MS-XLSB, 2.1.4)."""

    def varied(number: int) -> bytes:
        return bytes([number & 0x7F | 0x80, number >> 7]) if number > 0x7F else bytes([number])

    return varied(kind) + varied(len(body)) + body


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def binary_workbook(path: Path, rows: Sequence[Sequence[str]], **more: bytes) -> Path:
    """Write a binary workbook: moments are numbers of days with a format of dates, whole numbers are numbers, the rest texts."""
    sheet = binary_record(0x81) + binary_record(0x94, struct.pack("<4I", 0, len(rows) - 1, 0, len(rows[0]) - 1))
    sheet += binary_record(0x91)
    for r, row in enumerate(rows):
        sheet += binary_record(0x00, struct.pack("<II", r, 0) + bytes(17))
        for c, cell in enumerate(row):
            if ":" in cell:
                days = (datetime.fromisoformat(cell) - datetime(1899, 12, 30)) / timedelta(days=1)
                sheet += binary_record(0x05, struct.pack("<IId", c, 1, days))
            elif len(cell) < 9 and cell.isdigit():
                sheet += binary_record(0x05, struct.pack("<IId", c, 0, float(cell)))
            else:
                sheet += binary_record(0x06, struct.pack("<II", c, 0) + wide(cell))
    sheet += binary_record(0x92) + binary_record(0x82)
    formats = [binary_record(0x2F, struct.pack("<HH", 0, code) + bytes(12)) for code in (0, 22)]  # 22: m/d/yy h:mm
    book = (
        binary_record(0x83)
        + binary_record(0x8F)
        + binary_record(0x9C, struct.pack("<II", 0, 1) + wide("rId1") + wide("S"))
    )
    book += binary_record(0x90) + binary_record(0x9D) + binary_record(0x84)
    links = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="t" '
        'Target="worksheets/sheet1.bin"/></Relationships>'
    )
    members = {
        "xl/workbook.bin": book, "xl/_rels/workbook.bin.rels": links, "xl/worksheets/sheet1.bin": sheet,
        "xl/styles.bin": binary_record(0x269, struct.pack("<I", 2)) + b"".join(formats),
    }  # fmt: skip
    return zipped(path, **{**members, **more})


def test_a_binary_workbook(tmp_path: Path) -> None:
    path = binary_workbook(tmp_path / "calls.xlsb", [NAMES, *ROWS])
    assert read(path, "xlsb") == ([2, 3, 4], ())


def test_a_binary_workbook_that_is_damaged_or_a_trap(tmp_path: Path) -> None:
    cut = {
        "xl/worksheets/sheet1.bin": binary_record(0x81)
        + binary_record(0x94, bytes(16))
        + binary_record(0x91)
        + b"\x06\xff"
    }
    assert "cannot be read" in refused(binary_workbook(tmp_path / "calls.xlsb", [NAMES, *ROWS], **cut))
    far = [NAMES, *([row[0], row[1], ""] for row in ROWS)]
    path = binary_workbook(tmp_path / "far.xlsb", far)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    edge = binary_record(0x00, struct.pack("<II", 1_048_575, 0) + bytes(17)) + binary_record(
        0x05, struct.pack("<IId", 16_383, 0, 1.0)
    )
    sheet = members["xl/worksheets/sheet1.bin"].replace(binary_record(0x92), edge + binary_record(0x92))
    assert "workbook" in refused(binary_workbook(path, far, **{"xl/worksheets/sheet1.bin": sheet}))


@pytest.mark.parametrize("inner", ["csv", "json", "xlsx"])
def test_archives_with_one_file(tmp_path: Path, inner: str) -> None:
    content = {"csv": TEXT.encode(), "json": json.dumps(LISTED).encode()}.get(inner)
    if content is None:
        import openpyxl

        book = openpyxl.Workbook()
        for row in (NAMES, *ROWS):
            book.active.append(row)  # type: ignore[union-attr]
        book.save(tmp_path / "book.xlsx")
        content = (tmp_path / "book.xlsx").read_bytes()
    packed = tmp_path / "calls.gz"
    packed.write_bytes(gzip.compress(content))
    litter = {"__MACOSX/calls/._calls": b"x", "calls/.DS_Store": b"x"}
    for path in (packed, zipped(tmp_path / "calls.zip", **{"calls/calls": content, **litter})):
        rows, notes = read(path, inner)
        assert rows == ([1, 2, 3] if inner == "json" else [2, 3, 4])
        assert notes == ("The file is an archive; the one file inside was read.",)


def test_faults_within_an_archive_name_the_archive(tmp_path: Path) -> None:
    path = zipped(tmp_path / "calls.zip", **{"Xanbriol.csv": TEXT + "2024-01-05,20255501\n"})
    message = refused(path)
    assert "1 line has too few fields" in message and "(row 5)" in message and "Xanbriol" not in message
    with pytest.raises(InputError, match="no such column") as caught, open_table(path, ["begin"]):
        pass
    assert "`segkit init calls.zip`" in caught.value.remedy


def test_archives_that_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def made(name: str, content: bytes) -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    packed = gzip.compress(TEXT.encode())
    assert "the archive has 2 files inside" in refused(zipped(tmp_path / "two.zip", **{"a.csv": TEXT, "b.csv": TEXT}))
    assert "the archive has no file inside" in refused(zipped(tmp_path / "none.zip", **{"a/": ""}))
    assert "an archive within an archive" in refused(made("twice.gz", gzip.compress(packed)))
    assert "an archive within an archive" in refused(zipped(tmp_path / "twice.zip", **{"a.gz": packed}))
    assert "the archive is damaged" in refused(zipped(tmp_path / "out.zip", **{"../../a.csv": TEXT}))
    assert "the archive is damaged" in refused(made("cut.gz", packed[:-4]))
    assert "the archive is damaged" in refused(made("sum.gz", packed[:-8] + b"\0\0\0\0" + packed[-4:]))
    whole = zipped(tmp_path / "whole.zip", **{"a.csv": TEXT}).read_bytes()
    at = whole.index(b"PK\x01\x02")
    locked = bytearray(whole)
    locked[at + 8] |= 1
    assert "the archive has a password" in refused(made("locked.zip", bytes(locked)))
    other = whole[: at + 16] + b"\0\0\0\0" + whole[at + 20 :]  # another check sum
    assert "the archive is damaged" in refused(made("other.zip", other))
    monkeypatch.setattr(limits, "INFLATED", 100)
    assert "unpacks to more than" in refused(made("large.gz", packed))
    monkeypatch.setattr(limits, "INFLATED", 1 << 30)
    monkeypatch.setattr(limits, "MEMBER", 1000)
    assert "unpacks to more than 200 times its size" in refused(made("bomb.gz", gzip.compress(bytes(1 << 20))))
    assert not [p for p in tmp_path.iterdir() if p.suffix not in (".gz", ".zip")]
