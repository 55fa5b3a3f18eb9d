"""How well populations without segments fit the features that decide most, and what their answers show then."""

from __future__ import annotations

import pandas as pd

from ..engine.nulls import Nulls
from ..thresholds import DECIDING, ILL_FIT
from ..vocabulary import Vocabulary
from . import nulls as null_words
from .prose import beside, capital, exact, exact_percent, inline, join, percent
from .show import Shown, table


@inline
def fit_note(found: Nulls, labels: dict[str, str], terms: Vocabulary) -> str:
    """Say which features decide most, and what the answers of nulls show that fit them well or badly."""
    own = found.fit[found.fit["feature"].isin(found.deciding)]
    largest = own.groupby("null")["distance"].max()
    kept = [n for n in found.names if largest[n] == 0]
    fine = [n for n in found.names if largest[n] > 0 and not found.badly(n)]
    return " ".join([
        *([_deciding(found, labels)] if own["weight"].notna().all() else []),
        *([f"{_who(found, kept, terms, 'keeps', 'keep')} the margin of each feature by construction, and so fits them."]
          if kept else []),
        *([f"{_who(found, fine, terms, 'fits', 'fit')} them: the largest distance is {_distance(found, largest[fine].max())}, and "
           f"from {limit(found)} on a fit is bad."] if fine else []),
        *(_answer(found, n, labels, terms) for n in found.names if found.badly(n)),
    ])  # fmt: skip


def _deciding(found: Nulls, labels: dict[str, str]) -> str:
    named = [labels.get(f, f) for f in found.deciding]
    verb = "decides most: it accounts" if len(named) == 1 else "decide most: together they account"
    return f"{capital(join(named))} {verb} for at least {exact_percent(DECIDING)} of the variance between segments."


def _who(found: Nulls, names: list[str], terms: Vocabulary, one: str, many: str) -> str:
    """Return the subject and the verb of a sentence on some nulls."""
    if len(names) == len(found.names):
        return f"{'Every null' if len(names) > 1 else 'The null'} {one}"
    quoted = join([null_words.quoted(n, terms) for n in names])
    return f"The null {quoted} {one}" if len(names) == 1 else f"The nulls {quoted} {many}"


def _answer(found: Nulls, null: str, labels: dict[str, str], terms: Vocabulary) -> str:
    """Say what the answer of a null shows that fits badly."""
    who = f"The null {null_words.quoted(null, terms)}"
    named = join([f"{labels.get(f, f)} ({_distance(found, d)})" for f, d in found.badly(null).items()])
    if not found.testable:
        return f"{who} badly fits {named}: whatever its answer, it would show little."
    if found.beaten[null]:
        return (
            f"{who} is beaten while it badly fits {named}. That shows little: such a margin alone may be what it lacks."
        )
    return (
        f"{who} is not beaten, and badly fits {named}. That shows little: one that fits better could answer otherwise."
    )


def fit_of_deciding(found: Nulls, labels: dict[str, str], terms: Vocabulary) -> Shown:
    """Show, beside the p of each null, how far it is from each feature that decides most; nothing where margins are kept."""
    own = found.fit[found.fit["feature"].isin(found.deciding)]
    if not (own["distance"] > 0).any():
        return Shown("")
    wide = own.pivot(index="feature", columns="null", values="distance").loc[found.deciding, found.names]
    heads = {n: f"{null_words.title(n, terms)} (p {null_words.p_of(found, n)})" for n in found.names}
    rows = pd.DataFrame({"feature": [labels.get(f, f) for f in found.deciding]})
    weights = own.drop_duplicates("feature").set_index("feature")["weight"]
    rows["share"] = [percent(weights[f]) if weights[f] == weights[f] else "–" for f in found.deciding]
    for n in found.names:
        rows[heads[n]] = [f"{_distance(found, d)}{', badly' * bool(d >= found.limit)}" for d in wide[n]]
    bad = [null_words.quoted(n, terms) for n in found.names if found.badly(n)]
    finding = (
        f"{'Every null' if len(found.names) > 1 else 'The null'} fits the features that decide most"
        if not bad
        else f"{join(bad)} badly {'fits' if len(bad) == 1 else 'fit'} features that decide most"
    )
    return table(
        rows,
        "tbl-null-deciding",
        f"**{capital(finding)}.** Share: of the variance between segments. Then, for each null, the distance of Kolmogorov and "
        f"Smirnov between the feature and that of the {terms.record}; from {limit(found)} on it fits badly. The CSV has "
        "every feature.",
        right=["share", *heads.values()],
        export=found.fit.assign(badly=found.fit["distance"] >= found.limit),
    )


def _distance(found: Nulls, distance: float) -> str:
    return beside(distance, found.limit)


@inline
def tolerated() -> str:
    """Write the distance up to which a fit is never bad, of however many units."""
    return exact(ILL_FIT)


@inline
def limit(found: Nulls) -> str:
    """Write the distance from which a null fits a feature badly."""
    return f"{found.limit:.2f}"
