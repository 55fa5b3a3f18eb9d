"""Simulated contacts have the published margins of their cohort, and touches do to them what was planted.

Expected margins are the figures that the published report states; expected effects are the planted ones. Both are asked of
several seeds together. Four standard errors are allowed for: each bound fails a right simulation with a probability of 6e-5, so
that all of about 50 pass with 0.997; seeds are fixed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segkit.data.detectors import taxonomy
from segkit.data.simulate.prospect_cells import HISTORY, TRAP_SITES, TRAPS
from segkit.data.simulate.prospects import (
    COMBINATION,
    OFFLINE,
    PLATFORMS,
    SimulatedProspects,
    elapsed,
    simulate_prospects,
)

ROWS, SEEDS = 11_727, range(42, 46)
HEADERS = [
    "Record ID", "Broadcast Clicks", "LinkedIn Clicks", "Twitter Clicks", "Facebook Clicks", "Number of Sessions",
    "Number of Pageviews", "Number of Form Submissions", "Original Source", "Original Source Drill-Down 1",
    "Original Source Drill-Down 2", "Latest Traffic Source", "Last Referring Site", "Canal de adquisicion", "Likelihood to close",
    "Create Date", "Close Date", "Lifecycle Stage", "Contact owner", "Periodo de ingreso", "Time First Seen",
    "Date of first engagement",
]  # fmt: skip
TEXTS = ["Original Source", "Original Source Drill-Down 1", "Original Source Drill-Down 2", "Latest Traffic Source",
         "Last Referring Site", "Canal de adquisicion"]  # fmt: skip
ROLES = ("original_source", "original_1", "original_2", "latest_source", "referrer", "acquisition")
# Whole words of the published dictionary of platforms, where the report states numbers of contacts.
WORDS = {
    "Google_Ads": (r"paid_search|cpc|google ads|adwords", 8_073), "Facebook": (r"facebook|fb ads|meta ads", 957),
    "TikTok": (r"tiktok|tik tok", 593), "Instagram": (r"instagram|ig ads", 189), "Twitter": (r"twitter|t\.co", 34),
    "YouTube": (r"youtube|youtu\.be", 22),
}  # fmt: skip
LATEST = {
    "1A": {"PAID_SEARCH": 0.525, "DIRECT_TRAFFIC": 0.194, "PAID_SOCIAL": 0.099, "EMAIL_MARKETING": 0.091, "ORGANIC_SEARCH": 0.054,
           "REFERRALS": 0.032},
    "1B": {"OFFLINE": 0.758, "PAID_SOCIAL": 0.215},
}  # fmt: skip


@pytest.fixture(scope="module")
def planted() -> list[SimulatedProspects]:
    return [simulate_prospects(seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def confounded() -> list[SimulatedProspects]:
    return [simulate_prospects(seed, "confounded") for seed in SEEDS]


@pytest.fixture(scope="module")
def null() -> list[SimulatedProspects]:
    return [simulate_prospects(seed, "none") for seed in SEEDS]


def near(share: float, units: float) -> object:
    """Four standard errors of a share."""
    return pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / units))


def current(cells: pd.Series) -> pd.Series:
    return cells.str.split(HISTORY).str[-1]


def numbers(made: SimulatedProspects, column: str) -> pd.Series:
    return pd.to_numeric(current(made.frame[column]), errors="coerce").set_axis(made.segment.index)


def texts(made: SimulatedProspects) -> pd.Series:
    """Return all texts of each contact in one, in lower case."""
    return made.frame[TEXTS[0]].str.cat([made.frame[name] for name in TEXTS[1:]], sep=" ; ").str.lower()


def moments(made: SimulatedProspects, column: str, unit: str | None = None) -> pd.Series:
    cells = current(made.frame[column]).replace("", None)
    read = pd.to_datetime(cells) if unit is None else pd.to_datetime(pd.to_numeric(cells), unit=unit)
    return read.set_axis(made.segment.index)


def days_to_close(made: SimulatedProspects) -> pd.Series:
    return (moments(made, "Close Date", "ms") - moments(made, "Create Date")) / pd.Timedelta(days=1)


def test_closing_and_segments(planted: list[SimulatedProspects], confounded: list[SimulatedProspects]) -> None:
    for runs in (planted, confounded):
        units = ROWS * len(runs)
        high = pd.concat([m.segment == "1A" for m in runs])
        closed = pd.concat([m.frame["Close Date"] != "" for m in runs]).to_numpy()
        assert all(list(m.frame) == HEADERS and len(m.frame) == ROWS and (m.frame.dtypes == "str").all() for m in runs)
        assert high.mean() == near(0.796, units) and closed.mean() == near(601 / ROWS, units)
        assert closed[high].mean() == near(0.061, high.sum()) and closed[~high].mean() == near(0.012, (~high).sum())


@pytest.mark.parametrize(
    ("column", "segment", "mean"),
    [
        ("Number of Sessions", "1A", 2.89),
        ("Number of Pageviews", "1A", 7.58),
        ("Number of Form Submissions", "1A", 1.36),
        ("Number of Sessions", "1B", 0.05),
        ("Likelihood to close", "1A", 0.722),
        ("Likelihood to close", "1B", 0.909),
    ],
)
def test_means_by_segment(planted: list[SimulatedProspects], column: str, segment: str, mean: float) -> None:
    found = pd.concat([numbers(m, column)[m.segment == segment] for m in planted]).dropna()
    assert found.mean() == pytest.approx(mean, abs=max(4 * found.sem(), 0.01 * mean))


@pytest.mark.parametrize(("segment", "mean", "median"), [("1A", 209.8, 150.0), ("1B", 238.2, 206.5)])
def test_days_to_close(planted: list[SimulatedProspects], segment: str, mean: float, median: float) -> None:
    # Against one sample of the published size, whose own sampling error is part of the published figures.
    for found in (days_to_close(m)[m.segment == segment].dropna() for m in planted):
        assert found[found >= 0].mean() == pytest.approx(mean, abs=4 * found.sem())
        assert found[found >= 0].median() == pytest.approx(median, abs=4 * np.sqrt(np.pi / 2) * found.sem())


@pytest.mark.parametrize("platform", WORDS)
def test_contacts_by_platform(planted: list[SimulatedProspects], platform: str) -> None:
    pattern, contacts = WORDS[platform]
    found = 0
    for made in planted:
        named = texts(made).str.contains(rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])", regex=True).to_numpy()
        if platform in made.hidden:
            assert (named == made.hidden[platform]).all(), "what is written is what was drawn"
        found += named.sum()
    assert found / (ROWS * len(planted)) == near(contacts / ROWS, ROWS * len(planted))


def test_latest_sources(planted: list[SimulatedProspects]) -> None:
    for segment, shares in LATEST.items():
        found = pd.concat(
            [current(m.frame["Latest Traffic Source"])[(m.segment == segment).to_numpy()] for m in planted]
        )
        for source, share in shares.items():
            assert (found == source).mean() == near(share, found.size), (segment, source)


def test_the_score_is_upside_down(planted: list[SimulatedProspects]) -> None:
    for made in planted:
        score = numbers(made, "Likelihood to close").dropna()
        closed = made.hidden["closed"].reindex(score.index)
        ranks = score.rank()
        wins = ranks[closed].sum() - closed.sum() * (closed.sum() + 1) / 2
        assert wins / (closed.sum() * (~closed).sum()) < 0.45  # the area under the curve, by Mann and Whitney


def test_offline_touches_are_varied_enough(planted: list[SimulatedProspects]) -> None:
    for made in planted:
        share = np.isfinite(made.hidden["touched"]).mean()
        searched = texts(made).str.contains("paid_search").to_numpy()
        units = [(made.hidden[o] & p).sum() for o in OFFLINE for p in (*(made.hidden[x] for x in PLATFORMS), searched)]
        assert 0.15 <= share <= 0.25 and len(units) == 8 * 12 and 30 <= sum(n >= 20 for n in units) <= 50
        assert (made.hidden[COMBINATION[0]] & made.hidden[COMBINATION[1]]).sum() >= 60
        assert (made.hidden[list(OFFLINE)].any(axis=1) == np.isfinite(made.hidden["touched"])).all()


def test_offline_touches_are_of_the_beginning_of_the_end_or_of_both(
    planted: list[SimulatedProspects], null: list[SimulatedProspects]
) -> None:
    """A process with the root of time has 1 - sqrt(1/2) of its single touches in the second half of the time."""
    for made in (planted[0], null[0]):
        touches = taxonomy(
            {role: [text or None for text in made.frame[name]] for role, name in zip(ROLES, TEXTS, strict=True)}
        )
        many = touches[list(OFFLINE)].sum(axis=1).to_numpy() > 1
        touched, late = np.isfinite(made.hidden["touched"]).to_numpy(), made.hidden["late"].to_numpy()
        assert (touches["offline_latest"] == late).all() and not (late & ~touched).any()
        assert (touches["offline_original"] == (touched & (many | ~late))).all()
        kinds = {"Latest Only": late & ~many, "Throughout": late & many, "Original Only": touched & ~late}
        assert min(kind.sum() for kind in kinds.values()) >= 50
    single = pd.concat([m.hidden["late"][m.hidden[list(OFFLINE)].sum(axis=1) == 1] for m in planted])
    assert single.mean() == pytest.approx(1 - np.sqrt(0.5), abs=0.02)


# --- what touches do ------------------------------------------------------------------------------------------------


def ratio(runs: list[SimulatedProspects], column: str) -> tuple[float, float]:
    """Return the hazard of closing after a touch over that before any, and the standard error of its logarithm.

    Each hazard is the closes over those expected of engagement and time alone. The log of a ratio of two counts has as its
    standard error the root of the sum of their inverses.
    """
    seen, expected = np.zeros(2), np.zeros(2)
    for made in runs:
        hidden, high = made.hidden[made.segment == "1A"], np.ones((made.segment == "1A").sum(), dtype=bool)
        until, weight = hidden["observed"], made.true["engagement"] ** hidden["engagement"]
        first, since = np.minimum(hidden["touched"], until), np.minimum(hidden[column], until)
        stop = until if column == "combined" else np.maximum(np.minimum(hidden["combined"], until), since)
        after = elapsed(stop.to_numpy(), high) - elapsed(since.to_numpy(), high)
        seen += [
            (hidden["closed"] & (first == until)).sum(),
            (hidden["closed"] & (since < until) & (stop == until)).sum(),
        ]
        expected += [(weight * elapsed(first.to_numpy(), high)).sum(), (weight * after).sum()]
    return float(np.log(seen[1] / expected[1] / (seen[0] / expected[0]))), float(np.sqrt((1 / seen).sum()))


@pytest.mark.parametrize(("column", "true"), [("touched", 1.5), ("combined", 1.5 * 6)])
def test_touches_multiply_the_hazard_where_that_is_planted(
    planted: list[SimulatedProspects], confounded: list[SimulatedProspects], column: str, true: float
) -> None:
    found, error = ratio(planted, column)
    assert error < 0.12 and found == pytest.approx(np.log(true), abs=4 * error)
    assert found > 4 * error, "and not nothing"
    found, error = ratio(confounded, column)
    assert found == pytest.approx(0, abs=4 * error)
    assert planted[0].true == {"offline": 1.5, "combination": 6.0, "engagement": 1.8}
    assert confounded[0].true == {"offline": 1.0, "combination": 1.0, "engagement": 1.8}


def rates(runs: list[SimulatedProspects], flag: str | pd.Series) -> tuple[float, float, float]:
    """Return the rates with and without a touch, and the standard error of their difference."""
    on = pd.concat([np.isfinite(m.hidden["touched"]) if flag == "touched" else m.hidden[flag] for m in runs]).to_numpy()
    closed = pd.concat([m.hidden["closed"] for m in runs]).to_numpy()
    p, q = closed[on].mean(), closed[~on].mean()
    return p, q, float(np.sqrt(p * (1 - p) / on.sum() + q * (1 - q) / (~on).sum()))


def test_touches_look_useful_where_engagement_alone_is(confounded: list[SimulatedProspects]) -> None:
    with_touch, without, error = rates(confounded, "touched")
    assert with_touch - without > 4 * error
    for made in confounded:
        engaged = made.hidden["engagement"]
        assert engaged[np.isfinite(made.hidden["touched"])].mean() > engaged.mean() + 0.2
        assert engaged[made.hidden["closed"]].mean() > engaged.mean() + 0.2


def test_who_is_observed_for_longer_has_more_touches(confounded: list[SimulatedProspects]) -> None:
    for made in confounded:
        touched = np.isfinite(made.hidden["touched"])
        half = ROWS // 2  # in order of creation
        a, b = touched.iloc[:half].mean(), touched.iloc[half:].mean()
        assert a - b > 4 * np.sqrt(a * (1 - a) / half + b * (1 - b) / half)


@pytest.mark.parametrize("flag", ["touched", *OFFLINE, *PLATFORMS])
def test_without_effects_all_rates_are_one(null: list[SimulatedProspects], flag: str) -> None:
    with_touch, _, _ = rates(null, flag)
    units = sum((np.isfinite(m.hidden["touched"]) if flag == "touched" else m.hidden[flag]).sum() for m in null)
    assert with_touch == near(601 / ROWS, units)


def test_without_effects_segments_and_combinations_close_alike(null: list[SimulatedProspects]) -> None:
    both = pd.concat([m.hidden[COMBINATION[0]] & m.hidden[COMBINATION[1]] for m in null]).to_numpy()
    closed = pd.concat([m.hidden["closed"] for m in null]).to_numpy()
    high = pd.concat([m.segment == "1A" for m in null]).to_numpy()
    for group in (both, high, ~high):
        assert closed[group].mean() == near(601 / ROWS, group.sum())


# --- what is written ------------------------------------------------------------------------------------------------


def test_dates_are_what_was_drawn(planted: list[SimulatedProspects]) -> None:
    for made in planted:
        days, hidden = days_to_close(made), made.hidden
        wrong = days < 0
        assert 1 <= wrong.sum() <= 20 and (made.frame["Close Date"].str.contains(HISTORY).sum()) > 0
        assert (days.notna() == hidden["closed"]).all()
        right = hidden["closed"] & ~wrong
        assert days[right].to_numpy() == pytest.approx(hidden["observed"][right].to_numpy(), abs=1e-4)
        touched = (moments(made, "Date of first engagement") - moments(made, "Create Date")) / pd.Timedelta(days=1)
        assert touched.dropna().to_numpy() == pytest.approx(hidden["touched"][touched.notna()].to_numpy(), abs=1e-4)
        assert (touched.notna() == np.isfinite(hidden["touched"])).all()
        export = pd.Timestamp("2025-06-30 06:00")
        for moment in (
            moments(made, "Create Date"),
            moments(made, "Close Date", "ms"),
            moments(made, "Time First Seen", "ms"),
        ):
            assert moment.max() <= export
        assert (moments(made, "Time First Seen", "ms") - moments(made, "Create Date")).min() >= pd.Timedelta(0)


def test_histories_and_traps_are_written(planted: list[SimulatedProspects]) -> None:
    frame = planted[0].frame
    for column in ("Number of Sessions", "Likelihood to close", "Latest Traffic Source", "Last Referring Site", "Contact owner",
                   "Canal de adquisicion"):  # fmt: skip
        assert frame[column].str.contains(HISTORY).mean() > 0.005, column
    assert frame["Last Referring Site"].str.contains(f"https://.*{HISTORY}https://", regex=True).any()
    everything = " ".join(frame[TEXTS].to_numpy().ravel())
    assert all(trap in everything for trap in (*TRAPS, *TRAP_SITES, "Unknown", "DIRECT_TRAFFIC", "Webinar"))
    assert (frame[TEXTS[1:]] == "").any().sum() >= 3 and frame["Record ID"].is_unique
    assert frame["Periodo de ingreso"].str.fullmatch(r"(20\d\d(05|10|35|60|75))?").all()
    assert set(frame["Lifecycle Stage"]) == {
        "subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist", "other",
    }  # fmt: skip


def test_truth_is_by_row_of_the_file(planted: list[SimulatedProspects], null: list[SimulatedProspects]) -> None:
    for made in (*planted, *null):
        assert made.segment.index.tolist() == list(range(2, ROWS + 2)) == made.hidden.index.tolist()
        assert set(made.segment) == {"1A", "1B"}
        assert (
            made.truth.index.tolist() == made.frame["Record ID"].tolist()
            and made.truth.tolist() == made.segment.tolist()
        )


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        simulate_prospects(5, rows=900).write_csv(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert not simulate_prospects(6, rows=900).frame.equals(simulate_prospects(5, rows=900).frame)
    read = pd.read_csv(tmp_path / "a", dtype="str", keep_default_na=False)
    assert read.equals(simulate_prospects(5, rows=900).frame)
