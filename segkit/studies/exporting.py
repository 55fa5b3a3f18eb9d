"""What a study writes for the owner of its data, beside the site."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ..config import Given
from ..data.exported import export
from ..errors import ConfigError


class Exporting:
    """A study that may have something to export."""

    name: str

    @classmethod
    def exporting(cls) -> bool:
        """Tell whether it has."""
        return (cls.exports, cls.export_to) != (Exporting.exports, Exporting.export_to)

    def exports(self) -> Mapping[str, pd.DataFrame | bytes]:
        """Return files for the owner of the data, by name; see `data.exported.export`. Most studies have none."""
        return {}

    def export_to(self, to: Given) -> list[Path]:
        """Write files of single units, or tables for other programs, which no site holds.

        Parameters
        ----------
        to : path, or the address of a warehouse
            Few studies write to a warehouse.

        Returns
        -------
        list of path
            The files that were written; none where a warehouse took the rows.

        Raises
        ------
        ConfigError
            The study has nothing to export, or does not write to a warehouse.
        """
        files = self.exports()
        if not files:
            raise ConfigError(f"the {self.name} study has nothing to export", remedy="Its downloads are on the site.")
        if not isinstance(to, Path):
            raise ConfigError(f"the {self.name} study writes to no warehouse", remedy="Name a folder with --to.")
        return export(files, to)
