"""The file of the e-mail experiment is read in its types, and a simulated one has the published rates and the planted effects.

Expected rates are those that Hillstrom's file has by arm and channel, to four digits; effects are the planted ones. Four standard
errors are allowed for, which all of about 40 comparisons pass with a probability of 0.997 if the simulation is right; the seed is
fixed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segkit.data.experiment import ARMS, COLUMNS, load_experiment
from segkit.data.simulate.experiment import SimulatedExperiment, simulate_experiment
from segkit.errors import ColumnError, InputError

HEADER = "recency,history_segment,history,mens,womens,zip_code,newbie,channel,segment,visit,conversion,spend"
MADE_UP = [  # in the form of the published file
    "10,2) $100 - $200,142.44,1,0,Surburban,0,Phone,Womens E-Mail,0,0,0",
    "6,3) $200 - $350,329.08,1,1,Rural,1,Web,No E-Mail,1,0,0",
    '7,"6) $750 - $1,000",880.65,0,1,Urban,1,Multichannel,Mens E-Mail,1,1,29.99',
]
# Of the published file: visits and conversions, by channel, without an e-mail.
VISITS = {"Phone": 0.0872, "Web": 0.1189, "Multichannel": 0.1286}
BUYS = {"Phone": 0.0054, "Web": 0.0058, "Multichannel": 0.0069}
# By arm, of everyone: visits, conversions and mean dollars.
PUBLISHED = {
    "No E-Mail": (0.1062, 0.0057, 0.653), "Mens E-Mail": (0.1828, 0.0125, 1.423), "Womens E-Mail": (0.1514, 0.0088, 1.077),
}  # fmt: skip


def put(folder: Path, rows: list[str], header: str = HEADER) -> Path:
    path = folder / "own.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


@pytest.fixture(scope="module")
def made() -> SimulatedExperiment:
    return simulate_experiment()


@pytest.fixture(scope="module")
def read(made: SimulatedExperiment, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    path = tmp_path_factory.mktemp("experiment") / "hillstrom.csv"
    made.write_csv(path)
    return load_experiment(path)


def near(share: float, units: int) -> object:
    return pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / units) + 0.00005)


# --- the loader -----------------------------------------------------------------------------------------------------


def test_columns_have_their_types(tmp_path: Path) -> None:
    found = load_experiment(put(tmp_path, MADE_UP))
    assert list(found) == HEADER.split(",") == list(COLUMNS)
    assert found["history_segment"].tolist() == ["2) $100 - $200", "3) $200 - $350", "6) $750 - $1,000"]
    assert found["channel"].tolist() == ["Phone", "Web", "Multichannel"] and found["history"].tolist() == [
        142.44,
        329.08,
        880.65,
    ]
    assert found["visit"].tolist() == [0, 1, 1] and found["spend"].tolist() == [0, 0, 29.99]
    kinds = {name: found[name].dtype.kind for name in COLUMNS}
    assert {n for n, k in kinds.items() if k == "i"} == {"recency", "mens", "womens", "newbie", "visit", "conversion"}
    assert {n for n, k in kinds.items() if k == "f"} == {"history", "spend"}


@pytest.mark.parametrize(
    ("cell", "by", "column", "what"),
    [
        ("Womens E-Mail", "Letters", "segment", "not Mens E-Mail or No E-Mail or Womens E-Mail"),
        ("Phone", "Fax", "channel", "not Phone or Web or Multichannel"),
        ("Surburban", "", "zip_code", "a cell is empty"),
        ("142.44", "a lot", "history", "no amount of dollars"),
        ("142.44", "-1", "history", "no amount of dollars"),
        ("142.44", "inf", "history", "no amount of dollars"),
        ("10,2)", "1.5,2)", "recency", "no whole number of months"),
        ("10,2)", ",2)", "recency", "no whole number of months"),
        ("1,0,Sur", "2,0,Sur", "mens", "neither 0 nor 1"),
        ("0,0,0", "0,1,5", "conversion", "has not visited"),
        ("0,0,0", "1,0,5", "spend", "paid without a conversion"),
        ("0,0,0", "1,1,0", "spend", "paid without a conversion"),
    ],
)
def test_a_cell_that_cannot_be_is_one_clear_error(tmp_path: Path, cell: str, by: str, column: str, what: str) -> None:
    assert cell in MADE_UP[0]
    path = put(tmp_path, [*MADE_UP[1:], MADE_UP[0].replace(cell, by)])
    with pytest.raises(InputError, match=what) as caught:
        load_experiment(path)
    assert (caught.value.column, caught.value.rows, caught.value.count) == (column, (4,), 1)
    assert str(path) in str(caught.value) and "hillstrom.csv" in caught.value.remedy


def test_a_lacking_column_and_a_lacking_arm_are_named(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match="lacks 1 of its 12 columns") as caught:
        load_experiment(put(tmp_path, MADE_UP, HEADER.replace("channel", "way")))
    assert caught.value.column == "channel"
    with pytest.raises(InputError, match='no customer is of the arm "Womens E-Mail"'):
        load_experiment(put(tmp_path, MADE_UP[1:]))


# --- the simulation --------------------------------------------------------------------------------------------------


def test_rates_by_arm_are_the_published_ones(read: pd.DataFrame) -> None:
    assert len(read) == 64_000 and set(read["segment"]) == set(ARMS)
    for arm, (visit, buys, dollars) in PUBLISHED.items():
        own = read[read["segment"] == arm]
        assert len(own) / 64_000 == near(1 / 3, 64_000)
        assert own["visit"].mean() == near(visit, len(own)) and own["conversion"].mean() == near(buys, len(own))
        assert own["spend"].mean() == pytest.approx(dollars, abs=4 * own["spend"].sem())


@pytest.mark.parametrize(("channel", "share"), [("Phone", 0.4378), ("Web", 0.4409), ("Multichannel", 0.1213)])
def test_rates_and_the_past_by_channel_are_the_published_ones(read: pd.DataFrame, channel: str, share: float) -> None:
    own = read[read["channel"] == channel]
    untreated = own[own["segment"] == "No E-Mail"]
    assert len(own) / 64_000 == near(share, 64_000)
    assert untreated["visit"].mean() == near(VISITS[channel], len(untreated))
    assert untreated["conversion"].mean() == near(BUYS[channel], len(untreated))
    past = {"Phone": (202.8, 131.4), "Web": (204.4, 131.7), "Multichannel": (521.0, 450.1)}[channel]
    assert (own["history"].mean(), own["history"].median()) == pytest.approx(past, rel=0.05)


@pytest.mark.parametrize("outcome", ["visit", "conversion"])
def test_effects_are_the_planted_ones_in_every_channel(
    made: SimulatedExperiment, read: pd.DataFrame, outcome: str
) -> None:
    for channel in (*VISITS, None):
        here = read if channel is None else read[read["channel"] == channel]
        rest = here.loc[here["segment"] == "No E-Mail", outcome]
        for arm, effects in made.true.items():
            sent = here.loc[here["segment"] == arm, outcome]
            error = np.hypot(sent.sem(), rest.sem())
            assert sent.mean() - rest.mean() == pytest.approx(effects[outcome], abs=4 * error), (arm, channel)
    # And the raw difference of channels is far from nothing, though no channel does anything.
    gap = made.untreated["Multichannel"]["visit"] - made.untreated["Phone"]["visit"]
    assert gap == pytest.approx(VISITS["Multichannel"] - VISITS["Phone"], abs=0.001)


def test_arms_are_drawn_by_lot_and_channels_are_not(read: pd.DataFrame) -> None:
    past = read["history"]
    arms = [past[read["segment"] == arm] for arm in ARMS]
    assert abs(arms[0].mean() - arms[1].mean()) < 4 * np.hypot(arms[0].sem(), arms[1].sem())
    both, phone = (past[read["channel"] == name] for name in ("Multichannel", "Phone"))
    assert both.mean() - phone.mean() > 50 * np.hypot(both.sem(), phone.sem())


def test_cells_agree_with_each_other(made: SimulatedExperiment, read: pd.DataFrame) -> None:
    assert ((read["mens"] == 1) | (read["womens"] == 1)).all() and read["recency"].between(1, 12).all()
    highest = read.groupby("history_segment")["history"].max()
    assert (highest.to_numpy()[:-1] < [100, 200, 350, 500, 750, 1_000]).all() and len(highest) == 7
    assert read.loc[read["conversion"] == 1, "spend"].between(29.99, 499).all()
    assert (made.truth.to_numpy() == read["channel"]).all() and made.truth.index[0] == 2


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        simulate_experiment(5, rows=500).write_csv(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert not simulate_experiment(6, rows=500).frame.equals(simulate_experiment(5, rows=500).frame)
