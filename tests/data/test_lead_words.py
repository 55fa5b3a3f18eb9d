"""One spelling for each value: states, industries, experience, ages, and ranges of which a spreadsheet made dates.

Codes of states are those of the United States Postal Service; dates made of ranges are as spreadsheets show them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from small_leads import HEADER, KEY, rows, settings, text

from segkit.data.lead_words import CASE, LANGUAGE, NO_VALUE, STATE, TABLES, _table, is_missing, simple, spelled
from segkit.data.leads import LeadTable, load_leads
from segkit.data.ranges import DATE_DAMAGE, RANGE, undated
from segkit.data.simulate.leads import simulate_leads

Write = Callable[..., Path]
POSTAL = re.findall(
    "..",
    "ALAKAZARCACOCTDEDCFLGAHIIDILINIAKSKYLAMEMDMAMIMNMSMOMTNENVNHNJNMNYNCNDOHOKORPARISCSDTNTXUTVTVAWAWVWIWY",
)
NAMES = {
    "state": "State", "industry": "Industry", "job_title": "Job Title", "education": "Education Level",
    "age_range": "Age_range", "experience": "Years of Experience", "gender": "Gender", "lead_source": "Lead Source",
}  # fmt: skip


def one(role: str, value: str, among: tuple[str, ...] = ()) -> str:
    return spelled(role, [value, *among], [1] * (1 + len(among)))[0].after


def read(path: Path) -> LeadTable:
    return load_leads(path, settings(), key=KEY)


def test_fifty_states_and_the_district_have_their_codes() -> None:
    assert len(TABLES["state"]) == 51 == len(POSTAL)
    assert {one("state", code) for code in POSTAL} == set(TABLES["state"])
    for name, forms in TABLES["state"].items():
        (code,) = [f for f in forms if f.upper() in POSTAL]
        for written in (name, name.upper(), code, code.upper(), f"{name.upper()} ({code.upper()})", f"{code.upper()} - {name}",
                        f"US-{code.upper()}", f"{name}, USA", f"{code.upper()}."):  # fmt: skip
            assert one("state", written) == name, written


def test_codes_are_states_only_where_most_cells_are() -> None:
    abroad = ("SP", "RJ", "MG", "BA")  # states of Brazil
    assert one("state", "SC", abroad) == "SC" and one("state", "SC", ("Texas", "SP")) == "South Carolina"


@pytest.mark.parametrize(
    ("role", "written", "kept"),
    [
        ("industry", "Otros", "Other"), ("industry", "OTROS", "Other"), ("industry", "Tecnología", "Technology"),
        ("industry", "tecnologia", "Technology"), ("industry", "Bienes Raíces", "Real estate"), ("industry", "Salud", "Healthcare"),
        ("industry", "Food & Beverage", "Food and beverage"), ("industry", "Falconry", "Falconry"),
        ("education", "Licenciatura", "Bachelor's degree"), ("education", "Bachelor’s", "Bachelor's degree"),
        ("education", "Ph.D.", "Doctorate"), ("gender", "Mujer", "Female"), ("gender", "m", "Male"),
        ("lead_source", "Redes sociales", "Social media"), ("lead_source", "Referido", "Referral"),
        ("experience", "5+ years", "5+"), ("experience", "5 a 10 años", "5-10"), ("experience", "5 to 10 yrs", "5-10"),
        ("experience", "5–10", "5-10"), ("experience", "más de 10 años", "10+"), ("experience", "10 or more years", "10+"),
        ("experience", "Less than 1 year", "under 1"), ("experience", "menos de 1 año", "under 1"), ("experience", "<1", "under 1"),
        ("experience", "hasta 2 años", "0-2"), ("experience", "3 years of experience", "3"), ("experience", "15-Oct", "10-15"),
        ("experience", "5-Mar", "3-5"), ("experience", "9-Jun", "6-9"), ("experience", "Sin experiencia", "No experience"),
        ("experience", "plenty", "plenty"), ("age_range", "25 a 34 años", "25-34"), ("age_range", "65 and over", "65+"),
        ("age_range", "under 18", "under 18"), ("age_range", "Dec-17", "12-17"), ("age_range", "10-5", "10-5"),
    ],
)  # fmt: skip
def test_spellings_of_other_files(role: str, written: str, kept: str) -> None:
    assert one(role, written) == kept


@pytest.mark.parametrize(
    ("made", "was"),
    [
        ("15-Oct", "10-15"), ("Oct-15", "10-15"), ("5-Mar", "3-5"), ("9-Jun", "6-9"), ("2-Jan", "1-2"), ("10-Feb", "2-10"),
        ("15-oct", "10-15"), ("5 mar", "3-5"), ("2-ene", "1-2"), ("9-ago", "8-9"), ("Oct-50", "10-50"), ("2-Oct", "2-10"),
        ("2024-10-15", "10-15"), ("2024-10-15 00:00:00", "10-15"), ("10/15/2024", "10-15"), ("15.10.2024", "10-15"),
        ("2024-10-01", None), ("5-May", None), ("25-34", None), ("10-15", None), ("senior", None), ("15-Foo", None),
    ],
)  # fmt: skip
def test_dates_that_were_ranges(made: str, was: str | None) -> None:
    assert undated(made) == was


def test_only_columns_of_ranges_have_dates_undone(write: Write) -> None:
    size = ["1-10", "11-50", "10-Feb", "51-200"]
    made = [[*r, size[i % 4], ["10-Feb", "spring", "x"][i % 3]] for i, r in enumerate(rows())]
    frame = read(write(text(made, (*HEADER, "Company size", "Season")))).frame
    assert set(frame["company_size"]) == {"1-10", "11-50", "2-10", "51-200"}
    assert set(frame["season"]) == {"10-Feb", "spring", "x"}


def test_case_accents_and_blanks_give_way_to_the_commonest_spelling() -> None:
    found = spelled("", ["Peña", "pena", "PEÑA ", "other"], [5, 3, 1, 2])
    assert [s.after for s in found] == ["Peña", "Peña", "Peña", "other"]
    assert [s.why for s in found] == ["", CASE, CASE, ""]


def test_every_change_is_counted_with_its_reason(write: Write) -> None:
    made = rows(100)
    for i, (state, industry, age) in enumerate(
        [("IL", "Otros", "15-Oct"), ("ILLINOIS", "retail", "25 to 34"), ("N/A", "-", "25-34")]
    ):
        for j in range(5):
            made[10 * i + j][1:4] = [state, industry, age]
    leads = read(write(text(made)))
    assert {(c.column, c.before, c.after, c.rows, c.why) for c in leads.changes} == {
        ("state", "IL", "Illinois", 5, STATE),
        ("state", "ILLINOIS", "Illinois", 5, CASE),
        ("state", "N/A", "", 5, NO_VALUE),
        ("industry", "Otros", "Other", 5, LANGUAGE),
        ("industry", "retail", "Retail", 5, CASE),
        ("industry", "-", "", 5, NO_VALUE),
        ("age_range", "15-Oct", "10-15", 5, DATE_DAMAGE),
        ("age_range", "25 to 34", "25-34", 5, RANGE),
    }


def test_tables_have_one_meaning_per_spelling() -> None:
    for role in ("state", "industry", "education", "gender", "lead_source", "experience"):
        forms = [simple(f) for kept, others in TABLES[role].items() for f in {kept, *others}]
        again = {f for f in forms if forms.count(f) > 1 and len({_table(role).get(f)}) > 1}
        listed = [simple(f) for others in TABLES[role].values() for f in others]
        assert not again and len(listed) == len(set(listed)), role
        assert not any(is_missing(kept) for kept in TABLES[role])
    assert not set(TABLES["outcome"]["yes"]) & set(TABLES["outcome"]["no"])


def test_harmonising_again_changes_nothing(write: Write) -> None:
    first = read(write(simulate_leads(3).frame.to_csv(index=False), "a.csv"))
    again = first.frame.rename(columns=NAMES).assign(is_sale=first.outcome.to_numpy())
    second = read(write(again.to_csv(index=False), "b.csv"))
    assert first.changes and not second.changes
    pd.testing.assert_frame_equal(first.frame, second.frame)
