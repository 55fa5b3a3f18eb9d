"""What the methods say of starts, and captions of numbers of segments whose best partition is not proved."""

from __future__ import annotations

from types import SimpleNamespace as Plain

import pandas as pd
import pytest
from said import said
from test_sentences import read

from segkit.engine.kselection import KSelection
from segkit.engine.lloyd import AGAIN, MOST, UNSEEN
from segkit.report import number_captions

pytest_plugins = ["report_project"]


@pytest.mark.parametrize(("restarts", "units"), [(1, 200), (50, 200), (50, 90_000)])
def test_the_methods_say_when_starts_are_enough(restarts: int, units: int) -> None:
    found = {
        "settings": Plain(restarts=restarts),
        "provenance": Plain(units=units),
        "source": Plain(config=Plain(seed=42)),
    }
    text = said("methods", "starts", **found)
    read("starts", "Segments are found " + text)
    assert f"{MOST} at most" in text and f"{UNSEEN:.0%}".replace("%", "") in text
    assert "three times" in text and AGAIN == 3


def test_a_caption_names_the_numbers_of_segments_that_are_not_proved() -> None:
    table = pd.DataFrame(
        {"k": [2, 3], "silhouette": [0.5, 0.4], "davies_bouldin": [1.0, 2.0], "calinski_harabasz": [9.0, 8.0]}
    )
    for left, told in (([], ""), ([3], "At K = 3, 200 starts"), ([2, 3], "At K = 2 and 3, 200 starts")):
        text = number_captions.indices_caption(KSelection(table, {"unconverged": left}, 42)).replace("\xa0", " ")
        read("indices", text)
        assert told in text and ("not enough" in text) == bool(left)
    assert "not enough" not in number_captions.indices_caption(KSelection(table, {}, 42))
