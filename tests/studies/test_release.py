"""The gate through which results of private data leave: counts in fives, and nothing that speaks of fewer than five contacts."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_projects import closed_off, private, simulated  # noqa: F401  # fixtures
from told import numbers

from segkit import disclosure
from segkit.data.audit import EventAudit
from segkit.errors import PrivacyError
from segkit.studies.base import plain
from segkit.studies.contacts import ContactsStudy
from segkit.studies.release import release

UNITS = re.compile(r"^(units|size|contacts|smallest|overdue_now|common)$")
SIZES = st.integers(0, 400)


@given(SIZES)
def test_a_count_is_told_in_fives_and_never_off_by_more_than_two(n: int) -> None:
    told = disclosure.whole(n)
    assert (told is None) == (0 < n < 5)
    assert told is None or (told % 5 == 0 and abs(told - n) <= 2)


@given(SIZES.filter(lambda n: n > 0), st.data())
def test_a_share_hides_few_units_and_few_others(n: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, n))
    told = float(disclosure.share(pd.Series([float(part)]), float(n)).iloc[0])
    few = 0 < part < 5 or 0 < n - part < 5 or n < 5
    assert np.isnan(told) == few
    assert few or (0 <= told <= 1 and abs(told * disclosure.whole(n) - part) <= 5)


@given(st.floats(0, 1), st.integers(10, 400))
def test_ends_of_intervals_are_moved_outward_in_steps_of_five_units(value: float, n: int) -> None:
    low, high = (float(disclosure.in_steps(pd.Series([value]), float(n), to).iloc[0]) for to in (np.floor, np.ceil))
    assert 0 <= low <= value + 1e-12 and high >= min(value, 1) - 1e-12
    step = 5 / disclosure.whole(n)
    assert abs(low / step - round(low / step)) < 1e-6


@given(st.lists(st.integers(0, 5000), min_size=5, max_size=60), st.floats(0, 1))
def test_a_quantile_is_told_as_five_units_have_it_or_as_a_mean_of_five(values: list[int], q: float) -> None:
    array = np.array(values, dtype=np.float64)
    found = float(np.quantile(array, q))
    told = disclosure.common(found, array)
    if np.isnan(told) or found == 0:
        return
    if abs(told - found) <= disclosure.FINE * abs(found):
        return  # rounded by a fine step, or the mean of five that lie near
    five = array[np.argsort(np.abs(array - found), kind="stable")[:5]]
    assert told == disclosure.figures(float(five.mean()), 2)


def test_a_value_that_one_unit_has_is_not_told_as_it_is() -> None:
    values = np.array([101.0, 108.0, 113.0, 127.0, 139.0, 151.0, 163.0])
    for value in values:
        assert disclosure.common(float(value), values) not in set(values)


def test_calls_of_one_contact_are_one_value() -> None:
    lengths, units = np.repeat(777.0, 50), np.zeros(50, dtype=np.int64)
    assert np.isnan(disclosure.common(777.0, lengths, units))


def test_what_has_no_rule_does_not_leave(private: ContactsStudy) -> None:  # noqa: F811
    with pytest.raises(PrivacyError, match="no rule says how a date"):
        release(pd.Timestamp(0).date(), private)


def test_every_step_of_a_private_study_has_a_rule(private: ContactsStudy) -> None:  # noqa: F811
    told = private.released
    assert told is not private and told.exact is private
    for name in private.steps:
        getattr(told, name)


def test_public_and_simulated_data_are_told_exactly(simulated: ContactsStudy) -> None:  # noqa: F811
    assert simulated.released is simulated


def test_counts_in_results_of_private_data_are_fives(private: ContactsStudy) -> None:  # noqa: F811
    results = json.loads(json.dumps(plain(private.released.results())))
    for part in ("params", "parameters"):
        assert part not in UNITS.pattern
    told = [(k, v) for k, v in numbers({k: v for k, v in results.items() if k != "data"}) if UNITS.match(k)]
    whole_log = {float(results["data"]["units"])}
    assert len(told) > 20
    assert all(v % 5 == 0 or v in whole_log for _, v in told), told
    assert not any(0 < v < 5 for _, v in told)


def test_the_gate_changes_nothing_of_the_exact_study(private: ContactsStudy) -> None:  # noqa: F811
    before = plain(private.results())
    private.released.results()
    assert plain(private.results()) == before
    assert before != plain(private.released.results())


def test_the_fingerprint_of_a_private_file_does_not_confirm_a_guess(private: ContactsStudy) -> None:  # noqa: F811
    assert private.source.fingerprint not in json.dumps(plain(private.released.results()))


def test_labels_of_few_contacts_are_not_named(private: ContactsStudy) -> None:  # noqa: F811
    audit: EventAudit = private.audit
    kinds = pd.concat(
        [
            audit.units_per_category,
            pd.DataFrame({"category": ["Rare"], "events": [9], "share": [0.01], "units": [3]}),
        ],
        ignore_index=True,
    )
    from dataclasses import replace

    told = release(replace(audit, units_per_category=kinds), private)
    assert "Rare" not in set(told.units_per_category["category"])
    assert set(told.units_per_category["category"]) == set(audit.units_per_category["category"])
