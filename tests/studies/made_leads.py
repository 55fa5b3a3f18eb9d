"""Lead files and projects for the tests of personas."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from made_projects import least

from segkit.data.simulate.leads import Regime, simulate_leads
from segkit.studies.personas import PersonasStudy


def project(folder: Path, **lines: str) -> Path:
    """Make a project folder with as little resampling as there can be, and some lines of the personas replaced."""
    return least(folder, "personas", **lines)


def leads(rows: int, regime: Regime = "personas", seed: int = 7) -> pd.DataFrame:
    """Return simulated leads as their file has them."""
    return simulate_leads(seed, regime, rows).frame


def write(path: Path, frame: pd.DataFrame, *, sign: str = ",", encoding: str = "utf-8") -> Path:
    """Write leads as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(path, index=False, sep=sign, encoding=encoding)
    return path


def opened(root: Path, data: Path | None = None) -> PersonasStudy:
    """Open the study of a project, as `segkit results` does."""
    return PersonasStudy(PersonasStudy.find(root, data=data, say=lambda text: None))
