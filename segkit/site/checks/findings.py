"""What the checks of a built site say."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, order=True)
class Finding:
    """One fault of a built site.

    Attributes
    ----------
    page : str
        The file, from the site's root.
    check : str
        Which check found it.
    detail : str
        What is wrong, and where on the page.
    """

    page: str
    check: str
    detail: str

    def __str__(self) -> str:
        return f"{self.page}: {self.check}: {self.detail}"


@dataclass(frozen=True)
class Checks:
    """The outcome of some checks of one site.

    Attributes
    ----------
    findings : tuple of Finding
    pages : int
        How many pages were looked at.
    done : tuple of str
        The names of the checks.
    seconds : float
    """

    findings: tuple[Finding, ...]
    pages: int
    done: tuple[str, ...]
    seconds: float

    def __add__(self, other: Checks) -> Checks:
        """Join the outcomes of two groups of checks of one site."""
        found = tuple(sorted({*self.findings, *other.findings}))
        pages = max(self.pages, other.pages)
        return Checks(found, pages, (*self.done, *other.done), self.seconds + other.seconds)

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def table(self) -> pd.DataFrame:
        """The findings, one per row: page, check, detail."""
        return pd.DataFrame([(f.page, f.check, f.detail) for f in self.findings], columns=["page", "check", "detail"])
