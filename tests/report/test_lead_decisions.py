"""What the page on decisions says of personas, and the policy behind it: true, and silent where nothing may be recommended."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import SimpleNamespace as Plain
from typing import Any

import numpy as np
import pandas as pd
import pytest
from report_project import downloads
from said import said

from segkit.contract import LEADS
from segkit.engine.meaning import Card, Cards
from segkit.inference.crossfit import FIELD, CrossFitted
from segkit.inference.rates import rate
from segkit.inference.tiers import Tier
from segkit.report import lead_decisions as page
from segkit.studies import lead_policy as policies
from segkit.thresholds import TIERS

__all__ = ["downloads"]
pytest_plugins = ["report_project"]
pytestmark = pytest.mark.usefixtures("downloads")

NAMES = ("Bankers", "Nurses", "Smiths")
CARDS = Cards(
    tuple(Card(i, str(i), n, n, "", "", 100, 1 / 3, {"rate": 0.1}) for i, n in enumerate(NAMES, start=1)), 300
)


def tier(*chances: float) -> Tier:
    """Return a tier with these probabilities, from PREMIUM down."""
    by = dict(zip(TIERS, chances, strict=True))
    name = max(by, key=lambda t: by[t])
    return Tier(name, by[name], by[name] < 0.8, 0.3, 0.2, 0.4, by)


HIGH, MEDIUM, LOW = tier(0, 0.9, 0.1, 0, 0), tier(0, 0.05, 0.9, 0.05, 0), tier(0, 0, 0.1, 0.85, 0.05)
UNSURE = tier(0, 0.6, 0.35, 0.05, 0)  # most likely HIGH, surely MEDIUM at least


def persona(number: int, given: Tier | None) -> Any:
    return Plain(id=number, conversion=None if given is None else Plain(tier=given))


def plan(
    *given: Tier | None, flag: str = "none", defensible: bool = True, verdict: str = "natural"
) -> policies.LeadPolicy:
    people = [persona(i, t) for i, t in enumerate(given, start=1)]
    return policies.lead_policy(people, flag=flag, defensible=defensible, verdict=verdict)


def crossed(counts: Sequence[tuple[float, float]], *, low: float = 0.6, rival: float = -0.05) -> CrossFitted:
    """Return cross-fitted rates of personas; ``rival`` is the upper end of personas less the best field."""
    rows = []
    for number, (n, x) in enumerate(counts, start=1):
        r = rate(int(x), int(n)) if math.isfinite(n) else Plain(share=np.nan, low=np.nan, high=np.nan)
        rows.append((number, n, x, r.share, r.low, r.high, r.share))
    table = pd.DataFrame(rows, columns=["persona", "units", "conversions", "rate", "low", "high", "formed"])
    ranking = pd.DataFrame(
        [("personas", 0.7, low, 0.8), (FIELD, 0.75, 0.7, 0.8)], columns=["order", "auc", "low", "high"]
    )
    less = pd.DataFrame([(FIELD, -0.05, -0.2, rival)], columns=["rival", "difference", "low", "high"])
    return CrossFitted(table, {}, ranking, less, 0.9, (), pd.Series(dtype=int), {"level": 0.95}, 1)


COUNTS = [(100, 40), (100, 15), (100, 5)]
FINE = crossed(COUNTS, rival=0.02)


def says(label: str, policy: policies.LeadPolicy, found: CrossFitted = FINE, fair: Any = None) -> str:
    facts = page.facts(policy, CARDS, found, fair, {"gender": "Gender"})
    return said("decisions", label, LEADS.terms, "personas", _plan=facts).replace("\xa0", " ")


def test_the_handling_follows_from_the_tier() -> None:
    assert plan(HIGH, MEDIUM, LOW).actions == {1: policies.FIRST, 2: policies.NEXT, 3: policies.AUTOMATED}
    assert set(policies.HANDLING) == set(TIERS)


def test_an_undecided_tier_counts_as_what_is_sure_enough() -> None:
    (row,) = plan(UNSURE).rows
    assert (row.tier, row.treated) == ("undecided", "MEDIUM")
    assert row.action == f"{policies.NEXT} Its tier is undecided, and it is treated as MEDIUM."
    for given in (HIGH, MEDIUM, LOW):
        assert policies.reached(given) == given.name
    assert policies.reached(tier(0.4, 0.4, 0.0, 0.0, 0.2)) == "HIGH"
    assert policies.reached(tier(0.1, 0.1, 0.1, 0.1, 0.6)) == "MINIMAL"


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"flag": "stop"}, "which fields are filled predicts who converts"),
        ({"defensible": False}, "no way of dividing the leads finds more"),
        ({"verdict": "no segmentation"}, "there is no segmentation"),
    ],
)
def test_nothing_is_recommended_where_the_evidence_forbids_it(how: dict[str, Any], words: str) -> None:
    policy = plan(HIGH, MEDIUM, LOW, **how)
    assert set(policy.actions.values()) == {policies.DESCRIBED} and not policy.allowed
    lead = says("lead", policy)
    assert lead.startswith("Nothing is recommended:") and words in lead and "Begin with" not in lead
    assert "not to decide whom to contact" in says("meaning", policy)
    assert "it is no advice" in says("capacity", policy)
    assert "No handling follows" in page.order_table(policy, CARDS, FINE).markdown


def test_every_reason_of_the_policy_is_put_into_words() -> None:
    assert set(page.WHY) == {policies.STOPPED, policies.UNDEFENDED, policies.UNSEGMENTED}


def test_a_red_flag_alone_forbids_nothing() -> None:
    assert plan(HIGH, flag="red").allowed


def test_the_lead_names_who_comes_first_and_what_that_reaches() -> None:
    lead = says("lead", plan(HIGH, MEDIUM, LOW))
    assert lead.startswith("Begin with “Bankers”, in person. One persona gets automated messages only.")
    assert (
        "The first persona in the order of their rates holds 33.3 % of the leads and 66.7 % of the conversions" in lead
    )
    assert says("lead", plan(MEDIUM, MEDIUM, LOW)).startswith("No persona converts often enough")


def test_a_simpler_rule_that_is_better_is_recommended_for_ranking() -> None:
    found = crossed(COUNTS)
    assert found.better == (FIELD,)
    assert says("lead", plan(HIGH, MEDIUM, LOW), found).startswith(
        "Best single field ranks leads better than the personas do: use that"
    )
    assert "Use that for ranking" in says("simpler", plan(HIGH, MEDIUM, LOW), found)
    assert says("meaning", plan(HIGH, MEDIUM, LOW), found).startswith("Rank by best single field.")


def test_personas_that_rank_no_better_than_chance_are_not_followed() -> None:
    found = crossed(COUNTS, low=0.5, rival=0.02)
    assert "do not tell beyond chance who converts" in says("lead", plan(HIGH, MEDIUM, LOW), found)
    assert "Begin with" not in says("lead", plan(HIGH, MEDIUM, LOW), found)
    assert "in any order that is cheap" in says("meaning", plan(HIGH, MEDIUM, LOW), found)


def test_what_the_first_personas_hold_is_counted() -> None:
    found = page.reached(crossed([(100, 5), (100, 40), (100, 15)]))  # in the order of their rates, not of their numbers
    assert [(s.personas, round(s.leads, 3), round(s.conversions, 3)) for s in found] == [
        (1, 0.333, 0.667),
        (2, 0.667, 0.917),
        (3, 1.0, 1.0),
    ]
    own = rate(40, 60)
    assert (found[0].low, found[0].high) == (own.low, own.high)
    assert page.caption(FINE).startswith(
        "**The first persona, 33.3\xa0% of the leads, holds 66.7\xa0% of the conversions.**"
    )
    assert "hold 91.7" in page.alt(FINE) and len(page.figure(FINE).axes) == 1
    assert "Smiths" in page.reached_table(FINE, CARDS).markdown


def test_personas_of_too_few_leads_have_dashes_and_no_handling() -> None:
    found = crossed([(100, 40), (math.nan, math.nan), (100, 5)], rival=0.02)
    policy = plan(HIGH, None, LOW)
    assert policy.actions[2] == policies.FEW
    assert "One persona has too few leads to be told of, and no handling." in says("handling", policy, found)
    assert "–" in page.order_table(policy, CARDS, found).markdown
    none = crossed([(math.nan, math.nan)] * 3, rival=0.02)
    assert "Too few personas may be told of" in says("capacity", plan(None, None, None), none)
    assert page.reached(none) == []
    assert "No persona has enough leads" in page.order_table(plan(None, None, None), CARDS, none).markdown


def test_a_field_that_is_nobodys_business_never_decides_and_is_named_where_it_goes_along() -> None:
    fair = Plain(association=pd.DataFrame({"field": ["gender"], "low": [0.2]}))
    assert "Gender goes with the personas, though it takes no part in them" in says(
        "limits", plan(HIGH), crossed(COUNTS[:1]), fair
    )
    assert "goes with the personas" not in says("limits", plan(HIGH), crossed(COUNTS[:1]))
    assert "Gender and age take no part" in says("handling", plan(HIGH, MEDIUM, LOW))
    assert "Nothing here shows that contacting a lead makes it convert." in says("limits", plan(HIGH, MEDIUM, LOW))
