"""What the page on time says: whether borders last, whether units move, and what that means."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..engine.meaning import Cards
from ..engine.migration import FEW, INACTIVE, NEW, Migration
from ..engine.windows import OUTLYING, Ageing, Refits
from ..privacy import suppressed
from ..thresholds import CLOSE
from ..vocabulary import Vocabulary
from . import prose
from .findings import quoted
from .prose import capital, inline, join, percent, plural, word
from .robustness import agreement, at_least
from .show import Shown, table


def too_short(terms: Vocabulary) -> str:
    """Say that there is nothing to say."""
    return f"This {terms.record} is too short for that."


def months(found: Ageing | Refits, windows: int = 1) -> int:
    """Return how many months so many steps of windows take."""
    return int(found.params["every"]) * windows


def tipped(kept: Ageing) -> bool:
    """Tell whether kept and refitted models part only where a scale tips between the two."""
    apart = kept.table[kept.table["ari"] < CLOSE]
    return len(apart) > 0 and bool((apart["rescaled"] != "").all())


@inline
def lead(kept: Ageing, refit: Refits, terms: Vocabulary) -> str:
    """Say whether borders last, and whether units move."""
    if kept.reason:
        return f"This {terms.record} cannot say whether the segments last: {kept.reason}."
    ages = kept.summary
    oldest = months(kept, int(ages["age"].max()))
    low, high = float(ages["ari_min"].min()), float(ages["ari_max"].max())
    steps = refit.lag(1)["ari"].dropna()
    only_scale = tipped(kept)
    lasting = low >= CLOSE or only_scale
    if only_scale:
        low = float(kept.table.loc[kept.table["rescaled"] == "", "ari"].min())
    first = (
        "Where columns are scaled alike, the borders between segments last"
        if only_scale and np.isfinite(low)
        else "The borders between segments last"
        if lasting and np.isfinite(low)
        else "The borders between segments move with time"
    )
    low = low if np.isfinite(low) else float(ages["ari_min"].min())
    text = (
        f"{first}: a model kept for up to {plural(oldest, 'month')} and one fitted anew agree to an adjusted Rand index (ARI) "
        f"of {at_least(low)}" + (f" to {agreement(high)}." if at_least(low) != agreement(high) else ".")
    )
    if only_scale:
        text += f" Where a scale tips between the two, they agree to {at_least(float(ages['ari_min'].min()))} only."
    if not len(steps):
        return text
    apart = float(steps.min())
    moving = apart < CLOSE
    who = (
        f"The {terms.units} inside them move"
        if moving and lasting
        else f"{capital(terms.units)} move"
        if moving
        else f"Most {terms.units} stay"
    )
    return (
        f"{text} {who}: from one quarter to the next, the segments of the same {terms.units} agree to an ARI of "
        f"{agreement(apart, CLOSE)} at the lowest and {agreement(float(steps.median()))} at the median."
    )


def status(kept: Ageing, terms: Vocabulary) -> str:
    """Return the number that the page stands for."""
    if kept.reason:
        return f"too short {terms.a_record}"
    return f"lowest ARI of a kept model with a refitted one {at_least(float(kept.summary['ari_min'].min()))}"


@inline
def layout(refit: Refits, terms: Vocabulary) -> str:
    """Say what a window is, and how many the log holds."""
    if refit.reason:
        return f"A window is a year of {terms.events} that ends with a quarter."
    length, every = refit.params["months"], refit.params["every"]
    overlap = length - every
    return (
        f"A window holds {word(length)} months of {terms.events} and ends with a quarter. The {terms.record} has room for "
        f"{plural(len(refit.units), 'window', words=True)}, with {prose.count(refit.units.min())} to "
        f"{prose.count(refit.units.max())} {terms.units} each. Neighbours share {word(overlap)} of their {word(length)} months, so "
        f"they agree in part because they are in part the same {terms.events}."
    )


@inline
def other_model(refit: Refits, terms: Vocabulary) -> str:
    """Say how these models differ from the one of the report."""
    if refit.reason:
        return ""
    return (
        "In each window features, preprocessing and segments are fitted anew, with the same number of segments. They look back "
        f"{word(refit.params['months'])} months, not over the whole {terms.record}, so they are not the segments of the other "
        "chapters."
    )


@inline
def ageing_words(kept: Ageing, terms: Vocabulary) -> str:
    """Say whether a model gets worse with age, and how many units lie outside of what it was fitted on."""
    if kept.reason:
        return too_short(terms)
    ages = kept.summary
    first, last = ages.iloc[0], ages.iloc[-1]
    young, old = (plural(months(kept, int(r["age"])), "month") for r in (first, last))
    fall = float(first["ari_median"] - last["ari_median"])
    trend = (
        f"is {agreement(float(first['ari_median']))} after {young}"
        if len(ages) == 1
        else f"does not fall with age: {agreement(float(first['ari_median']))} after {young}, "
        f"{agreement(float(last['ari_median']))} after {old}"
        if fall < 0.05
        else f"falls with age, from {agreement(float(first['ari_median']))} after {young} to "
        f"{agreement(float(last['ari_median']))} after {old}"
    )
    expected, most = 1 - OUTLYING, float(kept.table["outliers"].max())
    outside = (
        f"About as many {terms.units} as expected"
        if most < 2 * expected
        else f"More {terms.units} than expected"
        if most < 5 * expected
        else f"Many more {terms.units} than expected"
    )
    return (
        f"The median over models {trend}. {outside} lie further out than {percent(OUTLYING, 0)} of the {terms.units} that a model "
        f"was fitted on: {percent(most)} at most, beside {percent(expected, 0)} by definition."
    )


def ageing_table(kept: Ageing, terms: Vocabulary) -> Shown:
    """Show agreement and outliers by age."""
    ages = kept.summary
    frame = pd.DataFrame(
        {
            "months since the fit": [months(kept, int(a)) for a in ages["age"]],
            "models": ages["models"],
            "lowest ARI": ages["ari_min"],
            "median ARI": ages["ari_median"],
            "outliers": ages["outliers_max"],
        }
    )
    low = float(ages["ari_min"].min()) if len(ages) else float("nan")
    finding = (
        f"A kept model agrees with a refitted one to {at_least(low)} at least." if len(ages) else "Nothing to compare."
    )
    return table(
        frame,
        "tbl-ageing",
        f"**{finding}** All pairs of a kept model and a later window; outliers: largest share of {terms.units} further out than "
        f"{percent(OUTLYING, 0)} of those that the model was fitted on.",
        {"lowest ARI": lambda v: at_least(float(v)), "median ARI": agreement, "outliers": lambda v: percent(float(v))},
        export=kept.table,
    )


@inline
def same_company(refit: Refits, terms: Vocabulary) -> str:
    """Say how far the same units stay together, over a quarter and over a year."""
    if refit.reason:
        return too_short(terms)
    steps = refit.lag(1)
    low, high = steps.loc[steps["ari"].idxmin()], steps.loc[steps["ari"].idxmax()]
    text = (
        f"It lies between {agreement(float(low['ari']))} ({low['window']}) and {agreement(float(high['ari']))} ({high['window']})."
        if agreement(float(low["ari"])) != agreement(float(high["ari"]))
        else f"It is {agreement(float(low['ari']))} throughout."
    )
    lags = sorted(int(lag) for lag in refit.table["lag"].unique() if lag > 1)
    if lags:
        year = refit.table[refit.table["lag"] == lags[-1]]
        mean, least, most = float(year["ari"].mean()), int(year["common"].min()), int(year["common"].max())
        who = f"{prose.count(least)} to {prose.count(most)}" if least < most else prose.count(least)
        text += (
            f" Between windows {months(refit, lags[-1])} months apart, which share no {terms.event}, it is {agreement(mean)} on "
            f"average, for the {who} {terms.units} with {terms.events} in both."
        )
        if mean < 0.3:
            text += f" Where {terms.a_unit} was a year ago says little about where it is now."
    return text


@inline
def rescaled(refit: Refits, labels: Mapping[str, str], terms: Vocabulary) -> str:
    """Say between which windows a column began or ceased to be scaled."""
    steps = refit.lag(1) if not refit.reason else refit.table
    moved = steps[steps["rescaled"] != ""]
    if refit.reason:
        return ""
    if moved.empty:
        return "The same columns are scaled in every window, so that what changes is not which of them are."
    names = sorted({n for text in moved["rescaled"] for n in text.split(", ")})
    when = join([str(w) for w in moved["window"]])
    return (
        f"In {when} the preprocessing tips: {join([labels.get(n, n) for n in names])} {'is' if len(names) == 1 else 'are'} scaled "
        f"in one of two neighbouring windows and not in the other. What changes there may be the scaling and not the {terms.units}."
    )


def refit_table(refit: Refits, terms: Vocabulary) -> Shown:
    """Show the agreement of each window with the one before."""
    steps = refit.lag(1)
    frame = pd.DataFrame(
        {
            "window that ends": steps["window"],
            f"{terms.units} in both": steps["common"],
            "ARI with the one before": steps["ari"],
        }
    )
    least = float(steps["ari"].min()) if len(steps) else float("nan")
    finding = (
        f"From quarter to quarter the agreement is {agreement(least)} at least."
        if len(steps)
        else "Nothing to compare."
    )
    return table(
        frame,
        "tbl-refit",
        f"**{finding}** {capital(terms.units)} with {terms.events} in both windows, with preprocessing and segments fitted anew in "
        "each.",
        {f"{terms.units} in both": prose.count, "ARI with the one before": agreement},
        export=refit.table,
    )


def state(number: int, cards: Cards | None, terms: Vocabulary, *, short: bool = True) -> str:
    """Return the name of a state: a segment's, no events, not known before."""
    if number in (INACTIVE, NEW):
        return f"No {terms.events}" if number == INACTIVE else "Not known before"
    card = next((c for c in cards or () if c.id == number), None)
    return f"Segment {number}" if card is None else card.short if short else card.name


def in_order(cards: Cards | None, *, origins: bool) -> list[int]:
    """Return the states in the order of the cards, those outside of segments last."""
    own = [c.id for c in cards or ()]
    return [*own, INACTIVE, *([NEW] if origins else [])]


@inline
def moves(found: Migration, cards: Cards | None, terms: Vocabulary) -> str:
    """Say who stays, and who falls silent."""
    if found.reason:
        return f"This {terms.record} cannot say who moves: {found.reason}."
    rows = found.visible().set_index(["origin", "destination"])
    parts = []
    for card in cards or ():
        stay, gone = rows.loc[(card.id, card.id)], rows.loc[(card.id, INACTIVE)]
        told = []
        if np.isfinite(stay["share"]):
            told.append(f"{percent(stay['share'], 0)} are in it again")
        if np.isfinite(gone["share"]):
            told.append(f"{percent(gone['share'], 0)} have no {terms.events}" + ("" if told else " a year later"))
        if told:
            parts.append(f"of {quoted(card)}, {join(told)}")
    if not parts:
        return f"Too few {terms.units} move between segments for shares to be shown."
    return f"A year later, {'; '.join(parts)}."


def moves_table(found: Migration, cards: Cards | None, terms: Vocabulary) -> Shown:
    """Show for each state of the first year who is in it again, and who falls silent, with intervals."""
    seen = found.visible()
    rows = seen.set_index(["origin", "destination"])

    def cell(origin: int, destination: int) -> str | None:
        if (origin, destination) not in rows.index:
            return None
        r = rows.loc[(origin, destination)]
        if not np.isfinite(r["share"]):
            return None
        return f"{percent(r['share'], 0)} ({percent(r['low'], 0)} to {percent(r['high'], 0)})"

    of = rows.groupby(level=0)["of"].first() if len(rows) else pd.Series(dtype="int64")
    hide = suppressed(of) if len(of) else of
    wanted = [s for s in in_order(cards, origins=False) if s in of.index and of[s] > 0]
    frame = pd.DataFrame(
        {
            "first year": [state(s, cards, terms, short=False) for s in wanted],
            terms.units: pd.array([None if hide[s] else of[s] for s in wanted], dtype="Int64"),
            "in the same a year later": [cell(s, s) if s > 0 else None for s in wanted],
            f"no {terms.events} a year later": [cell(s, INACTIVE) for s in wanted],
        }
    )
    level = percent(found.params.get("level", 0.95), 0)
    stays = [(float(rows.loc[(c.id, c.id), "share"]), c) for c in cards or () if (c.id, c.id) in rows.index]
    known = [(s, c) for s, c in stays if np.isfinite(s)]
    finding = (
        f"{quoted(max(known, key=lambda p: p[0])[1])} is the segment that {terms.units} stay in most."
        if len(known) > 1
        else "Who stays, and who falls silent."
    )
    names = {s: state(s, cards, terms, short=False) for s in in_order(cards, origins=True)}
    export = seen.assign(origin=seen["origin"].map(names), destination=seen["destination"].map(names))
    return table(
        frame,
        "tbl-moves",
        f"**{finding}** Shares with {level} intervals, by bootstrap of {terms.units}, by Jeffreys where fewer than {word(FEW)} "
        f"{terms.units} lie in or outside of a cell. Dashes: too few {terms.units} to be shown, or nothing to say. The CSV has all "
        "moves.",
        {terms.units: prose.count},
        export=export.drop(columns="of"),
        right=(terms.units, "in the same a year later", f"no {terms.events} a year later"),
    )


@inline
def decision(kept: Ageing, refit: Refits, found: Migration, cards: Cards | None, terms: Vocabulary) -> str:
    """Say how often to fit anew, and how often to look where units are."""
    if kept.reason:
        return (
            f"Fit again when the {terms.record} covers two years, and look at this page then. Until that day treat the segments as "
            "a picture of these months."
        )
    ages = kept.summary
    bad = ages[ages["ari_min"] < CLOSE]
    oldest = months(kept, int(ages["age"].max()))
    if tipped(kept):
        text = (
            "Keep the model. Where one fitted anew would differ, it is since a column began or ceased to be scaled, which is a "
            f"property of the preprocessing and not of the {terms.units}."
        )
    elif bad.empty:
        text = (
            f"There is no need to fit the model anew within {plural(oldest, 'month')}: a kept one would draw nearly the same "
            "borders. Longer than that was not looked at."
        )
    else:
        every, until = (plural(months(kept, n), "month") for n in (1, int(bad["age"].min())))
        text = f"Fit the model anew every {every}: after {until} a kept one can draw other borders."
    steps = refit.lag(1)["ari"].dropna()
    if len(steps) and float(steps.min()) < CLOSE:
        text += f" But put {terms.units} into segments anew each quarter, since they move; a list of last year is no list of today."
    rows = found.visible().set_index(["origin", "destination"]) if not found.reason else pd.DataFrame()
    core = [
        c for c in cards or () if c.archetype == "core" and len(rows) and np.isfinite(rows.loc[(c.id, c.id), "share"])
    ]
    if core:
        share = float(rows.loc[(core[0].id, core[0].id), "share"])
        text += f" Of {quoted(core[0])}, {percent(share, 0)} were in it again a year later: plan for the rest."
    return text
