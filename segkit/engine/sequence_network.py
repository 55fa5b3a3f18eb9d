"""The LSTM autoencoder of sequences: trained in a process of its own, and held against principal components."""

from __future__ import annotations

import importlib.util
import io
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..seeds import integer
from . import lstm
from .matrix import Floats
from .sequences import Linear, Sequences, linear

DIMS = 32
PROGRAM = Path(lstm.__file__)
KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
# One thread, so that sums are added in one order; a rerun is then the same to the last bit.
SET = {
    "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false", "TF_CPP_MIN_LOG_LEVEL": "3",
}  # fmt: skip
REMEDY = "pip install keras jax"


@dataclass(frozen=True)
class Network:
    """What an LSTM autoencoder made of the sequences, and whether it was worth it.

    Attributes
    ----------
    embedding : DataFrame of shape (n_markets, 32)
        Mean over the windows of each market, of a network that learned from all windows.
    loss : DataFrame
        ``epoch`` (from 1), ``train`` and ``held_out``: mean squared error of a network that learned from the windows before
        those that are held out. The former is taken while learning, with dropout.
    error, linear_error, mean_error : float
        Mean squared error on windows that are held out, in squared standard deviations of the variables: of the network
        after its last epoch, of as many principal components, and of the mean alone. NaN where nothing is held out.
    one_dimensional : float
        Share of the variance of the embedding on its first principal component.
    follows_level : float
        Absolute rank correlation (Spearman) of that component with the level of revenue.
    windows, tried : int
        Windows in all, and those held out.
    params : dict
    seed : int
    """

    embedding: pd.DataFrame = field(repr=False)
    loss: pd.DataFrame = field(repr=False)
    error: float
    linear_error: float
    mean_error: float
    one_dimensional: float
    follows_level: float
    windows: int
    tried: int
    params: dict[str, Any]
    seed: int

    @property
    def better(self) -> bool | None:
        """Whether it beats the principal components on what is held out; None where nothing is."""
        return None if np.isnan(self.error) else bool(self.error < self.linear_error)

    @property
    def table(self) -> pd.DataFrame:
        """The errors side by side."""
        names = ["LSTM autoencoder", "principal components", "mean alone"]
        return pd.DataFrame({"model": names, "held-out error": [self.error, self.linear_error, self.mean_error]})

    def to_json(self) -> dict[str, Any]:
        """Return the errors, and how many dimensions there are behind so many numbers."""
        names = ("error", "linear_error", "mean_error", "one_dimensional", "follows_level", "windows", "tried")
        return {**{n: getattr(self, n) for n in names}, "params": self.params, "loss": self.loss.to_dict("records")}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


@dataclass(frozen=True)
class NoNetwork:
    """Why there is no network.

    Attributes
    ----------
    reason : str
        A sentence, with what to do about it.
    """

    reason: str


def leading(values: Floats) -> tuple[float, Floats]:
    """Return the share of the variance on the first principal component, and the scores on it.

    Examples
    --------
    >>> share, scores = leading(np.array([[0.0, 0.0], [2.0, 2.0], [4.0, 4.0]]))
    >>> round(share, 6), np.abs(scores).round(3).tolist()
    (1.0, [2.828, 0.0, 2.828])
    """
    apart = values - values.mean(axis=0)
    left, size, _ = np.linalg.svd(apart, full_matrices=False)
    return float(size[0] ** 2 / max((size**2).sum(), 1e-300)), left[:, 0] * size[0]


def rank_correlation(a: Floats, b: Floats) -> float:
    """Return the absolute rank correlation of Spearman (1904); NaN where one of the two never changes."""
    ranks = pd.DataFrame({"a": a, "b": b}).rank()
    return float(abs(ranks["a"].corr(ranks["b"]))) if (ranks.nunique() > 1).all() else float("nan")


def autoencoder(
    cut: Sequences, *, epochs: int = 50, dims: int = DIMS, components: Linear | None = None, seed: int = 42
) -> Network | NoNetwork:
    """Train the autoencoder with Keras on JAX, on one processor.

    Parameters
    ----------
    cut : Sequences
    epochs, dims : int
    components : Linear, optional
        The principal components of the same sequences, where they are there already.
    seed : int

    Returns
    -------
    Network or NoNetwork
        The latter where Keras or JAX is not installed, or has no build for this machine.

    Raises
    ------
    RuntimeError
        The training ended without an answer.

    Notes
    -----
    Two LSTM layers of 64 (Hochreiter, S. and Schmidhuber, J. (1997). Long short-term memory. Neural Computation, 9,
    1735-1780) with dropout of 0.2, a dense embedding, and a decoder of two dense layers, as published; mean squared error,
    Adam with a rate of 0.001 (Kingma, D. P. and Ba, J. (2015). Adam: a method for stochastic optimization. ICLR), batches of
    16. The same seed gives the same numbers on the same machine, to the last bit.
    """
    lacking = [name for name in ("keras", "jax") if importlib.util.find_spec(name) is None]
    if lacking:
        return NoNetwork(f"{' and '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} not installed ({REMEDY}).")
    learned, tried = cut.split()
    own = components or linear(cut, dims)
    seeded = integer("sequences/network", seed) >> 1  # Keras takes 31 bits
    said = _trained(values=cut.values, learned=learned, tried=tried, dims=dims, epochs=epochs, seed=seeded)
    if said is None:
        return NoNetwork(f"keras or jax cannot be imported on this machine ({REMEDY}).")
    code, losses = said
    embedding = cut.by_market(code)
    share, scores = leading(embedding)
    loss = pd.DataFrame({"epoch": np.arange(1, epochs + 1), "train": losses[:, 0], "held_out": losses[:, 1]})
    return Network(
        embedding=pd.DataFrame(embedding, index=cut.markets, columns=[f"dimension {i + 1}" for i in range(dims)]),
        loss=loss,
        error=float(losses[-1, 1]),
        linear_error=own.error,
        mean_error=own.mean_error,
        one_dimensional=share,
        follows_level=rank_correlation(scores, cut.level.to_numpy()),
        windows=len(cut.values),
        tried=int(tried.sum()),
        params={"length": cut.length, "epochs": epochs, "dims": dims, "components": own.dims, "units": lstm.UNITS,
                "dropout": lstm.DROPOUT, "rate": lstm.RATE, "batch": lstm.BATCH},
        seed=seed,
    )  # fmt: skip


def _trained(**asked: Any) -> tuple[Floats, Floats] | None:
    """Let a process of its own train; None where it lacks a library."""
    sent = io.BytesIO()
    np.savez(sent, **asked)
    with tempfile.TemporaryDirectory() as home:  # Keras writes its settings wherever it is told that home is
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        done = subprocess.run(
            [sys.executable, "-I", str(PROGRAM)],
            input=sent.getvalue(),
            capture_output=True,
            env={**kept, **SET, "KERAS_HOME": home, "HOME": home},
        )
    if done.returncode == lstm.ABSENT:
        return None
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise RuntimeError(f"the training of the autoencoder ended with {done.returncode}: {' '.join(last)[:300]}")
    found = np.load(io.BytesIO(done.stdout))
    return found["code"], found["losses"]
