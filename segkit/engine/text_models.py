"""Texts as points by a model that was trained elsewhere: on this machine, or behind an address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import ConfigError, printable
from .matrix import Floats
from .text_server import EmbeddingServer
from .text_space import DIMENSIONS, Embedded, Embedder, Words

LONGEST = 200  # words of a chunk: models read a few hundred tokens, and ignore what follows
INSTALL = (
    "Install it with `pip install sentence-transformers`, which takes gigabytes, or set the way of texts to words."
)


def chunks(text: str, longest: int = LONGEST) -> list[str]:
    """Part a text into runs of at most so many words, as even as can be.

    >>> chunks("a b c d e", 2), chunks("  ")
    (['a b', 'c', 'd e'], [])
    """
    words = text.split()
    number = -(-len(words) // longest)
    edges = np.linspace(0, len(words), number + 1).round().astype(int)
    return [" ".join(words[a:b]) for a, b in pairwise(edges)]


@dataclass(frozen=True)
class ModelEmbedder:
    """Vectors by a model that knows nothing of the other documents.

    Attributes
    ----------
    way, model : str
    vectors : callable
        Takes a list of texts, none of them empty; gives an array of shape (n_texts, n_dims) in the same order.
    leaves : bool
        Whether texts leave this machine.

    Notes
    -----
    The vector of a long document is the mean of those of its chunks, weighed by their words.
    """

    way: str
    model: str
    vectors: Callable[[Sequence[str]], Floats] = field(repr=False)
    leaves: bool

    def embed(self, documents: pd.Series, groups: pd.Series | None, seed: int) -> Embedded:
        """Make one vector of each document."""
        params = {"way": self.way, "model": self.model, "chunk": LONGEST}
        parts = [(i, part) for i, text in enumerate(documents) for part in chunks(text)]
        if not parts:
            return Embedded(np.zeros((len(documents), 0)), np.zeros(0), params)
        found = np.asarray(self.vectors([part for _, part in parts]), dtype=np.float64)
        if found.ndim != 2 or len(found) != len(parts) or not np.isfinite(found).all():
            raise ConfigError(
                f"the model {printable(self.model)} does not give one vector of numbers for each text",
                remedy="Name another model.",
            )
        values = np.zeros((len(documents), found.shape[1]))
        of, weights = np.array([i for i, _ in parts]), np.array([len(part.split()) for _, part in parts], dtype=float)
        np.add.at(values, of, found * weights[:, None])
        total = np.bincount(of, weights=weights, minlength=len(documents))
        values /= np.where(total > 0, total, 1)[:, None]
        variance = values[total > 0].var(axis=0)
        return Embedded(values, variance / (variance.sum() or 1.0), params)


def sentence_vectors(model: str) -> Callable[[Sequence[str]], Floats]:
    """Return vectors by a model of sentence-transformers, which is loaded when texts come.

    Parameters
    ----------
    model : str
        A name, or a folder on this machine.

    Raises
    ------
    ConfigError
        By what is returned: the package is not installed, or there is no such model.

    Notes
    -----
    Reimers, N. and Gurevych, I. (2019). Sentence-BERT: sentence embeddings using Siamese BERT-networks. Proceedings of
    EMNLP-IJCNLP, 3982-3992.
    """

    def vectors(texts: Sequence[str]) -> Floats:
        try:
            library = import_module("sentence_transformers")
        except ImportError:
            raise ConfigError("the package sentence-transformers is not installed", remedy=INSTALL) from None
        try:
            own = library.SentenceTransformer(model, device="cpu")
        except Exception as error:  # hubs and files fail in many ways, and their messages may hold addresses
            raise ConfigError(
                f"the model {printable(model)} cannot be loaded ({type(error).__name__})",
                remedy="Give the folder of a model, or the name of one that can be fetched from here.",
            ) from None
        return np.asarray(own.encode(list(texts), convert_to_numpy=True, show_progress_bar=False), dtype=np.float64)

    return vectors


def embedder_of(
    way: str, *, dimensions: int = DIMENSIONS, model: str = "", base: str = "", key: str = "", cache: Path | None = None,
    **more: Any,
) -> Embedder:  # fmt: skip
    """Return the embedder that settings name.

    Parameters
    ----------
    way : {"words", "sentences", "server"}
    dimensions : int
        Of words.
    model, base, key : str
        Of the others: the name or the folder of a model; the address of a server, and its key itself.
    cache : path, optional
        Where vectors from a server are kept.
    **more
        Of `text_server.EmbeddingServer`.

    Raises
    ------
    ConfigError
        There is no such way, or something of it is not said.
    """
    if way == "words":
        return Words(dimensions)
    if way not in ("sentences", "server"):
        raise ConfigError(f"there is no way of texts {printable(way)}", remedy="Ways are words, sentences and server.")
    if not model:
        raise ConfigError(f"texts by {way} need a model", remedy="Name it, as `model`.")
    if way == "sentences":
        return ModelEmbedder(way, model, sentence_vectors(model), leaves=False)
    return ModelEmbedder(way, model, EmbeddingServer(base, model, key, cache, **more).vectors, leaves=True)
