"""The rule for the number of segments, on populations whose answer is known, and where criteria are known to fail."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from planted import as_matrix
from populations_made import CORNERS, clouds, decided, diagonal, long_clouds, nested
from scipy.stats import beta
from sklearn.metrics import adjusted_rand_score

from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.consensus import Consensus
from segkit.engine.gap import BOXES, Gap
from segkit.engine.instability import Instability, instability
from segkit.engine.krule import CRITERIA, decide
from segkit.engine.kselection import KSelection, select_k
from segkit.engine.prediction import PredictionStrength, prediction_strength
from segkit.seeds import generator

SETS = 59  # without one false finding among them, the rate is below 5 % with 95 % confidence


@pytest.mark.parametrize(
    ("centres", "sizes"),
    [
        (CORNERS, (60, 60, 60, 60)),
        (((0, 0, 0), (3.5, 0, 0), (0, 3.5, 0)), (80, 80, 80)),  # overlapping: 4 % of each cloud lie past the middle
        (CORNERS[:3], (300, 40, 15)),
    ],
    ids=["apart", "overlapping", "unequal"],
)
def test_the_rule_finds_what_was_planted(centres: tuple[tuple[float, ...], ...], sizes: tuple[int, ...]) -> None:
    found = decided(clouds(centres, sizes, "clouds"))
    assert found.k == found.shown == found.rule == len(sizes)
    assert found.set == "by rule" and found.found and not found.illustration
    agree = ("silhouette", "calinski_harabasz", "gap_principal_components", "gap_original_axes", "prediction_strength")
    assert {name: found.by[name] for name in agree} == dict.fromkeys(agree, len(sizes))
    assert set(found.by) == set(CRITERIA) and found.missing == {}


def test_heavy_tails_do_not_hide_what_lies_far_apart() -> None:
    """Three groups with tails of t at three degrees: never fewer; the few that lie far out may make a fourth segment."""
    rules = []
    for i in range(3):
        rng = generator(f"tests/t3/{i}")
        values = np.vstack([np.array(c) * 1.4 + rng.standard_t(3, size=(80, 3)) for c in CORNERS[:3]])
        found = decided(values)
        assert found.table.set_index("k")["qualifies"][3]
        rules.append(found.rule)
    assert set(rules) <= {3, 4} and 3 in rules


def test_noise_has_no_segments() -> None:
    """59 sets, half normal and half uniform: by the exact binomial bound at most 5 % false findings.

    With no false finding the upper 95 % limit is 1 - 0.05 ** (1 / 59) = 0.0495 (Clopper and Pearson 1934). Bootstraps are
    needed only where a prediction strength reaches its threshold, since the rule asks for both.
    """
    false, rng = 0, generator("tests/noise")
    for i in range(SETS):
        values = rng.normal(size=(100, 5)) if i % 2 else rng.random((100, 5))
        matrix, ks = as_matrix(values), range(2, 5)
        strong = prediction_strength(matrix, ks, splits=5, jobs=1).table.set_index("k")["strength"] >= 0.8
        if strong.any():
            partitions = select_k(matrix, ks, clusterer=KMeansClusterer(5), jobs=1).partitions
            stable = instability(matrix, partitions, bootstraps=10, jobs=1).table.set_index("k")["jaccard"] >= 0.75
            false += bool((strong & stable).any())
    assert beta.ppf(0.95, false + 1, SETS - false) < 0.05


def test_on_noise_the_rule_says_one_and_no_index_can() -> None:
    found = decided(generator("tests/normal").normal(size=(200, 5)))
    assert (found.k, found.rule, found.found, found.illustration) == (1, 1, False, True)
    assert found.shown >= 2
    assert found.by["gap_principal_components"] == found.by["gap_original_axes"] == 1
    assert found.by["prediction_strength"] == 1
    for index in ("silhouette", "davies_bouldin", "calinski_harabasz", "separation"):
        assert (found.by[index] or 0) >= 2  # the smallest number that they compare


def test_compactness_sees_two_where_four_are_nested() -> None:
    """Two pairs of clouds: silhouette, Davies-Bouldin and the gap's first local maximum stop at the pairs."""
    found = decided(nested())
    assert found.rule == 4
    stop = ("silhouette", "davies_bouldin", "gap_principal_components", "gap_original_axes")
    assert {name: found.by[name] for name in stop} == dict.fromkeys(stop, 2)


def test_the_box_of_the_axes_misreads_one_long_cloud() -> None:
    """Tibshirani, Walther and Hastie (2001, section 4): the box along the axes is too wide for a diagonal cloud."""
    found = decided(diagonal())
    assert found.by["gap_principal_components"] == 1
    assert (found.by["gap_original_axes"] or 9) > 1
    assert found.rule == 1


def test_no_criterion_mends_that_k_means_cuts_long_clouds_across() -> None:
    values, drawn = long_clouds(), np.repeat([0, 1], 150)
    found = select_k(as_matrix(values), range(2, 7), clusterer=KMeansClusterer(10), jobs=1)
    assert min(found.by["davies_bouldin"], found.by["silhouette"]) >= 4  # two were drawn
    assert adjusted_rand_score(drawn, found.partitions[2]) < 0.1


def test_davies_bouldin_rewards_a_segment_of_one() -> None:
    """A segment of one unit has no spread, so that one far unit decides the index."""
    values = np.vstack([clouds(CORNERS[:3], (40, 40, 40), "outlier"), [[90.0, 90.0, 90.0]]])
    assert select_k(as_matrix(values), range(2, 6), clusterer=KMeansClusterer(5), jobs=1).by["davies_bouldin"] == 2
    assert select_k(as_matrix(values[:-1]), range(2, 6), clusterer=KMeansClusterer(5), jobs=1).by["davies_bouldin"] == 3


def test_one_population_that_differs_by_degree_can_deceive_the_rule() -> None:
    """How much of everything a unit has is one exponential amount, without groups; cutting it in two comes back well.

    That is why populations without segments are looked at, too.
    """
    rng = generator("tests/degree")
    values = rng.exponential(size=(400, 1)) * (1 + 0.3 * rng.random((400, 3)))
    assert decided(values, 3).rule > 1


def tables(
    strength: list[float], jaccard: list[float]
) -> tuple[KSelection, PredictionStrength, Instability, Gap, Consensus]:
    ks = list(range(2, 2 + len(strength)))
    index = pd.DataFrame({"k": ks, "inertia": np.linspace(9, 1, len(ks)), "smallest": 9})
    index[["silhouette", "davies_bouldin", "calinski_harabasz", "separation"]] = 1.0
    nothing = pd.DataFrame(columns=["box", "k", "log_w", "reference", "gap", "s"])
    return (
        KSelection(index, {}, 1),
        PredictionStrength(pd.DataFrame({"k": ks, "strength": strength}), {}, 1),
        Instability(pd.DataFrame({"k": ks, "instability": np.nan, "jaccard": jaccard}), pd.DataFrame(), {}, 1),
        Gap(nothing, {}, 1),
        Consensus(pd.DataFrame({"k": ks, "pac": np.nan}), {}, 1),
    )


@pytest.mark.parametrize(
    ("strength", "jaccard", "rule", "shown"),
    [
        ([0.9, 0.85, 0.8, 0.7], [0.9, 0.9, 0.75, 0.9], 4, 4),  # thresholds count as reached
        ([0.9, 0.5, 0.9, 0.9], [0.9, 0.9, 0.9, 0.7], 4, 4),  # a smaller K may fail: the largest that holds counts
        ([0.9, 0.9, 0.9, 0.9], [0.76, 0.74, 0.74, 0.74], 2, 2),
        ([0.7, 0.7, 0.7, 0.7], [0.8, 0.9, 0.9, 0.2], 1, 4),  # none: the most stable, the larger of equals
        ([np.nan, 0.9, 0.7, 0.7], [0.9, np.nan, 0.9, 0.95], 1, 5),
        ([np.nan] * 4, [np.nan] * 4, 1, 2),
    ],
)
def test_the_rule_takes_the_largest_that_has_both(
    strength: list[float], jaccard: list[float], rule: int, shown: int
) -> None:
    found = decide(*tables(strength, jaccard))
    assert (found.k, found.rule, found.shown) == (rule, rule, shown)
    assert found.table["qualifies"].sum() == sum(s >= 0.8 and j >= 0.75 for s, j in zip(strength, jaccard, strict=True))


def test_what_is_shown_for_illustration_can_be_shown() -> None:
    """Segments of few units come back by themselves: K = 4 is the most stable, but has a segment of four."""
    selection, *rest = tables([0.5] * 3, [0.6, 0.65, 0.7])
    assert decide(selection, *rest).shown == 4
    small = dataclasses.replace(selection, table=selection.table.assign(smallest=[30, 5, 4]))
    assert decide(small, *rest).shown == 3
    tiny = dataclasses.replace(selection, table=selection.table.assign(smallest=[2, 1, 1]))
    assert decide(tiny, *rest).shown == 2


def test_thresholds_are_parameters() -> None:
    made = tables([0.85, 0.75], [0.8, 0.7])
    assert decide(*made, strength=0.7, jaccard=0.6).k == 3
    assert decide(*made, strength=0.9).k == 1


def test_a_number_set_by_hand_is_used_and_labelled() -> None:
    found = decide(*tables([0.9, 0.9], [0.9, 0.9]), by_hand=7)
    assert (found.k, found.shown, found.rule, found.set) == (7, 7, 3, "by hand")
    assert not found.illustration


def test_what_cannot_be_computed_has_a_reason() -> None:
    found = decide(*tables([np.nan, np.nan], [np.nan, np.nan]))
    without = {name for name, k in found.by.items() if k is None}
    assert set(found.missing) == without
    assert without == {  # the separation is the same at each number
        "separation", "prediction_strength", "jaccard", "instability", "pac", "inertia_knee",
        *(f"gap_{b.replace(' ', '_')}" for b in BOXES),
    }  # fmt: skip
    json.dumps(found.to_json())
