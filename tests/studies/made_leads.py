"""Lead files and projects for the tests of personas."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
from made_projects import REPOSITORY

from segkit.data.simulate.leads import Regime, simulate_leads
from segkit.studies.personas import PersonasStudy

LEAST = {
    "starts": 2, "gap": 3, "splits": 3, "bootstraps": 3, "subsamples": 3, "resamples": 3, "pipelines": 5, "nulls": 4,
    "null_bootstraps": 2,
}  # fmt: skip
SETTINGS = {"k_max": "4", "restarts": "3"}


def project(folder: Path, **lines: str) -> Path:
    """Make a project folder with as little resampling as there can be, and some lines of the personas replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(REPOSITORY / "requirements.txt", folder)
    before, section, own = (REPOSITORY / "segkit.toml").read_text("utf-8").partition("\n[personas]\n")
    for name, value in {**SETTINGS, **{n: str(v) for n, v in LEAST.items()}, **lines}.items():
        own, found = re.subn(rf"^{name} = \S+", f"{name} = {value}", own, flags=re.M)
        assert found == 1, name
    (folder / "segkit.toml").write_text(before + section + own, "utf-8")
    return folder


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
