"""The contacts study beside populations without segments, and the verdict that follows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from made_projects import BARE, open_new, project, small_calls, write_log
from whole import LIGHT

from segkit.studies.base import plain
from segkit.studies.contacts import ContactsStudy
from segkit.studies.events import nulls

pytest_plugins = ["made_projects"]
pytestmark = pytest.mark.usefixtures("closed_off")


def test_results_have_the_documented_keys(private: ContactsStudy) -> None:
    """The keys are nulls.<null>.<statistic>.{observed,null_mean,p} and verdict."""
    found = json.loads(json.dumps(plain({"nulls": private.nulls.to_json(), "verdict": private.verdict.to_json()})))
    assert list(found["nulls"]) == ["exchangeable", "continuous", "copula"]
    for null in found["nulls"].values():
        for statistic in (
            "silhouette",
            "inertia",
            "instability",
            "jaccard",
            "pac",
            "prediction_strength",
            "silhouette_k2",
        ):
            assert {"observed", "null_mean", "p"} <= set(null[statistic])
        p = null["silhouette"]["p"] * (LIGHT["nulls"] + 1)
        assert p == pytest.approx(round(p)) and 1 <= p <= LIGHT["nulls"] + 1
        assert set(null["fit"]["margins"]) == set(private.features.model_frame.columns)
    assert max(found["nulls"]["copula"]["fit"]["margins"].values()) == 0


def test_the_observed_silhouette_is_that_of_the_segments(private: ContactsStudy) -> None:
    score, sizes = private.segments.silhouette, private.segments.sizes
    mean = float((score * sizes).sum() / sizes.sum())
    assert private.nulls.row("copula")["observed"] == pytest.approx(mean)
    assert private.nulls.params["units"] == len(private.features.frame)


def test_the_silhouette_at_each_number_of_segments_is_that_of_the_indices(private: ContactsStudy) -> None:
    """Two pages state it, so that it is measured of one partition."""
    indices, found = private.k_selection.table.set_index("k")["silhouette"], private.nulls
    ks = [k for k in indices.index if k != found.params["k"] and f"silhouette_k{k}" in set(found.table["statistic"])]
    assert ks
    for k in ks:
        assert found.row("copula", f"silhouette_k{k}")["observed"] == pytest.approx(indices[k], rel=1e-12)
    assert found.row("copula")["observed"] == pytest.approx(indices[found.params["k"]], rel=1e-12)


def test_the_verdict_follows_from_its_parts(private: ContactsStudy) -> None:
    """With nine data sets for each null no p is below 0.1, so nothing is beaten and nothing can be natural."""
    found, means = private.verdict, private.jaccard.means()
    assert not any(found.beaten.values())
    stable = bool((means >= 0.75).all()) and private.pipeline_bootstrap.ari_q05 >= 0.8
    assert found.word == ("reproducible" if stable else "constructive")
    assert dict(found.jaccard) == pytest.approx(means.to_dict(), nan_ok=True)


def test_of_many_contacts_a_sample_is_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nulls, "EXACT", 25)
    root = project(tmp_path, k=2, settings=BARE)
    found = open_new(root, write_log(tmp_path / "calls.csv", small_calls())).nulls
    assert found.params["units"] == 25
    assert np.isfinite(found.table["p"]).any()
