"""Pictures of the matrix in two dimensions. They show; they prove nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from .fits import LARGE
from .matrix import Floats, ModelMatrix
from .silhouettes import sample


@dataclass(frozen=True)
class Projection:
    """Principal components of the model matrix.

    Attributes
    ----------
    points : DataFrame of shape (n_units, 2)
        Columns ``x`` and ``y``, indexed by keyed unit.
    shares : tuple of float
        Share of the variance on each component.
    loadings : DataFrame of shape (n_columns, 2)
        Weight of each feature in each component.
    """

    points: pd.DataFrame
    shares: tuple[float, float]
    loadings: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """The weights of the features."""
        return self.loadings.rename_axis("feature").reset_index()

    def leading(self, axis: int, most: int = 3) -> list[str]:
        """Return the features with the largest weights on a component, largest first."""
        weights = self.loadings.iloc[:, axis].abs().sort_values(ascending=False, kind="stable")
        return [str(n) for n in weights.index[:most]]

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def principal_components(matrix: ModelMatrix) -> Projection:
    """Project on two principal components, each turned so that its largest weight is positive.

    Parameters
    ----------
    matrix : ModelMatrix
        With one column only, the second component is zero.

    Notes
    -----
    Jolliffe, I. T. (2002). Principal Component Analysis. 2nd ed. Springer.
    """
    from sklearn.decomposition import PCA

    with threadpool_limits(1):
        fit = PCA(n_components=min(2, *matrix.values.shape), svd_solver="full").fit(matrix.values)
        points = fit.transform(matrix.values)
    axes = fit.components_
    sign = np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])
    points, axes = points * sign, axes * sign[:, None]
    missing = 2 - points.shape[1]
    points = np.pad(points, ((0, 0), (0, missing)))
    axes = np.pad(axes, ((0, missing), (0, 0)))
    shares = np.pad(fit.explained_variance_ratio_, (0, missing))
    return Projection(
        points=pd.DataFrame(points, index=matrix.index, columns=["x", "y"]),
        shares=(float(shares[0]), float(shares[1])),
        loadings=pd.DataFrame(axes.T, index=list(matrix.columns), columns=["first", "second"]),
    )


@dataclass(frozen=True)
class NeighbourMap:
    """A map that keeps neighbours together; distances across it mean little.

    Attributes
    ----------
    points : DataFrame of shape (n_units, 2)
        Columns ``x`` and ``y``, indexed by keyed unit; of a random part of them where there are very many.
    units : int
        How many units there are in all.
    trustworthiness : float
        1 at best; lower, the farther from each other in the matrix neighbours on the map are (Venna and Kaski 2001).
    neighbours : int
        How many neighbours both numbers are about.
    seed : int
    """

    points: pd.DataFrame
    units: int
    trustworthiness: float
    neighbours: int
    seed: int

    @property
    def table(self) -> pd.DataFrame:
        """The one number that says how far the map can be trusted."""
        return pd.DataFrame({"neighbours": [self.neighbours], "trustworthiness": [self.trustworthiness]})

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def neighbour_map(
    matrix: ModelMatrix, *, neighbours: int = 15, placed: int = LARGE, most: int = 5000, seed: int = 42
) -> NeighbourMap:
    """Project with UMAP, and measure how many neighbours the map keeps.

    Parameters
    ----------
    matrix : ModelMatrix
    neighbours : int
        Fewer where there are not that many units.
    placed : int
        Above this many units a random sample of so many is placed: a picture shows no more, and takes minutes.
    most : int
        Trustworthiness needs all distances; above this many units it is measured on a random sample.
    seed : int

    Notes
    -----
    McInnes, L., Healy, J. and Melville, J. (2018). UMAP: Uniform manifold approximation and projection for dimension
    reduction. arXiv:1802.03426.
    """
    from sklearn.manifold import trustworthiness

    units = len(matrix.values)
    shown = np.arange(units) if units <= placed else sample(units, placed, "neighbours/placed", seed)
    values, n = matrix.values[shown], len(shown)
    near = max(1, min(neighbours, (n - 1) // 2))
    found = placed_by_neighbours(values, near, 2, seed)
    with threadpool_limits(1):
        rows = np.arange(n) if n <= most else np.sort(np.random.default_rng(seed).choice(n, most, replace=False))
        kept = trustworthiness(values[rows], found[rows], n_neighbors=near)
    points = pd.DataFrame(np.asarray(found, dtype=np.float64), index=matrix.index[shown], columns=["x", "y"])
    return NeighbourMap(points, units, float(kept), near, seed)


def placed_by_neighbours(values: Floats, near: int, dims: int, seed: int) -> NDArray[np.float32]:
    """Return the places of units on a map by UMAP, of shape (n_units, dims); see `neighbour_map`.

    Parameters
    ----------
    values : array of shape (n_units, n_columns)
    near : int
        Neighbours, fewer than there are units.
    dims : int
    seed : int
    """
    # Its import compiles code for half a minute, so only this function pays for it.
    import warnings

    import umap

    start = "pca" if min(values.shape) >= dims else "random"
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")  # it warns that a seed means one thread, which is what a seed is for
        made = umap.UMAP(n_neighbors=max(2, near), n_components=dims, random_state=seed, n_jobs=1, init=start)
        out: NDArray[np.float32] = made.fit_transform(values)
    return out
