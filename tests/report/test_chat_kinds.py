"""What the page on kinds of conversations says, for every way in which texts can turn out."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from report_project import closed, closed_off, downloads
from said import cells, said

from segkit.contract import MESSAGES
from segkit.report import chat_kinds, chat_kinds_figures, chat_maps
from segkit.report.prose import GAP
from segkit.studies.text_methods import COLUMNS, TextMethods

__all__ = ["closed", "closed_off", "downloads"]
STRANGE = re.compile(r"\bnan\b|\binf\b|None|\{|\(\s|\s[.,;:]|  |\.\.|,\.|\(\)|\. [a-z]|;\.|,,")
LABELS = (
    "lead",
    "documents",
    "rule",
    "five",
    "blocks",
    "agreement",
    "baselines",
    "density",
    "report",
    "maps",
    "meaning",
)
ALL, ONE, TWO = "all stages", "stage 1", "stage 2"
PARAMS = {"k_max": 8, "nulls": 39, "splits": 20, "bootstraps": 40, "resamples": 50, "strength": 0.8, "jaccard": 0.75}


def row(method: str, scope: str, rule: int = 1, **more: Any) -> dict[str, Any]:
    """Return a row of the methods: nothing found, three segments shown."""
    return {
        "method": method, "scope": scope, "documents": 40, "blank": 0, "dims": 9, "rule": rule, "k": max(rule, 3),
        "found": rule > 1, "silhouette": 0.05, "prediction_strength": 0.4, "jaccard": 0.5, "p": 0.3,
        "verdict": "natural" if rule > 1 else "no segmentation", "length_r2": 0.2, "ari_words": 0.1, "ari_behaviour": 0.1,
        "clusters": 2, "noise": 0.5, "noise_low": 0.4, "noise_high": 0.9, "reason": "", **more,
    }  # fmt: skip


def failed(method: str, scope: str, reason: str = "Fewer than 10 documents have words.") -> dict[str, Any]:
    return {"method": method, "scope": scope, "documents": 3, "blank": 1, "reason": reason}


def made(
    rows: Sequence[Mapping[str, Any]], *, five: Sequence[tuple[str, bool]] = (("A", False), ("B", False)),
    agreement: Mapping[str, float] | None = None, shares: bool = True,
) -> TextMethods:  # fmt: skip
    """Return methods of these rows; of the numbers only what the rule saw of five kinds, and of two."""
    numbers = [(m, ALL, k, 0.06, 0.9 if good else 0.3, 0.8 if good else 0.4, good) for m, good in five for k in (2, 5)]
    scalings = {"balanced": 0.5, "plain": 0.83, "standard scores": 0.98} if shares else {}
    blocks = [(ALL, s, b, v if b == "profile" else 1 - v) for s, v in scalings.items() for b in ("text", "profile")]
    types = dict.fromkeys(("documents", "blank", "dims", "rule", "k", "clusters"), "Int64") | {
        "found": "boolean",
        "verdict": "str",
        "reason": "str",
    }
    return TextMethods(
        pd.DataFrame([dict(r) for r in rows], columns=list(COLUMNS)).astype(types).fillna({"verdict": "", "reason": ""}),
        pd.DataFrame(numbers, columns=["method", "scope", "k", "silhouette", "prediction_strength", "jaccard", "qualifies"]),
        pd.DataFrame(blocks, columns=["scope", "scaling", "block", "share"]),
        {ALL: 0.1, ONE: 0.2} if agreement is None else agreement, {}, PARAMS, 42,
    )  # fmt: skip


BOTH = [row(m, s) for s in (ALL, ONE, TWO) for m in "AB"]
WAYS: dict[str, TextMethods | None] = {
    "no texts": None,
    "no kinds": made(BOTH),
    "beyond one cloud, no kinds": made([{**r, "p": 0.025} for r in BOTH]),
    "some beyond one cloud": made([{**r, "p": 0.025 if r["method"] == "A" else 0.5} for r in BOTH]),
    "kinds everywhere": made([row(m, s, 4, p=0.025) for s in (ALL, ONE, TWO) for m in "AB"], five=[("A", True), ("B", True)]),
    "kinds by one method": made([row("A", ALL, 4, p=0.025, verdict="fragile structure"), *BOTH[1:]],
                                five=[("A", True), ("B", False)]),
    "text alone": made([r if r["method"] == "A" else failed("B", r["scope"], "There are no profiles.") for r in BOTH],
                       five=[("A", False)], agreement={}, shares=False),
    "one stage": made([row("A", ALL), row("B", ALL), row("A", ONE), row("B", ONE)]),
    "one try": made([row("A", ALL, blank=1, p=0.025), failed("B", ALL)], five=[], agreement={}, shares=False),
    "one document": made([failed(m, s) for s in (ALL, ONE) for m in "AB"], five=[], agreement={}, shares=False),
    "no behaviour, no length": made([{**r, "length_r2": math.nan, "ari_words": math.nan, "ari_behaviour": math.nan} for r in BOTH]),
    "private": made([{**r, "documents": None, "blank": None} for r in BOTH]),
    "noise alone": made([{**r, "clusters": 0, "noise": 1.0, "noise_low": 1.0, "noise_high": 1.0} for r in BOTH]),
}  # fmt: skip


def says(label: str, found: TextMethods | None) -> str:
    """Return what a cell of the page says."""
    known = chat_kinds.kinds(found)
    pictures = chat_maps.maps(None, known, points=True)
    return said(
        "kinds", label, MESSAGES.terms, "conversations", _known=known, _pictures=pictures, text_kinds=None
    ).replace(GAP, " ")


@pytest.mark.parametrize("way", WAYS)
def test_the_page_reads_right_however_texts_turn_out(way: str, downloads: Path) -> None:
    found = WAYS[way]
    for label in LABELS:
        text = says(label, found)
        assert text.strip() and not STRANGE.search(text.replace("\n\n", " ")), (label, text)
    known = chat_kinds.kinds(found)
    words = [chat_kinds.verdict(known)]
    if known.told:
        words += [
            t(known).markdown for t in (chat_kinds.methods_table, chat_kinds.baselines_table, chat_kinds.density_table)
        ]
    if known.pooled:
        chat_kinds_figures.number_figure(found, known)
        words += [chat_kinds_figures.number_caption(known), chat_kinds_figures.number_alt(known)]
    if known.shares:
        chat_kinds_figures.shares_figure(known)
        words += [chat_kinds_figures.shares_caption(known), chat_kinds_figures.shares_alt(known)]
    assert not any(re.search(r"\bnan\b|None|&lt;NA", w) for w in words)


def test_every_cell_that_says_something_is_rendered_here() -> None:
    assert {label for label in cells("kinds", "conversations") if label} == {*LABELS, "turn"}


def test_without_texts_the_page_says_so_once_and_points_elsewhere() -> None:
    assert says("lead", None).startswith("The log has no texts.")
    assert "segments.qmd" in says("documents", None) and chat_kinds.verdict(chat_kinds.kinds(None)) == "no texts"


def test_no_kinds_is_an_answer_that_says_what_not_to_do() -> None:
    found = WAYS["no kinds"]
    assert (
        "by neither of two methods, over all stages or in any one of them, does any number of kinds up to five"
        in says("lead", found)
    )
    assert "That holds for the five kinds of the published analysis, too." in says("lead", found)
    assert "not one cloud" not in says("lead", found) and "not one cloud" in says(
        "lead", WAYS["beyond one cloud, no kinds"]
    )
    assert "write no playbook for each kind" in says("meaning", found)
    assert "In no try are they divided more clearly" in says("rule", found)
    assert "It does not say which heaps there are" in says("rule", WAYS["beyond one cloud, no kinds"])
    assert "It does not say which heaps there are" not in says("rule", WAYS["kinds everywhere"])


def test_kinds_are_told_with_their_number_their_method_and_their_verdict() -> None:
    text = says("lead", WAYS["kinds by one method"])
    assert "In one of six tries" in text and "four by text alone over all stages (fragile structure)" in text
    assert "In the rest the rule finds none." in text and "No kinds of" not in text
    assert "That is enough with text alone, and not with the other method." in says("five", WAYS["kinds by one method"])


def test_the_published_number_is_held_against_what_the_rule_asks() -> None:
    text = says("five", WAYS["no kinds"])
    assert (
        "a prediction strength of 0.30 where 0.8 is asked, a least Jaccard similarity of 0.40 where 0.75 is asked"
        in text
    )
    assert "A silhouette below 0.25 is no substantial structure" in text and "not found again" in text
    assert "That is enough." in says("five", WAYS["kinds everywhere"])
    assert "too few documents to try so many" in says("five", WAYS["one try"])


def test_shares_of_the_blocks_are_told_by_scaling() -> None:
    assert "would then have 83 % of the inertia, and 98 % as standard scores" in says("blocks", WAYS["no kinds"])
    assert "nothing to weigh" in says("blocks", WAYS["text alone"])


def test_a_single_stage_is_not_told_twice() -> None:
    assert len(chat_kinds.kinds(WAYS["one stage"]).told) == 2
    assert "in any one of them" not in says("lead", WAYS["one stage"])


def test_tries_without_numbers_say_why() -> None:
    text = says("documents", WAYS["text alone"])
    assert "Text and profile in stage 2: there are no profiles." in text
    assert "cannot be told" in says("lead", WAYS["one document"])


def test_noise_is_called_wavering_only_where_it_wavers() -> None:
    assert "A share that moves so" in says("density", WAYS["no kinds"])
    calm = made([{**r, "noise_low": 0.45, "noise_high": 0.55} for r in BOTH])
    assert "A share that moves so" not in says("density", calm)
    assert "no two such places in any try" in says("density", WAYS["noise alone"])
