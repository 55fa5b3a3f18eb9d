"""Rules of the gate for logs of messages. A cell of fewer than five subscribers is small, however many pairs or messages it has."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ...disclosure import BASE, common, count, dominated, figures, in_steps, mean, share, total, whole
from ...errors import PrivacyError
from ...features.chat_audit import ChatAudit
from ...features.chat_history import history
from ...features.chat_stages import Prospective, StageCounts, at_risk
from ...features.splitting import Splitting
from ...inference.churn import Churn
from ...inference.moves import MoveRates
from ...inference.silence import Returns, gaps_of
from .core import coded, counts, day, release, rounded, rule
from .description import vague
from .rates import few
from .times import curve

HOURS = 6.0  # between the points of a curve
QUARTILES = {"25%": 0.25, "50%": 0.5, "75%": 0.75}


def held(values: pd.Series, subscribers: pd.Series) -> float:
    """Return a mean over units, missing where fewer than five subscribers, or mainly one of them, make it what it is."""
    told = mean(values.to_numpy(dtype=np.float64))
    by = values.groupby(subscribers.to_numpy()).sum().to_numpy(dtype=np.float64)
    return math.nan if (by != 0).sum() < BASE or dominated(by) else told


def hiding(frame: pd.DataFrame, columns: list[str], people: Iterable[int]) -> pd.DataFrame:
    """Return a table without cells of one to four people, who are counted by row."""
    out = frame.copy()
    out.loc[[0 < n < BASE for n in people], columns] = np.nan
    return out


@rule.register
def _audit(value: ChatAudit, exact: Any) -> ChatAudit:
    f, sizes = exact.messages.frame, exact.features.frame["messages"]
    of = exact.subscribers.reindex(sizes.index)
    of_day = f.groupby(f["time"].dt.normalize())["subscriber"].nunique().reindex(value.by_day.index)
    per_pair = {
        name: held(sizes, of) if name == "mean"
        else math.nan if name == "max"
        else common(float(found), sizes.to_numpy(dtype=np.float64), coded(of))
        for name, found in value.per_pair.items()
    }  # fmt: skip
    top = of[sizes.sort_values(ascending=False, kind="stable").index[: math.ceil(len(sizes) / 10)]]
    told: dict[str, Any] = {"staff": None if value.staff is None else whole(value.staff)}
    return replace(
        value, rows=total(value.rows), subscribers=total(value.subscribers), accounts=whole(value.accounts) or 0,
        pairs=total(value.pairs), first=day(value.first), last=day(value.last), as_of=day(value.as_of),
        per_pair=pd.Series(per_pair), by_day=count(value.by_day).mask(of_day.between(1, BASE - 1)),
        top_share=round(value.top_share, 2) if top.nunique() >= BASE else math.nan,
        blank=None if value.blank is None else round(value.blank, 2),
        money=None if value.money is None else _money(value.money, f),
        notes=tuple(vague(n) for n in value.notes), warnings=tuple(vague(n) for n in value.warnings), **told,
    )  # fmt: skip


def _money(value: dict[str, float], f: pd.DataFrame) -> dict[str, float]:
    bought, spent = f.loc[f["purchased"]], f.groupby("subscriber")["revenue"].sum()
    often = bought.groupby("pair")["subscriber"].agg(["size", "first"])
    who = {
        "offers": f.loc[(f["price"] > 0) | f["purchased"], "subscriber"], "bought": bought["subscriber"],
        "tips": f.loc[f["tips"].fillna(0) > 0, "subscriber"], "buying": often["first"],
        "again": often.loc[often["size"] >= 2, "first"],
    }  # fmt: skip
    out = {name: _counted(value[name], people.nunique()) for name, people in who.items()}
    amounts = spent.to_numpy(dtype=np.float64)
    hidden = 0 < (amounts != 0).sum() < BASE or dominated(amounts)
    return {**value, **out, "revenue": math.nan if hidden else figures(value["revenue"], 2)}


def _counted(n: float, people: int) -> float:
    """Return a count as it may be told, missing where it is of one to four people."""
    return math.nan if 0 < people < BASE else float(count(pd.Series([float(n)])).iloc[0])


@rule.register
def _splitting(value: Splitting, exact: Any) -> Splitting:
    t, m = value.table, value.mixture
    bought = t["with_purchase"] * t["conversations"]
    buyers = exact.audit.money["buying"] if exact.audit.money else 0.0
    parts = {"single": t["single"], "with_purchase": t["with_purchase"].mask((bought > 0) & (buyers < BASE))}
    told = counts(t, "conversations").assign(**{n: in_steps(v, t["conversations"]) for n, v in parts.items()})
    two: dict[str, Any] = {
        n: figures(getattr(m, n), 2) for n in ("hours", "short", "long", "weight", "evidence", "apart")
    }
    spread = (figures(m.spread[0], 2), figures(m.spread[1], 2))
    mixture = replace(m, **two, spread=spread, gaps=total(m.gaps), ties=whole(m.ties) or 0)
    agree = {"agreement": told["agreement"].round(2)}
    return replace(value, table=told.assign(**agree), moved=rounded(value.moved, {"correlation": 2}), mixture=mixture)


@rule.register
def _stage_counts(value: StageCounts, exact: Any) -> StageCounts:
    f = exact.messages.frame
    people = f.groupby(exact.stage)["subscriber"].nunique().reindex(value.table["stage"], fill_value=0)
    cells = ["rows", "pairs", "unknown"]
    table = hiding(counts(value.table, *cells), cells, people)
    money = _money(exact.audit.money, f)
    told: dict[str, Any] = {n: None if math.isnan(money[m]) else int(money[m])
                            for n, m in (("buyers", "buying"), ("again", "again"))}  # fmt: skip
    return replace(value, table=table, pairs=total(value.pairs), **told)


@rule.register
def _prospective(value: Prospective, exact: Any) -> Prospective:
    s, occupied = value.spells, value.occupation
    people = []
    for moment, state, silent in zip(occupied["moment"], occupied["state"], occupied["silent"], strict=True):
        began = s[s["start"] <= moment].groupby("pair", sort=False)[["state", "silent", "subscriber"]].last()
        people.append(began.loc[(began["state"] == state) & (began["silent"] == silent), "subscriber"].nunique())
    moments = pd.to_datetime(occupied["moment"]).dt.ceil("D")  # the last one is that of a message
    hidden = pd.Series(people, index=occupied.index, dtype="int64").between(1, BASE - 1)
    occupation = occupied.assign(moment=moments, pairs=count(occupied["pairs"]).mask(hidden))
    moves = counts(value.moves, "events", "pairs")
    moves["pair_days"] = few(value.moves["pair_days"], 2)
    made, risked = zip(*(_movers(s, row.move, row.state) for row in moves.itertuples()), strict=True)
    moves = hiding(hiding(moves, ["events", "pairs"], made), ["pair_days"], risked)
    return replace(value, spells=s.iloc[:0], occupation=occupation, moves=moves, as_of=value.as_of.ceil("D"))


def _movers(spells: pd.DataFrame, move: str, state: str) -> tuple[int, int]:
    """Return how many subscribers made a move, and how many could have."""
    risk = at_risk(spells, move, state)
    return (
        spells.loc[risk & (spells["move"] == move), "subscriber"].nunique(), spells.loc[risk, "subscriber"].nunique()
    )  # fmt: skip


@rule.register
def _moves(value: MoveRates, exact: Any) -> MoveRates:
    t = counts(value.table, "events", "subscribers")
    t["pair_days"] = few(value.table["pair_days"], 2)
    for name, to in (("low", np.floor), ("high", np.ceil)):
        t[name] = [_two(v, to) for v in value.table[name]]
    t["rate"] = (t["events"] / t["pair_days"].where(t["pair_days"] > 0)).map(
        lambda r: figures(r, 2), na_action="ignore"
    )
    t["low"], t["high"] = t[["low", "rate"]].min(axis=1), t[["high", "rate"]].max(axis=1)
    numbers = ["events", "pair_days", "rate", "low", "high"]
    t[numbers] = t[numbers].mask(t["subscribers"].isna() | value.table["rate"].isna())
    return replace(value, table=t)


def _two(value: float, to: Callable[[float], float]) -> float:
    """Round to two digits, in one direction."""
    if not value or not math.isfinite(value):
        return value
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    return figures(float(to(value / step)) * step, 2)


@rule.register
def _returns(value: Returns, exact: Any) -> Returns:
    m, t, ever = exact.messages, value.table, value.ever
    gaps = gaps_of(m.frame, m.as_of)
    left = {s: gaps.lasting(s) for s in ever["after"]}

    def small(after: float, within: float) -> bool:
        """Tell whether few subscribers came back, or few did not."""
        own = left[after]
        back = own.ended & (own.hours <= within)
        return any(0 < len(np.unique(own.subscriber[rows])) < BASE for rows in (back, ~back))

    told = counts(t, "silences", "subscribers", "returned")
    ends: dict[str, Any] = {
        "share": np.round,
        "greenwood_low": np.floor,
        "greenwood_high": np.ceil,
        "low": np.floor,
        "high": np.ceil,
    }
    for name, to in ends.items():
        told[name] = in_steps(t[name], t["silences"], to)
    hidden = pd.Series([small(s, w) for s, w in zip(t["after"], t["within"], strict=True)], index=t.index, dtype=bool)
    told.loc[hidden, ["returned", *ends]] = np.nan
    seen = counts(ever, "silences", "subscribers", "returned", "open")
    seen["share"] = share(ever["returned"], ever["silences"])
    seen.loc[[small(s, math.inf) for s in ever["after"]], ["returned", "open", "share"]] = np.nan
    shown = {s: curve(c, HOURS) for s, c in value.curves.items() if len(np.unique(left[s].subscriber)) >= BASE}
    return replace(value, table=told, ever=seen, curves=shown)


@rule.register
def _churn(value: Churn, exact: Any) -> Churn:
    t, c, s = value.table, value.comparisons, value.snapshots
    two = dict.fromkeys([n for n in t.columns if n != "forecast"], 2)
    gone = [_gone(exact.messages.frame, moment, value.params) for moment in s["moment"]]
    snapshots = counts(s, "pairs", "subscribers", "gone").assign(
        moment=s["moment"].map(day), share=share(s["gone"].astype("float64"), s["pairs"].astype("float64"))
    )
    snapshots = hiding(snapshots, ["gone", "share"], gone)
    return replace(
        value, table=rounded(t, two), comparisons=c.assign(**{n: few(c[n], 2) for n in ("difference", "low", "high")}),
        snapshots=snapshots, calibration=release(value.calibration, exact),
        coefficients=value.coefficients.assign(odds_ratio=few(value.coefficients["odds_ratio"], 2)), now=value.now.iloc[:0],
    )  # fmt: skip


def _gone(frame: pd.DataFrame, moment: pd.Timestamp, params: dict[str, Any]) -> int:
    """Return how many subscribers were asked about at a moment and did not come back."""
    begin, end = (
        int(frame["time"].searchsorted(m, side="right"))
        for m in (moment, moment + pd.Timedelta(hours=params["horizon"]))
    )
    asked = history(frame, moment, alive_hours=params["alive_hours"], recent=params["horizon"])
    return int(asked.loc[~asked.index.isin(frame["pair"].iloc[begin:end]), "subscriber"].nunique())


@rule.register
def _table(value: pd.DataFrame, exact: Any) -> pd.DataFrame:
    """Tell of conversations by what most of them have in common, and of agreements in two digits.

    Raises
    ------
    PrivacyError
        The table is another one.
    """
    columns = list(value.columns)
    if columns == ["hours", "ari"]:
        return value.assign(ari=np.floor(value["ari"] * 100 + 1e-9) / 100)
    if columns != ["what", "count", "mean", *QUARTILES, "max"]:
        raise PrivacyError("no rule says how this table of private data may be told",
                           remedy="Add one to segkit/studies/release.")  # fmt: skip
    own = exact.conversations_of
    rows = []
    for row in value.to_dict("records"):
        known = own[row["what"]].astype("float64").dropna()
        of = own.loc[known.index, "subscriber"]
        quartiles = {n: common(row[n], known.to_numpy(), coded(of)) for n in QUARTILES}
        n = math.nan if 0 < of.nunique() < BASE else row["count"]
        rows.append({**row, "count": n, "mean": held(known, of), **quartiles, "max": math.nan})
    return counts(pd.DataFrame(rows, columns=columns), "count")
