"""Segments window after window: labels that do not switch, and a past that the future cannot change."""

from __future__ import annotations

import json
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from segkit.engine.matrix import fit_matrix
from segkit.engine.migration import migration
from segkit.engine.over_time import OverTime, over_time
from segkit.seeds import generator

NAMES = ("x", "y")
PREPARE = partial(fit_matrix, blocks={"made": NAMES}, clip=0.0)
MONTHS, LENGTH = 24, 12
WINDOWS = tuple(range(LENGTH, MONTHS + 1, 2))
TRUTH = np.repeat([0, 1, 2], [4, 3, 3])


def panel(name: str = "tests/over time", *, spread: float = 6.0) -> np.ndarray:
    """Return a value per month, unit and feature: three groups that stay, on a common drift."""
    rng = generator(name)
    middle = spread * np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])[TRUTH]
    return middle + np.linspace(0, 5, MONTHS)[:, None, None] + rng.normal(size=(MONTHS, len(TRUTH), 2))


def features(values: np.ndarray, end: int) -> pd.DataFrame:
    index = pd.Index([f"u{i}" for i in range(values.shape[1])])
    return pd.DataFrame(values[end - LENGTH : end].mean(axis=0), index=index, columns=list(NAMES))


def followed(values: np.ndarray, windows: tuple[int, ...] = WINDOWS, k: int = 3, **more: object) -> OverTime:
    return over_time(lambda w: features(values, w), windows, PREPARE, k, **more)  # type: ignore[arg-type]


def test_groups_that_stay_keep_one_label_throughout() -> None:
    found = followed(panel())
    assert (found.labels.nunique(axis=1) == 1).all() and found.staying == 1
    assert found.labels[WINDOWS[0]].tolist()[:4] == [1] * 4  # the largest group
    assert pd.crosstab(found.labels[WINDOWS[-1]].to_numpy(), TRUTH).gt(0).sum().sum() == 3
    assert (found.moves.to_numpy() == np.diag([24, 18, 18])).all()
    assert (found.units["changes"] == 0).all() and (found.units["share"] == 1).all()
    assert (found.steps["ari"] == 1).all() and (found.steps["p"] < 0.05).all() and (found.steps["chance"] < 0.8).all()


@pytest.mark.parametrize("odd", [None, 3])
def test_numbers_that_the_fits_exchange_at_random_are_undone(odd: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same partition under another numbering in each window; with one window of noise, the numbers return after it."""
    from segkit.engine import over_time as module

    rng, asked = generator("tests/exchanged"), iter(range(len(WINDOWS)))

    def exchanged(*_: object) -> tuple[np.ndarray, str]:
        i = next(asked)
        own = rng.permutation(np.arange(10) % 3) if i == odd else TRUTH
        return rng.permutation(3)[own], ""

    monkeypatch.setattr(module, "_fitted", exchanged)
    found = followed(panel())
    kept = [w for i, w in enumerate(WINDOWS) if i != odd]
    assert (found.labels[kept].nunique(axis=1) == 1).all()
    assert (found.labels.nunique(axis=1) == 1).all() == (odd is None)


def test_the_label_at_a_date_does_not_change_with_what_comes_after() -> None:
    whole, changed = panel(spread=0.3), panel(spread=0.3)  # groups that overlap, so that labels do move
    changed[18:] = 100 * generator("tests/after").normal(size=changed[18:].shape)
    one, two = followed(whole), followed(changed)
    early = [w for w in WINDOWS if w <= 18]
    pd.testing.assert_frame_equal(one.labels[early], two.labels[early])
    assert not one.labels.equals(two.labels) and one.labels[early].nunique(axis=1).max() > 1
    pd.testing.assert_frame_equal(one.labels[early], followed(whole, tuple(early)).labels)


def test_numbers_in_use_exchange_names_and_nothing_else() -> None:
    plain = followed(panel())
    wanted = {1: 3, 2: 1, 3: 2}
    in_use = plain.labels[WINDOWS[-1]].map(wanted)
    found = followed(panel(), in_use=in_use)
    assert found.labels[WINDOWS[-1]].tolist() == in_use.tolist()
    pd.testing.assert_frame_equal(found.labels, plain.labels.replace(wanted))
    assert found.steps.equals(plain.steps)
    with pytest.raises(ValueError, match="segment 4 is in use"):
        followed(panel(), in_use=in_use + 1)


def test_a_unit_that_moves_is_the_one_that_is_told() -> None:
    values = panel()
    values[12:, 0] += 6 * np.array([1.0, 0.0])  # from the first group into the second
    found = followed(values)
    at = found.units.set_index("unit")
    assert at["changes"].tolist() == [1] + [0] * 9
    first, second = found.labels.loc["u0", [WINDOWS[0], WINDOWS[-1]]]
    assert second == found.labels.loc["u4", WINDOWS[-1]] and first == found.labels.loc["u1", WINDOWS[0]]
    assert found.moves.loc[first, second] == 1 and found.staying == pytest.approx(1 - 1 / 60)
    assert found.shares.loc[first].sum() == pytest.approx(1)
    table = found.migration.table
    assert table.loc[(table["origin"] == first) & (table["destination"] == second), "units"].sum() == 1
    assert found.migration.table.equals(migration(found.labels, 3).table)


def test_noise_stays_as_little_as_segments_at_random() -> None:
    rng = generator("tests/no groups")
    frames = {w: pd.DataFrame(rng.normal(size=(12, 2)), columns=list(NAMES)) for w in range(12)}
    found = over_time(frames.__getitem__, frames, PREPARE, 3)
    assert found.steps["share"].mean() == pytest.approx(found.steps["chance"].mean(), abs=0.08)
    assert (found.steps["p"] <= 0.05).sum() <= 2
    for before, now in pairwise(found.labels):  # each number follows the past, so no two are simply exchanged
        assert set(found.labels[before]) == set(found.labels[now]) == {1, 2, 3}


def test_windows_that_cannot_be_fitted_are_told() -> None:
    values = panel()
    values[2:14] = 1.0  # constant in the window that ends there
    found = followed(values)
    assert list(found.skipped) == [14] and "constant" in found.skipped[14] and 14 not in found.labels
    none = followed(panel()[:, :3], k=3)  # each unit a segment of its own
    assert len(none.skipped) == len(WINDOWS) and none.labels.shape == (3, 0) and np.isnan(none.staying)
    assert none.migration.reason and none.steps.empty and none.units.empty
    assert "distinct" in next(iter(none.skipped.values()))
    assert json.loads(json.dumps(none.to_json(), default=str))["windows"] == []


def test_three_units_in_two_segments_can_be_followed() -> None:
    found = followed(panel()[:, [0, 1, 9]], k=2)
    assert (found.labels.nunique(axis=1) == 1).all() and found.labels[12].tolist() == [1, 1, 2]


def test_units_that_come_and_go_are_an_error() -> None:
    values = panel()
    with pytest.raises(ValueError, match="units of the window 14"):
        over_time(lambda w: features(values, w).iloc[: 9 if w == 14 else 10], WINDOWS, PREPARE, 3)
