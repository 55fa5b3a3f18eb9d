"""Sentences that stand in pages: what they hold is escaped, and what they lack is an error."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from segkit.report import prose
from segkit.report.say import Say
from segkit.vocabulary import Vocabulary

SAY = Say(prose.Words(Vocabulary(unit="order", units="orders")))


def test_a_name_that_no_facts_have_is_an_error_that_names_it() -> None:
    for text in ("{{ missing }}", "{% if missing %}a{% endif %}", "{{ missing|number }}"):
        with pytest.raises(UndefinedError, match="missing"):
            SAY(text, {"there": 1})


@pytest.mark.parametrize("value", [0.5, None, True, [1]])
def test_what_is_no_text_and_no_count_wants_a_filter(value: object) -> None:
    with pytest.raises(TypeError, match="give it a filter"):
        SAY("{{ x }}", {"x": value})


def test_what_stands_in_braces_is_no_markup_and_the_text_around_it_is() -> None:
    said = SAY(
        "**{{ name }}** has {{ n }} {{ w.units }} at K = {{ n }}.", {"name": "*a* [b](c) <i>", "n": 1234}
    ).markdown
    assert said == "**\\*a\\* \\[b\\]\\(c\\) \\<i\\>** has 1,234 orders at K\xa0=\xa01,234."
