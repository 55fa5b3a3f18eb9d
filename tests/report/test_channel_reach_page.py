"""What the page on the reach of channels says: true, whatever the export holds."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from report_project import downloads, unescaped
from said import said

from segkit.contract import CRM
from segkit.inference.rates import difference
from segkit.inference.reach import Reach, Shift, reach
from segkit.report import channel_detectors, channel_reach

__all__ = ["downloads"]
pytest_plugins = ["report_project"]
pytestmark = pytest.mark.usefixtures("downloads")

UNITS = 200
STRATEGIES = ("Omnichannel", "Online Only", "Offline Only", "None")


def first(n: int) -> pd.Series:
    """Return a flag of the first prospects."""
    return pd.Series([i < n for i in range(UNITS)])


def made(phone: int = 40, ads: int = 120, both: int = 30, system: int = 50, offline: int | None = None) -> Reach:
    """Return the reach of three channels; who is reached by phone is mentioned twice."""
    mentions = {
        "offline": pd.DataFrame({"Phone": 2 * first(phone), "Print_Media": 0 * first(1)}),
        "online": pd.DataFrame({"Google_Ads": 1 * first(ads), "TikTok": 1 * first(min(ads, 7))}),
    }
    signals = {
        "has_offline_signal": first(phone if offline is None else offline), "online": first(160), "is_omnichannel": first(both),
        "system": first(system),
    }  # fmt: skip
    return reach(mentions, signals)


def shifted(
    literal: tuple[int, int] = (30, 20),
    taxonomy: tuple[int, int] = (25, 12),
    *,
    moved: int = 40,
    phone: tuple[int, int] = (90, 40),
) -> Shift:
    """Return two detectors; of a hundred in each group so many closed, omnichannel first."""
    table = pd.DataFrame(0, index=STRATEGIES, columns=STRATEGIES)
    table.loc["Omnichannel"] = [60, moved, 0, 0]
    table.loc["Online Only", "Online Only"] = UNITS - 60 - moved
    compared = {n: difference(e, (100, 100)) for n, e in (("literal", literal), ("taxonomy", taxonomy))}
    channels = pd.DataFrame(
        {
            "kind": ["offline", "online"],
            "channel": ["Phone", "Google_Ads"],
            "literal": [phone[0], 50],
            "taxonomy": [phone[1], 50],
        }
    )
    return Shift(table, moved, UNITS, compared, channels, {"ways": ["literal", "taxonomy"], "level": 0.95})


def says(label: str, found: Reach | None = None, shift: Shift | None = None, detector: str = "taxonomy") -> str:
    text = said(
        "reach", label, CRM.terms, "channels", settings=SimpleNamespace(detector=detector),
        _reached=channel_reach.facts(found or made()), _moved=channel_detectors.moves(shift or shifted()),
    )  # fmt: skip
    return text.replace("\xa0", " ")


def hidden(found: Reach, *signals: str) -> Reach:
    """Return the reach without what the gate takes away."""
    gone = found.signals["signal"].isin(signals)
    table = found.signals.copy()
    table[["units", "share", "low", "high"]] = table[["units", "share", "low", "high"]].astype(object).mask(gone, None)
    return replace(found, signals=table)


def test_the_lead_tells_who_was_touched_and_by_what() -> None:
    text = says("lead")
    assert text.startswith(
        "20 % of the 200 prospects have a touch offline, and 15 % were touched both offline and online (omnichannel)."
    )
    assert "Offline, Phone reaches most, 20 % of all. Of the platforms, Google Ads does, with 60 %." in text
    assert "None of the 200 prospects has a touch offline." in says("lead", made(phone=0, both=0))
    few = says("lead", hidden(made(), "has_offline_signal", "is_omnichannel"))
    assert few.startswith("Of 200 prospects too few have a touch offline to be told of.")
    assert "No platform reached anybody who may be told of." in says("lead", made(ads=0))


@pytest.mark.parametrize(
    ("shift", "agree", "lead", "text"),
    [
        (shifted((40, 20), (35, 12)), "same", "and conclude the same", "Both lie beyond chance, on the same side"),
        (shifted((21, 20), (20, 20)), "same", "and conclude the same", "Both may be chance."),
        (shifted((40, 20), (21, 20)), "chance", "decides whether", "The first lies beyond chance, the other does not"),
        (shifted((21, 20), (40, 20)), "chance", "decides whether", "The second lies beyond chance"),
        (shifted((40, 20), (12, 35)), "turns", "turn the difference in closing around", "on opposite sides"),
    ],
)
def test_conclusions_of_both_detectors_are_compared(shift: Shift, agree: str, lead: str, text: str) -> None:
    assert channel_detectors.moves(shift).agree == agree
    assert lead in says("lead", shift=shift) and "20 % of the prospects elsewhere" in says("lead", shift=shift)
    told = says("difference", shift=shift)
    assert text in told
    assert ("say which detector is right" in says("meaning", shift=shift)) == (agree != "same")


def test_differences_have_the_numbers_of_newcombe() -> None:
    # Newcombe (1998), table II, case (a): 56/70 less 48/80 is 0.2, with method 10 from 0.0524 to 0.3339.
    found = replace(shifted(), comparisons={n: difference((56, 48), (70, 80)) for n in ("literal", "taxonomy")})
    assert (
        "only is 20.0 percentage points (95 % interval 5.2 to 33.4); by the taxonomy, it is 20.0 (5.2 to 33.4)"
        in says("difference", shift=found)
    )
    assert "how large the difference is moves by 0.0 percentage points" in says("difference", shift=found)


def test_detectors_that_cannot_be_compared_claim_nothing() -> None:
    none = replace(shifted(), comparisons={n: difference((0, 5), (0, 100)) for n in ("literal", "taxonomy")})
    assert says("difference", shift=none).startswith("By one detector at least, too few prospects")
    assert "Looking for words" not in says("lead", shift=none)
    assert channel_detectors.verdict(channel_detectors.moves(none)) == "detectors not compared"
    assert "–" in channel_detectors.difference_table(none).markdown
    hidden_moves = replace(shifted(), moved=None, table=shifted().table.astype(object).replace(60, None))  # type: ignore[arg-type]
    text = says("detectors", shift=hidden_moves)
    assert "different strategies" not in text and "Omnichannel are" not in text
    assert "is not told" in channel_detectors.crossing_table(hidden_moves).markdown


def test_what_moves_is_named_with_its_numbers() -> None:
    text = says("detectors")
    assert "different strategies. By the literal one 100 are omnichannel, by the taxonomy 60." in text
    assert "They differ most on Phone: 90 prospects by the literal one, 40 by the taxonomy." in text
    assert "the literal detector, as its settings ask" in says("detectors", detector="literal")
    same = says("detectors", shift=shifted(moved=0, phone=(40, 40)))
    assert "Both put every prospect into the same strategy." in same and "differ most" not in same


def test_the_state_of_the_system_is_no_touch() -> None:
    assert says("system").startswith("50 prospects (25 %, 95 % interval")
    assert "they would be more than all who were met offline" in says("system")
    assert "they would be more" not in says("system", made(system=10))
    assert says("system", made(system=0)) == "No prospect has such an entry without an offline touch named."
    assert says("system", hidden(made(), "system")).startswith("Too few prospects have such an entry")
    assert "counts as a touch by Other Offline" in says("system", detector="literal")
    assert "Do not count entries by a system" in says("meaning") and "system" not in says("meaning", made(system=0))


def test_channels_that_reached_nobody_are_named_apart() -> None:
    text = says("offline")
    assert text.startswith("Phone reached 20 % of the prospects (95 % interval 15")
    assert "Print Media reached nobody, or too few to be told of." in text
    assert says("offline", made(phone=0)).startswith("No offline channel reached anybody")
    assert says("online", made(ads=0)).startswith("No platform reached anybody")
    assert "there is no prospect of the strategy offline only" in says("cohort", made(phone=30))
    assert "offline only" not in says("cohort")


def test_captions_and_tables_have_the_numbers() -> None:
    found = made()
    assert channel_reach.reach_caption(found, "offline").startswith("**Phone reached 20")
    assert "next is TikTok with 3.5" in channel_reach.reach_caption(found, "online").replace("\xa0", " ")
    assert "Phone 20" in channel_reach.reach_alt(found, "offline")
    table = channel_reach.reach_table(found, "offline").markdown
    assert (
        ">80<" in table
        and ">2.00<" in table
        and "Phone has the most mentions of whom it reached, 2 each" in unescaped(table)
    )
    ties = unescaped(channel_reach.reach_table(found, "online").markdown)
    assert "Google Ads and TikTok have the most mentions of whom they reached, 1 each" in ties
    overview = channel_reach.overview_table(found).markdown
    assert ">200<" in overview and ">30<" in overview
    assert "On average 0.20 offline channels and 0.64 platforms per prospect" in unescaped(overview)
    assert "Phone reached 90 prospects by the literal detector and 40" in channel_detectors.shift_caption(shifted())
    assert "Phone, 90 and 40" in channel_detectors.shift_alt(shifted())
    assert "Of 2 channels, 1 has the same reach by both" in channel_detectors.channels_table(shifted()).markdown


@pytest.mark.parametrize("found", [made(), made(phone=0, ads=0)])
def test_figures_have_a_row_per_channel(found: Reach) -> None:
    for kind in ("offline", "online"):
        (axes,) = channel_reach.reach_figure(found, kind).axes
        assert len(axes.get_yticklabels()) == 2
    (axes,) = channel_detectors.shift_figure(shifted()).axes
    assert [t.get_text() for t in axes.get_yticklabels()] == ["Phone", "Google Ads"]


def test_what_the_gate_takes_away_is_a_dash() -> None:
    found = made(phone=3)
    table = found.table.astype(object)
    table.loc[table["channel"] == "Phone", ["units", "share", "low", "high", "mentions", "mean"]] = None
    gated = hidden(replace(found, table=table), "has_offline_signal", "is_omnichannel", "system")
    told = channel_reach.facts(gated)
    assert told.offline_widest is None and not told.both.known and math.isnan(told.offline.share)
    for text in (channel_reach.reach_table(gated, "offline"), channel_reach.overview_table(gated)):
        assert "–" in text.markdown and "nan" not in text.markdown.lower()
    channel_reach.reach_figure(gated, "offline")
    rows: Any = shifted().channels.astype(object)
    rows.loc[0, "taxonomy"] = None
    less = replace(shifted(), channels=rows)
    assert channel_detectors.moves(less).widest == ""
    channel_detectors.shift_figure(less)
    assert "–" in channel_detectors.channels_table(less).markdown
