"""Simulated messages have the published margins, what is planted in them is there, and without segments nothing is.

Published figures are those of one week of one service. Means over eight seeds are within four standard errors of them; standard
deviations over seeds are bounded as well, so that no bound is wide by itself. Seeds are fixed.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency

from segkit.data.registry import COLLEGE, MESSAGES, simulator
from segkit.data.simulate.college import BURSTY, SLOW, SimulatedCollege, simulate_college
from segkit.data.simulate.message_rhythm import HABITS
from segkit.data.simulate.message_words import CUES, TRAPS
from segkit.data.simulate.messages import SimulatedMessages, simulate_messages

SEEDS = range(42, 50)
COLUMNS = [
    "chatter_name",
    "model_name",
    "fan_message",
    "chatter_message",
    "price",
    "purchased",
    "fan_id",
    "datetime",
    "tips",
    "revenue",
]
MIDWEEK = "2025-09-04T12:00:00"


@pytest.fixture(scope="module")
def planted() -> list[SimulatedMessages]:
    return [simulate_messages(seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def alike() -> list[SimulatedMessages]:
    return [simulate_messages(seed, segments=False) for seed in SEEDS]


def pair(made: SimulatedMessages) -> pd.Series:
    return made.frame["fan_id"] + "\x1f" + made.frame["model_name"]


def times(made: SimulatedMessages) -> pd.Series:
    return pd.to_datetime(made.frame["datetime"])


def bought(made: SimulatedMessages) -> pd.Series:
    return made.frame["purchased"] == "True"


def gaps(made: SimulatedMessages) -> pd.Series:
    """Return hours since the row before of the same pair, at least a second."""
    return (times(made).groupby(pair(made)).diff() / pd.Timedelta(hours=1)).clip(lower=1 / 3_600)


def margins(made: SimulatedMessages) -> dict[str, float]:
    frame, who, sold = made.frame, pair(made), bought(made)
    revenue = frame["revenue"].astype(float)
    purchases = sold.groupby(who).sum()
    before, total = sold.groupby(who).cumsum() - sold, who.map(purchases)
    stage = np.where((total == 0) | (before == 0), 1, np.where(before < total, 2, 3))
    return {
        "most rows": who.value_counts().max(), "median rows": who.value_counts().median(),
        "conversations": who.nunique() + (gaps(made) > 4).sum(), "offers": (frame["price"] != "").sum(), "bought": sold.sum(),
        "top 10": revenue.groupby(frame["fan_id"]).sum().nlargest(10).sum() / revenue.sum(), "revenue": revenue.sum(),
        "buyers": (purchases > 0).sum(), "again": (purchases > 1).sum(), "empty": (frame["fan_message"] == "").mean(),
        **{f"stage {number}": (stage == number).sum() for number in (1, 2, 3)},
    }  # fmt: skip


def test_what_the_design_of_the_week_fixes(planted: list[SimulatedMessages], alike: list[SimulatedMessages]) -> None:
    for made in (*planted, *alike):
        frame = made.frame
        assert list(frame) == COLUMNS and len(frame) == 5_880 and (frame.dtypes == "str").all()
        assert (frame["fan_id"].nunique(), frame["model_name"].nunique(), frame["chatter_name"].nunique()) == (
            100,
            22,
            73,
        )
        assert pair(made).nunique() == 221 and round(len(frame) / 221, 1) == 26.6
        assert times(made).is_monotonic_increasing
        assert 6.8 < (times(made).max() - times(made).min()) / pd.Timedelta(days=1) <= 7


@pytest.mark.parametrize(
    ("margin", "published", "spread"),  # the last is the largest standard deviation over seeds, as a share of the published figure
    [
        ("median rows", 13, 0.1), ("most rows", 348, 0.2), ("conversations", 671, 0.08), ("offers", 334, 0.12),
        ("bought", 169, 0.2), ("revenue", 7_985.54, 0.01), ("top 10", 0.69, 0.15), ("buyers", 73, 0.06), ("again", 29, 0.1),
        ("stage 1", 3_227, 0.1), ("stage 2", 1_554, 0.25), ("stage 3", 1_099, 0.25), ("empty", 0.345, 0.03),
    ],
)  # fmt: skip
def test_margins_are_the_published_ones(
    planted: list[SimulatedMessages], margin: str, published: float, spread: float
) -> None:
    found = np.array([margins(made)[margin] for made in planted], dtype=float)
    assert found.std(ddof=1) < spread * published
    error = max(found.std(ddof=1) / np.sqrt(found.size), 0.002 * published)
    assert found.mean() == pytest.approx(published, abs=4 * error)


def test_revenue_adds_up_to_the_cent(planted: list[SimulatedMessages], alike: list[SimulatedMessages]) -> None:
    for made in (planted[0], alike[0]):
        frame = made.frame
        cents = {
            name: frame[name].replace("", "0.00").str.replace(".", "").astype(int)
            for name in ("price", "tips", "revenue")
        }
        assert (cents["revenue"] == cents["price"] * bought(made) + cents["tips"]).all()
        assert (frame.loc[bought(made), "price"] != "").all() and set(frame["purchased"]) == {"True", "False"}
        assert (frame.loc[frame["price"] != "", "chatter_message"] != "").all(), "an offer is a message of the account"
        assert ((frame["fan_message"] != "") | (frame["chatter_message"] != "")).all()


def test_gaps_are_two_laws_that_overlap(planted: list[SimulatedMessages]) -> None:
    for made in planted:
        session = made.hidden["session"].set_axis(made.frame.index)
        fresh = session.groupby(pair(made)).diff() > 0
        between, within = gaps(made)[fresh], gaps(made)[~fresh].dropna()
        assert 8 < between.median() < 24 and 2 / 60 < within.median() < 8 / 60
        assert np.log(within).std() > 1 and 0.5 < np.log(between).std() < 1.2
        assert 0.01 < (between <= 4).mean() < 0.2 and 0 < (within > between.quantile(0.02)).sum() < 40


def test_accounts_have_hours(planted: list[SimulatedMessages]) -> None:
    hour = pd.concat([times(made).dt.hour for made in planted])
    share = hour.value_counts(normalize=True)
    assert share[range(16, 22)].sum() > 1.5 * share[range(4, 10)].sum() and share.min() > 0.01


# --- what is planted ------------------------------------------------------------------------------------------------


def test_truths_are_of_the_pairs_and_subscribers_of_the_file(
    planted: list[SimulatedMessages], alike: list[SimulatedMessages]
) -> None:
    for made in (planted[0], alike[0]):
        assert made.truth.index.is_unique and set(made.truth.index) == set(pair(made)) == set(made.churn.index)
        assert set(made.profiles.index) == set(made.frame["fan_id"]) and list(made.profiles) == list(CUES)
        last = times(made).groupby(pair(made)).max()
        assert (made.churn["last"] == last.reindex(made.churn.index)).all()
        assert (made.hidden.index == np.arange(2, 5_882)).all()
    assert set(planted[0].truth) == set(HABITS) and set(alike[0].truth) == {"alike"}


def test_pairs_leave_with_the_planted_hazard(planted: list[SimulatedMessages]) -> None:
    """Each conversation is a trial: departures over trials estimate the hazard, whatever ends the observation."""
    for segment, habits in HABITS.items():
        for loyal in (False, True):
            hazard, left, trials = habits.leaves * (0.35 if loyal else 1), 0, 0
            for made in planted:
                own = made.churn[(made.truth == segment) & np.isclose(made.churn["hazard"], hazard)]
                left += own["left"].sum()
                talks = made.hidden["session"].groupby(pair(made).to_numpy()).max() + 1
                trials += talks.reindex(own.index).sum()
            assert trials > 50 and left / trials == pytest.approx(
                hazard, abs=4 * np.sqrt(hazard * (1 - hazard) / trials)
            )


def test_segments_differ_in_volume_money_and_pace(planted: list[SimulatedMessages]) -> None:
    parts = []
    for made in planted:
        who, sold = pair(made), bought(made)
        place = made.frame.groupby(who).cumcount() / who.map(who.value_counts())
        table = pd.DataFrame(
            {
                "segment": made.truth, "rows": who.value_counts(), "pause": gaps(made).groupby(who).median(),
                "bought": sold.groupby(who).sum(), "first": place[sold].groupby(who[sold]).min(),
            }
        )  # fmt: skip
        rows = table.groupby("segment")["rows"].median()
        assert rows["brief"] < rows["quick"] < rows["steady"] < rows["faithful"]
        parts.append(table)
    by = pd.concat(parts).groupby("segment")
    often = by["bought"].mean()
    assert often["faithful"] > 3 > 1 > often["quick"] > 2 * max(often["steady"], often["brief"])
    assert by["pause"].median().idxmin() == "quick" and by["first"].mean()["quick"] < 0.35


def later(runs: list[SimulatedMessages]) -> pd.DataFrame:
    """Return of each pair that wrote in the first half of the week: what it wrote, and whether it came back and bought."""
    parts = []
    for made in runs:
        late, who = times(made) >= MIDWEEK, pair(made)
        table = pd.DataFrame(
            {
                "length": np.log1p(made.frame["fan_message"].str.len().where(~late, 0).groupby(who).sum()),
                "back": late.groupby(who).any(), "buys": (bought(made) & late).groupby(who).any(),
            }
        )[(~late).groupby(who).any()]  # fmt: skip
        fan = table.index.str.split("\x1f").str[0]
        table["holds"] = (made.profiles.loc[fan, made.true["field"]] == made.true["value"]).to_numpy()
        parts.append(table)
    return pd.concat(parts).astype(float)


def residual_effect(table: pd.DataFrame, outcome: str) -> tuple[float, float]:
    """Return how much more often holders have an outcome, beyond what the length of their texts predicts, and its error."""
    x = np.column_stack([np.ones(len(table)), table["length"], table["length"] ** 2, table["holds"]])
    beta, rest, *_ = np.linalg.lstsq(x, table[outcome], rcond=None)
    error = np.sqrt(rest[0] / (len(x) - x.shape[1]) * np.linalg.inv(x.T @ x)[-1, -1])
    return float(beta[-1]), float(error)


def test_a_field_of_the_profile_predicts_what_length_does_not(
    planted: list[SimulatedMessages], alike: list[SimulatedMessages]
) -> None:
    table = later(planted)
    assert table["length"].corr(table["holds"]) < 0.15
    for outcome in ("back", "buys"):
        effect, error = residual_effect(table, outcome)
        assert effect > max(4 * error, 0.05)
        effect, error = residual_effect(later(alike), outcome)
        assert abs(effect) < 4 * error
    assert planted[0].true["leaving"] == 0.35 and alike[0].true["leaving"] == alike[0].true["odds"] == 1


def test_without_segments_pairs_differ_in_one_activity_alone(
    planted: list[SimulatedMessages], alike: list[SimulatedMessages]
) -> None:
    def pauses(runs: list[SimulatedMessages]) -> pd.Series:
        logs = [np.log(gaps(made)[gaps(made) < 2]).groupby(pair(made)).agg(["mean", "size"]) for made in runs]
        table = pd.concat(logs)
        return table.loc[table["size"] >= 20, "mean"]

    # The mean of 20 or more log pauses of one law: a factor of its own (0.3) and sampling (at most 1.2 / sqrt(20)).
    assert pauses(alike).std() < np.hypot(0.3, 1.2 / np.sqrt(20)) < pauses(planted).std()
    for made in alike:
        assert np.log(pair(made).value_counts()).skew() == pytest.approx(0, abs=4 * np.sqrt(6 / 221))
        assert made.churn["hazard"].nunique() == 1


def test_topics_tell_a_little_of_segments(planted: list[SimulatedMessages]) -> None:
    for made in planted:
        talks = made.hidden.assign(pair=pair(made).to_numpy()).drop_duplicates(["pair", "session"])
        table = pd.crosstab(talks["pair"].map(made.truth), talks["topic"])
        assert chi2_contingency(table).pvalue < 1e-4
        assert (table.max() / table.sum()).mean() < 0.65, "no topic is a segment's own"


# --- what is written ------------------------------------------------------------------------------------------------


def test_texts_say_the_fields_that_are_planted_and_no_others(planted: list[SimulatedMessages]) -> None:
    made = planted[0]
    texts = made.frame["fan_message"].str.lower().groupby(made.frame["fan_id"]).agg(" ".join)
    for field, values in CUES.items():
        for value, ways in values.items():
            found = sum(texts.str.contains(way.lower(), regex=False) for way in ways.split("|")) > 0
            assert (found == (made.profiles[field] == value)).all(), (field, value)
    assert ((made.profiles != "").mean() > 0.45).all() and ((made.profiles != "").mean() < 0.85).all()
    everything = " ".join(texts)
    assert sum(trap.lower() in everything for trap in TRAPS) >= 10


def test_identifiers_are_where_they_were_hidden_and_belong_to_nobody(planted: list[SimulatedMessages]) -> None:
    patterns = {"email": r"[\w.]+@example\.com\b", "phone": r"\b202-555-01\d\d\b", "url": r"https://www\.example\.org/\S+",
                "handle": r"(?<![\w.])@\w+"}  # fmt: skip
    for made in planted:
        texts = made.frame["fan_message"].set_axis(made.hidden.index)
        for kind, pattern in patterns.items():
            found = texts.str.contains(pattern, flags=re.I)
            assert (found == (made.hidden["identifier"] == kind)).all() and found.sum() >= 1
        assert not made.frame["chatter_message"].str.contains("@|https?:|555").any()


def test_accounts_press_nobody(planted: list[SimulatedMessages]) -> None:
    pressing = (
        r"\b(?:lonely|alone|sad|hurry|last chance|only today|tonight only|expires|miss(?:ing)? you|need you|now)\b"
    )
    for made in planted:
        assert not made.frame["chatter_message"].str.contains(pressing, flags=re.I).any()


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        simulate_messages(5).write_csv(tmp_path / f"{name}.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    read = pd.read_csv(tmp_path / "a.csv", dtype="str", keep_default_na=False)
    assert read.equals(simulate_messages(5).frame) and not read.equals(simulate_messages(6).frame)


def test_it_grows_with_the_margins_of_a_pair() -> None:
    made = simulate_messages(1, subscribers=400)
    found, rows = margins(made), pair(made).value_counts()
    assert len(made.frame) == 4 * 5_880 and rows.size == 4 * 221 and made.frame["fan_id"].nunique() == 400
    assert made.frame["chatter_name"].nunique() == 4 * 73 and made.frame["model_name"].nunique() == 4 * 22
    assert found["median rows"] == pytest.approx(13, abs=1) and found["conversations"] == pytest.approx(
        4 * 671, rel=0.1
    )
    assert found["revenue"] == pytest.approx(4 * 7_985.54, rel=0.01)


# --- messages between students --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def college() -> list[SimulatedCollege]:
    return [simulate_college(seed) for seed in SEEDS]


def both(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(
        ["\x1f".join(sorted(map(str, one))) for one in zip(frame["sender"], frame["receiver"], strict=True)]
    )


def test_students_write_as_the_published_network_does(college: list[SimulatedCollege]) -> None:
    """Of the network: 4.32 rows a pair, of which 46.7 % write both ways; gaps have quartiles of 154, 1,195 and 38,089 s; 33.2 %
    of them are longer than four hours; the median row is of day 35. A tenth of it: 200 people, 6,000 rows."""
    for made in college:
        frame, who = made.frame, both(made.frame)
        gap = frame["unix_time"].groupby(who).diff().dropna()
        assert list(frame) == ["sender", "receiver", "unix_time"] and frame["unix_time"].is_monotonic_increasing
        assert (
            set(frame["sender"]) | set(frame["receiver"]) == set(range(1, 201))
            and (frame["sender"] != frame["receiver"]).all()
        )
        assert len(frame) == pytest.approx(6_000, rel=0.15) and who.value_counts().mean() == pytest.approx(
            4.32, rel=0.15
        )
        assert (frame.groupby(who)["sender"].nunique() == 2).mean() == pytest.approx(0.467, abs=0.05)
        assert np.log(gap.quantile([0.25, 0.5, 0.75])).to_numpy() == pytest.approx(
            np.log([154, 1_195, 38_089]), abs=0.8
        )
        assert (gap > 4 * 3_600).mean() == pytest.approx(0.332, abs=0.08)
        day = (frame["unix_time"] - 1_082_040_961) / 86_400
        assert day.min() >= 0 and day.max() <= 193 and day.median() == pytest.approx(35, abs=8)
        assert frame["sender"].value_counts().quantile(0.99) > 3 * frame["sender"].value_counts().median()


def test_bursts_are_where_they_were_planted(college: list[SimulatedCollege]) -> None:
    for made in college:
        who = both(made.frame)
        assert made.truth.index.is_unique and set(made.truth.index) == set(who)
        gap = made.frame["unix_time"].groupby(who).diff()
        by = (gap[gap.notna()] < 3_600).groupby(who.map(made.truth)).mean()
        assert by[BURSTY] > 0.6 and by[SLOW] < 0.3


def test_both_stand_in_for_their_datasets(tmp_path: Path) -> None:
    for dataset, function in ((MESSAGES, simulate_messages), (COLLEGE, simulate_college)):
        made = simulator(dataset)(42)
        made.write_csv(tmp_path / dataset.file_name)
        assert (tmp_path / dataset.file_name).stat().st_size > 50_000
        assert made.truth.equals(function(42).truth)
    assert simulate_college(5).frame.equals(simulate_college(5).frame)
