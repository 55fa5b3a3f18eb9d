"""Every claim of the report, with its number, its threshold and its verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from ..data.breaks import Exposure
from ..engine.algorithms import Algorithms
from ..engine.convergence import Convergence
from ..engine.drift import Drift
from ..engine.forecasts import Outlook
from ..engine.group_resampling import GroupResampling
from ..engine.jaccard import Jaccard
from ..engine.krule import KDecision
from ..engine.matrix import ModelMatrix
from ..engine.meaning import Cards
from ..engine.multiverse import Multiverse
from ..engine.nulls import Nulls
from ..engine.pipeline import Confidence, PipelineBootstrap
from ..engine.populations import Populations
from ..engine.rules import RuleCard
from ..engine.segments import Segments
from ..engine.sensitivity import Sensitivity
from ..engine.usefulness import Usefulness
from ..engine.windows import Ageing, Refits
from ..thresholds import (
    AGREEMENT,
    CLOSE,
    CONVERGED,
    EVEN,
    FAIR,
    HALF,
    LOW,
    MOST,
    REASONABLE,
    SILENCED,
    SOME,
    UNSURE,
    WEAK,
)
from ..vocabulary import Vocabulary
from . import border_words, k_subsamples
from . import nulls as null_words
from .claim import FAILS, HOLDS, OPEN, PARTLY, UNSHOWN, Claim, beside_nulls, bound, ceiling, floor, planted, without
from .over_time import tipped
from .prose import beside, capital, exact, exact_percent, minus, percent, plural, word
from .prose import number as number_of
from .robustness import at_least
from .usefulness import predicts


def number(decision: KDecision, terms: Vocabulary) -> list[Claim]:
    """Return the claims about the number of segments that is shown."""
    topic, page, k = "How many", "k-selection", decision.shown
    rows = decision.table.set_index("k")
    at = rows.loc[k] if k in rows.index else pd.Series(dtype="float64")
    strength, jaccard = (float(at.get(name, math.nan)) for name in ("prediction_strength", "jaccard"))
    votes = [v for name, v in decision.by.items() if v is not None and name not in OF_THE_RULE]
    agree = sum(v == k for v in votes)
    several = f"{word(k)} segments"
    return [
        floor(topic, page, f"At {several}, clusters from one half of the {terms.units} predict the other",
               "mean prediction strength", strength, decision.params["prediction_strength"]),
        floor(topic, page, f"Each of the {several} comes back at this number",
               "smallest mean bootstrap Jaccard similarity, samples of the rule", jaccard, decision.params["jaccard"]),
        Claim(topic, f"Other criteria choose {several} too", "criteria outside the rule that have an answer", agree / len(votes)
              if votes else math.nan, f"{agree} of {len(votes)}", "all of them",
              OPEN if not votes else HOLDS if agree == len(votes) else PARTLY if agree else FAILS, page),
    ]  # fmt: skip


OF_THE_RULE = ("rule", "published", "prediction_strength", "jaccard")
NULLS = {
    "exchangeable": "{units} differ by more than how often they {do}",
    "continuous": "There is more than differences by degree",
    "copula": "There is more than margins and rank correlations",
    "independent": "There is more than unrelated fields have",
    "tracked": "There is more than who was tracked, margins and rank correlations",
    "brief": "There is more than having come back, margins and rank correlations",
}
SHUFFLED = "exchangeable"
OTHER_NULL = "there is more than the {name} population explains"


def nulls(found: Nulls, terms: Vocabulary) -> list[Claim]:
    """Return one claim for each population without segments; one that fits badly shows in part only what it is beaten for.

    Shuffled events alone fit badly by the very claim: that units differ in more than how often.
    """
    level, out = float(found.params["level"]), []
    for name in found.names:
        row = found.row(name)
        p = float(row["p"])
        verdict = OPEN if not (math.isfinite(p) and found.testable) else HOLDS if found.beaten[name] else UNSHOWN
        evidence = f"silhouette {_two(row['observed'])} against {_two(row['null_mean'])} under {null_words.quoted(name, terms)}"
        if found.badly(name):
            evidence += ", which badly fits features that decide most"
            verdict = PARTLY if verdict == HOLDS and name != SHUFFLED else verdict
        claim = capital(NULLS.get(name, OTHER_NULL).format(units=terms.units, do=terms.do, name=name))
        out.append(Claim("More than chance", claim, evidence, p, f"p {null_words.p_of(found, name)}",
                         f"p at most {exact(level)}", verdict, "nulls"))  # fmt: skip
    return out


def apart(segments: Segments, cards: Cards, page: str = "interpretation") -> list[Claim]:
    """Return the claims about how far the segments lie apart."""
    score, mean = segments.silhouette, segments.mean_silhouette
    low = min((c for c in cards if c.medians), key=lambda c: score[c.id], default=None)
    named = f"lowest mean silhouette of a segment{f': “{low.short}”' if low else ''}"
    least = float(score[low.id]) if low else math.nan
    return [
        floor("Apart", page, "The segments lie apart", "mean silhouette", mean, REASONABLE),
        floor("Apart", page, "Each segment is separated", named, least, WEAK),
    ]


def samples(
    starts: Convergence | None, jaccard: Jaccard, whole: PipelineBootstrap, sure: Confidence, cards: Cards, least: float,
    terms: Vocabulary,
) -> list[Claim]:  # fmt: skip
    """Return the claims about other starts and other samples."""
    topic, page = "Stable over samples", "stability"
    means = jaccard.means()
    shown = [c for c in cards if c.medians and c.id in means.index]
    low = min(shown, key=lambda c: means[c.id], default=None)
    named = f"smallest mean bootstrap Jaccard similarity, samples of its own{f': “{low.short}”' if low else ''}"
    every = "Every segment" if len(shown) == len(cards) else "Every segment that is shown"
    seldom, often = sure.share("seldom"), exact_percent(sure.params["recurrence"])
    return [
        floor(topic, page, f"{every} is found again in resamples", named, float(means[low.id]) if low else math.nan, least),
        floor(topic, page, "The whole chain, refitted, gives the same segments",
               f"{exact_percent(LOW)} quantile of the adjusted Rand index over {plural(len(whole.table), 'resample')}",
               whole.ari_q05, AGREEMENT, at_least(whole.ari_q05) if math.isfinite(whole.ari_q05) else "–"),
        ceiling(topic, page, f"Few {terms.units} lie between segments",
              f"share that gets its segment in under {often} of resamples", seldom, UNSURE, percent(seldom)),
        *([] if starts is None else [
            floor(topic, page, "The optimiser finds one optimum", "lowest adjusted Rand index over seeds; no proof of "
                   "stability", starts.lowest(), CONVERGED, bound(starts.lowest()))]),
    ]  # fmt: skip


def times(refit: Refits, kept: Ageing, drifted: Drift, seen: Exposure, terms: Vocabulary) -> list[Claim]:
    """Return the claims about other times; where windows were watched too little, with the number without them."""
    topic, page = "Stable over time", "time"
    steps, ages = refit.lag(1), kept.summary
    low = float(steps["ari"].min()) if len(steps) else math.nan
    age = plural(int(ages["age"].max()), "quarter", words=True) if len(ages) else "some quarters"
    kept_low = float(ages["ari_min"].min()) if len(ages) else math.nan
    aged = floor(topic, page, f"A model can be kept for {age}", "lowest adjusted Rand index with a refitted model",
                 kept_low, CLOSE, bound(kept_low))  # fmt: skip
    if aged.verdict == FAILS and tipped(kept):
        aged = replace(aged, evidence=f"{aged.evidence}; low only where a scale tips", verdict=PARTLY)
    few = set(seen.few)
    rows = ((steps, ["before", "window"]), (kept.table, ["fitted", "window"]))
    clean = [float(t.loc[~t[ends].isin(few).any(axis=1), "ari"].min()) for t, ends in rows]
    clean += drifted.segment_psi[~drifted.segment_psi.index.isin(few)].iloc[-1:].to_list() or [math.nan]
    psi = float(drifted.segment_psi.iloc[-1]) if len(drifted.segment_psi) else math.nan
    verdict = OPEN if not math.isfinite(psi) else HOLDS if psi < SOME else FAILS
    found = [
        floor(topic, page, f"Refitted a quarter later, {terms.units} stay together",
               "lowest adjusted Rand index between successive looks back", low, CLOSE),
        aged,
        Claim(topic, "Segments keep their shares", "population stability index of the shares, latest window", psi,
              beside(psi, SOME, digits=3), f"below {exact(SOME)}", verdict, page),
    ]  # fmt: skip
    told = (beside(clean[0], CLOSE), beside(clean[1], CLOSE), beside(clean[2], SOME, digits=3))
    return [without(c, text, bool(few)) for c, text in zip(found, told, strict=True)]


CHOICES = "Independent of our choices"


def features(matrix: ModelMatrix, left_out: Sensitivity, labels: Mapping[str, str]) -> list[Claim]:
    """Return the claims about blocks and features that could have been left out or weighed otherwise."""
    topic, shares = CHOICES, matrix.table.set_index("block")["variance share"]
    quiet, share = str(shares.idxmin()), float(shares.min())
    even = EVEN / len(shares)
    blocks, single = left_out.arm("drop block"), left_out.arm("drop feature")
    equal = left_out.arm("equal blocks")
    weighed = [
        Claim(topic, "Every block of features has a say", f"smallest share of the variance: {quiet}", share,
              percent(share), f"at least {percent(even)}", HOLDS if share >= even else PARTLY if share >= SILENCED else FAILS,
              "sensitivity"),
        floor(topic, "sensitivity", "The weight of the blocks does not decide", "adjusted Rand index with all blocks of "
               "equal variance", _first(equal), CLOSE),
    ] if len(shares) > 1 else []  # fmt: skip
    return [
        *weighed[:1],
        floor(topic, "sensitivity", "No block decides alone", _lowest("without a block", blocks, labels), _first(blocks),
               CLOSE),
        floor(topic, "sensitivity", "No feature decides alone", _lowest("without a feature", single, labels), _first(single),
               CLOSE),
        *weighed[1:],
    ]  # fmt: skip


def choices(many: Multiverse, parts: Populations, terms: Vocabulary) -> list[Claim]:
    """Return the claims about other preparations and other units."""
    topic = CHOICES
    summary, prepared = many.summary(defensible=True), "defensible alternatives with an adjusted Rand index of at least"
    n, alike = int(summary["matrices"]), float(summary["share_above_08"])
    several = parts.table.set_index("population")["ari"]
    known = {"tracked": "without a tracked visit", "min_events_2": f"with one {terms.event}",
             "without_brief_pairs": "with one conversation"}  # fmt: skip
    least = next((name for name in known if name in several), str(several.idxmin()) if len(several) else "")
    those = known.get(least, "that are left out one by one")
    return [
        Claim(topic, "Preprocessing does not decide", f"{prepared} {exact(CLOSE)}; median {_two(summary['median_ari'])}", alike,
              f"{round(alike * n)} of {n} ({percent(alike, 0)})" if n else "–", f"at least {exact_percent(MOST)}",
              OPEN if not n else HOLDS if alike >= MOST else PARTLY if alike >= HALF else FAILS, "choices"),
        floor(topic, "choices", f"{capital(terms.units)} {those} do not decide",
               "adjusted Rand index without them, on the others", float(several.get(least, math.nan)), CLOSE),
    ]  # fmt: skip


def of_subscribers(found: GroupResampling, silences: pd.DataFrame, least: float) -> list[Claim]:
    """Return the claims about subscribers who are drawn anew, and about where a conversation ends."""
    known = silences["ari"].dropna()
    low = silences.loc[known.idxmin()] if len(known) else {"ari": math.nan, "hours": math.nan}
    at = f": {number_of(float(low['hours']), 2)} h" if len(known) else ""
    drawn = found.lowest if found.groups > 1 else math.nan  # one subscriber is the same one each time
    return [
        floor("Stable over samples", "stability", "Every segment is found again where subscribers are drawn anew",
              "smallest mean Jaccard similarity, a subscriber with all pairs at a time", drawn, least),
        floor(CHOICES, "choices", "Where a conversation ends does not decide",
              f"lowest adjusted Rand index with another length of silence{at}", float(low["ari"]), CLOSE),
    ]  # fmt: skip


def algorithm(others: Algorithms, page: str = "choices") -> Claim:
    """Return the claim about other algorithms."""
    close, total = int((others.table["ari"] >= CLOSE).sum()), len(others.table)
    return Claim(CHOICES, "The algorithm does not decide", f"algorithms with an adjusted Rand index of at least {exact(CLOSE)}",
                 close / total if total else math.nan, f"{close} of {total}", "all of them",
                 OPEN if not total else HOLDS if close == total else PARTLY if close >= HALF * total else FAILS, page)  # fmt: skip


def meaning(card: RuleCard) -> list[Claim]:
    """Return the claim about short rules."""
    leaves = card.best
    if leaves is None:
        return [Claim("Clear", "A few rules reproduce the segments", "", math.nan, "–", "", OPEN, "interpretation")]
    row = card.fidelity(leaves)
    value, least, recall = (
        float(row["balanced_accuracy"]),
        card.params["balanced_accuracy"],
        exact(card.params["recall"]),
    )
    verdict = HOLDS if card.chosen is not None else FAILS
    evidence = (
        f"cross-validated balanced accuracy of {plural(int(row['rules']), 'rule')}, every recall at least {recall}"
    )
    return [Claim("Clear", "A few rules reproduce the segments", evidence, value, beside(value, least),
                  f"at least {exact(least)}", verdict, "interpretation")]  # fmt: skip


def use(
    found: Usefulness | None, outlook: Outlook, terms: Vocabulary, seen: Exposure | None = None, rest: Usefulness | None = None,
) -> list[Claim]:  # fmt: skip
    """Return the claims about use; where windows were watched too little, with the number from the rest."""
    topic, page = "Useful", "usefulness"
    first, second = "Segments predict who is active next", "Segments predict better than recency"
    if found is None:
        nothing = (f"the {terms.record} is too short for it", math.nan, "–", "", OPEN, page)
        return [Claim(topic, first, *nothing), Claim(topic, second, *nothing)]
    own, gain = found.of("segments"), found.against("recency")
    area, better = float(own["auc"]), predicts(found)
    low, high = float(gain["auc_low"]), float(gain["auc_high"])
    dates = plural(int(found.table["date"].nunique()), "date", words=True)
    made = [
        Claim(topic, first, f"AUC over {dates}, next {outlook.window} days", area, beside(area, FAIR),
              f"at least {exact(FAIR)}, interval above chance",
              HOLDS if better and area >= FAIR else PARTLY if better else UNSHOWN, page),
        Claim(topic, second, f"difference of the AUCs, interval {_signed(low)} to {_signed(high)}", float(gain["auc"]),
              _signed(float(gain["auc"])), "interval above 0",
              HOLDS if low > 0 else FAILS if high < 0 else OPEN, page),
    ]  # fmt: skip
    clean = ("–", "–")
    if rest is not None:
        clean = beside(rest.of("segments")["auc"], FAIR), _signed(float(rest.against("recency")["auc"]))
    return [without(c, v, seen is not None and bool(seen.few)) for c, v in zip(made, clean, strict=True)]


def of_study(study: Any) -> list[Claim]:
    """Return every claim of a study, topic by topic; those on events where its units have any.

    Parameters
    ----------
    study : Study
        With the results that the functions of this module take, and its ``terms``, under their names.
    """
    of_events = hasattr(study, "measures")
    shared = [
        *number(study.k_decision, study.terms),
        k_subsamples.claim(study.k_decision, study.k_resampling),
        *apart(study.segments, study.cards, "interpretation" if of_events else "k-selection"),
        *nulls(study.nulls, study.terms),
        *border_words.claim(study.borders),
        *samples(study.convergence, study.jaccard, study.pipeline_bootstrap, study.confidence, study.cards,
                 study.settings.evidence.jaccard, study.terms),
    ]  # fmt: skip
    asked = study.settings.evidence
    limits = {"prediction_strength": asked.prediction_strength, "jaccard": asked.jaccard, "silhouette": REASONABLE}
    shared = beside_nulls(shared, study.nulls, limits)
    left_out = features(study.matrix, study.sensitivity, study.features.labels)
    if not of_events:
        prepared = [] if study.multiverse is None else choices(study.multiverse, study.populations, study.terms)
        page = "arms" if study.multiverse is None else "choices"
        if hasattr(study, "drawn_subscribers"):
            least = study.settings.evidence.jaccard
            sampled, silence = of_subscribers(study.drawn_subscribers, study.split_partitions, least)
            shared, prepared = [*shared, sampled], [*prepared, silence]
        return [*shared, *left_out, *prepared, algorithm(study.algorithms, page), *planted(study.recovered)]
    return [
        *shared,
        *times(study.time_refit, study.time_frozen, study.drift, study.time_exposure, study.terms),
        *left_out,
        *choices(study.multiverse, study.populations, study.terms),
        algorithm(study.algorithms),
        *meaning(study.rule_card),
        *use(study.usefulness, study.outlook, study.terms, study.use_exposure, study.usefulness_watched),
        *planted(study.recovered),
    ]


def _lowest(what: str, rows: pd.DataFrame, labels: Mapping[str, str]) -> str:
    first = str(rows.iloc[0]["what"]) if len(rows) else ""
    name = f": {labels.get(first, first)}" if first else ""
    return f"lowest adjusted Rand index {what}{name}"


def _first(rows: pd.DataFrame) -> float:
    return float(rows["ari"].iloc[0]) if len(rows) else math.nan


def _two(value: float) -> str:
    return f"{float(value):.2f}" if math.isfinite(float(value)) else "–"


def _signed(value: float) -> str:
    return minus(f"{value:+z.2f}")
