"""What the pages say of the number of segments: the rule, what else was asked, and how far they agree."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from ..engine.consensus import Consensus
from ..engine.flow import SegmentFlow
from ..engine.gap import BOXES, Gap
from ..engine.instability import Instability
from ..engine.krule import HAND, KDecision
from ..engine.meaning import Cards
from ..engine.nulls import Nulls
from ..engine.prediction import PredictionStrength
from ..privacy import SMALL_CELL
from ..vocabulary import Vocabulary
from . import nulls as null_words
from . import number_figures
from .prose import beside, capital, count, inline, join, percent, plural, word
from .show import Shown, figure, table

RULED = ("prediction_strength", "jaccard")
NAMES: Mapping[str, tuple[str, str]] = {
    "prediction_strength": ("prediction strength", "the largest number whose halves foretell each other"),
    "jaccard": ("stability of each segment", "the largest number of which every segment comes back"),
    "instability": ("bootstrap instability", "the number at which bootstrap fits disagree least"),
    "pac": ("ambiguous pairs", "the number with the smallest share"),
    "gap_principal_components": ("gap, box of the components", "the first after which an even cloud gains as much"),
    "gap_original_axes": ("gap, box of the features", "the same, with the other even cloud"),
    "silhouette": ("silhouette", "the number with the highest mean"),
    "davies_bouldin": ("Davies-Bouldin", "the number with the lowest value"),
    "calinski_harabasz": ("Calinski-Harabasz", "the number with the highest value"),
    "separation": ("separation", "the number with the highest value"),
    "inertia_knee": ("the knee of the inertia", "the number at which the curve bends most"),
}
CAN_SAY_ONE = frozenset({*RULED, "gap_principal_components", "gap_original_axes"})


def _at(decision: KDecision, k: int) -> pd.Series | None:
    rows = decision.table[decision.table["k"] == k]
    return None if rows.empty else rows.iloc[0]


@inline
def lead(decision: KDecision, terms: Vocabulary) -> str:
    """Say how many segments there are, and by what rule."""
    ask = decision.params
    if decision.set == HAND:
        said = "no segmentation" if decision.rule == 1 else word(decision.rule)
        same = "the same" if decision.rule == decision.k else said
        return f"The number of segments, {word(decision.k)}, was set by hand. The stated rule would answer {same}."
    if decision.rule == 1:
        return (
            f"The stated rule finds no segmentation: at no number of segments do halves of the {terms.units} foretell each other "
            f"(prediction strength of {ask['prediction_strength']:g}) and every segment come back in bootstrap samples (similarity "
            f"of {ask['jaccard']:g}). The pages show {word(decision.shown)} segments for illustration."
        )
    row = _at(decision, decision.rule)
    assert row is not None
    return (
        f"The stated rule answers {word(decision.rule)}: the largest number of segments of which halves of the {terms.units} "
        f"foretell each other (prediction strength {beside(row['prediction_strength'], ask['prediction_strength'])}, where "
        f"{ask['prediction_strength']:g} is asked) and every segment comes back in bootstrap samples (lowest similarity "
        f"{beside(row['jaccard'], ask['jaccard'])}, where {ask['jaccard']:g} is asked)."
    )


@inline
def verdict(decision: KDecision) -> str:
    """Say in a few words how many segments there are and who decided."""
    if decision.illustration:
        return f"no segmentation; {decision.shown} shown for illustration: the rule finds none"
    return f"{plural(decision.k, 'segment')}, {'set by hand' if decision.set == HAND else decision.set}"


@inline
def front_word(decision: KDecision) -> str:
    """Say for the front page how many segments there are and who decided."""
    if decision.illustration:
        return "No segmentation"
    return f"{capital(word(decision.k))}, {'set by hand' if decision.set == HAND else decision.set}"


@inline
def front(decision: KDecision, terms: Vocabulary) -> str:
    """Say for the front page what stands behind the number of segments."""
    return f"{lead(decision, terms)} {agreement(decision)}"


@inline
def shown_note(decision: KDecision) -> str:
    """Say on every page that needs it that the segments are an illustration."""
    return "Shown for illustration: the rule finds no segmentation." if decision.illustration else ""


@inline
def agreement(decision: KDecision) -> str:
    """Say which of the other criteria would choose the same, and what the rest would choose."""
    k = decision.k
    others = {n: c for n, c in decision.by.items() if n not in RULED}
    groups: dict[int | None, list[str]] = {}
    for name, choice in others.items():
        groups.setdefault(choice, []).append(NAMES[name][0])
    same = groups.pop(k, [])
    none = groups.pop(None, [])
    head = f"Of the {word(len(others))} criteria that are not part of it, {word(len(same)) if same else 'none'} "
    head += f"{'chooses' if len(same) == 1 else 'choose'} {_words(k)}" + (f" ({join(same)})" if same else "")
    rest = [
        f"{word(len(names))} {'chooses' if len(names) == 1 else 'choose'} {_words(c)}"
        for c, names in sorted(_known(groups))
    ]
    if none:
        rest.append(f"{word(len(none))} {'chooses' if len(none) == 1 else 'choose'} no number")
    return f"{head}; {join(rest)}." if rest else f"{head}."


def _words(k: int) -> str:
    return "one, that is, no segments" if k == 1 else word(k)


def _known(groups: Mapping[int | None, list[str]]) -> list[tuple[int, list[str]]]:
    return [(choice, names) for choice, names in groups.items() if choice is not None]


def criteria_table(decision: KDecision, published_k: int | None, terms: Vocabulary) -> Shown:
    """Show what each criterion alone would choose, the rule first."""
    rows: list[tuple[str, str, str, int | None, str]] = []
    rows.append(
        ("the rule of this report", "the largest number that the first two below allow", "yes", decision.rule, "")
    )
    if decision.set == HAND:
        rows.append(("set by hand", "the settings name the number", "–", decision.k, ""))
    for name, (title, asks) in NAMES.items():
        can = "yes" if name in CAN_SAY_ONE else "no"
        rows.append((title, asks, can, decision.by.get(name), decision.missing.get(name, "")))
    if published_k is not None:
        rows.append(("published analysis", "read off the indices by eye", "–", published_k, ""))
    frame = pd.DataFrame(rows, columns=["criterion", "what it takes", "can say one", "choice", "why none"])
    export = frame.astype({"choice": "Int64"})
    frame["choice"] = ["none" if k is None else _one(k) for k in (r[3] for r in rows)]
    takes = [f"{ask}; cannot answer one" if can == "no" else ask for _, ask, can, _, _ in rows]
    shown = pd.DataFrame({"criterion": frame["criterion"], "what it takes": takes, "choice": frame["choice"]})
    choices = {k for n, k in decision.by.items() if k is not None}
    span = f"from {word(min(choices))} to {word(max(choices))}" if len(choices) > 1 else word(min(choices, default=1))
    finding = f"Taken alone, criteria choose {span}."
    reasons = {text.replace("units", terms.units) for text in decision.missing.values()}
    none = f" No choice: {join(sorted(reasons), 'or')}." if reasons else ""
    return table(
        shown,
        "tbl-criteria",
        f"**{finding}** The indices measure much the same thing, so that they are no vote.{none}",
        export=export,
        right=["choice"],
        stack=True,
    )


def _one(k: int) -> str:
    return "1, none" if k == 1 else str(k)


def rule_table(decision: KDecision, prediction: PredictionStrength) -> Shown:
    """Show for each number of segments what the rule looks at."""
    ask = decision.params
    spread = prediction.table.set_index("k")["sd"]
    frame = decision.table.assign(sd=decision.table["k"].map(spread))
    out = pd.DataFrame(
        {
            "segments": frame["k"],
            "prediction strength": frame["prediction_strength"],
            "spread over splits": frame["sd"],
            "least similarity of a segment": frame["jaccard"],
            "meets the rule": ["yes" if q else "no" for q in frame["qualifies"]],
        }
    )
    good = [word(int(k)) for k in decision.table.loc[decision.table["qualifies"], "k"]]
    finding = (
        f"{capital(join(good))} {'meets' if len(good) == 1 else 'meet'} the rule."
        if good
        else "No number meets the rule."
    )
    return table(
        out,
        "tbl-rule",
        f"**{finding}** Asked: a strength of {ask['prediction_strength']:g} and a similarity of {ask['jaccard']:g}; the largest "
        "number that has both is the answer.",
        {
            "prediction strength": lambda v: beside(float(v), ask["prediction_strength"]),
            "spread over splits": lambda v: f"{v:.2f}",
            "least similarity of a segment": lambda v: beside(float(v), ask["jaccard"]),
        },
    )


@inline
def margin(decision: KDecision, prediction: PredictionStrength, terms: Vocabulary) -> str:
    """Say how near the answer lies to its thresholds, and what happens at the next number of segments."""
    ask = decision.params["prediction_strength"]
    if decision.rule == 1:
        best = decision.table.dropna(subset=["prediction_strength"])
        if best.empty:
            return "No prediction strength could be measured."
        top = best.loc[best["prediction_strength"].idxmax()]
        most, k = beside(top["prediction_strength"], ask), word(int(top["k"]))
        return f"The highest prediction strength, {most}, is that of {k} segments."
    row, tiny = _at(decision, decision.rule), _tiny(prediction, decision.rule, terms)
    assert row is not None
    over = float(row["prediction_strength"]) - ask
    spread = float(prediction.table.set_index("k").loc[decision.rule, "sd"])
    text = f"At {word(decision.rule)}, the strength is {over:.2f} above its threshold"
    if math.isfinite(spread):
        text += f"; single splits spread around their mean with a standard deviation of {spread:.2f}"
        if over < spread:
            text += ", so that the answer is close, and rests on the mean of many splits"
    text += "." + tiny
    after = _at(decision, decision.rule + 1)
    if after is not None and not math.isnan(after["prediction_strength"]):
        text += f" With one segment more it is {beside(after['prediction_strength'], ask)}."
    fails = [int(k) for k in decision.table.loc[~decision.table["qualifies"], "k"] if k < decision.rule]
    if fails:
        fail = f"{capital(join([word(k) for k in fails]))} {'fails' if len(fails) == 1 else 'fail'}"
        text += f" {fail} the rule, although a larger number meets it."
    return text


def _tiny(prediction: PredictionStrength, k: int, terms: Vocabulary) -> str:
    share = float(prediction.table.set_index("k").loc[k, "tiny"])
    return (
        f" In {percent(share, 0)} of the splits a half has a segment of one {terms.unit}, which has no say."
        if share
        else ""
    )


@inline
def gap_says(found: Gap) -> str:
    """Say what the gap statistic answers, and whether its two references agree."""
    first, second = (found.by[box] for box in BOXES)
    words = {None: "no number of segments", 1: "one, that is, no segments"}
    one, two = (words.get(k) or f"{word(k or 0)} segments" for k in (first, second))
    if first == second:
        end = (
            f" Up to {word(max(found.params['ks']) - 1)} segments, each further one gains more than it would in an even cloud."
            if first is None and len(found.params["ks"]) > 1
            else ""
        )
        return f"Against both boxes the rule of the gap chooses {one}.{end}"
    return f"The boxes disagree: that of the components leads to {one}, that of the features to {two}."


@inline
def disagreement_says(bootstrap: Instability, pairs: Consensus, terms: Vocabulary) -> str:
    """Say where bootstrap fits disagree least, and where fewest pairs are ambiguous."""
    least, few = bootstrap.least, pairs.least
    parts = []
    if least is not None:
        row = bootstrap.table.set_index("k").loc[least]
        parts.append(
            f"Two bootstrap fits disagree least with {word(least)} segments: {percent(float(row['instability']))} of the pairs of "
            f"{terms.units} (mean ARI {row['ari']:z.2f})."
        )
    if few is not None:
        share = float(pairs.table.set_index("k").loc[few, "pac"])
        parts.append(f"Fewest pairs are ambiguous with {word(few)}: {percent(share)}.")
    return " ".join(parts) or f"There are too few {terms.units} that differ for either."


@inline
def pac_beside_nulls(found: Nulls, terms: Vocabulary) -> str:
    """Set the ambiguous pairs beside those of populations without segments, where they were measured."""
    rows = [(null_words.title(n, terms).lower(), found.row(n, "pac")) for n in found.names]
    known = [(name, row) for name, row in rows if math.isfinite(row["null_mean"]) and math.isfinite(row["observed"])]
    if not known:
        return ""
    parts = [f"{percent(float(row['null_mean']))} for {name}" for name, row in known]
    return (
        f"One large segment alone makes few pairs ambiguous. Measured in the same smaller way with {word(found.params['k'])} "
        f"segments, the share is {percent(float(known[0][1]['observed']))} in the {terms.record} and on average {join(parts)}, "
        "none of which have segments."
    )


@inline
def flow_says(found: SegmentFlow, decision: KDecision) -> str:
    """Say which step breaks segments up cleanly, and which makes them anew."""
    mean = found.mean_entropy
    if mean.empty:
        return ""
    low, high = int(mean.idxmin()), int(mean.idxmax())
    text = f"The step to {word(high)} segments mixes former segments most (mean entropy {mean[high]:.2f}, one at most)"
    text += f", that to {word(low)} least ({mean[low]:.2f})." if low != high else "."
    after = decision.shown + 1
    if after in mean.index:
        new = found.nodes[(found.nodes["k"] == after) & (found.nodes["units"] >= SMALL_CELL)]
        mixed = int((new["entropy"] > 0.25).sum())
        if len(new):
            text += (
                f" Of the {word(after)} segments of the next solution, {word(mixed) if mixed else 'none'} "
                f"{'is' if mixed == 1 else 'are'} made of more than one of those in use to a notable part."
            )
    return text


def flow_shown(found: SegmentFlow, cards: Cards, terms: Vocabulary) -> Shown:
    """Show the flow of segments, or say why there is no picture."""
    ks = number_figures.drawable(found)
    if len(ks) < 2:
        return Shown(
            f"There is no picture: with so few {terms.units}, segments of fewer than five would be seen in it."
        )
    strong = found.edges[found.edges["k"].isin(ks[:-1]) & (found.edges["units"] >= SMALL_CELL)]
    keep = strong.sort_values("units").groupby(["k", "segment"])["units"].agg(["max", "sum"])
    held = float((keep["max"] / keep["sum"]).min())
    finding = (
        f"Going from each number to the next, every segment keeps most of its {terms.units} together."
        if held > 0.5
        else "On the way from few segments to many, some are taken apart."
    )
    stop = "" if ks[-1] == found.params["ks"][-1] else " Solutions with a segment of fewer than five are left out."
    caption = (
        f"**{finding}** Each bar is a segment, as tall as it has {terms.units}; bands are the {terms.units} that two segments "
        f"share. Colours are those of the segments in use. Bands below {percent(found.params['least'], 0)} of all {terms.units} "
        f"are left out.{stop}"
    )
    alt = (
        f"Bars of segments for {join([str(k) for k in ks])} segments, with bands between them. "
        f"{capital(join([f'{k} to {k + 1}: {len(strong[strong.k == k])} bands' for k in ks[:-1]]))}."
    )
    return figure(
        number_figures.alluvial(found, cards),
        "fig-flow",
        caption,
        alt,
    )


@inline
def resampling(prediction: PredictionStrength, bootstrap: Instability, pairs: Consensus, gap: Gap) -> str:
    """Say how much was resampled."""
    return (
        f"{count(prediction.params['splits'])} splits, {count(bootstrap.params['bootstraps'])} bootstrap samples, "
        f"{count(pairs.params['subsamples'])} subsamples and twice {count(gap.params['references'])} reference sets, each "
        f"clustered for every number of segments with {word(int(prediction.params['restarts']))} starts of k-means"
    )


def limits(decision: KDecision, terms: Vocabulary) -> list[str]:
    """List what the choice of the number does not show."""
    out = [
        "The rule asks whether segments come back. In a population that differs by degree alone, a cut through the middle "
        "comes back as well; whether there is more than that is the next question.",
        f"A single far {terms.unit}, or a segment of very few, may fall into one half of a split only and bring the strength down.",
        "K-means cuts long or bent groups across, and no criterion on this page mends that.",
    ]
    if decision.set == HAND:
        out.insert(
            0, "The number in use is set by hand. It need not be the one that the evidence on this page supports."
        )
    elif decision.illustration:
        out.insert(0, "The segments on all pages illustrate the method. By the stated rule they are no segmentation.")
    return out
