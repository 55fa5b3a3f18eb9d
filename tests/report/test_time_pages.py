"""What the pages on stability and time say and show: on the simulation, on a small private log, where there is nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from types import SimpleNamespace as Plain

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from report_project import unescaped, with_small_segment
from said import said
from test_figures import overlaps
from test_sentences import read

from segkit.data.breaks import Exposure, declared, exposure
from segkit.engine.consensus import Consensus
from segkit.engine.drift import drift, no_drift
from segkit.engine.gap import Gap
from segkit.engine.jaccard import Jaccard, jaccard
from segkit.engine.meaning import Card, Cards
from segkit.engine.migration import INACTIVE, NEW, migration, no_migration
from segkit.engine.pipeline import Confidence, PipelineBootstrap, confidence, pipeline_bootstrap
from segkit.engine.prediction import PredictionStrength
from segkit.engine.windows import Ageing, Refits, no_ageing, no_refits
from segkit.report import (
    breaks,
    choice_figures,
    claims,
    drifting,
    membership,
    moving,
    over_time,
    resampling,
    resampling_figures,
    subsampling,
    theme,
    time_figures,
)  # fmt: skip
from segkit.report.prose import GAP
from segkit.report.show import Shown
from segkit.seeds import generator
from segkit.studies.contacts import TERMS, ContactsStudy

pytest_plugins = ["report_project"]
pytestmark = pytest.mark.usefixtures("downloads")
PARAMS = {"months": 12, "every": 3}
LABELS = {"a": "first thing", "b": "second thing"}


def caption(shown: Shown) -> str:
    return re.sub(r" \[CSV\].*$", "", unescaped(shown.markdown.splitlines()[-2]))


def rows_of(shown: Shown) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", shown.markdown)
    return [
        [re.sub(r"<[^>]*>", "", c).replace(GAP, " ") for c in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", r)] for r in rows
    ]


def card(number: int, archetype: str = "core", size: int | None = 50) -> Card:
    medians = {"n_calls": 3.0} if size else {}
    return Card(
        number, archetype, f"Name {number}", f"Short {number}", "having x", "Do.", size, 0.5 if size else None, medians
    )


TWO = Cards((card(2), card(1, "once")), 100)
AGES = pd.DataFrame(
    [("A", "B", 1, 90, 0.95, 0.01, ""), ("B", "C", 1, 90, 0.85, 0.02, ""), ("A", "C", 2, 90, 0.7, 0.08, "")],
    columns=["fitted", "window", "age", "units", "ari", "outliers", "rescaled"],
)
STEPS = pd.DataFrame(
    [("B", "A", 1, 60, 0.5, ""), ("C", "B", 1, 70, 0.9, "a"), ("C", "A", 2, 30, 0.1, "")],
    columns=["window", "before", "lag", "common", "ari", "rescaled"],
)
KEPT = Ageing(AGES, "", {**PARAMS, "oldest": 4, "outlying": 0.99}, 1)
REFIT = Refits(STEPS, pd.Series({"A": 80, "B": 90, "C": 100}), "", PARAMS, 1)
NOTHING = (
    no_ageing("it is short", 1),
    no_refits("it is short", 1),
    no_migration("it is short", 1),
    no_drift("it is short"),
)


def moved() -> pd.DataFrame:
    return pd.DataFrame(
        [[1, 1]] * 40
        + [[1, 2]] * 10
        + [[1, INACTIVE]] * 50
        + [[2, 2]] * 30
        + [[2, 1]] * 6
        + [[NEW, 1]] * 8
        + [[INACTIVE, 2]] * 9,
        columns=["A", "C"],
    )


NO_BREAK = declared((), date(2022, 1, 1), date(2024, 12, 31))
ALL = exposure(NO_BREAK, {w: (datetime(2023, 1, 1), datetime(2024, 1, 1)) for w in "ABC"})


def said_of_time(
    kept: Ageing, refit: Refits, moves: object, drifted: object, cards: Cards | None, seen: Exposure = ALL
) -> Iterator[tuple[str, str]]:
    study = {
        "time_frozen": kept, "time_refit": refit, "migration": moves, "time_cards": cards, "drift": drifted,
        "features": Plain(labels=LABELS), "time_exposure": seen,
    }  # fmt: skip
    for label in ("lead", "windows", "exposure", "decision", "moves", "ageing", "company", "rescaled", "drift"):
        if text := said("time", label, **study):
            yield label, re.sub(r"\[@[a-z]+[0-9]{4}\]", "Siddiqi", text)
    yield "ageing caption", time_figures.ageing_caption(kept, TERMS)
    yield "refit caption", time_figures.refit_caption(refit, NO_BREAK, TERMS)
    yield "moves caption", time_figures.moves_caption(moves, cards, TERMS)  # type: ignore[arg-type]
    yield "drift caption", drifting.drift_caption(drifted, LABELS)  # type: ignore[arg-type]
    yield "ageing table", caption(over_time.ageing_table(kept, TERMS))
    yield "refit table", caption(over_time.refit_table(refit, TERMS))
    yield "moves table", caption(moving.moves_table(moves, cards, TERMS))  # type: ignore[arg-type]
    yield "shares table", caption(drifting.shares_table(drifted, cards, TERMS))  # type: ignore[arg-type]


def drawn(kept: Ageing, refit: Refits, moves: object, drifted: object, cards: Cards | None) -> dict[str, Figure]:
    return {
        "ageing": time_figures.ageing_figure(kept),
        "refit": time_figures.refit_figure(refit, NO_BREAK),
        "moves": time_figures.moves_figure(moves, cards, TERMS),  # type: ignore[arg-type]
        "drift": drifting.drift_figure(drifted, LABELS),  # type: ignore[arg-type]
    }


def drifted() -> object:
    rng = generator("tests/time_pages")
    frames = {w: pd.DataFrame({"a": rng.normal(size=90) + 2 * j, "b": rng.normal(size=90)}) for j, w in enumerate("AC")}
    return drift(frames, {w: pd.Series([1] * (60 - 20 * j) + [2] * (30 + 20 * j)) for j, w in enumerate("AC")}, 2)


def test_sentences_of_time_by_hand() -> None:
    moves = migration(moved(), 2)
    texts = dict(said_of_time(KEPT, REFIT, moves, drifted(), TWO))
    for name, text in texts.items():
        read(name, text)
    flat = {n: t.replace(GAP, " ") for n, t in texts.items()}
    assert "borders between segments move with time" in flat["lead"] and "0.70 to 0.95" in flat["lead"]
    assert "every 3 months: after 6 months" in flat["decision"]  # the first age with an ARI below 0.8
    assert (
        "falls with age, from 0.90 after 3 months to 0.70 after 6 months" in flat["ageing"]
        and "8 % at most" in flat["ageing"]
    )
    assert "between 0.50 (B) and 0.90 (C)" in flat["company"] and "6 months apart" in flat["company"]
    assert "In C the preprocessing tips: first thing is scaled" in flat["rescaled"]
    assert (
        "of “Name 2”, 83 % are in it again" in flat["moves"]
        and "of “Name 1”, 40 % are in it again and 50 % have no calls" in flat["moves"]
    )
    assert "37 % have none in the second" in flat["moves caption"]  # 50 of 136
    assert "first thing has moved much since A" in flat["drift"] and "second" not in flat["drift"]


def watched(*few: str) -> Exposure:
    """Return windows of which some were watched on half of their days, and the others on all but thirty."""
    rows = [(w, datetime(2023, 1, 1), 365, 182 if w in few else 335) for w in "ABC"]
    table = pd.DataFrame(rows, columns=["window", "start", "days", "watched"])
    return Exposure(table.assign(share=table["watched"] / 365, few=[w in few for w in "ABC"]), 0.75)


@pytest.mark.parametrize("few", [(), ("A",), ("C",), ("A", "C"), ("A", "B", "C")])
def test_windows_that_were_watched_in_part_are_told(few: tuple[str, ...]) -> None:
    seen, moves = watched(*few), migration(moved(), 2)
    texts = dict(said_of_time(KEPT, REFIT, moves, drifted(), TWO, seen))
    for name, text in texts.items():
        read(name, re.sub(r"\]\([^)]*\)|\[", "", text))
    read("table", caption(breaks.exposure_table(seen, "tbl-time-exposure", TERMS)))  # type: ignore[arg-type]
    told = texts["exposure"]
    assert f"{182 if 'A' in few else 335} of 365 in A, {182 if 'B' in few else 335} of 365 in B and" in told
    assert ("on fewer than 75" in told) == bool(few)
    assert (f"on 50{GAP}% of the days of the later year" in texts["moves"]) == (
        "C" in few
    )  # the moves are those from A to C
    made = claims.times(REFIT, KEPT, drifted(), seen, TERMS)  # type: ignore[arg-type]
    without = [re.search(r"; (.*)$", c.evidence) for c in made]
    if not few:
        assert without == [None] * 3
    elif few == (
        "A",
    ):  # from B to C the ARI is 0.9, and that of the model of B in C is 0.85; the shares are those of C
        assert [float(m[1].split()[0]) for m in without if m] == [0.9, 0.85, pytest.approx(made[2].number, abs=6e-4)]
    elif few == ("C",):  # the shares of A are those that others are compared with
        assert [float(m[1].split()[0]) for m in without[:2] if m] == [0.5, 0.95]
    else:
        assert [m and m[1] for m in without[:2]] == ["no window was watched enough"] * 2
    plain = claims.times(REFIT, KEPT, drifted(), ALL, TERMS)  # type: ignore[arg-type]
    assert [(c.claim, c.number, c.verdict) for c in made] == [(c.claim, c.number, c.verdict) for c in plain]


def test_breaks_are_bands_between_the_ends_of_windows() -> None:
    refit = Refits(STEPS.replace({"A": "2023 Q1", "B": "2023 Q2", "C": "2023 Q3"}),
                   pd.Series({"2023 Q1": 80, "2023 Q2": 90, "2023 Q3": 100}), "", PARAMS, 1)  # fmt: skip
    found = declared(
        [(date(2023, 4, 1), date(2023, 5, 15)), (date(2022, 2, 1), date(2022, 2, 9))],
        date(2022, 1, 1),
        date(2023, 9, 30),
    )
    axes = time_figures.refit_figure(refit, found).axes[0]
    before, half = sorted(axes.patches, key=lambda p: p.get_x())
    assert before.get_width() == 0  # before the axis begins
    assert half.get_x() == pytest.approx(0, abs=0.02) and half.get_width() == pytest.approx(45 / 91, abs=0.02)
    assert "Bands mark the breaks of the log." in time_figures.refit_caption(refit, found, TERMS)


def lead(kept: Ageing, refit: Refits) -> str:
    return said("time", "lead", time_frozen=kept, time_refit=refit)


def decision(kept: Ageing, refit: Refits) -> str:
    return said("time", "decision", time_frozen=kept, time_refit=refit, migration=NOTHING[2], time_cards=None)


def test_lasting_borders_are_said_to_last() -> None:
    good = replace(KEPT, table=AGES.assign(ari=[0.95, 0.9, 0.92], outliers=0.011))
    text = lead(good, REFIT)
    assert "borders between segments last" in text and "no need to refit the model" in decision(good, REFIT)
    same = replace(REFIT, table=STEPS.assign(ari=0.97, rescaled=""))
    assert "contacts inside them move" not in lead(good, same)
    assert "since they move" not in decision(good, same)
    assert "0.97 throughout" in said("time", "company", time_refit=same)


def test_a_scale_that_tips_is_not_taken_for_a_change_of_contacts() -> None:
    tips = replace(KEPT, table=AGES.assign(rescaled=["", "", "b"]))
    text = lead(tips, REFIT)
    assert "scaled alike, the borders between segments last" in text and "0.85 to 0.95" in text and "0.70 only" in text
    decided = decision(tips, REFIT)
    assert decided.startswith("Keep the model.") and "Refit the model" not in decided
    other = replace(KEPT, table=AGES.assign(rescaled=["b", "", ""]))  # here the scale is not what they part by
    assert lead(other, REFIT).startswith("The borders between segments move with time")


def test_small_moves_are_not_shown() -> None:
    states = pd.concat([moved(), pd.DataFrame([[2, INACTIVE]] * 3, columns=["A", "C"])])
    found = migration(states, 2)
    shown = moving.moves_table(found, TWO, TERMS)
    assert rows_of(shown)[1][0] == "Name 2" and rows_of(shown)[1][3] == "–"
    text = "".join(theme.svg(time_figures.moves_figure(found, TWO, TERMS), "moves").split())
    assert f"{3 / 39:.0%}"[:-1] + GAP + "%" not in text.replace("&#160;", GAP)


def test_where_there_is_nothing_pages_say_why() -> None:
    for name, text in said_of_time(*NOTHING, None):
        read(name, text)
    assert "it is short" in lead(NOTHING[0], NOTHING[1]) and over_time.status(NOTHING[0], TERMS) == "too short a log"
    for figure in drawn(*NOTHING, None).values():
        assert theme.svg(figure, "x").startswith("<?xml")
    for alt in (
        time_figures.ageing_alt(NOTHING[0]), time_figures.refit_alt(NOTHING[1]),
        time_figures.moves_alt(NOTHING[2], None, TERMS), drifting.drift_alt(NOTHING[3], LABELS),
    ):  # fmt: skip
        assert alt == "An empty figure."


def test_letters_of_figures_do_not_overlap() -> None:
    for name, figure in drawn(KEPT, REFIT, migration(moved(), 2), drifted(), TWO).items():
        assert not overlaps(figure), name


def said_to_do(found: Jaccard, whole: PipelineBootstrap, sure: Confidence, cards: Cards) -> str:
    study = {"jaccard": found, "pipeline_bootstrap": whole, "confidence": sure}
    study |= {
        "convergence": Plain(lowest=lambda: 1.0, params={"restarts": 50}),
        "k_decision": Plain(illustration=False),
    }
    return said("stability", "decision", _cards=cards, _pages=frozenset({"choices"}), **study)


def said_of_samples(study: ContactsStudy, cards: Cards) -> Iterator[tuple[str, str]]:
    j, p, c = study.jaccard, study.pipeline_bootstrap, study.confidence
    yield "lead", said("stability", "lead", jaccard=j, pipeline_bootstrap=p, _cards=cards)
    yield "how", subsampling.how_drawn(j, TERMS)
    few = replace(j, params={**j.params, "units": 90_000, "drawn": 10_000})
    yield "how of many", subsampling.how_drawn(few, TERMS)
    many = replace(p, params={**p.params, "units": 90_000, "drawn": 10_000})
    yield "refitted of many", (text := said("stability", "refitted", pipeline_bootstrap=many))
    assert "Each of these samples holds 10,000 contacts. So few, drawn anew each time," in text
    yield "starts", said("stability", "starts", jaccard=j)
    yield "refitted", said("stability", "refitted", pipeline_bootstrap=p)
    yield "scaling", said("stability", "scaling", pipeline_bootstrap=p, features=study.features)
    yield "border", said("stability", "border", confidence=c)
    yield "decision", said_to_do(j, p, c, cards)
    yield "jaccard caption", resampling_figures.jaccard_caption(j, cards)
    yield "pipeline caption", resampling_figures.pipeline_caption(p, TERMS)
    yield "jaccard table", caption(resampling.jaccard_table(j, cards))
    yield "sure table", caption(membership.sure_table(c, cards, TERMS))


@pytest.mark.parametrize("which", ["simulated", "private"])
def test_sentences_of_samples(which: str, request: pytest.FixtureRequest) -> None:
    study = request.getfixturevalue(which)
    found = list(said_of_samples(study, study.cards))
    for name, text in found:
        read(name, text)
    table = rows_of(resampling.jaccard_table(study.jaccard, study.cards))
    means = study.jaccard.means()
    for row, shown in zip(table[1:], [c for c in study.cards if c.medians], strict=True):
        assert row[0] == shown.name and row[2] in (f"{means[shown.id]:.2f}", "over 0.99")
    for figure in (
        resampling_figures.jaccard_figure(study.jaccard, study.cards),
        resampling_figures.pipeline_figure(study.pipeline_bootstrap),
    ):
        assert not overlaps(figure)


def test_a_segment_too_small_to_show_is_left_out(simulated: ContactsStudy) -> None:
    made = with_small_segment(simulated)
    j = jaccard(made.matrix, made.segments, resamples=4, jobs=1)
    p = pipeline_bootstrap(simulated.features.model_frame, made.matrix, made.segments, resamples=4, jobs=1)
    hidden = next(c for c in made.cards if not c.medians)
    table, sure = (
        resampling.jaccard_table(j, made.cards),
        membership.sure_table(confidence(made.matrix, made.segments, p), made.cards, TERMS),
    )
    assert hidden.name not in table.markdown + sure.markdown
    assert "left out" in caption(table) and hidden.short not in resampling_figures.jaccard_alt(j, made.cards)


@pytest.mark.parametrize(
    ("means", "words", "rule"),
    [
        ((1.0, 1.0), "found again", "Each segment is steady"),
        ((0.9, 0.8), "not all of them closely", "Each segment is steady"),
        ((0.9, 0.7), "Not every segment", "Rules for “Name 1”"),
        ((0.5, 0.4), "No segment is found again", "No segment is steady"),
        ((np.nan, np.nan), "too few contacts", "a description of this list"),
    ],
)
def test_words_follow_from_the_means(
    means: tuple[float, float], words: str, rule: str, simulated: ContactsStudy
) -> None:
    """Bounds of Hennig (2007): 0.6, 0.75, 0.85."""
    table = pd.DataFrame(
        [(s, 0, n, m) for s in ("bootstrap", "halves", "noise") for n, m in zip((2, 1), means, strict=True)],
        columns=["scheme", "resample", "segment", "jaccard"],
    )
    params = {
        "resamples": 1,
        "restarts": 10,
        "many_starts": 50,
        "checked": 0,
        "noise": 0.05,
        "dissolved": 0.5,
        "recovered": 0.75,
    }
    j, p = Jaccard(table, np.nan, params, 1), simulated.pipeline_bootstrap
    sure = Confidence(
        pd.DataFrame({"segment": [1, 2], "units": [50, 50], "recurrence": 1.0, "seldom": 0, "narrow": 0, "both": 0}), {}
    )
    assert words in said("stability", "lead", jaccard=j, pipeline_bootstrap=p, _cards=TWO)
    text = said_to_do(j, p, sure, TWO)
    assert text.startswith(("With so few", rule)) and rule in text
    assert theme.svg(resampling_figures.jaccard_figure(j, TWO), "j") and resampling_figures.jaccard_caption(j, TWO)


def test_samples_that_are_scaled_otherwise_are_told(simulated: ContactsStudy) -> None:
    p = simulated.pipeline_bootstrap
    table = p.table.assign(
        gained=["n_calls"] * 3 + [""] * (len(p.table) - 3), changed=[True] * 3 + [False] * (len(p.table) - 3)
    )
    table.loc[:2, "ari"] = 0.3

    def scaling(table: pd.DataFrame) -> str:
        named = Plain(labels={"n_calls": "calls"})
        text = said("stability", "scaling", pipeline_bootstrap=replace(p, table=table), features=named)
        return text.replace(GAP, " ")

    text = scaling(table)
    assert f"In 3 of {len(table)} samples columns were scaled otherwise than in the log: calls." in text
    assert "Their mean ARI is 0.30" in text
    assert "no sample to compare with" in scaling(table.assign(changed=True))


def test_where_a_part_stands_for_all_the_pages_say_so(simulated: ContactsStudy) -> None:
    m = simulated

    def resampled(prediction: PredictionStrength, pairs: Consensus, gap: Gap) -> str:
        found = {"prediction": prediction, "instability": m.instability, "consensus": pairs, "gap": gap}
        return said("k-selection", "resampled", **found)

    assert "has many" not in resampled(m.prediction, m.consensus, m.gap)
    assert "Each of these samples" not in said("stability", "refitted", pipeline_bootstrap=m.pipeline_bootstrap)
    assert "samples" not in said("choices", "declared", multiverse=m.multiverse)
    assert "samples" not in said("choices", "settings", algorithms=m.algorithms)
    assert subsampling.on_samples(m.algorithms.params, TERMS) == "" and subsampling.part(m.gap.params) is None
    many = {"units": 90_000, "drawn": 10_000}
    gap = replace(m.gap, table=m.gap.table.assign(log_w_se=0.0042), params={**m.gap.params, **many})
    split = replace(m.prediction, params={**m.prediction.params, **many})
    pairs = replace(m.consensus, params={**m.consensus.params, **many})
    read("resampled", text := resampled(split, pairs, gap))
    assert "10,000" in text and "0.0042 at most" in text
    part = {"sampled": 5000, "samples": 2}
    other = replace(m.algorithms, table=m.algorithms.table.assign(ari_se=0.02), params=m.algorithms.params | part)
    read("algorithms", text := said("choices", "settings", algorithms=other))
    assert "two samples of 5,000" in text and "standard error of 0.02 " in text
    arms = replace(m.multiverse, table=m.multiverse.table.assign(ari_se=1e-5), params=m.multiverse.params | part)
    read("preparations", text := said("choices", "declared", multiverse=arms))
    assert "less than 0.001" in text
    assert choice_figures.curve_caption(arms, TERMS).endswith(" Two samples of 5,000 contacts stand for all.")
