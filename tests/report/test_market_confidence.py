"""What the page on the confidence of markets says: other customers, starts, clusterings and choices."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace as Plain
from typing import Any

import numpy as np
import pandas as pd
import pytest
from markets_told import MARKETS, STRANGE, TERMS, cards, draws
from report_project import closed, closed_off, downloads
from said import said

from segkit.engine.clusterings import Clusterings, clusterings
from segkit.engine.matrix import fit_matrix
from segkit.engine.segments import fit_segments
from segkit.report import market_clusterings, market_confidence, market_segments, resampling
from segkit.report.prose import GAP

__all__ = ["closed", "closed_off", "downloads"]
LABELS = {"level": "size", "growth": "growth"}


def divided(places: list[float], k: int = 3) -> Clusterings:
    """Divide six markets at these places on a line."""
    frame = pd.DataFrame({"level": places, "growth": np.array(places) * 0.5 + 1}, index=MARKETS)
    matrix = fit_matrix(frame, {"series": ["level", "growth"]}, clip=0.0, cap=np.inf)
    return clusterings(matrix, fit_segments(matrix, k))


def says(label: str, kind: str = "some", *, illustration: bool = False, ours: Any = None, **more: Any) -> str:
    found = draws(kind, chance=more.pop("chance", 0.02), shift=more.pop("shift", 0.0))
    names = {"_surely": market_segments.sure(found), "_beside": market_confidence.apart(found, LABELS),
             "_others": Plain(markets=6, ours=ours or Plain(noise=[], empty=False, named="")),
             "k_decision": Plain(illustration=illustration)}  # fmt: skip
    return said("confidence", label, TERMS, "markets", **{**names, **more}).replace(GAP, " ")


@pytest.mark.parametrize("kind", ["sure", "some", "lost", "none"])
@pytest.mark.parametrize("chance", [0.02, 0.4, None])
@pytest.mark.parametrize("illustration", [True, False])
def test_confidence_reads_right_whatever_draws_say(
    kind: str, chance: float | None, illustration: bool, downloads: Path
) -> None:
    ours = Plain(noise=["Far"], empty=False, named="Far") if illustration else None
    for label in ("lead", "customers", "meaning"):
        text = says(label, kind, chance=chance, illustration=illustration, ours=ours, shift=2.0)
        assert text.strip() and not re.search(STRANGE, text.replace("\n\n", " ")), (label, text)
    found = draws(kind, chance=chance)
    words = [market_confidence.confidence_table(found, cards()).markdown, market_confidence.together_caption(found, cards()),
             market_confidence.together_alt(found, cards()), market_confidence.verdict(found)]  # fmt: skip
    assert not any(re.search(r"\bnan\b|None", w) for w in words)
    assert "<b>Mid" not in words[0]


def test_confidence_is_that_of_the_draws() -> None:
    # Of four draws, one puts the fifth market with the first three.
    assert "<b>Mid* stays in its segment in fewer than 80 % of the draws; the others do in as many or more." in says(
        "lead"
    )
    assert "That is more, beyond chance" in says("lead") and "could stay as often" in says("lead", chance=0.4)
    assert "Plan <b>Mid* by its own figures" in says("meaning")
    told = says("customers", shift=2.0)
    assert "in its segment in 95.8 % of 4 draws" in told and "60 % on average and reaches 80 %" in told
    assert "Far is a segment by itself" in told and "Size is biased by drawing" in told
    assert "biased" not in says("customers")
    assert market_confidence.together(draws("sure")) == (1.0, 0.0)
    # Pairs of one segment: three in the first, which are always together, and one of the second, in three of four draws.
    within, between = market_confidence.together(draws("some"))
    assert (within, between) == (pytest.approx((3 + 0.75) / 4), pytest.approx(3 * 0.25 / 11))
    assert market_confidence.verdict(draws("some")) == "one of six markets not sure"


def test_markets_are_drawn_beside_those_of_their_segment() -> None:
    drawn = market_confidence.together_figure(draws("some"), cards())
    axes = drawn.axes[0]
    assert [t.get_text() for t in axes.get_yticklabels()] == MARKETS
    assert len(axes.patches) == 36 and {round(p.get_alpha() or 0, 2) for p in axes.patches} == {0.0, 0.25, 0.75, 1.0}
    assert drawn.get_figwidth() == 5.0


@pytest.mark.parametrize("kind", ["sure", "some", "lost", "none"])
def test_starts_read_right(kind: str) -> None:
    text = says("starts", starts=draws(kind))
    assert not re.search(STRANGE, text), text
    assert ("All 4 other starts give" in text) == (kind == "sure") and ("No other start" in text) == (kind == "none")
    found = market_confidence.starts(draws("some"))
    assert (found.refits, found.same, found.moved) == (4, 3, ["<b>Mid*"])


@pytest.mark.parametrize(
    "places",
    [[0.0, 0.1, 0.2, 5, 5.1, 40], [0.0, 1, 2, 3, 4, 5], [0.0, 0.001, 0.002, 9, 9.001, 9.002], [0.0, 0, 0, 1, 1, 2]],
)
def test_other_clusterings_read_right(places: list[float], downloads: Path) -> None:
    found = divided(places, k=3 if len(set(places)) > 3 else 2)
    known = market_clusterings.ways(found, divided_segments(found))
    text = says("ways", _others=known)
    assert not re.search(STRANGE, text.replace("\n\n", " ")), text
    assert not re.search(r"\bnan\b|None", market_clusterings.ways_table(found).markdown)


def divided_segments(found: Clusterings) -> pd.Series:
    return found.agreement.table.set_index("unit")["segment"].reindex(found.labels.index)


def test_noise_and_single_markets_are_named() -> None:
    found = divided([0.0, 0.1, 0.2, 5, 5.1, 40])
    known = market_clusterings.ways(found, divided_segments(found))
    assert known.same == ["Ward", "k-medoids"] and "Far" in known.ours.noise
    # Five within half a standard deviation make the published core; these three do not.
    assert known.default.core == 5 and "Far" in known.default.noise
    text = says("ways", _others=known)
    assert "Ward and k-medoids give the segments in use." in text
    assert ("nothing but noise" in text) == (known.ours.empty or known.default.empty)


@pytest.mark.parametrize("matrices", [0, 8])
@pytest.mark.parametrize("rows", [[], [("size", 0.4, 0.2)], [("size", 1.0, 0.2), ("growth", 0.96, 0.1)]])
def test_other_choices_read_right(
    matrices: int, rows: list[tuple[str, float, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    nan = float("nan")
    told = {"matrices": matrices, "median_ari": 0.9 if matrices else nan, "lowest": 0.4 if matrices else nan,
            "share_above_08": 0.75 if matrices else nan}  # fmt: skip
    many = Plain(summary=lambda defensible: told)
    left = Plain(arm=lambda name: pd.DataFrame(rows, columns=["what", "ari", "variance_share"]))
    again = Plain(shown=3 * bool(rows), weakest="“Large”", similarity="0.60", least=0.75)
    monkeypatch.setattr(resampling, "recovery", lambda *_: again)
    monkeypatch.setattr(resampling, "refitted", lambda _: Plain(fitted=matrices, most=0.95, ari_low="0.41"))
    text = said(
        "confidence", "choices", TERMS, "markets", multiverse=many, sensitivity=left, features=Plain(labels=LABELS),
        jaccard=None, pipeline_bootstrap=None, _cards=cards(),
    ).replace(GAP, " ")  # fmt: skip
    assert not re.search(STRANGE, text.replace("\n\n", " ")), text
    assert ("six give much the same" in text) == bool(matrices)
    assert ("Without “size” the segments change most (ARI 0.40)" in text) == (len(rows) == 1)
    assert ("No single feature matters" in text) == (len(rows) == 2)
