"""Medoids, modes and latent classes of mixed fields."""

from __future__ import annotations

import pickle
import warnings
from dataclasses import replace

import numpy as np
import pytest
from mixed_made import by_field, made, renumbered
from scipy.special import logsumexp

from segkit.engine.algorithms import algorithms
from segkit.engine.clusterer import Clusterer
from segkit.engine.consensus import consensus
from segkit.engine.fields import Layout, occupied, row_order
from segkit.engine.gap import gap_statistic
from segkit.engine.instability import instability
from segkit.engine.jaccard import jaccard
from segkit.engine.kselection import select_k
from segkit.engine.latent_classes import FLOOR, LEAST
from segkit.engine.matching import rand_index
from segkit.engine.matrix import Floats, fit_matrix
from segkit.engine.mixed import Disjunctive, Levels
from segkit.engine.mixed_clusterers import ClassesClusterer, GowerClusterer, ModesClusterer, gower
from segkit.engine.null_statistics import Plan, statistics
from segkit.engine.pipeline import confidence, pipeline_bootstrap
from segkit.engine.prediction import prediction_strength
from segkit.engine.segments import fit_segments
from segkit.engine.sensitivity import equal_blocks, sensitivity

ALL: dict[str, Clusterer] = {"gower": GowerClusterer(2), "modes": ModesClusterer(4), "classes": ClassesClusterer(4)}


def laid_out(n: int, **options: object) -> tuple[Floats, np.ndarray]:
    frame, levels, truth = made(n, **options)  # type: ignore[arg-type]
    return Disjunctive(levels).fit_transform(frame.to_numpy()), truth


def test_gowers_dissimilarity_is_that_of_a_worked_example() -> None:
    # By hand: fields a, b and an age of range 20. First and second: a differs, b the same, 5 of 20: (1 + 0 + 0.25) / 3.
    # First and third: b is missing, a the same, 20 of 20: (0 + 1) / 2. Second and third: (1 + 0.75) / 2.
    levels, nan = Levels({"a": ("p", "q"), "b": ("r", "s"), "age": ()}), np.nan
    x = Disjunctive(levels).fit_transform(np.array([[0, 0, 20.0], [1, 0, 25.0], [0, nan, 40.0], [nan, 1, 40.0]]))
    layout = Layout.of(x)
    own = gower(layout, layout.read(x), layout.read(x))
    assert own[0, 1:3] == pytest.approx([1.25 / 3, 0.5]) and own[1, 2] == pytest.approx(1.75 / 2)
    assert np.allclose(np.diag(own), 0) and np.allclose(own, own.T)
    levels = Levels({"a": ("p", "q"), "b": ("r", "s")})
    x = Disjunctive(levels).fit_transform(np.array([[0, nan], [nan, 1], [1, 0]]))
    layout = Layout.of(x)
    assert gower(layout, layout.read(x), layout.read(x))[0, 1] == 0.5  # no field in common


def test_fields_are_found_again_in_resamples_and_after_reweighting() -> None:
    frame, levels, _ = made(120, missing=0.3)
    matrix = fit_matrix(frame, by_field(frame), scaler=Disjunctive(levels))
    plain, even = Layout.of(matrix.values), Layout.of(equal_blocks(matrix)[:60])
    assert plain.widths.tolist() == [6, 5, 4, 4, 3, 3, 5] and even.widths.tolist() == plain.widths.tolist()
    assert plain.hit_weights == pytest.approx(1) and even.hit_weights.std() > 0.01
    assert set(np.unique(plain.read(matrix.values).hits)) == {0.0, 1.0}
    with pytest.raises(ValueError, match="needs a disjunctive matrix"):
        Layout.of(np.random.default_rng(1).normal(size=(20, 3)))


def test_an_order_of_units_that_does_not_depend_on_the_one_they_come_in() -> None:
    x, _ = laid_out(200, missing=0.3)
    mixed = np.random.default_rng(1).permutation(200)
    assert np.array_equal(x[mixed][row_order(x[mixed])], x[row_order(x)])


def test_an_empty_segment_gets_the_unit_that_fits_worst() -> None:
    assert occupied(np.array([0, 0, 1, 0]), np.array([0.1, 0.5, 0.9, 0.2]), 3).tolist() == [0, 2, 1, 0]


def test_medoids_of_few_units_lose_no_more_than_those_of_kmedoids() -> None:
    import kmedoids

    x, _ = laid_out(150, missing=0.2)
    layout = Layout.of(x)
    full = gower(layout, layout.read(x), layout.read(x))
    theirs = min(float(kmedoids.fasterpam(full, 4, random_state=s).loss) for s in range(10))
    assert GowerClusterer(10).loss(x, 4, seed=1) * 150 <= theirs * 1.01
    assert GowerClusterer(3, full=100).loss(x, 4, seed=1) * 150 <= theirs * 1.1  # medoids of samples


def test_several_numbers_of_segments_are_fitted_as_one_by_one() -> None:
    values, _ = laid_out(150)
    for clusterer in (GowerClusterer(1), GowerClusterer(1, full=50), ModesClusterer(2), ClassesClusterer(2)):
        for k, found in zip((2, 3), clusterer.several(values, [2, 3], [7, 8]), strict=True):
            alone = clusterer.fit(values, k, seed=5 + k)
            assert found.labels.tolist() == alone.labels.tolist()
            assert found.predict(values).tolist() == alone.predict(values).tolist()


@pytest.mark.parametrize("number", [False, True])
def test_modes_cost_no_more_than_those_of_kmodes(number: bool) -> None:
    from kmodes.kmodes import KModes
    from kmodes.kprototypes import KPrototypes

    frame, levels, _ = made(200, clear=0.6, number=number, name="kmodes")
    x = Disjunctive(levels).fit_transform(frame.to_numpy())
    own = ModesClusterer(30).cost(x, 4, seed=1)
    if number:
        age = Layout.of(x).read(x).numbers
        rows = np.column_stack([frame.iloc[:, :6].to_numpy(), age])
        theirs = KPrototypes(4, init="Huang", n_init=5, gamma=1.0, random_state=1).fit(rows, categorical=list(range(6)))
    else:
        theirs = KModes(4, init="Huang", n_init=10, random_state=1).fit(frame.to_numpy())
    assert own <= theirs.cost_ * 1.01


@pytest.mark.parametrize("missing", [0.0, 0.4])
def test_latent_classes_reach_the_likelihood_of_stepmix(missing: float) -> None:
    from stepmix.stepmix import StepMix

    frame, levels, _ = made(300, number=False, missing=missing, name="stepmix")
    x = Disjunctive(levels).fit_transform(frame.to_numpy())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kind = "categorical_nan" if missing else "categorical"
        theirs = StepMix(3, measurement=kind, n_init=10, random_state=1, progress_bar=0, max_iter=2000, abs_tol=1e-9)
        theirs.fit(frame.to_numpy())
        score, bic = theirs.score(frame.to_numpy()) * 300, theirs.bic(frame.to_numpy())
    own = ClassesClusterer(20).model(x, 3, seed=1)
    assert own.loglik >= score - 0.05
    assert own.bic == pytest.approx(bic, abs=2 * abs(own.loglik - score) + 1e-6)
    shares = own.posterior(x)
    assert shares.sum(axis=1) == pytest.approx(1) and shares.argmax(axis=1).tolist() == own(x).tolist()


def _number(kind: str, rng: np.random.Generator) -> np.ndarray:
    """Draw a number whose variance in a class may end on its floor, or is small beside its range."""
    if kind == "zeros":
        return np.where(rng.random(200) < 0.6, 0.0, rng.lognormal(1, 1, size=200))
    return -rng.lognormal(1, 1.5, size=200) if kind == "skewed" else rng.normal(size=200)


@pytest.mark.parametrize(("kind", "seed", "k"), [("plain", 1, 3), ("zeros", 0, 2), ("skewed", 9, 3), ("none", 4, 4)])
def test_latent_classes_end_where_another_step_leads_nowhere(kind: str, seed: int, k: int) -> None:
    """Also where fields are unrelated, and steps alone take longest; and the likelihood is that of what is returned."""
    rng = np.random.default_rng(seed)
    number = _number(kind, rng)
    codes = rng.integers(3, size=(200, 3)).astype(float)
    levels: dict[str, tuple[str, ...]] = {f"f{i}": ("p", "q", "r") for i in range(3)}
    table = codes if kind == "none" else np.column_stack([codes, number])
    x = Disjunctive(Levels(levels if kind == "none" else levels | {"n": ()})).fit_transform(table)
    found = ClassesClusterer(5).model(x, k, seed=2)
    cells = found.layout.read(x)
    assert logsumexp(found.joint(cells), axis=1).sum() == pytest.approx(found.loglik, rel=1e-12)
    share = found.posterior(x)
    sizes = share.sum(axis=0)
    each, means = share.T @ cells.hits, share.T @ cells.numbers / sizes[:, None]
    spread = share.T @ cells.numbers**2 / sizes[:, None] - means**2
    again = replace(
        found, weights=sizes / 200, categories=np.maximum(each / found.layout.over_fields(each), LEAST), means=means,
        variances=np.maximum(spread, FLOOR * cells.numbers.var(axis=0)),
    )  # fmt: skip
    assert abs(logsumexp(again.joint(cells), axis=1).sum() - found.loglik) / 200 < 2e-6
    assert found.weights.sum() == pytest.approx(1) and found.layout.over_fields(found.categories) == pytest.approx(1)


def test_the_criterion_finds_the_planted_number_of_classes() -> None:
    x, _ = laid_out(400, missing=0.3)
    bic = {k: ClassesClusterer(5).bic(x, k) for k in (1, 2, 3, 4)}
    assert min(bic, key=lambda k: bic[k]) == 3


@pytest.mark.parametrize("name", ALL)
def test_planted_kinds_are_found_and_no_order_or_code_matters(name: str) -> None:
    own = ALL[name]
    frame, levels, truth = made(240, missing=0.2)
    x = Disjunctive(levels).fit_transform(frame.to_numpy())
    kept = x.copy()
    found, again = own.fit(x, 3, seed=4), own.fit(x, 3, seed=4)
    assert np.array_equal(x, kept) and found.labels.tolist() == again.labels.tolist()
    assert rand_index(truth, found.labels) > 0.8
    assert (found.predict(x) != found.labels).sum() == 0
    order = np.random.default_rng(7).permutation(240)
    other, turned = renumbered(frame, levels)
    y = Disjunctive(turned).fit_transform(other.iloc[order].to_numpy())
    assert rand_index(found.labels[order], own.fit(y, 3, seed=4).labels) == 1.0
    alike = pickle.loads(pickle.dumps(own))
    assert alike == own
    assert pickle.loads(pickle.dumps(found)).predict(x).tolist() == found.labels.tolist()


@pytest.mark.parametrize("name", ALL)
def test_labels_are_valid_where_there_is_little_to_part(name: str) -> None:
    frame, levels, _ = made(40, missing=0.9, number=False)
    x = Disjunctive(levels).fit_transform(frame.to_numpy())
    found = ALL[name].fit(x, 6, seed=1)
    assert np.bincount(found.labels, minlength=6).min() > 0 and len(found.labels) == 40 and found.labels.max() == 5
    assert set(found.predict(x[:1])) <= set(range(6))


@pytest.mark.parametrize("name", ALL)
def test_all_evidence_runs_with_most_cells_missing(name: str) -> None:
    frame, levels, _ = made(90, missing=0.6)
    own, blocks, scaler = ALL[name], by_field(frame), Disjunctive(levels)
    matrix = fit_matrix(frame, blocks, scaler=scaler)
    chosen = select_k(matrix, (2, 3), clusterer=own, jobs=1)
    assert chosen.table["silhouette"].notna().all() and chosen.table["smallest"].min() > 0
    segments = fit_segments(matrix, 3, clusterer=own)
    assert gap_statistic(matrix, 2, references=2, clusterer=own, jobs=1).table["gap"].notna().all()
    assert prediction_strength(matrix, (2, 3), splits=2, clusterer=own, jobs=1).table["strength"].notna().all()
    assert instability(matrix, chosen.partitions, bootstraps=4, clusterer=own, jobs=1).table["ari"].notna().all()
    assert consensus(matrix, (2,), subsamples=12, clusterer=own, jobs=1).table["pac"].notna().all()
    assert jaccard(matrix, segments, resamples=2, clusterer=own, jobs=1).table["jaccard"].notna().any()
    whole = pipeline_bootstrap(frame, matrix, segments, resamples=3, clusterer=own, jobs=1)
    assert np.isfinite(whole.ari_mean) and len(confidence(matrix, segments, whole).table) == 3
    arms = sensitivity(frame, blocks, matrix, segments, clip=0, cap=np.inf, scaler=scaler, clusterer=own, jobs=1).table
    assert {"drop block", "only block", "drop feature"} <= set(arms["arm"])
    assert np.isfinite(
        statistics(matrix.values, Plan(3, bootstraps=2, splits=1, subsamples=2, clusterer=own), 1)["jaccard"]
    )
    assert len(algorithms(matrix, segments, names=["Ward", "k-medoids"], jobs=1).table) == 2
