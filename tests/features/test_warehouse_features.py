"""Features that a warehouse computes are those of the loaded log, and rows that cannot be used are counted there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest
from made_calls import business
from made_orders import bought, orders
from postgres import PASSWORD, fill
from pydantic import SecretStr

from segkit.config import Contacts
from segkit.data.events import load_events
from segkit.data.simulate.calls import simulate_calls
from segkit.data.typed_events import typed_events
from segkit.errors import ColumnError, InputError
from segkit.features.events import event_features
from segkit.features.table import FeatureTable
from segkit.features.warehouse import warehouse_features
from segkit.studies.contacts import CALLS as MEASURES
from segkit.studies.customers import PURCHASED

pytest_plugins = ["postgres"]

KEY = b"a key for tests, of no other use"
ROWS = 3_000
TYPES = {"started": "timestamp", "seconds": "integer", "halves": "double precision", "who": "bigint"}


def asked(gates: dict[str, str] | None = None, duration: str = "seconds", **form: Any) -> Contacts:
    columns = {"date": "started", "duration": duration, "contact": "who"}
    of = {"columns": columns, "gates": gates or {}, "format": {"date_order": "year-month-day", **form}}
    return Contacts.model_validate({**business().model_dump(exclude={"columns", "gates", "format"}), **of})


def simulated_rows() -> pd.DataFrame:
    """Return the last calls of the simulation, with moments in one column."""
    frame = simulate_calls().frame.tail(ROWS).reset_index(drop=True)
    when = frame["date_stamp"].astype(str) + " " + frame["time"].astype(str)
    return pd.DataFrame(
        {
            "started": pd.to_datetime(when, format="%m/%d/%Y %H:%M:%S").astype(str),
            "seconds": frame["duration_in_seconds"].astype(int),
            "halves": frame["duration_in_seconds"].astype(int) + 0.5,
            "who": frame["dialled_phone_number"].astype(int),
        }
    )


def there(address: str, of: Contacts) -> FeatureTable:
    return warehouse_features(SecretStr(f"{address}?table=tel.calls"), of, MEASURES, key=KEY)


def here(path: Path, rows: pd.DataFrame, of: Contacts) -> FeatureTable:
    rows.to_csv(path, index=False)
    return event_features(load_events(path, of, key=KEY), of, MEASURES)


def alike(found: FeatureTable, expected: FeatureTable) -> None:
    assert found.as_of == expected.as_of and found.thresholds == pytest.approx(expected.thresholds, rel=1e-12)
    order = expected.frame.index
    pd.testing.assert_frame_equal(found.frame.loc[order], expected.frame, rtol=1e-12, atol=1e-12)
    assert len(found.frame) == len(order) > 100 and found.columns == expected.columns


@pytest.mark.parametrize("duration", ["seconds", "halves"])
def test_engines_give_the_features_of_the_loaded_log(address: str, tmp_path: Path, duration: str) -> None:
    rows, of = simulated_rows(), asked(duration=duration)
    fill(address, {"calls": rows}, "tel", **TYPES)
    expected = here(tmp_path / "calls.csv", rows, of)
    alike(there(address, of), expected)
    made = ibis.duckdb.connect(tmp_path / "log.duckdb")
    made.con.execute("CREATE SCHEMA tel")
    made.create_table("calls", rows.assign(started=pd.to_datetime(rows["started"])), database="tel")
    made.disconnect()
    alike(there(f"duckdb://{tmp_path}/log.duckdb", of), expected)


def test_ways_to_write_a_number_are_one_before_anything_is_counted(address: str, tmp_path: Path) -> None:
    rows = simulated_rows()
    rows["who"] = "0" + rows["who"].astype(str)
    rows.loc[::2, "who"] = "+27" + rows.loc[::2, "who"].str[1:]
    fill(address, {"calls": rows}, "tel", **{**TYPES, "who": "text"})
    of = asked(normalise_numbers=True)
    expected = here(tmp_path / "calls.csv", rows, of)
    alike(there(address, of), expected)
    assert len(expected.frame) < rows["who"].nunique()


def test_rows_that_cannot_be_used_stop_or_are_left_out_and_counted(address: str, tmp_path: Path) -> None:
    rows = simulated_rows().astype(object)
    rows.loc[0, "who"], rows.loc[1, "started"], rows.loc[2:4, "seconds"] = None, None, -1
    fill(address, {"calls": rows}, "tel", **TYPES)
    with pytest.raises(InputError, match="no value that can be used") as stopped:
        there(address, asked())
    assert stopped.value.column == "who" and "1 row has" in str(stopped.value) and PASSWORD not in str(stopped.value)
    gates = dict.fromkeys(("missing", "timestamp", "duration"), "quarantine")
    with typed_events(f"{address}?table=tel.calls", asked(gates), KEY) as typed:
        assert typed.left_out == {"missing": 1, "timestamp": 1, "duration": 3}
        assert str(rows["who"].iloc[9]) not in repr(typed)
    rows.loc[7:9, "halves"] = ["NaN", "Infinity", "-0.25"]
    fill(address, {"calls": rows}, "tel", **TYPES)
    with typed_events(f"{address}?table=tel.calls", asked(gates, "halves"), KEY) as typed:
        assert typed.left_out == {"missing": 1, "timestamp": 1, "duration": 3}
    alike(there(address, asked(gates)), here(tmp_path / "calls.csv", rows.drop(range(5)), asked()))


@pytest.mark.parametrize("rule", ["aside", "group"])
def test_withheld_numbers_are_set_aside_and_told_or_kept_as_one(address: str, tmp_path: Path, rule: str) -> None:
    rows = simulated_rows().assign(who=lambda r: r["who"].astype(str))
    rows.loc[::100, "who"] = ["Anonymous", " número privado "] * (len(rows) // 200)
    fill(address, {"calls": rows}, "tel", **{**TYPES, "who": "text"})
    of = asked(withheld=rule)
    if rule == "aside":
        with pytest.warns(UserWarning, match=f"take no part: {len(rows) // 100}"):
            found = there(address, of)
    else:
        found = there(address, of)
    alike(found, here(tmp_path / "calls.csv", rows, of))
    assert len(found.frame) == rows["who"].nunique() - (1 if rule == "group" else 2)


def test_what_only_the_loader_can_read_is_refused(address: str) -> None:
    fill(address, {"calls": simulated_rows()}, "tel", started="text", seconds="integer")
    with pytest.raises(ColumnError, match="a timestamp without a time zone"):
        there(address, asked())
    for columns, role in (
        ({"duration": "seconds", "caller": "who", "called": "halves"}, "contact"),
        ({"end": "halves", "contact": "who"}, "duration"),
    ):
        of = Contacts.model_validate(
            {**asked().model_dump(exclude={"columns"}), "columns": {"date": "started", **columns}}
        )
        with pytest.raises(ColumnError, match=f"the {role} must stand in a column of its own"):
            there(address, of)
    fill(address, {"calls": simulated_rows()}, "tel", started="timestamp", seconds="text")
    with pytest.raises(ColumnError, match="must be numbers"):
        there(address, asked())


@pytest.mark.parametrize("returns", [False, True])
@pytest.mark.parametrize("purchase", ["row", "day", "order"])
def test_purchases_too(address: str, tmp_path: Path, purchase: str, returns: bool) -> None:
    rows, of = orders(), bought(purchase)
    if not returns:
        rows = rows[(rows["paid"] >= 0) & ~rows["number"].str.startswith("C")]
    rows.to_csv(tmp_path / "orders.csv", index=False)
    log = load_events(tmp_path / "orders.csv", of, key=KEY)
    assert log.audit.merged is not None and log.units > 100
    assert (log.audit.merged.returns > 90, log.audit.merged.returning_only) == (returns, int(returns))
    expected = event_features(log, of, PURCHASED)
    made = ibis.duckdb.connect(tmp_path / "log.duckdb")
    made.create_table("orders", rows.assign(placed=pd.to_datetime(rows["placed"])))
    made.disconnect()
    fill(address, {"orders": rows}, placed="timestamp", paid="numeric(12, 2)")
    for place in (f"duckdb://{tmp_path}/log.duckdb", address):
        alike(warehouse_features(SecretStr(f"{place}?table=orders"), of, PURCHASED, key=KEY), expected)
