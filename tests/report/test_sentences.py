"""What pages say: true, grammatical, complete, whatever the data are."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace as Plain

import pandas as pd
import pytest
from report_project import BARE, Made, at_k, open_new, project, small_calls, unescaped, with_small_segment, write_log
from said import bullets, markdown, said

from segkit.data.audit import EventAudit
from segkit.data.breaks import Breaks, declared
from segkit.engine.meaning import Cards
from segkit.report import breaks, captions, event_audit, event_segments, findings, layout, tables
from segkit.report.prose import GAP, percent
from segkit.studies.contacts import CALLS, TERMS, ContactsStudy

pytest_plugins = ["report_project"]
pytestmark = pytest.mark.usefixtures("downloads")

CHOSEN = ("n_calls", "total_dur_sec", "median_dur_sec", "recency_days")
LONG = 6  # words from which a text is a sentence


def meant(cards: Cards, left: dict[int, int | None]) -> pd.DataFrame:
    """Return of a policy how many units of each segment its rules are for: all, where nothing else is said."""
    rows = [(c.id, c.name, c.size, left.get(c.id, c.size)) for c in cards]
    frame = pd.DataFrame(rows, columns=["segment", "name", "contacts", "meant"])
    return frame.astype({"contacts": "Float64", "meant": "Float64"})


def portraits(made: Made) -> dict[int, str]:
    """Return what the page on meaning tells of each segment, by its number."""
    known = {"off_hours": made.off_hours, "measures": CALLS, "policy": Plain(table=meant(made.cards, {}))}
    text = said("interpretation", "portraits", **known, _cards=made.cards, profile=made.profile)
    _, *told = re.split(r"^### .*\n\n", text, flags=re.M)
    return {c.id: one.strip() for c, one in zip(made.cards, told, strict=True)}


def sentences(made: Made, study: ContactsStudy) -> Iterator[tuple[str, str]]:
    """Yield every sentence of the segments, by the function that says it."""
    cards, profile, found, chosen = made.cards, made.profile, made.segments, made.k_selection
    labels = made.features.labels
    axes = captions.axis_names(made.projection, labels)
    titles = [(f, labels[f]) for f in CHOSEN]
    yield "concentration", event_segments.concentration(cards, profile, CALLS, TERMS)
    yield "lead", event_segments.lead(cards, CALLS, TERMS)
    yield "silenced", findings.silenced(made.matrix)
    yield "naming", findings.naming(cards)
    yield "apart", said("interpretation", "apart", segments=found, _cards=cards).replace(" [@rousseeuw1987]", "")
    yield from (("portrait", text) for text in portraits(made).values())
    yield from (("limits", text) for text in findings.limits(study.provenance, TERMS))
    for points in (True, False):
        yield "map", captions.map_caption(made.projection, found.labels, cards, axes, TERMS, points=points)
    yield "map alt", captions.map_alt(cards, axes, TERMS)
    yield "profile", event_segments.profile_caption(cards, profile, CALLS, TERMS)
    yield "profile alt", captions.profile_alt(cards, titles)
    yield "silhouette", captions.silhouette_caption(found, cards)
    yield "silhouette alt", captions.silhouette_alt(found, cards)
    for shown in (
        event_segments.segment_medians(cards, profile, CALLS, TERMS), tables.k_table(chosen),
        tables.category_mix(cards, profile, made.features, TERMS),
        event_segments.off_hours(cards, profile, made.features, [f for f, _ in made.off_hours], TERMS),
    ):  # fmt: skip
        yield "table", re.sub(r" \[CSV\].*$", "", shown.markdown.splitlines()[-2])


def says(label: str, audit: EventAudit, found: Breaks | None = None, *, public: bool = True) -> str:
    """Return what a cell of the page on the audit says; no break is declared where none is given."""
    return said(
        "audit",
        label,
        audit=audit,
        breaks=found or named(audit),
        _public=public,
        features=Plain(thresholds={CALLS.limit: 60.0}),
        measures=CALLS,
        large_quantile=0.9,
    )


def named(audit: EventAudit, *pairs: tuple[date, date]) -> Breaks:
    """Return breaks that the settings name."""
    return declared(pairs, audit.first.date(), audit.last.date())


def told(audit: EventAudit, found: Breaks) -> Iterator[tuple[str, str]]:
    """Yield every sentence of an audit, by the function that says it."""
    yield from ((label, says(label, audit)) for label in ("clock", "lengths", "doubles"))
    for function in (event_audit.clock_caption, event_audit.clock_alt):
        yield function.__name__, function(audit, TERMS)
    for public in (True, False):
        yield "months", event_audit.months_caption(audit, found, TERMS, public=public)
        for label in ("lead", "breaks"):
            yield label, says(label, audit, found, public=public).replace(" [@przyborowski1940]", "")
        if shown := breaks.breaks_table(found, TERMS, exact=public):
            yield "breaks table", re.sub(r" \[CSV\].*$", "", shown.markdown.splitlines()[-2])
        yield "months alt", event_audit.months_alt(audit, TERMS, public=public)
    yield from (("notes", text) for text in bullets(says("notes", audit)))
    for shown in (
        event_audit.file_columns(audit, TERMS), event_audit.gates(audit, TERMS), event_audit.amounts(audit, TERMS, public=True),
        event_audit.clock_table(audit, TERMS),
        event_audit.weekdays(audit, TERMS), event_audit.categories(audit, TERMS),
    ):  # fmt: skip
        yield "table", re.sub(r" \[CSV\].*$", "", shown.markdown.splitlines()[-2])


def read(name: str, text: str) -> None:
    """Hold one text against what every sentence has to be."""
    assert text == text.strip() and "  " not in text, (name, text)
    assert not re.search(r"\b(nan|None(?! of)|NaT|inf|NA)\b", text), (name, text)
    assert not re.search(r"(?<!\u00a0)%", text), (name, text)  # a per cent sign never starts a line
    assert text.replace("**", "").endswith("."), (name, text)
    assert not re.search(r"\.\.|\s[.,;]|,,|\(\)|“”", text), (name, text)
    assert text.count("**") in (0, 2), (name, text)
    for one in re.findall(r"(?<![\d.,])1 (\w+)", text):
        assert not one.endswith("s") or one in ("s", "is", "silhouette"), (name, text)
    assert not re.search(r"\b(one|1) (calls|days|rows|segments|contacts|groups|columns|times|months|checks)\b", text), (
        text
    )
    assert not re.search(
        r"\b([2-9]|\d\d+|two|three|four|five|six) (call|day|row|segment|contact|group|month|check)\b", text
    ), text
    for sentence in re.split(r"(?<=[a-z%s])\. ", text.replace("**", "")):
        assert sentence[0].isupper() or sentence[0].isdigit() or sentence[0] == "“", (name, sentence)


@pytest.mark.parametrize("k", [2, 3, 4, 6])
def test_sentences_on_the_simulation(simulated: ContactsStudy, k: int) -> None:
    made = at_k(simulated, k)
    for name, text in sentences(made, simulated):
        read(name, text)


def test_sentences_with_a_segment_too_small_to_show(simulated: ContactsStudy) -> None:
    made = with_small_segment(simulated)
    texts = dict(sentences(made, simulated))
    for name, text in sentences(made, simulated):
        read(name, text)
    assert "The sizes of two segments are not shown" in texts["lead"]
    assert "too small to be shown aside" in texts["concentration"]
    whole = "\n".join(text for _, text in sentences(made, simulated))
    hidden = {c.id: made.segments.sizes[c.id] for c in made.cards if c.size is None}
    assert len(hidden) == 2
    for size in hidden.values():
        assert not re.search(rf"\b{size:,} (contacts|of)", whole)
    assert "-0.9" not in whole.replace("\N{MINUS SIGN}", "-")  # the silhouette of the small segment
    assert "too few contacts to be described" in whole and "whose size is not shown" in whole


def test_sentences_say_what_the_numbers_say(simulated: ContactsStudy) -> None:
    made = at_k(simulated, 4)
    frame = made.features.frame.assign(segment=made.segments.labels)
    core = frame[frame["segment"] == made.cards.of("core")[0].id]
    share = 100 * len(core) / len(frame)
    calls = 100 * core["n_calls"].sum() / frame["n_calls"].sum()
    talk = 100 * core["total_dur_sec"].sum() / frame["total_dur_sec"].sum()
    assert event_segments.concentration(made.cards, made.profile, CALLS, TERMS) == (
        f"{len(core)} of 2,091 contacts ({share:.1f}{GAP}%) account for {calls:.1f}{GAP}% of the calls and {talk:.1f}{GAP}% "
        "of the talk time."
    )
    assert "typically with a single call" in event_segments.lead(made.cards, CALLS, TERMS)
    text = portraits(made)[made.cards.of("core")[0].id]
    sunday = percent(float((core["share_closed_day"] > 0).mean()))  # with the digits of the table on the same page
    assert f"{sunday} on closed days" in text
    assert f"{core['n_calls'].median():g} calls on {core['n_days_active'].median():g} days" in text


def whom(made: Made, left: dict[int, int | None], asked: tuple[str, ...], labels: bool = True) -> str:
    """Return what the page on decisions says of whom the rules are for."""
    features = made.features if labels else dataclasses.replace(made.features, columns=())
    settings = Plain(columns=Plain(not_business=asked))
    return said("decisions", "meant", policy=Plain(table=meant(made.cards, left)), settings=settings, features=features)


def test_whom_the_rules_are_for(simulated: ContactsStudy) -> None:
    made = at_k(simulated, 4)
    core, deep = made.cards.of("core")[0], made.cards.of("deep")[0]
    none, unasked = whom(made, {}, (), labels=False), whom(made, {}, ())
    assert none.startswith(
        "The log has no labels that would tell business from family or staff, so each rule is for all"
    )
    assert "sec-labels" not in none and none.endswith("by hand.")
    assert unasked.startswith("The settings name none of the labels of the log as no business, so each rule is for all")
    some = whom(made, {core.id: 100, deep.id: None}, ("Family", "Staff"))
    assert some.startswith(
        "The settings name “Family” and another label as no business. Contacts most of whose calls carry"
    )
    assert f"Left are 100 of {core.size} in “{core.name}”." in some
    assert f"How many are left in “{deep.name}” is not shown, since it would tell of few." in some
    assert "as no business. Contacts most of whose calls carry such a label" in some
    assert "The other label is carried by too few contacts, if by any, to be named here" in some
    alone, more = whom(made, {}, ("Staff",)), whom(made, {}, ("Family", "Staff", "Kin"))
    assert alone.startswith(
        "The settings name one label as no business. It is carried by too few contacts, if by any, to be"
    )
    assert (
        "They are carried by too few" in whom(made, {}, ("Staff", "Kin")) and "“Family” and two labels more as" in more
    )
    assert not any(name in text for text in (some, alone, more) for name in ("Staff", "Kin"))
    assert "No segment has any of them." in whom(made, {}, ("Family",))
    for text in (
        none,
        unasked,
        some,
        alone,
        more,
        whom(made, {}, ("Family",)),
        whom(made, {core.id: 100, deep.id: 50}, ("Family",)),
    ):
        read("meant", text)


def test_a_card_says_of_what_its_segment_is_made_and_for_how_many_its_action_is(simulated: ContactsStudy) -> None:
    made = at_k(simulated, 4)
    core = made.cards.of("core")[0]
    told = event_segments.composition(made.cards, made.profile, made.features, {core.id: 100})
    frame = made.features.frame.assign(segment=made.segments.labels)
    shares = {c.label: frame.loc[frame["segment"] == core.id, c.name].mean() for c in made.features.columns
              if c.block == "category"}  # fmt: skip
    first = max(shares, key=lambda label: shares[label])
    assert told[core.id][0][1].startswith(f"“{first}” {percent(shares[first], 0)}")
    assert told[core.id][1] == ("action is for", f"100 of {core.size}")
    assert all(len(own) == 1 for s, own in told.items() if s != core.id)
    small = with_small_segment(simulated)
    told = event_segments.composition(small.cards, small.profile, small.features, {c.id: 3 for c in small.cards})
    assert all(name != "action is for" for c in small.cards if c.size is None for name, _ in told[c.id])
    bare = dataclasses.replace(made.features, columns=())
    assert set(map(len, event_segments.composition(made.cards, made.profile, bare, {}).values())) == {0}


def test_few_contacts_are_not_counted_out(simulated: ContactsStudy) -> None:
    """A share that covers one to four contacts of a segment is neither in a sentence, nor in a table, nor in its CSV."""
    made = at_k(simulated, 4)
    frame = made.features.frame.assign(segment=made.segments.labels)
    deep = made.cards.of("deep")[0]
    late = int((frame.loc[frame["segment"] == deep.id, "share_late_night"] > 0).sum())
    assert 0 < late < 5  # else this test would say nothing
    assert "fewer than five in late night hours" in portraits(made)[deep.id]
    shown = event_segments.off_hours(made.cards, made.profile, made.features, [f for f, _ in made.off_hours], TERMS)
    row = next(r for r in shown.markdown.split("<tr>") if deep.name in r)
    assert row.count("–") == 1 and "would tell of fewer than five contacts" in shown.markdown
    out = tables.named(made.profile.table, made.cards).set_index(["segment", "feature"])
    for (segment, feature), line in out.iterrows():
        if feature.startswith(("share", "category")):
            active = int((frame.loc[frame["segment"] == segment, feature] > 0).sum())
            least = 10 if feature.startswith("category") else 5  # what tells of a person needs more contacts
            assert line[["mean", "share_any"]].isna().all() == (0 < active < least), (segment, feature)


@dataclasses.dataclass(frozen=True)
class Log:
    """Settings of a small log, and what sets its calls apart: a break, rows that cannot be used, repeated rows."""

    settings: dict[str, str] = dataclasses.field(default_factory=dict)
    skip: tuple[int, int] = (0, 0)
    bad: int = 0
    repeated: int = 0


LOGS = {
    "plain": Log(),
    "break": Log(skip=(30, 45)),
    "no closed day": Log({"closed_days": "[]"}),
    "two closed days": Log({"closed_days": '["Saturday", "Sunday"]'}),
    "one bad row": Log({"timestamp": '"quarantine"'}, bad=1),
    "three bad rows": Log({"timestamp": '"quarantine"'}, bad=3),
    "one repeated row": Log(repeated=1),
}


@pytest.fixture(scope="module")
def audits(closed_off: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], EventAudit]:
    @cache
    def make(name: str) -> EventAudit:
        log = LOGS[name]
        folder = tmp_path_factory.mktemp("log")
        calls = small_calls(skip=log.skip)
        calls += calls[: log.repeated]
        bad = [("2/30/2022", "10:00:00", "60", "555010099", "Family")] * log.bad
        root = project(folder, k=3, settings={**BARE, **log.settings})
        return open_new(root, write_log(folder / "calls.csv", calls, bad)).audit

    return make


@pytest.mark.parametrize("name", LOGS)
def test_sentences_on_any_log(audits: Callable[[str], EventAudit], name: str) -> None:
    audit = audits(name)
    days = [audit.first.date() + timedelta(days=n) for n in (3, 4, 9, 12, 20)]
    several = named(audit, (days[0], days[1]), (days[2], days[3]))
    for found in (named(audit), named(audit, (days[0], days[0])), several, dataclasses.replace(several, how="found"),
                  dataclasses.replace(named(audit), how="found")):  # fmt: skip
        for function, text in told(audit, dataclasses.replace(found, table=found.table.assign(p=0.01))):
            read(function, text)
        assert not event_audit.verdict(audit, found, TERMS).endswith(".")  # a few words, not a sentence


def test_a_log_that_breaks_off(audits: Callable[[str], EventAudit]) -> None:
    audit = audits("break")
    (run,) = audit.silent.itertuples()
    found = named(audit, (run.start.date(), run.end.date()))
    by_rhythm = dataclasses.replace(found, how="found", table=found.table.assign(p=1e-9))
    text = says("lead", audit, by_rhythm)
    assert (
        "It has one break, in which its own rhythm makes silence improbable: 15 of its 120 days." in text
    )  # days 30 to 44
    assert "It lasts 15 days, 2 Feb 2022 to 16 Feb 2022. What counts days leaves it out." in text.replace(GAP, " ")
    assert "Feb 2022 to Feb 2022" in says("lead", audit, by_rhythm, public=False).replace(GAP, " ")
    assert "The settings name one break: 15 of its 120 days." in says("lead", audit, found)
    assert "count the other 105 days" in says("breaks", audit, by_rhythm)
    shown = unescaped(breaks.breaks_table(by_rhythm, TERMS, exact=True).markdown)  # type: ignore[union-attr]
    assert "2022-02-02" in shown and "below 0.0001" in shown and "**One break holds 12.5" in shown
    assert "2022-02-02" not in breaks.breaks_table(by_rhythm, TERMS, exact=False).markdown  # type: ignore[union-attr]
    assert "A band marks the break of the log." in event_audit.months_caption(audit, found, TERMS)
    assert event_audit.verdict(audit, found, TERMS) == "usable, one break of 15 days"
    none = says("lead", audit)
    assert (
        "The log is silent for a week or longer once; the silence lasts 15 days. By the settings it is no break" in none
    )
    rare = says("lead", audit, dataclasses.replace(named(audit), how="found"))
    assert "By its own rhythm that is not improbable, so every day counts." in rare
    plain = audits("plain")
    assert "no break of a week or longer" in says("lead", plain) or "every day" in says("lead", plain)
    assert "The log has no break." in event_audit.months_caption(plain, named(plain), TERMS)
    assert breaks.breaks_table(named(plain), TERMS, exact=True) is None


def test_one_bad_row_and_several(audits: Callable[[str], EventAudit]) -> None:
    one, three = audits("one bad row"), audits("three bad rows")
    rows = len(small_calls())
    assert f"once 1 row of {rows + 1:,} is set aside" in says("lead", one)
    assert f"once 3 rows of {rows + 3:,} are set aside" in says("lead", three)
    assert f"{rows:,} calls of 40 contacts remain" in says("lead", three)
    assert event_audit.verdict(one, named(one), TERMS) == "usable, 1 row set aside"
    assert "**One check found a row that cannot be used.** It is in a side file" in unescaped(
        event_audit.gates(one, TERMS).markdown
    )
    assert "**One check found rows that cannot be used.** They are in a side file" in unescaped(
        event_audit.gates(three, TERMS).markdown
    )
    assert sum("aside" in text for text in bullets(says("notes", one))) == 1  # said once, not twice


def test_closed_days(audits: Callable[[str], EventAudit]) -> None:
    assert says("clock", audits("plain")).endswith("fall on the closed day (Sunday).")
    assert says("clock", audits("two closed days")).endswith("fall on closed days (Saturday and Sunday).")
    assert says("clock", audits("no closed day")).endswith("; every day counts as open.")
    assert event_audit.clock_caption(audits("plain"), TERMS).endswith(" The closed day has a second colour.")
    assert event_audit.clock_caption(audits("two closed days"), TERMS).endswith(" Closed days have a second colour.")
    assert event_audit.clock_caption(audits("no closed day"), TERMS).endswith("busiest day.**")


def test_repeated_rows_are_counted(audits: Callable[[str], EventAudit]) -> None:
    assert says("doubles", audits("one repeated row")).startswith(
        "1 row repeats another to the letter; it is kept, and counts like any other."
    )
    audit = audits("plain")
    several = dataclasses.replace(audit, load=dataclasses.replace(audit.load, duplicates=3, likely_doubles=1))
    assert says("doubles", several).startswith(
        "3 rows repeat others to the letter; they are kept, and count like any other."
    )
    assert "1 group of identifiers may be one contact" in says("doubles", several)


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([], "The file has no column that repeats the date."),
        ([("year", "jaar", 9, 0)], "The column that repeats the date (“jaar”) agrees with it in every row."),
        (
            [("year", "jaar", 9, 1)],
            "The column that repeats the date (“jaar”) disagrees with it in 1 cell; the date is used.",
        ),
        (
            [("year", "jaar", 9, 2), ("month", "<b>", 9, 0)],
            "The columns that repeat the date (“jaar” and “<b>”) disagree with it in 2 cells; the date is used.",
        ),
        (
            [("year", "jaar", 9, math.nan)],  # of private data, one to four
            "The column that repeats the date (“jaar”) disagrees with it in a few cells; the date is used.",
        ),
    ],
)
def test_redundant_columns(
    audits: Callable[[str], EventAudit], rows: list[tuple[str, str, int, float]], text: str
) -> None:
    audit = audits("plain")
    against = pd.DataFrame(rows, columns=["role", "column", "checked", "disagree"])
    audit = dataclasses.replace(audit, load=dataclasses.replace(audit.load, disagreements=against))
    assert says("doubles", audit).endswith(text)
    assert "<b>" not in markdown("audit", "doubles", audit=audit)  # the page shows a column's name and does not read it


def test_none_and_all_are_words(private: ContactsStudy) -> None:
    """Busy contacts of the small log have calls on Sundays, all of them, and none at night."""
    made = at_k(private, 2)
    texts = {c.archetype: portraits(made)[c.id] for c in made.cards}
    assert "none in late night hours and all on closed days" in texts["core"]
    shown = event_segments.off_hours(made.cards, made.profile, made.features, ["share_late_night"], TERMS)
    assert "No segment leads in every column." in unescaped(shown.markdown)  # nobody calls at night
    shown = event_segments.off_hours(
        made.cards, made.profile, made.features, ["share_evening", "share_closed_day"], TERMS
    )
    assert f"“{made.cards.of('core')[0].name}” leads in every column." in unescaped(shown.markdown)


def test_names_are_given_once_with_their_reason(simulated: ContactsStudy) -> None:
    for k in (2, 4, 8):
        made = at_k(simulated, k)
        text = findings.naming(made.cards)
        assert all(text.count(f"“{c.name}”") == 1 and c.reason in text for c in made.cards)
        assert text.count(" for having") == len({c.reason for c in made.cards})


def test_two_silenced_blocks(simulated: ContactsStudy) -> None:
    made = at_k(simulated, 4)
    for loud, says in (
        (["volume", "duration", "recency"], "leaves timing almost no weight: it holds"),
        (["volume", "duration"], "they hold so little"),
    ):
        values = made.matrix.values.copy()
        quiet = [i for i, c in enumerate(made.matrix.columns) if not any(c in made.matrix.blocks[b] for b in loud)]
        values[:, quiet] *= 1e-3
        text = findings.silenced(dataclasses.replace(made.matrix, values=values))
        assert says in text and text.startswith("Scaling leaves ") and " almost no weight: " in text
        read("silenced", text)
    even = dataclasses.replace(made.matrix, values=made.matrix.values / made.matrix.values.std(axis=0))
    assert findings.silenced(even).startswith("The block with the least say, recency, holds 10")  # 2 of 20 columns


def test_hostile_categories_reach_no_page_as_markup(tmp_path: Path) -> None:
    """The commonest category is markup; so it is a row, a column heading, and a cell of two CSV files."""
    for label in ("<img src=x onerror=alert(1)>", "$x$ and $y$", "[a](javascript:alert(1))", "=1+1", "segment"):
        folder = tmp_path / str(abs(hash(label)))
        study = open_new(project(folder, k=3, settings=BARE), write_log(folder / "calls.csv", small_calls(label=label)))
        made = at_k(study, 3)
        for shown in (
            event_audit.categories(study.audit, TERMS),
            tables.category_mix(made.cards, made.profile, made.features, TERMS),
        ):
            raw = shown.markdown.split("```")[1]
            assert "<img" not in raw and (label in raw or "&lt;img" in raw)
            outside = "".join(shown.markdown.split("```")[::2])
            assert label not in outside or label == "segment"
        for name in ("categories.csv", "category-mix.csv"):
            text = (folder.parent / "downloads" / name).read_text("utf-8")
            assert not re.search(r"(^|,)\"?=", text, re.M)
        assert made.cards[1].name in tables.category_mix(made.cards, made.profile, made.features, TERMS).markdown


def test_cards_of_hidden_segments_say_why(simulated: ContactsStudy) -> None:
    shown = layout.card_grid(
        with_small_segment(simulated).cards, event_segments.facts_of(CALLS, TERMS, {}), TERMS
    ).markdown
    assert shown.count("not shown") == 2
    assert shown.count("too few contacts") == 1 and shown.count("it would give a small segment away") == 1


def test_the_size_of_a_small_segment_is_in_no_download(simulated: ContactsStudy, downloads: Path) -> None:
    made = with_small_segment(simulated)
    table = made.k_selection.table.assign(smallest=[3, 50, 4, 5, 60])
    tables.k_table(dataclasses.replace(made.k_selection, table=table))
    assert pd.read_csv(downloads / "k.csv")["smallest"].isna().tolist() == [True, False, True, False, False]
    event_segments.segment_medians(made.cards, made.profile, CALLS, TERMS)
    left = set(pd.read_csv(downloads / "segments.csv")["segment"])
    assert left == {c.id for c in made.cards if c.size is not None}
