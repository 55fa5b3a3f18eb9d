"""What the pages on other choices and on meaning say and show of multiverse, algorithms, rules and labels."""

from __future__ import annotations

import csv
import dataclasses
import functools
import io
import math
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from report_project import Made, at_k, unescaped, with_small_segment
from said import said
from test_figures import overlaps, words
from test_robustness_pages import caption, table_of
from test_sentences import read

from segkit.engine.algorithms import Algorithms, algorithms
from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.external import External, external_check
from segkit.engine.grid import Grid, log_sets
from segkit.engine.meaning import Cards
from segkit.engine.multiverse import Multiverse, multiverse
from segkit.engine.populations import Populations, populations
from segkit.engine.rules import Rule, RuleCard, rule_card
from segkit.report import choice_figures, choices, optima, rules
from segkit.report.prose import GAP
from segkit.report.show import Shown
from segkit.studies.contacts import TERMS, ContactsStudy
from segkit.studies.events.choices import commonest_label

pytest_plugins = ["report_project"]
pytestmark = pytest.mark.usefixtures("downloads")

KS = [2, 4, 6]
USED = {"scaler": "robust", "clip": 0.01, "cap": 10.0, "logs": "as published", "units": "all"}


@dataclasses.dataclass(frozen=True)
class Checked:
    """A study at some number of segments, with what the pages show of it."""

    made: Made
    multiverse: Multiverse
    populations: Populations
    algorithms: Algorithms
    card: RuleCard
    external: External


def checked(made: Made) -> Checked:
    frame, segments = made.features.frame, made.segments
    model = list(made.features.model_frame)
    calls = frame["n_calls"].to_numpy()
    grid = Grid(
        log_sets(model, [n for n in model if n.startswith("log_")], ["n_calls"]),
        {"all": np.ones(len(frame), dtype=bool), "two or more": calls >= 2},
        scaler=("robust", "standard"), clip=(0.01,), cap=(10.0, math.inf), defensible={"logs": ("as published",)},
    )  # fmt: skip
    parts = {"min_events_2": calls >= 2, "without_top_1_percent": calls <= np.quantile(calls, 0.99)}
    raw = [n for n in model if not n.startswith("log_")]
    external = external_check(segments.labels, commonest_label(made.features), draws=19)
    assert external is not None
    return Checked(
        made,
        multiverse(frame, segments, grid, clip=0.01, cap=10.0, clusterer=KMeansClusterer(1), jobs=1),
        populations(frame, made.features.blocks, segments, parts, clip=0.01, cap=10.0, clusterer=KMeansClusterer(2)),
        algorithms(made.matrix, segments, names=["Ward", "diagonal Gaussian mixture", "HDBSCAN"], jobs=1),
        rule_card(frame[raw], segments.labels, leaves=[4, 8], folds=3),
        external,
    )


@functools.cache
def at(study: ContactsStudy, k: int) -> Checked:
    return checked(at_k(study, k))


@functools.cache
def small(study: ContactsStudy) -> Checked:
    return checked(with_small_segment(study))


def tables(of: Checked) -> dict[str, Shown]:
    cards = of.made.cards
    return {
        "choices": choices.effect_table(of.multiverse, TERMS),
        "populations": choices.population_table(of.populations, cards, TERMS),
        "seeds": optima.seed_table(of.algorithms),
        "recurring": choices.segment_table(of.multiverse, of.algorithms, of.populations, cards, TERMS),
        "rules": rules.rule_table(of.card, cards, of.made.features, TERMS),
        "fidelity": rules.fidelity_table(of.card, cards),
        "external": rules.external_table(of.external, TERMS),
    }


def on_page(label: str, found: Multiverse, others: Algorithms | None = None, parts: Populations | None = None,
            cards: Cards | None = None) -> str:  # fmt: skip
    return said("choices", label, multiverse=found, algorithms=others, populations=parts, _cards=cards)


def rules_do(card: RuleCard, cards: Cards) -> str:
    """Return what the page on meaning says of short rules, after its first sentences."""
    return said("interpretation", "rules", rule_card=card, _cards=cards).split("[@breiman1984]. ")[1]


def labels_go(found: External | None) -> str:
    return said("interpretation", "labels", external=found)


def sentences(of: Checked) -> Iterator[tuple[str, str]]:
    """Yield every sentence, by the function that says it."""
    cards = of.made.cards
    for label in ("lead", "declared", "other-k", "decision", "populations", "algorithms", "settings"):
        yield label, on_page(label, of.multiverse, of.algorithms, of.populations, cards)
    yield "rules", rules_do(of.card, cards)
    yield "labels", labels_go(of.external)
    yield "curve caption", choice_figures.curve_caption(of.multiverse, TERMS)
    yield "curve alt", choice_figures.curve_alt(of.multiverse)
    yield "algorithm caption", choice_figures.algorithm_caption(of.algorithms, cards, TERMS)
    yield "optima", unescaped(str(optima.note(of.multiverse.starts)))
    yield "algorithm alt", choice_figures.algorithm_alt(of.algorithms)
    yield from ((name, caption(shown)) for name, shown in tables(of).items())


@pytest.mark.parametrize("k", KS)
def test_sentences_on_the_simulation(simulated: ContactsStudy, k: int) -> None:
    found = list(sentences(at(simulated, k)))
    for name, text in found:
        read(name, text)
    assert len(found) == 21


def test_sentences_with_a_segment_too_small_to_show(simulated: ContactsStudy) -> None:
    for name, text in sentences(small(simulated)):
        read(name, text)


@pytest.mark.parametrize("k", KS)
def test_tables_and_their_files_are_whole(simulated: ContactsStudy, downloads: Path, k: int) -> None:
    of = at(simulated, k)
    for name, shown in tables(of).items():
        head, *body = table_of(shown)
        left = list(csv.reader(io.StringIO((downloads / f"{name}.csv").read_text("utf-8"))))
        assert {len(row) for row in left} == {len(left[0])}
        assert len(left) == (len(body) + 1 if name != "choices" else len(of.multiverse.table) + 1)
        assert not re.search(r"\b(nan|None|NA|inf)\b|<NA>", " ".join(c for row in [head, *body] for c in row))


def test_numbers_in_tables_are_those_of_the_results(simulated: ContactsStudy) -> None:
    of = at(simulated, 4)
    shown = tables(of)
    effects = of.multiverse.effects
    for row, known in zip(table_of(shown["choices"])[1:], effects.itertuples(), strict=True):
        assert row[-1] == str(known.matrices)
        assert ("(in use)" in row[0]) == known.in_use
    assert {r[0] for r in table_of(shown["choices"])} >= {
        "Scale: robust (in use)",
        "Cap: none",
        "Contacts: two calls or more",
    }
    for row, known in zip(table_of(shown["fidelity"])[1:], of.card.table.itertuples(), strict=True):
        assert row[0] == str(known.leaves)
        assert row[4] == f"{known.kappa:.2f}"
    for row, rule in zip(table_of(shown["rules"])[1:], of.card.cards[of.card.best or 0], strict=True):
        assert row[1] == of.made.cards[rule.segment].name
        assert row[2] == f"{rule.units:,}"
    assert [row[1] for row in table_of(shown["external"])[1:]] == [f"{v:z.2f}" for v in of.external.table["value"]]


@pytest.mark.parametrize("k", KS)
def test_figures_are_whole_and_nothing_overlaps(simulated: ContactsStudy, k: int) -> None:
    of = at(simulated, k)
    curve = choice_figures.specification_curve(of.multiverse, TERMS)
    matrix = choice_figures.algorithm_figure(of.algorithms, of.made.cards)
    for figure in (curve, matrix):
        assert not overlaps(figure)
        assert not [w for w in words(figure) if re.search(r"\b(nan|None|inf)\b", w)]
    levels = sum(of.multiverse.table[d].nunique() for d in USED)
    assert len(curve.axes[1].get_yticks()) == levels
    cells = [t.get_text() for t in matrix.axes[0].texts]
    assert len(cells) == 3 * (2 + k)
    rows = of.algorithms.table.sort_values("ari", ascending=False)
    assert cells[0] == f"{rows['ari'].iloc[0]:.2f}"


def test_a_small_segment_is_in_no_table_and_no_download(simulated: ContactsStudy, downloads: Path) -> None:
    of = small(simulated)
    hidden = [c for c in of.made.cards if c.size is None]
    assert len(hidden) == 2
    shown = tables(of)
    for name in ("populations", "recurring", "fidelity", "choices"):
        text = (downloads / f"{name}.csv").read_text("utf-8")
        for card in hidden:
            assert card.name not in text
            assert f">{card.short}<" not in shown[name].markdown
            assert not re.search(rf"_{card.id}\b", text.splitlines()[0])
    for row in table_of(shown["rules"])[1:]:
        assert (row[2:] == ["–", "–"]) or row[1] not in {c.name for c in hidden}
    columns = [
        t.get_text() for t in choice_figures.algorithm_figure(of.algorithms, of.made.cards).axes[0].get_xticklabels()
    ]
    assert len(columns) == 2 + 3


# Sentences, by hand


def universe(*rows: tuple[str, float, int, float], k: int = 4) -> Multiverse:
    """Return arms that differ in scaler and clipping: scaler, clip, matrix, ARI; the first is the one in use."""
    table = pd.DataFrame(rows, columns=["scaler", "clip", "matrix", "ari"])
    table = table.assign(k=k, cap=10.0, logs="as published", units="all", defensible=True, jaccard_1=table["ari"])
    table["in_use"] = np.arange(len(table)) == 0
    return Multiverse(table, USED, k, {"restarts": 10, "sampled": None}, 42)


FAR = universe(("robust", 0.01, 0, 1.0), ("standard", 0.01, 1, 0.4), ("robust", 0.0, 2, 0.9), ("standard", 0.0, 3, 0.3))
NEAR = universe(("robust", 0.01, 0, 1.0), ("robust", 0.0, 1, 0.998))
ALONE = universe(("robust", 0.01, 0, 1.0), ("robust", 0.0, 0, 1.0))


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (FAR, "The segments depend on how the data were prepared: of three other preparations of the data that could well have "
              "been chosen, one gives much the same partition (ARI from 0.8 on). The median ARI is 0.40."),
        (NEAR, "The segments hardly depend on how the data were prepared: of one other preparation of the data that could well "
               "have been chosen, one gives much the same partition (ARI from 0.8 on). The median ARI is over 0.99."),
        (ALONE, "No other preparation of the data makes another matrix, so there is nothing to compare."),
    ],
)  # fmt: skip
def test_dependence_in_words(found: Multiverse, says: str) -> None:
    assert on_page("lead", found).startswith(says)


def test_the_main_choice_in_words() -> None:
    assert on_page("lead", FAR).endswith(
        " The median ARI is 0.40. Changed alone, the choice of scale does most: with “standard” the ARI is 0.40. Whatever is "
        "chosen for clipping alone, the ARI stays at 0.8 or above."
    )
    assert on_page("lead", ALONE).endswith("compare. No choice that is changed alone makes another partition.")
    assert choices.verdict(FAR) == "1 of 3 other preparations agree"
    assert choices.verdict(ALONE) == "nothing to compare"


def over_seeds(**ranges: tuple[float, float]) -> Algorithms:
    """Return algorithms of which some start at random, with the lowest and the highest ARI over seeds."""
    rows = [{"algorithm": n, "clusters": 3, "noise": 0.0, "ari": sum(r) / 2, "ari_se": 0.0, "ami": 0.5, "ari_low": r[0],
             "ari_high": r[1], "jaccard_1": 0.5, "jaccard_2": 0.5} for n, r in ranges.items()]  # fmt: skip
    params = {"sampled": None, "units": 40, "seeds": 5, "seeded": [n for n in ranges if n != "Ward"], "starts": 10,
              "samples": 1, "mixture_starts": 5, "neighbours": 20, "smallest": 5}  # fmt: skip
    return Algorithms(pd.DataFrame(rows), params, 42)


@pytest.mark.parametrize(
    ("found", "finding", "said_of"),
    [
        (over_seeds(Ward=(0.5, 0.5), spectral=(-0.06, 0.23)), "Spectral hangs on the seed", "One of these starts"),
        (
            over_seeds(bisecting=(0.70, 0.88), spectral=(-0.06, 0.23)),
            "Bisecting and spectral hang on",
            "Two of these start",
        ),
        (over_seeds(Ward=(0.5, 0.5), spectral=(0.50, 0.55)), "No result hangs on the seed", "One of these starts"),
        (over_seeds(Ward=(0.5, 0.5)), "", ""),
    ],
)
def test_results_that_hang_on_a_seed_are_named(found: Algorithms, finding: str, said_of: str) -> None:
    shown, text = optima.seed_table(found), said("choices", "settings", algorithms=found)
    read("settings", text)
    assert said_of in text and ("at random" in text) == bool(said_of)
    if not finding:
        assert shown.markdown == "" and optima.on_seeds(found) == ""
        return
    assert finding in caption(shown) and "medians over five seeds" in optima.on_seeds(found)
    assert len(table_of(shown)) == 1 + len(found.params["seeded"])
    read("seeds", caption(shown))


def test_nothing_to_compare_still_makes_a_page(simulated: ContactsStudy) -> None:
    cards = at_k(simulated, 2).cards
    columns = ["ari", "ami", "clusters", "noise", "jaccard_1", "jaccard_2"]
    none = Algorithms(pd.DataFrame(columns=["algorithm", *columns]), {"sampled": None, "units": 40}, 42)
    nobody = Populations(
        pd.DataFrame(columns=["population", "units", "left_out", "ari", "jaccard_1", "jaccard_2"]), {}, 42
    )
    measures = ["leaves", "rules", "accuracy", "balanced_accuracy", "kappa", "lowest_recall", "good"]
    empty = RuleCard(pd.DataFrame(columns=measures), {}, {"folds": 1, "balanced_accuracy": 0.85, "recall": 0.75}, 42)
    texts = [
        *(on_page(label, ALONE, none, nobody, cards) for label in ("algorithms", "populations", "decision")),
        choice_figures.curve_caption(ALONE, TERMS), choice_figures.curve_alt(ALONE),
        choice_figures.algorithm_caption(none, cards, TERMS),
        choice_figures.algorithm_alt(none), rules_do(empty, cards), labels_go(None),
        caption(choices.population_table(nobody, cards, TERMS)), caption(choices.segment_table(ALONE, none, nobody, cards, TERMS)),
        caption(choices.effect_table(ALONE, TERMS)), caption(rules.fidelity_table(empty, cards)),
    ]  # fmt: skip
    for text in texts:
        read("nothing", text)
    choice_figures.specification_curve(ALONE, TERMS)
    choice_figures.algorithm_figure(none, cards)


def test_conditions_as_a_reader_would_say_them(simulated: ContactsStudy) -> None:
    features, inf = simulated.features, math.inf
    cases = {
        ("n_calls", -inf, 3.0): "3 calls or fewer",
        ("n_calls", 3.0, inf): "more than 3 calls",
        ("n_calls", 3.0, 12.0): "4 to 12 calls",
        ("n_calls", -inf, 1.0): "one call only",
        ("n_days_active", 4.0, 5.0): "5 active days",
        ("median_dur_sec", -inf, 120.0): "median call up to 2 min",
        ("mean_dur_sec", 90.0, inf): "mean call over 90 s",
        ("recency_days", 30.0, 310.0): "last call over 30 days, up to 310 days ago",
        ("tenure_days", 150.0, inf): "first to last call over 150 days",
        ("long_call_share", 0.5, inf): "share of long calls over 50 %",
        ("share_evening", -inf, 0.25): "calls in evening hours up to 25 %",
        ("share_open_day", 0.9, inf): "calls on open days over 90 %",
        ("calls_per_active_day", -inf, 1.5): "calls per active day up to 1.5",
    }
    for (name, low, high), expected in cases.items():
        assert rules.condition(name, (low, high), features, TERMS).replace(GAP, " ") == expected
    rule = Rule({"n_calls": (-inf, 3.0), "median_dur_sec": (-inf, 120.0)}, 1, 9, 9)
    assert rules.sentence(rule, features, TERMS).replace(GAP, " ") == "3 calls or fewer and median call up to 2 min"


def test_rules_tell_of_no_few_contacts(simulated: ContactsStudy) -> None:
    made = at_k(simulated, 2)
    lines = (
        Rule({"n_calls": (-math.inf, 3.0)}, 1, 1000, 990),
        Rule({"n_calls": (3.0, 9.0)}, 2, 40, 24),
        Rule({"n_calls": (9.0, math.inf)}, 2, 3, 3),
    )
    row = {
        "leaves": 4,
        "rules": 3,
        "accuracy": 1.0,
        "balanced_accuracy": 0.9,
        "kappa": 0.9,
        "lowest_recall": 0.8,
        "good": True,
    }
    row |= {f"{what}_{s}": 0.9 for what in ("precision", "recall") for s in (1, 2)}
    card = RuleCard(pd.DataFrame([row]), {4: lines}, {"folds": 10, "balanced_accuracy": 0.85, "recall": 0.75}, 42)
    shown = rules.rule_table(card, made.cards, made.features, TERMS)
    cells = [[c.replace(GAP, " ") for c in r[2:]] for r in table_of(shown)[1:]]
    assert cells == [
        ["1,000", "90 % or more"],
        ["–", "–"],
        ["–", "–"],
    ]  # the second, so that the total gives nothing back
    assert "A dash stands for fewer than five contacts" in caption(shown)


@pytest.mark.parametrize(
    ("value", "high", "how"),
    [
        (0.02, 0.05, "hardly"),
        (0.05, 0.2, "at most weakly"),
        (0.2, 0.4, "weakly"),
        (0.4, 0.6, "moderately"),
        (0.7, 0.8, "strongly"),
    ],
)
def test_how_strongly_labels_go_with_segments(value: float, high: float, how: str) -> None:
    rows = [(m, value, 0.0, high) for m in ("cramers_v", "cramers_v_corrected", "ami")]
    table = pd.DataFrame(rows, columns=["measure", "value", "low", "high"])
    text = labels_go(External(table, 100, 3, 0.5, {"draws": 99, "level": 0.05}, 42))
    assert text.startswith(f"Segments and labels go together {how}: ")
    assert f"(95{GAP}% interval 0.00 to {high:.2f})" in text
    assert "can tell little" not in text
    assert "can tell little" in labels_go(External(table, 100, 3, 0.95, {"draws": 99, "level": 0.05}, 42))
