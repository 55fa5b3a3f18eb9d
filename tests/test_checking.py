"""That a site of several studies is searched for the identifiers of each, and which words are no sign of one."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from segkit import checking, results
from segkit.data.identifiers import Identifiers
from segkit.errors import PrivacyError
from segkit.site.leaks import Search
from segkit.studies.filed import FiledStudy


def studies(folder: Path, *, private: bool) -> list[FiledStudy]:
    """A study of callers, of whom one is called France, and one of markets that tells of a France of its own."""
    found = []
    for name, text in (("callers", '{"k": 4}'), ("markets", '{"segments": [{"name": "France"}]}')):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "results.json").write_text(text, "utf-8")
        source = SimpleNamespace(study=name, seen=lambda: None)
        at = SimpleNamespace(private=private and name == "callers")
        found.append(
            SimpleNamespace(name=name, source=source, provenance=at, store=SimpleNamespace(folder=folder / name))
        )
    return cast(list[FiledStudy], found)


@pytest.mark.parametrize(("text", "private", "told"), [
    ("<p>France</p>", False, False), ("<p>France</p>", True, True), ("<p>Zohra</p>", False, True),
])  # fmt: skip
def test_a_market_may_be_called_as_a_caller_of_public_data_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, private: bool, told: bool
) -> None:
    names = {"callers": frozenset({"France", "Zohra"}), "markets": frozenset[str]()}
    monkeypatch.setattr(results, "looking", lambda source: Search(Identifiers(frozenset(), names[source.study])))
    site = tmp_path / "site"
    site.mkdir()
    (site / "page.html").write_text(text, "utf-8")
    both = studies(tmp_path, private=private)
    if told:
        with pytest.raises(PrivacyError, match=r"in 1 place, of the data of callers"):
            checking.search(site, both, print)
    else:
        checking.search(site, both, print)
