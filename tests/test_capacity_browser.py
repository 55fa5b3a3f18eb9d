"""The reader's own capacity, cost and value on the decisions page, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from segkit.site.checks import browser as checks

PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1400, height=900)
PAGE = "chapters/contacts/decisions.html"


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """The address of the page below a sub-path."""
    with checks.served(home / "project" / "_site") as base:
        yield f"{base}/{PAGE}"


@pytest.fixture
def desk(chromium: Browser, address: str) -> Iterator[Page]:
    """The page in a desk's window."""
    with chromium.new_context(viewport=DESK, color_scheme="light") as context:
        page = context.new_page()
        page.goto(address)
        yield page


def said(page: Page) -> str:
    return page.locator("#sk-said").inner_text().replace("\u00a0", " ")


def rows(page: Page) -> dict[str, list[str]]:
    found = page.locator("#sk-rankings tr").all()
    return {r.locator("th").inner_text(): [c.inner_text() for c in r.locator("td").all()] for r in found}


def where(page: Page) -> str:
    """Return the address that the page has by now; Playwright's own may lag behind."""
    return str(page.evaluate("location.href"))


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(where(page)).query)


def test_a_changed_capacity_changes_what_is_said_and_the_address(desk: Page) -> None:
    """The numbers are those of the curves in the page at one of their points, with cost and value by hand."""
    held = json.loads(desk.locator("#sk-curves").text_content() or "")
    point = 4
    weekly, contacts = held["weekly"][point], held["taken"][point]
    before = said(desk)
    desk.get_by_label("Contacts a week", exact=True).fill(str(weekly))
    desk.get_by_label("Cost of calling one contact", exact=True).fill("2")
    desk.get_by_label("Value of one active contact reached", exact=True).fill("100")
    assert said(desk) != before
    assert f"{weekly:g} contacts a week are {contacts:.0f} in 90 days" in said(desk)
    for order, curve in held["curves"].items():
        reached, *_ = (curve[c][point] for c in ("reached", "low", "high"))
        cells = rows(desk)[held["names"][order]]
        assert cells[0].startswith(f"{reached + 1e-9:.0f} (") and len(cells) == 3
        assert float(cells[1].replace(",", "")) == pytest.approx(contacts * 2 / reached, abs=0.6)
        assert float(cells[2].replace(",", "")) == pytest.approx(reached * 100 - contacts * 2, abs=0.6)
    assert query(desk) == {"capacity": [f"{weekly}"], "cost": ["2"], "value": ["100"]}


def test_between_two_points_the_curve_is_straight(desk: Page) -> None:
    held = json.loads(desk.locator("#sk-curves").text_content() or "")
    (a, b), (low, high) = held["weekly"][-3:-1], held["curves"]["recency"]["reached"][-3:-1]
    desk.get_by_label("Contacts a week", exact=True).fill(str((a + b) / 2))
    assert rows(desk)[held["names"]["recency"]][0].startswith(f"{(low + high) / 2 + 1e-9:.0f} (")


def test_an_address_with_figures_restores_them(desk: Page, address: str) -> None:
    desk.get_by_label("Contacts a week", exact=True).fill("7")
    desk.get_by_label("Cost of calling one contact", exact=True).fill("3.5")
    shared, text, table = where(desk), said(desk), rows(desk)
    desk.goto(address)
    assert said(desk) != text
    desk.goto(shared)
    assert (said(desk), rows(desk)) == (text, table)
    expect(desk.get_by_label("Contacts a week", exact=True)).to_have_value("7")
    expect(desk.get_by_label("Cost of calling one contact", exact=True)).to_have_value("3.5")


def test_the_place_in_the_page_stays_in_the_address(desk: Page, address: str) -> None:
    desk.goto(f"{address}#sec-capacity")
    desk.get_by_label("Contacts a week", exact=True).fill("9")
    assert urlsplit(where(desk)).fragment == "sec-capacity" and query(desk)["capacity"] == ["9"]


@pytest.mark.parametrize("wrong", ["", "0", "-4"])
def test_what_is_no_capacity_is_asked_for_again(desk: Page, wrong: str) -> None:
    box = desk.get_by_label("Contacts a week", exact=True)
    box.fill(wrong)
    assert said(desk) == "Give the contacts a week as a number above zero." and rows(desk) == {}
    expect(box).to_have_attribute("aria-invalid", "true")
    box.fill("6")
    expect(box).to_have_attribute("aria-invalid", "false")
    assert len(rows(desk)) == 7


def test_more_than_there_are_takes_in_everybody(desk: Page) -> None:
    desk.get_by_label("Contacts a week", exact=True).fill("1e6")
    assert said(desk).startswith("That is more than there are; with every contact called, ")
    assert len({cells[0] for cells in rows(desk).values()}) == 1  # every order reaches all who are active


def test_an_address_that_was_tampered_with_is_harmless(desk: Page, address: str) -> None:
    start = desk.get_by_label("Contacts a week", exact=True).input_value()
    desk.goto(f"{address}?capacity=%3Cb%3Ex&cost=&value=1e999")
    expect(desk.get_by_label("Contacts a week", exact=True)).to_have_value(start)
    assert "NaN" not in said(desk) and len(rows(desk)) == 7


def test_without_scripts_the_fields_are_hidden_and_the_table_stays(chromium: Browser, address: str) -> None:
    with chromium.new_context(viewport=DESK, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        expect(page.get_by_label("Contacts a week", exact=True)).to_be_hidden()
        expect(page.locator("#tbl-capacity table")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(chromium: Browser, address: str, theme: str) -> None:
    with chromium.new_context(viewport=PHONE, color_scheme=theme) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{address}?capacity=12.5&cost=1234.56&value=98765")
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wider) == 0
        box = page.locator("#sk-control").bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390
        for field in page.locator("#sk-control input").all():
            size = field.bounding_box()
            assert size is not None and size["x"] + size["width"] <= box["x"] + box["width"]
