"""The panel of markets and their features, against values worked out by hand and planted ones."""

from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from made_sales import FOLDER, MadeSales, adventureworks, drawn_lines, made

from segkit.features.counted import counted
from segkit.features.panel import VARIABLES, Panel, growth, panel
from segkit.features.sales import market_features, market_frame, series_features, statics

SETTINGS = SimpleNamespace(growth="log")
LINES = pd.DataFrame(
    [
        # market, date, customer, order, channel, subcategory, product line, quantity, discount, revenue
        ("east", "2023-01-05", 1, "a", "shop", 0, 0, 2, 0.0, 100.0),
        ("east", "2023-01-05", 1, "a", "shop", 1, -1, 1, 0.2, 60.0),
        ("east", "2023-01-20", 2, "b", "web", 0, 0, 1, 0.0, 40.0),
        ("east", "2023-03-01", 1, "c", "web", 2, 1, 4, 0.1, 2000.0),
        ("west", "2023-02-01", 3, "d", "shop", 0, 0, 1, 0.0, 999.99),
        ("west", "2023-02-28", 3, "e", "shop", 0, 0, 1, 0.0, 0.01),
        ("west", "2023-03-31", 4, "f", "web", 1, 0, 1, 0.0, 10.0),
    ],
    columns=[
        "market", "date", "customer", "order", "channel", "subcategory", "product_line", "quantity", "discount", "revenue",
    ],
).assign(date=lambda f: pd.to_datetime(f["date"]))  # fmt: skip
MONTHS = ("2023-01-01", "2023-03-01")


@pytest.fixture(scope="module")
def small() -> MadeSales:
    return made(LINES, "2023-03-31", MONTHS)


@pytest.fixture(scope="module")
def many() -> MadeSales:
    return made(drawn_lines(1), "2023-12-31", ("2021-01-01", "2023-12-01"))


def moving(revenue: np.ndarray, start: str = "2020-01-01") -> Panel:
    """Return a panel whose markets have this revenue, shape (n_markets, n_months), one order each month."""
    months = pd.date_range(start, periods=revenue.shape[1], freq="MS")
    markets = pd.Index([f"m{i}" for i in range(len(revenue))], name="market")
    index = pd.MultiIndex.from_product([markets, months], names=["market", "month"])
    table = pd.DataFrame(0.0, index=index, columns=list(VARIABLES))
    table["revenue"] = table["order_value"] = revenue.ravel()
    return Panel(table, markets, months, "log")


def test_the_panel_has_every_month_of_every_market(small: MadeSales) -> None:
    table = panel(small).table
    east = table.loc["east"].drop(columns=["revenue_growth", "quantity_growth"])
    assert east.loc["2023-01-01"].to_dict() == pytest.approx(
        {"revenue": 200, "quantity": 4, "orders": 2, "customers": 2, "line_revenue": 200 / 3, "order_value": 100,
         "subcategories": 2, "product_lines": 1, "discount": 0.2 / 3}
    )  # fmt: skip
    assert (east.loc["2023-02-01"] == 0).all() and len(table) == 2 * 3
    assert table.loc[("east", pd.Timestamp("2023-03-01")), "product_lines"] == 1
    assert not table.isna().any().any()


def test_growth_is_symmetric_or_as_published(small: MadeSales) -> None:
    own, known = panel(small).wide("revenue_growth").loc["east"], panel(small, growth="published")
    floor = 0.01 * (200 + 0 + 2000) / 3
    assert own.tolist() == pytest.approx([0, np.log(floor / (200 + floor)), np.log((2000 + floor) / floor)])
    assert known.wide("revenue_growth").loc["east"].tolist() == pytest.approx([0, -1, 2000 / 1e-6])
    back = growth(np.array([[3.0, 8.0, 0.0, 3.0]]))
    assert back.sum() == pytest.approx(0)
    assert growth(7 * np.array([[3.0, 8.0, 0.0, 3.0]])) == pytest.approx(back)  # no unit
    assert growth(np.zeros((2, 3))).tolist() == np.zeros((2, 3)).tolist()


def test_months_that_are_left_out_are_as_if_never_seen(small: MadeSales) -> None:
    early = made(LINES[LINES["date"] < "2023-03-01"], "2023-02-28", ("2023-01-01", "2023-02-01"))
    kept = panel(small).within(small.months[:2])
    pd.testing.assert_frame_equal(kept.table, panel(early).table, check_freq=False)
    assert kept.months.tolist() == small.months[:2].tolist()


def test_statics_are_shares_of_customers_and_means(small: MadeSales) -> None:
    found = statics(small)
    # Two customers in each: 2160 and 40, 1000 and 10.
    assert found.loc["east", ["platinum", "gold", "silver"]].tolist() == [0.5, 0, 0]
    assert found.loc["west", ["platinum", "gold", "silver"]].tolist() == [0, 0.5, 0]
    assert found["lifetime_value"].tolist() == pytest.approx([1100, 505])
    assert found["discount"].tolist() == pytest.approx([0.3 / 4, 0])
    assert found["subcategories"].tolist() == [3, 2] and found["product_lines"].tolist() == [2, 1]
    assert found["channel_1"].tolist() == pytest.approx([160 / 2200, 1000 / 1010])
    assert "channel_2" not in found


def test_statics_know_nothing_of_what_comes_later(many: MadeSales) -> None:
    lines = drawn_lines(1)
    until = made(lines[lines["date"] <= "2022-06-30"], "2022-06-30", ("2021-01-01", "2022-06-01"))
    later = made(lines, "2022-06-30", ("2021-01-01", "2023-12-01"))
    pd.testing.assert_frame_equal(statics(later), statics(until))
    assert not np.allclose(statics(many)["lifetime_value"], statics(until)["lifetime_value"])


def test_weights_are_multiplicities_of_customers(many: MadeSales) -> None:
    own = counted(many)
    pd.testing.assert_frame_equal(market_frame(own, customers=np.ones(len(own.customers))), market_frame(own))
    drawn = own.drawn(np.random.default_rng(5))
    assert (pd.Series(drawn).groupby(own.customers["market"]).agg(["sum", "size"]).diff(axis=1)["size"] == 0).all()
    # A customer drawn w times is w customers with all that they bought.
    lines = drawn_lines(1)
    times = pd.Series(drawn, index=own.customers["customer"]).reindex(lines["customer"]).to_numpy().astype(int)
    copies = lines.loc[lines.index.repeat(times)]
    copy = copies.groupby(level=0).cumcount()
    copies = copies.assign(customer=copies["customer"] + 10**6 * copy, order=copies["order"] + 10**6 * copy)
    again = made(copies, "2023-12-31", ("2021-01-01", "2023-12-01"))
    pd.testing.assert_frame_equal(panel(own, customers=drawn).table, panel(again).table)
    pd.testing.assert_frame_equal(statics(own, customers=drawn), statics(again))


def test_a_draw_of_customers_costs_little(many: MadeSales) -> None:
    own = counted(many)
    drawn = own.drawn(np.random.default_rng(5))
    taken = []
    for _ in range(10):
        start = time.process_time()
        market_frame(own, customers=drawn)
        taken.append(time.process_time() - start)
    assert min(taken) < 0.1  # a hundredth of a second where nothing else runs


def test_series_features_find_what_was_planted() -> None:
    t = np.arange(36)
    season = np.exp(0.3 * np.sin(2 * np.pi * t / 12))
    noise = np.random.default_rng(3).normal(0, 0.1, (2000, 36))
    found = series_features(moving(np.vstack([1000 * np.exp(0.2 * t / 12), 1000 * season, np.full(36, 500.0)])))
    # One hundredth of the mean is added before logarithms are taken, which flattens slopes by about so much.
    assert found.loc["m0", "trend"] == pytest.approx(0.2, rel=0.02)
    assert found.loc["m0", "growth"] == pytest.approx(0.2, rel=0.02)
    assert found.loc["m0", "curvature"] == pytest.approx(0, abs=0.01)
    assert found.loc["m0", "order_value_trend"] == pytest.approx(0.2, rel=0.02)
    assert found["seasonality"].tolist()[1:] == pytest.approx([1.0, 0.0], abs=1e-3)
    assert found.loc["m2"].drop("level").tolist() == pytest.approx([0] * 7, abs=1e-9)
    assert found["level"].tolist()[2] == pytest.approx(np.log1p(500))
    lots = series_features(moving(1000 * np.exp(noise)))
    assert lots["seasonality"].median() < 0.1  # without the degrees of freedom it would be a third
    assert lots["volatility"].mean() == pytest.approx(0.1 * np.sqrt(2), rel=0.05)
    assert lots["autocorrelation"].mean() == pytest.approx(-2.5 / 36, abs=0.03)


def test_a_change_of_trend_is_the_difference_of_two_slopes() -> None:
    t = np.arange(24) / 12
    found = series_features(moving(np.exp(np.where(t < 1, t, 2 - t))[None] * 100))
    assert found["curvature"].tolist() == pytest.approx([-2], rel=0.02)


def test_less_than_two_years_tell_of_no_season_and_no_growth() -> None:
    found = series_features(moving(np.random.default_rng(1).lognormal(size=(3, 23))))
    assert found[["seasonality", "growth"]].isna().all().all()
    assert not found.drop(columns=["seasonality", "growth"]).isna().any().any()


def test_a_market_without_sales_has_features(small: MadeSales) -> None:
    found = series_features(moving(np.vstack([np.zeros(30), np.ones(30)])))
    assert np.isfinite(found.to_numpy()).all()


def test_constant_features_are_told_and_take_no_part(many: MadeSales) -> None:
    table = market_features(many, SETTINGS)  # type: ignore[arg-type]
    constant = table.table.set_index("feature").query("block == 'constant'").index
    assert list(constant) == ["product_lines", "subcategories"]
    assert list(table.blocks) == ["series", "structure"] and not set(constant) & set(table.model_frame)
    assert table.labels["channel_1"] == "shop share"
    assert set(table.frame.index) == set(many.markets.index)


def test_the_order_of_rows_and_markets_changes_nothing(small: MadeSales) -> None:
    turned = MadeSales(
        *(f.iloc[::-1] for f in (small.cells, small.kinds, small.spend, small.markets)), small.as_of, small.months
    )
    a, b = (market_features(s, SETTINGS) for s in (small, turned))  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(a.frame, b.frame)
    assert a.fingerprint == b.fingerprint


needs_file = pytest.mark.skipif(not FOLDER.is_dir(), reason="SEGKIT_DATA names no folder with adventureworks")


@pytest.mark.real
@needs_file
def test_published_tiers_and_revenue_are_found() -> None:
    own = counted(adventureworks("2014-06-30"))
    number = own.customers["market"][own.known].value_counts()
    tiers = statics(own)[["platinum", "gold", "silver"]].mul(number, axis=0).sum().round()
    assert tiers.tolist() == [3988, 2184, 2560] and number.sum() - tiers.sum() == 10387
    revenue = statics(own)["lifetime_value"] * number / 1000
    assert revenue.round().to_dict() == {
        "Northwest": 16085, "Northeast": 6939, "Central": 7909, "Southwest": 24185, "Southeast": 7880, "Canada": 16356,
        "France": 7252, "Germany": 4878, "Australia": 10655, "United Kingdom": 7671,
    }  # fmt: skip


@pytest.mark.real
@needs_file
def test_published_growth_explodes_and_product_lines_are_constant() -> None:
    own = counted(adventureworks())
    known, ours = (panel(own, growth=g).wide("revenue_growth").to_numpy() for g in ("published", "log"))
    table = market_features(own, SETTINGS)  # type: ignore[arg-type]
    assert [c.name for c in table.columns if c.block == "constant"] == ["product_lines"]
    assert (table.frame["product_lines"] == 4).all()
    # A month without any sales makes it millions of millions; after one of 131 in place of 250,000 it is 2,000 and more.
    assert known.max() > 1e10 and 2000 < known[own.markets.get_loc("Central"), -1] < 3000
    assert np.abs(ours).max() < np.log(1 + 100 * 4)
