"""The LSTM autoencoder: the same on a rerun, learning something, and a reason where there is none."""

from __future__ import annotations

import importlib.util
import subprocess
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from panels_made import made_panel

from segkit.engine import lstm, sequence_network
from segkit.engine.sequence_network import Network, NoNetwork, autoencoder, leading
from segkit.engine.sequences import Sequences, linear, sequences

installed = all(importlib.util.find_spec(n) for n in ("keras", "jax"))
EPOCHS = 6


@pytest.fixture(scope="module")
def cut() -> Sequences:
    return sequences(made_panel(markets=16, months=12), 4)  # whole batches, since each size is compiled anew


@pytest.fixture(scope="module")
def trained(cut: Sequences) -> Network:
    if not installed:
        pytest.skip("keras and jax are not installed")
    found = autoencoder(cut, epochs=EPOCHS)
    assert isinstance(found, Network)
    return found


@pytest.mark.slow
def test_it_learns_and_is_held_against_principal_components(trained: Network, cut: Sequences) -> None:
    own = linear(cut)
    assert trained.loss["epoch"].tolist() == list(range(1, EPOCHS + 1))
    assert trained.loss["train"].is_monotonic_decreasing
    assert trained.error == trained.loss["held_out"].iloc[-1] < trained.loss["held_out"].iloc[0]
    assert (trained.linear_error, trained.mean_error) == (own.error, own.mean_error)
    assert trained.better is (trained.error < own.error)
    assert trained.embedding.shape == (16, 32) and list(trained.embedding.index) == list(cut.markets)
    assert trained.one_dimensional == leading(trained.embedding.to_numpy())[0]
    assert 0 <= trained.follows_level <= 1 and trained.tried == cut.split()[1].sum()


@pytest.mark.slow
def test_a_rerun_gives_the_same_to_the_last_bit(trained: Network, cut: Sequences) -> None:
    again = autoencoder(cut, epochs=EPOCHS)
    assert isinstance(again, Network)
    assert np.array_equal(again.embedding.to_numpy(), trained.embedding.to_numpy())
    assert np.array_equal(again.loss.to_numpy(), trained.loss.to_numpy())


def test_where_a_library_is_missing_the_reason_is_told(cut: Sequences, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence_network.importlib.util, "find_spec", lambda name: None)
    found = autoencoder(cut)
    assert isinstance(found, NoNetwork) and "keras and jax are not installed" in found.reason
    monkeypatch.setattr(sequence_network.importlib.util, "find_spec", lambda name: None if name == "jax" else object())
    found = autoencoder(cut)
    assert isinstance(found, NoNetwork) and "jax is not installed" in found.reason


def test_where_a_library_does_not_load_the_reason_is_told(cut: Sequences, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(code: int) -> Any:
        return lambda *_, **__: SimpleNamespace(returncode=code, stderr=b"Trace\nValueError: what it says", stdout=b"")

    monkeypatch.setattr(sequence_network.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(subprocess, "run", ended(lstm.ABSENT))
    found = autoencoder(cut)
    assert isinstance(found, NoNetwork) and "cannot be imported" in found.reason
    monkeypatch.setattr(subprocess, "run", ended(1))
    with pytest.raises(RuntimeError, match="ended with 1: ValueError: what it says"):
        autoencoder(cut)
