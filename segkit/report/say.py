"""The sentences of a page, which stand in the page: Jinja texts over the facts that a module of this package makes."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable
from typing import Any

from jinja2 import Environment, StrictUndefined, Template, Undefined
from jinja2.runtime import LoopContext

from .. import text
from . import prose, robustness
from .show import Shown

BLANK = re.compile(r"[ \t\n]+")
BEFORE = re.compile(r" +(?=[.,;:)]( |$))")  # a branch that ends a line leaves a blank before what follows it
EQUALS = re.compile(r"\bK = (?=\d)")


def _shown(value: Any) -> str:
    """Write what stands in braces: text as it is, whole numbers with separators; a fraction wants a filter."""
    if isinstance(value, str):
        return text.markdown(prose.minus(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return prose.count(value)
    if isinstance(value, Undefined):
        str(value)  # says which name no facts have
    raise TypeError(f"a sentence cannot hold {value!r}: give it a filter, as in {{{{ x|number }}}}")


def _separator(loop: LoopContext, last: str = "and") -> str:
    """Return what stands between an item of a loop and the next, as in a list."""
    return "" if loop.last else f" {last} " if loop.revindex == 2 else ", "


FILTERS: dict[str, Callable[..., str]] = {
    "ago": prose.ago, "beside": prose.beside, "capital": prose.capital,
    "agreement": robustness.agreement, "at_least": robustness.at_least,
    "exact": prose.exact, "exact_percent": prose.exact_percent, "fixed": prose.fixed, "listed": prose.join, "number": prose.number,
    "percent": prose.percent, "percent_beside": prose.percent_beside, "plural": prose.plural, "separator": _separator,
    "word": prose.word,
}  # fmt: skip
ENVIRONMENT = Environment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_shown, autoescape=False
)
ENVIRONMENT.filters.update(FILTERS)


class Say:
    """Say sentences of one page, with the nouns of its study.

    Parameters
    ----------
    words : Words
        Stands in every text as ``w``.

    Examples
    --------
    >>> say = Say(prose.Words(prose.Vocabulary(units="orders")))
    >>> say('''
    ... {{ found|word|capital }} {{ w.units }}
    ... {% if found == 1 %} is {% else %} are {% endif %} here. *K* = {{ k|exact }}.
    ... ''', {"found": 2, "k": 0.5}).markdown
    'Two orders are here. *K* = 0\\\\.5.'
    """

    def __init__(self, words: prose.Words) -> None:
        self.words = words

    def __call__(self, template: str, *facts: Any) -> Shown:
        """Fill in a text.

        Parameters
        ----------
        template : str
            Markdown with Jinja; what stands in braces is escaped. Lines are joined, but for blank ones and those that begin
            an item of a list.
        *facts : dataclass or dict
            Their fields and properties are the names of the text. A name that none of them has is an error.

        Raises
        ------
        jinja2.UndefinedError
            The text names what no facts have.
        TypeError
            A fraction stands in the text without the filter that rounds it.
        """
        names: dict[str, Any] = {"w": self.words}
        for given in facts:
            names |= _names(given)
        return Shown(tidy(_compiled(template).render(names)))


@functools.lru_cache(1_000)
def _compiled(template: str) -> Template:
    """Compile a text once: a page may be made several times, of other facts."""
    return ENVIRONMENT.from_string(template)


def _names(facts: Any) -> dict[str, Any]:
    if isinstance(facts, dict):
        return facts
    own = [f.name for f in dataclasses.fields(facts)]
    own += [n for n, v in vars(type(facts)).items() if isinstance(v, property)]
    return {n: getattr(facts, n) for n in own}


def tidy(said: str) -> str:
    r"""Join the lines of each paragraph and of each item of a list.

    >>> tidy("a\n b .\n\n- c\n  d\n- e K = 4")
    'a b.\n\n- c d\n- e K\xa0=\xa04'
    """
    paragraphs = re.split(r"\n[ \t]*\n", said.strip())
    return "\n\n".join(p for p in map(_paragraph, paragraphs) if p)


def _paragraph(lines: str) -> str:
    items = re.split(r"(?:^|\n)[ \t]*(?=- )", lines)
    gap = f"K{prose.GAP}={prose.GAP}"
    return "\n".join(EQUALS.sub(gap, BEFORE.sub("", BLANK.sub(" ", i).strip())) for i in items if i.strip())
