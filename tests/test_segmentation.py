"""What a notebook does with a table of its own."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.cluster import DBSCAN, AgglomerativeClustering, KMeans
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import segkit
from segkit.engine.matrix import fit_matrix
from segkit.engine.segments import fit_segments
from segkit.errors import BuildError

LITTLE = segkit.Effort(gap=3, splits=4, bootstraps=6, subsamples=6, resamples=6, pipelines=6, nulls=19)
BLOCKS = {"sepal": ["sepal length (cm)", "sepal width (cm)"], "petal": ["petal length (cm)", "petal width (cm)"]}


@parametrize_with_checks([segkit.Segmentation(k=2, effort=LITTLE)])  # type: ignore[untyped-decorator]
def test_scikit_learn_finds_an_estimator(estimator, check) -> None:  # type: ignore[no-untyped-def]
    check(estimator)


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    """Three planted kinds of customers, 200 of them, under names of their own."""
    rng = np.random.default_rng(4)
    kind = np.repeat([0, 1, 2], [120, 50, 30])
    centre = np.array([[1.0, 20.0, 300.0, 2.0], [12.0, 25.0, 30.0, 8.0], [2.0, 400.0, 90.0, 2.0]])[kind]
    values = centre * rng.lognormal(0, 0.15, (200, 4))
    names = ["orders", "amount", "days_since", "days_active"]
    return pd.DataFrame(values, columns=names, index=pd.Index([f"c{i:03}" for i in range(200)], name="customer"))


@pytest.fixture(scope="module")
def seg(customers: pd.DataFrame) -> segkit.Segmentation:
    blocks = {"volume": ["orders", "days_active"], "money": ["amount"], "recency": ["days_since"]}
    return segkit.Segmentation(blocks, unit="customer", effort=LITTLE).fit(customers)


def test_planted_customers_are_found_and_numbered_by_size(seg: segkit.Segmentation, customers: pd.DataFrame) -> None:
    truth = np.repeat([0, 1, 2], [120, 50, 30])
    assert seg.n_clusters_ == 3 and seg.k_decision.rule == 3
    assert adjusted_rand_score(truth, seg.labels_) > 0.95
    assert seg.segments.labels.index.equals(customers.index)
    assert (seg.segments.labels.to_numpy() == seg.labels_ + 1).all()
    sizes = np.bincount(seg.labels_).tolist()
    assert sizes == sorted(sizes, reverse=True) == seg.segments.sizes.tolist()
    assert seg.predict(customers).tolist() == seg.labels_.tolist()
    assert seg.predict(customers.iloc[:1][customers.columns]).tolist() == seg.labels_[:1].tolist()


def test_the_partition_is_that_of_the_report(seg: segkit.Segmentation, customers: pd.DataFrame) -> None:
    matrix = fit_matrix(
        customers, {"volume": ["orders", "days_active"], "money": ["amount"], "recency": ["days_since"]}
    )
    assert fit_segments(matrix, 3).labels.tolist() == seg.segments.labels.tolist()


def test_every_result_shows_itself(seg: segkit.Segmentation) -> None:
    for name in ("segments", "profile", "k_selection", "k_decision", "stability", "sensitivity", "multiverse", "nulls"):
        assert "<table" in getattr(seg, name)._repr_html_(), name
    shown = seg.verdict._repr_html_()
    assert (
        f"<b>{seg.verdict.word}</b>" in shown
        and shown.count("<tr") == 4 + len(seg.verdict.borders)
        and ">no<" not in shown
    )
    assert seg.verdict.word in ("natural", "reproducible")
    assert seg.nulls.names == ["copula"] and seg.nulls.beaten == {"copula": True}
    assert seg.stability.table["segment"].tolist() == [1, 2, 3]
    assert (seg.stability.table["jaccard"] > 0.9).all() and (seg.stability.table["recurrence"] > 0.9).all()
    assert seg.sensitivity.arm("drop block")["what"].tolist().__len__() == 3
    assert set(seg.multiverse.table["units"]) == {"all"}


def test_a_fitted_one_is_kept_and_cloned(seg: segkit.Segmentation, customers: pd.DataFrame) -> None:
    again = pickle.loads(pickle.dumps(seg))
    assert again.labels_.tolist() == seg.labels_.tolist() and again.predict(customers).tolist() == seg.labels_.tolist()
    assert not hasattr(clone(seg), "labels_")


def test_one_cloud_is_no_segmentation() -> None:
    cloud = pd.DataFrame(np.random.default_rng(1).normal(size=(150, 5)))
    found = segkit.Segmentation(effort=segkit.Effort(3, 20, 20, 6, 6, 6, 19)).fit(cloud)
    assert found.k_decision.rule == 1 and found.verdict.word == "no segmentation"


def test_other_estimators_take_the_place_of_k_means(customers: pd.DataFrame) -> None:
    for estimator in (AgglomerativeClustering(), GaussianMixture(covariance_type="diag", reg_covar=1e-3)):
        found = segkit.Segmentation(k=3, estimator=estimator, effort=LITTLE).fit(customers)
        assert adjusted_rand_score(np.repeat([0, 1, 2], [120, 50, 30]), found.labels_) > 0.9
        assert found.predict(customers).tolist() == found.labels_.tolist()
        assert found.segments.params["clusterer"] == type(estimator).__name__


@pytest.mark.parametrize(
    ("blocks", "change", "message"),
    [
        ({"a": ["orders", "gone"]}, {}, "are not there: gone"),
        ({"a": ["orders"], "b": ["orders"]}, {}, "stand in two places: orders"),
        ({}, {}, "blocks name no column"),
        (None, {"orders": "many"}, "hold no numbers: orders"),
    ],
)
def test_wrong_columns_are_named(customers: pd.DataFrame, blocks, change, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        segkit.Segmentation(blocks, k=2).fit(customers.assign(**change))


@pytest.mark.parametrize("k", ["four", 1, 0])
def test_a_number_of_segments_that_is_none_is_refused(customers: pd.DataFrame, k: str | int) -> None:
    with pytest.raises(ValueError, match="k is 'auto' or a whole number from 2 on"):
        segkit.Segmentation(k=k).fit(customers)


def test_segments_of_a_fitted_estimator_are_tested_as_they_are() -> None:
    iris = load_iris().data
    fitted = KMeans(3, n_init=10, random_state=0).fit(iris)
    found = segkit.evidence(iris, fitted, effort=LITTLE)
    assert adjusted_rand_score(found.segments.labels, fitted.labels_) == 1.0
    # Hennig (2007), fpc: two of the three segments of the iris are stable, in bootstrap samples, at about 0.9 and above
    assert found.jaccard.lowest > 0.6
    assert np.allclose(np.sort(found.segments.centres, axis=0), np.sort(fitted.cluster_centers_, axis=0))
    mixture = GaussianMixture(3, random_state=0).fit(iris)
    own = segkit.evidence(iris, mixture, effort=LITTLE)
    assert adjusted_rand_score(own.segments.labels, mixture.predict(iris)) == 1.0


def test_what_a_pipeline_does_first_is_refitted_with_it() -> None:
    iris = load_iris(as_frame=True).data
    chain = make_pipeline(StandardScaler(), PCA(2), KMeans(3, n_init=5, random_state=0)).fit(iris)
    found = segkit.evidence(iris, chain, effort=LITTLE)
    assert found.matrix.values.shape == (150, 2)
    assert np.allclose(found.matrix.values, chain[:-1].transform(iris))
    assert found.pipeline_bootstrap.ari_q05 > 0.5
    assert found.nulls.names == ["copula"]


def test_labels_of_other_rows_are_refused() -> None:
    iris = load_iris().data
    fitted = AgglomerativeClustering(3).fit(iris)
    with pytest.raises(ValueError, match="fitted to 150 rows, and here are 149"):
        segkit.evidence(iris[1:], fitted)
    with pytest.raises(ValueError, match="DBSCAN takes no number of clusters"):
        segkit.evidence(iris, DBSCAN())


@pytest.fixture(scope="module")
def hiding() -> pd.DataFrame:
    """Groups of 40 and 60 %, six standard deviations apart in one of four columns."""
    values = np.random.default_rng(11).normal(size=(300, 4))
    values[:120, 2] += 6
    return pd.DataFrame(values, columns=["age", "visits", "weight", "height"])


def test_a_scale_that_hides_groups_is_not_taken(hiding: pd.DataFrame) -> None:
    effort = segkit.Effort(gap=2, splits=10, bootstraps=12, subsamples=2, resamples=6, pipelines=6, nulls=19)
    found = segkit.Segmentation(effort=effort).fit(hiding)
    assert found.scaler_ == "standard" and found.k_decision.rule == 2
    assert adjusted_rand_score(np.repeat([1, 0], [120, 180]), found.labels_) > 0.95
    table = found.scales.table.set_index("scaler")
    assert table["in_use"].tolist() == [True, False, False] and list(table.index) == [
        "standard",
        "robust",
        "quantile-normal",
    ]
    assert table["k"].tolist() == [2, 1, 1] and table.loc["standard", "ari"] == 1.0 and table.loc["robust", "ari"] < 0.2
    assert not found.scales.agree and found.modes.hidden == [] and set(table["verdict"]) != {""}
    shown = found.scales._repr_html_()
    assert "the robust one would take for spread what parts the modes of weight" in shown
    robust = segkit.Segmentation(k=2, scaler="robust", effort=LITTLE).fit(hiding)
    assert robust.scaler_ == "robust" and robust.evidence_.modes.hidden == ["weight"]


def test_the_robust_scale_stays_where_it_hides_nothing(seg: segkit.Segmentation) -> None:
    assert seg.scaler_ in ("robust", "standard")
    rng = np.random.default_rng(5)
    found = segkit.Segmentation(k=2, effort=LITTLE).fit(pd.DataFrame(rng.lognormal(size=(120, 3))))
    assert found.scaler_ == "robust" and "hides no column" in found.evidence_.recipe.reason
    with pytest.raises(ValueError, match="scaler is 'auto' or one of robust, standard"):
        segkit.Segmentation(scaler="Robust").fit(rng.normal(size=(20, 2)))


def test_the_import_is_light() -> None:
    code = "import segkit, sys; print(sorted(m for m in ('sklearn', 'pandas', 'numpy') if m in sys.modules)); segkit.Segmentation"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.strip() == "[]", done.stderr
    with pytest.raises(AttributeError, match="no attribute 'Segmentatoin'"):
        _ = segkit.Segmentatoin


def test_claims_follow_from_the_evidence(seg: segkit.Segmentation) -> None:
    found = seg.claims.set_index("claim")
    assert found.index.is_unique and len(found) == 13
    assert found.loc["Every segment is found again", "verdict"] == "holds"
    assert found.loc["Every segment is found again", "number"] == seg.stability.table["jaccard"].min()
    assert found.loc["There is more than correlated features explain", "number"] == seg.nulls.row("copula")["p"]
    assert any("Halves of the customers predict" in c for c in found.index)
    weak = found.loc["No block decides alone"]
    assert (weak["verdict"] == "holds") == (seg.sensitivity.arm("drop block")["ari"].min() >= 0.8)


def test_a_site_of_ones_own(seg: segkit.Segmentation, tmp_path: Path) -> None:
    page = seg.report(tmp_path / "site")
    text = page.read_text("utf-8")
    assert page == tmp_path / "site" / "index.html" and "customers" in text
    assert "contact" not in re.sub(r"<(style|script).*?</\1>", " ", text, flags=re.S).lower()
    for name in ("claims", "profiles", "number", "stability", "nulls", "sensitivity", "choices", "scales"):
        assert f'id="tbl-{name}"' in text
        assert (tmp_path / "site" / "downloads" / f"{name}.csv").is_file()
    assert "c000" not in text, "units have no place on it"
    again = seg.report(tmp_path / "site")
    assert again.read_text("utf-8") == text
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "precious").write_text("")
    with pytest.raises(BuildError, match="no site"):
        seg.report(tmp_path / "mine")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["precious"]
