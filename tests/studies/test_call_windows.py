"""Windows of a call log: where they lie, their features, states counted by hand, and a break planted in the calls."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from made_projects import BARE, KEY, Call, open_new, project, write_log

from segkit.config import Columns, Contacts
from segkit.data.contracts import ARROW
from segkit.engine.migration import INACTIVE, NEW, migration
from segkit.features.events import event_features
from segkit.seeds import generator
from segkit.studies.contacts import CALLS, ContactsStudy
from segkit.studies.events.windows import Window, moved, plan, states, window_features

pytest_plugins = ["made_projects"]
SETTINGS = Contacts(columns=Columns(date="date", duration="seconds", contact="number"))


def calls_of(rows: list[tuple[str, datetime, int]]) -> pa.Table:
    units, starts, seconds = zip(*rows, strict=True)
    return pa.Table.from_arrays(
        [
            pa.array(units, pa.string()).dictionary_encode(),
            pa.array(starts, pa.timestamp("us")),
            pa.array(seconds, pa.int64()),
            pa.nulls(len(rows), pa.string()).dictionary_encode(),
        ],
        schema=ARROW,
    )


def names(first: datetime, last: datetime) -> tuple[list[str], list[str], bool]:
    found = plan(first, last)
    return [w.name for w in found.rolling], [w.name for w in found.apart], bool(found.reason)


@pytest.mark.parametrize(
    ("first", "last", "rolling", "apart"),
    [
        # The published log: 1 Jan 2022, 16:03 to 4 Oct 2024.
        (datetime(2022, 1, 1, 16, 3), datetime(2024, 10, 4, 20), ["2022 Q4", "2023 Q1", "2023 Q2", "2023 Q3", "2023 Q4",
         "2024 Q1", "2024 Q2", "2024 Q3"], ["2023 Q3", "2024 Q3"]),
        (datetime(2022, 1, 3, 9), datetime(2023, 3, 30), ["2022 Q4", "2023 Q1"], ["2023 Q1"]),  # a week either way
        (datetime(2022, 1, 9), datetime(2023, 4, 20), ["2023 Q1"], ["2023 Q1"]),  # the first year lacks its first week
        (datetime(2022, 1, 1), datetime(2022, 12, 1), [], []),
        (datetime(2022, 1, 3), datetime(2022, 5, 3), [], []),
    ],
)  # fmt: skip
def test_windows_end_with_quarters_that_the_log_covers(
    first: datetime, last: datetime, rolling: list[str], apart: list[str]
) -> None:
    assert names(first, last) == (rolling, apart, len(rolling) < 2)


def test_windows_are_a_year_long_and_those_apart_do_not_overlap() -> None:
    found = plan(datetime(2018, 2, 2), datetime(2024, 2, 2))
    assert all(moved(w.end, -12) == w.start for w in found.rolling)
    assert [w.start for w in found.apart[1:]] == [w.end for w in found.apart[:-1]]
    assert found.apart[-1] is found.rolling[-1] and found.apart[-1].end == datetime(2024, 1, 1)
    assert found.rolling[found.base] == found.apart[0] and (found.base, len(found.rolling) - 1) in found.pairs
    assert len(set(found.pairs)) == len(found.pairs)
    assert {j - i for i, j in found.pairs if i != found.base} == {1, 2, 3, 4}


def test_features_of_a_window_are_those_of_a_log_of_that_window() -> None:
    """The oracle is the feature code on the calls of one window alone."""
    rng = generator("tests/call_windows/features")
    start = datetime(2022, 1, 1)
    rows = [
        (f"{rng.integers(1, 40):012x}", start + timedelta(seconds=int(s)), int(d))
        for s, d in zip(rng.integers(0, 800 * 86_400, 900), rng.exponential(90, 900), strict=True)
    ]
    calls = calls_of(rows)
    at = calls.column("started_at")
    found = plan(pc.min(at).as_py(), pc.max(at).as_py())
    assert len(found.rolling) == 5
    made = window_features(calls, SETTINGS, CALLS, found.rolling, found.pairs)
    limits = {}
    for w in found.rolling:
        inside = pc.and_(pc.greater_equal(at, pa.scalar(w.start)), pc.less(at, pa.scalar(w.end)))
        alone = event_features(calls.filter(inside), SETTINGS, CALLS, as_of=w.end)
        limits[w.name] = (alone.thresholds["long_call_sec"], calls.filter(inside))
        assert made.frames[w.name].index.equals(alone.frame.index)
        pd.testing.assert_frame_equal(made.frames[w.name], alone.frame, rtol=1e-12, atol=1e-9)
    assert made.blocks == alone.blocks and set(made.frames) == {w.name for w in found.rolling}
    for (then, now), frame in made.kept.items():
        end = next(w.end for w in found.rolling if w.name == now)
        other = event_features(limits[now][1], SETTINGS, CALLS, as_of=end, large=limits[then][0]).frame
        pd.testing.assert_frame_equal(frame, other.reindex(frame.index), rtol=1e-12, atol=1e-9)
    assert {(then, now) for then, now in made.kept} == {
        (found.rolling[i].name, found.rolling[j].name) for i, j in found.pairs
    }
    first = made.first_event.sort_index()
    expected = pd.DataFrame(rows, columns=["unit", "at", "d"]).groupby("unit")["at"].min()
    assert (first.to_numpy() == expected.sort_index().to_numpy()).all()


def test_new_and_inactive_counted_by_hand() -> None:
    """Two years; calls of six contacts as dates; segments given. Before both years there was one contact."""
    years = [Window(datetime(y, 1, 1), datetime(y + 1, 1, 1)) for y in (2022, 2023)]
    dates = {
        "early": ["2021-05-01", "2023-02-01"],  # inactive, then back
        "gone": ["2021-06-01"],  # inactive twice
        "stays": ["2022-01-01", "2023-12-31"],
        "leaves": ["2022-12-31"],
        "comes": ["2023-01-01"],  # the first moment of the second year
        "later": ["2024-01-01"],  # new in neither
    }
    calls = calls_of([(u, datetime.fromisoformat(d), 60) for u, days in dates.items() for d in days])
    made = window_features(calls, SETTINGS, CALLS, years, [(0, 1)])
    assert set(made.frames["2022 Q4"].index) == {"stays", "leaves"}
    assert set(made.frames["2023 Q4"].index) == {"early", "stays", "comes"}
    labels = {n: pd.Series(1, index=f.index) for n, f in made.frames.items()}
    found = states(labels, made.first_event, years)
    assert {u: tuple(r) for u, r in zip(found.index, found.to_numpy().tolist(), strict=True)} == {
        "early": (INACTIVE, 1), "gone": (INACTIVE, INACTIVE), "stays": (1, 1), "leaves": (1, INACTIVE), "comes": (NEW, 1),
        "later": (NEW, NEW),
    }  # fmt: skip
    at = migration(found, 1).last().set_index(["origin", "destination"])["units"]
    assert at.to_dict() == {(1, 1): 1, (1, 0): 1, (0, 1): 1, (0, 0): 1, (-1, 1): 1}


def test_a_window_without_calls_is_left_out() -> None:
    years = [Window(datetime(y, 1, 1), datetime(y + 1, 1, 1)) for y in (2022, 2023)]
    made = window_features(calls_of([("a", datetime(2023, 5, 5), 60)]), SETTINGS, CALLS, years, [(0, 1)])
    assert list(made.frames) == ["2023 Q4"] and made.kept == {}


CONTACTS = 40
BREAK = datetime(2023, 7, 1)


def yearly(broken: bool) -> list[Call]:
    """Calls of 30 months. One half of the contacts calls often and long; from the break on, other contacts do."""
    calls: list[Call] = []
    for who in range(CONTACTS):
        rng = generator(f"tests/call_windows/{who}")
        for month in range(30):
            begin = moved(datetime(2022, 1, 1), month)
            busy = who % 2 == 0 if broken and begin >= BREAK else who < CONTACTS // 2
            many = (24 if begin >= BREAK and broken else 6) if busy else 1
            for i in range(many):
                when = begin + timedelta(days=(i * 28 // many + who) % 28, hours=10, minutes=int(rng.integers(60)))
                calls.append(
                    (when, int(rng.integers(300, 360) if busy else rng.integers(30, 36)), f"5550200{who:03}", "")
                )
    return calls


def opened(folder: Path, calls: list[Call]) -> ContactsStudy:
    root = project(folder, k=2, settings=BARE)
    return open_new(root, write_log(folder / "calls.csv", calls))


@pytest.fixture(scope="module")
def stationary(closed_off: Path, tmp_path_factory: pytest.TempPathFactory) -> ContactsStudy:
    return opened(tmp_path_factory.mktemp("stationary"), yearly(broken=False))


@pytest.fixture(scope="module")
def broken(closed_off: Path, tmp_path_factory: pytest.TempPathFactory) -> ContactsStudy:
    return opened(tmp_path_factory.mktemp("broken"), yearly(broken=True))


def test_where_nothing_changes_nothing_is_found(stationary: ContactsStudy) -> None:
    refit, kept = stationary.time_refit, stationary.time_frozen
    assert len(refit.lag(1)) == 6 and (refit.table["ari"] == 1).all() and (refit.table["common"] == CONTACTS).all()
    assert (kept.table["ari"] == 1).all() and kept.summary["age"].to_list() == [1, 2, 3, 4]
    moves = stationary.migration.last().set_index(["origin", "destination"])["share"]
    assert moves[1, 1] == moves[2, 2] == 1 and moves[INACTIVE, 1] != moves[INACTIVE, 1]  # nobody was inactive
    assert (stationary.drift.segment_psi == 0).all()
    volume = stationary.drift.table[
        stationary.drift.table["feature"].isin(["n_calls", "total_dur_sec", "mean_dur_sec"])
    ]
    assert (volume["psi"] < volume["by_chance"] + 0.05).all()


def test_a_break_is_found_in_its_quarter(broken: ContactsStudy) -> None:
    """From July 2023 on other contacts are busy: the window that ends with that quarter has another partition.

    So have later ones, until the last calls from before the break have left the look-back.
    """
    ari = broken.time_refit.lag(1).set_index("window")["ari"]
    assert ari.index.to_list() == ["2023 Q1", "2023 Q2", "2023 Q3", "2023 Q4", "2024 Q1", "2024 Q2"]
    assert ari["2023 Q1"] == ari["2023 Q2"] == 1
    assert ari["2023 Q3"] < 0.3
    found = broken.drift.table.set_index("feature").loc["n_calls"]
    assert broken.drift.reference == "2023 Q2"
    assert found["psi"].iloc[0] > 0.25 and (found["wasserstein"] > 0.25).all()
    # In the end half of the contacts is in the upper bin as before, only further up: the index does not see it.
    assert found["psi"].iloc[-1] < 0.1


def test_rows_and_keys_in_another_order_move_no_number(
    broken: ContactsStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = yearly(broken=True)
    order = generator("tests/call_windows/order").permutation(len(calls))
    monkeypatch.setenv("SEGKIT_KEY", KEY[::-1])
    again = opened(tmp_path, [calls[i] for i in order])
    for name in ("time_refit", "time_frozen", "migration", "drift", "jaccard", "pipeline_bootstrap", "confidence"):
        one, two = getattr(broken, name).table, getattr(again, name).table
        pd.testing.assert_frame_equal(one, two, rtol=1e-9, obj=name)


def test_results_are_plain_and_hold_no_contact(broken: ContactsStudy) -> None:
    steps = (broken.time_refit, broken.time_frozen, broken.migration, broken.drift, broken.jaccard)
    text = json.dumps([found.to_json() for found in (*steps, broken.pipeline_bootstrap)])
    assert not any(unit in text for unit in broken.features.frame.index)
    assert set(broken.steps) >= {
        "jaccard",
        "pipeline_bootstrap",
        "confidence",
        "time_refit",
        "time_frozen",
        "migration",
    }


def test_a_short_log_gives_a_reason(private: ContactsStudy) -> None:
    for found in (private.time_refit, private.time_frozen, private.migration, private.drift):
        assert "does not hold a single full window" in found.reason and found.table.empty
        assert found.to_json()["reason"] == found.reason
    assert private.time_cards is None
    assert np.isfinite(private.jaccard.lowest) and 0 < private.pipeline_bootstrap.ari_mean <= 1
