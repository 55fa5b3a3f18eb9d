"""What of all that is published the attacker reads, and why the rest says nothing of single contacts.

Whoever adds a file, a column or a key has to add it here, and a reader in `solver.py` where it counts contacts. What is
declared to say nothing has to say why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import pandas as pd

READ = "read by the solver"
MATCHED = "values of contacts: compared with them one by one by `matching.py`"
EVERYBODY = "one number over all contacts"
NOBODY = "of days on which nobody did anything"
FITS = "over resamples, reference sets, other fits or settings: no cell of the log"
AGREEMENT = "agreement of two partitions of all contacts; with ten digits two that differ in one contact can be told"
WORDS = "words of the report, settings, versions: no numbers of contacts"
NOTEBOOK = "about the irises of the chapter on notebooks"
KNOWN = "about public and made-up tables of which the answer is known"
DRAWS = "means over dates, in steps of five contacts: no cell"
SMALL_FUNCTION = "a function of few cells: tried by the solver where these are few, else too many tables give the same"

FILES: Mapping[str, Mapping[str, str]] = {
    "irises": {"*": NOTEBOOK}, "mixture": {"*": NOTEBOOK}, "scale": {"*": NOTEBOOK},
    "known": {"*": KNOWN}, "known-criteria": {"*": KNOWN}, "why": {"*": KNOWN},
    "forms": {"*": WORDS}, "settled": {"null": WORDS, "*": FITS},
    "activity": {
        "segment": WORDS, "name": WORDS, "method": WORDS, "units": READ, "active": READ, "share": READ, "*": SMALL_FUNCTION,
    },
    "amounts": {"quantile": WORDS, "amount": MATCHED, "reads": MATCHED},
    "again": {"*": FITS}, "other-scales": {"scaler": WORDS, "*": FITS},
    "borders": {"segment": WORDS, "neighbour": WORDS, "*": FITS},
    "ageing": {"fitted": READ, "window": READ, "units": READ, "outliers": READ, "ari": AGREEMENT, "age": WORDS, "rescaled": WORDS},
    "attack": {"*": "one made-up number"},
    "bands": {"band": READ, "first_hour": WORDS, "last_hour": WORDS, "events": READ, "share": READ},
    "bgnbd": {"parameter": WORDS, "*": FITS},
    "blocks": {"block": WORDS, "features": WORDS, "variance share": EVERYBODY},
    "blocks-jaccard": {"arm": WORDS, "what": WORDS, "ari": AGREEMENT, "variance_share": EVERYBODY, "jaccard_*": AGREEMENT},
    "breaks": {"*": NOBODY},
    "capacity": {"order": WORDS, "contacts": WORDS, "weekly": WORDS, "reached": DRAWS, "*": FITS},
    "categories": {"category": READ, "events": READ, "share": READ, "units": READ},
    "category-mix": {"segment": READ, "category: *": READ},
    "choices": {"ari": AGREEMENT, "ari_se": FITS, "*": WORDS},
    "claims": {"number": READ, "evidence": AGREEMENT, "common": FITS, "*": WORDS},
    "columns": {"column": WORDS, "role": WORDS, "empty": READ, "share empty": READ},
    "convergence": {"regime": WORDS, "*": FITS},
    "criteria": {"*": WORDS},
    "effects": {"feature": READ, "*": READ},
    "evidence": {"number": READ, "evidence": AGREEMENT, "common": FITS, "*": WORDS},
    "external": {"measure": WORDS, "*": SMALL_FUNCTION},
    "features": {
        "first quartile": MATCHED, "median": MATCHED, "third quartile": MATCHED, "variance share": EVERYBODY, "*": WORDS,
    },
    "fidelity": {"leaves": READ, "rules": WORDS, "*": READ},
    "gates": {"check": WORDS, "failures": "rows of the file that fail; the logs here have none"},
    "jaccard": {"*": FITS},
    "k": {"k": WORDS, "smallest": READ, "*": EVERYBODY},
    "keys": {"*": WORDS},
    "moves": {"period": READ, "origin": READ, "destination": READ, "units": READ, "share": READ, "low": READ, "high": READ},
    "null-deciding": {"*": FITS},
    "null-fit": {"*": FITS},
    "nulls": {"*": FITS},
    "off-hours": {"segment": READ, "* (contacts)": READ, "* (calls)": READ},
    "orders": {"date": READ, "policy": WORDS, "units": READ, "observed": READ, "*": SMALL_FUNCTION},
    "packages": {"*": WORDS},
    "parameters": {"*": WORDS},
    "policy": {
        "segment": READ, "name": WORDS, "contacts": READ, "meant": READ, "overdue_now": READ, "usual_gap_days": MATCHED,
        "overdue_after_days": MATCHED, "owner": WORDS, "answer_within": WORDS, "cadence": WORDS, "reactivation": WORDS,
        "action": WORDS,
    },
    "populations": {"contacts who take part": READ, "contacts": READ, "ARI": AGREEMENT, "*": AGREEMENT},
    "recurrence": {"segment": READ, "contacts": READ, "mean recurrence": FITS, "seldom": READ, "near another": READ, "both": READ},
    "recurring": {"segment": WORDS, "preparations": FITS, "algorithms": FITS, "populations": FITS},
    "refit": {"window": READ, "before": READ, "lag": WORDS, "common": READ, "ari": AGREEMENT, "rescaled": WORDS},
    "rule": {"*": FITS},
    "rules": {"rule": MATCHED, "segment": WORDS, "contacts": READ, "right": "in steps of a quarter or more, in words"},
    "seeds": {"algorithm": WORDS, "*": AGREEMENT},
    "segments": {
        "segment": READ, "name": WORDS, "feature": READ, "units": READ, "q25": MATCHED, "median": MATCHED, "q75": MATCHED,
        "mean": READ, "share_any": READ,
    },
    "silences": {"segment": WORDS, "name": WORDS, "watched": MATCHED, "calendar": MATCHED, "overdue*": READ},
    "time-exposure": {"*": NOBODY}, "use-exposure": {"*": NOBODY},
    "time-shares": {"window": READ, "*": READ},
    "weekdays": {"weekday": READ, "open": WORDS, "events": READ, "share": READ},
    "worst-seed": {"*": READ},
}  # fmt: skip

KEYS: Mapping[str, str] = {  # the first pattern that fits counts
    "$schema": WORDS, "study": WORDS, "version": WORDS, "date": WORDS, "parameters.*": WORDS,
    "data.fingerprint": "of the whole file: it confirms a guess of every cell at once, and none by itself",
    "data.rows": READ, "data.units": READ, "data.*": WORDS,
    "audit.bands.*": READ, "audit.weekdays.*": READ, "audit.rows": READ, "audit.units": READ, "audit.columns": WORDS,
    "audit.*": "rows of the file that fail; the logs here have none",
    "breaks.*": NOBODY,
    "features.thresholds.long_call_sec": MATCHED, "features.largest_before_cap": MATCHED,
    "features.variance_share.*": EVERYBODY, "features.*": WORDS,
    "k.segment_silhouettes.*": READ, "k.indices.[].smallest": READ, "k.indices.*": EVERYBODY,
    "k.instability.segments.[].units": READ, "k.flow.nodes.[].entropy": SMALL_FUNCTION,
    "k.flow.mean_entropy.*": SMALL_FUNCTION, "k.flow.nodes.*": READ, "k.flow.edges.*": READ, "k.*": FITS,
    "segments.[].size": READ, "segments.[].share": READ, "segments.[].medians.*": MATCHED, "segments.*": WORDS,
    "silhouette.*": READ,
    "effects.by_feature.[].eta_squared": READ, "effects.by_feature.*": SMALL_FUNCTION, "effects.cliffs_delta.*": READ,
    "policy.[].usual_gap_days": MATCHED, "policy.[].overdue_after_days": MATCHED, "policy.[].contacts": READ,
    "policy.[].meant": READ,
    "policy.[].overdue_now": READ, "policy.*": WORDS,
    "silences": "null where there is no break", "silences.[].watched": MATCHED, "silences.[].calendar": MATCHED,
    "silences.[].overdue*": READ, "silences.*": WORDS,
    "buy_till_die.*": FITS, "overdue.[].overdue": READ, "overdue*": SMALL_FUNCTION,
    "simulation.*": WORDS, "projection.*": EVERYBODY,
    "usefulness.*": SMALL_FUNCTION,
    "activity.segments.[].units": READ, "activity.segments.[].active": READ, "activity.segments.[].share": READ,
    "activity.segments.[].events": READ, "activity*": SMALL_FUNCTION,
    "next_event.segments.[].units": READ, "next_event*": SMALL_FUNCTION, "capacity*": DRAWS,
    "rules.*": READ, "external": "null where contacts have no labels", "external.commonest": READ, "external.*": SMALL_FUNCTION,
    "event_concentration*": SMALL_FUNCTION,
    "sensitivity.*": AGREEMENT, "multiverse.*": AGREEMENT, "population.*.units": READ, "population.*": AGREEMENT,
    "algorithms.*.noise": READ, "algorithms.*": AGREEMENT,
    "time.exposure*": NOBODY,
    "time.refit.units.*": READ, "time.refit.*": AGREEMENT, "time.frozen.by_age.*.outliers*": READ, "time.frozen.*": AGREEMENT,
    "time.migration.shares.*": READ, "time.migration.*": WORDS,
    "drift.*": SMALL_FUNCTION, "convergence.*": FITS, "jaccard.*": FITS,
    "pipeline_bootstrap.unscaled_columns.*": READ, "pipeline_bootstrap.*": FITS, "nulls.*": FITS, "verdict.*": FITS,
}  # fmt: skip

FIGURES: Mapping[str, str] = {
    "clock": READ, "months": READ, "flow": READ, "shared-events": SMALL_FUNCTION,
    "profiles": "the quartiles of segments.csv", "silhouettes": "the means of results.json", "map": MATCHED, "components": MATCHED,
    "neighbours": MATCHED, "matched": KNOWN,
    "moves": "the shares of moves.csv", "capacity": "the curves of capacity.csv", "areas": "the areas of orders.csv",
    "predicted": "the shares of activity.csv, at each date", "next-event": "curves whose steps hold five contacts or more",
    **dict.fromkeys(("ageing", "refit", "drop-block", "drop-feature", "algorithms", "multiverse", "pipeline"), AGREEMENT),
    **dict.fromkeys(("again", "agree", "gap", "k", "rule", "jaccard", "nulls", "nulls-k"), FITS),
    "drift": SMALL_FUNCTION, "rules": "the thresholds of rules.csv",
}  # fmt: skip


def keys(value: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the path of every value of results.json, with [] for the places of a list."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from keys(inner, (*path, str(name)))
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner, (*path, "[]"))
    else:
        yield ".".join(path)


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern.replace("[", "[[]"))


def undeclared(
    tables: Mapping[str, pd.DataFrame], results: Mapping[str, Any], downloads: Mapping[str, Any]
) -> list[str]:
    """Return what is published and stands nowhere above."""
    out = []
    for file, frame in tables.items():
        known = FILES.get(file, {})
        out += [f"{file}.csv: {c}" for c in frame.columns if not any(_fits(str(c), p) for p in known)]
        out += [f"{file}.csv"] * (not known)
    found = dict.fromkeys(keys(results))
    out += [f"results.json: {k}" for k in found if not any(_fits(k, p) for p in KEYS)]
    for name in downloads:
        stem, _, ending = name.rpartition(".")
        if ending in ("csv", "png") or name in ("results.json", "results.schema.json", "cite.bib"):
            continue
        if ending != "svg" or stem not in FIGURES:
            out.append(name)
    return out


def numbers(text: str) -> list[str]:
    """Return the numbers of a text as they stand there, without the commas between thousands."""
    return [n.replace(",", "") for n in re.findall(r"(?<![\w.,−-])\d[\d,]*\.?\d*(?![\w])", text)]
