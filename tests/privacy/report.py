"""Print what an attacker recovers from five private sites: ``python tests/privacy/report.py [site ...]``."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import attacks
from private_sites import DESIGNS, make_site


def main(names: list[str]) -> None:
    """Make each site, attack it, and print what follows."""
    with tempfile.TemporaryDirectory() as folder:
        for design in DESIGNS:
            if names and design.name not in names:
                continue
            started = time.perf_counter()
            site = make_site(design, Path(folder))
            print(f"== {design.name}: {len(site.truth.calls)} calls, {len(site.truth.frame)} contacts")
            for line in attacks.everything(site.published, site.truth):
                print(f"   {line}")
            print(f"   ({time.perf_counter() - started:.1f} s)")


if __name__ == "__main__":
    main(sys.argv[1:])
