"""Numbers that more than one room compares with, each with its name and its source.

The first three are defaults of settings. What is compared with, and what pages state, is then the setting, which goes
with the results; all others are conventions, the same in every report.
"""

from __future__ import annotations

# Defaults of settings
PREDICTION_STRENGTH = 0.8  # Tibshirani and Walther (2005): the largest number of segments with 0.8 to 0.9
JACCARD = 0.75  # Hennig (2007): from this mean similarity on a segment is valid
LEVEL = 0.05  # of the tests against populations without segments

# Jaccard similarity (Hennig 2007)
DISSOLVED, RECOVERED = 0.5, 0.75  # of one resample: at or below, above
DOUBTFUL, VALID, HIGHLY = 0.6, 0.75, 0.85  # rules of thumb for means, beside which the setting decides

# Of populations without segments: a claim that so many of them pass as well tells little
COMMON = 0.8
# They fit a feature badly from this distance of Kolmogorov and Smirnov on: a tenth of the units would have to be moved to the
# other side of some value, as many as may lie between segments (UNSURE). Of few units samples alone are further apart: two of
# n by CRITICAL times the root of 2 / n in one case of twenty (Smirnov 1948, Annals of Mathematical Statistics, 19, 279-281).
ILL_FIT, CRITICAL = 0.1, 1.358
DECIDING = 0.5  # features decide most that account for so much of what lies between segments, the largest first

# Adjusted Rand index of two partitions
CLOSE = 0.8  # from here on they are called close, or much the same
SAME = 0.95  # from here on they are called the same for practical purposes
CONVERGED = 0.99  # from here on two fits of the same data count as one optimum
LOW = 0.05  # the quantile over resamples of the whole chain
AGREEMENT = 0.8  # what that quantile has to reach
PLANTED = 0.9  # with the truth of a simulation

# Units between segments
SELDOM = 0.8  # of the resamples: a unit that is in its segment less often is not at home there
NARROW = 0.1  # margin below which a unit is about as near to another centre
UNSURE = 0.1  # of the units may be seldom in their segment

# Silhouette. Kaufman and Rousseeuw (1990), table 4: above 0.5 a reasonable structure, above 0.25 a weak one
REASONABLE, WEAK = 0.5, 0.25

# Shares of the variance that the clustering sees
SILENCED = 0.02  # a block with less than this cannot matter to distances
EVEN = 0.5  # of an equal share: from here on a block has its say

# Other preparations of the data: shares that are close, from which on segments hardly, or only in part, depend on them
MOST, HALF = 0.8, 0.5

# Standardised mean differences: above this, groups are called unlike in a trait (Austin 2009)
UNLIKE = 0.1

# Rule cards: balanced accuracy, and recall of every segment
BALANCED, RECALL = 0.85, 0.75

# Ranking: area under the curve
CHANCE = 0.5
FAIR = 0.7  # from here on a ranking is of use (Hosmer and Lemeshow 2000 call it acceptable)

# Drift: population stability index (Siddiqi 2006), and Wasserstein distance in standard deviations
SOME, MUCH = 0.1, 0.25
FAR = 0.1

# Breaks of a log: the probability of so long a silence anywhere in it, up to which it is one
BREAK = 0.05
# Of the days of a window, how many the log was watched: below, it is marked. The share of valid days a quarter that United States
# law asks of measurements of air (40 CFR part 50, appendix N)
WATCHED = 0.75

# A unit is overdue once it has been silent for this many usual gaps
OVERDUE = 3.0

# Models of how often units come back: they fit while no share of units, by their number of repeat events, is further off
FIT_SHARE = 0.02

# Do missing fields predict the outcome: area under the curve of the flags alone
RED, STOP = FAIR, 0.9  # above: a red flag; the first thing that a page says

# Blocks of rows that differ in which fields are filled: by so much of the rows, in so many of the fields
FILLED = 0.5  # half of the rows: from there on a field is filled in a block, and two blocks differ in it
FIELDS = 0.25  # of the fields, at least two

# A column that knows the outcome: what it reaches alone, how far ahead of the others, how much of a file such columns may be
LEAK, AHEAD, COPY = 0.75, 0.08, 0.98  # from the last on it is the outcome under another name
STANDING_OUT = 1 / 3  # of the columns: where more are ahead of the rest, it is no single column that knows
PURE, PURE_BY_CHANCE = 0.5, 0.001  # of those with the outcome, or of those without, in values that have only these

# Value tiers: the rate of conversion from which on each begins, and the probability that decides
TIERS = {"PREMIUM": 0.5, "HIGH": 0.25, "MEDIUM": 0.1, "LOW": 0.05, "MINIMAL": 0.0}
DECIDED = 0.8

# Share of a persona's commonest state: above, concentrated; below, spread
CONCENTRATED, SPREAD = 0.7, 0.4
NAMED = 0.25  # of those whose value is known, and more than of all leads: from here on a value can name a persona
