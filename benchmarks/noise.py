"""How often the rule for the number of segments finds some in noise: `python benchmarks/noise.py`, some minutes.

Sets of 400 units in 5 columns, normal and uniform by turns, K = 2 to 8, with the resampling that the report uses. Target: no
segmentation in at least 95 of 100 sets of each kind. Sets in 2 columns stand beside them, without a target: an even square is
cut into four quarters that come back.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd

from segkit.engine.instability import instability
from segkit.engine.kselection import select_k
from segkit.engine.matrix import Floats, ModelMatrix
from segkit.engine.prediction import prediction_strength
from segkit.engine.preprocessing import preprocessing
from segkit.seeds import generator

SETS, UNITS, KS = 100, 400, range(2, 9)
KINDS = (("normal", 5, 95), ("uniform", 5, 95), ("normal", 2, 0), ("uniform", 2, 0))


def draw(kind: str, columns: int, rng: np.random.Generator) -> Floats:
    """Draw one set of noise."""
    return rng.normal(size=(UNITS, columns)) if kind == "normal" else rng.random((UNITS, columns))


def answer(values: Floats, *, splits: int = 50, bootstraps: int = 100) -> int:
    """Return what the rule answers; bootstraps are needed only where the prediction strength reaches its threshold."""
    columns = tuple(f"x{i}" for i in range(values.shape[1]))
    index = pd.RangeIndex(len(values))
    matrix = ModelMatrix(values, index, columns, {"all": list(columns)}, preprocessing(), ())
    strength = prediction_strength(matrix, KS, splits=splits).table.set_index("k")["strength"]
    strong = [int(k) for k in strength.index[strength >= 0.8]]
    if not strong:
        return 1
    stable = instability(matrix, select_k(matrix, strong).partitions, bootstraps=bootstraps).table.set_index("k")
    good = stable.index[stable["jaccard"] >= 0.75]
    return int(good.max()) if len(good) else 1


def main() -> None:
    """Print how many sets of each kind have no segments; the exit code tells whether the targets were met."""
    met = True
    for kind, columns, target in KINDS:
        rng, start = generator(f"benchmarks/noise {kind} {columns}"), time.perf_counter()
        answers = [answer(draw(kind, columns, rng)) for _ in range(SETS)]
        none = answers.count(1)
        found = {k: answers.count(k) for k in sorted(set(answers)) if k > 1}
        met &= none >= target
        wanted = f", target {target}: {'met' if none >= target else 'MISSED'}" if target else ""
        print(
            f"{kind} noise, {UNITS} units in {columns} columns: no segmentation in {none} of {SETS}{wanted}; other answers "
            f"{found or 'none'}; {time.perf_counter() - start:.0f} s",
            flush=True,
        )
    sys.exit(not met)


if __name__ == "__main__":
    main()
