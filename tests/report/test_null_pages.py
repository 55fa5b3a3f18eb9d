"""What the pages say of populations without segments, and of the verdict: true, whatever the numbers are."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import SimpleNamespace as Plain

import numpy as np
import pandas as pd
import pytest
from report_project import downloads, unescaped
from said import bullets, front_lead, said
from test_figures import overlaps, words
from test_sentences import read

from segkit.contract import LEADS
from segkit.engine.null_statistics import AT_K, LESS, holm, p_value
from segkit.engine.nulls import Nulls, _between
from segkit.engine.verdict import Verdict, verdict
from segkit.report import claims, layout, null_fit, optima, settled
from segkit.report import nulls as pages
from segkit.report import verdict as words_of
from segkit.report.show import Shown
from segkit.seeds import generator
from segkit.studies.contacts import TERMS

__all__ = ["downloads"]
pytest_plugins = ["report_project"]
pytestmark = pytest.mark.usefixtures("downloads")

NULLS = ("exchangeable", "continuous", "copula")
WEIGHTS = {"recency_days": 0.3, "n_calls": 0.6, "tenure_days": 0.1}  # of which the second accounts for half alone
LABELS = {"n_calls": "calls", "recency_days": "days since last call"}
STATISTICS = (*AT_K, "silhouette_k2", "silhouette_k3")


def made(
    above: Mapping[str, float], count: int = 99, *, missing: int = 0, distance: float | dict[str, float] = 0.1
) -> Nulls:
    """Return a comparison in which the log lies so many standard deviations above the mean of each null."""
    rows, draws = [], []
    for null, z in above.items():
        rng = generator(f"tests/{null}")
        drawn = pd.DataFrame(0.5 + 0.02 * rng.normal(size=(count, len(STATISTICS))), columns=list(STATISTICS))
        drawn.iloc[:missing] = np.nan
        own = pd.DataFrame({"null": null, "statistic": STATISTICS})
        sign = np.where([s in LESS for s in STATISTICS], -1, 1)
        own["observed"] = 0.5 + 0.02 * z * sign if np.isfinite(z) else np.nan
        own["null_mean"], own["null_sd"] = drawn.mean().to_numpy(), drawn.std().to_numpy()
        own["effect"] = own["observed"] - own["null_mean"]
        own["p"] = [
            p_value(o, drawn[s].to_numpy(), less=s in LESS) for s, o in zip(STATISTICS, own["observed"], strict=True)
        ]
        own["p_holm"] = [np.nan, *holm(own["p"][1:].tolist())]
        own["usable"], own["drawn"] = count - missing, count
        between = [_between(round(p * (count + 1)) - 1, count, 0.95) if p == p else (np.nan, np.nan) for p in own["p"]]
        own["p_low"], own["p_high"] = zip(*between, strict=True)
        own["settled"] = [p != p or abs(p - 0.05) > 0.03 for p in own["p"]]
        rows.append(own)
        drawn.insert(0, "replicate", range(count))
        drawn.insert(0, "null", null)
        draws.append(drawn)
    far = distance if isinstance(distance, dict) else dict.fromkeys(above, distance)
    rows_of_fit = [(n, f, far[n], w) for n in above for f, w in WEIGHTS.items()]
    fit = pd.DataFrame(rows_of_fit, columns=["null", "feature", "distance", "weight"])
    params = {
        "count": count, "k": 4, "bootstraps": 20, "splits": 5, "subset": 300, "subsamples": 20, "level": 0.05,
        "declared": "silhouette", "units": 200, "fits": 3 * count * len(above), "unconverged": 2 * missing,
    }  # fmt: skip
    errors = pd.Series(dict.fromkeys(above, 0.3))
    return Nulls(pd.concat(rows, ignore_index=True), pd.concat(draws, ignore_index=True), fit, errors, params, 42)


CASES = {
    "all beaten": made(dict.fromkeys(NULLS, 9.0)),
    "none beaten": made(dict.fromkeys(NULLS, 0.0)),
    "one beaten": made({**dict.fromkeys(NULLS, 0.0), "exchangeable": 9.0}),
    "two beaten, one near": made({**dict.fromkeys(NULLS, 9.0), "copula": 1.6}),
    "few data sets": made(dict.fromkeys(NULLS, 9.0), 9),
    "some unusable": made(dict.fromkeys(NULLS, 9.0), missing=2),
    "none usable": made(dict.fromkeys(NULLS, 9.0), missing=99),
    "no partition": made(dict.fromkeys(NULLS, np.nan)),
    "one null of its own": made({"a_new_one": 9.0}, distance=0.0),
    "all beaten, a bad fit": made(
        dict.fromkeys(NULLS, 9.0), distance={"exchangeable": 0.2, "continuous": 0.4, "copula": 0.0}
    ),
    "none beaten, a bad fit": made(
        dict.fromkeys(NULLS, 0.0), distance={"exchangeable": 0.1, "continuous": 0.4, "copula": 0.0}
    ),
    "few data sets, a bad fit": made(dict.fromkeys(NULLS, 9.0), 9, distance=0.4),
    "one null of its own, a bad fit": made({"a_new_one": 9.0}, distance=0.4),
}


def caption(shown: Shown) -> str:
    return re.sub(r" \[CSV\].*$", "", unescaped(shown.markdown.splitlines()[-2]))


def sentences(found: Nulls) -> Iterator[tuple[str, str]]:
    yield from (
        (label, said("nulls", label, nulls=found)) for label in ("lead", "how-many", "meaning-of-p", "adjusted")
    )
    yield "strength", unescaped(str(pages.strength_note(found, TERMS)))
    yield "settled", unescaped(str(settled.settled_note(found, TERMS)))
    yield "optima", unescaped(str(optima.note(found.params)))
    yield "declared", pages.declared_caption(found, TERMS)
    yield "declared alt", pages.declared_alt(found, TERMS)
    yield "k", pages.k_caption(found, TERMS)
    yield "k alt", pages.k_alt(found, TERMS)
    yield "table", caption(pages.statistics_table(found, TERMS))
    yield "fit", caption(pages.fit_table(found, LABELS, TERMS))
    yield "fit of deciding", noted(found)
    if (found.fit["distance"] > 0).any():
        yield "deciding", caption(null_fit.fit_of_deciding(found, LABELS, TERMS))
    yield from ((f"claim {c.claim}", f"{c.claim}: {c.evidence}.") for c in claims.nulls(found, TERMS))
    yield from (("limits", text) for text in limits(found, 2091))


def noted(found: Nulls) -> str:
    return unescaped(str(null_fit.fit_note(found, LABELS, TERMS)))


def limits(found: Nulls, units: int) -> list[str]:
    return bullets(said("nulls", "limits", nulls=found, provenance=Plain(units=units)))


@pytest.mark.parametrize("case", CASES)
def test_sentences_read_well(case: str) -> None:
    for name, text in sentences(CASES[case]):
        if text:
            read(name, text)


def test_the_lead_says_which_nulls_are_beaten() -> None:
    assert said("nulls", "lead", nulls=CASES["all beaten"]).endswith("Every population without segments is beaten.")
    assert said("nulls", "lead", nulls=CASES["none beaten"]).startswith("No population without segments is beaten")
    text = said("nulls", "lead", nulls=CASES["one beaten"])
    beyond, within = text.split(", but within ")
    assert "shuffled" in beyond and "continuum" not in beyond and "(p-values 0.01)" not in beyond
    assert "continuum" in within and "correlated" in within
    assert "(p 0.01)" in beyond


@pytest.mark.parametrize("case", CASES)
def test_the_lead_and_the_caption_agree_with_the_test(case: str) -> None:
    found = CASES[case]
    beaten = sum(found.beaten.values())
    text = pages.declared_caption(found, TERMS)
    assert ("beyond every null" in text or "beyond the null" in text) == (beaten == len(found.names))
    assert ("beyond none" in text) == (beaten == 0 and found.testable)


def test_p_near_the_level_is_said_to_be_close(downloads: object) -> None:
    found = CASES["two beaten, one near"]
    p = float(found.row("copula")["p"])
    assert 0.02 < p < 0.08
    text = unescaped(str(settled.settled_note(found, TERMS)))
    assert "For “correlated features without clusters” it does not" in text and "as close" in text and "1,999" in text
    shown = unescaped(settled.settled_table(found, TERMS).markdown)
    assert "More data sets could turn the answer for “correlated features without clusters”" in shown
    low, high = found.row("copula")[["p_low", "p_high"]]
    assert f"{low:.3f} to {high:.3f}" in shown
    assert "every answer is settled" in unescaped(str(settled.settled_note(CASES["all beaten"], TERMS)))
    assert "the answer is settled" in unescaped(str(settled.settled_note(CASES["one null of its own"], TERMS)))
    assert "No answer hangs" in settled.settled_table(CASES["all beaten"], TERMS).markdown
    for none in ("few data sets", "no partition"):
        assert settled.settled_table(CASES[none], TERMS).markdown == ""


def test_partitions_whose_best_is_not_proved_are_counted() -> None:
    few, one, none = ({"fits": 1297, "unconverged": n} for n in (14, 1, 0))
    assert "not enough for 14 of 1,297 partitions: of these" in str(optima.note(few)).replace("\xa0", " ")
    assert "1 of 1,297 partitions: of that partition" in str(optima.note(one)).replace("\xa0", " ")
    assert "So it was for all 1,297 partitions" in str(optima.note(none)).replace("\xa0", " ")
    for counts in (few, one, none, {"fits": 1, "unconverged": 0}):
        read("optima", unescaped(str(optima.note(counts))))
    assert str(optima.note({})) == str(optima.note({"fits": 0, "unconverged": 0})) == ""
    assert optima.at_k([]) == "" and "K = 7 and 8, 200 starts" in optima.at_k([7, 8]).replace("\xa0", " ")


def test_too_few_data_sets_are_said_so() -> None:
    """(1 + 0) / (9 + 1) = 0.1 is above 0.05: nothing can be beaten, and the page must not say that nothing was."""
    few, enough = CASES["few data sets"], CASES["all beaten"]
    assert "can fall so low" in said("nulls", "meaning-of-p", nulls=few) and "none can be beaten" in said(
        "nulls", "lead", nulls=few
    )
    assert "within" not in said("nulls", "lead", nulls=few) and unescaped(str(settled.settled_note(few, TERMS))) == ""
    for text in (
        pages.declared_caption(few, TERMS),
        pages.k_caption(few, TERMS),
        caption(pages.statistics_table(few, TERMS)),
    ):
        assert "Too few data sets to tell" in text
    assert "can fall so low" not in said("nulls", "meaning-of-p", nulls=enough)
    found = verdict(few.beaten, {1: 0.9}, 0.9, testable=few.testable)
    assert "too few populations" in sentence(found) and "could look" not in sentence(found)


def test_adjusted_values_that_cannot_reach_the_level_are_said_so() -> None:
    """Nine measures and 99 data sets: 9 / 100 = 0.09 is above 0.05."""
    assert "below 0.09" in said("nulls", "adjusted", nulls=CASES["all beaten"])
    assert "stay at or below" in said("nulls", "adjusted", nulls=made(dict.fromkeys(NULLS, 9.0), 399))


def test_limits_count_what_was_left_out() -> None:
    assert any("2,091" in t and "200" in t for t in limits(CASES["all beaten"], 2091))
    assert not any("at random" in t for t in limits(CASES["all beaten"], 200))
    assert any("Six data sets" in t for t in limits(CASES["some unusable"], 200))


@pytest.mark.parametrize("case", CASES)
def test_figures_can_be_read(case: str) -> None:
    found = CASES[case]
    for figure in (pages.declared_figure(found, TERMS), pages.k_figure(found, TERMS)):
        assert figure.get_figwidth() <= 6.5 and len(figure.axes) == len(found.names)
        assert overlaps(figure) == []
        assert not any("nan" in w for w in words(figure))


def test_the_table_holds_effects_and_p_values() -> None:
    found = CASES["one beaten"]
    text = pages.statistics_table(found, TERMS).markdown
    effect = found.row("exchangeable")["effect"]
    assert f"{effect:+.3f} (p 0.01)" in text
    assert text.count("<tr>") == 1 + len(AT_K)  # other numbers of segments are in the figure
    assert "less is clearer" in text


# The fit of what decides


def test_the_features_that_decide_are_named_with_how_well_they_are_fitted() -> None:
    """Of 200 units samples differ by 1.358 x sqrt(2 / 200) = 0.136 by chance, so that 0.13 is no bad fit, and 0.14 is one."""
    assert CASES["all beaten"].limit == pytest.approx(0.1358)
    assert (null_fit.tolerated(), null_fit.limit(CASES["all beaten"])) == ("0.1", "0.14")
    text = noted(made(dict.fromkeys(NULLS, 9.0), distance={"exchangeable": 0.14, "continuous": 0.13, "copula": 0.0}))
    assert text.startswith("Calls decides most: it accounts for at least 50\u00a0% of the variance between segments.")
    assert "The null “correlated features without clusters” keeps the margin of each feature by construction" in text
    assert "The null “one continuum of contacts” fits them: the largest distance is 0.13, and from 0.14 on" in text
    assert "“calls shuffled between contacts” is beaten while it badly fits calls (0.14). That shows little" in text


def test_what_a_bad_fit_takes_from_an_answer_is_said() -> None:
    assert "is beaten while it badly fits calls (0.40)" in noted(CASES["all beaten, a bad fit"])
    text = noted(CASES["none beaten, a bad fit"])
    assert "is not beaten, and badly fits calls (0.40). That shows little: one that fits better" in text
    assert text.count("badly") == 1  # of the others, one fits, and one keeps margins
    few = noted(CASES["few data sets, a bad fit"])
    assert few.count("whatever its answer") == 3 and "beaten" not in few
    assert "Every null fits them" in noted(CASES["all beaten"]) and "badly" not in noted(CASES["all beaten"])
    assert "The null keeps the margin" in noted(CASES["one null of its own"])


def test_the_fit_stands_beside_p(downloads: object) -> None:
    found = CASES["all beaten, a bad fit"]
    shown = unescaped(null_fit.fit_of_deciding(found, LABELS, TERMS).markdown)
    assert "One continuum of contacts (p 0.01)" in shown and "0.40, badly" in shown and "0.00<" in shown
    assert re.search(r"\b60(\.0)?\s%", shown) and "days since" not in shown  # which decides less
    assert "“calls shuffled between contacts” and “one continuum of contacts” badly fit features" in shown
    assert "Every null fits the features" in null_fit.fit_of_deciding(CASES["all beaten"], LABELS, TERMS).markdown
    assert null_fit.fit_of_deciding(CASES["one null of its own"], LABELS, TERMS).markdown == ""


def test_features_of_unknown_weight_all_decide() -> None:
    found = CASES["all beaten, a bad fit"]
    found = replace(found, fit=found.fit.assign(weight=np.nan))
    assert found.deciding == list(WEIGHTS)
    assert "variance between" not in noted(
        found
    ) and "badly fits days since last call (0.40), calls (0.40) and" in noted(found)


def test_claims_hold_in_part_where_the_null_that_is_beaten_fits_badly() -> None:
    """That events are not exchangeable is shown by any difference; the others are laws, which may be the wrong ones."""
    told = claims.nulls(CASES["all beaten, a bad fit"], TERMS)
    assert [c.verdict for c in told] == ["holds", "partly", "holds"]
    assert ["badly fits" in c.evidence for c in told] == [True, True, False]
    assert {c.verdict for c in claims.nulls(CASES["none beaten, a bad fit"], TERMS)} == {"inconclusive"}
    assert {c.verdict for c in claims.nulls(CASES["few data sets, a bad fit"], TERMS)} == {"cannot tell"}


# The verdict

ALL = dict.fromkeys(NULLS, True)
VERDICTS = {
    f"{beaten}{jaccard}{q05}{segmented}{len(misfit)}": verdict(
        {**ALL, "copula": beaten[0], "continuous": beaten[1]}, {1: 0.9, 2: jaccard}, q05, segmented=segmented, misfit=misfit
    )
    for beaten, jaccard, q05, segmented, misfit in itertools.product(
        [(True, True), (False, True), (False, False)], [0.8, 0.5, float("nan")], [0.9, 0.5, float("nan")], [True, False],
        [(), NULLS],
    )
}  # fmt: skip


def sentence(found: Verdict) -> str:
    """Return what the front page of a study says of the verdict."""
    return front_lead(found).removesuffix(" [More than chance?](nulls.qmd)")


@pytest.mark.parametrize("case", VERDICTS)
def test_the_verdict_reads_well_and_is_the_computed_one(case: str) -> None:
    found: Verdict = VERDICTS[case]
    for name, text in (
        ("headline", words_of.headline(found)), ("sentence", sentence(found)),
        ("meaning", said("nulls", "meaning", verdict=found, cards=())),
    ):  # fmt: skip
        read(name, text)
    assert found.word in words_of.headline(found) and found.word in words_of.status(found)


@pytest.mark.parametrize("case", VERDICTS)
def test_nulls_that_were_not_beaten_are_named(case: str) -> None:
    found = VERDICTS[case]
    if found.word in ("reproducible", "constructive"):
        assert all(pages.title(n, TERMS).lower() in sentence(found) for n in found.not_beaten)
    if found.word == "natural":
        assert "every population" in sentence(found)


@pytest.mark.parametrize("page", ["index", "nulls"])
def test_the_verdict_says_when_it_rests_on_a_bad_fit(page: str) -> None:
    def told(beaten: Mapping[str, bool], *misfit: str, testable: bool = True) -> str:
        found = verdict(beaten, {1: 0.9}, 0.9, misfit=misfit, testable=testable)
        return sentence(found) if page == "index" else said("nulls", "meaning", verdict=found, cards=())

    one, two = "“one continuum of contacts”", "“calls shuffled between contacts”"
    assert f"But {one} badly fits features that decide most: that it is beaten shows little." in told(ALL, "continuous")
    both = told(ALL, "exchangeable", "continuous")
    assert f"But {two} and {one} badly fit features that decide most: that they are beaten shows little." in both
    rest = {**ALL, "continuous": False}
    assert f"But {one} badly fits features that decide most: one that fits better could be beaten." in told(
        rest, "continuous"
    )
    assert "badly" not in told(rest, "exchangeable")  # it is beaten, and nothing rests on that
    assert "badly" not in told(ALL) and "badly" not in told(dict.fromkeys(NULLS, False), *NULLS, testable=False)
    none = verdict(ALL, {1: 0.9}, 0.9, misfit=NULLS, segmented=False)
    assert "badly" not in sentence(none)


def test_what_is_not_stable_is_named_with_its_number() -> None:
    low = verdict(ALL, {1: 0.9, 2: 0.5}, 0.9)
    assert "0.5" in sentence(low) and "ARI" not in sentence(low)
    far = verdict(ALL, {1: 0.9, 2: 0.9}, 0.61)
    assert "0.61" in sentence(far) and "Jaccard" not in sentence(far)


def test_the_banner_carries_the_verdict() -> None:
    at = Plain(
        title="A log",
        public=True,
        real=True,
        source="real",
        private=False,
        rows=9,
        units=3,
        fingerprint="0" * 64,
        build="",
        unsearched=None,
    )
    span = (pd.Timestamp("2022-01-01"), pd.Timestamp("2022-02-01"))
    text = layout.banner(at, span, "2026-01-01", TERMS, "reproducible segments").markdown  # type: ignore[arg-type]
    assert "Verdict: reproducible segments" in text
    assert "Verdict" not in layout.banner(at, None, "2026-01-01", TERMS).markdown  # type: ignore[arg-type]


@pytest.mark.parametrize("z", [6.0, 0.0])
@pytest.mark.parametrize("count", [99, 9])
def test_the_page_on_leads_tells_of_its_one_null(z: float, count: int) -> None:
    found = made({"independent": z}, count)
    lead = said("nulls", "lead", LEADS.terms, "personas", nulls=found)
    if count < 19:
        assert lead.startswith("With 9 data sets no p can fall to 0.05")
    elif z:
        assert "beyond all that such leads explain (p 0.01)" in lead
    else:
        assert "would give personas as clear" in lead
    assert "the null" in pages.declared_caption(found, LEADS.terms) or count < 19
    assert "every null" not in pages.k_caption(found, LEADS.terms) + pages.declared_caption(found, LEADS.terms)
    assert "in one panel" in pages.k_alt(found, LEADS.terms)
    assert pages.quoted("independent", LEADS.terms) == "“unrelated fields”"
    assert "answer is settled" in str(settled.settled_note(found, LEADS.terms)) or count < 19


@pytest.mark.parametrize("way", ["factors", "modes", "classes", "gower"])
def test_the_page_on_leads_names_the_way_in_use(way: str) -> None:
    text = said("nulls", "how-many", LEADS.terms, "personas", nulls=made({"independent": 3.0}), way=way)
    names = {"factors": "k-means", "modes": "k-modes", "classes": "latent classes", "gower": "medoids"}
    assert f"the same coding, {names[way]}, and K" in text


@pytest.mark.parametrize("beaten", [True, False])
@pytest.mark.parametrize("jaccard", [0.9, 0.5])
def test_the_verdict_on_leads_says_what_to_make_of_it(beaten: bool, jaccard: float) -> None:
    word = (
        "natural"
        if beaten and jaccard > 0.75
        else "fragile structure"
        if beaten
        else "reproducible"
        if jaccard > 0.75
        else "constructive"
    )
    found = Verdict(word, {"independent": beaten}, {1: jaccard}, 0.9, 0.75)
    text = said("nulls", "meaning", LEADS.terms, "personas", verdict=found)
    assert ("The null is beaten," in text) == beaten and ("The null is not beaten," in text) != beaten
    assert "every null" not in text.lower() and ("the weakest there is" in text) == (word == "natural")
    none = said(
        "nulls",
        "meaning",
        LEADS.terms,
        "personas",
        verdict=Verdict("no segmentation", {"independent": beaten}, {1: jaccard}, 0.9, 0.75),
    )
    assert "a single field that matters" in none


def test_a_prediction_strength_that_a_null_reaches_is_no_sign_of_segments() -> None:
    text = str(pages.strength_note(made({"exchangeable": 9.0, "continuous": 0.5, "copula": -2.0}), TERMS))
    assert text.startswith(
        "The prediction strength, 0.68 when measured in this way, is no higher than it is on average in “correlated"
    )
    assert (
        "no sign of them. It is higher than the mean of “one continuum of contacts” (0.50), but not beyond chance"
        in text
    )
    assert "shuffled" not in text  # that one is beaten
    assert str(pages.strength_note(CASES["all beaten"], TERMS)) == ""
    assert str(pages.strength_note(CASES["no partition"], TERMS)) == ""
