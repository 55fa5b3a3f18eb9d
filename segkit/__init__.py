"""Segmentation reports whose every number is computed and whose segments are tested.

In a notebook: ``segkit.Segmentation(...).fit(frame)``, and ``segkit.evidence(X, estimator)`` for segments that another
estimator made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .segmentation import Segmentation, evidence
    from .studies.table import Effort

__version__ = "0.1.0"
__all__ = ["Effort", "Segmentation", "__version__", "evidence"]


def __getattr__(name: str) -> Any:
    """Load what a notebook asks for; the command line, and every page, starts without scikit-learn."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import segmentation

    return getattr(segmentation, name)


def __dir__() -> list[str]:
    return __all__
