"""Rates, comparisons, winners and times, each with its uncertainty."""

from .activity import Activity, NextEvents, activity, next_events
from .concentration import Concentration, concentration
from .rates import COVERAGE, Difference, Estimate, Rate, bootstrap, difference, rate
from .times import Survival, kaplan_meier, log_rank
from .winners import Winners, best_of_many, fit_prior

__all__ = [
    "COVERAGE",
    "Activity",
    "Concentration",
    "Difference",
    "Estimate",
    "NextEvents",
    "Rate",
    "Survival",
    "Winners",
    "activity",
    "best_of_many",
    "bootstrap",
    "concentration",
    "difference",
    "fit_prior",
    "kaplan_meier",
    "log_rank",
    "next_events",
    "rate",
]
