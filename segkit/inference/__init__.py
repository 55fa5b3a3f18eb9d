"""Rates, comparisons, winners and times, each with its uncertainty."""

from .activity import Activity, NextEvents, activity, next_events
from .concentration import Concentration, concentration
from .priors import Prior, prior_of
from .rates import COVERAGE, Difference, Estimate, Rate, bootstrap, difference, rate
from .times import Survival, kaplan_meier, log_rank
from .winners import Winners, best_of_many

__all__ = [
    "COVERAGE",
    "Activity",
    "Concentration",
    "Difference",
    "Estimate",
    "NextEvents",
    "Prior",
    "Rate",
    "Survival",
    "Winners",
    "activity",
    "best_of_many",
    "bootstrap",
    "concentration",
    "difference",
    "kaplan_meier",
    "log_rank",
    "next_events",
    "prior_of",
    "rate",
]
