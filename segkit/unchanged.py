"""Whether data, settings, package and lock are still those that a study was computed under."""

from __future__ import annotations

import dataclasses

from .config import load
from .errors import BuildError
from .studies.filed import FiledStudy


def changed() -> BuildError:
    """Return the error of a build during which something was changed."""
    return BuildError(
        "the settings, the package or its lock changed during the build; nothing of it is published",
        remedy="Run the command again, and leave them alone while it runs.",
    )


def unchanged(study: FiledStudy) -> None:
    """Refuse results, or pages, of which a part may have been made under other settings or by other code.

    Raises
    ------
    BuildError, InputError
        Data, settings, package or lock are not what they were.
    """
    source, key = study.source, study.store.key
    source.seen()
    if source.key != key:  # what was kept by this process may be of both
        study.store.drop()
    elif dataclasses.replace(source, config=load(source.config.root, overlay=source.overlay)).key == key:
        return
    raise changed()
