"""The simulated call log has the published margins, and the pipeline finds its planted segments.

Published figures: the contact-level clustering report on the Walsoft call log (Walekhwa, 2026). Tolerances are ours.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from segkit.config import load
from segkit.data.events import load_events
from segkit.data.simulate.calls import (
    BANDS,
    COLUMNS,
    GROUPS,
    HABITS,
    HOUR_WEIGHTS,
    SimulatedCalls,
    _one_at_a_time,
    simulate_calls,
)
from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.matrix import fit_matrix
from segkit.engine.segments import fit_segments
from segkit.features.events import event_features
from segkit.privacy import keyed_all
from segkit.studies.contacts import CALLS

SEEDS = (42, 1, 2, 3)
SIZES = {"one-off": 1599, "warm occasional": 225, "core active": 176, "rare deep": 91}


@pytest.fixture(scope="module", params=SEEDS)
def log(request: pytest.FixtureRequest) -> SimulatedCalls:
    return simulate_calls(request.param)


@pytest.fixture(scope="module")
def calls(log: SimulatedCalls) -> pd.DataFrame:
    """Return typed columns."""
    frame = log.frame
    when = pd.to_datetime(frame["date_stamp"] + " " + frame["time"], format="%m/%d/%Y %H:%M:%S")
    return pd.DataFrame(
        {
            "who": frame["dialled_phone_number"],
            "when": when,
            "hour": when.dt.hour,
            "closed": when.dt.day_of_week == 6,
            "seconds": frame["duration_in_seconds"].astype(int),
        }
    )


# --- form ------------------------------------------------------------------------------------------------------------


def test_columns_are_text_as_published(log: SimulatedCalls) -> None:
    # Header of the published file; dates without leading zeros, hours too, numbers of nine digits.
    assert list(log.frame.columns) == [
        "date_stamp",
        "time",
        "day-of_week",
        "month",
        "year",
        "dialled_phone_number",
        "name",
        "duration_in_seconds",
        "category",
    ]
    assert list(log.frame.columns) == list(COLUMNS)
    assert all(pd.api.types.is_string_dtype(t) for t in log.frame.dtypes)
    assert not log.frame.isna().any().any()
    patterns = {
        "date_stamp": r"[1-9]\d?/[1-9]\d?/20\d\d",
        "time": r"\d{1,2}:\d\d:\d\d",
        "dialled_phone_number": r"[1-9]\d{8}",
        "name": r"Simulated contact [A-Z]{3} \d{3}",
        "duration_in_seconds": r"[1-9]\d*",
    }
    for column, pattern in patterns.items():
        assert log.frame[column].str.fullmatch(pattern).all(), column


def test_derived_columns_agree_with_the_date(log: SimulatedCalls, calls: pd.DataFrame) -> None:
    assert (log.frame["day-of_week"] == calls["when"].dt.day_name()).all()
    assert (log.frame["month"] == calls["when"].dt.month_name()).all()
    assert (log.frame["year"].astype(int) == calls["when"].dt.year).all()
    assert calls["when"].is_monotonic_increasing


def test_contacts_have_one_name_and_one_category(log: SimulatedCalls) -> None:
    distinct = log.frame.groupby("dialled_phone_number")[["name", "category"]].nunique()
    assert (distinct == 1).all().all()
    assert log.frame["name"].nunique() == log.frame["dialled_phone_number"].nunique()


def test_truth_covers_every_contact(log: SimulatedCalls) -> None:
    assert set(log.truth.index) == set(log.frame["dialled_phone_number"])
    assert log.truth.index.is_unique
    assert log.truth.value_counts().to_dict() == SIZES


def test_same_seed_same_bytes_other_seed_other_bytes(tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.csv" for i in range(3)]
    for path, seed in zip(paths, (42, 42, 7), strict=True):
        simulate_calls(seed).write_csv(path)
    first, second, other = (p.read_bytes() for p in paths)
    assert first == second
    assert first != other
    assert first.startswith(b"date_stamp,time,day-of_week,month,year,dialled_phone_number,name,")
    assert b"\r" not in first
    assert sorted(p.name for p in tmp_path.iterdir()) == ["0.csv", "1.csv", "2.csv"]  # no draft is left
    again = pd.read_csv(paths[0], dtype="str")
    pd.testing.assert_frame_equal(again, simulate_calls(42).frame, check_dtype=False)


def test_no_contact_calls_twice_in_one_second() -> None:
    # By hand: the second call moves by a minute, onto the third, which moves in turn; other contacts and days stay.
    who, day = np.array([0, 0, 0, 1, 0]), np.array([3, 3, 3, 3, 4])
    second = np.array([100, 100, 160, 100, 100])
    assert _one_at_a_time(who, day, second).tolist() == [100, 160, 220, 100, 100]
    assert second.tolist() == [100, 100, 160, 100, 100]
    # At the end of the day it starts over: 23:59:59 and a minute is 00:00:59.
    assert _one_at_a_time(who[:2], day[:2], np.array([86_399, 86_399])).tolist() == [86_399, 59]


def test_other_draws_do_not_move_it() -> None:
    np.random.seed(1)
    first = simulate_calls(5).frame
    np.random.seed(2)
    pd.testing.assert_frame_equal(first, simulate_calls(5).frame)


def test_it_is_quick() -> None:
    start = time.process_time()
    simulate_calls(42)
    assert time.process_time() - start < 2  # seconds; a requirement


# --- margins ---------------------------------------------------------------------------------------------------------


def test_size_and_range(log: SimulatedCalls, calls: pd.DataFrame) -> None:
    assert len(calls) == pytest.approx(24_952, rel=0.05)
    assert calls["who"].nunique() == 2_091
    assert str(calls["when"].min().date()) == "2022-01-01"
    assert str(calls["when"].max().date()) == "2024-10-04"
    assert not log.frame.duplicated().any()


@pytest.mark.parametrize(
    ("first", "last", "published", "tolerance"),
    [(8, 17, 20_624, 0.10), (18, 20, 2_877, 0.10), (0, 7, 1_071, 0.10), (21, 23, 380, 0.25)],
    ids=["business hours", "evening", "early morning", "late night"],
)
def test_calls_by_band(calls: pd.DataFrame, first: int, last: int, published: int, tolerance: float) -> None:
    assert calls["hour"].between(first, last).sum() == pytest.approx(published, rel=tolerance)


def test_calls_on_open_and_closed_days(calls: pd.DataFrame) -> None:
    assert calls["closed"].sum() == pytest.approx(1_652, rel=0.10)
    assert (~calls["closed"]).sum() == pytest.approx(23_300, rel=0.10)


@pytest.mark.parametrize(("quantile", "published"), [(0.50, 34), (0.75, 84), (0.95, 396), (0.99, 1_274)])
def test_duration_quantiles(calls: pd.DataFrame, quantile: float, published: float) -> None:
    assert calls["seconds"].quantile(quantile) == pytest.approx(published, rel=0.15)


def test_longest_call(calls: pd.DataFrame) -> None:
    assert calls["seconds"].max() == 7_200


def test_calls_by_category(log: SimulatedCalls) -> None:
    published = {
        "Unknown": 11_579,
        "Family": 9_827,
        "Supplier": 2_659,
        "Important Contacts": 584,
        "Service Provider": 303,
    }
    assert log.frame["category"].value_counts().to_dict() == pytest.approx(published, rel=0.10)


# The published medians: calls, active days, total s, median s, recency d, tenure d.
PUBLISHED = {
    "one-off": (1, 1, 61, 37, 501.3, 0),
    "warm occasional": (5, 4, 270, 34, 259.4, 312.9),
    "core active": (35.5, 21, 2_776, 35.5, 84.8, 676.6),
    "rare deep": (2, 2, 1_553, 494, 621.2, 0.8),
}


@pytest.mark.parametrize("segment", SIZES)
def test_medians_by_true_segment(log: SimulatedCalls, calls: pd.DataFrame, segment: str) -> None:
    groups = calls.groupby("who")
    first, last = groups["when"].min(), groups["when"].max()
    table = pd.DataFrame(
        {
            "calls": groups.size(),
            "days": calls["when"].dt.normalize().groupby(calls["who"]).nunique(),
            "total": groups["seconds"].sum(),
            "median": groups["seconds"].median(),
            "recency": (calls["when"].max() - last).dt.total_seconds() / 86_400,
            "tenure": (last - first).dt.total_seconds() / 86_400,
        }
    )
    medians = table[log.truth.reindex(table.index) == segment].median()
    assert tuple(medians) == pytest.approx(PUBLISHED[segment], rel=0.25, abs=1.5)


def test_most_single_contacts_have_one_call(log: SimulatedCalls, calls: pd.DataFrame) -> None:
    counts = calls.groupby("who").size()
    single = counts[log.truth.reindex(counts.index) == "one-off"]
    assert (single == 1).mean() > 0.5  # the published median is one call
    assert single.max() <= 12


# --- parameters ------------------------------------------------------------------------------------------------------


def test_parameters_are_consistent() -> None:
    for segment, size in SIZES.items():
        assert sum(g.contacts for g in GROUPS if g.segment == segment) == size
    for habits in HABITS.values():
        assert sum(habits.bands) == pytest.approx(1)
    assert sorted(h for a, b in BANDS for h in range(a, b + 1)) == list(range(24))
    for (first, last), weights in zip(BANDS, HOUR_WEIGHTS, strict=True):
        assert len(weights) == last - first + 1


# --- recovery --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_pipeline_finds_the_planted_segments(seed: int, tmp_path: Path) -> None:
    # Planted truth; the steps and settings are the published ones (20 features, K = 4, 50 restarts, seed 42).
    settings = load(Path(__file__).parents[2]).contacts
    key = b"a key for tests, of no other use"
    log = simulate_calls(seed)
    log.write_csv(tmp_path / "calls.csv")
    calls = load_events(tmp_path / "calls.csv", settings, key=key)
    features = event_features(calls, settings, CALLS)
    matrix = fit_matrix(features.model_frame, features.blocks, clip=0.01, cap=10)
    assert matrix.values.shape == (2_091, 20)
    segments = fit_segments(matrix, k=4, clusterer=KMeansClusterer(50), seed=42)
    names = keyed_all(log.truth.index, key)
    truth = log.truth.rename(index=names).reindex(segments.labels.index)
    assert truth.notna().all()
    assert adjusted_rand_score(truth, segments.labels) >= 0.93
    assert sorted(segments.sizes) == pytest.approx(sorted(SIZES.values()), rel=0.25)


def test_loader_finds_nothing_wrong(tmp_path: Path) -> None:
    # As for the published file: no duplicates, no faults, no redundant column that disagrees with the date.
    simulate_calls(42).write_csv(tmp_path / "calls.csv")
    audit = load_events(tmp_path / "calls.csv", load(Path(__file__).parents[2]).contacts, key=b"k" * 32).audit
    faults = (audit.timestamp_failures, audit.amount_failures, audit.negative_amounts, audit.identifier_failures)
    assert faults == (0, 0, 0, 0)
    assert audit.duplicates == 0
    assert audit.quarantined == ()
    assert audit.n_columns == 9
    assert len(audit.disagreements) == 3  # weekday, month, year
    assert (audit.disagreements["disagree"] == 0).all()
