"""Files that are made to exhaust or to mislead whoever reads them: one clear refusal each, within seconds."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from processes import gone
from small_log import CALLS, COLUMNS, as_csv, log_rows

from segkit.data import archives, child, files, limits, opening, records
from segkit.data.draft import draft_settings
from segkit.data.tables import open_table
from segkit.errors import InputError
from segkit.scratch import clear_folders

HEADER, ROW = "date_stamp,time,duration_in_seconds,contact\n", "1/31/2022,10:00:00,5,5550101\n"
SECONDS = 10.0  # of a processor, of this process and of those that it started
PLACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKED = "http://schemas.openxmlformats.org/package/2006/relationships"
TABLE = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>date</t></is></c><c r="B1" t="inlineStr"><is><t>contact</t></is></c>'
    '<c r="C1" t="inlineStr"><is><t>seconds</t></is></c></row>'
    '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2"><v>5550101</v></c><c r="C2"><v>9</v></c></row>'
)


def workbook(path: Path, cells: str = "", shared: str = "1/31/2022 10:00:00", **members: str | bytes) -> Path:
    """Write a workbook from raw XML, with more cells, other shared text and other members."""
    parts: dict[str, str | bytes] = {
        "_rels/.rels": f'<Relationships xmlns="{PACKED}"><Relationship Id="a" Type="{LINKS}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{PLACE}" xmlns:r="{LINKS}"><sheets><sheet name="S" sheetId="1" r:id="a"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKED}"><Relationship Id="a" Type="{LINKS}/worksheet" '
        f'Target="worksheets/sheet1.xml"/><Relationship Id="b" Type="{LINKS}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{PLACE}"><sheetData>{TABLE}{cells}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{PLACE}"><si><t>{shared}</t></si></sst>',
        **members,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def refused(path: Path, read: Callable[[Path], object] = draft_settings) -> InputError:
    """Return the refusal of a file; it comes within seconds, and leaves neither a process nor a file."""
    before = sum(os.times()[:4])
    with pytest.raises(InputError) as caught:
        read(path)
    assert sum(os.times()[:4]) - before < SECONDS
    message = str(caught.value)
    assert "Remedy:" in message and path.name in message and "5550101" not in message
    return caught.value


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Temporary files go to a folder of the test, which is empty at its end."""
    place = tmp_path / "scratch"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    yield place
    assert list(place.iterdir()) == []


# Workbooks


def test_a_small_workbook_is_read(tmp_path: Path) -> None:
    with open_table(workbook(tmp_path / "a.xlsx"), ["date", "contact"]) as table:
        cells = table.connection.execute("SELECT c0, c1, c2 FROM raw").fetchall()
    assert cells == [("1/31/2022 10:00:00", "5550101", "9")]


def test_a_stray_cell_is_named(tmp_path: Path) -> None:
    """Read as it stands, it takes 549 GB; the sheet's own dimension says nothing of it."""
    error = refused(workbook(tmp_path / "a.xlsx", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))
    assert "cell XFD1048576 makes the sheet 1,048,576 rows by 16,384 columns" in error.problem


def test_a_stray_cell_within_the_permitted_columns_ends_the_child_only(tmp_path: Path) -> None:
    """702 columns of a million rows pass the quick look: the child runs out of memory, and the second look says why."""
    error = refused(workbook(tmp_path / "a.xlsx", '<row r="1048576"><c r="ZZ1048576"><v>1</v></c></row>'))
    assert "cell ZZ1048576" in error.problem or "cell C2" not in error.problem
    assert "1,048,576 rows by 702 columns" in error.problem


def test_formatted_cells_without_content_do_not_count(tmp_path: Path) -> None:
    blank = '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    with open_table(workbook(tmp_path / "a.xlsx", blank), ["contact"]) as table:
        assert table.count == 1


def test_a_megabyte_of_one_repeated_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "a.xlsx", shared="x" * (4 << 20))
    monkeypatch.setattr(limits, "MEMBER", 1 << 20)
    with path.open("rb") as file, pytest.raises(InputError, match="more than 200 times its size"):
        archives.measure(file, path)


def test_a_bomb_of_repeated_text(tmp_path: Path) -> None:
    error = refused(workbook(tmp_path / "a.xlsx", shared="x" * (80 << 20)))
    assert "a part of the workbook unpacks to more than 200 times its size" in error.problem


def test_a_size_that_is_not_the_stated_one(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", shared="x" * 5000)
    data = path.read_bytes()
    stated = len(f'<sst xmlns="{PLACE}"><si><t></t></si></sst>') + 5000
    assert data.count(stated.to_bytes(4, "little")) == 2  # before the member, and in the directory
    path.write_bytes(data.replace(stated.to_bytes(4, "little"), (100).to_bytes(4, "little")))
    assert "damaged" in refused(path).problem


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    laughs = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]>'
    shared = f'{laughs}<sst xmlns="{PLACE}"><si><t>&c;</t></si></sst>'
    assert "declares entities" in refused(workbook(tmp_path / "a.xlsx", **{"xl/sharedStrings.xml": shared})).problem


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "XL/workbook.xml"])
def test_names_that_lead_out_or_occur_twice(tmp_path: Path, name: str) -> None:
    assert "damaged" in refused(workbook(tmp_path / "a.xlsx", **{name: "x"})).problem


def test_members_that_overlap(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", **{"xl/b.xml": "<a/>", "xl/c.xml": "<a/>"})
    with zipfile.ZipFile(path) as archive:
        places = {m.filename: m.header_offset for m in archive.infolist()}
    data = path.read_bytes()
    cut = data.index(b"PK\x01\x02")
    directory = data[cut:].replace(places["xl/c.xml"].to_bytes(4, "little"), places["xl/b.xml"].to_bytes(4, "little"))
    path.write_bytes(data[:cut] + directory)
    assert "damaged" in refused(path).problem


def test_a_locked_member(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    assert "has a password" in refused(path).problem


def test_a_column_of_a_thousand_and_one(tmp_path: Path) -> None:
    error = refused(workbook(tmp_path / "a.xlsx", '<row r="3"><c r="ALM3"><v>1</v></c></row>'))
    assert "at most 1,000 columns" in error.problem


# Parquet


def test_folders_and_names_mean_nothing(tmp_path: Path) -> None:
    table = pa.Table.from_pylist(log_rows())
    for name in (
        "duration_in_seconds=60/year=1/h.parquet",
        "x=1.csv",
        "[a]*?.csv",
        "-v.csv",
        "s3:/h.parquet",
        "a'b;.pq",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path)
    rows = [tuple(row.values()) for row in log_rows()]
    (tmp_path / "time=noon").mkdir()
    (tmp_path / "time=noon" / "[b]*,x=1.csv").write_text(as_csv(log_rows()))
    found = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert len(found) == 7
    for path in found:
        with open_table(path, list(COLUMNS.values())) as opened:
            assert opened.connection.execute("SELECT * FROM raw ORDER BY rowid").fetchall() == rows, path


def test_more_rows_than_its_bytes_can_hold(tmp_path: Path) -> None:
    few = pa.table({"a": pa.array([1] * 3_000_000, pa.int8()), "b": pa.array(["x"] * 3_000_000)})
    pq.write_table(few, tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 20_000
    assert "says that it holds 3,000,000 rows" in refused(tmp_path / "a.parquet").problem


def test_parquet_with_too_many_columns(tmp_path: Path) -> None:
    pq.write_table(pa.table({f"c{i}": [1] for i in range(1001)}), tmp_path / "a.parquet")
    assert "1,001 columns, and at most 1,000" in refused(tmp_path / "a.parquet").problem


def test_parquet_with_nested_columns_and_moments_beyond_range(tmp_path: Path) -> None:
    rows = log_rows()
    deep = pa.array([[{"x": [i], "y": {"z": "a"}}] for i in range(CALLS)])
    far = pa.array([2**62] * CALLS, pa.timestamp("us"))
    pq.write_table(pa.table({"deep": deep, "far": far, "n": [r["year"] for r in rows]}), tmp_path / "a.parquet")
    with open_table(tmp_path / "a.parquet", ["n"]) as table:
        assert list(table.columns) == ["deep", "far", "n"] and table.count == CALLS
        assert table.one(f"SELECT DISTINCT {table.columns['n']} FROM raw") == ("2022",)


@pytest.mark.parametrize("at", [-8, -40, 60])
def test_parquet_with_a_changed_byte(tmp_path: Path, at: int) -> None:
    """Whatever it does to the parser, it is read or refused."""
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist(log_rows()), path)
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(bytes(data))
    try:
        with open_table(path) as table:
            assert table.count == CALLS
    except InputError as error:
        assert "Remedy:" in str(error)


# Delimited text and special files


def test_more_columns_than_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join([",".join(f"c{i}" for i in range(100_000)), ",".join("1" * 100_000)]) + "\n")
    assert "100,000 columns, and at most 1,000 are read" in refused(path).problem


def test_a_name_of_a_column_without_end(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"a,{'b' * 600},c\n1,2,3\n")
    assert "the name of column 2 is longer than 500" in refused(tmp_path / "a.csv").problem


@pytest.mark.parametrize(
    ("middle", "row"),
    [("x" * (9 << 20), 3), ('"' + "x\n" * (5 << 20) + '"', 3), ('"' + 'x""\n' * (2 << 20) + '"', 3)],
)
def test_a_cell_without_end(tmp_path: Path, middle: str, row: int) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + ROW + "1/31/2022,10:00:00,5," + middle + "\n")
    error = refused(path)
    assert "is longer than 2 MB" in error.problem and error.rows == (row,)


def test_blank_lines_without_end_are_no_rows(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + ROW + "\n" * (9 << 20) + ROW)
    with open_table(tmp_path / "a.csv") as table:
        assert table.count == 2 and "blank lines" in " ".join(table.source.notes)


def test_a_cell_longer_than_any_spreadsheet_holds(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + ROW + f"1/31/2022,10:00:00,5,{'y' * 40_000}\n")
    error = refused(tmp_path / "a.csv")
    assert "a cell of column 4 is longer than 32,767 characters" in error.problem and error.rows == (3,)


def test_records_are_found_over_the_borders_of_pieces(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Against a plain parser, for every size of a piece."""
    text = b'a,b\r\n1,"x\r\ny"\r\n\r\n2,3\r\n4,"' + b"z\n" * 20 + b'"\r\n5,6\r\n'
    (tmp_path / "a.csv").write_bytes(text)
    monkeypatch.setattr(limits, "LINE", 30)
    for size in range(1, 8):
        monkeypatch.setattr(opening, "CHUNK", size)
        with pytest.raises(InputError) as caught:
            records.count_records(tmp_path / "a.csv", tmp_path / "a.csv", ",", "\n")
        assert caught.value.rows == (4,), size
    monkeypatch.setattr(limits, "LINE", 60)
    assert records.count_records(tmp_path / "a.csv", tmp_path / "a.csv", ",", "\n").count == 4


def test_special_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", Path("/dev/zero")):
        assert "not a regular file" in refused(path).problem
    if Path("/proc/self/environ").exists():  # a file of the system, longer than it says
        assert refused(Path("/proc/self/environ")).problem


def test_a_file_of_holes(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("wb") as file:
        file.write((HEADER + ROW * 50_000).encode())
        file.truncate(1 << 40)
    assert "the rest is a hole" in refused(tmp_path / "a.csv").problem
    assert "the rest is a hole" in refused(tmp_path / "a.csv", files.fingerprint).problem


@pytest.mark.parametrize("how", ["grows", "another"])
def test_a_file_that_is_changed_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(as_csv(log_rows()))
    inspect = files.inspect_text

    def changing(*given: object, headless: bool) -> object:
        found = inspect(*given, headless=headless)  # type: ignore[arg-type]
        if how == "grows":
            with path.open("a") as file:
                file.write(ROW)
        else:
            shutil.copy(path, tmp_path / "b.csv")
            os.replace(tmp_path / "b.csv", path)
        return found

    monkeypatch.setattr(files, "inspect_text", changing)
    assert "changed while it was read" in refused(path).problem


def test_a_file_that_never_stops_growing(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + ROW * 200)
    ended = threading.Event()

    def feed() -> None:
        with path.open("a") as file:
            while not ended.is_set():
                file.write(ROW * 200)
                file.flush()
                time.sleep(0.001)

    feeder = threading.Thread(target=feed)
    feeder.start()
    try:
        assert "changed while it was read" in refused(path).problem
    finally:
        ended.set()
        feeder.join()


# The process that parses


def test_a_parser_that_never_ends_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "a.xlsx")
    monkeypatch.setattr(child, "START", "while True: pass")
    monkeypatch.setattr(limits, "SECONDS", 0.1)
    monkeypatch.setattr(limits, "PATIENCE", 5)
    assert "takes more than" in refused(path).problem


def test_a_parser_sees_no_secret_and_takes_its_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "import json, os, resource, sys; sys.path.insert(0, sys.argv[1]); from segkit.data import child; "
    said += "child._bound(json.load(sys.stdin)); r = [resource.getrlimit(getattr(resource, 'RLIMIT_' + n))[0] for n in "
    said += "('AS', 'CORE', 'FSIZE', 'CPU')]; print(json.dumps({'env': sorted(os.environ), 'limits': r}))"
    monkeypatch.setattr(child, "START", said)
    monkeypatch.setenv("SEGKIT_KEY", "a key for tests, of no other use")
    path = tmp_path / "a.csv"
    path.write_text(ROW)
    with path.open("rb") as source, (tmp_path / "b").open("wb") as target:
        answer = child.ask("sheet", path, source, target)
    assert set(answer["env"]) <= {*child.KEPT}
    assert answer["limits"][1:3] == [0, limits.text(len(ROW))]
    if sys.platform == "linux":
        assert answer["limits"][0] == limits.MEMORY


def test_a_parser_dies_with_its_parent(tmp_path: Path) -> None:
    """The parent is killed while the child parses; the child notes its number first, and would then wait for a minute."""
    note = tmp_path / "note"
    start = (
        "import json, os, sys, time; sys.path.insert(0, sys.argv[1]); from segkit.data import child; "
        f"child._bound(json.load(sys.stdin)); open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    )
    script = (
        f"import tempfile; from pathlib import Path; from segkit.data import child; child.START = {start!r}; "
        "f = tempfile.TemporaryFile(); child.ask('sheet', Path('a.xlsx'), f, f)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script])
    deadline = time.monotonic() + 60
    while not (note.exists() and note.read_text()):
        assert time.monotonic() < deadline and parent.poll() is None
        time.sleep(0.05)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert gone(int(note.read_text()))


LOADING = """
import sys
from pathlib import Path
from segkit.data import tables
tables.IN_MEMORY = 0
print("ready", flush=True)
while True:
    with tables.open_table(Path(sys.argv[1])) as table:
        table.connection.execute("CREATE TABLE parsed AS SELECT * FROM raw ORDER BY c0")
"""


def test_no_copy_of_the_rows_outlives_a_killed_load(tmp_path: Path, scratch: Path) -> None:
    """The text lies in a file without a name, and the database in a folder that the next command clears."""
    path = tmp_path / "a.csv"
    path.write_text(as_csv(log_rows() * 50), "utf-16")
    chance = random.Random(4)
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", LOADING, str(path)],
            stdout=subprocess.PIPE,
            env={**os.environ, "TMPDIR": str(scratch)},
        )
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        time.sleep(chance.uniform(0.05, 0.6))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert all(left.is_dir() for left in scratch.iterdir())  # no text with a name
        clear_folders(scratch)
        assert list(scratch.iterdir()) == []
