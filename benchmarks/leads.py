"""What is measured of personas: the core path beside the published recipe, and all evidence; see ``procedures``."""

from __future__ import annotations

import resource
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from segkit.config import Personas
from segkit.data.leads import load_leads
from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.factors import Factors
from segkit.engine.fits import by_size
from segkit.engine.levels import coded
from segkit.engine.matrix import fit_matrix
from segkit.features.fields import pool_rare
from segkit.inference.cards import personas

KEY = b"a key for the benchmark"
MANY, AS_PUBLISHED = 100_000, 45_211  # leads: of the core path, and as many as the public data set has
K = 4


def leads_made(folder: Path) -> dict[str, Any]:
    """Write the files that the others read."""
    from segkit.data.simulate.leads import simulate_leads  # the core path is measured without it

    for rows in (MANY, AS_PUBLISHED):
        simulate_leads(rows=rows).write_csv(folder / f"leads{rows}.csv")
    return {}


def peak() -> int:
    """Return the most memory that this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def project(folder: Path) -> Path:
    """Make a project without pages."""
    home = Path(__file__).resolve().parents[1]
    folder.mkdir()
    for name in ("segkit.toml", "requirements.txt"):
        shutil.copy(home / name, folder)
    return folder


def personas_ours(folder: Path) -> dict[str, Any]:
    """Read, clean, segment, and make ranked cards."""
    start = time.perf_counter()
    leads = load_leads(folder / f"leads{MANY}.csv", Personas(), key=KEY)
    names = [c.name for c in leads.columns if not c.sensitive]
    table, levels = coded(pool_rare(leads.frame[names]).frame)
    matrix = fit_matrix(table, {"fields": list(table.columns)}, scaler=Factors(levels))
    found = KMeansClusterer(20).best(matrix.values, K, seed=42)
    labels = pd.Series(np.argsort(by_size(found.labels, found.centres))[found.labels] + 1, index=leads.frame.index)
    cards = personas(leads.frame, leads.columns, leads.outcome, labels)
    taken = time.perf_counter() - start
    rates = [c.conversion.own.share for c in cards if c.conversion]
    return {"seconds": taken, "held": peak(), "what": f"{leads.rows:,} leads", "spread": max(rates) - min(rates)}


def personas_naive(folder: Path) -> dict[str, Any]:
    """The published recipe: "Unknown" for what is missing, numbers by the alphabet, z-scores, k-means, rates by cluster."""
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import LabelEncoder, StandardScaler

    start = time.perf_counter()
    frame = pd.read_csv(folder / f"leads{MANY}.csv")
    fields = frame.drop(columns="is_sale").fillna("Unknown").astype(str)
    codes = fields.apply(lambda column: LabelEncoder().fit_transform(column))
    labels = KMeans(K, n_init=10, random_state=42).fit_predict(StandardScaler().fit_transform(codes))
    groups = fields.assign(cluster=labels, sold=frame["is_sale"]).groupby("cluster")
    rates = groups["sold"].mean()
    tops = groups[list(fields.columns)].agg(lambda column: column.value_counts().index[0])
    taken = time.perf_counter() - start
    assert len(tops) == K
    return {"seconds": taken, "held": peak(), "spread": float(np.ptp(rates))}


def personas_evidence(folder: Path) -> dict[str, Any]:
    """Every step of the personas study with nothing computed before."""
    from segkit.studies.personas import PersonasStudy  # the core path is measured without it

    own = project(folder / "personas")
    source = PersonasStudy.find(own, data=folder / f"leads{AS_PUBLISHED}.csv", say=lambda message: None)
    study, steps = PersonasStudy(source), {}
    for name in study.steps:
        start = time.perf_counter()
        getattr(study, name)
        steps[name] = time.perf_counter() - start
    return {"seconds": sum(steps.values()), "steps": steps, "held": peak(), "what": f"{AS_PUBLISHED:,} leads"}
