"""Settings that cannot be meant are refused, and the message names them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from segkit.config import Config, Hours, load, merge, project_root
from segkit.contract import CONTRACTS, CRM
from segkit.errors import ConfigError

COLUMNS = '[contacts.columns]\ndate = "day"\nduration = "seconds"\ncontact = "number"\n'


def project(folder: Path, text: str, columns: str = COLUMNS) -> Path:
    (folder / "segkit.toml").write_text(f"{text}\n{columns}", "utf-8")
    return folder


def contacts(folder: Path, line: str) -> Config:
    return load(project(folder, f"[contacts]\n{line}"))


def test_three_columns_are_enough_and_the_rest_has_defaults(tmp_path: Path) -> None:
    config = load(project(tmp_path, ""))
    found = config.contacts
    # Defaults as published: four bands, Sundays closed, K = 4, 50 restarts, seed 42, 1 %, 10, 95 %.
    assert config.seed == 42
    assert (found.k, found.k_min, found.k_max, found.restarts) == ("auto", 2, 12, 50)
    assert (found.clip, found.cap, found.long_call_quantile, found.as_of) == (0.01, 10, 0.95, None)
    assert found.breaks == config.customers.breaks == "found"
    assert found.hours.bands == {
        "early_morning": (0, 7), "business_hours": (8, 17), "evening": (18, 20), "late_night": (21, 23),
    }  # fmt: skip
    assert found.hours.closed_days == ("Sunday",)
    assert set(found.gates.model_dump().values()) == {"stop"}
    assert config.root == tmp_path


def test_breaks_may_be_dates_or_texts_in_any_order(tmp_path: Path) -> None:
    known = ((date(2024, 5, 6), date(2024, 6, 3)), (date(2024, 8, 7), date(2024, 8, 7)))
    for line in (
        "[[2024-08-07, 2024-08-07], [2024-05-06, 2024-06-03]]",
        '[["2024-05-06", "2024-06-03"], ["2024-08-07", "2024-08-07"]]',
    ):
        assert contacts(tmp_path, f"breaks = {line}").contacts.breaks == known
    assert contacts(tmp_path, "breaks = []").contacts.breaks == ()


def test_the_settings_of_this_report_are_the_defaults() -> None:
    shipped = load(Path(__file__).parents[2])
    plain = Config.model_validate({"contacts": {"columns": shipped.contacts.columns}})
    assert all(shipped.parameters(s) == plain.parameters(s) for s in CONTRACTS)


def test_the_columns_of_the_shipped_file_are_the_first_names_of_known_exports() -> None:
    text = (Path(__file__).parents[2] / "segkit.toml").read_text("utf-8")
    part = text.partition("# [channels.columns]")[2].partition("[channels.evidence]")[0]
    listed = dict(line.removeprefix("# ").split(" = ") for line in part.splitlines()[1:] if line)
    assert listed == {role.name: f'"{role.aliases[0]}"' for role in CRM.roles}


def test_contacts_have_defaults(tmp_path: Path) -> None:
    found = load(project(tmp_path, "")).channels
    assert (found.k, found.k_min, found.k_max, found.restarts, found.minimum) == ("auto", 2, 8, 20, 20)
    assert (found.detector, found.score_unit, found.date_order, found.as_of) == ("taxonomy", "auto", None, None)
    assert found.columns.used == {}


BANDS = "[contacts.hours.bands]\n"
WRONG = {
    "unknown key": ("[contacts]\nrestart = 5", r"contacts\.restart: no such setting; do you mean restarts"),
    "unknown key far from any": ("[contacts]\nzzz = 5", r"contacts\.zzz: no such setting(?!;)"),
    "unknown table": ("[contact]\nk = 4", r"contact: no such setting; do you mean contacts"),
    "unknown key two levels down": ("[contacts.gates]\ntimestamps = 'stop'", r"gates\.timestamps: .* mean timestamp"),
    "root": ("root = 'elsewhere'", "root: no such setting"),
    "no table": ("contacts = 3", "contacts: "),
    "k of one": ("[contacts]\nk = 1", r"contacts\.k: "),
    "k as text": ("[contacts]\nk = 'four'", r"contacts\.k: "),
    "k_max below k_min": ("[contacts]\nk_min = 6\nk_max = 5", "contacts: k_max is below k_min"),
    "k_max": ("[contacts]\nk_max = 51", r"contacts\.k_max: "),
    "restarts": ("[contacts]\nrestarts = 0", r"contacts\.restarts: "),
    "clip": ("[contacts]\nclip = 0.5", r"contacts\.clip: "),
    "cap": ("[contacts]\ncap = 0", r"contacts\.cap: "),
    "cap that is no number": ("[contacts]\ncap = nan", r"contacts\.cap: "),
    "quantile": ("[contacts]\nlong_call_quantile = 1", r"contacts\.long_call_quantile: "),
    "moment": ("[contacts]\nas_of = 'yesterday'", r"contacts\.as_of: "),
    "moment with an offset": ("[contacts]\nas_of = 2024-10-04T20:15:16Z", r"contacts\.as_of: .*without an offset"),
    "breaks": ("[contacts]\nbreaks = 'some'", r'contacts\.breaks: give "found", "none", or pairs'),
    "break of one day": (
        "[contacts]\nbreaks = ['2024-08-07']",
        r"contacts\.breaks: give .* pairs of a first and a last day",
    ),
    "break without an end": ("[customers]\nbreaks = [['2024-08-07']]", r"customers\.breaks: give .* pairs"),
    "break that ends first": (
        "[contacts]\nbreaks = [[2024-09-27, 2024-08-07]]",
        r"contacts\.breaks: a break ends before",
    ),
    "breaks that overlap": (
        "[contacts]\nbreaks = [[2024-08-07, 2024-09-27], [2024-01-01, 2024-08-07]]",
        r"contacts\.breaks: .* overlap",
    ),
    "order of dates": ("[contacts.format]\ndate_order = 'day first'", r"format\.date_order: "),
    "unit": ("[contacts.format]\nduration_unit = 'hours'", r"format\.duration_unit: "),
    "time zone": (
        "[contacts.format]\ntime_zone = 'Europe/Berlun'",
        r"format\.time_zone: no time zone .*'Europe/Berlun'",
    ),
    "time zone of a continent": ("[contacts.format]\ntime_zone = 'Europe'", r"format\.time_zone: no time zone"),
    "time zone outside": ("[contacts.format]\ntime_zone = '../Berlin'", r"format\.time_zone: no time zone"),
    "gate": ("[contacts.gates]\nmissing = 'ignore'", r"gates\.missing: "),
    "weekday": ("[contacts.hours]\nclosed_days = ['Sonntag']", r"hours\.closed_days\.0: "),
    "closed every day": (
        "[contacts.hours]\nclosed_days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']",
        "contacts.hours: .*closed every day",
    ),
    "bands that overlap": (BANDS + "day = [0, 12]\nnight = [12, 23]", "contacts.hours: .*exactly once"),
    "bands with a gap": (BANDS + "day = [0, 11]\nnight = [13, 23]", "contacts.hours: .*exactly once"),
    "band past midnight": (BANDS + "day = [0, 23]\nnight = [22, 4]", "'night'.*split a band that passes midnight"),
    "band of no such hour": (BANDS + "day = [0, 24]", "'day' does not run"),
    "band without an end": (BANDS + "day = [0, 99999999999]", "'day' does not run"),
    "band of one number": (BANDS + "day = [0]", r"hours\.bands\.day"),
    "name of a band": (BANDS + '"Day time" = [0, 23]', "band name 'Day time'"),
    "name of a band with a line end": (BANDS + '"day\\n" = [0, 23]', "band name"),
    "name of a band that is taken": (BANDS + "closed_day = [0, 23]", "'closed_day' is taken"),
    "contacts of a combination": ("[channels]\nminimum = 0", r"channels\.minimum: "),
    "detector": ("[channels]\ndetector = 'words'", r"channels\.detector: "),
    "unit of a score": ("[channels]\nscore_unit = 'cents'", r"channels\.score_unit: "),
    "order of dates of contacts": ("[channels]\ndate_order = 'day first'", r"channels\.date_order: "),
    "moment of contacts": ("[channels]\nas_of = 2024-10-04T20:15:16Z", r"channels\.as_of: .*without an offset"),
    "k_max of contacts": ("[channels]\nk_min = 6\nk_max = 5", "channels: k_max is below k_min"),
    "k of leads": ("[personas]\nk = 1", r"personas\.k: "),
    "contacts without a number": (
        "[channels.columns]\ncreated = 'a'\nreferrer = 'b'",
        r"channels\.columns: id is missing",
    ),
    "contacts without a date": (
        "[channels.columns]\nid = 'a'\nreferrer = 'b'",
        r"channels\.columns: created is missing",
    ),
    "contacts without a source": (
        "[channels.columns]\nid = 'a'\ncreated = 'b'\nlikelihood = 'c'",
        r"channels\.columns: no source is named",
    ),
    "undecided": (
        "[contacts.format]\ndate_order = '?'",
        r"1 setting is still to be decided: contacts\.format\.date_order",
    ),
    "undecided in a list": (
        "[contacts.hours]\nclosed_days = ['?']",
        r"1 setting is still to be decided: contacts\.hours\.closed_days",
    ),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, message: str) -> None:
    columns = COLUMNS if "contacts = 3" not in text else ""
    with pytest.raises(ConfigError, match=message) as caught:
        load(project(tmp_path, text, columns))
    assert caught.value.file == tmp_path / "segkit.toml"
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("", r"contacts: Field required"),
        (
            '[contacts.columns]\ndate = "day"\ncontact = "number"',
            r"contacts\.columns: name the column of lengths as `duration`",
        ),
        (COLUMNS + 'name = "number"', r"contacts\.columns: one column plays several roles: contact, name"),
        (COLUMNS + 'label = "kind"', r"contacts\.columns\.label: no such setting"),
        (COLUMNS.replace('"number"', '"?"'), r"contacts\.columns\.contact"),
    ],
)
def test_wrong_columns_are_named(tmp_path: Path, columns: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load(project(tmp_path, "", columns))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        contacts(tmp_path, "k = 1\nclip = 7\nrestart = 2")
    assert all(part in str(caught.value) for part in ("contacts.k:", "contacts.clip:", "contacts.restart:"))


def test_all_open_questions_are_told_at_once(tmp_path: Path) -> None:
    text = "[contacts.format]\ndate_order = '?'\nduration_unit = '?'"
    with pytest.raises(ConfigError, match="2 settings are still to be decided") as caught:
        load(project(tmp_path, text))
    assert "contacts.format.date_order, contacts.format.duration_unit" in str(caught.value)


def test_a_moment_may_be_written_as_text_or_as_a_time(tmp_path: Path) -> None:
    for line in ('as_of = "2024-10-04 20:15:16"', "as_of = 2024-10-04T20:15:16"):
        assert contacts(tmp_path, line).contacts.as_of == datetime(2024, 10, 4, 20, 15, 16)


def test_a_known_time_zone_is_kept_and_an_empty_one_is_none(tmp_path: Path) -> None:
    zone = load(project(tmp_path, '[contacts.format]\ntime_zone = "Africa/Johannesburg"')).contacts.format.time_zone
    assert zone == "Africa/Johannesburg"
    assert load(project(tmp_path, '[contacts.format]\ntime_zone = ""')).contacts.format.time_zone is None


def test_bands_may_be_of_any_number_and_in_any_order() -> None:
    assert len(Hours(bands={"late": (12, 23), "noon": (11, 11), "early": (0, 10)}).bands) == 3


def test_the_settings_beside_a_file_win(tmp_path: Path) -> None:
    text = "[contacts]\nk = 5\nrestarts = 7\n[contacts.hours.bands]\nday = [0, 11]\nnight = [12, 23]"
    project(tmp_path, text, COLUMNS + 'category = "kind"')
    overlay = tmp_path / "calls.csv.toml"
    overlay.write_text(
        "[contacts]\nk = 3\n"
        '[contacts.columns]\ndate = "Datum"\nduration = "Dauer"\ncontact = "Nummer"\n'
        "[contacts.hours.bands]\nalways = [0, 23]"
    )
    found = load(tmp_path, overlay=overlay).contacts
    assert (found.k, found.restarts) == (3, 7)
    assert found.columns.category is None  # the columns of one file say nothing about another's
    assert found.columns.date == "Datum"
    assert found.hours.bands == {"always": (0, 23)}


def test_a_fault_in_the_settings_beside_a_file_is_laid_to_them(tmp_path: Path) -> None:
    overlay = project(tmp_path, "") / "calls.csv.toml"
    overlay.write_text("[contacts]\nk = 1")
    with pytest.raises(ConfigError, match=r"contacts\.k") as caught:
        load(tmp_path, overlay=overlay)
    assert caught.value.file == overlay


def test_merging_leaves_the_layers_alone() -> None:
    one, two = {"a": {"b": 1}, "bands": {"x": 1}}, {"a": {"c": 2}, "bands": {"y": 2}}
    assert merge(one, two) == {"a": {"b": 1, "c": 2}, "bands": {"y": 2}}
    assert (one, two) == ({"a": {"b": 1}, "bands": {"x": 1}}, {"a": {"c": 2}, "bands": {"y": 2}})


def test_a_file_that_is_not_toml_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"not TOML: .*line 1") as caught:
        load(project(tmp_path, "k == 4"))
    assert caught.value.file == tmp_path / "segkit.toml"


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"], ids=["missing", "not text"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "segkit.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=r"segkit\.toml: the settings cannot be read"):
        load(tmp_path)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "segkit.toml").write_bytes(b"\xef\xbb\xbf" + COLUMNS.encode())
    assert load(tmp_path).contacts.columns.date == "day"


def test_the_project_is_the_nearest_folder_with_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path, "")
    below = tmp_path / "chapters" / "deep"
    below.mkdir(parents=True)
    assert project_root(below) == tmp_path.resolve()
    monkeypatch.chdir(below)
    assert load().root == tmp_path.resolve()


def test_a_folder_outside_of_any_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no segkit\.toml here or above"):
        project_root(tmp_path)


def test_parameters_are_what_results_depend_on(tmp_path: Path) -> None:
    def parameters(text: str) -> dict[str, object]:
        return load(project(tmp_path, text)).parameters("contacts")

    plain = parameters("")
    assert parameters('[contacts]\ndata = "elsewhere.csv"\n[site]\nurl = "https://example.org"') == plain
    for text in ("seed = 43", "[contacts]\nk = 5", "[contacts.hours]\nclosed_days = []", "[contacts]\ncap = 9"):
        assert parameters(text) != plain


@pytest.mark.parametrize("name", ["repository", "url"])
@pytest.mark.parametrize(
    "address",
    [
        "javascript:window.__pwn=1", "JAVASCRIPT://x", "data:text/html,x", "file:///etc/passwd", "//example.org", "example.org",
        "https://", "https:///x", "https://me:secret@example.org", "https://me@example.org", 'https://example.org/"x',
        "https://example.org/'x", "https://example.org/a b", "https://example.org/a\\tb", "https://example.org/\\n",
        "https://example.org/)x", "https://example.org/<x>", "https://example.org/`x", "https://example.org/{x}",
        "https://example.org/$x$", "https://example.org/*x*", "https://example.org/?a=b", "https://example.org/#x",
        "https://-x.org", "https://example.org:x/", "https://example.org\\u2028", "https://ex\\u0430mple.org",
        "https://example.org/" + "x" * 500, "",
    ],
)  # fmt: skip
def test_addresses_are_plain_web_addresses(tmp_path: Path, name: str, address: str) -> None:
    quoted = address.replace('"', '\\"')
    with pytest.raises(ConfigError, match=rf"site\.{name}: this is no plain web address"):
        load(project(tmp_path, f'[site]\n{name} = "{quoted}"'))


@pytest.mark.parametrize(
    "address",
    [
        "https://segkit.github.io/segkit/",
        "http://localhost:8000/a_b/~c/%20d+e",
        "https://example.org",
        "https://a.b-c.org/x",
    ],
)
def test_web_addresses_are_taken_as_they_are(tmp_path: Path, address: str) -> None:
    assert load(project(tmp_path, f'[site]\nurl = "{address}"')).site.url == address
