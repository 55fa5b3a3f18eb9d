"""The sentences that stand in pages, for the tests of what they say."""

from __future__ import annotations

import ast
import functools
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from report_project import unescaped

from segkit.engine.verdict import Verdict
from segkit.report import answers, prose
from segkit.report.say import Say
from segkit.site.embedded.model import Cell
from segkit.site.embedded.parse import load_config, load_page
from segkit.studies.contacts import TERMS
from segkit.vocabulary import Vocabulary

REPOSITORY = Path(__file__).resolve().parents[2]


@functools.cache
def cells(page: str, study: str = "contacts") -> dict[str, str]:
    """Return the cells of a page that say something, by label, and as ``""`` the imports with which pages open."""
    path = next(
        p for p in (f"chapters/{study}/{page}.qmd", f"chapters/{page}.qmd", f"{page}.qmd") if (REPOSITORY / p).is_file()
    )
    found = [p for p in load_page(REPOSITORY, Path(path), load_config(REPOSITORY)).parts if isinstance(p, Cell)]
    imports = [n for c in found for n in ast.parse(c.source).body if isinstance(n, ast.Import | ast.ImportFrom)]
    return {
        "": "\n".join(map(ast.unparse, imports)),
        **{str(c.options["label"]): c.source for c in found if "label" in c.options},
    }


def said(page: str, label: str, terms: Vocabulary = TERMS, study: str = "contacts", **results: Any) -> str:
    """Return what `markdown` does, as a reader sees it."""
    return unescaped(markdown(page, label, terms, study, **results))


def markdown(page: str, label: str, terms: Vocabulary = TERMS, study: str = "contacts", **results: Any) -> str:
    """Return what one cell of a page says of results.

    Parameters
    ----------
    page, label : str
        The name of the page, and of the cell.
    terms : Vocabulary
    study : str
        Whose page it is.
    **results
        The results that the page takes from its study; or names of the page, where they begin with an underscore.
    """
    names: dict[str, Any] = {n.removeprefix("_"): results.pop(n) for n in [*results] if n.startswith("_")}
    names |= {
        "terms": terms,
        "w": prose.Words(terms),
        "say": Say(prose.Words(terms)),
        "study": SimpleNamespace(**results),
    }
    exec(cells(page, study)[""], names)
    return str(eval(cells(page, study)[label].strip(), names).markdown)


EVERY = answers.Basis(True, ["“A”", "“B”"], [], [])


def front_lead(found: Verdict, terms: Vocabulary = TERMS, on: answers.Basis = EVERY) -> str:
    """Return the lead of the front page of a verdict, where rules can be built on some segments."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answers, "basis", lambda *given: on)
        none = dict.fromkeys(("jaccard", "multiverse", "algorithms", "_cards"))
        return said("index", "lead", terms, verdict=found, **none)


def bullets(text: str) -> list[str]:
    """Return the items of a list, a line each."""
    return [line.removeprefix("- ") for line in text.splitlines() if line]
