"""The viewer of maps that can be turned: plotly.js as its Python package has it, served by the site itself, when asked for."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

FILE = "site_libs/segkit/plotly.min.js"  # from the site's root
ATTRIBUTE = "data-viewer"  # of what asks for it on a page


def source() -> Path | None:
    """Return the file of the installed package; None where it is not installed. Nothing of the package is run."""
    found = find_spec("plotly")
    if found is None or found.origin is None:
        return None
    file = Path(found.origin).parent / "package_data" / "plotly.min.js"
    return file if file.is_file() else None


def untouched(site: Path, name: str) -> bool:
    """Tell whether a file of a site is the viewer, to the letter.

    Parameters
    ----------
    site : path
    name : str
        From the site's root.
    """
    own = source() if name == FILE else None
    return own is not None and (site / name).read_bytes() == own.read_bytes()
