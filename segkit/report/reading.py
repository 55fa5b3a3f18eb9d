"""What reads how: the forms in which logs are written, as the page for those with a file of their own lists them."""

from __future__ import annotations

import re

import pandas as pd

from ..data.simulate.exports import EXAMPLE, FORMS, MONTHS, Form
from .prose import capital, count
from .show import Shown, table

QUESTIONS = {"time_zone": "the time zone of the business"}


LONG = re.compile(r"(\d\d)\d{3,}(?:\.\d+)?")


def _example(form: Form) -> str:
    """Write the cells of a form; of long numbers the beginning, since the number of somebody may be one of them."""
    cells = {name: LONG.sub(r"\1…", cell) or "1" for name, cell in form.write(EXAMPLE).items()}
    return " · ".join(f"{name}: {cell}" for name, cell in cells.items())


def forms_table() -> Shown:
    """Show each form with an example, what is asked because of it, and how it is read."""
    every = sum(map(len, FORMS.values()))
    rows = [
        (
            capital(form.name),
            kind,
            _example(form),
            ", ".join(QUESTIONS[key] for key in form.asks) or "nothing",
            capital(form.note),
        )
        for kind, forms in FORMS.items()
        for form in forms
        if form.name.split(", ")[-1] not in MONTHS  # words of other languages are names of somebody, too
    ]
    frame = pd.DataFrame(rows, columns=["form", "of the", "example", "asked", "note"])
    open_ = sum(bool(form.asks) for forms in FORMS.values() for form in forms)
    return table(
        frame, "tbl-forms",
        f"**{capital(count(every))} forms are read, {count(open_)} of them with a question.** Words are read in several languages. "
        "Each form goes with each other, and files made by combining them are tested. Where a file of another kind leaves "
        "something open, segkit init asks it.",
        stack=True,
    )  # fmt: skip
