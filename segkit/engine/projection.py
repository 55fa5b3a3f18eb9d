"""Pictures of the matrix in two dimensions. They show; they prove nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

from .matrix import ModelMatrix


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
