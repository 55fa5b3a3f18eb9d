"""The simulated star schema is whole, its groups are found by what they differ in, and without groups there are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.cluster.vq import kmeans2
from scipy.stats import rankdata
from sklearn.metrics import adjusted_rand_score

from segkit.data.sales import load_sales
from segkit.data.simulate.sales import DECLINING, FIRST, GROWING, MONTHS, SEASONAL, SimulatedSales, simulate_sales
from segkit.sale_settings import Markets

KEY = b"a key for tests, of no other use"


@pytest.fixture(scope="module", params=(42, 1, 2))
def made(request: pytest.FixtureRequest) -> SimulatedSales:
    return simulate_sales(request.param)


def described(made: SimulatedSales) -> pd.DataFrame:
    """Return yearly trend, swing of the season, mean discount and revenue of a customer of each region; and its level."""
    fact = made.tables["fact_sale"].merge(made.tables["dim_territory"][["territory_key", "region"]])
    month = (pd.to_datetime(fact["order_date"]).dt.to_period("M") - pd.Period(FIRST)).map(lambda gap: gap.n)
    series = np.log(fact[month < MONTHS].groupby(["region", month])["revenue"].sum().unstack())
    slope = np.polyfit(np.arange(MONTHS), series.T, 1)[0]
    rest = series - np.outer(slope, np.arange(MONTHS))
    season = rest.T.groupby(np.arange(MONTHS) % 12).mean().std()
    by = fact.groupby("region")
    return pd.DataFrame(
        {
            "trend": pd.Series(12 * slope, index=series.index), "season": season, "discount": by["discount_pct"].mean(),
            "customer": np.log(by["revenue"].sum() / by["customer_key"].nunique()), "level": np.log(by["revenue"].sum()),
        }
    )  # fmt: skip


def test_the_tables_are_one_schema(made: SimulatedSales) -> None:
    fact = made.tables["fact_sale"]
    assert list(made.tables) == ["fact_sale", "dim_territory", "dim_product", "dim_special_offer", "dim_customer"]
    assert len(fact) == pytest.approx(33_000, rel=0.1) and len(made.truth) == 12
    for name, key in (
        ("dim_territory", "territory_key"),
        ("dim_product", "product_key"),
        ("dim_customer", "customer_key"),
    ):
        assert made.tables[name][key].is_unique and set(fact[key]) <= set(made.tables[name][key])
    assert not fact.duplicated(["sales_order_number", "sales_order_line_number"]).any()
    assert (
        fact.groupby("sales_order_number")[["customer_key", "territory_key", "order_date"]]
        .nunique()
        .eq(1)
        .all(axis=None)
    )
    assert (
        fact["revenue"] - fact["order_quantity"] * fact["unit_price"] * (1 - fact["discount_pct"])
    ).abs().max() < 0.0051
    assert fact.groupby("customer_key")["sales_order_number"].nunique().median() >= 3
    assert fact.groupby("customer_key")["territory_key"].nunique().max() == 1


def test_groups_are_found_by_what_they_differ_in_and_not_by_size(made: SimulatedSales) -> None:
    table = described(made).loc[made.truth.index]
    z = ((table - table.mean()) / table.std()).drop(columns="level")
    labels = kmeans2(z.to_numpy(), 3, seed=1, minit="++")[1]
    assert adjusted_rand_score(made.truth, labels) == 1
    thirds = np.digitize(rankdata(table["level"]), [4.5, 8.5])
    assert adjusted_rand_score(made.truth, thirds) < 0.5
    mean = table.groupby(made.truth).mean()
    assert mean["trend"].idxmax() == GROWING and mean["trend"].idxmin() == DECLINING
    assert mean["season"].idxmax() == SEASONAL and mean["discount"].idxmax() == DECLINING


def test_without_groups_territories_differ_in_size_alone() -> None:
    table, planted = described(simulate_sales(42, groups=False)), described(simulate_sales(42))
    assert (table.std() < planted.std() / 2).drop("level").all() and table["level"].std() > 0.4
    assert simulate_sales(42, groups=False).truth.nunique() == 1


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        simulate_sales(5).write_csv(tmp_path / name)
    files = sorted(at.name for at in (tmp_path / "a").iterdir())
    assert files == sorted(f"{name}.csv" for name in simulate_sales(5).tables)
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in files)
    assert not simulate_sales(6).tables["fact_sale"].equals(simulate_sales(5).tables["fact_sale"])


@pytest.mark.parametrize("market", ["territory", "country"])
def test_the_loader_reads_it_whole(tmp_path: Path, market: str) -> None:
    made = simulate_sales()
    made.write_csv(tmp_path / "tables")
    found = load_sales(tmp_path / "tables", Markets.model_validate({"market": market}), key=KEY)
    fact = made.tables["fact_sale"]
    assert found.totals["lines"] == len(fact) and found.totals["revenue"] == pytest.approx(fact["revenue"].sum())
    assert found.set_aside == () and len(found.months) == MONTHS and len(found.dropped) == 1  # nine days of a month
    names = made.truth.index if market == "territory" else made.tables["dim_territory"]["country"]
    assert set(found.markets.index) == set(names)
    assert found.cells.groupby(["market", "month"]).size().unstack().notna().all(axis=None)
