"""What the pages on features, stability, sensitivity, effects and decisions say and show."""

from __future__ import annotations

import csv
import dataclasses
import functools
import io
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace as Plain

import numpy as np
import pandas as pd
import pytest
from report_project import Made, at_k, unescaped, with_small_segment
from said import bullets, said
from test_figures import overlaps, words
from test_sentences import read

from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.convergence import REGIMES, Convergence, convergence
from segkit.engine.effects import Effects, effects
from segkit.engine.kselection import KSelection
from segkit.engine.meaning import Card, Cards
from segkit.engine.sensitivity import EVEN, Sensitivity, sensitivity
from segkit.report import actions, feature_tables, published, robustness
from segkit.report.prose import GAP
from segkit.report.show import Shown
from segkit.studies.contacts import CALLS, RULES, TERMS, ContactsStudy
from segkit.studies.events.policy import policy
from segkit.studies.published import K_TABLE

pytest_plugins = ["report_project"]
pytestmark = pytest.mark.usefixtures("downloads")

KS = [2, 3, 4, 6]
TABLES = ("drop block", "only block", "equal blocks", "add block")


@dataclasses.dataclass(frozen=True)
class Checked:
    """A study at some number of segments, with what the new pages show of it."""

    made: Made
    effects: Effects
    convergence: Convergence
    sensitivity: Sensitivity
    rules: pd.DataFrame


def checked(made: Made) -> Checked:
    frame, labels, table = made.features.frame, made.segments.labels, made.features
    category = [c.name for c in table.columns if c.block == "category"]
    return Checked(
        made,
        effects(frame, labels),
        convergence(made.matrix, made.segments, seeds=range(3), restarts=3),
        sensitivity(
            frame,
            table.blocks,
            made.matrix,
            made.segments,
            clip=0.01,
            cap=10.0,
            extra={"category": category},
            clusterer=KMeansClusterer(2),
        ),
        policy(frame, labels, made.cards, CALLS, RULES).table,
    )


@functools.cache
def at(study: ContactsStudy, k: int) -> Checked:
    return checked(at_k(study, k))


@functools.cache
def small(study: ContactsStudy) -> Checked:
    return checked(with_small_segment(study))


def caption(shown: Shown) -> str:
    """Return the caption of a table, without its download."""
    return re.sub(r" \[CSV\].*$", "", unescaped(shown.markdown.splitlines()[-2]))


def table_of(shown: Shown) -> list[list[str]]:
    """Return the cells of a table as a reader sees them."""
    rows = re.findall(r"<tr>(.*?)</tr>", shown.markdown)
    return [[re.sub(r"<[^>]*>", "", c) for c in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


def tables(of: Checked) -> dict[str, Shown]:
    m, labels = of.made, of.made.features.labels
    return {
        "convergence": robustness.convergence_table(of.convergence),
        "worst-seed": robustness.worst_seed(of.convergence, m.cards, TERMS),
        "blocks-jaccard": robustness.jaccard_table(
            of.sensitivity, m.cards, TABLES, "tbl-blocks-jaccard", TERMS, enough=0.75
        ),
        "effects": feature_tables.effect_table(of.effects, m.cards, labels),
        "features": feature_tables.feature_table(m.features, m.matrix),
        "blocks": feature_tables.block_table(m.matrix),
        "policy": actions.policy_table(of.rules, TERMS),
        "published": published.comparison(m.k_selection, K_TABLE),
    }


def converges(found: Convergence) -> str:
    """Return what is said between the first sentence and the last, which are always there."""
    first, *told, last = re.split(r"(?<=\.) (?=[A-Z])", said("stability", "converges", convergence=found))
    assert first.startswith("K-means ends in") and last.startswith("This is convergence")
    return " ".join(told)


def difference(selection: KSelection, reference: pd.DataFrame | None) -> str:
    return said("k-selection", "difference", k_selection=selection, published=reference)


def listed(cards: Cards, rules: pd.DataFrame, *, illustration: bool = False) -> str:
    """Return the lead of the page on decisions."""
    settings = Plain(as_of=None)
    return said(
        "decisions",
        "lead",
        policy=Plain(table=rules),
        settings=settings,
        usefulness=None,
        k_decision=Plain(illustration=illustration),
        _cards=cards,
    )


def told_apart(found: Effects, cards: Cards, labels: dict[str, str]) -> str:
    return said("interpretation", "told-apart", effects=found, features=Plain(labels=labels), _cards=cards)


def cadence(rules: pd.DataFrame) -> list[str]:
    return bullets(said("decisions", "cadence", policy=Plain(table=rules)))


def sentences(of: Checked) -> Iterator[tuple[str, str]]:
    """Yield every sentence, by the function that says it."""
    m, labels = of.made, of.made.features.labels
    yield "converges", converges(of.convergence)
    yield from (
        (label, said("sensitivity", label, sensitivity=of.sensitivity, features=m.features))
        for label in ("lead", "equal-weights", "features")
    )
    for arm in ("drop block", "only block", "drop feature", "add block"):
        names = labels if arm == "drop feature" else {}
        yield f"caption {arm}", robustness.drop_caption(of.sensitivity, arm, names)
        yield f"alt {arm}", robustness.drop_alt(of.sensitivity, arm, names)
    yield "features_seen", said("features", "lead", features=m.features, matrix=m.matrix)
    yield "told_apart", told_apart(of.effects, m.cards, labels)
    yield "preprocessed", said("features", "preprocessing", matrix=m.matrix, settings=Plain(cap=10.0))
    yield "list", listed(m.cards, of.rules)
    yield "price", said("k-selection", "price", segments=m.segments, k_selection=m.k_selection)
    yield "difference", difference(m.k_selection, K_TABLE) or "Nothing."
    yield from (("cadence", text) for text in cadence(of.rules))
    yield from ((name, caption(shown)) for name, shown in tables(of).items())


@pytest.mark.parametrize("k", KS)
def test_sentences_on_the_simulation(simulated: ContactsStudy, k: int) -> None:
    found = list(sentences(at(simulated, k)))
    assert len(found) > 25
    for name, text in found:
        read(name, re.sub(r"\[@walekhwa2026\]", "Walekhwa", text))


def test_sentences_with_a_segment_too_small_to_show(simulated: ContactsStudy) -> None:
    for name, text in sentences(small(simulated)):
        read(name, re.sub(r"\[@walekhwa2026\]", "Walekhwa", text))


@pytest.mark.parametrize("k", KS)
def test_tables_have_their_rows_and_a_complete_csv(simulated: ContactsStudy, downloads: Path, k: int) -> None:
    of = at(simulated, k)
    for name, shown in tables(of).items():
        head, *body = table_of(shown)
        left = list(csv.reader(io.StringIO((downloads / f"{name}.csv").read_text("utf-8"))))
        assert {len(row) for row in left} == {len(left[0])}
        assert len(left) > len(body) if name in ("blocks-jaccard", "features") else len(left) == len(body) + 1
        assert not re.search(r"\b(nan|None|NA|inf)\b|<NA>", " ".join(itertools.chain(head, *body, *left)))
    rules = pd.read_csv(downloads / "policy.csv")
    assert rules["segment"].to_list() == of.made.cards.order
    assert list(rules) == list(of.rules)
    rows = pd.read_csv(downloads / "blocks-jaccard.csv")
    assert len(rows) == len(of.sensitivity.table)
    assert rows["ari"].to_numpy() == pytest.approx(of.sensitivity.table["ari"].to_numpy(), abs=1e-9)
    assert [c for c in rows if c.startswith("jaccard_")] == [f"jaccard_{s}" for s in range(1, k + 1)]
    effect = pd.read_csv(downloads / "effects.csv")
    assert effect["ε²"].to_numpy() == pytest.approx(
        of.effects.table["epsilon_squared"].sort_values(ascending=False).to_numpy(), abs=1e-9
    )


def written(arm: str, what: str) -> str:
    """Return what a table calls a change, None for what it does not show."""
    return robustness.CHANGES.get(arm, "").format(what=what)


def test_numbers_in_tables_are_those_of_the_results(simulated: ContactsStudy) -> None:
    of = at(simulated, 4)
    shown = tables(of)
    summary = of.convergence.summary
    for row, known in zip(table_of(shown["convergence"])[1:], summary.itertuples(), strict=True):
        assert row[:2] == [known.regime, f"{known.min:.2f}"]
    drop = of.sensitivity.table.set_index(["arm", "what"])
    for change, ari, *near in table_of(shown["blocks-jaccard"])[1:]:
        known = drop.loc[[key for key in drop.index if written(*key) == change]].iloc[0]
        assert [ari, *near] == [f"{v:.2f}" for v in (known["ari"], *(known[f"jaccard_{c.id}"] for c in of.made.cards))]
    titles = of.made.features.labels.items()
    labels = {f"label “{label}”" if name.startswith("category: ") else label: name for name, label in titles}
    for feature, _, epsilon, *deltas in table_of(shown["effects"])[1:]:
        name = labels[feature]
        assert epsilon == f"{of.effects.table.set_index('feature').loc[name, 'epsilon_squared']:.2f}"
        assert deltas == [f"{of.effects.delta.loc[name, c.id]:z.2f}".replace("-", "−") for c in of.made.cards]
    for row, card in zip(table_of(shown["policy"])[1:], of.made.cards, strict=True):
        assert row[:2] == [card.name, f"{card.size:,}"]
    sizes = table_of(shown["worst-seed"])[1:]
    assert sizes[0] == ["in use", *(f"{c.size:,}" for c in of.made.cards)]
    assert sizes[1][0] == "many restarts, worst seed"
    for row in table_of(shown["features"])[1:]:
        share = of.made.matrix.variance_shares[row[0]]
        assert float(row[-1].removesuffix(f"{GAP}%").removeprefix("under ")) == pytest.approx(100 * share, abs=0.1)


@pytest.mark.parametrize("k", [2, 4, 6])
def test_figures_have_a_row_for_each_and_nothing_overlaps(simulated: ContactsStudy, k: int) -> None:
    of = at(simulated, k)
    labels = of.made.features.labels
    for arm, names, rows in (("drop block", {}, 4), ("only block", {}, 4), ("drop feature", labels, 20)):
        figure = robustness.drop_figure(of.sensitivity, arm, names)
        assert not overlaps(figure)
        left, right = figure.axes
        shown = [t.get_text() for t in left.get_yticklabels()]
        assert len(set(shown)) == rows == len(right.patches)
        assert not [w for w in words(figure) if re.search(r"\b(nan|None|inf)\b", w)]
        known = of.sensitivity.arm(arm)
        assert left.lines[0].get_xdata() == pytest.approx(known["ari"].to_numpy())
        assert [p.get_width() for p in right.patches] == pytest.approx(known["variance_share"].to_numpy())
        boxes = [t.get_window_extent() for t in left.get_yticklabels()]
        assert not any(a.overlaps(b) for a, b in itertools.pairwise(boxes))
        assert all(b.x0 >= 0 for b in boxes)
        last, first = (
            [t.get_window_extent() for t in axes.get_xticklabels() if axes.get_xlim()[0] <= t.get_position()[0] <= 1.01]
            for axes in (left, right)
        )
        assert min(b.x0 for b in first) - max(b.x1 for b in last) > 5  # pixels between 1.0 and 0 %


def test_a_small_segment_is_in_no_table_and_no_download(simulated: ContactsStudy, downloads: Path) -> None:
    of = small(simulated)
    hidden = [c for c in of.made.cards if c.size is None]
    assert len(hidden) == 2
    shown = tables(of)
    for name in ("worst-seed", "blocks-jaccard", "effects"):
        assert not [c for c in hidden if c.name in shown[name].markdown or f">{c.short}<" in shown[name].markdown]
    left = (downloads / "blocks-jaccard.csv").read_text("utf-8").splitlines()[0]
    assert not [c for c in hidden if f"jaccard_{c.id}" in left]
    assert not [
        c for c in hidden if c.short in (downloads / "effects.csv").read_text("utf-8").splitlines()[0].split(",")
    ]
    told = told_apart(of.effects, of.made.cards, of.made.features.labels)
    assert not [c for c in hidden if f"“{c.name}”" in told]
    rules = table_of(shown["policy"])[1:]
    assert [row[1] for row in rules if row[0] in {c.name for c in hidden}] == ["–", "–"]
    too_small = [t for t in cadence(of.rules) if "Too small" in t]
    assert too_small == ["“Too small to describe”: too few contacts for a rhythm; treat them one by one."]


def converged(*lowest: float, sizes: pd.DataFrame | None = None) -> Convergence:
    """Return the convergence of four seeds, one of which has the given ARI in each regime."""
    rows = [(name, s, low if s == 1 else 1.0) for (name, _), low in zip(REGIMES, lowest, strict=True) for s in range(4)]
    table = pd.DataFrame(rows, columns=["regime", "seed", "ari"])
    return Convergence(table, pd.DataFrame() if sizes is None else sizes, {"seeds": 4, "restarts": 9}, 42)


@pytest.mark.parametrize(
    ("lowest", "says"),
    [
        ((1, 1, 1), "With 9 restarts, all 4 seeds find the same partition."),
        ((1, 1, 0.4), "With 9 restarts, all 4 seeds find the same partition."),
        ((1, 0.5, 0.4), "With 9 restarts, all 4 seeds find the same partition. With one k-means++ start alone 75 % of them "
         "do, and with one random start 75 %: the restarts do the work."),
        ((0.999, 1, 1), "With 9 restarts, 4 seeds agree with the fit in use to an adjusted Rand index of 0.99 at least."),
        ((-0.02, 1, 1), "With 9 restarts, 4 seeds agree with the fit in use to an adjusted Rand index of −0.02 at least."),
    ],
)  # fmt: skip
def test_convergence_in_words(lowest: tuple[float, ...], says: str) -> None:
    found = converged(*lowest)
    assert converges(found).replace(GAP, " ") == says
    read("convergence table", caption(robustness.convergence_table(found)))


def test_no_seed_of_one_start_finds_it() -> None:
    found = converged(1, 1, 1)
    table = found.table.assign(ari=np.where(found.table["regime"] == REGIMES[0][0], 1.0, 0.7))
    text = converges(dataclasses.replace(found, table=table))
    assert text.endswith("With one start alone none of them does: the restarts do the work.")


def cards_of(*sizes: int | None) -> Cards:
    items = [
        Card(i, "warm", f"Name {i}", f"N{i}", "a reason", "An action.", n, None, {"n_calls": 2.0})
        for i, n in enumerate(sizes, start=1)
    ]
    return Cards(tuple(items), 100)


@pytest.mark.parametrize(
    ("low", "worst", "cards", "says", "row"),
    [
        (1.0, [60, 30, 10], (60, 30, 10), "No contact changes its segment", ["60", "30", "10"]),
        (0.9, [58, 32, 10], (60, 30, 10), "sizes differ by 2 contacts at most", ["58", "32", "10"]),
        (0.9, [59, 31, 10], (60, 30, 10), "sizes differ by 1 contact at most", ["59", "31", "10"]),
        (0.9, [60, 30, 10], (60, 30, 10), "contacts change places, but sizes stay the same", ["60", "30", "10"]),
        # Three contacts would follow from the total, so the next smallest is hidden with them.
        (0.5, [60, 37, 3], (60, 30, 10), "sizes differ by 7 contacts at most", ["60", "–", "–"]),
        (1.0, [60, 37, 3], (60, None, None), "No contact changes its segment", ["60"]),
    ],
)
def test_sizes_of_the_worst_seed(
    low: float, worst: list[int], cards: tuple[int | None, ...], says: str, row: list[str]
) -> None:
    sizes = pd.DataFrame([worst] * 3, index=[name for name, _ in REGIMES], columns=[1, 2, 3])
    shown = robustness.worst_seed(converged(low, 1, 1, sizes=sizes), cards_of(*cards), TERMS)
    assert says in caption(shown)
    read("worst seed", caption(shown))
    assert table_of(shown)[2][1:] == row
    assert ("A dash stands" in caption(shown)) == ("–" in row)


def sensitive(
    blocks: dict[str, tuple[float, float]], equal: float = 1.0, features: tuple[float, ...] = ()
) -> Sensitivity:
    """Return a result of given ARIs and variance shares; every segment comes back as far as the ARI says."""
    rows = [("drop block", what, ari, share) for what, (ari, share) in blocks.items()]
    rows += [("drop feature", f"f{i}", ari, 0.1) for i, ari in enumerate(features)]
    rows.append(("equal blocks", "all", equal, 1.0))
    table = pd.DataFrame(rows, columns=["arm", "what", "ari", "variance_share"])
    return Sensitivity(table.assign(jaccard_1=table["ari"], jaccard_2=table["ari"] / 2 + 0.5), {"restarts": 1}, 42)


@pytest.mark.parametrize(
    ("blocks", "equal", "says"),
    [
        ({"a": (0.2, 0.6), "b": (0.9, 0.4)}, 0.5,
         "Without a the ARI is 0.20, without b it is 0.90. With all blocks at the same weight, the "
         "result would be another partition (ARI 0.50)."),
        ({"a": (1, 0.5), "b": (1, 0.5)}, 1,
         "The partition is the same whichever block is left out. With all blocks at the same weight, the result would be the "
         "same partition (ARI 1.00)."),
        ({"a": (0.5, 0.99), "b": (1, 0.01)}, 0.85,
         "Without a the ARI is 0.50, without b it is 1.00. That b can be dropped proves nothing: "
         "it holds 1 % of the variance, so the clustering hardly sees it. With all blocks at the same weight, the result "
         "would be a similar partition (ARI 0.85)."),
        ({"a": (0.5, 0.98), "b": (1, 0.01), "c": (0.9, 0.01)}, 0.97,
         "Without a the partition changes most (ARI 0.50); without b least (ARI 1.00). That c and b can be dropped proves "
         "nothing: together they hold 2 % of the variance, so the clustering hardly sees them. With all blocks at the same "
         "weight, the result would be much the same partition (ARI 0.97)."),
        # A block that has almost no weight and still decides cannot be dropped.
        ({"a": (0.2, 0.99), "b": (0.2, 0.01)}, 0.3,
         "Without a or b the ARI is 0.20. With all blocks at the same weight, the result would be another partition (ARI "
         "0.30)."),
        ({}, 1, "There is one block of features, so none can be left out."),
    ],
)  # fmt: skip
def test_blocks_in_words(blocks: dict[str, tuple[float, float]], equal: float, says: str) -> None:
    text = said("sensitivity", "lead", sensitivity=sensitive(blocks, equal))
    assert text.replace(GAP, " ") == says
    read("blocks", text)


@pytest.mark.parametrize(
    ("even", "says"),
    [
        ({}, ""),
        ({"a": 1, "b": 1}, "At equal weight, the partition would be the same whichever block is left out."),
        ({"a": 0.3, "b": 0.9}, "At equal weight, leaving out a would change the partition most (ARI 0.30)."),
        ({"b": 0.1, "a": 0.3}, "At equal weight, leaving out b would change the partition most (ARI 0.10): low weight does not "
         "mean unimportant."),
        ({"a": 0.2, "b": 0.3, "c": 0.4, "d": 0.5}, "At equal weight, leaving out a would change the partition most (ARI 0.20); "
         "without b it would be 0.30, without c it would be 0.40 and without d it would be 0.50. Low weight does not mean "
         "unimportant."),
    ],
)  # fmt: skip
def test_blocks_of_equal_weight_in_words(even: dict[str, float], says: str) -> None:
    found = sensitive({"a": (0.2, 0.97), "b": (1, 0.01), "c": (1, 0.01), "d": (1, 0.01)})
    rows = pd.DataFrame(
        [(EVEN, w, ari, 0.25) for w, ari in even.items()], columns=["arm", "what", "ari", "variance_share"]
    )
    found = dataclasses.replace(found, table=pd.concat([found.table, rows], ignore_index=True))
    assert said("sensitivity", "equal-weights", sensitivity=found) == says


@pytest.mark.parametrize(
    ("features", "says"),
    [
        ((1, 1, 1), "No single feature matters: the partition is the same whichever of them is left out."),
        ((1, 0.999), "No single feature matters: whichever of them is left out, the ARI stays at 0.99 or above."),
        ((0.957, 1), "No single feature matters: whichever of them is left out, the ARI stays at 0.95 or above."),
        ((0.947, 1), "The partition hangs on f0 more than on any other feature: without it the ARI falls to 0.947."),
        ((1, 0.5), "The partition hangs on number one more than on any other feature: without it the ARI falls to 0.50."),
        ((0.4, 0.5), "The partition hangs on f0 more than on any other feature: without it the ARI falls to 0.40; one other "
         "takes it below 0.95 as well."),
        ((0.4, 0.5, 0.6), "The partition hangs on f0 more than on any other feature: without it the ARI falls to 0.40; two "
         "others take it below 0.95 as well."),
        ((), "There is one feature, so none can be left out."),
    ],
)  # fmt: skip
def test_features_in_words(features: tuple[float, ...], says: str) -> None:
    found = sensitive({}, features=features)
    text = said("sensitivity", "features", sensitivity=found, features=Plain(labels={"f1": "number one"}))
    assert text == says
    read("features", text)


@pytest.mark.parametrize(
    "blocks", [{}, {"a": (0.3, 1.0)}, {"a": (1.0, 0.9), "b": (1.0, 0.1)}, {"a": (-0.1, 0.9), "b": (0, 0.1)}]
)
def test_figures_and_tables_of_odd_results(blocks: dict[str, tuple[float, float]]) -> None:
    found = sensitive(blocks)
    figure = robustness.drop_figure(found, "drop block", {})
    assert not overlaps(figure)
    low, high = figure.axes[0].get_xlim()
    assert all(low < ari <= high for ari, _ in blocks.values())
    for text in (robustness.drop_caption(found, "drop block", {}), robustness.drop_alt(found, "drop block", {})):
        read("drop", text)
    assert "lowest of all" not in robustness.drop_caption(found, "drop block", {}) or len(blocks) > 1
    for arms in (("drop block",), ("drop block", "equal blocks")):
        shown = robustness.jaccard_table(found, cards_of(60, 40), arms, "tbl-x", TERMS, enough=0.75)
        read("jaccard", caption(shown))
        assert "-0.00" not in shown.markdown.replace("\N{MINUS SIGN}", "-")


@pytest.mark.parametrize(("blocks", "told"), [("ab", False), ("abc", True)])
def test_of_two_blocks_the_one_that_is_kept_is_not_told_twice(blocks: str, told: bool) -> None:
    found = sensitive(dict.fromkeys(blocks, (0.4, 1.0)))
    drop = found.table[found.table["arm"] == "drop block"]
    found = dataclasses.replace(found, table=pd.concat([drop, drop.assign(arm="only block")], ignore_index=True))
    shown = robustness.jaccard_table(found, cards_of(60, 40), ("drop block", "only block"), "tbl-x", TERMS, enough=0.75)
    assert "without a" in shown.markdown and ("only a" in shown.markdown) == told


def test_segments_that_depend_on_nothing_or_on_all() -> None:
    def finding(found: Sensitivity) -> str:
        return caption(
            robustness.jaccard_table(found, cards_of(60, 40), ("drop block",), "tbl-x", TERMS, enough=0.75)
        ).split("**")[1]

    assert finding(sensitive({"a": (1, 1)})) == "Every segment comes back, whatever is changed."
    assert finding(sensitive({"a": (0.4, 1)})) == "“Name 1” depends most on the choice."
    both = sensitive({"a": (0.4, 1)})
    both = dataclasses.replace(both, table=both.table.assign(jaccard_2=both.table["jaccard_1"]))
    assert finding(both) == "“Name 1” and “Name 2” depend most on the choice."


def test_a_missing_variance_share_is_not_named() -> None:
    found = sensitive({"a": (0.5, 1)})
    table = found.table.assign(arm="add block", variance_share=np.nan)
    alt = robustness.drop_alt(dataclasses.replace(found, table=table), "add block", {})
    assert alt == "Dots and bars. A: ARI 0.50; all: ARI 1.00."
    assert robustness.drop_caption(dataclasses.replace(found, table=table), "add block", {}).startswith(
        "**With a, the ARI"
    )


def test_nothing_differs_between_segments() -> None:
    frame = pd.DataFrame({"x": [1.0] * 20, "category: <b>": [0.5] * 20})
    found = effects(frame, pd.Series([1] * 10 + [2] * 10))
    labels = {"x": "x", "category: <b>": "<b>"}
    assert caption(feature_tables.effect_table(found, cards_of(10, 10), labels)).startswith("**No feature differs")
    assert told_apart(found, cards_of(10, 10), labels) == "No feature tells one segment from all others."


def test_a_label_from_the_data_is_in_no_caption() -> None:
    frame = pd.DataFrame({"x": np.arange(20.0) % 3, "category: [a](b)": [0.0] * 10 + [1.0] * 10})
    found = effects(frame, pd.Series([1] * 10 + [2] * 10))
    shown = feature_tables.effect_table(found, cards_of(10, 10), {"x": "calls", "category: [a](b)": "[a](b)"})
    assert caption(shown).startswith("**“Calls” differs most")
    assert "[a](b)" in shown.markdown.split("```")[1] and "[a](b)" not in "".join(shown.markdown.split("```")[::2])


def test_directions_are_those_of_the_deltas(simulated: ContactsStudy) -> None:
    of = at(simulated, 4)
    text = told_apart(of.effects, of.made.cards, of.made.features.labels)
    for card in of.made.cards:
        feature, delta = of.effects.marks(card.id, 1)[0]
        assert delta == of.effects.delta[card.id].loc[feature] and abs(delta) == of.effects.delta[card.id].abs().max()
        assert f"“{card.name}” by {of.made.features.labels[feature]} ({'higher' if delta > 0 else 'lower'})" in text


def rule(name: str, contacts: float | None, gap: float | None, late: float | None, cadence: str) -> dict[str, object]:
    return {
        "segment": 1, "name": name, "contacts": contacts, "meant": contacts, "owner": "o", "answer_within": "a",
        "usual_gap_days": gap,
        "cadence": cadence, "overdue_after_days": None if gap is None else 3 * gap, "overdue_now": late,
        "reactivation": "r", "action": "x",
    }  # fmt: skip


def ruled(*rows: dict[str, object]) -> pd.DataFrame:
    frame = pd.DataFrame(rows).assign(segment=range(1, len(rows) + 1))
    return frame.astype(
        dict.fromkeys(("contacts", "meant", "usual_gap_days", "overdue_after_days", "overdue_now"), "Float64")
    )


def test_decisions_in_words() -> None:
    rows = ruled(
        rule("A", 1200, 34.4, 60, "quarterly"), rule("B", 30, 1.0, 7, "weekly"), rule("C", 9, 0.01, 0, "weekly"),
        rule("D", 90, None, None, "on new activity"), rule("E", None, None, None, "one by one"),
        rule("F", 50, None, None, "none"),
    )  # fmt: skip
    assert listed(cards_of(60, 40), rows).removeprefix("No segment is active enough to come first. ") == (
        "At the end of the log 60 of 1,200 in “A” and 7 of 30 in “B” are overdue: silent for more than three times the usual "
        "gap of their segment."
    )
    assert [text.replace(GAP, " ") for text in cadence(rows)] == [
        "“A”: the usual gap between active days is 34 days, so the cadence is quarterly.",
        "“B”: the usual gap between active days is 1 day, so the cadence is weekly.",
        "“C”: the usual gap between active days is less than a day, so the cadence is weekly.",
        "“D”: no rhythm to keep, since calls are too few or lie on too few days; act on new activity.",
        "“E”: too few contacts for a rhythm; treat them one by one.",
        "“F”: nobody in it is business, so it has none.",
    ]
    assert caption(actions.policy_table(rows, TERMS)).startswith(
        "**Three segments have a rhythm of their own to keep.**"
    )
    one, none = ruled(rule("A", 12, 3, 0, "weekly")), ruled(rule("D", 90, None, None, "on new activity"))
    assert caption(actions.policy_table(one, TERMS)).startswith("**One segment has a rhythm of its own to keep.**")
    assert caption(actions.policy_table(none, TERMS)).startswith("**No segment has a rhythm to keep.**")
    assert listed(cards_of(60, 40), none).endswith(
        " No segment has contacts that are overdue, as far as the number may be shown."
    )


def test_whom_a_short_list_begins_with() -> None:
    cards = cards_of(60, 40)
    core = Cards(tuple(dataclasses.replace(c, archetype="core") for c in cards), 100)
    rows = ruled(rule("A", 60, 3, 9, "weekly"), rule("B", 40, 3, None, "weekly"))
    assert listed(cards, rows).startswith("No segment is active enough to come first.")
    begin, names = "A short list begins with", "“Name 1” and “Name 2”"
    assert listed(core, rows).startswith(f"{begin} the 9 contacts who are overdue in {names}.")
    one, none = (rows.assign(overdue_now=pd.array([pd.NA, n], "Float64")) for n in (1, 0))
    assert listed(core, one).startswith(f"{begin} the contact who is overdue in {names}.")
    assert listed(core, none).startswith(f"{begin} {names}.")
    shown = listed(core, rows, illustration=True)
    assert (
        "there is no segmentation" in shown
        and "[rank contacts](#sec-capacity) instead." in shown
        and begin not in shown
    )


def test_what_carries_weight(simulated: ContactsStudy) -> None:
    made = at(simulated, 4).made
    shares = made.matrix.variance_shares.sort_values(ascending=False).to_numpy()
    text = said("features", "lead", features=made.features, matrix=made.matrix)
    number = re.search(r"blocks\. (\w+) of these features", text)
    assert number
    half = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"].index(number[1].lower())
    assert shares[:half].sum() >= 0.5 > shares[: half - 1].sum()
    one = made.matrix.values.copy()
    one[:, 0] *= 1000
    alone = said("features", "lead", features=made.features, matrix=dataclasses.replace(made.matrix, values=one))
    assert (" One of these features holds half of the variance that the clustering sees, or more.") in alone


def doctored(study: ContactsStudy, **shifts: float) -> pd.DataFrame:
    own = study.k_selection.table[["k", "inertia", "silhouette", "davies_bouldin"]].head(3).round(2)
    return own.assign(inertia=own["inertia"] + [shifts.get("first", 0), shifts.get("second", 0), 0])


def test_beside_the_published_table(simulated: ContactsStudy, downloads: Path) -> None:
    selection = simulated.k_selection

    def finding(reference: pd.DataFrame | None) -> str:
        return caption(published.comparison(selection, reference)).split("**")[1]

    assert published.comparison(selection, None).markdown == "There is no published table for these data."
    assert difference(selection, None) == ""
    assert finding(doctored(simulated)) == "In three of three rows the inertia agrees to the printed digit."
    assert difference(selection, doctored(simulated)) == ""
    lower = doctored(simulated, first=50)
    assert (
        finding(lower) == "In two of three rows the inertia agrees to the printed digit; in one our optimum is lower."
    )
    read("difference", difference(selection, lower))
    assert "With two segments" in difference(selection, lower)
    mixed = doctored(simulated, first=50, second=-50)
    assert finding(mixed) == (
        "In one of three rows the inertia agrees to the printed digit; in one our optimum is lower; in one it is higher."
    )
    other = doctored(simulated).assign(inertia=1.0)
    assert finding(other) == "In no row does the inertia agree to the printed digit; in three it is higher."
    left = pd.read_csv(downloads / "published.csv")
    assert left["k"].to_list() == selection.table["k"].head(3).to_list()
    assert left["inertia"].to_numpy() == pytest.approx(selection.table["inertia"].head(3).to_numpy())
    assert left["published inertia"].to_list() == [1, 1, 1]


def test_the_price_of_a_segment(simulated: ContactsStudy) -> None:
    selection = simulated.k_selection
    inertia = selection.table.set_index("k")["inertia"]
    made = at(simulated, 4).made

    def price(table: pd.DataFrame) -> str:
        known = dataclasses.replace(selection, table=table)
        text = said("k-selection", "price", segments=made.segments, k_selection=known)
        return text.partition("Whether")[0].strip()

    text = price(selection.table).replace(GAP, " ")
    more, less = 1 - inertia[5] / made.segments.inertia, inertia[3] / made.segments.inertia - 1
    assert text == (
        f"One segment more would lower the inertia by {100 * more:.0f} %, and one less would raise it by {100 * less:.0f} %."
    )
    for ks, says in (
        ([5], "One segment more would lower the inertia by "),
        ([3], "One segment less would raise the inertia by "),
    ):
        short = price(selection.table[selection.table["k"].isin(ks)])
        assert short.startswith(says) and short.count("inertia") == 1
        read("price", short)
    assert price(selection.table.head(0)) == ""
