"""Customers: the people behind a purchase log."""

from __future__ import annotations

from typing import Any

from ..contract import PURCHASES
from ..data import registry
from ..features.measures import Measures
from ..features.table import Column
from ..inference import Concentration
from ..inference import concentration as concentrated
from .base import step
from .events.naming import Naming, Qualifier
from .events.policy import Rules
from .events.study import EventStudy

PURCHASED = Measures(
    count=Column("n_purchases", "volume", "purchases", "purchases in the log", "purchases"),
    days=Column("n_days_active", "volume", "days", "dates with at least one purchase", "active days"),
    per_day=Column(
        "purchases_per_active_day", "volume", "purchases/day", "purchases divided by active days", "purchases per active day"
    ),
    per_tenure=Column(
        "purchases_per_tenure_day", "volume", "purchases/day", "purchases divided by tenure in days plus one",
        "purchases per day of tenure",
    ),
    log_count=Column("log_n_purchases", "volume", "log", "natural logarithm of one plus the purchases", "log purchases"),
    total=Column("total_amount", "money", "amount", "amount of all purchases, less what was returned", "total spending"),
    mean=Column("mean_amount", "money", "amount", "mean amount of a purchase", "mean purchase"),
    median=Column("median_amount", "money", "amount", "median amount of a purchase", "median purchase"),
    p90=Column(
        "p90_amount", "money", "amount", "90th percentile of the amounts, by linear interpolation", "90th percentile purchase"
    ),
    log_total=Column(
        "log_total_amount", "money", "log", "natural logarithm of one plus the amount of all purchases", "log total spending"
    ),
    log_median=Column(
        "log_median_amount", "money", "log", "natural logarithm of one plus the median amount", "log median purchase"
    ),
    large=Column(
        "large_purchase_share", "money", "share", "share of purchases at or above the threshold of a large purchase",
        "share of large purchases",
    ),
    recency=Column(
        "recency_days", "recency", "days", "days from the last purchase to the as-of time", "days since last purchase"
    ),
    tenure=Column(
        "tenure_days", "recency", "days", "days from the first purchase to the last", "days from first to last purchase"
    ),
    limit="large_purchase", quantile="large_order_quantile", event="purchase", events="purchases", grain=100, by_weekday=True,
)  # fmt: skip
NAMING = Naming(
    names={
        "core": ("Loyal customers", "Loyal"),
        "warm": ("Occasional customers", "Occasional"),
        "deep": ("Rare big baskets", "Rare big baskets"),
        "once": ("One-time and rare customers", "One-time / rare"),
    },
    variants={
        "core, silent": ("Formerly loyal customers", "Formerly loyal"),
        "core, late": ("Loyal customers, most of them overdue", "Loyal, overdue"),
        "warm, silent": ("Lapsed occasional customers", "Lapsed"),
        "deep, often": ("Big baskets", "Big baskets"),
        "once, one day": ("One-day customers", "One-day"),
        "once, several": ("Low engagement", "Low engagement"),
    },
    qualifiers=(
        Qualifier("recency_days", "shorter silence", "medium silence", "longer silence", "shortest silence", "longest silence"),
        Qualifier("tenure_days", "shorter tenure", "medium tenure", "longer tenure", "shortest tenure", "longest tenure"),
        Qualifier(
            "n_purchases", "fewer purchases", "medium number of purchases", "more purchases", "fewest purchases",
            "most purchases",
        ),
        Qualifier("median_amount", "smaller baskets", "medium baskets", "larger baskets", "smallest baskets", "largest baskets"),
        Qualifier("total_amount", "less spending", "medium spending", "more spending", "least spending", "most spending"),
    ),
    units="customers", event="purchase", events="purchases", amount="spending", largest="largest",
)  # fmt: skip
RULES = Rules(
    units="customers",
    service={
        "core": ("named owner", "same working day", "personal message once overdue"),
        "warm": ("marketing", "two working days", "one reminder once overdue"),
        "deep": ("whoever sold to them", "same working day", "personal offer once overdue"),
        "once": ("self-service", "when capacity allows", "none before a new purchase"),
        "small": ("one by one", "two working days", "one by one"),
    },
    actions={
        "core": ("Retention: protect them from mistakes, thank them on a {cadence} cadence, and ask when they fall silent.",
                 "Retention: protect them from mistakes; act on new purchases."),
        "core, late": ("Retention: ask those who are overdue first, and thank the others on a {cadence} cadence.",
                       "Retention: protect them from mistakes; act on new purchases."),
        "core, silent": ("Win-back: find out why they went silent, and offer those worth it a way back.",
                         "Win-back: find out why they went silent; act on new purchases."),
        "warm": ("Second purchase: remind them on a {cadence} cadence, with offers near to what they bought.",
                 "Second purchase: follow up on new purchases, with offers near to what was bought."),
        "warm, silent": ("Win-back: try once, and keep a {cadence} cadence only with those who answer.",
                         "Win-back: try once, and act on new purchases."),
        "deep": ("Retention in person: keep the context, and follow up on a {cadence} cadence.",
                 "Retention in person: keep the context; act on new purchases."),
        "once": ("", "None: keep off priority lists, welcome automatically, and act only on a new purchase."),
        "small": ("", "Treat one by one; a segment this small is no basis for a rule."),
    },
)  # fmt: skip


class CustomersStudy(EventStudy):
    """Questions about the customers of one purchase log, each answered once."""

    name = "customers"
    terms = PURCHASES.terms
    measures = PURCHASED
    naming = NAMING
    rules = RULES
    dataset = registry.CDNOW

    @step
    def concentration(self) -> Concentration:
        """How much of the spending the customers who spend most account for."""
        totals = self.features.frame[PURCHASED.total.name]
        return concentrated(totals, name="customers/spending", seed=self.seed)

    def results(self) -> dict[str, Any]:
        """Return these numbers too."""
        return {**super().results(), "concentration": self.concentration.to_json()}
