"""What every simulated file is: a table of texts that can be written down."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from segkit import scratch


@dataclass(frozen=True)
class Simulated:
    """A simulated file, as a table of its texts."""

    frame: pd.DataFrame

    def write_csv(self, path: Path) -> None:
        """Write the file: to a temporary name first, then renamed. The same table gives the same bytes."""
        with scratch.draft(path) as file:
            self.frame.to_csv(file, index=False, lineterminator="\n", encoding="utf-8")
