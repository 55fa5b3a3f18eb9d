"""Figures of the published analysis of the public log, to set beside our own (Walekhwa 2026)."""

from __future__ import annotations

import pandas as pd

K_TABLE = pd.DataFrame(
    [
        (2, 50974.58, 0.651, 0.747),
        (3, 37194.00, 0.646, 0.829),
        (4, 26086.98, 0.589, 0.772),
        (5, 22856.98, 0.483, 0.927),
        (6, 20323.53, 0.457, 1.000),
        (8, 16933.39, 0.397, 1.021),
        (12, 12285.37, 0.321, 1.041),
    ],
    columns=["k", "inertia", "silhouette", "davies_bouldin"],
)
K_CHOSEN = 4
