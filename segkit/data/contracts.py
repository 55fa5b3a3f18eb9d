"""The contract of the typed table of events, as a schema."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from ..contract import CALLS, Contract
from ..errors import SegkitError
from .dates import FIRST_YEAR, LAST_YEAR, LONGEST

if TYPE_CHECKING:  # half a second to import, which pages that only read results need not spend
    import pandera.pandas as pandera

UNIT = r"[0-9a-f]{12}"
ARROW = pa.schema(
    [
        pa.field("unit", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("started_at", pa.timestamp("us"), nullable=False),
        pa.field("amount", pa.int64(), nullable=False),
        pa.field("category", pa.dictionary(pa.int32(), pa.string())),
    ]
)


def _keyed(units: pd.Series) -> bool:
    """Look at each distinct name once, however many events it has."""
    return bool(units.cat.categories.astype("str").str.fullmatch(UNIT).all())


def _filled(words: pd.Series) -> bool:
    """Hold for words without surrounding blanks: a category of nothing is a null, not a text."""
    texts = words.cat.categories.astype("str")
    return bool(((texts != "") & (texts == texts.str.strip())).all())


@functools.cache
def schema(contract: Contract) -> pandera.DataFrameSchema:
    """Return the schema of the typed table of events. Money may add up to anything; no call lasts longer than a day."""
    import pandera.pandas as pandera

    least_and_most = pandera.Check.ge(0) if contract.money else pandera.Check.in_range(0, LONGEST)
    return pandera.DataFrameSchema(
        {
            "unit": pandera.Column("category", pandera.Check(_keyed, name="unit is a keyed name"), nullable=False),
            "started_at": pandera.Column(
                "datetime64[us]",
                pandera.Check.in_range(
                    pd.Timestamp(FIRST_YEAR, 1, 1) - pd.Timedelta(days=1),
                    pd.Timestamp(LAST_YEAR + 1, 1, 1) + pd.Timedelta(days=1),  # a time zone may move an event by a day
                ),
                nullable=False,
            ),
            "amount": pandera.Column("int64", least_and_most, nullable=False),
            "category": pandera.Column("category", pandera.Check(_filled, name="category has a text"), nullable=True),
        },
        checks=pandera.Check(lambda events: bool(events["started_at"].is_monotonic_increasing), name="sorted by time"),
        strict=True,
        ordered=True,
    )


def validate(events: pa.Table, contract: Contract = CALLS) -> pa.Table:
    """Return a table of events that meets the contract, with the Arrow types of :data:`ARROW`.

    Parameters
    ----------
    events : pyarrow.Table
        One row per event: ``unit`` (keyed name), ``started_at`` (local clock), ``amount`` (seconds, cents), ``category``.
    contract : Contract
        What the events are.

    Raises
    ------
    SegkitError
        The table breaks the contract. That is a fault of the loader, not of the file; the message quotes no cell.
    """
    from pandera.errors import SchemaErrors

    broken: list[str] = []
    if events.schema.remove_metadata() != ARROW:
        broken.append("types")
    else:
        try:
            schema(contract).validate(events.to_pandas(), lazy=True)
        except SchemaErrors as error:  # its text quotes cells, so only the names of checks go on
            cases = error.failure_cases[["column", "check"]].drop_duplicates()
            broken += [f"{column}: {check}" for column, check in cases.itertuples(index=False)]
    if broken:
        raise SegkitError(
            f"the table of events breaks its contract ({'; '.join(broken)})",
            remedy="This is a fault of segkit, not of the file. Please report it, without the data.",
        )
    return events
