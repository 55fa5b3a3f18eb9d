"""Figures of the contacts study."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.colors import to_hex, to_rgb
from matplotlib.dates import date2num
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from report_project import Made, at_k, with_small_segment

from segkit.data.breaks import declared
from segkit.report import breaks, captions, event_audit, figures, theme
from segkit.studies.contacts import TERMS, ContactsStudy

pytest_plugins = ["report_project"]
pytestmark = pytest.mark.usefixtures("downloads")

CHOSEN = [("n_calls", "calls"), ("total_dur_sec", "total talk"), ("recency_days", "days since last call")]


def the_map(made: Made, *, points: bool) -> Figure:
    axes = captions.axis_names(made.projection, made.features.labels)
    return figures.segment_map(made.projection, made.segments.labels, made.cards, points=points, names=axes)


DRAWN: tuple[Callable[[Made], Figure], ...] = (
    lambda made: the_map(made, points=True),
    lambda made: the_map(made, points=False),
    lambda made: figures.profiles(made.profile, made.cards, CHOSEN),
    lambda made: figures.silhouettes(made.segments, made.cards),
    lambda made: event_audit.by_clock(made.audit, TERMS),
    lambda made: event_audit.over_time(made.audit, made.breaks, TERMS, public=True),
)


def every(made: Made) -> list[Figure]:
    return [draw(made) for draw in DRAWN]


def words(figure: Figure) -> list[str]:
    return [t.get_text() for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]


def overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Return pairs of texts that lie over each other, and texts that leave the picture."""
    figure.canvas.draw()
    texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    ticks = {
        id(t)
        for a in figure.axes
        for axis in (a.xaxis, a.yaxis)
        for t in (*axis.get_ticklabels(), axis.get_offset_text())
    }
    boxes = [(t.get_text(), Text.get_window_extent(t)) for t in texts if id(t) not in ticks]
    size = figure.bbox
    bad = [(a, b) for i, (a, one) in enumerate(boxes) for b, two in boxes[:i] if one.overlaps(two)]
    out = [(a, "outside") for a, b in boxes if b.x0 < -1 or b.y0 < -1 or b.x1 > size.x1 + 1 or b.y1 > size.y1 + 1]
    return bad + out


@pytest.mark.parametrize("k", [2, 3, 4, 6, 8])
def test_figures_at_any_number_of_segments(simulated: ContactsStudy, k: int) -> None:
    made = at_k(simulated, k)
    for figure in every(made):
        assert not overlaps(figure)
        assert not [w for w in words(figure) if re.search(r"\b(nan|None|inf)\b", w)]
    for points in (True, False):
        text = "\n".join(words(the_map(made, points=points)))
        for card in made.cards:
            assert card.short in text and f"{card.size:,}" in text


def test_a_small_segment_has_neither_name_nor_size_on_the_map(simulated: ContactsStudy) -> None:
    made = with_small_segment(simulated)
    hidden = [c for c in made.cards if c.size is None]
    for points in (True, False):
        text = "\n".join(words(the_map(made, points=points)))
        assert not [c for c in hidden if c.short in text]
    bars = figures.silhouettes(made.segments, made.cards).axes[0].patches
    assert {bar.get_width() for bar in bars} == {0.7, 0.6, 0.5, 0.4, 0.0}  # the small one, at -0.9, has no bar
    for figure in every(made):
        assert not overlaps(figure)


def test_rectangles_hold_five_contacts_at_least_and_every_contact_once(simulated: ContactsStudy) -> None:
    """Counted anew from the edges of what is drawn."""
    made = at_k(simulated, 6)
    axes = the_map(made, points=False).axes[0]
    at = made.projection.points.to_numpy()
    held = np.zeros(len(at), dtype=int)
    for box in axes.patches:
        assert isinstance(box, Rectangle)
        low = np.array(box.get_xy()) - 1e-12
        size = np.array([box.get_width(), box.get_height()])
        inside = ((at >= low) & (at < low + size)).all(axis=1)
        assert inside.sum() >= 5
        held += inside
    assert (held == 1).all()
    assert not axes.collections and not axes.lines  # no mark of a single contact


@given(st.integers(0, 2**32 - 1), st.integers(0, 60))
def test_areas_hold_enough_and_share_nothing(seed: int, n: int) -> None:
    cells = pd.DataFrame(np.random.default_rng(seed).integers(0, figures.CELLS, (n, 2)), columns=["x", "y"])
    held = np.zeros(n, dtype=int)
    for a, b, c, d in figures.areas(cells):
        inside = cells["x"].between(a, b - 1) & cells["y"].between(c, d - 1)
        assert inside.sum() >= 5
        held += inside
    assert (held == (n >= 5)).all()


def test_squares_have_the_colour_of_most(simulated: ContactsStudy) -> None:
    made = at_k(simulated, 4)
    tone = {c: s for s, c in theme.colours(made.cards).items()}
    at = made.projection.points.assign(segment=made.segments.labels)
    for square in the_map(made, points=False).axes[0].patches:
        assert isinstance(square, Rectangle)
        x, y = square.get_xy()
        end = x + square.get_width() + 1e-8, y + square.get_height() + 1e-8
        inside = at[(at["x"] >= x - 1e-8) & (at["x"] < end[0]) & (at["y"] >= y - 1e-8) & (at["y"] < end[1])]
        counts = inside["segment"].value_counts()
        segment = tone[to_hex(square.get_facecolor())]
        assert counts[segment] == counts.max()


def test_points_are_one_per_contact(simulated: ContactsStudy) -> None:
    made = at_k(simulated, 4)
    marks = the_map(made, points=True).axes[0].collections
    assert sum(np.asarray(c.get_offsets()).shape[0] for c in marks) == 2091


def test_colours_go_by_rank(simulated: ContactsStudy) -> None:
    for k in (2, 4, 6, 8, 12):
        cards = at_k(simulated, k).cards
        tones = theme.colours(cards)
        assert len(set(tones.values())) == k
        assert [tones[c.id] for c in cards] == list(theme.PALETTE[:k])  # whatever kinds of segments these are


def lightness(colour: str) -> float:
    """Return CIE L* of an sRGB colour (IEC 61966-2-1; CIE 15)."""
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in to_rgb(colour))
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 116 * y ** (1 / 3) - 16 if y > (6 / 29) ** 3 else y * (29 / 3) ** 3


def test_ranks_are_told_apart_in_grey() -> None:
    # Two colours that a grey print shows alike, as it does with the third and the fourth, have different marks.
    assert lightness("#ffffff") == pytest.approx(100) and lightness("#808080") == pytest.approx(53.585, abs=0.001)
    shown = list(zip(map(lightness, theme.PALETTE), theme.MARKERS * 2, strict=False))
    apart = [abs(a - b) > 5 or mark != other for (a, mark), (b, other) in itertools.combinations(shown, 2)]
    assert all(apart) and abs(shown[0][0] - shown[1][0]) > 20 < abs(shown[0][0] - 100)


def test_profiles_name_their_units(simulated: ContactsStudy) -> None:
    titles = [
        a.get_title("left") for a in figures.profiles(at_k(simulated, 4).profile, at_k(simulated, 4).cards, CHOSEN).axes
    ]
    assert titles[:3] == ["calls", "total talk, s", "days since last call"]


def test_months_of_few_contacts_are_blank_unless_public(private: ContactsStudy) -> None:
    months = private.audit.months
    small = months["units"].between(1, 4)
    assert not small.all()
    audit = private.audit
    changed = months.assign(units=[3, *months["units"].iloc[1:]])
    audit = type(audit)(**{**audit.__dict__, "months": changed})
    heights = {
        public: [
            p.get_height() for p in event_audit.over_time(audit, private.breaks, TERMS, public=public).axes[0].patches
        ]
        for public in (True, False)
    }
    assert heights[True][0] == months["events"].iloc[0]
    assert pd.isna(heights[False][0]) and not pd.isna(heights[False][1])
    assert "left blank" in event_audit.months_caption(audit, private.breaks, TERMS, public=False)
    assert "left blank" not in event_audit.months_caption(audit, private.breaks, TERMS, public=True)


def test_breaks_are_bands_over_months_and_over_windows(private: ContactsStudy) -> None:
    first, last = private.audit.first.date(), private.audit.last.date()
    found = declared([(date(2022, 2, 1), date(2022, 2, 10)), (date(2022, 3, 1), date(2022, 3, 1))], first, last)
    axes = event_audit.over_time(private.audit, found, TERMS, public=True).axes[0]
    bands = [(p.get_x(), p.get_width()) for p in axes.patches if p.get_alpha() is not None]
    assert bands == [(date2num(date(2022, 2, 1)), 10.0), (date2num(date(2022, 3, 1)), 1.0)]
    _, plain = pyplot.subplots()
    plain.set_xlim(0, 4)
    breaks.shade(plain, found, lambda when: (when - pd.Timestamp("2022-01-31")).days / 5)
    assert [(p.get_x(), p.get_width()) for p in plain.patches] == [(0.2, 2.0), (4.0, 0.0)]  # no further than the axis
    assert plain.get_xlim() == (0, 4)


@pytest.mark.parametrize("draw", DRAWN)
def test_the_same_result_gives_the_same_picture(simulated: ContactsStudy, draw: Callable[[Made], Figure]) -> None:
    made = at_k(simulated, 4)
    first, second = (theme.svg(draw(made), "x") for _ in range(2))
    assert first == second
