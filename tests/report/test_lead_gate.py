"""What the page on data and people says, for files whose fault is planted or whose numbers are given."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "engine"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "data"))
from leads_made import FIELDS, noise, stacked, table
from report_project import closed, closed_off, downloads
from said import bullets, markdown, said
from small_leads import HEADER, KEY, rows, settings, text

from segkit.contract import LEADS
from segkit.data.harmonised import Harmonised, harmonised
from segkit.data.lead_columns import ROLES, Change, LeadColumn, SetAside
from segkit.data.leads import LeadTable, load_leads
from segkit.engine.cross_validated import Area
from segkit.engine.leakage import Leakage, leakage
from segkit.inference.missingness import Missingness, missingness
from segkit.report import lead_gate, lead_gate_figures, lead_gate_tables

__all__ = ["closed", "closed_off", "downloads"]
matplotlib.use("agg")
TERMS = LEADS.terms
COLUMNS = tuple(LeadColumn(f, ROLES[f][0], "category", ROLES[f][1], ROLES[f][2]) for f in FIELDS)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def tell(label: str, found: Missingness, leaks: Leakage | None = None) -> str:
    return plain(
        said("data", label, TERMS, "personas", gate=found, leaks=leaks or no_leaks(), columns=COLUMNS, **names())
    )


def names() -> dict[str, object]:
    return {"_lead_gate": lead_gate}


def no_leaks(**verdicts: str) -> Leakage:
    """Return a result with the given verdicts; other columns tell nothing."""
    rank = [*verdicts, *(f for f in FIELDS if f not in verdicts)]
    frame = pd.DataFrame({"column": rank, "auc": np.linspace(0.9, 0.5, len(rank))})
    frame["low"], frame["high"], frame["auc_known"], frame["pure"] = (
        frame["auc"] - 0.02,
        frame["auc"] + 0.02,
        frame["auc"],
        0.0,
    )
    frame["verdict"] = [verdicts.get(c, "none") for c in rank]
    frame["reason"] = [f"because of {c}" if c in verdicts else "" for c in rank]
    out = {v: tuple(c for c in rank if verdicts.get(c) == v) for v in ("leaks", "kept")}
    return Leakage(frame, out["leaks"], out["kept"], {"level": 0.95}, 1)


@pytest.fixture(scope="module")
def whole() -> Missingness:
    """One export in which nothing has to do with anything."""
    return missingness(table(400, "gate/whole"), noise(400, "gate/whole"), seed=1)


@pytest.fixture(scope="module")
def exports() -> Missingness:
    """Two exports of which one has rates of 4 percent, and the other of 96."""
    frame, outcome, _ = stacked(600, "gate/exports")
    return missingness(frame, outcome, seed=1)


def with_area(found: Missingness, flag: str, value: float, low: float, high: float) -> Missingness:
    return replace(found, flag=flag, auc=Area(value, low, high, 400, 110))


def test_without_a_fault_the_page_says_so_and_claims_no_more(whole: Missingness) -> None:
    assert whole.flag == "none" and len(whole.block_table) == 1
    lead = tell("lead", whole)
    assert lead.startswith(
        "Nothing here speaks for the data alone. The rows form one block, and which fields are missing"
    )
    assert f"{whole.auc.value:.2f} ({whole.auc.low:.2f} to {whole.auc.high:.2f})" in lead and "left out" not in lead
    assert bullets(tell("cannot", whole)) == [
        "That fields are missing by chance. What was not asked, or not answered, may hang on the person; only the warning signs "
        "that this page looks for are absent."
    ]
    assert tell("meaning", whole).startswith("The personas need not be artefacts")
    assert tell("auc", whole).endswith("No flag is raised.")
    assert lead_gate.verdict(whole) == "nothing that speaks for the data alone"


def test_stacked_exports_open_the_page_with_the_warning(exports: Missingness) -> None:
    assert exports.flag == "stop" and len(exports.block_table) == 2
    lead = tell("lead", exports)
    assert lead.startswith(
        "**It may be the data and not the people.** Which fields are missing tells almost alone who converts"
    )
    size = int((exports.blocks == 1).sum())
    assert (
        f"two blocks that differ in which fields are filled. The study uses only the largest, with {size} of 600 leads"
        in lead
    )
    assert "Nothing here" not in lead
    cannot = bullets(tell("cannot", exports))
    assert len(cannot) == 4 and cannot[2] == (
        f"Anything about the {600 - size} leads outside the largest block: they take no part in the personas."
    )
    rates = exports.block_table.set_index("block")["rate"]
    assert f"rates from {rates[1] * 100:.1f} % in block 1 to {rates[2] * 100:.1f} % in block 2 belong" in cannot[3]
    assert tell("meaning", exports).startswith("Decide nothing by these personas.")
    assert tell("meaning", exports).endswith("What follows holds for the largest block alone.")
    assert "Here there are two, and the rates of some differ" in tell("blocks", exports)
    assert re.fullmatch(
        r"perhaps the data and not the people: AUC of the missing flags alone 0\.9\d; two blocks of rows",
        lead_gate.verdict(exports),
    )


def test_a_red_flag_is_less_than_a_stop(whole: Missingness) -> None:
    red = with_area(whole, "red", 0.8, 0.75, 0.85)
    assert tell("lead", red).startswith(
        "**A red flag: missing fields tell who converts.** The missing flags alone reach an AUC of 0.80"
    )
    assert len(bullets(tell("cannot", red))) == 1 and "Part of it may be how complete" in tell("cannot", red)
    assert tell("meaning", red).startswith("Before acting on a persona")
    assert lead_gate.verdict(red) == "red flag: AUC of the missing flags alone 0.80"


def test_blocks_without_a_flag_and_a_stop_without_blocks(whole: Missingness, exports: Missingness) -> None:
    quiet = with_area(exports, "none", 0.5, 0.45, 0.55)
    assert tell("lead", quiet).startswith(
        "**The file looks like several exports under each other.** Its rows fall into two blocks"
    )
    assert tell("meaning", quiet).startswith("What follows holds for the largest block. Find out")
    assert lead_gate.verdict(quiet) == "two blocks of rows"
    alone = with_area(whole, "stop", 0.95, 0.93, 0.97)
    assert "block" not in tell("lead", alone) and len(bullets(tell("cannot", alone))) == 2
    assert tell("meaning", alone).startswith("Decide nothing") and "largest block" not in tell("meaning", alone)


def test_an_area_that_cannot_be_measured_or_may_be_chance_raises_no_flag(whole: Missingness) -> None:
    nan = float("nan")
    none = with_area(whole, "none", nan, nan, nan)
    assert tell("lead", none).endswith("too few leads converted, or did not, to say whether missing fields predict it.")
    assert tell("auc", none).startswith("Too few leads") and "nan" not in tell("auc", none) + tell("lead", none)
    wide = with_area(whole, "none", 0.75, 0.45, 1.0)
    assert tell("auc", wide).endswith("No flag is raised: the interval includes it.")


def test_a_block_of_few_is_not_counted(exports: Missingness) -> None:
    blocks = pd.Series(np.where(np.arange(600) < 595, 1, 2), index=exports.blocks.index)
    few = replace(exports, blocks=blocks)
    assert "with all but a few of the 600 leads." in tell("lead", few)
    assert bullets(tell("cannot", few))[2].startswith("Anything about the few leads outside")


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "No row is equal"), (4, "Fewer than ten rows are equal"), (120, "120 of 400 rows (30 %) are equal")],
)
def test_duplicates_are_counted_from_ten_on(whole: Missingness, number: int, words: str) -> None:
    found = replace(whole, duplicates=number)
    assert tell("duplicates", found).startswith(words)
    assert ("count twice" in tell("limits", found)) == bool(number)


def test_missing_fields_are_counted(whole: Missingness) -> None:
    assert tell("gaps", whole).startswith("Every field has missing values.")
    frame = table(400, "gate/full", missing=0.0)
    full = missingness(frame, noise(400, "gate/full"), seed=1)
    assert tell("gaps", full).startswith("No field has a missing value.")
    one = missingness(frame.assign(state=frame["state"].mask(np.arange(400) < 90)), noise(400, "gate/full"), seed=1)
    assert tell("gaps", one).startswith("One of eight fields has missing values.")
    for found in (full, one):
        lead_gate_figures.missing_figure(found, COLUMNS)
        lead_gate_figures.count_figure(found, TERMS)
        assert "nan" not in lead_gate_figures.missing_alt(found, COLUMNS, TERMS) + lead_gate_figures.count_alt(
            found, TERMS
        )
    assert plain(lead_gate_figures.missing_caption(one, COLUMNS, TERMS)).startswith(
        "**“State” is missing for 22.5 % of the leads.**"
    )
    assert lead_gate_figures.missing_caption(full, COLUMNS, TERMS).startswith(
        "**No field has missing values that may be told.**"
    )
    assert tell("count", full).startswith("There are not two numbers")


def test_rates_by_number_of_missing_fields_are_told_with_their_intervals(whole: Missingness) -> None:
    """10 of 100 and 60 of 100: 5.5 to 17.4 and 50.2 to 69.1 percent (Wilson 1927)."""
    frame = pd.DataFrame(
        {"missing_fields": [1, 2, "other"], "units": [100, 100, 12], "conversions": [10, 60, 6], "rate": [0.1, 0.6, 0.5],
         "low": [0.055, 0.502, 0.25], "high": [0.174, 0.691, 0.75]}
    )  # fmt: skip
    found = replace(whole, by_count=frame)
    assert tell("count", found).startswith("The intervals of the lowest and the highest rate have nothing in common")
    caption = plain(lead_gate_figures.count_caption(found, TERMS))
    assert (
        caption.startswith("**From 10 % with one field missing to 60 % with two fields missing.**")
        and "“other”" in caption
    )
    whole_numbers = replace(found, by_count=frame.iloc[:2].astype({"missing_fields": int}))
    assert plain(lead_gate_figures.count_caption(whole_numbers, TERMS)).startswith(
        "**From 10 % with one field missing to"
    )
    near = replace(found, by_count=frame.assign(low=[0.05, 0.1, 0.2]))
    assert "overlap" in tell("count", near) and "which may be chance.**" in lead_gate_figures.count_caption(near, TERMS)


def test_shares_of_fewer_than_ten_are_dashes_in_figure_and_words(whole: Missingness) -> None:
    filled = whole.filled.copy()
    filled.loc[1, "state"] = 396 / 400  # four leads have none
    filled.loc[1, "gender"] = 5 / 400  # five leads have one
    found = replace(whole, filled=filled)
    shares = lead_gate_figures.missing_shares(found, COLUMNS)
    assert shares.loc[["State", "Gender"]].isna().all(axis=None) and shares.notna().sum().sum() == 6
    lead_gate_figures.missing_figure(found, COLUMNS)
    assert "A dash stands for" in lead_gate_figures.missing_caption(found, COLUMNS, TERMS)
    assert "State" not in lead_gate_figures.missing_alt(found, COLUMNS, TERMS)


def test_tables_and_figures_of_exports_can_be_drawn(exports: Missingness, downloads: Path) -> None:
    lead_gate_figures.missing_figure(exports, COLUMNS)
    assert "in each block of rows" in lead_gate_figures.missing_caption(exports, COLUMNS, TERMS)
    assert "in two blocks" in lead_gate_figures.missing_alt(exports, COLUMNS, TERMS)
    blocks = lead_gate_tables.block_table(exports, COLUMNS, TERMS).markdown
    share = float(exports.block_table["share"].iloc[0])
    assert f"The study uses block 1, {share * 100:.1f} %" in plain(blocks).replace("\\", "") and "Job title" in blocks
    shown = lead_gate_tables.pattern_table(exports, COLUMNS, TERMS).markdown
    file = pd.read_csv(downloads / "patterns.csv")
    assert len(file) == len(exports.by_pattern) and file["units"].sum() == 600
    assert shown.count("<tr>") == 1 + min(len(file), lead_gate_tables.PATTERNS)


def test_patterns_are_written_the_shorter_way() -> None:
    called = lead_gate.labels(COLUMNS)
    assert lead_gate.pattern("state, gender", called) == "State, Gender"
    assert lead_gate.pattern(", ".join(f for f in FIELDS if f != "job_title"), called) == "all but Job title"
    assert lead_gate.pattern(", ".join(FIELDS), called) == "all fields"
    assert lead_gate.pattern("other patterns", called) == "other patterns"


# Columns that know the outcome


@pytest.mark.parametrize(
    ("verdicts", "parts"),
    [
        ({}, ["No column is left out; the one that ranks best alone is “State”, with an AUC of 0.90."]),
        ({"state": "leaks"}, ["“State” is left out, for the reason in @tbl-leaks. If it was known"]),
        ({"state": "leaks", "gender": "leaks"}, ["“State” and “Gender” are left out, for the reasons", "If one of them was known"]),
        ({"state": "kept"}, ["No column is left out", "“State” looks as if written afterwards, and stays because"]),
        ({"state": "kept", "gender": "kept"}, ["“State” and “Gender” look as if", "and stay because"]),
        ({"industry": "missing values"}, ["“Industry” ranks by the rows in which it is filled, not by its values."]),
        ({"state": "missing values", "gender": "missing values"}, ["rank by the rows in which they are filled, not by their"]),
    ],
)  # fmt: skip
def test_leaking_columns_are_named(whole: Missingness, verdicts: dict[str, str], parts: list[str]) -> None:
    text = tell("leaks", whole, no_leaks(**verdicts))
    assert [p for p in parts if p not in text] == []
    out = [c for c, v in verdicts.items() if v == "leaks"]
    lead = tell("lead", whole, no_leaks(**verdicts))
    assert (" the outcome, and " in lead) == bool(out)
    assert ("make sure when it is written" in tell("meaning", whole, no_leaks(**verdicts))) == (
        "kept" in verdicts.values()
    )


def test_a_planted_leak_is_shown_with_its_reason(downloads: Path) -> None:
    frame, outcome = table(400, "gate/leak"), noise(400, "gate/leak")
    rng = np.random.default_rng(1)
    frame["call_duration"] = outcome.to_numpy() * 300.0 + rng.uniform(0, 50, 400)
    found = leakage(frame, outcome, seed=1)
    columns = (*COLUMNS, LeadColumn("call_duration", "Call duration", "number", "other"))
    shown = lead_gate_tables.leak_table(found, columns, TERMS).markdown
    assert "**One column is left out\\.**" in shown
    assert re.search(
        r'<th scope="row">Call duration</th>.*?<span class="sk-tag sk-no">left out</span>.*?all but the outcome itself',
        shown,
    )
    file = pd.read_csv(downloads / "leaks.csv")
    assert file["verdict"].tolist()[0] == "left out" and len(file) == 9


# What the loader changed


def loaded(write: Callable[..., Path], records: list[list[str]], header: tuple[str, ...], **given: object) -> LeadTable:
    return load_leads(write(text(records, header)), settings(**given), key=KEY)


def changed(**given: object) -> Harmonised:
    """Return a result in which nothing was changed, but for what is given."""
    none = {
        "changes": pd.DataFrame(columns=["column", "why", "spellings", "rows"]),
        "spellings": pd.DataFrame(columns=["column", "before", "after", "rows", "why"]),
        "rows": 0, "set_aside": (), "warnings": (), "notes": (),
    }  # fmt: skip
    return Harmonised(**{**none, **given})  # type: ignore[arg-type]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def one(content: str) -> Path:
        path = tmp_path / "leads.csv"
        path.write_text(content, "utf-8")
        return path

    return one


def made(changes: list[Change]) -> LeadTable:
    """Return a table with these changes."""
    frame = table(30, "gate/made")
    return LeadTable(frame, noise(30, "gate/made"), COLUMNS, tuple(changes), (SetAside("Phone", "names"),), 30, "", 0)


def test_changes_are_added_up_and_small_ones_are_not_told() -> None:
    state, title, gone = "spelling of a state", "letter case, accents or blanks", "a word for a missing value"
    found = harmonised(made([
        Change("state", "IL", "Illinois", 40, state), Change("state", "ILL", "Illinois", 3, state),
        Change("state", "TX", "Texas", 12, state), Change("job_title", "OWNER", "Owner", 25, title),
        Change("job_title", "N/A", "", 11, gone), Change("gender", "f", "female", 4, title),
    ]))  # fmt: skip
    told = found.changes.set_index(["column", "why"])["rows"]
    assert found.rows == 95 and told["State", state] == 55 and told["Job title", title] == 25
    assert np.isnan(told["Gender", title]) and np.isnan(
        told["Job title", gone]
    )  # the next smallest, or the total gives 4 away
    # Of 55, 40 and 12 would give the 3 away, so the 12 are not told either; and no title is.
    assert found.spellings[["before", "rows"]].to_numpy().tolist() == [["IL", 40]]
    assert found.to_json()["set_aside"] == [{"column": "Phone", "why": "names"}]


def test_words_for_missing_values_are_quoted_and_addresses_are_not() -> None:
    found = harmonised(made([
        Change("job_title", "N/A", "", 30, "a word for a missing value"),
        Change("industry", "(a number or an address of somebody)", "", 20, "the form of an identifier"),
    ]))  # fmt: skip
    assert found.spellings["before"].tolist() == ["N/A"] and found.changes["rows"].tolist() == [30, 20]
    assert harmonised(made([])).rows == 0
    assert harmonised(made([Change("state", "IL", "Illinois", 3, "spelling of a state")])).rows is None


def test_a_file_is_told_as_it_was_read(write: Callable[..., Path], downloads: Path) -> None:
    records = [[*r, f"+1 312 555 {i:04d}"] for i, r in enumerate(rows(90))]
    for record in records[:45]:
        record[1] = {"Illinois": "IL", "Texas": "TX", "Ohio": "OHIO"}[record[1]]
    leads = loaded(write, records, (*HEADER, "Phone"))
    before = leads.frame.copy()
    found = harmonised(leads)
    pd.testing.assert_frame_equal(leads.frame, before)
    assert found.rows == 45 and [a.label for a in found.set_aside] == ["Phone"]
    shown = "".join(
        part.markdown
        for part in (
            lead_gate_tables.change_table(found, TERMS), lead_gate_tables.spelling_table(found, TERMS),
            lead_gate_tables.aside_table(found),
        )
    )  # fmt: skip
    assert (
        "45 cells were changed" in shown
        and "555" not in shown
        and "**One column is set aside\\.** No persona rests on it" in shown
    )
    assert pd.read_csv(downloads / "spellings.csv")["rows"].tolist() == [15, 15, 15]


def told_of(found: Harmonised) -> str:
    return plain(said("data", "changes", TERMS, "personas", harmonised=found, **names()))


def test_sentences_on_changes_follow_what_was_changed() -> None:
    text = told_of(changed())
    assert "No cell was changed" in text and "Every column of the file but the outcome describes leads." in text
    few = told_of(
        changed(rows=None, set_aside=(SetAside("Phone", "x"),), warnings=("Few leads.",), notes=("<b>x</b> {{ y }}",))
    )
    assert "No single spelling is told" in few and "Every column" not in few
    assert "- Few leads." in few and "- <b>x</b> {{ y }}" in few
    raw = markdown("data", "changes", TERMS, "personas", harmonised=changed(notes=("<b>x</b>",)), **names())
    assert "<b>" not in raw.replace("\\<", "")
    assert (
        lead_gate_tables.change_table(changed(), TERMS).markdown
        == lead_gate_tables.aside_table(changed()).markdown
        == ""
    )
    assert lead_gate_tables.spelling_table(changed(), TERMS).markdown == ""


def test_names_of_columns_are_text_and_nothing_else(whole: Missingness, downloads: Path) -> None:
    hostile = tuple(replace(c, label=f"<script>{c.label}|**{{{{x}}}}") for c in COLUMNS)
    shown = lead_gate_tables.pattern_table(whole, hostile, TERMS).markdown
    shown += lead_gate_tables.leak_table(no_leaks(state="leaks"), hostile, TERMS).markdown
    assert "<script>" not in shown
    assert lead_gate_figures.missing_caption(whole, hostile, TERMS).count("**") == 2


def test_what_blocks_have_filled_is_published_without_small_counts(exports: Missingness) -> None:
    sizes = exports.blocks.value_counts()
    filled = exports.filled.copy()
    filled.loc[2, "age_range"] = (
        1 - 3 / sizes[2]
    )  # three rows of block 2; those of block 1 and the total would give them back
    told = replace(exports, filled=filled).to_json()["filled"]
    assert np.isnan(told[2]["age_range"]) and np.isnan(told[1]["age_range"])
    assert told[1]["experience"] == filled.loc[1, "experience"]
