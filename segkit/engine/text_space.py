"""Texts as points: one vector for each document, under the document's own id."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd

from ..errors import ConfigError, InputError
from ..privacy import SMALL_CELL
from ..seeds import integer
from .matrix import Floats

DIMENSIONS = 100
WORD = r"\b\w+\b"
NOTHING = 1e-9  # a vector that is shorter than this points nowhere


class Embedded(NamedTuple):
    """What an embedder makes of documents.

    Attributes
    ----------
    values : array of shape (n_documents, n_dims)
        In the order of the documents; zeros for one of which nothing is known.
    shares : array of length n_dims
        Share of the variance on each dimension.
    params : dict
    """

    values: Floats
    shares: Floats
    params: dict[str, Any]


class Embedder(Protocol):
    """A way to make vectors of texts.

    Attributes
    ----------
    way : str
    leaves : bool
        Whether texts leave this machine, so that they must be masked before.
    """

    @property
    def way(self) -> str: ...  # noqa: D102
    @property
    def leaves(self) -> bool: ...  # noqa: D102

    def embed(self, documents: pd.Series, groups: pd.Series | None, seed: int) -> Embedded:
        """Make one vector of each document.

        Parameters
        ----------
        documents : Series of str
        groups : Series, optional
            Who wrote each document, on the same index.
        seed : int
        """


@dataclass(frozen=True)
class TextSpace:
    """Documents as points on the unit sphere.

    Attributes
    ----------
    values : DataFrame of shape (n_documents, n_dims)
        On the index of the documents, in their order; a row of NaN for each of ``blank``.
    blank : Index
        Documents without a vector: empty, or without any word that is known.
    shares : Series
        Share of the variance on each dimension, before lengths were made equal. For words, of the variance of all of
        them, so that the sum says what the dimensions hold; for models it is one.
    params : dict
    seed : int

    Notes
    -----
    Words that lead a dimension are not kept: they are what persons wrote.
    """

    values: pd.DataFrame = field(repr=False)
    blank: pd.Index = field(repr=False)
    shares: pd.Series = field(repr=False)
    params: dict[str, Any]
    seed: int

    @property
    def known(self) -> pd.DataFrame:
        """The documents that have a vector."""
        return self.values.drop(index=self.blank)

    @property
    def dims(self) -> int:
        """The number of dimensions."""
        return self.values.shape[1]

    @property
    def table(self) -> pd.DataFrame:
        """One row: how many documents, how many of them blank, dimensions, and the variance that these hold."""
        row = (len(self.values), len(self.blank), self.dims, float(self.shares.sum()))
        return pd.DataFrame([row], columns=["documents", "blank", "dims", "variance"])

    def to_json(self) -> dict[str, Any]:
        """Return counts and parameters; nothing of any document."""
        return {**self.table.to_dict("records")[0], "params": self.params, "seed": self.seed}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


@dataclass(frozen=True)
class Words:
    """Words and pairs of words, weighed by how rare they are, on the directions of most variance.

    Attributes
    ----------
    dimensions : int
        At most; as many as there are documents or words where these are fewer.
    fewest : int
        A word that fewer persons use is not in the vocabulary: it may be a name, and tells of somebody.

    Notes
    -----
    Latent semantic analysis: Deerwester, S. et al. (1990). Indexing by latent semantic analysis. Journal of the American
    Society for Information Science, 41, 391-407. Weights are (1 + log tf) (1 + log((1 + n) / (1 + df))), at length one
    (Manning, C. D., Raghavan, P. and Schuetze, H. (2008). Introduction to Information Retrieval. Cambridge University Press,
    chapter 6); the truncated decomposition is that of Halko, Martinsson and Tropp (2011), SIAM Review, 53, 217-288.
    """

    dimensions: int = DIMENSIONS
    fewest: int = SMALL_CELL
    way = "words"
    leaves = False

    def embed(self, documents: pd.Series, groups: pd.Series | None, seed: int) -> Embedded:
        """Make one vector of each document; each is of a person of its own where there are no groups."""
        from scipy.sparse import csr_matrix
        from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

        count = len(documents)
        params = {"way": self.way, "fewest": self.fewest, "pairs": True}
        nothing = Embedded(np.zeros((count, 0)), np.zeros(0), {**params, "words": 0})
        try:
            counts = CountVectorizer(token_pattern=WORD, ngram_range=(1, 2)).fit_transform(documents)
        except ValueError:  # no document has a word
            return nothing
        person = np.arange(count) if groups is None else pd.factorize(groups, use_na_sentinel=False)[0]
        member = csr_matrix((np.ones(count), (person, np.arange(count))))
        users = np.asarray((member @ (counts > 0) > 0).sum(axis=0)).ravel()
        counts = counts[:, users >= self.fewest]
        rows = np.flatnonzero(counts.getnnz(axis=1))  # documents without a known word move nothing, rarity neither
        size = min(self.dimensions, len(rows), counts.shape[1])
        if size < 1:
            return nothing
        weights = TfidfTransformer(sublinear_tf=True).fit_transform(counts[rows])
        values = np.zeros((count, size))
        values[rows], shares = _truncated(weights, size, seed)
        return Embedded(values, shares, {**params, "words": int(counts.shape[1])})


def _truncated(weights: Any, size: int, seed: int) -> tuple[Floats, Floats]:
    """Return documents on the leading directions, and the share of the variance on each."""
    from sklearn.decomposition import TruncatedSVD
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), np.errstate(invalid="ignore"):  # documents that are all the same do not vary
        fit = TruncatedSVD(size, n_iter=7, random_state=integer("text/words", seed))
        values = fit.fit_transform(weights)
    return values, np.nan_to_num(fit.explained_variance_ratio_)


def embed(
    documents: pd.Series,
    embedder: Embedder | None = None,
    *,
    groups: pd.Series | None = None,
    mask: Callable[[str], str] | None = None,
    seed: int = 42,
) -> TextSpace:
    """Make one vector of each document, under its own id.

    Parameters
    ----------
    documents : Series of str
        Of any index without repetitions. A missing text is an empty one.
    embedder : Embedder, optional
        `Words` when not given; for others see `text_models.embedder_of`.
    groups : Series, optional
        Who wrote each document, on the same index.
    mask : callable, optional
        Takes a text, and gives it without what identifies a person. Texts leave the machine only masked.
    seed : int

    Raises
    ------
    InputError
        An id is there twice, or the groups are of other documents.
    ConfigError
        Texts would leave the machine as they are.

    Examples
    --------
    >>> texts = pd.Series(["good day", "", "good night", "good day night"], index=list("abcd"))
    >>> found = embed(texts, Words(2, fewest=2))
    >>> list(found.values.index), list(found.blank), found.dims
    (['a', 'b', 'c', 'd'], ['b'], 2)
    """
    embedder = embedder or Words()
    if not documents.index.is_unique:
        raise InputError("some documents share an id", remedy="Put the texts of one id together first.")
    if groups is not None and not groups.index.equals(documents.index):
        raise InputError("texts and those who wrote them are not about the same documents, in one order")
    if embedder.leaves and mask is None:
        raise ConfigError("texts would leave this machine unmasked", remedy="Give a function that masks them.")
    texts = documents.fillna("").astype(str)
    if mask is not None:
        texts = texts.map(mask)
    found = embedder.embed(texts, groups, seed)
    if len(found.values) != len(texts):
        raise InputError(f"{len(texts)} documents came back as {len(found.values)} vectors")
    length = np.linalg.norm(found.values, axis=1)
    known = length > NOTHING
    values = np.full(found.values.shape, np.nan)
    values[known] = found.values[known] / length[known, None]
    columns = [f"text {i + 1}" for i in range(found.values.shape[1])]
    return TextSpace(
        values=pd.DataFrame(values, index=documents.index, columns=columns),
        blank=documents.index[~known],
        shares=pd.Series(found.shares, index=columns, name="variance share", dtype="float64"),
        params={**found.params, "masked": mask is not None},
        seed=seed,
    )


def word_counts(documents: pd.Series) -> pd.Series:
    """Return the number of words of each document, on its index.

    >>> word_counts(pd.Series(["well, hello", None])).tolist()
    [2, 0]
    """
    texts = documents.fillna("").astype(str)
    return pd.Series([len(re.findall(WORD, t)) for t in texts], index=documents.index, name="words", dtype="int64")
