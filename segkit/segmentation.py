"""Segments of a table with all their evidence, in the manner of scikit-learn: what a notebook needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClusterMixin, clone
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted, validate_data

from .engine.borders import Borders
from .engine.clusterer import MANY, SMALL, Clusterer, EstimatorClusterer
from .engine.k_resampling import KResampling
from .engine.krule import KDecision
from .engine.kselection import KSelection
from .engine.meaning import Profile
from .engine.modes import Modes
from .engine.multiverse import Multiverse
from .engine.nulls import Nulls
from .engine.other_scales import OtherScales
from .engine.samples import Stability
from .engine.scalers import MAKERS
from .engine.segments import Segments
from .engine.sensitivity import Sensitivity
from .engine.verdict import Verdict
from .studies.table import Effort, Recipe, TableEvidence, chosen

Blocks = Mapping[str, Sequence[Any]] | None
KS = tuple(range(2, 9))


class Segmentation(ClusterMixin, BaseEstimator):
    """Segments of units by their features, and the evidence for them.

    ``fit`` finds the partition. Every piece of evidence is computed when it is first asked for, and kept.

    Parameters
    ----------
    blocks : mapping of str to sequence of column names or numbers, optional
        Which features belong together, as counts, amounts and times of day do; columns in no block take no part. All
        columns in one block when not given.
    k : {"auto"} or int
        The number of segments. ``auto`` is the largest number that prediction strength and bootstrap stability stand
        behind; where there is none, the partition that is least unstable is shown and the verdict is "no segmentation".
    unit : str
        What a row is: customer, lead, contact.
    ks : sequence of int
        Numbers of segments that are compared.
    estimator : estimator, optional
        A scikit-learn clusterer that takes a number of clusters, in place of k-means with k-means++ starts.
    clip, cap : float
        Values are clipped to these quantiles of their column, then scaled, and bounded.
    scaler : {"auto", "robust", "standard", "quantile-normal", "min-max", "Yeo-Johnson"}
        ``auto`` is the robust one, by median and interquartile range, unless it would hide a column with more than one mode:
        then the standard one, by mean and standard deviation. ``scales`` tells which, why, and what others would answer.
    effort : Effort, optional
        How much resampling is behind the evidence.
    random_state : int
        Of all draws.

    Attributes
    ----------
    labels_ : array of int of shape (n_units,)
        From 0, the largest segment first: one less than the segment numbers of tables.
    n_clusters_ : int
    scaler_ : str
        The scaler in use.
    evidence_ : TableEvidence
        All results, under their names.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> wine = load_wine(as_frame=True).data[["alcohol", "flavanoids", "color_intensity", "proline"]]
    >>> seg = Segmentation(k=3, unit="wine").fit(wine)
    >>> sorted(seg.segments.sizes.tolist(), reverse=True) == seg.segments.sizes.tolist()
    True
    """

    def __init__(
        self,
        blocks: Blocks = None,
        *,
        k: str | int = "auto",
        unit: str = "unit",
        ks: Sequence[int] = KS,
        estimator: Any = None,
        clip: float = 0.01,
        cap: float = 10.0,
        scaler: str = "auto",
        effort: Effort | None = None,
        random_state: int = 42,
    ) -> None:
        self.blocks = blocks
        self.k = k
        self.unit = unit
        self.ks = ks
        self.estimator = estimator
        self.clip = clip
        self.cap = cap
        self.scaler = scaler
        self.effort = effort
        self.random_state = random_state

    def fit(self, X: Any, y: object = None) -> Segmentation:
        """Find the segments.

        Parameters
        ----------
        X : DataFrame or array of shape (n_units, n_features)
            Numbers; missing ones become the median of their column. The index of a DataFrame names the units.
        y : ignored

        Raises
        ------
        ValueError
            Columns that are no numbers or not there, too few units, or units that are all alike.
        """
        index = X.index if isinstance(X, pd.DataFrame) else None
        values = validate_data(self, _numbers(X), dtype=np.float64, ensure_all_finite="allow-nan", ensure_min_samples=3)
        names = [str(n) for n in getattr(self, "feature_names_in_", range(values.shape[1]))]
        frame = pd.DataFrame(values, columns=names, index=index)
        own = SMALL if self.estimator is None else EstimatorClusterer(self.estimator)
        final: Clusterer = MANY if self.estimator is None else own
        if self.scaler not in ("auto", *MAKERS):
            raise ValueError(f"scaler is 'auto' or one of {', '.join(MAKERS)}, not {self.scaler!r}")
        blocks = _checked(self.blocks, names)
        self.scaler_, why = self.scaler, "it was asked for"
        if self.scaler == "auto":
            self.scaler_, why = chosen(frame, blocks, clip=self.clip, cap=self.cap, seed=self.random_state)
        made = None if self.scaler_ == "robust" else MAKERS[self.scaler_]()
        recipe = Recipe(
            blocks, self.clip, self.cap, made, self.scaler_, why, clusterer=own, final=final, seed=self.random_state
        )
        if self.k != "auto" and (isinstance(self.k, str) or self.k < 2):
            raise ValueError(f"k is 'auto' or a whole number from 2 on, not {self.k!r}")
        k = None if self.k == "auto" else int(self.k)
        self.evidence_ = TableEvidence(frame, recipe, k, ks=self.ks, effort=self.effort)
        self.labels_: NDArray[np.int64] = self.segments.labels.to_numpy(dtype=np.int64) - 1
        self.n_clusters_ = self.segments.k
        return self

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Put new units into the segments, by the nearest centre or as the estimator does.

        Parameters
        ----------
        X : DataFrame or array of shape (m, n_features)

        Returns
        -------
        array of int of shape (m,)
            From 0, as ``labels_``.
        """
        check_is_fitted(self, "evidence_")
        values = validate_data(self, _numbers(X), dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        found = self.evidence_
        columns = [list(found.frame.columns).index(n) for names in found.recipe.blocks.values() for n in names]
        return found.predict(found.matrix.pipeline.transform(values[:, columns]))

    @property
    def segments(self) -> Segments:
        """The partition: sizes and silhouettes by segment."""
        return self._evidence.segments

    @property
    def profile(self) -> Profile:
        """Quartiles and means of each feature by segment."""
        return self._evidence.profile

    @property
    def k_selection(self) -> KSelection:
        """The internal indices of each number of segments."""
        return self._evidence.k_selection

    @property
    def k_decision(self) -> KDecision:
        """What the rule says about the number of segments, and what every criterion alone would choose."""
        return self._evidence.k_decision

    @property
    def k_resampling(self) -> KResampling:
        """How sure that number is: what the rule answers on subsamples of the units."""
        return self._evidence.k_resampling

    @property
    def stability(self) -> Stability:
        """Whether each segment, and each unit in it, is found again in resamples."""
        return self._evidence.stability

    @property
    def sensitivity(self) -> Sensitivity:
        """What leaving out blocks and features does."""
        return self._evidence.sensitivity

    @property
    def multiverse(self) -> Multiverse:
        """What other preparations of the same features do, in every combination."""
        return self._evidence.multiverse

    @property
    def scales(self) -> OtherScales:
        """Which scaler is in use and why, and what other scalers would answer."""
        return self._evidence.other_scales

    @property
    def modes(self) -> Modes:
        """Which columns have more than one mode, and whether the scaler in use hides it."""
        return self._evidence.modes

    @property
    def nulls(self) -> Nulls:
        """Whether there is more than units without segments explain: by the copula null alone, which keeps margins and rank correlations."""  # noqa: E501
        return self._evidence.nulls

    @property
    def borders(self) -> Borders | None:
        """Whether each segment and its nearest neighbour are more than one cloud cut in two."""
        return self._evidence.borders

    @property
    def verdict(self) -> Verdict:
        """One word for what the evidence allows to say."""
        return self._evidence.verdict

    @property
    def claims(self) -> pd.DataFrame:
        """Every claim with its number, its threshold, and whether it holds."""
        from .report.notebook import claims

        return claims(self._evidence, self.unit)

    def report(self, folder: str | Path) -> Path:
        """Write a site with all evidence, and return its page.

        Parameters
        ----------
        folder : str or path
            Its own, or one that does not exist; it takes the place of an earlier site.
        """
        from .own_site import write_site

        return write_site(self._evidence, Path(folder), unit=self.unit)

    @property
    def _evidence(self) -> TableEvidence:
        check_is_fitted(self, "evidence_")
        return self.evidence_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def evidence(
    X: Any, estimator: Any, *, unit: str = "unit", effort: Effort | None = None, random_state: int = 42
) -> TableEvidence:
    """Test segments that an estimator of scikit-learn makes, or has made.

    Parameters
    ----------
    X : DataFrame or array of shape (n_units, n_features)
        What the estimator is fitted to; nothing else is done to it, so scale it before, or give a Pipeline.
    estimator : estimator or Pipeline that ends with one
        Takes ``n_clusters`` or ``n_components``, as KMeans, GaussianMixture and AgglomerativeClustering do. Where it is
        fitted to these rows already, its own labels are tested; what a Pipeline does before it is refitted on every
        bootstrap sample.
    unit : str
        What a row is.
    effort : Effort, optional
    random_state : int
        Of the resamples and the refits.

    Examples
    --------
    >>> from sklearn.cluster import AgglomerativeClustering
    >>> from sklearn.datasets import load_iris
    >>> found = evidence(load_iris().data, AgglomerativeClustering(3), effort=Effort(resamples=5))
    >>> found.segments.sizes.tolist()
    [64, 50, 36]
    """
    before, last = (estimator[:-1], estimator[-1]) if isinstance(estimator, Pipeline) else (None, estimator)
    index = X.index if isinstance(X, pd.DataFrame) else None
    values = np.asarray(_numbers(X), dtype=np.float64)
    names = [str(c) for c in (X.columns if isinstance(X, pd.DataFrame) else range(values.shape[1]))]
    if not np.isfinite(values).all():
        raise ValueError("values are missing or infinite: impute them before, as the estimator needs them")
    own = EstimatorClusterer(last)
    known = last.get_params(deep=False)
    k = next((int(known[n]) for n in ("n_clusters", "n_components") if known.get(n) is not None), None)
    if k is None:
        raise ValueError(f"{type(last).__name__} takes no number of clusters (neither n_clusters nor n_components)")
    scaler = "passthrough" if before is None or not len(before) else clone(before)
    recipe = Recipe({"features": names}, 0.0, np.inf, scaler=scaler, clusterer=own, final=own, seed=random_state)
    ks = tuple(sorted({*KS, k}))
    labels = _labels(estimator, X, len(values))
    frame = pd.DataFrame(values, columns=names, index=index)
    return TableEvidence(frame, recipe, k, ks=ks, effort=effort, labels=labels)


def _labels(estimator: Any, X: Any, n: int) -> NDArray[np.int64] | None:
    """Return the labels that a fitted estimator gave these rows; None where it is not fitted."""
    last = estimator[-1] if isinstance(estimator, Pipeline) else estimator
    own = getattr(last, "labels_", None)
    if own is None and hasattr(last, "predict"):
        from sklearn.exceptions import NotFittedError

        try:
            own = estimator.predict(X)
        except NotFittedError:
            return None
    if own is None:
        return None
    if len(own) != n:
        raise ValueError(f"the estimator was fitted to {len(own)} rows, and here are {n}: give it the same ones")
    return np.asarray(own, dtype=np.int64)


def _numbers(X: ArrayLike | pd.DataFrame) -> Any:
    """Refuse columns that hold no numbers, by their names."""
    if isinstance(X, pd.DataFrame):
        other = [
            str(c) for c in X.columns if not (pd.api.types.is_numeric_dtype(X[c]) or pd.api.types.is_bool_dtype(X[c]))
        ]
        if other:
            raise ValueError(f"columns hold no numbers: {', '.join(other)}. Leave them out, or turn them into numbers")
    return X


def _checked(blocks: Blocks, names: Sequence[str]) -> dict[str, list[str]]:
    """Return the blocks with the names of their columns."""
    if blocks is None:
        return {"features": list(names)}
    made = {str(b): [str(n) for n in own] for b, own in blocks.items()}
    given = [n for own in made.values() for n in own]
    missing, twice = [n for n in given if n not in names], sorted({n for n in given if given.count(n) > 1})
    if missing or twice or not given:
        fault = f"are not there: {', '.join(missing)}" if missing else f"stand in two places: {', '.join(twice)}"
        raise ValueError(f"columns of blocks {fault}" if given else "blocks name no column")
    return made
