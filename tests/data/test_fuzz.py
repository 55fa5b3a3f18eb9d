"""No input is read wrong in silence: seeded inputs against a strict reader that shares no code with the loader."""

from __future__ import annotations

import fuzz
import pytest
import strict_csv


def test_cells_are_those_of_the_strict_reader() -> None:
    outcome = fuzz.run(0, 300, fuzz.judge_text)
    assert min(outcome["loaded"], outcome["refused"]) > 50  # a fuzzer that only sees refusals sees nothing


def test_logs_load_as_they_are_meant_or_not_at_all() -> None:
    outcome = fuzz.run(0, 60)
    assert min(outcome["loaded"], outcome["refused"]) > 12


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('a,b\n"1,2","x ""y"""\r\n\r3,\n', [["a", "b"], ["1,2", 'x "y"'], ["3", ""]]),
        ('a,b\n"l\nm",', [["a", "b"], ["l\nm", ""]]),
        ("a,b\n1\n", [["a", "b"], ["1"]]),
    ],
)
def test_the_strict_reader_reads_rfc_4180(text: str, found: list[list[str]]) -> None:
    assert strict_csv.records(text, ",") == found


@pytest.mark.parametrize("text", ['a"b', '"a"b', '"a', 'a,"b" ,c', 'a, "b"'])
def test_the_strict_reader_refuses_what_rfc_4180_does_not_have(text: str) -> None:
    with pytest.raises(strict_csv.RefusedError):
        strict_csv.records(text, ",")
