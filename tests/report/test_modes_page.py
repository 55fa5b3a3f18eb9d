"""What pages say of features that a scaling hides."""

from __future__ import annotations

import pandas as pd
import pytest
from said import said as on_page

from segkit.engine.modes import Modes


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
    assert says in on_page("choices", "modes", modes=found, features=features)
