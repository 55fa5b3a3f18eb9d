"""Figures of the experiment, with captions and alternative texts."""

from __future__ import annotations

import math

from matplotlib import pyplot
from matplotlib.figure import Figure

from . import theme
from .channel_experiment import Facts, Outcome
from .channel_gaps import Gap, point
from .prose import capital, join, percent, plural


def _rows(known: Outcome) -> list[tuple[str, Gap, bool]]:
    """Return what the first figure shows of an outcome: a name, the difference, and whether it is an effect."""
    raw = [(f"several channels\nless {b.name}", b.gap, False) for b in known.raw]
    return [*raw, *((f"{b.name}\nless none", b.gap, True) for b in [known.email, *known.arms])]


def _draw(panels: list[tuple[str, list[tuple[str, Gap, bool]]]], tall: float) -> Figure:
    heights = [len(rows) + 0.8 for _, rows in panels]
    with theme.style():
        drawn, grid = pyplot.subplots(
            len(panels), 1, squeeze=False, figsize=(5.0, 0.8 + tall * sum(heights)), height_ratios=heights
        )
        for axes, (title, rows) in zip(grid[:, 0], panels, strict=True):
            axes.axvline(0, color=theme.MUTE, lw=1, ls=":")
            for y, (_, gap, effect) in enumerate(rows):
                colour = theme.ACCENT if effect else theme.MUTE
                axes.hlines(y, gap.low * 100, gap.high * 100, color=colour, lw=2.5)
                axes.plot(gap.difference * 100, y, "o" if effect else "s", color=colour, ms=7)
            axes.set_yticks(range(len(rows)), [name for name, _, _ in rows])
            axes.set_ylim(len(rows) - 0.5, -0.5)
            axes.set_title(title)
            axes.grid(axis="y", visible=False)
        grid[-1, 0].set_xlabel("difference, percentage points")
    return drawn


def figure(known: Facts) -> Figure:
    """Draw the raw differences of customers of several channels, and the effects of the e-mails."""
    return _draw([(capital(o.did), _rows(o)) for o in known.outcomes], 0.42)


def inside_figure(known: Facts) -> Figure:
    """Draw the effect of any e-mail among customers of each channel."""
    return _draw([(capital(o.did), [(b.name, b.gap, True) for b in o.inside]) for o in known.outcomes], 0.36)


def caption(known: Facts) -> str:
    """State raw difference and effect of visits."""
    o = known.visit
    raw = join([f"{point(b.gap.difference)} from {b.name}{_chance(b.gap)}" for b in o.raw])
    return (
        f"**Visits: customers of several channels differ by {raw}; an e-mail adds "
        f"{point(o.email.gap.difference)}{_chance(o.email.gap)}.** Percentage points, "
        f"with {percent(known.level, 0)} intervals. Squares: raw differences among those without an e-mail, which "
        "nobody drew by lot. "
        "Dots: effects of e-mails, which were."
    )


def _chance(gap: Gap) -> str:
    return "" if gap.side else " (not beyond chance)"


def alt(known: Facts) -> str:
    """Describe squares and dots."""
    parts = []
    for o in known.outcomes:
        rows = [f"{name} {point(g.difference)} ({g.interval})".replace("\n", " ") for name, g, _ in _rows(o)]
        parts.append(f"{o.did}: {'; '.join(rows)}")
    return f"Squares and dots with intervals, percentage points. {'. '.join(map(capital, parts))}."


def inside_caption(known: Facts) -> str:
    """State whether the effect differs between channels."""
    if not known.tested:
        said = "Whether the effect differs between channels cannot be tested"
    elif known.varying:
        said = f"The effect differs between channels beyond chance, in who {join([o.did for o in known.varying])}"
    else:
        said = "The effect of an e-mail does not differ between channels beyond chance"
    tests = [
        f"{o.did}: chi squared {o.chi:.1f} with {plural(o.freedom, 'degree')} of freedom, p {o.probability}"
        for o in known.outcomes
        if math.isfinite(o.p)
    ]
    return (
        f"**{said}.** Effect of any e-mail within each group of customers, with {percent(known.level, 0)} intervals."
        f"{' Test of one effect (Cochran): ' + '; '.join(tests) + '.' if tests else ''}"
    )


def inside_alt(known: Facts) -> str:
    """Describe the dots."""
    parts = [
        f"{o.did}: {'; '.join(f'{b.name} {point(b.gap.difference)} ({b.gap.interval})' for b in o.inside)}"
        for o in known.outcomes
    ]
    return f"Dots with intervals, percentage points. {'. '.join(map(capital, parts))}."
