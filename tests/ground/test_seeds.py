"""Each procedure draws from a generator of its own."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from segkit.seeds import ROOT, generator, integer


def test_the_root_seed_is_the_published_one() -> None:
    assert ROOT == 42


def test_a_generator_follows_from_root_and_name_alone() -> None:
    entropy = int.from_bytes(hashlib.sha256(b"contacts/bootstrap").digest()[:8], "big")
    expected = np.random.default_rng(np.random.SeedSequence([42, entropy])).random(5)
    first = generator("contacts/bootstrap")
    generator("something new").random(100)  # another procedure moves no number of this one
    np.testing.assert_array_equal(first.random(5), expected)


def test_streams_of_a_name_are_the_same_on_every_machine() -> None:
    # The streams of PCG64 and SeedSequence are stable by numpy's policy (NEP 19); a change moves every report.
    assert integer("contacts/bootstrap") == 3_305_830_877
    assert integer("contacts/bootstrap", root=7) == 2_800_763_734


def test_names_and_roots_give_streams_of_their_own() -> None:
    seeds = {integer(f"procedure {i}") for i in range(500)} | {integer("procedure 0", root=r) for r in range(43, 543)}
    assert len(seeds) == 1_000
    streams = [generator(n).random(2_000) for n in ("contacts/bootstrap", "contacts/bootstrap ")]
    assert abs(np.asarray(np.corrcoef(streams))[0, 1]) < 0.1


@pytest.mark.parametrize("name", ["", "contacts/null", "Zürich"])
def test_an_integer_is_a_seed_for_scikit_learn(name: str) -> None:
    value = integer(name)
    assert isinstance(value, int)
    assert 0 <= value < 2**32
    assert value == integer(name)
    np.random.RandomState(value)
