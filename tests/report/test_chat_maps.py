"""What the page on kinds shows of maps of texts and of kinds that are found, and how the viewer comes to a site."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from report_project import REPOSITORY, closed, closed_off, downloads
from said import said
from test_chat_kinds import BOTH, STRANGE, made, row

from segkit import checking, viewer
from segkit.contract import MESSAGES
from segkit.data.identifiers import Identifiers
from segkit.engine.text_maps import TextMaps
from segkit.report import chat_kinds, chat_maps, chat_portraits
from segkit.report.prose import GAP
from segkit.site import policy
from segkit.site.checks.browser import missing, served, started
from segkit.site.checks.document import Site
from segkit.site.checks.loads import other_hosts
from segkit.site.leaks import Search
from segkit.studies.text_kinds import COLUMNS, TextKinds
from segkit.studies.text_methods import TextMethods

__all__ = ["closed", "closed_off", "downloads"]
ID = pd.MultiIndex.from_product([[f"p{i:02d}" for i in range(10)], [1, 2]], names=["pair", "stage"])


def mapped(reason: str = "", kept: float = 0.6, placed: int = 20) -> TextMaps:
    """Return maps of twenty documents at known places."""
    at = np.arange(20.0)
    flat = pd.DataFrame({"x": at, "y": at**2}, index=ID)
    solid = flat.assign(z=-at)
    rows = [] if reason else [(2, 0.9, 0.91, 0.5, kept), (3, 0.95, 0.96, 0.2, kept)]
    table = pd.DataFrame(rows, columns=["dims", "trustworthiness", "continuity", "disparity", "kept"])
    n = 0 if reason else len(ID)
    return TextMaps(flat.iloc[:n], solid.iloc[:n], table, 9, reason, {"seeds": 5, "units": 20, "placed": placed}, 42)


def found(*methods: str) -> TextMethods:
    """Return two kinds by these methods: of documents of the first stage, and of the second."""
    rows = [row("A", "all stages", 2 if "A" in methods else 1), row("B", "all stages", 2 if "B" in methods else 1)]
    one = made(rows)
    kinds = pd.Series(ID.get_level_values("stage").to_numpy(), index=ID)
    return TextMethods(
        one.table, one.numbers, one.shares, one.agreement, {(m, "all stages"): kinds for m in methods}, one.params, 42
    )


def says(
    label: str, pictures: chat_maps.Maps, kinds: TextKinds | None = None, methods: TextMethods | None = None
) -> str:
    known = chat_kinds.kinds(methods or made(BOTH))
    return said(
        "kinds", label, MESSAGES.terms, "conversations", _known=known, _pictures=pictures, text_kinds=kinds
    ).replace(GAP, " ")


def pictures(maps: TextMaps | None, methods: TextMethods | None = None, *, points: bool = True) -> chat_maps.Maps:
    return chat_maps.maps(maps, chat_kinds.kinds(methods or made(BOTH)), points=points)


@pytest.mark.parametrize("methods", [(), ("A",), ("A", "B")])
@pytest.mark.parametrize("points", [True, False])
@pytest.mark.parametrize(
    ("maps", "drawn"), [(mapped(), True), (mapped("Too few documents differ."), False), (None, False)]
)
def test_maps_read_right_however_they_turn_out(
    maps: TextMaps | None, drawn: bool, points: bool, methods: tuple[str, ...], downloads: Path
) -> None:
    own = found(*methods)
    known = pictures(maps, own, points=points)
    for label in ("maps", "turn"):
        text = says(label, known, methods=own)
        assert not STRANGE.search(text.replace("\n\n", " ")), (label, text)
    assert known.drawn == (drawn and points)
    if known.drawn:
        assert len(chat_maps.flat_figure(maps, own, known).axes) == max(1, len(methods))
        assert not re.search(r"\bnan\b|None", chat_maps.flat_caption(known) + chat_maps.flat_alt(known))
    assert ("private" in says("maps", known)) == (drawn and not points)


def test_maps_say_what_another_seed_does_and_that_pictures_prove_nothing() -> None:
    text = says("maps", pictures(mapped()))
    assert (
        "proves nothing" in text
        and "60 % of the neighbours on the map stay neighbours in two dimensions and 60 % in three" in text
    )
    assert "is in part chance" in text and "much the same" in says("maps", pictures(mapped(kept=0.97)))
    assert "One colour, since the rule finds no kinds" in chat_maps.flat_caption(pictures(mapped()))
    assert "18 of 20 were drawn at random" in chat_maps.flat_caption(pictures(mapped(placed=18)))


def test_the_map_that_turns_has_a_third_axis_of_its_own_and_no_name_of_any_document() -> None:
    known = pictures(mapped(), found("B"))
    told = chat_maps.data(mapped(), found("B"), known)
    assert [t["name"] for t in told["traces"]] == ["Kind 1", "Kind 2"]
    # Documents of the first stage stand at even places.
    assert told["traces"][0]["z"] == [-float(i) for i in range(0, 20, 2)] and "p00" not in json.dumps(told)
    shown = chat_maps.turnable(mapped(), found("B"), known).markdown
    assert "Without scripts" in shown and " hidden>" in shown and f'{viewer.ATTRIBUTE}="{viewer.FILE}"' in shown
    assert "http" not in shown


def test_points_of_private_data_reach_no_page() -> None:
    known = pictures(mapped(), points=False)
    assert chat_maps.turnable(mapped(), made(BOTH), known).markdown == ""


def test_without_the_package_there_is_a_sentence_and_no_button(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer, "find_spec", lambda _: None)
    known = pictures(mapped())
    assert (
        "plotly, which is not installed" in says("turn", known)
        and chat_maps.turnable(mapped(), made(BOTH), known).markdown == ""
    )


def asking(folder: Path, *, asks: bool) -> Path:
    folder.mkdir()
    mark = f'<div {viewer.ATTRIBUTE}="{viewer.FILE}"></div>' if asks else ""
    (folder / "index.html").write_text(
        f"<!DOCTYPE html><html lang=en><head><title>t</title></head><body>{mark}</body></html>", "utf-8"
    )
    return folder


def test_a_site_has_the_viewer_where_a_page_asks_for_it_and_only_there(tmp_path: Path) -> None:
    own = viewer.source()
    assert own is not None and own.read_text("utf-8").startswith("/**\n* plotly.js")
    plain, site = asking(tmp_path / "plain", asks=False), asking(tmp_path / "site", asks=True)
    for one in (plain, site):
        checking.add_viewer(one)
    assert not (plain / viewer.FILE).exists() and (site / viewer.FILE).read_bytes() == own.read_bytes()


def test_only_the_viewer_itself_is_passed_over_by_the_checks(tmp_path: Path) -> None:
    site = asking(tmp_path / "site", asks=True)
    checking.add_viewer(site)
    looking = Search(Identifiers(frozenset({"27648578192"}), frozenset()))
    assert viewer.untouched(site, viewer.FILE) and not list(other_hosts(Site(site))) and not looking.folder(site)
    changed = site / viewer.FILE
    changed.write_text('fetch("https://elsewhere.example/x"); let a = "27648578192";', "utf-8")
    assert not viewer.untouched(site, viewer.FILE)
    assert [f.page for f in other_hosts(Site(site))] == [viewer.FILE] and looking.folder(site)


def told(*kinds: dict[str, Any], alike: float = 0.8) -> TextKinds:
    rows = [{"method": "A", "kind": i, "documents": 30, "subscribers": 20, "dominated": False, "pairs": 25, "writers": 18, **k}
            for i, k in enumerate(kinds, start=1)]  # fmt: skip
    return TextKinds(pd.DataFrame(rows, columns=list(COLUMNS)), {"A": alike}, {"level": 0.95, "fewest": 5}, 42)


def kind(words: float, money: tuple[float, float, float], again: tuple[float, float, float]) -> dict[str, Any]:
    names = ("revenue", "revenue_low", "revenue_high", "again", "again_low", "again_high")
    return {"words": words, "messages": 9.0, **dict(zip(names, (*money, *again), strict=True))}


LESS, MORE = kind(20, (5, 4, 6), (0.2, 0.1, 0.3)), kind(90, (9, 5, 12), (0.6, 0.5, 0.7))
NAN3 = (float("nan"),) * 3


def test_kinds_that_are_found_are_told_by_their_extremes(downloads: Path) -> None:
    text = says("report", pictures(None), told(MORE, LESS))
    assert "20 words in kind 2 and 90 in kind 1" in text
    assert "least in kind 2 (5.00) and most in kind 1 (9.00); the intervals overlap" in text
    assert (
        "20 % of the pairs of kind 2 write, and 60 % of kind 1; the intervals lie apart" in text
        and "ARI of 0.80" in text
    )
    shown = chat_portraits.kinds_table(told(MORE, LESS), lambda v: f"{v:.0f}").markdown.replace(GAP, " ")
    assert "<b" not in shown and "9 (5 to 12)" in shown and "60 % (50 % to 70 %)" in shown


@pytest.mark.parametrize(
    "kinds",
    [
        (kind(20, NAN3, (0.2, 0.1, 0.3)), kind(20, NAN3, (0.3, 0.1, 0.4))),
        (kind(20, (5, 4, 6), NAN3), kind(90, (9, 5, 12), NAN3)),
        (LESS, kind(float("nan"), NAN3, NAN3)),
        (LESS, MORE, {}),
    ],
)
def test_kinds_read_right_without_money_without_outcomes_and_with_few_subscribers(
    kinds: tuple[dict[str, Any], ...], downloads: Path
) -> None:
    text = says("report", pictures(None), told(*kinds, alike=float("nan")))
    assert not STRANGE.search(text.replace("\n\n", " ")), text
    assert not re.search(r"\bnan\b|None", chat_portraits.kinds_table(told(*kinds), lambda v: f"{v:.0f}").markdown)


def test_where_no_kinds_are_found_one_paragraph_says_what_not_to_do() -> None:
    text = says("report", pictures(None), told())
    assert text.startswith("There is nothing to describe") and "\n\n" not in text and "do not plan by them" in text


@pytest.mark.skipif(bool(missing()) and os.environ.get("CI") != "true", reason="no browser can be driven")
def test_the_map_is_loaded_from_the_site_itself_when_the_button_is_pressed_and_not_before(tmp_path: Path) -> None:
    shown = chat_maps.turnable(mapped(), made(BOTH), pictures(mapped())).markdown
    body = shown.removeprefix("```{=html}\n").removesuffix("\n```")
    (tmp_path / "index.html").write_text(
        f"<!DOCTYPE html><html lang=en><head><title>t</title></head><body>{body}</body></html>", "utf-8"
    )
    (tmp_path / "assets").mkdir()
    shutil.copyfile(REPOSITORY / "assets" / "turn.js", tmp_path / "assets" / "turn.js")
    checking.add_viewer(tmp_path)
    policy.apply(tmp_path, lambda: "")
    asked: list[str] = []
    with served(tmp_path) as base, started() as browser:
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{base}/index.html")
        assert page.is_visible(".sk-load") and not page.is_visible("#sk-flat-only")
        assert not any("plotly" in url for url in asked)
        page.click(".sk-load")
        page.wait_for_selector(".sk-space canvas", timeout=60_000)
        before = page.evaluate("document.querySelector('.sk-space')._fullLayout.scene.camera.eye.x")
        page.click("text=Turn right")
        page.wait_for_function(f"document.querySelector('.sk-space')._fullLayout.scene.camera.eye.x !== {before}")
        plain = browser.new_context(java_script_enabled=False).new_page()
        plain.goto(f"{base}/index.html")
        assert plain.is_visible("#sk-flat-only") and not plain.is_visible(".sk-load")
    assert any("plotly" in url for url in asked) and all(url.startswith(base.rpartition("/")[0]) for url in asked)
