"""What pages say of features that a scaling hides."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from report_project import closed_off, downloads, unescaped
from said import said as on_page

from segkit.engine.modes import Modes
from segkit.engine.other_scales import OtherScales
from segkit.report import modes, notebook

__all__ = ["closed_off", "downloads"]
pytestmark = pytest.mark.usefixtures("downloads")


@pytest.mark.parametrize(
    ("p", "hidden", "says"),
    [
        ([0.9, 0.9], [False, False], "none of two has more than one mode"),
        ([0.01, 0.9], [False, False], "but not here: one of two features has more than one mode"),
        (
            [0.01, 0.9],
            [True, False],
            "what parts the modes of length of orders for spread: by the dip test, that feature has more",
        ),
        (
            [0.01, 0.01],
            [True, True],
            "modes of length of orders and b for spread: by the dip test, each of them has more",
        ),
    ],
)
def test_hidden_features_are_named(p: list[float], hidden: list[bool], says: str) -> None:
    table = pd.DataFrame({"column": ["a", "b"], "dip": 0.1, "p": p, "share": 0.1, "even": 0.5, "hidden": hidden})
    found = Modes(table, {"level": 0.05, "draws": 199, "lowered": 0.8})
    features = type("Features", (), {"labels": {"a": "length of orders"}})
    scales = scaled({"robust": 1, "standard": 2}) if any(hidden) else None
    text = on_page("choices", "modes", modes=found, other_scales=scales, features=features)
    assert says in text
    assert ("Under the other scalers the rule answers another number" in text) == any(hidden)


def scaled(numbers: dict[str, int]) -> OtherScales:
    rows = [(name, i == 0, k, float("nan") if k == 1 else 1 / k) for i, (name, k) in enumerate(numbers.items())]
    return OtherScales(pd.DataFrame(rows, columns=["scaler", "in_use", "k", "ari"]), {"splits": 10}, 1)


def test_the_answer_under_each_scaler_is_shown_where_one_hides_groups() -> None:
    assert modes.scales_table(None).markdown == ""
    shown = unescaped(modes.scales_table(scaled({"robust": 1, "standard": 2})).markdown)
    assert "The number of segments hangs on the scaler" in shown and "none" in shown and "0.50" in shown
    assert "one number under every scaler" in modes.scales_table(scaled({"robust": 2, "standard": 2})).markdown


def test_with_verdicts_it_is_the_same_table(downloads: Path) -> None:
    """In a notebook each scaler has all evidence: a column more, no word of fewer samples, and why one is in use."""
    few = scaled({"standard": 2, "robust": 1})
    table = few.table.assign(verdict=["natural", "none"])
    full = replace(few, table=table, params={"reason": "the robust one hides <b>"})
    rows = pd.DataFrame({"column": ["b"], "dip": 0.1, "p": 0.01, "share": 0.1, "even": 0.5, "hidden": False})
    shown = unescaped(notebook.scales(full, Modes(rows, {})).markdown)
    assert "The standard scaler is in use: the robust one hides" in shown and "natural" in shown
    assert "Fewer samples" not in shown and "Fewer samples" in unescaped(modes.scales_table(few).markdown)
    assert pd.read_csv(downloads / "scales.csv").columns.tolist() == ["scaler", "in_use", "k", "ari", "verdict"]
    hides = unescaped(notebook.scales(full, Modes(rows.assign(hidden=True), {})).markdown)
    assert "The standard scaler hides b: more than one mode, and little weight." in hides
    assert "&lt;b&gt;" in full._repr_html_() and "in use is" not in few._repr_html_()
