"""Components of a table of numbers and coded categories, some of them missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.utils.validation import check_is_fitted

from ..seeds import generator
from .independent import independent_draws
from .levels import Levels
from .matrix import Floats
from .mixed_scaler import MixedScaler
from .preprocessing import ConstantError

FEWEST, MOST = 2, 10  # components that are kept where their number is not given
DRAWS, LOOKED = 9, 2_000  # tables without any tie between fields, and the units of each
FULL, PART = 4, 20_000  # cells for each that is not zero, below which a table is nearly full; units of a part of it
RARE = 5  # units below which a category has no place of its own on a map


class Factors(MixedScaler):
    """Coordinates of units on the leading components of a table of mixed fields (FAMD).

    It is multiple correspondence analysis where all fields are categories, and principal components of z-scores where
    all are numbers.

    Parameters
    ----------
    levels : Levels
    dims : int, optional
        Components to keep. When not given, those that lead as long as each is larger than in every one of ``DRAWS``
        tables whose fields have nothing to do with each other (Horn 1965); ``FEWEST`` at least and ``MOST`` at most.
    least : int
        Units below which a category counts as missing: it would lie far out by itself.
    names : tuple of str, optional

    Attributes
    ----------
    eigenvalues_ : array
        All that are not zero, largest first: variances of the coordinates.
    explained_ : array of length n_components
        Share of the inertia on each component that is kept.
    adjusted_ : DataFrame or None
        ``benzecri`` and ``greenacre``, the shares of the inertia as corrected for multiple correspondence analysis; None
        where a field is a number, for which no correction is known.
    shares_ : dict of str to float
        Share of each field in the variance of the coordinates.

    Notes
    -----
    Pages, J. (2004). Analyse factorielle de donnees mixtes. Revue de Statistique Appliquee, 52(4), 93-111. Numbers are
    z-scored; the indicator of a category with share p among the known becomes (x - p) / sqrt(p). A missing cell is zero
    throughout, which is the centre (passive, as in Josse, Chavent, Liquet and Husson 2012): it draws no unit anywhere,
    and a field weighs as much as it is known. The coordinates of multiple correspondence analysis are these, divided by
    the square root of the number of fields, and its eigenvalues these, divided by that number.
    Horn, J. L. (1965). A rationale and test for the number of factors in factor analysis. Psychometrika, 30, 179-185.
    Greenacre, M. (2017). Correspondence Analysis in Practice. 3rd ed. CRC Press, chapter 19.
    """

    def __init__(
        self, levels: Levels, dims: int | None = None, least: int = RARE, names: tuple[str, ...] | None = None
    ) -> None:
        super().__init__(levels, names)
        self.dims = dims
        self.least = least

    def fit(self, X: ArrayLike, y: object = None) -> Factors:
        """Find the components.

        Raises
        ------
        ConstantError
            Every field has one value only.
        """
        values = self._checked(X, reset=True)
        self.sizes_ = self.levels.sizes(self._columns())
        self._margins(values)
        size, axes = self._spectrum(values)
        rank = int((size > 1e-9 * max(size[0], 1e-300)).sum()) if size[0] > 1e-12 else 0
        if not rank:
            raise ConstantError("every column is constant: there is nothing to segment by")
        self.eigenvalues_ = size[:rank]
        kept = min(self.dims or self._leading(values), rank)
        # Each component is turned so that its largest weight is positive.
        turn = np.sign(axes[np.abs(axes[:, :kept]).argmax(axis=0), np.arange(kept)])
        self.axes_ = axes[:, :kept] * turn
        self.explained_ = size[:kept] / size[:rank].sum()
        self.adjusted_ = None if 0 in self.sizes_ else self._adjusted(size[:rank], kept)
        weight = (self.axes_**2 * size[:kept]).sum(axis=1)
        own = np.bincount(self._owner, weights=weight, minlength=len(self.sizes_)) / size[:kept].sum()
        self.shares_ = dict(zip(self._columns(), own.tolist(), strict=True))
        return self

    def transform(self, X: ArrayLike) -> Floats:
        """Return coordinates, shape (n_units, n_components)."""
        check_is_fitted(self)
        return np.asarray(self._raw(self._checked(X, reset=False)) @ (self._across @ self.axes_))

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Return the names of the components."""
        check_is_fitted(self)
        return np.array([f"component {i + 1}" for i in range(self.axes_.shape[1])], dtype=object)

    def parts(self, values: Floats, blocks: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """Return the components as one block: each is of all fields."""
        return {"components": [str(n) for n in self.get_feature_names_out()]}

    def shares(self, values: Floats) -> dict[str, float]:
        """Return the share of each field in the variance of the matrix."""
        return {n: s for n, s in self.shares_.items() if s > 1e-9}

    def _margins(self, values: Floats) -> None:
        """Note shares, means and spreads; from them, how raw columns become centred and weighted ones."""
        place, width = 0, sum(s or 1 for s in self.sizes_)
        self._owner = np.repeat(np.arange(len(self.sizes_)), [s or 1 for s in self.sizes_])
        self._count, across = np.zeros(width), np.zeros((width + len(self.sizes_), width))
        self._middle, self._spread, self._active = np.zeros(len(self.sizes_)), np.ones(len(self.sizes_)), []
        for f, size in enumerate(self.sizes_):
            known = values[~np.isnan(values[:, f]), f]
            if size:
                counts = np.bincount(known.astype(np.int64), minlength=size).astype(np.float64)
                active = counts >= self.least
                counts = np.where(active, counts, 0.0)
                share = counts / max(counts.sum(), 1.0)
                # A category that all known units have tells nothing.
                use = (share > 0) & (share < 1)
                own = np.arange(place, place + size)
                scale = np.divide(1.0, np.sqrt(share), out=np.zeros(size), where=use)
                across[own, own], across[width + f, own] = scale, -share * scale
                self._count[own] = counts
            else:
                active = np.ones(1, dtype=np.bool_)
                spread = known.std() if len(known) else 0.0
                self._count[place], across[place, place] = len(known), 1.0
                if len(known):
                    self._middle[f] = known.mean()
                # A constant number becomes zero, whatever rounding leaves of its spread.
                self._spread[f] = spread if spread > 1e-12 * max(1.0, abs(self._middle[f])) else np.inf
            self._active.append(active)
            place += size or 1
        self._across = sparse.csr_array(across)

    def _raw(self, values: Floats) -> sparse.csr_array:
        """Return indicators, z-scores and, for each field, whether it is known and counts: shape (n, width + fields)."""
        n, width, place = len(values), self._across.shape[1], 0
        columns, data = np.zeros((n, 2 * len(self.sizes_)), dtype=np.int64), np.zeros((n, 2 * len(self.sizes_)))
        for f, size in enumerate(self.sizes_):
            own, known = values[:, f], ~np.isnan(values[:, f])
            if size:
                code = np.where(known, own, 0).astype(np.int64)
                hit = known & self._active[f][code]
                columns[:, 2 * f], data[:, 2 * f] = place + code, hit
            else:
                hit = known
                score = (own - self._middle[f]) / self._spread[f]
                columns[:, 2 * f], data[:, 2 * f] = place, np.where(known, score, 0.0)
            columns[:, 2 * f + 1], data[:, 2 * f + 1] = width + f, hit
            place += size or 1
        start = np.arange(n + 1) * columns.shape[1]
        out = sparse.csr_array((data.ravel(), columns.ravel(), start), shape=(n, width + len(self.sizes_)))
        out.eliminate_zeros()  # missing cells, which are most of many tables
        return out

    def _spectrum(self, values: Floats) -> tuple[Floats, Floats]:
        """Return eigenvalues, largest first, and axes of the centred and weighted columns."""
        raw = self._raw(values)
        if raw.shape[1] * len(values) < FULL * raw.nnz:  # of which products of dense parts take a third of the time
            parts = (raw[start : start + PART].toarray() for start in range(0, len(values), PART))
            gram = sparse.csr_array(sum(part.T @ part for part in parts))
        else:
            gram = raw.T @ raw
        half = gram / len(values) @ self._across
        size, axes = np.linalg.eigh((self._across.T @ half).toarray())
        return size[::-1].clip(min=0.0), axes[:, ::-1]

    def _leading(self, values: Floats) -> int:
        """Return how many components are larger than among fields that have nothing to do with each other."""
        # By the counts of their categories: what is drawn then depends neither on the order of units nor on the codes.
        order = np.lexsort([_commonness(own, size) for own, size in zip(values.T, self.sizes_, strict=True)])
        rng = generator("factors/units")
        some = values[order if len(order) <= LOOKED else rng.choice(order, LOOKED, replace=False)]
        like = Factors(self.levels, dims=1, least=self.least, names=self.names)
        like.sizes_ = self.sizes_
        like._margins(some)
        own = like._spectrum(some)[0][: MOST + 1]
        alone = [
            like._spectrum(drawn)[0][: MOST + 1]
            for drawn in independent_draws(some, np.zeros(len(some), dtype=np.int64), DRAWS, int(rng.integers(2**31)))
        ]
        larger = own > np.max(alone, axis=0) + 1e-12
        return int(np.clip(np.argmin(np.append(larger, False)), FEWEST, MOST))

    def _adjusted(self, size: Floats, kept: int) -> pd.DataFrame:
        """Return the corrected shares of the inertia (Benzecri 1979; Greenacre 2017, chapter 19)."""
        fields = sum(1 for a in self._active if a.sum() > 1)
        if fields < 2:
            return pd.DataFrame({"benzecri": self.explained_, "greenacre": self.explained_})
        plain = size / fields
        better = np.where(plain > 1 / fields, (fields / (fields - 1) * (plain - 1 / fields)) ** 2, 0.0)
        used = int((self._count > 0).sum())
        mean = fields / (fields - 1) * ((plain**2).sum() - (used - fields) / fields**2)
        return pd.DataFrame(
            {"benzecri": better[:kept] / max(better.sum(), 1e-300), "greenacre": better[:kept] / max(mean, 1e-300)}
        )


def _commonness(own: Floats, size: int) -> Floats:
    """Return for each cell how many units share its category; a number as it is, and minus one where missing."""
    known = ~np.isnan(own)
    code = np.where(known, own, 0).astype(np.int64) if size else None
    seen = own if code is None else np.bincount(code[known], minlength=size)[code]
    return np.where(known, seen, -1.0)
