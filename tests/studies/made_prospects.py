"""Exports and projects for the tests of channels."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from made_projects import least

from segkit.data.simulate.prospects import simulate_prospects
from segkit.studies.channels import ChannelsStudy


def project(folder: Path, **lines: str) -> Path:
    """Make a project folder with as little resampling as there can be, and some lines of the channels replaced."""
    return least(folder, "channels", **lines)


def prospects(rows: int, seed: int = 7) -> pd.DataFrame:
    """Return simulated prospects as their export has them."""
    return simulate_prospects(seed, rows=rows).frame


def opened(root: Path, data: Path | None = None) -> ChannelsStudy:
    """Open the study of a project, as `segkit results` does."""
    return ChannelsStudy(ChannelsStudy.find(root, data=data, say=lambda text: None))
