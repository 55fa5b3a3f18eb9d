"""Tables of leads whose truth is known, because it was planted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segkit.seeds import generator

FIELDS = ("state", "industry", "job_title", "education", "age_range", "experience", "gender", "lead_source")
WORDS = {
    "state": ("IL", "TX", "CA", "NY"), "industry": ("Retail", "Technology", "Health", "Finance"),
    "job_title": ("manager", "engineer", "owner", "analyst"), "education": ("school", "college", "master"),
    "age_range": ("20 to 34", "35 to 49", "50 and over"), "experience": ("0-2", "3-9", "10 and more"),
    "gender": ("female", "male"), "lead_source": ("web", "event", "mail"),
}  # fmt: skip


def ids(n: int) -> pd.Index:
    return pd.Index([f"{i * 7919 % 16**12:012x}" for i in range(n)], name="lead")


def table(n: int, name: str, missing: float = 0.3) -> pd.DataFrame:
    """Fields that depend on nothing, each with cells missing completely at random."""
    rng = generator(name)
    frame = pd.DataFrame({f: rng.choice(WORDS[f], size=n) for f in FIELDS}, index=ids(n)).astype("str")
    return frame.mask(rng.uniform(size=frame.shape) < missing)


def noise(n: int, name: str, share: float = 0.28) -> pd.Series:
    """An outcome that depends on nothing."""
    return pd.Series(generator(f"{name}/outcome").uniform(size=n) < share, index=ids(n), name="converted")


def stacked(n: int, name: str, missing: float = 0.1) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Two exports under each other: each has fields that the other has not, and their rates differ. No kind of person.

    Returns
    -------
    frame, outcome, export : DataFrame, Series of bool, Series of int
        Two thirds of the rows are of export 1.
    """
    rng = generator(f"{name}/exports")
    frame = table(n, name, missing)
    export = pd.Series(np.where(rng.uniform(size=n) < 2 / 3, 1, 2), index=frame.index)
    frame.loc[export == 1, ["state", "industry", "job_title"]] = np.nan
    frame.loc[export == 2, ["education", "gender"]] = np.nan
    rates = export.map({1: 0.04, 2: 0.96})
    return frame, pd.Series(rng.uniform(size=n) < rates, index=frame.index, name="converted"), export
