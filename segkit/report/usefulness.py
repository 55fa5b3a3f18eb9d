"""What the page on prediction shows: facts and tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from ..engine.forecasts import BGNBD, Outlook
from ..engine.meaning import Cards
from ..engine.usefulness import Usefulness
from ..inference import Activity, NextEvents
from ..thresholds import CHANCE, FAIR
from ..vocabulary import Vocabulary
from . import prose
from .findings import quoted
from .prose import GAP, capital, count, number, percent
from .show import Shown, table

PLURAL = ("segments", "recency")  # of these names, the verb is plural
COLUMNS = ("recency", "count")  # the rivals that are one column of the log and no method at all
SIMPLE = (*COLUMNS, "rfm")


def on(date: datetime, *, exact: bool) -> str:
    """Write a date, by its month where the exact one would say when single units were active."""
    return prose.day(date) if exact else f"{prose.MONTHS[date.month - 1]}{GAP}{date.year}"


def mean_of(dates: int) -> str:
    """Say of how many dates numbers are means."""
    return "From one date." if dates == 1 else f"Means of {prose.plural(dates, 'date', words=True)}."


def between(low: float, high: float, digits: int = 2) -> str:
    """Write an interval.

    >>> between(0.1, 0.256)
    '0.10 to 0.26'
    """
    return f"{low:z.{digits}f} to {high:z.{digits}f}"


def names(terms: Vocabulary) -> dict[str, str]:
    """Return what each ranking is called in a sentence."""
    return {
        "segments": "segments", "recency": f"days since the last {terms.event}", "count": f"number of {terms.events}",
        "rfm": "RFM score", "boosting": "boosting model", BGNBD: "BG/NBD model", "random": "chance",
    }  # fmt: skip


def cannot_tell(outlook: Outlook, terms: Vocabulary) -> str:
    """Say why nothing could be judged."""
    if not outlook.planned:
        return (
            f"This {terms.record} cannot tell whether the segments predict who {terms.does}. It covers {count(outlook.covered)} "
            f"days, and {count(outlook.needed)} are needed: {count(outlook.history)} days of {terms.events} to begin with, "
            f"{outlook.window} days to learn from, and {outlook.window} days to judge by."
        )
    return (
        f"This {terms.record} cannot tell whether the segments predict who {terms.does}: at no date are there enough "
        f"{terms.units} {terms.who} {terms.do} in the next {outlook.window} days, and enough who do not."
    )


def better(found: Usefulness, rivals: tuple[str, ...] = SIMPLE) -> list[str]:
    """Return the rivals that rank better than the segments, beyond chance; the best of them first."""
    ahead = [r for r in rivals if found.against(r)["auc_high"] < 0]
    return sorted(ahead, key=lambda r: float(found.against(r)["auc"]))


def predicts(found: Usefulness) -> bool:
    """Tell whether the segments rank better than chance."""
    return bool(found.of("segments")["auc_low"] > CHANCE)


def order_by(found: Usefulness) -> str | None:
    """Return what a list by who is likely to be active should follow: the best simple ranking, else the segments where they can."""
    ahead = better(found)
    return ahead[0] if ahead else "segments" if predicts(found) else None


@dataclass(frozen=True)
class Beside:
    """Rivals by how they rank beside the segments, as a sentence names them.

    Attributes
    ----------
    ahead, behind, level : list of str
        Better beyond chance, the best of them first; worse beyond chance; and neither.
    """

    ahead: list[str]
    behind: list[str]
    level: list[str]


@dataclass(frozen=True)
class Facts:
    """What the page tells of how the segments rank.

    Attributes
    ----------
    predicts, fair : bool
        Whether the segments rank better than chance, and well enough to be of use.
    low, high, lift_low, lift_high : float
        Limits of the AUC and of the lift of the segments.
    lift : dict of str to float
        By ranking.
    names : dict of str to str
        What each ranking is called.
    columns, simple : Beside
        The rivals that are one column, and all that are simple.
    areas : list of (str, float)
        The AUC of the segments, and of the columns that the lead holds against them.
    many : bool
        Whether the last of the columns ahead is called by a plural.
    top : str or None
        What `order_by` returns.
    boosting, bgnbd : bool
        Whether the boosting model and the BG/NBD model rank better than the segments beyond chance.
    rivals : list of str
        Whom the segments are compared with.
    apart : bool
        Whether segments and recency can be told apart by their lift.
    share, alike_low, alike_high : float
        The part of the list that the lift is about, and how many units have their segment at an earlier date too.
    """

    predicts: bool
    fair: bool
    low: float
    high: float
    lift_low: float
    lift_high: float
    lift: dict[str, float]
    names: dict[str, str]
    columns: Beside
    simple: Beside
    areas: list[tuple[str, float]]
    many: bool
    top: str | None
    boosting: bool
    bgnbd: bool
    rivals: list[str]
    apart: bool
    share: float
    alike_low: float
    alike_high: float


def facts(found: Usefulness | None, terms: Vocabulary) -> Facts | None:
    """Collect what the sentences of the page need; nothing where nothing could be judged."""
    if found is None:
        return None
    own, less, called = found.of("segments"), found.against("recency"), names(terms)
    rivals = list(found.comparisons["rival"])
    ahead = better(found, COLUMNS)
    return Facts(
        predicts=predicts(found),
        fair=bool(own["auc"] >= FAIR),
        low=own["auc_low"],
        high=own["auc_high"],
        lift_low=own["lift_low"],
        lift_high=own["lift_high"],
        lift=found.summary.set_index("policy")["lift"].to_dict(),
        names=called,
        columns=_beside(found, COLUMNS, terms),
        simple=_beside(found, SIMPLE, terms),
        areas=[(called[r], float(found.of(r)["auc"])) for r in ("segments", *(ahead or COLUMNS))],
        many=bool(ahead) and ahead[-1] in PLURAL,
        top=order_by(found),
        boosting=bool(better(found, ("boosting",))),
        bgnbd=BGNBD in rivals and bool(better(found, (BGNBD,))),
        rivals=rivals,
        apart=not less["lift_low"] <= 0 <= less["lift_high"],
        share=found.params["top"],
        alike_low=min(found.params["agreement"]),
        alike_high=max(found.params["agreement"]),
    )


def _beside(found: Usefulness, rivals: tuple[str, ...], terms: Vocabulary) -> Beside:
    ahead, behind = better(found, rivals), [r for r in rivals if found.against(r)["auc_low"] > 0]
    level = [r for r in rivals if r not in ahead + behind]
    return Beside(*([f"the {names(terms)[r]}" for r in some] for some in (ahead, behind, level)))


def verdict(found: Usefulness | None, terms: Vocabulary) -> str:
    """Return the verdict of the page: the AUCs of the segments and of recency."""
    if found is None:
        return f"the {terms.record} is too short to tell"
    return f"AUC {found.of('segments')['auc']:.2f} by segments, {found.of('recency')['auc']:.2f} by recency alone"


@dataclass(frozen=True)
class Most:
    """The most active segment.

    Attributes
    ----------
    when, segment : str
        The date, and the name.
    share, low, high : float
        Of its units that were active, with limits.
    next_to : str or None
        The segment with the next highest share, where the two can be compared.
    gap, gap_low, gap_high : float
        How far that one lies below; less than zero where it lies above.
    """

    when: str
    segment: str
    share: float
    low: float
    high: float
    next_to: str | None
    gap: float
    gap_low: float
    gap_high: float


def most_active(found: Activity | None, cards: Cards, *, exact: bool) -> Most | None:
    """Return which segment is the most active after the latest date, and by how much."""
    if found is None or found.most is None:
        return None
    top, gap, second = found.table.set_index("segment").loc[found.most], found.gap, found.next_to
    return Most(
        when=on(found.date, exact=exact),
        segment=quoted(cards[found.most]),
        share=float(top["share"]),
        low=float(top["low"]),
        high=float(top["high"]),
        next_to=quoted(cards[second]) if gap is not None and second is not None else None,
        gap=gap.difference if gap else 0.0,
        gap_low=gap.low if gap else 0.0,
        gap_high=gap.high if gap else 0.0,
    )


@dataclass(frozen=True)
class Wait:
    """How many days the mean unit of a segment goes without an event, with limits."""

    segment: str
    mean: float
    low: float
    high: float


def waits(found: NextEvents | None, cards: Cards) -> list[Wait]:
    """Return the waits of the segments that may be shown."""
    if found is None:
        return []
    rows = found.means.set_index("segment")
    shown = [(c, rows.loc[c.id]) for c in cards if c.id in rows.index]
    return [Wait(quoted(c), float(r["mean"]), float(r["low"]), float(r["high"])) for c, r in shown]


# Tables


def _span(low: float, high: float) -> str:
    return f"{number(low * 100, 0)} to {percent(high, 0)}"


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
        f"probability is taken after shrinkage, which draws the shares towards each other.{dash}",
        {terms.units: prose.count, "active": prose.count},
        right=tuple(frame.columns[3:]),
        export=export,
    )


def order_table(found: Usefulness, terms: Vocabulary, *, exact: bool) -> Shown:
    """Show how well each ranking does, and how well its forecasts are calibrated."""
    means = found.calibration.groupby("policy")[["expected", "observed", "brier", "reliability"]].mean()
    rows = found.summary.sort_values("auc", ascending=False)
    frame = pd.DataFrame(
        {
            "ranking": [capital(names(terms)[p]) for p in rows["policy"]],
            "AUC": [f"{r.auc:.3f}" for r in rows.itertuples()],
            "AUC, interval": [between(r.auc_low, r.auc_high) for r in rows.itertuples()],
            "lift": [f"{r.lift:.1f}" for r in rows.itertuples()],
            "lift, interval": [between(r.lift_low, r.lift_high, 1) for r in rows.itertuples()],
            "predicted": [percent(float(means.loc[p, "expected"])) for p in rows["policy"]],
            "Brier score": [f"{means.loc[p, 'brier']:.4f}" for p in rows["policy"]],
            "reliability": [f"{means.loc[p, 'reliability']:.4f}" for p in rows["policy"]],
        }
    )
    best = str(means["brier"].idxmin())
    seen = percent(float(means["observed"].iloc[0]))
    return table(
        frame,
        "tbl-orders",
        f"**The {names(terms)[best]} {'have' if best in PLURAL else 'has'} the smallest Brier score.** "
        f"{mean_of(len(found.params['dates']))} Lift: "
        f"active {terms.units} in the first {percent(found.params['top'], 0)} of the list, relative to chance. Predicted: the mean "
        f"share that was predicted; {seen} were active. The Brier score is the mean squared error of the predicted shares, and "
        "reliability the part of it that comes from shares that are off; of both, less is better.",
        right=tuple(frame.columns[1:]),
        export=found.table.drop(columns="active").merge(found.calibration, on=["date", "policy"]).assign(
            date=lambda f: [d.strftime("%Y-%m-%d" if exact else "%Y-%m") for d in f["date"]]
        ),
    )  # fmt: skip
