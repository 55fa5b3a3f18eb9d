"""Logs that can be worked out by hand have fewer contacts than a label needs to become a feature."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def labels_of_few() -> Iterator[None]:
    """Let a label of one contact be a feature."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("segkit.features.events.SMALL_CELL", 1)
        yield
