"""What the page on prediction says: sentences and tables."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from ..engine.forecasts import BGNBD, Outlook
from ..engine.meaning import Cards
from ..engine.usefulness import Usefulness
from ..inference import Activity, Difference, NextEvents
from ..thresholds import CHANCE, FAIR
from ..vocabulary import Vocabulary
from . import prose
from .findings import quoted
from .prose import GAP, capital, count, inline, join, number, percent, plural
from .show import Shown, table

PLURAL = ("segments", "recency")  # of these names, the verb is plural
COLUMNS = ("recency", "count")  # the rivals that are one column of the log and no method at all
SIMPLE = (*COLUMNS, "rfm")


def on(date: datetime, *, exact: bool) -> str:
    """Write a date, by its month where the exact one would say when single units were active."""
    return prose.day(date) if exact else f"{prose.MONTHS[date.month - 1]}{GAP}{date.year}"


def between(low: float, high: float, digits: int = 2) -> str:
    """Write an interval.

    >>> between(0.1, 0.256)
    '0.10 to 0.26'
    """
    return f"{low:z.{digits}f} to {high:z.{digits}f}"


def names(terms: Vocabulary) -> dict[str, str]:
    """Return what each order is called in a sentence."""
    return {
        "segments": "segments", "recency": f"days since the last {terms.event}", "count": f"number of {terms.events}",
        "rfm": "RFM score", "boosting": "boosting model", BGNBD: "BG/NBD model", "random": "chance",
    }  # fmt: skip


@inline
def cannot_tell(outlook: Outlook, terms: Vocabulary) -> str:
    """Say why nothing could be judged."""
    if not outlook.planned:
        return (
            f"This {terms.record} cannot tell whether the segments foretell who {terms.does}. It covers {count(outlook.covered)} "
            f"days, and {count(outlook.needed)} are needed: {count(outlook.history)} days of {terms.events} to begin with, "
            f"{outlook.window} days to learn from, and {outlook.window} days to judge by."
        )
    return (
        f"This {terms.record} cannot tell whether the segments foretell who {terms.does}: at no date are there enough "
        f"{terms.units} {terms.who} {terms.do} in the next {outlook.window} days, and enough who do not."
    )


def better(found: Usefulness, rivals: tuple[str, ...] = SIMPLE) -> list[str]:
    """Return the rivals that rank better than the segments, beyond chance; the best of them first."""
    ahead = [r for r in rivals if found.against(r)["auc_high"] < 0]
    return sorted(ahead, key=lambda r: float(found.against(r)["auc"]))


def worse(found: Usefulness, rivals: tuple[str, ...] = SIMPLE) -> list[str]:
    """Return the rivals that rank worse than the segments, beyond chance."""
    return [r for r in rivals if found.against(r)["auc_low"] > 0]


def foretells(found: Usefulness) -> bool:
    """Tell whether the segments rank better than chance."""
    return bool(found.of("segments")["auc_low"] > CHANCE)


def order_by(found: Usefulness) -> str | None:
    """Return what a list by who is likely to be active should follow: the best simple order, else the segments where they can."""
    ahead = better(found)
    return ahead[0] if ahead else "segments" if foretells(found) else None


@inline
def lead(found: Usefulness | None, outlook: Outlook, terms: Vocabulary) -> str:
    """Say whether segments foretell who is active, and whether less does it better."""
    if found is None:
        return cannot_tell(outlook, terms)
    own = found.of("segments")
    ahead, behind = better(found, COLUMNS), worse(found, COLUMNS)
    if not foretells(found):
        text = (
            f"The segments do not tell who {terms.does} in the next {outlook.window} days: the area under the curve is "
            f"{own['auc']:.2f}, and its interval ({between(own['auc_low'], own['auc_high'])}) does not lie above the half that "
            "chance gives."
        )
        return text + (f" {capital(_names(ahead, terms, 'or'))} alone {_do(ahead)} better." if ahead else "")
    weakly = "" if own["auc"] >= FAIR else " in part"
    text = f"Segments foretell{weakly} who {terms.does} in the next {outlook.window} days"
    if ahead:
        text += f", but {_names(ahead, terms, 'or')} alone {_do(ahead)} it better"
    elif len(behind) == len(COLUMNS):
        text += f", and better than {_names(behind, terms, 'or')} alone"
    elif behind:
        other = [c for c in COLUMNS if c not in behind]
        text += (
            f"; better than {_names(behind, terms)} alone, and not clearly better or worse than {_names(other, terms)}"
        )
    else:
        text += f"; whether {_names(list(COLUMNS), terms, 'or')} alone does it better cannot be told"
    areas = join([f"{found.of(r)['auc']:.2f} for the {names(terms)[r]}" for r in ("segments", *(ahead or COLUMNS))])
    return f"{text}: the area under the curve is {areas}."


def _do(policies: list[str]) -> str:
    return "do" if policies[-1] in PLURAL else "does"


def _names(policies: list[str], terms: Vocabulary, last: str = "and") -> str:
    return join([f"the {names(terms)[p]}" for p in policies], last)


def verdict(found: Usefulness | None, terms: Vocabulary) -> str:
    """Return the verdict of the page: the areas of the segments and of recency."""
    if found is None:
        return f"the {terms.record} is too short to tell"
    return f"AUC {found.of('segments')['auc']:.2f} by segments, {found.of('recency')['auc']:.2f} by recency alone"


@inline
def design(outlook: Outlook, terms: Vocabulary, *, exact: bool) -> str:
    """Say at which dates everything was learnt and judged."""
    dates = outlook.judged
    if not dates:
        return cannot_tell(outlook, terms)
    shown = join([on(d, exact=exact) for d in dates])
    return (
        f"The {terms.record} is cut at {plural(len(dates), 'date', words=True)}: {shown}. For each, everything is learnt "
        f"{outlook.window} days earlier: the segments from the {terms.events} before that day, and the share of active "
        f"{terms.units} in each from the days between. Then it is applied at the date, and judged by who {terms.does} in the "
        f"{outlook.window} days after it. Nothing of what is judged was known when it was learnt."
    )


@inline
def meaning(found: Usefulness | None, terms: Vocabulary) -> str:
    """Say what the order of a list should follow, and what segments are then for."""
    if found is None:
        return (
            f"Until the {terms.record} is long enough, treat the segments as a description of what {terms.units} did."
        )
    top, all_ahead = order_by(found), better(found, (*SIMPLE, "boosting"))
    if top is not None and top != "segments":
        text = (
            f"To order a list of {terms.units} by who is likely to {terms.do}, use the {names(terms)[top]} rather than the "
            "segments: it is simpler to compute, and better at this."
        )
        if top == "rfm":
            text += f" It adds up the quintiles of recency, number of {terms.events} and {terms.amount}, and needs no clustering."
        return (
            f"{text} The segments are then for something else: to describe who the {terms.units} are, to give each kind an owner "
            f"and a rule, and to talk about them in words. Whom to {terms.approach} first is another question than who is likely "
            f"to {terms.do}."
        )
    if top is None:
        return f"The segments describe what {terms.units} did. Do not use them to guess who will {terms.do}."
    behind = worse(found)
    text = "No simple order beats the segments beyond chance"
    text += f", and they beat {_names(behind, terms)}." if behind else ", and they beat none of them beyond chance."
    if "boosting" in all_ahead:
        text += " A boosting model does better, at the price of a rule that nobody can read."
    if BGNBD in set(found.comparisons["rival"]) and better(found, (BGNBD,)):
        too = " too" if "boosting" in all_ahead else ""
        text += (
            f" The {names(terms)[BGNBD]} does better{too}, from three numbers of each {terms.unit}: its repeat {terms.events}, the "
            "time of the last, and the time since the first."
        )
    return f"{text} A list may follow the segments."


@inline
def kept(found: Usefulness | None, terms: Vocabulary) -> str:
    """Say how many units have the same segment at the earlier dates as in the partition in use."""
    if found is None:
        return "They could not be compared."
    low, high = min(found.params["agreement"]), max(found.params["agreement"])
    share = percent(low, 0) if percent(low, 0) == percent(high, 0) else f"{number(low * 100, 0)} to {percent(high, 0)}"
    return f"Matched one to one, they agree on {share} of the {terms.units}."


@inline
def first_tenth(found: Usefulness | None, terms: Vocabulary) -> str:
    """Say how much of the activity the first tenth of each list finds."""
    if found is None:
        return ""
    own, top = found.of("segments"), percent(found.params["top"], 0)
    text = (
        f"In the first {top} of a list, the segments find {own['lift']:.1f} times as many active {terms.units} as chance would "
        f"({between(own['lift_low'], own['lift_high'], 1)}), the {names(terms)['recency']} {found.of('recency')['lift']:.1f} "
        f"times, the {names(terms)['rfm']} {found.of('rfm')['lift']:.1f} times, and the {names(terms)['boosting']} "
        f"{found.of('boosting')['lift']:.1f} times."
    )
    less = found.against("recency")
    if less["lift_low"] <= 0 <= less["lift_high"]:
        text += f" There, segments and the {names(terms)['recency']} cannot be told apart."
    return text


@inline
def most_active(found: Activity | None, cards: Cards, outlook: Outlook, terms: Vocabulary, *, exact: bool) -> str:
    """Say which segment is the most active after the latest date, and by how much."""
    if found is None or found.most is None:
        return ""
    rows = found.table.set_index("segment")
    top = rows.loc[found.most]
    text = (
        f"After {on(found.date, exact=exact)}, {percent(float(top['share']))} of {quoted(cards[found.most])} {terms.did} within "
        f"{outlook.window} days ({_span(top['low'], top['high'])})"
    )
    if found.gap is not None and found.next_to is not None:
        text += f"; {quoted(cards[found.next_to])} come next, {_apart(found.gap)}"
    return f"{text}."


def _apart(gap: Difference) -> str:
    points = f"{number(abs(gap.difference) * 100, 0)} points"
    if gap.low <= 0 <= gap.high:
        return f"but the difference of {points} may be chance ({_points(gap)})"
    return f"{points} {'below' if gap.difference > 0 else 'above'} ({_points(gap)})"


def _points(gap: Difference) -> str:
    low, high = (gap.low, gap.high) if gap.difference > 0 else (-gap.high, -gap.low)
    return f"{number(low * 100, 0)} to {number(high * 100, 0)}"


def _span(low: float, high: float) -> str:
    return f"{number(low * 100, 0)} to {percent(high, 0)}"


@inline
def waits(found: NextEvents | None, cards: Cards, terms: Vocabulary) -> str:
    """Say how many days the units of each segment go without an event."""
    if found is None or found.means.empty:
        return ""
    rows = found.means.set_index("segment")
    parts = [
        f"{number(rows.loc[c.id, 'mean'], 0)} in {quoted(c)} ({number(rows.loc[c.id, 'low'], 0)} to "
        f"{number(rows.loc[c.id, 'high'], 0)})"
        for c in cards
        if c.id in rows.index
    ]
    return (
        f"Of the {prose.ago(found.follow_up)} that were watched, the mean {terms.unit} goes without {terms.an_event} for "
        f"{join(parts)}."
    )


# Tables


def nothing(terms: Vocabulary) -> Shown:
    """Stand in for a figure or a table that the log is too short for."""
    return Shown(f"This {terms.record} cannot tell, for the reason above.")


def activity_table(found: Activity, cards: Cards, outlook: Outlook, terms: Vocabulary, *, exact: bool) -> Shown:
    """Show how active each segment was in the window after the latest date."""
    rows = found.table.set_index("segment")
    shown = []
    for card in cards:
        row = rows.loc[card.id]
        known = pd.notna(row["share"])
        shown.append(
            {
                "segment": card.name,
                terms.units: row["units"],
                "active": row["active"],
                "share": percent(float(row["share"])) if known else None,
                "interval": _span(float(row["low"]), float(row["high"])) if known else None,
                f"{terms.events} per {terms.unit}": f"{row['events']:.2f}" if known else None,
                "its interval": between(row["events_low"], row["events_high"]) if known else None,
                "probability of being the most active": percent(float(row["p_best"])) if known else None,
            }
        )
    frame = pd.DataFrame(shown).astype({terms.units: "Float64", "active": "Float64"})
    dash = (
        f" A dash stands for a number that would give fewer than five {terms.units} away."
        if frame.isna().any(axis=None)
        else ""
    )
    finding = "The segments are too small to compare how active they were."
    if found.most is not None:
        top = rows.loc[found.most]
        finding = (
            f"{quoted(cards[found.most])} is the most active segment, with probability {percent(float(top['p_best']))}."
        )
    export = found.table.assign(name=[cards[s].name for s in found.table["segment"]])
    return table(
        frame,
        "tbl-activity",
        f"**{finding}** {capital(terms.units)} by segment {'on' if exact else 'in'} {on(found.date, exact=exact)}, and how many of "
        f"them {terms.did} in the {outlook.window} days after it. Intervals: {percent(found.level, 0)}; of shares Wilson's, or "
        f"Jeffreys’ where fewer than ten {terms.units} are active or are not; of {terms.events} by resampled {terms.units}. The "
        f"probability draws the shares towards each other first.{dash}",
        {terms.units: prose.count, "active": prose.count},
        right=tuple(frame.columns[3:]),
        export=export,
    )


def order_table(found: Usefulness, terms: Vocabulary, *, exact: bool) -> Shown:
    """Show how well each order does, and how far its forecasts can be taken at their word."""
    means = found.calibration.groupby("policy")[["expected", "observed", "brier", "reliability"]].mean()
    rows = found.summary.sort_values("auc", ascending=False)
    frame = pd.DataFrame(
        {
            "order": [capital(names(terms)[p]) for p in rows["policy"]],
            "area": [f"{r.auc:.3f}" for r in rows.itertuples()],
            "area, interval": [between(r.auc_low, r.auc_high) for r in rows.itertuples()],
            "lift": [f"{r.lift:.1f}" for r in rows.itertuples()],
            "lift, interval": [between(r.lift_low, r.lift_high, 1) for r in rows.itertuples()],
            "foretold": [percent(float(means.loc[p, "expected"])) for p in rows["policy"]],
            "Brier score": [f"{means.loc[p, 'brier']:.4f}" for p in rows["policy"]],
            "reliability": [f"{means.loc[p, 'reliability']:.4f}" for p in rows["policy"]],
        }
    )
    best = str(means["brier"].idxmin())
    seen = percent(float(means["observed"].iloc[0]))
    return table(
        frame,
        "tbl-orders",
        f"**The {names(terms)[best]} {'have' if best in PLURAL else 'has'} the smallest Brier score.** Means of the dates. Lift: "
        f"active {terms.units} in the first {percent(found.params['top'], 0)} of the list, relative to chance. Foretold: the mean "
        f"share that was foretold; {seen} were active. The Brier score is the mean squared error of the foretold shares, and "
        "reliability the part of it that comes from shares that are off; of both, less is better.",
        right=tuple(frame.columns[1:]),
        export=found.table.drop(columns="active").merge(found.calibration, on=["date", "policy"]).assign(
            date=lambda f: [d.strftime("%Y-%m-%d" if exact else "%Y-%m") for d in f["date"]]
        ),
    )  # fmt: skip
