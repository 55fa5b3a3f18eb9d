"""Drafts of settings: what a file settles is filled in, what it does not settle is asked."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from small_log import COLUMNS, KEY, Row, as_csv, iso, log_rows, with_cells, with_column

from segkit import config
from segkit.data import Draft, draft_settings, load_events, raw_identifiers, write_draft
from segkit.data.headers import header_words
from segkit.errors import ConfigError, InputError

Write = Callable[..., Path]


def settings_of(draft: Draft, path: Path) -> config.Contacts:
    """Load the draft as the project does: laid over the settings of an empty project."""
    (path.parent / "segkit.toml").write_text("seed = 1\n")
    return config.load(path.parent, overlay=write_draft(path, draft, force=True)).contacts


def required(draft: Draft) -> list[str]:
    return [question.key for question in draft.questions if question.required]


def renamed(rows: list[Row], names: dict[str, str]) -> list[Row]:
    """Rename columns by role, and keep these alone."""
    return [{new: row[COLUMNS[role]] for role, new in names.items()} for row in rows]


def test_a_clean_file_needs_no_answer(write: Write) -> None:
    path = write(log_rows())
    draft = draft_settings(path)
    assert draft.confident and not required(draft)
    assert draft.columns == COLUMNS
    assert [q.key for q in draft.questions] == ["closed_days", "bands"]
    contacts = settings_of(draft, path)
    assert contacts.columns.used == COLUMNS
    assert (contacts.format.date_order, contacts.format.duration_unit) == ("month/day/year", "seconds")
    assert contacts.hours.bands == config.Hours().bands
    assert load_events(path, contacts, key=KEY).rows == 60


def test_the_draft_is_deterministic(write: Write) -> None:
    path = write(log_rows())
    assert draft_settings(path) == draft_settings(path)


def test_no_identifier_is_in_a_draft(write: Write) -> None:
    path = write(log_rows())
    draft = draft_settings(path)
    raw = raw_identifiers(path, settings_of(draft, path))
    assert not [x for x in raw.numbers | raw.names if x in draft.toml or x in repr(draft.questions)]


LANGUAGES = {
    "German": {
        "date": "Datum",
        "time": "Uhrzeit",
        "duration": "Dauer (Sekunden)",
        "contact": "Rufnummer",
        "name": "Name",
        "category": "Kategorie",
    },
    "French": {
        "date": "Date d'appel",
        "time": "Heure",
        "duration": "Durée en secondes",
        "contact": "Numéro de téléphone",
        "name": "Nom",
        "category": "Catégorie",
    },
    "Spanish": {
        "date": "Fecha",
        "time": "Hora",
        "duration": "Duración (segundos)",
        "contact": "Teléfono",
        "name": "Nombre",
        "category": "Categoría",
    },
    "Portuguese": {
        "date": "Data",
        "time": "Hora",
        "duration": "Duração (segundos)",
        "contact": "Telefone",
        "name": "Nome",
        "category": "Tipo",
    },
    "Dutch": {
        "date": "Datum",
        "time": "Tijdstip",
        "duration": "Duur (seconden)",
        "contact": "Telefoonnummer",
        "name": "Naam",
        "category": "Categorie",
    },
    "English": {
        "date": "Call Date",
        "time": "Start Time",
        "duration": "Talk Time (sec)",
        "contact": "callee",
        "name": "Customer Name",
        "category": "tag",
    },
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_headers_of_six_languages(write: Write, language: str) -> None:
    names = LANGUAGES[language]
    rows = renamed(with_column("date", lambda i, r: date.fromisoformat(iso(r)).strftime("%d.%m.%Y")), names)
    draft = draft_settings(write(as_csv(rows, ";").encode("cp1252")))
    assert draft.confident
    assert draft.columns == names
    assert 'date_order = "day/month/year"' in draft.toml and 'duration_unit = "seconds"' in draft.toml


def test_columns_without_telling_headers_are_known_by_their_cells(write: Write) -> None:
    names = {"date": "c1", "time": "c2", "contact": "c3", "duration": "c4", "weekday": "c5", "month": "c6"}
    draft = draft_settings(write(renamed(log_rows(), names)), {"duration_unit": "seconds"})
    assert draft.columns == names
    assert draft.confident
    assert {"duration", "contact"} <= {q.key for q in draft.questions if not q.required}


def test_date_and_time_in_one_column(write: Write) -> None:
    rows = [
        {"start": f"{iso(r)}T{r['time']}", "phone": r["dialled_phone_number"], "duration_s": r["duration_in_seconds"]}
        for r in log_rows()
    ]
    path = write(rows)
    draft = draft_settings(path)
    assert draft.confident and draft.columns == {"date": "start", "contact": "phone", "duration": "duration_s"}
    assert load_events(path, settings_of(draft, path), key=KEY).rows == 60


def test_order_that_no_date_settles_is_asked(write: Write) -> None:
    rows = renamed(
        with_column("date", lambda i, r: f"{1 + i // 12}/{1 + i % 12}/2022"),
        {k: COLUMNS[k] for k in ("date", "time", "duration", "contact")},
    )
    path = write(rows)
    draft = draft_settings(path)
    assert required(draft) == ["date_order"] and not draft.confident
    assert 'date_order = "?"' in draft.toml
    with pytest.raises(ConfigError, match=r"contacts\.format\.date_order"):
        settings_of(draft, path)
    answered = draft_settings(path, {"date_order": "day/month/year"})
    assert answered.confident and not required(answered)
    assert settings_of(answered, path).format.date_order == "day/month/year"


def test_order_settled_by_the_column_of_months(write: Write) -> None:
    def day(i: int) -> date:
        return date(2022, 1 + i % 12, 1 + i // 12)

    rows = with_column("date", lambda i, r: f"{day(i).day}/{day(i).month}/2022")
    rows = [{**row, "month": day(i).strftime("%B"), "day-of_week": day(i).strftime("%a")} for i, row in enumerate(rows)]
    draft = draft_settings(write(rows))
    assert draft.confident and 'date_order = "day/month/year"' in draft.toml
    assert "the month column agrees with this order alone" in draft.toml


@pytest.mark.parametrize("written", ["31/1/2022", "2022-01-31"])
def test_mixed_dates_are_asked(write: Write, written: str) -> None:
    draft = draft_settings(write(with_cells(date={5: written})))
    assert required(draft) == ["date_order"]
    assert "export them in one way" in draft.toml


@pytest.mark.parametrize(
    ("header", "make", "unit"),
    [
        ("Duration", lambda s: f"0:{s // 60:02}:{s % 60:02}", "h:mm:ss"),
        ("Duration", lambda s: f"{s // 60}:{s % 60:02}", "h:mm:ss"),
        ("Duration (min)", lambda s: f"{s / 60:.2f}", "minutes"),
        ("billsec", str, "seconds"),
        ("Duration", lambda s: str(s * 10), "seconds"),
        ("Duration", str, None),
        ("Duration", lambda s: f"{s / 60:.2f}", None),
    ],
    ids=[
        "h:mm:ss",
        "mm:ss",
        "minutes by header",
        "seconds by header",
        "seconds by size",
        "unknown",
        "unknown decimals",
    ],
)
def test_unit_of_duration(write: Write, header: str, make: Callable[[int], str], unit: str | None) -> None:
    rows = with_column("duration", lambda i, r: make(int(r["duration_in_seconds"])))
    path = write(renamed(rows, {**{k: v for k, v in COLUMNS.items() if k != "duration"}, "duration": header}))
    draft = draft_settings(path)
    assert draft.columns["duration"] == header and draft.columns["time"] == "time"
    assert f'duration_unit = "{unit or "?"}"' in draft.toml
    assert required(draft) == ([] if unit else ["duration_unit"])


def test_offsets_that_differ_ask_for_the_time_zone(write: Write) -> None:
    path = write(with_column("time", lambda i, r: r["time"] + ("+01:00" if i < 30 else "+02:00")))
    draft = draft_settings(path)
    assert required(draft) == ["time_zone"] and "2 different offsets" in draft.toml
    answered = draft_settings(path, {"time_zone": "Europe/Berlin"})
    assert answered.confident
    assert load_events(path, settings_of(answered, path), key=KEY).rows == 60


def test_one_offset_is_no_hindrance(write: Write) -> None:
    path = write(with_column("time", lambda i, r: r["time"] + "+02:00"))
    draft = draft_settings(path)
    assert draft.confident and "time_zone" in [q.key for q in draft.questions]
    assert settings_of(draft, path).format.time_zone is None


def test_weekday_with_few_calls_is_suggested_as_closed(write: Write) -> None:
    """The log runs over 60 days from a Monday; without its Fridays and Saturdays these are the quiet days."""
    rows = [r for r in log_rows() if r["day-of_week"] not in ("Friday", "Saturday")]
    path = write(rows)
    draft = draft_settings(path)
    assert settings_of(draft, path).hours.closed_days == ("Friday", "Saturday")
    question = next(q for q in draft.questions if q.key == "closed_days")
    assert question.options[0] == "Friday, Saturday" and not question.required
    assert "Friday 0.0%" in question.reason


def test_answers_on_hours(write: Write) -> None:
    path = write(log_rows())
    draft = draft_settings(path, {"closed_days": "none", "bands": "night 0-6, day 7-19, evening 20-23", "k": "3"})
    contacts = settings_of(draft, path)
    assert contacts.hours.closed_days == () and contacts.k == 3
    assert contacts.hours.bands == {"night": (0, 6), "day": (7, 19), "evening": (20, 23)}
    assert draft.questions == ()


def test_few_contacts_lower_k(write: Write) -> None:
    path = write(log_rows())
    contacts = settings_of(draft_settings(path), path)
    assert (contacts.k, contacts.k_max) == (2, 6)
    many = with_column("contact", lambda i, r: f"55501{i % 30:04}")
    assert "k = " not in draft_settings(write(many, "many.csv")).toml


def test_likely_doubles_are_asked_and_answered(write: Write) -> None:
    path = write(with_cells(contact={0: "+1 555010100", 12: "0555010100"}))
    draft = draft_settings(path)
    assert draft.confident and "normalise_numbers" in [q.key for q in draft.questions]
    assert settings_of(draft, path).format.normalise_numbers is False
    assert settings_of(draft_settings(path, {"normalise_numbers": "true"}), path).format.normalise_numbers is True


def test_two_numbers_per_call_are_asked(write: Write) -> None:
    rows = [{**row, "caller": f"4440101{i % 10:02}"} for i, row in enumerate(log_rows())]
    rows = [{("callee" if k == COLUMNS["contact"] else k): v for k, v in row.items()} for row in rows]
    path = write(rows)
    draft = draft_settings(path)
    assert required(draft) == ["contact"] and 'contact = "?"' in draft.toml
    question = draft.questions[0]
    assert set(question.options[:2]) == {"caller", "callee"}
    assert draft_settings(path, {"contact": "callee"}).columns["contact"] == "callee"


def test_own_number_is_not_taken_for_the_contact(write: Write) -> None:
    rows = [{**row, "caller_number": "444010100" if i % 2 else "444010101"} for i, row in enumerate(log_rows())]
    rows = [{("callee_number" if k == COLUMNS["contact"] else k): v for k, v in row.items()} for row in rows]
    assert draft_settings(write(rows)).columns["contact"] == "callee_number"


def test_a_file_of_something_else_asks_for_everything(write: Write) -> None:
    draft = draft_settings(write("a,b,c\nx,y,z\nu,v,w\n"))
    assert not draft.confident
    assert {"date", "duration", "contact", "date_order", "duration_unit"} <= set(required(draft))


def test_an_optional_role_can_be_answered_with_none(write: Write) -> None:
    assert "category" not in draft_settings(write(log_rows()), {"category": "none"}).columns


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("colour", "blue"),
        ("contact", "no such column"),
        ("contact", "none"),
        ("date_order", "y/m/d"),
        ("duration_unit", "hours"),
        ("time_zone", "Mars/Base"),
        ("closed_days", "Sonntag"),
        ("closed_days", "Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday"),
        ("bands", "day 8-17"),
        ("bands", "all day"),
        ("normalise_numbers", "perhaps"),
        ("k", "1"),
        ("k", "many"),
    ],
)
def test_answers_that_are_none(write: Write, key: str, value: str) -> None:
    with pytest.raises(ConfigError, match="Remedy"):
        draft_settings(write(log_rows()), {key: value})


@pytest.mark.parametrize("name", ['quoted "contact" phone', "back\\slash phone", "tab\tphone", "téléphone ☎"])
def test_awkward_column_names_survive(write: Write, name: str) -> None:
    rows = [{(name if k == COLUMNS["contact"] else k): v for k, v in row.items()} for row in log_rows()]
    path = write(rows)
    draft = draft_settings(path)
    assert tomllib.loads(draft.toml)["contacts"]["columns"]["contact"] == name
    assert load_events(path, settings_of(draft, path), key=KEY).units == 12


def test_file_name_with_line_breaks_stays_a_comment(write: Write) -> None:
    draft = draft_settings(write(log_rows(), "a\nk = 9 #.csv"))
    assert tomllib.loads(draft.toml)["contacts"]["k"] == 2


def test_draft_is_written_beside_the_file_and_not_over_another(write: Write) -> None:
    path = write(log_rows())
    draft = draft_settings(path)
    target = write_draft(path, draft)
    assert target == path.with_name("calls.csv.toml") and target.read_text("utf-8") == draft.toml
    target.write_text("mine")
    with pytest.raises(InputError, match="exist already"):
        write_draft(path, draft)
    assert target.read_text() == "mine"
    write_draft(path, draft, force=True)
    assert target.read_text("utf-8") == draft.toml
    assert sorted(p.name for p in path.parent.iterdir()) == ["calls.csv", "calls.csv.toml"]


def test_draft_that_cannot_be_written(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(log_rows())

    def fail(*args: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "link", fail)
    with pytest.raises(InputError, match="Read-only file system"):
        write_draft(path, draft_settings(path))
    assert [p.name for p in path.parent.iterdir()] == ["calls.csv"]


def test_workbook_is_drafted(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Date", "Duration", "Phone"])
    for row in log_rows():
        moment = datetime.fromisoformat(f"{iso(row)} {row['time']}")
        sheet.append([moment, int(row["duration_in_seconds"]) * 10, int(row["dialled_phone_number"])])
    path = tmp_path / "calls.xlsx"
    book.save(path)
    draft = draft_settings(path)
    assert draft.confident and draft.columns == {"date": "Date", "duration": "Duration", "contact": "Phone"}
    assert load_events(path, settings_of(draft, path), key=KEY).rows == 60


def test_header_words() -> None:
    assert header_words("callStart_Time (UTC)") == ["call", "start", "time", "utc"]
