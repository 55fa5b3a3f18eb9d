"""Ranks of job titles by whole words. The lists are those of the study; traps are titles that hold a word within another."""

from __future__ import annotations

import pandas as pd
import pytest

from segkit.features.fields import OTHER, pool_rare, ranked
from segkit.features.seniority import (
    C_SUITE,
    ENTRY,
    LEVELS,
    MANAGEMENT,
    PROFESSIONAL,
    SENIOR,
    UNCLASSIFIED,
    rank,
    seniority,
)

TITLES = {
    C_SUITE: "CEO|Chief Marketing Officer|President|Founder|Co-Founder & CTO|Owner|Partner|cfo|COO|CMO|C.E.O.|Presidenta|"
    "Fundador|Dueño|Propietaria|Socia|Director General|Gerente General|Owner/Operator|President & Vice President|Managing Partner",
    SENIOR: "VP Sales|Vice President|Vice-President, Europe|V.P. of Sales|SVP|Director|Directora de ventas|Head of Growth|"
    "Senior Manager|Sr. Manager|Vicepresidente|Associate Director|Sub-director|Director of International Sales",
    MANAGEMENT: "Manager|Supervisor|Team Lead|Coordinator|Nurse Coordinator|Gerente de ventas|Jefa de producto|Coordinadora|"
    "Supervisora|Assistant Manager|Project manager|Líder de equipo|Lead Engineer|Encargado",
    PROFESSIONAL: "Analyst|Data analyst|Specialist|Consultant|Software Engineer|Web Developer|Architect|Analista|Especialista|"
    "Consultora|Ingeniera|Desarrollador|Arquitecto|Lead Generation Specialist",
    ENTRY: "Intern|Junior clerk|Sales Associate|Assistant|Trainee|Becario|Practicante|Auxiliar|Asistente|Executive Assistant|"
    "Assistant to the CEO|Asistente de dirección|President's Assistant",
    UNCLASSIFIED: "Nurse|International sales|Internist|Internal auditor|Product Owner|HR Business Partner|Engineering|Leadership|"
    "Partnerships|Ownership advisor|Cook|Management|Assistance|Doctora|Octopus|---",
}


@pytest.mark.parametrize(
    ("title", "level"), [(t, level) for level, titles in TITLES.items() for t in titles.split("|")]
)
def test_ranks_by_whole_words(title: str, level: str) -> None:
    assert rank(title) == rank(title.upper()) == rank(f"  {title.lower()} ") == level


@pytest.mark.parametrize(
    ("title", "not_this"),
    [
        ("Director", C_SUITE),
        ("Coordinator", C_SUITE),
        ("Vice President", C_SUITE),
        ("International", ENTRY),
        ("Cooperation", C_SUITE),
    ],
)  # "director" holds "cto", "coordinator" holds "coo"
def test_words_within_words_do_not_count(title: str, not_this: str) -> None:
    assert rank(title) != not_this


def test_missing_stays_missing_and_nothing_is_changed() -> None:
    titles = pd.Series(["CEO", None, "CEO", "cook"], index=list("abcd"), dtype="str")
    before = titles.copy()
    found = seniority(titles)
    assert found.isna().tolist() == [False, True, False, False] and found.dtype == "str" and found.name == "seniority"
    assert set(found.dropna()) <= set(LEVELS) and found.index.equals(titles.index)
    pd.testing.assert_series_equal(titles, before)
    assert seniority(pd.Series([None, None], dtype="str")).isna().all()
    assert seniority(pd.Series([], dtype="str")).empty


def test_rare_values_are_pooled_and_counted() -> None:
    state = ["a"] * 30 + ["b"] * 10 + ["c"] * 9 + ["d"] + [None] * 5
    frame = pd.DataFrame(
        {"state": pd.Series(state, dtype="str"), "age": range(55), "one": pd.Series(["x"] * 54 + ["y"], dtype="str")}
    )
    frame = frame.astype({"age": float})
    before = frame.copy()
    found = pool_rare(frame)
    assert (
        found.frame["state"].value_counts().to_dict() == {"a": 30, "b": 10, OTHER: 10}
        and found.frame["state"].isna().sum() == 5
    )
    assert found.pooled.to_dict("records") == [{"column": "state", "values": 2, "units": 10}]
    pd.testing.assert_frame_equal(found.frame[["age", "one"]], frame[["age", "one"]])
    pd.testing.assert_frame_equal(frame, before)


def test_numbers_become_ranks_that_no_long_tail_moves() -> None:
    frame = pd.DataFrame({"balance": [5.0, -1.0, 5.0, None, 1e9], "job": pd.Series(list("abcab"), dtype="str")})
    before = frame.copy()
    found = ranked(frame)
    assert found["balance"].dropna().tolist() == [0.5, 0.125, 0.5, 0.875] and found["balance"].isna()[3]
    pd.testing.assert_frame_equal(ranked(frame.assign(balance=frame["balance"].clip(upper=6.0))), found)
    pd.testing.assert_series_equal(found["job"], frame["job"])
    pd.testing.assert_frame_equal(frame, before)
