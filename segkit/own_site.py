"""A site about the segments of one table, made by what makes the report."""

from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path

from . import scratch
from .errors import BuildError
from .site import engine, policy, swap
from .site.checks import check_files
from .site.embedded.build import build
from .studies.reach import package_hash
from .studies.table import TableEvidence

PACKAGE = Path(__file__).parent
STYLES = PACKAGE.parent / "assets" / "segkit.css"
PAGE = "evidence.qmd"
SITE = """\
project: {type: website, render: [index.qmd]}
website:
  title: segkit
  description: Segments of a table, and the evidence for them.
  search: true
  sidebar: {contents: [index.qmd]}
lang: en-GB
execute: {echo: false}
format: {html: {toc: true, toc-depth: 2, html-math-method: mathml}}
"""
SHOWN = 10
PARTS = (
    "verdict", "segments", "profile", "matrix", "k_decision", "k_resampling", "stability", "nulls", "borders",
    "sensitivity", "multiverse", "algorithms", "other_scales",
)  # fmt: skip


def write_site(found: TableEvidence, folder: Path, *, unit: str = "unit") -> Path:
    """Compute all evidence, and write a site about it; it takes its place when it is whole and its checks pass.

    Parameters
    ----------
    found : TableEvidence
    folder : path
        Where the site goes; what is there is replaced only if it is a site.
    unit : str
        What a row of the table is.

    Returns
    -------
    path
        The page to open.

    Raises
    ------
    BuildError
        There is something else in the folder, it cannot be written, or a check found a fault.
    """
    folder = Path(folder)
    if folder.exists() and not (folder / "index.html").is_file() and any(folder.iterdir()):
        raise BuildError("this folder holds something that is no site", file=folder, remedy="Name another folder.")
    for part in PARTS:
        getattr(found, part)
    with scratch.folder() as root, swap.beside(folder.resolve()) as draft:
        for name, text in (("segkit.toml", ""), ("_quarto.yml", SITE)):
            (root / name).write_text(text, "utf-8")
        shutil.copyfile(PACKAGE / "report" / PAGE, root / "index.qmd")
        if STYLES.is_file():
            (root / "assets").mkdir()
            shutil.copyfile(STYLES, root / "assets" / STYLES.name)
            with (root / "_quarto.yml").open("a", encoding="utf-8") as file:
                file.write("css: assets/segkit.css\n")
        kept = root / "evidence.pickle"
        kept.write_bytes(pickle.dumps((found, unit), protocol=5))
        env = {
            "SEGKIT_EVIDENCE": str(kept),
            "PYTHONPATH": os.pathsep.join((str(PACKAGE.parent), os.environ.get("PYTHONPATH", ""))),
        }
        report = build(root, draft, cache=None, key=package_hash(), env=env, progress=False)
        policy.apply(draft, engine.quarto_templates)
        faults = [*report.faults, *(str(f) for f in check_files(draft).findings)]
        if faults:
            raise BuildError(f"{len(faults)} faults in the page:\n" + "\n".join(faults[:SHOWN]))
    return folder / "index.html"
