"""Names of markets and numbers of customers, in place of the keys that the tables have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ..privacy import keyed_all
from ..text import flat
from .sale_queries import KINDS

if TYPE_CHECKING:
    from ..sale_settings import Markets


def published(
    frames: dict[str, pd.DataFrame], places: pd.DataFrame, settings: Markets, key: bytes
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame, tuple[str, ...]]:
    """Give markets their names and customers and kinds their numbers; return the frames, the markets, and those left out."""
    names, markets = _named(places, settings)
    here = {name: frame.assign(market=frame["market"].map(names)) for name, frame in frames.items()}
    sold = markets.index.isin(here["cells"]["market"])
    left_out = tuple(here["spend"]["market"][~here["spend"]["market"].isin(markets.index[sold])].unique())
    here["spend"] = here["spend"][~here["spend"]["market"].isin(left_out)]
    keyed = keyed_all(here["spend"]["customer"].unique(), key)
    rank = {name: code for code, name in enumerate(sorted(keyed.values()))}
    codes = {customer: rank[name] for customer, name in keyed.items()}
    for name, by in (("cells", 3), ("kinds", 5), ("spend", 3)):
        frame = here[name].assign(customer=here[name]["customer"].map(codes).astype("int64"))
        frame["market"] = frame["market"].astype("str")
        if name == "kinds":
            frame = frame.assign(**{role: _numbered(frame[role]) for role in KINDS})
        if name == "spend":
            frame["channel"] = frame["channel"].map(_each(frame["channel"])).astype("str").fillna("")
        columns = list(frame.columns)
        here[name] = frame.groupby(columns[:by], as_index=False).sum()[columns]
        if "month" in columns:
            here[name]["month"] = here[name]["month"].astype("datetime64[us]")
    return here, markets[sold], left_out


def _named(places: pd.DataFrame, settings: Markets) -> tuple[dict[str, str], pd.DataFrame]:
    """Return the name of each market by its key in the queries, and the frame of markets."""
    text = {role: places[role].fillna("").map(flat) for role in ("territory", "region", "country", "group")}
    name = text["region" if settings.market == "territory" else "country"]
    name = name.where(name != "", "(" + text["territory"] + ")")  # nothing of it can be seen
    if settings.market == "territory":
        for more in ("country", "territory"):  # what tells regions of one name apart
            name = name.where(~name.duplicated(keep=False), name + " (" + text[more] + ")")
    frame = pd.DataFrame({"market": name.astype("str"), **text}).sort_values(["market", "territory"], kind="stable")
    by = frame.groupby("market")
    markets = by.agg(country=("country", "first"), group=("group", "first"), territories=("territory", "size"))
    return dict(zip(places["territory" if settings.market == "territory" else "country"], name, strict=True)), markets


def _each(texts: pd.Series) -> dict[str, str]:
    """Return what each different text reads like, in one line of visible characters; nothing of what is empty."""
    return {text: read for text in texts.dropna().unique() if (read := flat(text))}


def _numbered(texts: pd.Series) -> pd.Series:
    """Number texts in the order of the alphabet; -1 where there is none."""
    read = _each(texts)
    number = {text: n for n, text in enumerate(sorted(set(read.values())))}
    return texts.map({text: number[name] for text, name in read.items()}).fillna(-1).astype("int64")
