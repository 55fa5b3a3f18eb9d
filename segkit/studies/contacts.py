"""Contacts: the people behind a call log."""

from __future__ import annotations

from ..contract import CALLS as CONTRACT
from ..data import registry
from ..features.measures import Measures
from ..features.table import Column
from .events.naming import Naming, Qualifier
from .events.policy import Rules
from .events.study import EventStudy

TERMS = CONTRACT.terms
CALLS = Measures(
    count=Column("n_calls", "volume", "calls", "calls in the log", "calls"),
    days=Column("n_days_active", "volume", "days", "dates with at least one call", "active days"),
    per_day=Column("calls_per_active_day", "volume", "calls/day", "calls divided by active days", "calls per active day"),
    per_tenure=Column(
        "calls_per_tenure_day", "volume", "calls/day", "calls divided by tenure in days plus one", "calls per day of tenure"
    ),
    log_count=Column("log_n_calls", "volume", "log", "natural logarithm of one plus the calls", "log calls"),
    total=Column("total_dur_sec", "duration", "s", "seconds of talk in all", "total talk"),
    mean=Column("mean_dur_sec", "duration", "s", "mean length of a call", "mean call"),
    median=Column("median_dur_sec", "duration", "s", "median length of a call", "median call"),
    p90=Column(
        "p90_dur_sec", "duration", "s", "90th percentile of the lengths, by linear interpolation", "90th percentile call"
    ),
    log_total=Column(
        "log_total_dur", "duration", "log", "natural logarithm of one plus the seconds of talk", "log total talk"
    ),
    log_median=Column(
        "log_median_dur", "duration", "log", "natural logarithm of one plus the median length", "log median call"
    ),
    large=Column(
        "long_call_share", "duration", "share", "share of calls at or above the long-call threshold", "share of long calls"
    ),
    recency=Column(
        "recency_days", "recency", "days", "days from the last call to the as-of time", "days since last call"
    ),
    tenure=Column(
        "tenure_days", "recency", "days", "days from the first call to the last", "days from first to last call"
    ),
    limit="long_call_sec", quantile="long_call_quantile", event="call", events="calls",
)  # fmt: skip
NAMING = Naming(
    names={
        "core": ("Core active relationships", "Core active"),
        "warm": ("Warm occasional", "Warm occasional"),
        "deep": ("Rare deep conversations", "Rare deep"),
        "once": ("One-off / low-engagement", "One-off"),
    },
    variants={
        "core, silent": ("Former core relationships", "Former core"),
        "core, late": ("Core relationships, most of them overdue", "Core, overdue"),
        "warm, silent": ("Lapsed occasional", "Lapsed"),
        "deep, often": ("Deep conversations", "Deep"),
        "once, one day": ("One-day contacts", "One-day"),
        "once, several": ("Low engagement", "Low engagement"),
    },
    qualifiers=(
        Qualifier("recency_days", "shorter silence", "medium silence", "longer silence", "shortest silence", "longest silence"),
        Qualifier("tenure_days", "shorter tenure", "medium tenure", "longer tenure", "shortest tenure", "longest tenure"),
        Qualifier("n_calls", "fewer calls", "medium number of calls", "more calls", "fewest calls", "most calls"),
        Qualifier("median_dur_sec", "shorter calls", "medium-length calls", "longer calls", "shortest calls", "longest calls"),
        Qualifier("total_dur_sec", "less talk", "medium amount of talk", "more talk", "least talk", "most talk"),
    ),
    units="contacts", event="call", events="calls", amount="talk", largest="longest",
)  # fmt: skip
RULES = Rules(
    units="contacts",
    service={
        "core": ("named owner", "same working day", "owner calls once overdue"),
        "warm": ("team queue", "two working days", "reminder once overdue, one attempt"),
        "deep": ("the person who had the conversation", "same working day", "personal call once overdue"),
        "once": ("self-service", "when capacity allows", "none before new activity"),
        "small": ("one by one", "two working days", "one by one"),
    },
    actions={
        "core": ("Assign an owner and a service level; check in before they call.",
                 "Assign an owner and a service level; act on new activity."),
        "core, late": ("Assign an owner and a service level; begin with those who are overdue.",
                       "Assign an owner and a service level; act on new activity."),
        "core, silent": ("Find out why they went silent, and win back in person those worth it.",
                         "Find out why they went silent; act on new activity."),
        "warm": ("Keep a {cadence} cadence, with reminders and targeted offers.",
                 "Act on new activity, with reminders and targeted offers."),
        "warm, silent": ("Try once to win back; keep a {cadence} cadence only with those who answer.",
                         "Act on new activity, and then keep in touch with those who answer."),
        "deep": ("Follow up in person, keep the context, and win back when dormant.",
                 "Follow up in person, and keep the context; act on new activity."),
        "once": ("", "Keep off priority lists, automate nurture, and act only on new activity."),
        "small": ("", "Treat one by one; a segment this small is no basis for a rule."),
    },
)  # fmt: skip


class ContactsStudy(EventStudy):
    """Questions about the contacts of one call log, each answered once."""

    name = "contacts"
    terms = TERMS
    measures = CALLS
    naming = NAMING
    rules = RULES
    dataset = registry.CALLS
