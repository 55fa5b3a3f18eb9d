"""Maps of texts as files: what is drawn of which method, and that the page that turns needs nothing from elsewhere."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import pytest
from test_chat_maps import ID, found, mapped

from segkit.report import chat_exported


def study(maps: Any, methods: Any) -> Any:
    return SimpleNamespace(text_maps=maps, text_methods=methods)


def test_each_method_has_a_picture_of_each_kind_and_a_page_that_turns() -> None:
    methods = found("A", "B")
    files = chat_exported.pictures(study(mapped(), methods))
    assert sorted(files) == [f"map_{m}.{kind}" for m in "ab" for kind in ("html", "png", "svg")]
    assert files["map_a.png"].startswith(b"\x89PNG") and b"<svg" in files["map_a.svg"]
    page = files["map_a.html"].decode()
    assert all(f'"{pair}, {stage}"' in page for pair, stage in ID) and "scatter3d" in page
    assert "<script src" not in page and '<link rel="stylesheet"' not in page  # the viewer is in the file
    assert chat_exported.pictures(study(mapped(), methods))["map_b.svg"] == files["map_b.svg"]


@pytest.mark.parametrize("which", ["A", "B"])
def test_clusters_that_the_rule_does_not_find_are_called_an_illustration(which: str) -> None:
    methods = found(which)
    other = "B" if which == "A" else "A"
    labels = {(m, "all stages"): methods.labels[which, "all stages"] for m in (which, other)}
    files = chat_exported.pictures(study(mapped(), dataclasses.replace(methods, labels=labels)))
    assert b"an illustration" not in files[f"map_{which.lower()}.html"]
    assert b"an illustration, since the rule finds no kinds" in files[f"map_{other.lower()}.html"]


def test_there_is_nothing_to_draw_without_texts_a_map_or_clusters() -> None:
    for nothing in (
        study(None, None),
        SimpleNamespace(),
        study(mapped("Too few."), found("A")),
        study(mapped(), found()),
    ):
        assert chat_exported.pictures(nothing) == {}
