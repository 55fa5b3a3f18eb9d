"""What is measured of channels: an export of many prospects, from file to pages; see ``procedures``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pandas as pd
from leads import peak, project

from segkit.data.channel_words import published
from segkit.data.simulate.prospects import simulate_prospects
from segkit.studies.channels import ChannelsStudy

MANY, WIDE = 128_903, 44  # prospects, columns
CORE = ("audit", "reach", "detectors", "strategies", "activity", "adjusted", "combinations", "speed", "horizons", "landmark",
        "benchmarks", "features")  # fmt: skip  # all but segments, and what is told by segment
TEXTS = ("Original Source", "Original Source Drill-Down 1", "Original Source Drill-Down 2", "Latest Traffic Source",
         "Last Referring Site", "Canal de adquisicion")  # fmt: skip


def prospects_made(folder: Path) -> dict[str, Any]:
    """Write the file that the others read, with as many columns as exports have."""
    made = simulate_prospects(rows=MANY)
    more = {f"Property {i}": "x" for i in range(WIDE - len(made.frame.columns))}
    made.frame.assign(**more).to_csv(folder / "prospects.csv", index=False)
    return {}


def channels_ours(folder: Path) -> dict[str, Any]:
    """Read, find touches in two ways, and compute all that is told of them."""
    own = project(folder / "channels")
    study = ChannelsStudy(ChannelsStudy.find(own, data=folder / "prospects.csv", say=lambda message: None))
    steps = {}
    start = time.perf_counter()
    for name in CORE:
        begun = time.perf_counter()
        getattr(study, name)
        steps[name] = time.perf_counter() - begun
    taken = time.perf_counter() - start
    return {"seconds": taken, "steps": steps, "held": peak(), "what": f"{MANY:,} prospects of {WIDE} columns"}


def channels_naive(folder: Path) -> dict[str, Any]:
    """The published way: each word of each channel sought in each text, then a rate by strategy."""
    start = time.perf_counter()
    frame = pd.read_csv(folder / "prospects.csv", dtype=str)
    found = {}
    for channel, words in published().items():
        found[channel] = sum(
            frame[text].fillna("unknown").str.lower().str.contains(word, regex=False).astype(int)
            for text in TEXTS
            for word in words
        )
    frame["closed"] = frame["Close Date"].notna()
    rate = frame.groupby(pd.DataFrame(found).gt(0).sum(axis=1))["closed"].mean()
    assert len(rate) > 1
    return {"seconds": time.perf_counter() - start, "held": peak()}
