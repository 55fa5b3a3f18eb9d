"""What is measured, one procedure at a time; each runs in a process of its own, so that its peak memory is its own."""

from __future__ import annotations

import contextlib
import shutil
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import naive
import numpy as np
import psutil
import pyarrow as pa
from features import by_hand, repeated
from sklearn.cluster import KMeans

from segkit.config import Contacts
from segkit.data.events import load_events
from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.convergence import REGIMES, convergence
from segkit.engine.kselection import KSelection, select_k
from segkit.engine.matrix import ModelMatrix, fit_matrix
from segkit.engine.projection import principal_components
from segkit.engine.segments import fit_segments
from segkit.engine.sensitivity import sensitivity
from segkit.engine.silhouettes import silhouettes
from segkit.features.events import event_features
from segkit.seeds import generator
from segkit.studies.contacts import CALLS, ContactsStudy

KEY = b"a key for the benchmark"
ROUNDS = 5
MILLION = 1_000_000
COPIES = 40  # of the log, for the large K table
NOISE = 0.05  # of each column's spread, so that the copies differ


def opened() -> tuple[Path, Contacts]:
    """Return the log that the report would use, with its settings."""
    source = ContactsStudy.find(Path(__file__).resolve().parents[1], say=lambda message: None)
    return source.located.path, source.config.contacts


def loaded() -> tuple[pa.Table, Contacts]:
    """Return the typed calls."""
    path, settings = opened()
    return load_events(path, settings, key=KEY).events, settings


def seconds(run: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def analysis_ours(folder: Path) -> dict[str, Any]:
    """The published analysis through segkit."""
    calls, settings = loaded()
    start, worked = time.perf_counter(), time.process_time()
    table = event_features(calls, settings, CALLS)
    matrix = fit_matrix(table.model_frame, table.blocks)
    k = select_k(matrix, range(2, 13), separation=False)  # the published table has none
    found = fit_segments(matrix, 4)
    seeds = convergence(matrix, found, regimes=REGIMES[:1])
    blocks = sensitivity(table.frame, table.blocks, matrix, found, clip=0.01, cap=10, arms=["drop block"])
    shares = principal_components(matrix).shares
    taken, work = time.perf_counter() - start, time.process_time() - worked
    np.savez(
        folder / "ours.npz",
        features=table.model_frame.to_numpy(),
        k=k.table[["inertia", "silhouette", "davies_bouldin", "calinski_harabasz"]].to_numpy(),
        sizes=np.sort(found.sizes.to_numpy()),
        seeds=seeds.table["ari"].to_numpy(),
        blocks=blocks.table["ari"].to_numpy(),
        pca=np.array(shares),
        order=table.frame.index.to_numpy(dtype=str),
    )
    return {"seconds": taken, "work": work, "what": f"{len(table.frame):,} contacts"}


def analysis_naive(folder: Path) -> dict[str, Any]:
    """The published analysis in pandas and scikit-learn; its numbers must be those of `analysis_ours`."""
    calls = loaded()[0].to_pandas()
    calls["unit"] = calls["unit"].astype(str)
    ours = np.load(folder / "ours.npz")
    start, worked = time.perf_counter(), time.process_time()
    theirs = naive.analysis(calls, ours["order"].tolist())
    taken, work = time.perf_counter() - start, time.process_time() - worked
    for name, values in theirs.items():
        np.testing.assert_allclose(ours[name], values, rtol=1e-9, atol=1e-9, err_msg=name)
    return {"seconds": taken, "work": work}


def features_ours(folder: Path) -> dict[str, Any]:
    """The feature step against the query by hand, in turn, after a check that both give the same table."""
    calls, settings = loaded()
    table = repeated(calls, MILLION)
    ours = event_features(table, settings, CALLS)
    categories = [c.label for c in ours.columns if c.block == "category"]
    theirs = by_hand(table, categories).reindex(ours.frame.index)
    np.testing.assert_allclose(ours.frame.to_numpy(), theirs.to_numpy(), rtol=1e-9, atol=1e-9)
    ours.model_frame.to_parquet(folder / "features.parquet")
    pairs = [
        (seconds(lambda: event_features(table, settings, CALLS)), seconds(lambda: by_hand(table, categories)))
        for _ in range(ROUNDS)
    ]
    mine, hand = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    return {"seconds": mine, "hand": hand, "ratio": ratio, "what": f"{MILLION:,} calls, {len(ours.frame):,} contacts"}


def features_naive(folder: Path) -> dict[str, Any]:
    """The feature step in pandas with Python functions; its table must be that of `features_ours`."""
    import pandas as pd

    frame = repeated(loaded()[0], MILLION).to_pandas()
    start = time.perf_counter()
    theirs = naive.features(frame)
    taken = time.perf_counter() - start
    ours = pd.read_parquet(folder / "features.parquet")
    np.testing.assert_allclose(ours.to_numpy(), theirs.loc[ours.index].to_numpy(), rtol=1e-9, atol=1e-9)
    return {"seconds": taken}


class Watch:
    """The most memory that this process and its workers hold together, looked at ten times a second."""

    def __init__(self) -> None:
        self.own, self.peak, self.done = psutil.Process(), 0, threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self.done.wait(0.1):
            total = 0
            for process in (self.own, *self.own.children(recursive=True)):
                with contextlib.suppress(psutil.Error):  # it has ended meanwhile
                    total += process.memory_full_info().uss
            self.peak = max(self.peak, total)

    def __enter__(self) -> Watch:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()


def evidence(folder: Path) -> dict[str, Any]:
    """Every step of the contacts study with nothing computed before, then all of them from what is kept."""
    home = Path(__file__).resolve().parents[1]
    text = (home / "segkit.toml").read_text("utf-8")
    (folder / "segkit.toml").write_text(text.replace("neighbour_map = true", "neighbour_map = false"), "utf-8")
    shutil.copy(home / "requirements.txt", folder)
    source = ContactsStudy.find(folder, data=opened()[0], say=lambda message: None)
    study, steps = ContactsStudy(source), []
    for name in study.steps:
        with Watch() as watch:
            taken = seconds(lambda name=name: getattr(study, name))
        steps.append({"step": name, "seconds": taken, "peak": watch.peak})
    again = ContactsStudy(source)
    warm = seconds(lambda: [getattr(again, name) for name in again.steps])
    return {"steps": steps, "seconds": sum(s["seconds"] for s in steps), "warm": warm}


def many_contacts() -> ModelMatrix:
    """Return the matrix of the log repeated, every value moved a little."""
    calls, settings = loaded()
    table = event_features(repeated(calls, COPIES * calls.num_rows), settings, CALLS)
    matrix = fit_matrix(table.model_frame, table.blocks)
    values = matrix.values
    noise = generator("benchmarks/noise").normal(size=values.shape) * NOISE * values.std(axis=0)
    return ModelMatrix(values + noise, matrix.index, matrix.columns, matrix.blocks, matrix.pipeline, matrix.dropped)


def k_table(folder: Path) -> dict[str, Any]:
    """The K table for many contacts."""
    matrix = many_contacts()
    start = time.perf_counter()
    found = select_k(matrix, range(2, 13))
    taken = time.perf_counter() - start
    found.table.to_parquet(folder / "k.parquet")
    error = float(found.table["silhouette_se"].max())
    return {
        "seconds": taken, "what": f"{len(matrix.values):,} contacts, K = 2 to 12; standard error at most {error:.4f}",
    }  # fmt: skip


def k_errors(folder: Path) -> dict[str, Any]:
    """How far the K table for many contacts is from one without samples: restarts on all contacts, exact silhouettes."""
    import pandas as pd

    matrix, table = many_contacts(), pd.read_parquet(folder / "k.parquet")
    start = time.perf_counter()
    fits = [KMeans(k, n_init=10, random_state=1).fit(matrix.values) for k in table["k"]]
    gap = max(ours / fit.inertia_ for ours, fit in zip(table["inertia"], fits, strict=True)) - 1
    best = min(ours / fit.inertia_ for ours, fit in zip(table["inertia"], fits, strict=True)) - 1
    again = KSelection(table, {}, 42)
    three = select_k(matrix, [4], clusterer=KMeansClusterer(50))
    labels = KMeans(4, n_init=10, random_state=1).fit(matrix.values).labels_
    exact = float(silhouettes(matrix.values, [labels]).mean())
    row = three.table.iloc[0]
    off = abs(row["silhouette"] - exact) / row["silhouette_se"]
    return {
        "seconds": time.perf_counter() - start,
        "what": f"inertia {best:+.2e} to {gap:+.2e} of ten restarts on all; silhouette at K = 4 off by {off:.1f} "
        f"standard errors; indices choose {again.by}",
    }


def ten_million(folder: Path) -> dict[str, Any]:
    """Load ten million calls from CSV, and compute their features."""
    path, settings = opened()
    many, contact = folder / "many.csv", settings.columns.contact
    with duckdb.connect() as connection:
        source = f"read_csv('{path}', all_varchar = true, header = true)"
        (rows,) = connection.execute(f"SELECT count(*) FROM {source}").fetchone() or (0,)
        connection.execute(
            f"""COPY (SELECT s.* REPLACE (s."{contact}" || '00' || i AS "{contact}")
            FROM {source} AS s, range({-(-10 * MILLION // rows)}) AS copies(i) LIMIT {10 * MILLION}) TO '{many}' (HEADER)"""
        )
    return {"file": str(many)}


def ten_million_features(folder: Path) -> dict[str, Any]:
    """Load the file that `ten_million` wrote, and compute its features."""
    settings = opened()[1]
    start = time.perf_counter()
    log = load_events(folder / "many.csv", settings, key=KEY)
    table = event_features(log, settings, CALLS)
    taken = time.perf_counter() - start
    return {"seconds": taken, "what": f"{log.rows:,} calls, {len(table.frame):,} contacts, from CSV"}
