"""A rule card: segments told by a few thresholds in raw units, and how faithful such rules are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..privacy import SMALL_CELL
from ..thresholds import BALANCED, RECALL
from .fits import Labels
from .matrix import Floats

LEAVES = (4, 6, 8, 12)
LEAST_LEAF = 20
FOLDS = 10
FIGURES = 2  # significant digits of a threshold, so that it can be read and gives no single unit away


@dataclass(frozen=True)
class Rule:
    """One leaf of a tree.

    Attributes
    ----------
    bounds : dict of str to (float, float)
        Feature: above the first, at most the second; infinite where open. In the order in which the tree asks.
    segment : int
        What the rule says.
    units : int
        How many it holds for.
    right : int
        How many of them are in that segment.
    """

    bounds: dict[str, tuple[float, float]]
    segment: int
    units: int
    right: int


@dataclass(frozen=True)
class RuleCard:
    """Trees of several sizes with their cross-validated fidelity, and the rules of the one that is short enough.

    Attributes
    ----------
    table : DataFrame
        One row per number of leaves: ``leaves``, ``rules`` (distinct ones), ``accuracy``, ``balanced_accuracy``,
        ``kappa``, ``lowest_recall``, ``good`` (reaches both limits), and ``precision_<segment>``, ``recall_<segment>``.
    cards : dict of int to tuple of Rule
        The rules fitted on all units, by number of leaves; they go from the largest group to the smallest.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    cards: dict[int, tuple[Rule, ...]]
    params: dict[str, Any]
    seed: int

    @property
    def chosen(self) -> int | None:
        """The smallest number of leaves that is faithful enough; None where no short rule is."""
        good = self.table[self.table["good"]] if len(self.table) else self.table
        return int(good["leaves"].min()) if len(good) else None

    @property
    def best(self) -> int | None:
        """The number of leaves to show: the chosen one, else that of the highest balanced accuracy."""
        if self.table.empty:
            return None
        order = self.table.sort_values(["balanced_accuracy", "leaves"], ascending=[False, True])
        return self.chosen or int(order["leaves"].iloc[0])

    def fidelity(self, leaves: int) -> pd.Series:
        """Return the row of one tree."""
        return self.table.set_index("leaves").loc[leaves]

    @property
    def folds(self) -> int | None:
        """The number of folds; None where it is the size of a segment that is too small to be shown."""
        return self.params["folds"] if self.params["folds"] >= SMALL_CELL else None

    def visible(self, shown: Iterable[int]) -> pd.DataFrame:
        """Return the fidelity without what would give the size of a segment away that is not shown."""
        shown = set(shown)
        own = [c for c in self.table if c.split("_")[-1].isdigit()]
        hidden = [c for c in own if int(c.split("_")[-1]) not in shown]
        out = self.table.drop(columns=hidden)
        return out.assign(lowest_recall=math.nan) if hidden else out

    def to_json(self, shown: Iterable[int]) -> dict[str, Any]:
        """Return fidelity by number of leaves, and which one is faithful enough."""
        params = {**self.params, "folds": self.folds}
        return {"chosen": self.chosen, "fidelity": self.visible(shown).to_dict("records"), "params": params}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def readable(threshold: float, *, whole: bool) -> float:
    """Round a threshold so that it can be read: whole below a hundred for counts, else two significant digits.

    Examples
    --------
    >>> readable(3.5, whole=True), readable(312.4, whole=False), readable(0.4583, whole=False)
    (3.0, 310.0, 0.46)
    """
    if whole and abs(threshold) < 100:
        return float(math.floor(threshold))  # at most 3.5 events are at most 3
    return float(f"{threshold:.{FIGURES}g}")


class _Tree:
    """A tree with readable thresholds: what a reader would apply is what is measured."""

    def __init__(self, values: Floats, labels: Labels, leaves: int, least: int, seed: int) -> None:
        from sklearn.tree import DecisionTreeClassifier

        model = DecisionTreeClassifier(max_leaf_nodes=leaves, min_samples_leaf=least, random_state=seed)
        tree = model.fit(values, labels).tree_
        whole = (values == np.round(values)).all(axis=0)
        self.left, self.right, self.feature = tree.children_left, tree.children_right, tree.feature
        self.at = np.array(
            [readable(t, whole=bool(whole[f])) if f >= 0 else math.nan for t, f in zip(tree.threshold, self.feature, strict=True)]
        )  # fmt: skip
        self.says = model.classes_[tree.value[:, 0].argmax(axis=1)]
        self._merge(0)

    def _merge(self, node: int) -> None:
        """Make one rule of two that say the same."""
        if self.left[node] < 0:
            return
        below = (self.left[node], self.right[node])
        for child in below:
            self._merge(child)
        if all(self.left[c] < 0 for c in below) and self.says[below[0]] == self.says[below[1]]:
            self.says[node], self.left[node] = self.says[below[0]], -1

    def leaf(self, values: Floats) -> Labels:
        """Return the number of the leaf of each unit."""
        node = np.zeros(len(values), dtype=np.int64)
        while (inner := self.left[node] >= 0).any():
            own = node[inner]
            lower = values[np.flatnonzero(inner), self.feature[own]] <= self.at[own]
            node[inner] = np.where(lower, self.left[own], self.right[own])
        return node

    def predict(self, values: Floats) -> Labels:
        """Return the segment that the rules say."""
        said: Labels = self.says[self.leaf(values)]
        return said

    def rules(self, values: Floats, labels: Labels, names: Sequence[str]) -> tuple[Rule, ...]:
        """Return the rules that hold for somebody, those for most units first."""
        leaf, out = self.leaf(values), []

        def walk(node: int, bounds: dict[str, tuple[float, float]]) -> None:
            if self.left[node] < 0:
                here = leaf == node
                if here.any():
                    segment = int(self.says[node])
                    out.append(Rule(bounds, segment, int(here.sum()), int((labels[here] == segment).sum())))
                return
            name, at = names[self.feature[node]], float(self.at[node])
            low, high = bounds.get(name, (-math.inf, math.inf))
            walk(self.left[node], {**bounds, name: (low, min(high, at))})
            walk(self.right[node], {**bounds, name: (max(low, at), high)})

        walk(0, {})
        return tuple(sorted(out, key=lambda rule: -rule.units))


def rule_card(
    frame: pd.DataFrame,
    labels: pd.Series,
    *,
    leaves: Sequence[int] = LEAVES,
    least: int = LEAST_LEAF,
    folds: int = FOLDS,
    seed: int = 42,
) -> RuleCard:
    """Fit decision trees on raw features, and measure by cross-validation how well they tell the segments.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_features)
        Raw features, without missing values.
    labels : Series of int
        Segment per unit.
    leaves : sequence of int
        Largest numbers of leaves.
    least : int
        Units in each leaf at least, when the tree is fitted.
    folds : int
        Of the stratified cross-validation; fewer where the smallest segment has fewer units. A segment of one unit
        leaves no way to validate: the table is then empty.
    seed : int

    Notes
    -----
    Breiman, L., Friedman, J., Olshen, R. and Stone, C. (1984). Classification and Regression Trees. Wadsworth. Kappa:
    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological Measurement, 20, 37-46.

    Thresholds are rounded by `readable` in every fold as well, so fidelity is that of the rules as they are read.
    Predictions of all folds make one table, from which every measure is taken. Units are put in the order of their
    values first, so that the order of the rows does not matter.
    """
    from sklearn.model_selection import StratifiedKFold

    order = np.lexsort([*frame.to_numpy(dtype=np.float64).T, labels.reindex(frame.index).to_numpy()])
    values = frame.to_numpy(dtype=np.float64)[order]
    truth = labels.reindex(frame.index).to_numpy()[order].astype(np.int64)
    known, sizes = np.unique(truth, return_counts=True)
    parts = min(folds, int(sizes.min()))
    params = {"least": least, "folds": parts, "balanced_accuracy": BALANCED, "recall": RECALL}
    rows, cards = [], {}
    if len(known) > 1 and parts > 1:
        splits = list(StratifiedKFold(parts, shuffle=True, random_state=seed).split(values, truth))
        for size in leaves:
            said = np.empty(len(truth), dtype=np.int64)
            for train, test in splits:
                said[test] = _Tree(values[train], truth[train], size, least, seed).predict(values[test])
            cards[size] = _Tree(values, truth, size, least, seed).rules(values, truth, list(frame.columns))
            rows.append({"leaves": size, "rules": len(cards[size]), **fidelity(truth, said)})
    columns = ["leaves", "rules", "accuracy", "balanced_accuracy", "kappa", "lowest_recall", "good"]
    columns += [f"{what}_{s}" for what in ("precision", "recall") for s in known]
    return RuleCard(pd.DataFrame(rows, columns=columns), cards, params, seed)


def fidelity(truth: Labels, said: Labels) -> dict[str, Any]:
    """Measure how well predictions agree with segments.

    Parameters
    ----------
    truth, said : arrays of int, length n_units

    Examples
    --------
    >>> found = fidelity(np.array([1, 1, 1, 2]), np.array([1, 1, 2, 2]))
    >>> found["accuracy"], round(found["balanced_accuracy"], 3), found["kappa"], found["precision_2"]
    (0.75, 0.833, 0.5, 0.5)
    """
    from sklearn.metrics import cohen_kappa_score, confusion_matrix

    known = np.unique(truth)
    table = confusion_matrix(truth, said, labels=known)
    right, own, called = table.diagonal(), table.sum(axis=1), table.sum(axis=0)
    recall = right / own
    # A segment that is never called has no precision.
    precision = np.divide(right, called, out=np.full(len(known), np.nan), where=called > 0)
    balanced = float(recall.mean())
    return {
        "accuracy": float(right.sum() / own.sum()), "balanced_accuracy": balanced,
        "kappa": float(cohen_kappa_score(truth, said)), "lowest_recall": float(recall.min()),
        "good": bool(balanced >= BALANCED and recall.min() >= RECALL),
        **{f"precision_{s}": float(v) for s, v in zip(known, precision, strict=True)},
        **{f"recall_{s}": float(v) for s, v in zip(known, recall, strict=True)},
    }  # fmt: skip
