"""Texts whose topics are known, because they were planted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segkit.seeds import generator

TOPICS = (
    ["garden", "soil", "seed", "rain", "flower", "spade", "compost", "bloom", "leaf", "root"],
    ["engine", "gear", "wheel", "brake", "piston", "clutch", "diesel", "torque", "axle", "spark"],
    ["violin", "chord", "tempo", "opera", "choir", "melody", "rhythm", "sonata", "cello", "tune"],
)
COMMON = ["the", "and", "is", "it", "you", "so", "well", "really", "just", "today"]


def corpus(
    sizes: Sequence[int], name: str = "tests/corpus", *, words: int = 40, common: float = 0.4
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Draw documents of topics, in mixed order.

    Returns
    -------
    documents : Series of str
        Indexed by (pair, stage).
    groups : Series of str
        Who wrote each; three documents each at most.
    truth : Series of int
    """
    rng = generator(name)
    truth = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    texts = []
    for topic in truth:
        usual = rng.random(words) < common
        texts.append(" ".join(np.where(usual, rng.choice(COMMON, words), rng.choice(TOPICS[topic], words))))
    pairs = [f"f00d{i // 3:08x}" for i in range(len(truth))]
    index = pd.MultiIndex.from_arrays([pairs, [i % 3 + 1 for i in range(len(truth))]], names=["pair", "stage"])
    return pd.Series(texts, index=index), pd.Series(pairs, index=index), pd.Series(truth, index=index)


def shuffled(documents: pd.Series, name: str = "tests/shuffled") -> pd.Series:
    """Deal all words out anew: documents of the same lengths, about nothing."""
    lengths = documents.str.split().map(len)
    words = generator(name).permutation(" ".join(documents).split())
    ends = lengths.cumsum()
    texts = [" ".join(words[e - n : e]) for n, e in zip(lengths, ends, strict=True)]
    return pd.Series(texts, index=documents.index)


def of_length(count: int, name: str = "tests/lengths") -> tuple[pd.Series, pd.Series]:
    """Draw documents that differ in nothing but how long they are: a few words, or very many."""
    rng = generator(name)
    lengths = rng.permutation(np.where(np.arange(count) % 2, 3, 150) + rng.integers(3, size=count))
    vocabulary = [*COMMON, *(word for topic in TOPICS for word in topic)]
    index = pd.MultiIndex.from_arrays([[f"{i:012x}" for i in range(count)], np.ones(count, int)])
    return pd.Series([" ".join(rng.choice(vocabulary, n)) for n in lengths], index=index), pd.Series(
        lengths, index=index
    )
