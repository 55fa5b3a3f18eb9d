"""A randomised effect beside a raw difference, against another library and planted truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from segkit import inference
from segkit.inference.contrasts import cochran_q, mean_difference
from segkit.inference.experiment import ANY, CONTROL, experiment

EFFECT = {"Multichannel": 0.06, "Phone": 0.06, "Web": 0.06}


def made(rng: np.random.Generator, n: int, effect: dict[str, float]) -> pd.DataFrame:
    """Return customers; those of several channels visit more often, whoever writes to them."""
    channel = rng.choice(["Phone", "Web", "Multichannel"], n, p=[0.44, 0.44, 0.12])
    arm = rng.choice([CONTROL, "Mens E-Mail", "Womens E-Mail"], n)
    chance = np.where(channel == "Multichannel", 0.16, 0.11) + (arm != CONTROL) * pd.Series(channel).map(effect)
    visit = rng.random(n) < chance
    conversion = visit & (rng.random(n) < 0.1)
    spend = np.where(conversion, rng.gamma(3, 40, n), 0.0)
    return pd.DataFrame(
        {"channel": channel, "segment": arm, "visit": visit * 1, "conversion": conversion * 1, "spend": spend}
    )


def test_effects_and_differences_are_those_of_their_parts() -> None:
    frame = made(np.random.default_rng(1), 6000, EFFECT)
    found = experiment(frame)
    none = frame[frame["segment"] == CONTROL]
    row = found.raw.set_index(["outcome", "channel"]).loc[("visit", "Phone")]
    one, two = (none[none["channel"] == c]["visit"] for c in ("Multichannel", "Phone"))
    want = inference.difference((one.sum(), two.sum()), (len(one), len(two)))
    assert row[["difference", "low", "high"]].tolist() == pytest.approx([want.difference, want.low, want.high])
    effects = found.effects.set_index(["outcome", "arm"])
    mens = frame[frame["segment"] == "Mens E-Mail"]
    row = effects.loc[("spend", "Mens E-Mail")]
    assert row[["effect", "low", "high"]].tolist() == pytest.approx(mean_difference(mens["spend"], none["spend"]))
    assert effects.loc[("visit", ANY), ["units", "control"]].tolist() == [len(frame) - len(none), len(none)]
    assert list(found.effects["arm"].unique()) == ["Mens E-Mail", "Womens E-Mail", ANY]
    assert found.by_channel["units"].sum() == 3 * (len(frame) - len(none))


def test_spend_has_the_interval_of_welch() -> None:
    from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

    rng = np.random.default_rng(2)
    one, two = pd.Series(rng.gamma(1, 5, 40)), pd.Series(rng.gamma(2, 9, 90))
    want = CompareMeans(DescrStatsW(one), DescrStatsW(two)).tconfint_diff(usevar="unequal")
    gap, low, high = mean_difference(one, two)
    assert gap == pytest.approx(one.mean() - two.mean()) and (low, high) == pytest.approx(want)
    assert np.isnan(mean_difference(one[:1], two)[1]) and np.isnan(mean_difference(one[:0], two)[0])
    assert mean_difference(one * 0, two * 0) == (0, 0, 0)


def test_heterogeneity_is_that_of_another_library() -> None:
    from statsmodels.stats.meta_analysis import combine_effects

    effects, variances = np.array([0.1, 0.3, -0.05, 0.2]), np.array([0.01, 0.02, 0.005, 0.03])
    want = combine_effects(effects, variances).test_homogeneity()
    q, p, freedom = cochran_q(effects, variances)
    assert (q, p, freedom) == pytest.approx((want.statistic, want.pvalue, 3))
    assert cochran_q(np.append(effects, np.nan), np.append(variances, 1.0)) == pytest.approx((q, p, freedom))
    assert np.isnan(cochran_q(effects[:1], variances[:1])[0])


def test_the_variance_of_a_channels_effect_is_that_of_two_shares() -> None:
    frame = made(np.random.default_rng(3), 3000, EFFECT)
    rows, variances = [], []
    for channel in ("Multichannel", "Phone", "Web"):
        own = frame[frame["channel"] == channel]
        parts = [own[(own["segment"] == CONTROL) == c]["conversion"] for c in (False, True)]
        rows.append(parts[0].mean() - parts[1].mean())
        variances.append(sum(p.mean() * (1 - p.mean()) / (len(p) - 1) for p in parts))
    want = cochran_q(np.array(rows), np.array(variances))
    found = experiment(frame).interaction.set_index("outcome").loc["conversion"]
    assert found.tolist() == pytest.approx(list(want))


def test_the_raw_difference_is_there_without_any_effect_of_channels_and_the_randomised_effect_is_the_planted_one() -> (
    None
):
    found = experiment(made(np.random.default_rng(4), 30_000, EFFECT))
    raw = found.raw[found.raw["outcome"] == "visit"].set_index("channel")
    assert (raw.loc[["Phone", "Web"], "low"] > 0).all() and np.isnan(raw.loc["Multichannel", "difference"])
    effects = found.effects[found.effects["outcome"] == "visit"]
    assert ((effects["low"] < 0.06) & (effects["high"] > 0.06) & (effects["low"] > 0)).all()
    assert found.balanced > 0.001


def test_interactions_are_found_where_they_are_and_seldom_where_not() -> None:
    """60 experiments of 2,000 with one effect in all channels: 5 % are called different, up to the 99.9 % limit."""
    rng, runs = np.random.default_rng(5), 60
    called = sum(experiment(made(rng, 2000, EFFECT)).interaction.loc[0, "p"] < 0.05 for _ in range(runs))
    assert called <= stats.binom(runs, 0.05).ppf(0.999)
    unlike = experiment(made(rng, 20_000, {"Multichannel": 0.2, "Phone": 0.02, "Web": 0.02}))
    visit = unlike.interaction.set_index("outcome").loc["visit"]
    assert visit["p"] < 1e-6 and visit["freedom"] == 2


def test_arms_that_are_not_randomised_are_noticed() -> None:
    frame = made(np.random.default_rng(6), 3000, EFFECT)
    frame.loc[frame["channel"] == "Web", "segment"] = CONTROL
    assert experiment(frame).balanced < 1e-10


def test_bad_frames_are_refused_with_the_reason() -> None:
    frame = made(np.random.default_rng(7), 200, EFFECT)
    for bad, reason in [
        (frame.drop(columns="spend"), "lacks spend"),
        (frame.assign(visit=2), "visit has a value that is neither 0 nor 1"),
        (frame.assign(spend=np.nan), "spend has a missing value"),
        (frame[frame["segment"] != CONTROL], "segment is never 'No E-Mail'"),
        (frame[frame["channel"] != "Multichannel"], "channel is never 'Multichannel'"),
    ]:
        with pytest.raises(ValueError, match=reason):
            experiment(bad)


def test_results_can_be_shown_and_stored() -> None:
    found = experiment(made(np.random.default_rng(8), 500, EFFECT))
    assert "<table" in found._repr_html_() and len(found.to_json()["raw"]) == 9 and found.table is found.effects
