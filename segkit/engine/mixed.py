"""From numbers and coded categories, some of them missing, to the matrix that is clustered."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from .factors import Factors
from .levels import Levels, coded
from .matrix import Floats
from .mixed_scaler import MixedScaler
from .preprocessing import ConstantError

__all__ = ["Disjunctive", "Factors", "Levels", "MixedScaler", "coded"]

BANDS = 5  # of a number that is not always known


class Disjunctive(MixedScaler):
    """The table of mixed fields laid out so that squared distances count the fields in which two units differ.

    Parameters
    ----------
    levels : Levels
    names : tuple of str, optional

    Attributes
    ----------
    edges_ : dict of str to array
        Inner limits of the bands into which a number is cut that is missing somewhere.

    Notes
    -----
    A category is an indicator over the square root of two, so that two units that differ in a field are one apart in it
    (squared). A missing cell is zero throughout: one half from any category, none from another missing cell. A number
    that all units have is divided by its range (Gower 1971); one with missing cells is cut into ``BANDS`` bands with as
    many units each, and becomes a category, since no point of a line is as far from all others.

    Each field opens with a column that is the same for all units, minus one, and so takes no part in any distance. It
    tells clusterers where a field begins, after whatever resampling and reweighting (see `fields.Layout`): a number has
    one column after it, a category two or more. Fields of one value have no columns at all.

    Examples
    --------
    >>> scaler = Disjunctive(Levels({"state": ("IL", "TX"), "age": ()}))
    >>> scaler.fit_transform([[0, 20.0], [1, 40.0], [np.nan, 20.0]]).round(2).tolist()
    [[-1.0, 0.71, 0.0, -1.0, 0.0], [-1.0, 0.0, 0.71, -1.0, 1.0], [-1.0, 0.0, 0.0, -1.0, 0.0]]
    """

    def fit(self, X: ArrayLike, y: object = None) -> Disjunctive:
        """Note ranges and bands.

        Raises
        ------
        ConstantError
            Every field has one value only.
        """
        values = self._checked(X, reset=True)
        names, sizes = self._columns(), self.levels.sizes(self._columns())
        self.edges_: dict[str, Floats] = {}
        self.range_: dict[str, tuple[float, float]] = {}
        self.middle_: dict[str, float] = {}
        self.used_: list[str] = []
        self.columns_: dict[str, list[str]] = {}
        for name, size, own in zip(names, sizes, values.T, strict=True):
            known = own[~np.isnan(own)]
            if not len(known) or known.min() == known.max():
                continue
            self.used_.append(name)
            words = list(self.levels.of[name])
            if not size and len(known) < len(own):
                inner = np.quantile(known, np.arange(1, BANDS) / BANDS)
                self.edges_[name] = np.unique(inner[(inner > known.min())])
                words = _bands(self.edges_[name])
            elif not size:
                self.range_[name], self.middle_[name] = (float(known.min()), float(np.ptp(known))), float(known.mean())
                words = []
            self.columns_[name] = [f"{name} (field)", *([f"{name} = {w}" for w in words] or [name])]
        if not self.used_:
            raise ConstantError("every column is constant: there is nothing to segment by")
        return self

    def transform(self, X: ArrayLike) -> Floats:
        """Return the matrix, shape (n_units, n_columns); a number that was always known is taken at its mean."""
        check_is_fitted(self, "used_")
        values = self._checked(X, reset=False)
        place = {name: j for j, name in enumerate(self._columns())}
        out = np.zeros((len(values), sum(len(c) for c in self.columns_.values())))
        at = 0
        for name in self.used_:
            own = values[:, place[name]]
            out[:, at] = -1.0
            if name in self.range_:
                low, width = self.range_[name]
                out[:, at + 1] = (np.where(np.isnan(own), self.middle_[name], own) - low) / width
            else:
                known = np.flatnonzero(~np.isnan(own))
                code = own[known] if name not in self.edges_ else self.edges_[name].searchsorted(own[known], "right")
                out[known, at + 1 + code.astype(np.int64)] = np.sqrt(0.5)
            at += len(self.columns_[name])
        return out

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Return the names of the columns."""
        check_is_fitted(self, "used_")
        return np.array([c for own in self.columns_.values() for c in own], dtype=object)

    def parts(self, values: Floats, blocks: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """Return the columns of the fields of each block."""
        return {b: [c for n in names for c in self.columns_.get(n, ())] for b, names in blocks.items()}

    def shares(self, values: Floats) -> dict[str, float]:
        """Return the share of each field in the variance of the matrix."""
        variance, ends = values.var(axis=0), np.cumsum([len(c) for c in self.columns_.values()])
        own = [float(v.sum()) for v in np.split(variance, ends[:-1])]
        return dict(zip(self.used_, (np.array(own) / sum(own)).tolist(), strict=True))


def _bands(edges: Floats) -> list[str]:
    """Return the names of bands between limits, of which each band has its lower one."""
    said = [f"{e:g}" for e in edges]
    return [f"below {said[0]}", *(f"{a} to {b}" for a, b in itertools.pairwise(said)), f"{said[-1]} or more"]
