"""Features of units that a warehouse or a cluster computes: the events stay there, and one row per unit comes here."""

from __future__ import annotations

import warnings
from dataclasses import replace
from datetime import datetime

from pydantic import SecretStr

from ..config import EventSettings
from ..data.typed_events import typed_events
from .events import features_of
from .measures import Measures
from .table import FeatureTable, canonical_order


def warehouse_features(
    address: SecretStr,
    settings: EventSettings,
    measures: Measures,
    *,
    key: bytes,
    as_of: datetime | None = None,
    large: float | None = None,
) -> FeatureTable:
    """Compute the features of every unit of a table where it lies.

    Parameters
    ----------
    address : SecretStr
        ``postgres://host/database?table=calls``, ``spark://master:7077?table=log.calls``, or another that Ibis connects to
        and whose engine has exact quantiles.
    settings : EventSettings
        Of calls or purchases. Moments must be timestamps without a time zone, and lengths or amounts numbers.
    measures : Measures
    key : bytes
        The secret under which units are keyed; the distinct identifiers come here for that, and nothing keyed goes back but
        where numbers are folded. Of purchases, the lines of customers with returns come here, too.
    as_of, large
        As for `events.event_features`.

    Returns
    -------
    FeatureTable
        That of `events.event_features`, up to the rounding of the engine's means, without shares of categories.

    Raises
    ------
    ConfigError, ColumnError, InputError
        As from `typed_events.typed_events`.

    Warns
    -----
    UserWarning
        Rows of withheld numbers take no part, unless the settings keep them as one unit.
    """
    with typed_events(address.get_secret_value(), settings, key) as typed:
        found = features_of(typed.events, settings, measures, as_of=as_of, large=large)
        if aside := typed.left_out.get("withheld"):
            warnings.warn(f"rows of withheld numbers take no part: {aside:,}", stacklevel=2)
        frame = found.frame.set_axis(typed.keyed(found.frame.index), axis=0).rename_axis("unit")
    return replace(found, frame=canonical_order(frame))
