"""Who is at the other end: never the own line, on whichever side of the call it is."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from small_log import KEY

from segkit import config
from segkit.data import EventLog, draft_settings, load_events, raw_identifiers, write_draft
from segkit.data.sides import way
from segkit.data.tables import open_table
from segkit.errors import InputError
from segkit.privacy import keyed

Write = Callable[..., Path]
Call = tuple[str, str, str]  # caller, called, direction
OWN, OTHER = "2025550190", "2025550191"
PEOPLE = [f"20255501{n:02}" for n in range(1, 9)]
HEADER = ("Caller", "Called Number", "Direction")


def calls(words: tuple[str, str] = ("I", "O"), own: Sequence[str] = (OWN,), count: int = 48) -> list[Call]:
    """Return calls of eight people, in and out by turns of a fixed draw; several own lines take turns as well."""
    draw = random.Random(5)
    made = []
    for i in range(count):
        who, line = PEOPLE[draw.randrange(8) if i >= 8 else i], own[i % len(own)]
        made.append((who, line, words[0]) if draw.random() < 0.5 else (line, who, words[1]))
    return made


def log_of(made: Sequence[Call], header: Sequence[str] = HEADER) -> str:
    lines = [f"Call Start,{','.join(header)},Seconds"]
    for i, call in enumerate(made):
        cells = ",".join(call[: len(header)])
        lines.append(f"2024-01-{2 + i % 28:02} {8 + i % 10:02}:{i % 60:02}:00,{cells},{20 + 7 * i}")
    return "\n".join(lines) + "\n"


def settings(header: Sequence[str] = HEADER, own: Sequence[str] = (), **columns: str) -> config.Contacts:
    roles = dict(zip(("caller", "called", "direction"), header, strict=False))
    return config.Contacts.model_validate({
        "columns": {"date": "Call Start", "duration": "Seconds", **roles, **columns},
        "format": {"date_order": "year-month-day", "own": list(own)},
    })  # fmt: skip


def units(log: EventLog) -> dict[str, int]:
    """Return calls by keyed contact."""
    found = log.events.column("unit").to_pylist()
    return {unit: found.count(unit) for unit in set(found)}


def by_hand(made: Sequence[Call], own: Sequence[str] = (OWN,)) -> dict[str, int]:
    others = [called if caller in own else caller for caller, called, _ in made]
    return {keyed(who, KEY): others.count(who) for who in set(others)}


def test_the_contact_is_the_other_party(write: Write) -> None:
    made = calls()
    log = load_events(write(log_of(made)), settings(), key=KEY)
    assert (log.rows, log.units) == (48, 8)
    assert units(log) == by_hand(made)


@pytest.mark.parametrize(
    "own", [(), (OWN,), (f"+1 (202) 555-01{OWN[-2:]}",)], ids=["found", "given", "given otherwise"]
)
def test_the_own_number_decides_where_no_column_does(write: Write, own: Sequence[str]) -> None:
    made = calls()
    log = load_events(write(log_of(made, HEADER[:2])), settings(HEADER[:2], own), key=KEY)
    assert units(log) == by_hand(made)
    told = [note for note in log.audit.notes if "taken for your own line" in note]
    assert bool(told) == (not own)
    assert not [note for note in log.audit.notes if OWN in note]


def test_both_ways_to_tell_agree(write: Write) -> None:
    made = calls(own=(OWN, OTHER))
    way_alone = load_events(write(log_of(made)), settings(), key=KEY)
    own_alone = load_events(write(log_of(made, HEADER[:2])), settings(HEADER[:2], (OWN, OTHER)), key=KEY)
    assert way_alone.events.equals(own_alone.events) and units(own_alone) == by_hand(made, (OWN, OTHER))


WORDS = [
    ("Incoming", "Outgoing"), ("inbound", "OUTBOUND"), ("eingehend", "ausgehend"), ("Eingehender Anruf", "Ausgehender Anruf"),
    ("Entrant", "Sortant"), ("Entrante", "Saliente"), ("Recebida", "Efetuada"), ("In entrata", "In uscita"),
    ("Inkomend", "Uitgaand"), ("Missed", "Dialled"), ("verpasst", "gewählt"), ("IN", "OUT"),
]  # fmt: skip


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words[0])
def test_words_for_directions(write: Write, words: tuple[str, str]) -> None:
    made = calls(words, own=(OWN, OTHER, "2025550192"))
    path = write(log_of(made))
    draft = draft_settings(path)
    assert {r: draft.columns[r] for r in ("caller", "called", "direction")} == dict(
        zip(("caller", "called", "direction"), HEADER, strict=True)
    )
    log = load_events(path, settings(), key=KEY)
    assert units(log) == by_hand(made, (OWN, OTHER, "2025550192"))


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("missed outgoing", "out"),
        ("in or out", None),
        ("internal", "internal"),
        ("Answered", None),
        ("", None),
        ("i", "in"),
    ],
)
def test_a_cell_of_directions(write: Write, cell: str, told: str | None) -> None:
    with open_table(write(f'x,y\n"{cell}",1\n')) as table:
        assert table.one(f"SELECT {way(table.text('x'))} FROM raw") == (told,)


def test_calls_between_own_lines_are_set_aside_and_said(write: Write, tmp_path: Path) -> None:
    made = [*calls(own=(OWN, OTHER)), (OWN, OTHER, "O"), (OTHER, OWN, "I"), (PEOPLE[0], PEOPLE[1], "Internal")]
    log = load_events(write(log_of(made)), settings(own=(OWN, OTHER)), key=KEY, quarantine=tmp_path / "aside")
    assert units(log) == by_hand(made[:-3], (OWN, OTHER))
    assert [(q.gate, q.count, q.first_rows) for q in log.audit.quarantined] == [("internal", 3, (50, 51, 52))]
    assert any("3 rows were set aside at the gate" in note for note in log.audit.notes)


def test_own_lines_that_nobody_named_are_said(write: Write) -> None:
    made = [*calls(own=(OWN, OTHER)), (OWN, OTHER, "O")]
    log = load_events(write(log_of(made)), settings(), key=KEY)
    assert any(note.startswith("1 contact is also on your side of other calls") for note in log.audit.notes)


def refused(path: Path, given: config.Contacts) -> str:
    with pytest.raises(InputError) as caught:
        load_events(path, given, key=KEY)
    assert not [number for number in (*PEOPLE, OWN, OTHER) if number in str(caught.value)]
    return str(caught.value)


def test_a_call_without_an_own_side_is_named(write: Write) -> None:
    made = [*calls(), (PEOPLE[0], PEOPLE[1], "?")]
    error = refused(write(log_of(made)), settings())
    assert "1 row has no own number on one side and no word for in or out (row 50)" in error
    assert 'column "Caller / Called Number"' in error and "own = [" in error
    assert "48 rows have no own number" in refused(
        write(log_of(calls(own=(OWN, OTHER)), HEADER[:2])), settings(HEADER[:2])
    )


def test_a_direction_against_the_own_number_is_named(write: Write) -> None:
    made = [*calls(), (OWN, PEOPLE[0], "I")]
    assert "1 row has a word for in or out that the side of the own number contradicts (row 50)" in refused(
        write(log_of(made)), settings()
    )


def test_an_own_number_in_no_row_is_said_without_it(write: Write) -> None:
    log = load_events(write(log_of(calls())), settings(own=(OWN, "4930123456")), key=KEY)
    assert "1 number of your own is in no row." in log.audit.notes


def test_own_numbers_and_one_column(write: Write) -> None:
    """The column of contacts has an own number where the call was internal."""
    made = [(who, "", "") for who, _, _ in [(PEOPLE[i % 8], "", "") for i in range(20)]] + [(OWN, "", "")]
    log = load_events(write(log_of(made, ("Number",))), settings((), (OWN,), contact="Number"), key=KEY)
    assert (log.rows, log.units) == (20, 8)


def test_own_numbers_stay_out_of_what_is_published(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGKIT_KEY", "k" * 32)
    given, other = settings(own=(OWN,)), settings(own=(OTHER,))
    for text in (repr(given), str(given.model_dump(mode="json")), given.model_dump_json()):
        assert OWN not in text
    assert given.model_dump(mode="json") != other.model_dump(mode="json")  # results are computed anew
    assert given.model_dump(mode="json")["format"]["own"] == [keyed(OWN, b"k" * 32)]
    found = raw_identifiers(write(log_of(calls())), settings(own=("+12025550190",)))
    assert {OWN, "+12025550190", *PEOPLE} == found.numbers  # and are searched for on its pages


# --- what `segkit init` drafts


def drafted(path: Path, **answers: str) -> tuple[dict[str, str], list[str], config.Contacts | None]:
    """Return the columns of a draft, its required questions, and its settings where none is left."""
    draft = draft_settings(path, answers)
    (path.parent / "segkit.toml").write_text("seed = 1\n")
    assert OWN not in draft.toml + repr(draft.questions) or OWN in answers.get("own", "")
    asked = [question.key for question in draft.questions if question.required]
    chosen = tomllib.loads(draft.toml)["contacts"]["columns"]
    loaded = None if asked else config.load(path.parent, overlay=write_draft(path, draft, force=True)).contacts
    return chosen, asked, loaded


@pytest.mark.parametrize("header", [HEADER, HEADER[:2], ("From", "To"), ("Number 1", "Number 2", "Way")], ids=str)
def test_two_sides_are_drafted_and_read(write: Write, header: Sequence[str]) -> None:
    made = calls()
    path = write(log_of(made, header))
    chosen, asked, given = drafted(path)
    assert not asked and "contact" not in chosen
    assert [chosen[role] for role in ("caller", "called", "direction") if role in chosen] == list(header)
    assert given is not None
    assert units(load_events(path, given, key=KEY)) == by_hand(made)


def test_sides_without_a_name_are_told_by_the_words(write: Write) -> None:
    """The first column is the one that is called."""
    made = [(called, caller, word) for caller, called, word in calls()]
    chosen, asked, _ = drafted(write(log_of(made, ("Number 1", "Number 2", "Way"))))
    assert not asked and (chosen["caller"], chosen["called"]) == ("Number 2", "Number 1")


def test_an_own_line_in_one_column_leaves_the_other_to_the_contacts(write: Write) -> None:
    """Names say what they say: the own line calls in every row, and the contacts are called."""
    made = [(OWN, who, "O") for who, *_ in [(PEOPLE[i % 8],) for i in range(40)]]
    chosen, asked, _ = drafted(write(log_of([*made, (OTHER, PEOPLE[0], "O")], ("Phone", "Number", "Way"))))
    assert not asked and chosen["contact"] == "Number"


def test_directions_that_contradict_the_own_number_are_asked(write: Write) -> None:
    made = calls(("O", "I"))
    assert drafted(write(log_of(made)))[1] == ["contact"]


def test_several_own_lines_are_asked_for_and_answered(write: Write) -> None:
    made = calls(own=(OWN, OTHER))
    path = write(log_of(made, HEADER[:2]))
    assert drafted(path)[1] == ["own"]
    chosen, asked, given = drafted(path, own=f"{OWN}, {OTHER}")
    assert not asked and chosen["caller"] == "Caller" and given is not None
    assert units(load_events(path, given, key=KEY)) == by_hand(made, (OWN, OTHER))


def test_columns_of_numbers_that_nothing_tells_apart_are_asked(write: Write) -> None:
    made = calls(own=(OWN, OTHER))
    path = write(log_of(made, ("Phone", "Mobile")))
    assert drafted(path)[1] == ["contact"]
    assert drafted(path, contact="Phone")[0]["contact"] == "Phone"
    assert drafted(path, caller="Phone", called="Mobile")[1] == ["own"]
