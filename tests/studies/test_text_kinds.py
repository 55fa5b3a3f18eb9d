"""What kinds of texts are described by, against means that follow by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segkit.studies.text_kinds import text_kinds
from segkit.studies.text_methods import divided

PAIRS = [f"p{i:02d}" for i in range(24)]
SUBSCRIBERS = pd.Series([f"s{i // 2}" for i in range(24)], index=PAIRS)  # two pairs each
INDEX = pd.MultiIndex.from_tuples([*((p, 1) for p in PAIRS), *((p, 2) for p in PAIRS[:4])], names=["pair", "stage"])
OWN = pd.Series([1 if p < "p12" else 2 for p in INDEX.get_level_values("pair")], index=INDEX)
DOCUMENTS = pd.DataFrame(
    {"words": [10.0] * 12 + [90.0] * 12 + [10.0] * 4, "messages": 3.0, "revenue": 0.0}, index=INDEX
)
EARLIER = pd.Series([7 if p < "p12" else 3 for p in PAIRS], index=PAIRS)  # the same, by other numbers
AGAIN = pd.Series([i % 4 == 0 if i < 12 else i % 4 != 0 for i in range(24)], index=PAIRS)


def test_means_are_of_the_documents_of_a_kind_and_outcomes_of_pairs_by_what_they_had_written_before() -> None:
    documents = DOCUMENTS.assign(revenue=np.arange(28.0))
    table = text_kinds({"A": OWN}, documents, {"A": EARLIER}, AGAIN, SUBSCRIBERS).table.set_index("kind")
    assert table["documents"].tolist() == [16, 12] and table["subscribers"].tolist() == [6, 6]
    assert table["words"].tolist() == [10.0, 90.0]
    # Revenue of 0 to 11 and 24 to 27, and of 12 to 23; three of twelve pairs write again, and nine.
    assert table["revenue"].tolist() == pytest.approx([(66 + 102) / 16, 17.5])
    assert table["again"].tolist() == [0.25, 0.75] and table["pairs"].tolist() == [12, 12]
    assert (table["again_low"] < table["again"]).all() and (table["again"] < table["again_high"]).all()


def test_kinds_of_earlier_texts_are_matched_by_pairs_and_not_by_their_numbers() -> None:
    found = text_kinds({"A": OWN}, DOCUMENTS, {"A": EARLIER}, AGAIN, SUBSCRIBERS)
    assert found.alike == {"A": 1.0}


def test_what_fewer_than_five_subscribers_have_is_not_told() -> None:
    few = OWN.where(OWN.index.get_level_values("pair") < "p14", 3)  # the second kind has two pairs of one subscriber
    table = text_kinds({"A": few}, DOCUMENTS, {}, AGAIN, SUBSCRIBERS).table.set_index("kind")
    assert table.loc[2, ["words", "messages", "revenue", "again"]].isna().all() and table.loc[2, "documents"] == 2
    assert table.loc[3, "words"] == 90.0


def test_without_money_there_is_no_revenue_and_a_single_buyer_dominates() -> None:
    none = text_kinds({"A": OWN}, DOCUMENTS.assign(revenue=np.nan), {}, AGAIN, SUBSCRIBERS).table
    assert none["revenue"].isna().all() and none["again"].isna().all()
    one = text_kinds(
        {"A": OWN}, DOCUMENTS.assign(revenue=[500.0] + [1.0] * 27), {}, AGAIN, SUBSCRIBERS
    ).table.set_index("kind")
    assert bool(one.loc[1, "dominated"]) and not bool(one.loc[2, "dominated"])


def test_intervals_are_over_subscribers_and_the_same_every_time() -> None:
    one, two = (text_kinds({"A": OWN}, DOCUMENTS, {"A": EARLIER}, AGAIN, SUBSCRIBERS, seed=3).table for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    # Each subscriber has two pairs that do the same: intervals are wider than with twice as many subscribers.
    alone = pd.Series(PAIRS, index=PAIRS)
    same = pd.Series([i // 2 % 2 == 0 for i in range(24)], index=PAIRS)
    width = [
        (t["again_high"] - t["again_low"]).iloc[0]
        for t in (text_kinds({"A": OWN}, DOCUMENTS, {"A": EARLIER}, same, s).table for s in (SUBSCRIBERS, alone))
    ]
    assert width[0] > 1.2 * width[1]


def test_without_kinds_there_is_nothing_and_no_error() -> None:
    found = text_kinds({}, DOCUMENTS, {}, AGAIN, SUBSCRIBERS)
    assert found.table.empty and found.to_json()["kinds"] == []


def test_two_heaps_are_divided_and_points_that_are_all_the_same_are_not() -> None:
    rng = np.random.default_rng(1)
    heaps = pd.DataFrame(np.repeat([[1.0, 0.0], [0.0, 1.0]], 12, axis=0) + rng.normal(0, 0.05, (24, 2)), index=PAIRS)
    labels = divided(heaps, None, 2)
    assert labels is not None and labels.groupby(labels).size().tolist() == [12, 12] and labels.iloc[:12].nunique() == 1
    assert divided(heaps * 0, None, 2) is None
