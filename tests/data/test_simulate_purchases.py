"""The simulated purchase log has the margins of the CDNOW sample, and the pipeline finds its planted segments.

Published figures: the CDNOW sample (Fader and Hardie, 2001; Fader, Hardie and Lee, 2005). Tolerances are ours.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from segkit.config import load
from segkit.data.events import load_events
from segkit.data.registry import CDNOW
from segkit.data.simulate.purchases import BIG, COLUMNS, LOYAL, OCCASIONAL, ONCE, SimulatedPurchases, simulate_purchases
from segkit.data.truth import keyed_truth
from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.matrix import fit_matrix
from segkit.engine.segments import fit_segments
from segkit.features.events import event_features
from segkit.studies.customers import PURCHASED

SEEDS = (42, 1, 2)
KEY = b"a key for tests, of no other use"


@pytest.fixture(scope="module", params=SEEDS)
def log(request: pytest.FixtureRequest) -> SimulatedPurchases:
    return simulate_purchases(request.param)


def test_cells_are_text_as_published(log: SimulatedPurchases) -> None:
    assert tuple(log.frame.columns) == COLUMNS == ("customer", "date", "items", "amount_usd")
    assert all(pd.api.types.is_string_dtype(t) for t in log.frame.dtypes) and not log.frame.isna().any().any()
    forms = {"customer": r"9\d{8}", "date": r"199[78]-\d\d-\d\d", "items": r"[1-9]\d*", "amount_usd": r"\d+\.\d\d"}
    assert all(log.frame[name].str.fullmatch(form).all() for name, form in forms.items())


def test_margins_are_the_published_ones(log: SimulatedPurchases) -> None:
    frame, amount = log.frame, log.frame["amount_usd"].astype(float)
    counts = frame.groupby("customer").size()
    assert len(counts) == 2_357 and (counts == 1).sum() == 1_205  # Fader, Hardie and Lee: 2,357 customers
    assert len(frame) == pytest.approx(6_919, rel=0.02)
    assert amount.sum() == pytest.approx(244_092, rel=0.05)
    assert (amount == 0).sum() == 8
    assert (frame["date"].min(), frame["date"].max()) == ("1997-01-01", "1998-06-30")
    assert frame.groupby("customer")["date"].min().max() <= "1997-03-25"  # all join within twelve weeks
    assert amount.quantile([0.25, 0.5, 0.75]).to_numpy() == pytest.approx([14.49, 25.99, 42.97], rel=0.3)
    assert counts.quantile([0.5, 0.8, 0.9, 0.95]).to_numpy() == pytest.approx([1, 4, 6, 9], abs=1.5)


def test_segments_differ_as_their_names_say(log: SimulatedPurchases) -> None:
    by = log.frame.assign(paid=log.frame["amount_usd"].astype(float), kind=log.frame["customer"].map(log.truth))
    count = by.groupby("customer").size().groupby(log.truth).median()
    paid = by.groupby("kind")["paid"].median()
    assert count[ONCE] == 1 and count[LOYAL] > 2 * count[OCCASIONAL]
    assert paid[BIG] > 2.5 * paid.drop(BIG).max()


def test_no_customer_has_two_rows_on_one_day(log: SimulatedPurchases) -> None:
    assert not log.frame.duplicated(["customer", "date"]).any()


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        simulate_purchases(5).write_csv(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert not simulate_purchases(6).frame.equals(simulate_purchases(5).frame)


def test_pipeline_finds_the_planted_segments(tmp_path: Path) -> None:
    settings = load(Path(__file__).parents[2]).customers
    simulate_purchases().write_csv(tmp_path / "purchases.csv")
    log = load_events(tmp_path / "purchases.csv", settings, key=KEY)
    assert (log.rows, log.units) == (len(simulate_purchases().frame), 2_357)
    assert log.audit.merged is not None and log.audit.merged.returns == 0 and not log.audit.time_of_day
    features = event_features(log, settings, PURCHASED)
    matrix = fit_matrix(features.model_frame, features.blocks, clip=0.01, cap=10)
    segments = fit_segments(matrix, k=4, clusterer=KMeansClusterer(20), seed=42)
    truth = keyed_truth(KEY, CDNOW).reindex(segments.labels.index)
    assert truth.notna().all() and np.unique(segments.labels).size == 4
    assert adjusted_rand_score(truth, segments.labels) >= 0.35  # one-time and occasional are near each other by design
    table = pd.crosstab(truth, segments.labels)
    for kind in (LOYAL, BIG):
        own = table.loc[kind].idxmax()
        assert table.loc[kind, own] >= 0.9 * table.loc[kind].sum() and table.loc[kind, own] >= 0.8 * table[own].sum()
