"""What pages, tables and results.json of one study must say alike; each contradiction is a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from turned_pages import Site, setting

from segkit import thresholds
from segkit.report.prose import GAP, count, exact, exact_percent, percent, word
from segkit.studies.events.policy import RHYTHMS

HOLDS, PARTLY, FAILS, UNSHOWN, OPEN = "holds", "partly", "does not hold", "inconclusive", "cannot tell"
COMMONPLACE = "holds without segments too"  # it holds, and says little
NUMBER = r"(\d[\d,.]*\d|\d)"
EVIDENCE = "contacts.evidence."

# Where a setting is stated: page, and the words around it. Each has to be there, and to state the setting.
STATED = {
    "jaccard": (
        ("stability", rf"The threshold in use is a setting, {NUMBER}:"),
        ("stability", rf"dashed line is the threshold in use, {NUMBER};"),
        ("stability", rf"the verdict is that of the threshold in use, {NUMBER}\."),
        ("sensitivity", rf"from {NUMBER} on it counts as found again"),
        ("choices", rf"comes back with a Jaccard similarity of {NUMBER} or more"),
        ("k-selection", rf"a strength of [\d.]+ and a similarity of {NUMBER};"),
        ("methods", rf"segment has a mean similarity of at least {NUMBER};"),
        ("methods", rf"segment has a mean bootstrap Jaccard similarity of at least {NUMBER},"),
        ("sure", rf"similarity, samples of its own[^|]*\| [^|]* \| at least {NUMBER} \|"),
        ("sure", rf"similarity, samples of the rule \| [^|]* \| at least {NUMBER} \|"),
        ("reproducibility", rf"contacts\.evidence\.jaccard \| {NUMBER} \|"),
    ),
    "prediction_strength": (
        ("k-selection", rf"a strength of {NUMBER} and a similarity of"),
        ("methods", rf"a mean strength of at least {NUMBER} of which"),
        ("sure", rf"mean prediction strength \| [^|]* \| at least {NUMBER} \|"),
        ("reproducibility", rf"contacts\.evidence\.prediction_strength \| {NUMBER} \|"),
    ),
    "level": (
        ("nulls", rf"at least as high; up to {NUMBER} a null counts as beaten"),
        ("methods", rf"is the declared test, at level {NUMBER};"),
        ("sure", rf"\| p [^|]* \| p at most {NUMBER} \|"),
        ("reproducibility", rf"contacts\.evidence\.level \| {NUMBER} \|"),
    ),
}  # fmt: skip
# Other sentences that may state what happens to be the default of a setting.
OTHERS = re.compile(r"Rules of thumb|rules of thumb|as recovered above|every recall at least|adjusted Rand|ARI|p-value")
ASKS = re.compile(
    r"at least|at most|from|or more|asked|needed|threshold|up to|below|above|level|strength of|similarity of"
)

Fault = Iterator[str]


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace(GAP, " "))


def _claim(site: Site, words: str) -> dict[str, str]:
    found = next(c for c in site.tables["claims"] if words in c["claim"])
    return found | ({"verdict": HOLDS} if found["verdict"] == COMMONPLACE else {})


def _text(site: Site, words: str) -> str:
    """Return the number of a claim as the page on claims writes it."""
    hit = re.search(rf"{re.escape(words)} \| [^|]* \| ([^|]*) \|", _flat(site.pages["sure"]))
    assert hit is not None, words
    return hit[1]


def _says(site: Site, page: str, *choices: tuple[str, str]) -> str:
    """Return what the first of some words that a page has stands for."""
    text = _flat(site.pages[page])
    return next((means for words, means in choices if re.search(words, text)), "says nothing of it")


def thresholds_are_settings(site: Site) -> Fault:
    """No sentence states a threshold other than the one in use."""
    for name, places in STATED.items():
        value = setting(site.study.source.config, EVIDENCE + name)
        for page, words in places:
            found = re.findall(words, _flat(site.pages[page]))
            if not found or any(hit != exact(value) for hit in found):
                yield f"{page}: {name} is {value}, and the page has {found} for {words}"
        default = getattr(thresholds, name.upper())
        for page, sentence in site.all() if value != default else ():
            stands = re.search(rf"(?<![\d.]){re.escape(exact(default))}(?![\d.]*\d)", sentence)
            if stands and " | " not in sentence and ASKS.search(sentence) and not OTHERS.search(sentence):
                yield f"{page}: {name} is {value}, and a sentence has {default}: {sentence}"
    contacts = site.study.source.config.contacts
    for page, words, value in (
        ("methods", rf"with \$a\$ = {NUMBER} %", exact_percent(contacts.clip)),
        ("methods", rf"with \$c\$ = {NUMBER}\.", exact(contacts.cap)),
        ("features", rf"the cap at {NUMBER}\.|capped at {NUMBER}\.", exact(contacts.cap)),
        ("audit", rf"the {NUMBER} % quantile of all calls", exact_percent(contacts.long_call_quantile)),
        ("glossary", rf"the {NUMBER} % quantile of all calls", exact_percent(contacts.long_call_quantile)),
        ("methods", rf"\$L\$ is the {NUMBER} % quantile", exact_percent(contacts.long_call_quantile)),
        ("methods", r"at most for PAC, each with (\w+) starts", word(contacts.evidence.starts)),
    ):
        hit = re.search(words, _flat(site.pages[page]))
        if hit is None or next(g for g in hit.groups() if g) != value.replace(GAP, " ").removesuffix(" %"):
            yield f"{page}: {hit and hit[0]} where the setting is {value}"


def claims_are_counted_alike(site: Site) -> Fault:
    """Front page and claims state the same count, which is that of the table."""
    held, n = sum(c["verdict"] == HOLDS for c in site.tables["claims"]), len(site.tables["claims"])
    for page in ("index", "sure"):
        found = re.findall(r"(\d+) of (\d+) claims holds?", _flat(site.pages[page]))
        if not found or any(hit != (str(held), str(n)) for hit in found):
            yield f"{page}: {held} of {n} claims hold, and the page has {found}"


def conclusions_follow_the_claims(site: Site) -> Fault:
    """What a page concludes is the verdict of the claim about the same thing."""
    steady = (("Each segment is steady enough", HOLDS), ("No segment is steady|Rules for “", FAILS))
    lead = ((r"Every segment (that is shown )?is found again in other", HOLDS), (r"(Not every|No) segment", FAILS))
    pairs: list[tuple[str, str, tuple[tuple[str, str], ...]]] = [
        ("found again in resamples", "stability", steady),
        ("found again in resamples", "stability", lead),
        ("Segments predict who is active next", "usefulness", (
            ("Segments predict in part", PARTLY), ("Segments predict who", HOLDS), ("segments do not tell who", UNSHOWN),
            ("This log cannot tell", OPEN))),
        ("A model can be kept", "time", (
            ("Where columns are scaled alike, the borders", PARTLY), ("The borders between segments last", HOLDS),
            ("The borders between segments move", FAILS), ("This log cannot say", OPEN))),
        ("A model can be kept", "time", (
            ("Keep the model", PARTLY), ("There is no need to refit the model", HOLDS), ("Refit the model", FAILS),
            ("Fit again when", OPEN))),
        ("Refitted a quarter later", "time", (("Most contacts stay", HOLDS), ("ontacts (inside them )?move:", FAILS), ("", OPEN))),
        ("Segments keep their shares", "time", (
            ("segments have hardly moved", HOLDS), ("segments have moved (somewhat|much)", FAILS), ("", OPEN))),
        ("Preprocessing does not decide", "choices", (
            ("segments hardly depend", HOLDS), ("segments depend in part", PARTLY), ("segments depend on", FAILS), ("", OPEN))),
        ("A few rules reproduce", "interpretation", (
            ("A rule card of", HOLDS), ("No short rule does it", FAILS), ("too few contacts for a rule", OPEN))),
        ("Every border", "k-selection", (
            ("border is more than such a cut", HOLDS), ("could be such a cut", UNSHOWN), ("no border could be shown", OPEN))),
        ("No block decides alone", "sensitivity", (("", _claim(site, "No block decides alone")["verdict"]),)),
    ]  # fmt: skip
    for words, page, choices in pairs:
        claimed, said = _claim(site, words)["verdict"], _says(site, page, *choices)
        if claimed != said:
            yield f"“{words}” {claimed}, and {page} says: {said}"
    light = "almost no weight" in site.pages["features"]
    if light != (_claim(site, "Every block")["verdict"] == FAILS):
        yield "features and claims disagree on whether a block has almost no weight"
    words = {"the same": HOLDS, "much the same": HOLDS, "a similar": HOLDS, "another": FAILS}
    hit = re.search(r"the result would be (.*?) partition", _flat(site.pages["sensitivity"]))
    if hit and words[hit[1]] != _claim(site, "The weight of the blocks")["verdict"]:
        yield f"at equal weight it is {hit[1]} partition, and the claim {_claim(site, 'The weight of the blocks')['verdict']}"


def verdict_is_one(site: Site) -> Fault:
    """The word at the top of every page is that of results.json, and its parts are those of the claims."""
    told = site.results["verdict"]
    for page, text in site.pages.items():
        for hit in re.findall(r"Verdict: ([a-z ]+?) (?:segments )?·", _flat(text)):
            if hit.removesuffix(" segments") != told["word"]:
                yield f"{page}: the verdict is {told['word']}, and the banner has {hit}"
    headline = f"The segments are {told['word'].replace('fragile', 'a fragile')}."
    headline = "There is no segmentation." if told["word"] == "no segmentation" else headline
    if headline not in site.pages["index"]:
        yield f"index: the verdict is {told['word']}"
    shown = all(c.medians for c in site.study.cards)
    if shown and told["recovered"] != (_claim(site, "found again in resamples")["verdict"] == HOLDS):
        yield "verdict and claims disagree on whether segments are found again"
    if told["agrees"] != (_claim(site, "The whole chain")["verdict"] == HOLDS):
        yield "verdict and claims disagree on the whole chain"
    if ("Keep the model as it was fitted" in site.pages["stability"]) and told["agrees"]:
        yield "stability asks to keep the model, though the whole chain agrees"
    least = site.study.source.config.contacts.evidence.jaccard
    for row in site.tables["jaccard"]:
        if row["verdict"] != ("found again" if float(row["mean"]) >= least else "not found again"):
            yield f"the CSV on stability has a mean of {row['mean']}, {row['verdict']} where {least} is asked"
    again = {r["verdict"] for r in site.tables["jaccard"] if r["scheme"] == "bootstrap"}
    if (again == {"found again"}) != (_claim(site, "found again in resamples")["verdict"] == HOLDS):
        yield f"the table on stability has {again}"


def number_of_segments_is_one(site: Site) -> Fault:
    """K and who decided are the same on every page, in the policy and in results.json."""
    told = site.results["k"]
    k, who = told["shown"], "set by hand" if told["set"] == "by hand" else told["set"]
    where = {
        "cards": len(site.results["segments"]), "policy": len(site.tables["policy"]),
        "front page": len(site.study.cards) if all(c.short in site.pages["index"] for c in site.study.cards) else 0,
    }  # fmt: skip
    for page, words in (("methods", r"k-means, K = (\d+),"), ("nulls", r"k-means with K = (\d+) as the log")):
        where[page] = int((re.search(words, _flat(site.pages[page])) or ["", "0"])[1])
    if set(where.values()) - {k}:
        yield f"there are {k} segments, and others have {where}"
    if f"Each of the {word(k)} segments comes back" not in site.pages["sure"]:
        yield f"sure: the claims are not about {k} segments"
    line = f"no segmentation; {k} shown for illustration" if told["chosen"] == 1 else f"{k} segments, {who}"
    for page in ("interpretation", "decisions", "k-selection"):
        if line not in _flat(site.pages[page]):
            yield f"{page}: the status is not “{line}”"
    front = "No segmentation" if told["chosen"] == 1 else f"{word(k).capitalize()}, {who}"
    if front not in _flat(site.pages["index"]):
        yield f"index: the box is not “{front}”"


def nulls_are_beaten_alike(site: Site) -> Fault:
    """Page, claims and results.json agree on each null, and write its p alike."""
    told, lead = site.results["verdict"], _flat(site.pages["nulls"]).split("K-means divides")[0]
    beyond = re.search(r"is beyond what (.*?) would give", lead)
    for name, claim, title in (
        ("exchangeable", "Contacts differ by more", "calls shuffled between contacts"),
        ("continuous", "There is more than differences", "one continuum of contacts"),
        ("copula", "There is more than margins", "correlated features without clusters"),
    ):
        row = _claim(site, claim)
        beaten = PARTLY if name in told["misfit"] and name != "exchangeable" else HOLDS
        expected = OPEN if not told["testable"] else beaten if told["beaten"][name] else UNSHOWN
        if row["verdict"] != expected:
            yield f"{name}: results.json has {expected}, the claim {row['verdict']}"
        if told["testable"] and (beyond is not None and title in beyond[1]) != told["beaten"][name]:
            yield f"{name}: the lead of the page on nulls has it otherwise"
        p = _text(site, row["claim"]).removeprefix("p ")
        if told["testable"] and not re.search(rf"(p|p-values|,|and) {re.escape(p)}(?=[ ,)])", lead):
            yield f"{name}: p is {p} in the claims, and the lead is {lead}"
    if ("leaves open whether" in lead) != (not told["testable"]):
        yield "nulls: the lead and results.json disagree on whether the nulls could be beaten"


def actions_have_one_source(site: Site) -> Fault:
    """Cards, portraits, policy, its CSV and results.json say the same of what to do, and how often."""
    rhythms, index = "|".join(name for _, name in RHYTHMS), _flat(site.pages["index"])
    for row, rule, segment in zip(site.tables["policy"], site.results["policy"], site.results["segments"], strict=True):
        name, action, cadence = row["name"], row["action"], row["cadence"]
        if (name, action) != (segment["name"], segment["action"]) or (action, cadence) != (
            rule["action"],
            rule["cadence"],
        ):
            yield f"{name}: the CSV and results.json do not ask for the same"
        for page in ("index", "interpretation"):
            if action not in _flat(site.pages[page]):
                yield f"{page}: {name} does not have the action “{action}”"
        words = set(re.findall(rf"\b({rhythms})\b", action))
        if words - {cadence}:
            yield f"{name}: the action says {words}, the cadence is {cadence}"
        told = re.search(rf"“{re.escape(name)}”: ([^“]*)", _flat(site.pages["decisions"]).split("## Reactivation")[0])
        said = (
            re.search(rf"the cadence is ({rhythms})|on new activity|one by one|nobody in it is", told[1])
            if told
            else None
        )
        if said is None or {"nobody in it is": "none"}.get(said[0], said[1] or said[0]) != cadence:
            yield f"decisions: the cadence of {name} is {cadence}, and the page says: {told and told[1]}"
        if row["reactivation"].startswith("none") and re.search("win back|before they call", action):
            yield f"{name}: there is no reactivation, and the action is “{action}”"
        if segment["size"] is not None:
            line = f"{count(segment['size'])} {percent(segment['share'])}".replace(GAP, " ")
            if line not in index or float(row["contacts"]) != segment["size"]:
                yield f"{name}: the front page does not have {line}, or the policy other contacts"
    extra = set(re.findall(rf"[Kk]eep an? ({rhythms})", index)) - {r["cadence"] for r in site.tables["policy"]}
    if extra:
        yield f"index: a cadence that no policy has: {extra}"


def orders_are_one(site: Site) -> Fault:
    """Decisions, the page on prediction and the claims name the same order, window and area."""
    use, decide = _flat(site.pages["usefulness"]), _flat(site.pages["decisions"])
    after, rather = (
        re.search(r"After them, it follows the (.*?)\.", decide),
        re.search(r"use the (.*?) rather than", use),
    )
    if rather and (after is None or after[1] != rather[1]) and "A short list begins" in decide:
        yield f"usefulness orders by {rather[1]}, decisions by {after and after[1]}"
    if after and not rather and after[1] != "segments":
        yield f"decisions orders by {after[1]}, usefulness by nothing"
    days = {*re.findall(r"in the next (\d+) days", use), *re.findall(r"next (\d+) days", _flat(site.pages["sure"]))}
    if len(days) > 1:
        yield f"the window is {days}"
    hit = re.search(r"the AUC \(area under the ROC curve\) is ([\d.]+)", use)
    if hit and abs(float(hit[1]) - float(_claim(site, "Segments predict who")["number"])) > 0.005:
        yield f"usefulness: the area is {hit[1]}, that of the claims {_claim(site, 'Segments predict who')['number']}"


def numbers_of_one_thing_agree(site: Site) -> Fault:
    """What several pages state is the same number, with the same digits."""

    def same(what: str, *found: str | None) -> Fault:
        if len({f for f in found if f}) > 1 or not any(found):
            yield f"{what}: {found}"

    def find(page: str, words: str) -> str | None:
        hit = re.search(words, _flat(site.pages[page]))
        return hit[1] if hit else None

    banners = {find(page, r"· ([\d,]+ calls, [\d,]+ contacts, [^·]*) ·") for page in site.pages}
    yield from same("calls, contacts and months", *banners)
    yield from same("long calls", *(find(p, w) for p, w in (
        ("audit", r"threshold of a long call, used as a feature, is (.*?):"), ("features", r"A long call lasts (.*?) or more"),
        ("glossary", r"A call that lasts at least (.*?), the"), ("methods", r"of all calls in the log: (.*?) here"))))  # fmt: skip
    yield from same("as-of time", *(find(p, w) for p, w in (
        ("features", r"Recency counts from (.*?)\."), ("glossary", r"moment from which recency counts: (.*?)\."),
        ("methods", r"as-of time: in this build, (.*?)\."))))  # fmt: skip
    ends = (
        "At the end of the log"
        if site.study.source.config.contacts.as_of is None
        else "At the time that the settings name"
    )
    late = find("decisions", r"(At the [^“]*?) [\d,]+ of [\d,]+ in “")
    if late is not None and late != ends:
        yield f"decisions: contacts are overdue {late}"
    psi = find("time", r"segments have [a-z ]* \(PSI ([\d.]+)\)")
    if psi:
        yield from same("PSI of the shares", psi, _text(site, "Segments keep their shares"))
    share = find("stability", r"[Cc]ontacts? \(([^)]*)\) comes? back to")
    if share:
        yield from same("contacts between segments", share, _text(site, "Few contacts lie between segments"))
    low = find("stability", r"lowest mean Jaccard ([\d.]+|over 0.99)")
    if low and low != "over 0.99" and low != "1.00":
        yield from same("lowest similarity", low, _text(site, _claim(site, "found again in resamples")["claim"]))


RULES: tuple[Callable[[Site], Fault], ...] = (
    thresholds_are_settings, claims_are_counted_alike, conclusions_follow_the_claims, verdict_is_one,
    number_of_segments_is_one, nulls_are_beaten_alike, actions_have_one_source, orders_are_one, numbers_of_one_thing_agree,
)  # fmt: skip


def contradictions(site: Site) -> list[str]:
    """Return every contradiction between the pages of one study."""
    return [fault for rule in RULES for fault in rule(site)]
