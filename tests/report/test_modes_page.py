"""What pages say of features that a scaling hides."""

from __future__ import annotations

import pandas as pd
import pytest
from report_project import closed_off, downloads, unescaped
from said import said as on_page

from segkit.engine.modes import Modes
from segkit.engine.other_scales import OtherScales
from segkit.report import modes

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
