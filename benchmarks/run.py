"""Everything that is measured, in one run: ``make bench``, or ``python benchmarks/run.py [--large]``.

What counts is the ratio: absolute times depend on the machine and on what else it does. Equal numbers are asserted.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
MEGABYTE = 1 << 20
MODULES = ("procedures", "leads", "channels", "sequences", "cluster")
LIMIT = 4 << 30  # bytes: ten million calls


def child(name: str, folder: Path) -> None:
    """Run one procedure in this process, and print what it found as JSON."""
    # No other module is imported: what it brings would be counted as memory of this procedure.
    module = next(m for m in MODULES if f"\ndef {name}(" in (HERE.parent / f"{m}.py").read_text(encoding="utf-8"))
    found = getattr(importlib.import_module(module), name)(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({**found, "peak": peak * (1 if sys.platform == "darwin" else 1024)}))


def measured(name: str, folder: Path, *, threads: int | None = None) -> dict[str, Any]:
    """Run one procedure in a process of its own, with the usual number of threads or a given one."""
    print(f"{name.replace('_', ' ')} ...", file=sys.stderr, flush=True)
    fixed = {n: str(threads) for n in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")} if threads else {}
    command = [sys.executable, str(HERE), "--one", name, "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **fixed})
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr[-4000:]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


Row = tuple[str, str, str, str, str, str, bool]


def line(
    what: str, ours: float, other: float | None, ratio: float | None, target: str, met: bool, peak: int = 0
) -> Row:
    """Return one line of the table."""
    return (
        what, f"{ours:.2f} s", "" if other is None else f"{other:.2f} s", "" if ratio is None else f"{ratio:.2f}",
        target, f"{peak / MEGABYTE:,.0f} MB" if peak else "", met,
    )  # fmt: skip


def analysis(folder: Path) -> list[Row]:
    """Measure the published analysis, by the clock and by processor time."""
    ours, theirs = measured("analysis_ours", folder), measured("analysis_naive", folder)
    # Default threads wait for each other where the machine is busy; one thread shows the method alone.
    alone = measured("analysis_naive", folder, threads=1)
    rows, half = [], "at most 0.50"
    # Judged by the clock; processor time stands beside it, since other work on the machine hardly moves that.
    for name, other in (("naively", theirs), ("naively, on one thread", alone)):
        for clock, kind in (("seconds", ""), ("work", ", processor time")):
            ratio = ours[clock] / other[clock]
            what, counts = f"published analysis, {ours['what']}: against it written {name}{kind}", clock == "seconds"
            rows.append(
                line(what, ours[clock], other[clock], ratio, half if counts else "", ratio <= 0.5 or not counts)
            )
    peaks = (("ours", ours), ("naive", theirs))
    return rows + [line(f"  peak memory, {who}", p["seconds"], None, None, "", True, p["peak"]) for who, p in peaks]


def small(folder: Path) -> list[Row]:
    """Measure what takes minutes at most."""
    rows = analysis(folder)
    ours, theirs = measured("features_ours", folder), measured("features_naive", folder)
    times = theirs["seconds"] / ours["seconds"]
    what = f"features, {ours['what']}: pandas with lambdas takes so many times as long"
    rows.append(line(what, ours["seconds"], theirs["seconds"], times, "at least 50", times >= 50, ours["peak"]))
    rows.append(line("  peak memory, pandas", theirs["seconds"], None, None, "", True, theirs["peak"]))
    what, ratio = "features: against a query written by hand", ours["ratio"]
    rows.append(line(what, ours["seconds"], ours["hand"], ratio, "at most 1.50", ratio <= 1.5))
    table = measured("k_table", folder)
    what = f"K table, {table['what']}"
    rows.append(line(what, table["seconds"], None, None, "under 40 s", table["seconds"] < 40, table["peak"]))
    return rows


NULLS, REST, WARM, MEMORY = 180, 60, 1, 1536 * MEGABYTE  # seconds, seconds, seconds, bytes
BASIC = ("extent", "audit", "features", "matrix", "neighbours", "recovered")  # what comes before any evidence


def evidence(folder: Path) -> list[Row]:
    """Measure every procedure of the evidence, with time and peak memory of all processes together."""
    found = measured("evidence", folder)
    steps = [s for s in found["steps"] if s["step"] not in BASIC]
    rows = [line(f"  {s['step'].replace('_', ' ')}", s["seconds"], None, None, "", True, s["peak"]) for s in steps]
    nulls = sum(s["seconds"] for s in steps if s["step"] == "nulls")
    rest, peak = sum(s["seconds"] for s in steps) - nulls, max(s["peak"] for s in steps)
    rows.append(line("evidence, nulls aside, nothing kept", rest, None, None, f"under {REST} s", rest < REST))
    rows.append(line("nulls, nothing kept", nulls, None, None, f"under {NULLS} s", nulls < NULLS))
    rows.append(line("everything, kept", found["warm"], None, None, f"under {WARM} s", found["warm"] < WARM))
    rows.append(line("evidence, most memory", found["seconds"], None, None, "under 1.5 GB", peak < MEMORY, peak))
    return rows


CORE, HELD, ALL = 3, 500 * MEGABYTE, 120  # seconds, bytes, seconds


def personas(folder: Path) -> list[Row]:
    """Measure personas of many leads beside the published recipe, and all evidence of as many as the public file has."""
    measured("leads_made", folder)
    ours, theirs = measured("personas_ours", folder), measured("personas_naive", folder)
    ratio, core = ours["seconds"] / theirs["seconds"], ours["seconds"] < CORE and ours["held"] < HELD
    what = f"personas, {ours['what']}, from CSV to cards: against the published recipe"
    rows = [line(what, ours["seconds"], theirs["seconds"], ratio, "under 3 s, 500 MB", core, ours["held"])]
    what = "  largest less smallest rate of a persona: ours {:.3f}, the recipe's {:.3f}; its memory"
    what = what.format(ours["spread"], theirs["spread"])
    rows.append(line(what, theirs["seconds"], None, None, "", True, theirs["held"]))
    found = measured("personas_evidence", folder)
    slow = sorted(found["steps"].items(), key=lambda step: -step[1])[:8]
    rows += [line(f"  {name.replace('_', ' ')}", taken, None, None, "", True) for name, taken in slow]
    what, fast = f"personas, all evidence, {found['what']}", found["seconds"] < ALL
    rows.append(line(what, found["seconds"], None, None, f"under {ALL} s", fast, found["held"]))
    return rows


TOUCHED = 20  # seconds


def channels(folder: Path) -> list[Row]:
    """Measure an export of many prospects, beside counting words the published way."""
    measured("prospects_made", folder)
    ours, theirs = measured("channels_ours", folder), measured("channels_naive", folder)
    what, fast = f"channels, {ours['what']}: against counting words alone", ours["seconds"] < TOUCHED
    ratio = ours["seconds"] / theirs["seconds"]
    rows = [line(what, ours["seconds"], theirs["seconds"], ratio, f"under {TOUCHED} s", fast, ours["held"])]
    slow = sorted(ours["steps"].items(), key=lambda step: -step[1])[:6]
    return rows + [line(f"  {name.replace('_', ' ')}", taken, None, None, "", True) for name, taken in slow]


PLANNED, TRAINED = 15, 60  # seconds, without the network and with it


def markets(folder: Path) -> list[Row]:
    """Measure as many order lines as the public sample has."""
    measured("sales_made", folder)
    ours = measured("markets_ours", folder)
    taken, network = ours["seconds"], ours["steps"]["network"]
    what = f"markets, {ours['what']}, from the tables to rules, without the network"
    rows = [line(what, taken, None, None, f"under {PLANNED} s", taken < PLANNED, ours["held"])]
    both = taken + network
    rows.append(line("  the same with the network", both, None, None, f"under {TRAINED} s", both < TRAINED))
    slow = sorted(ours["steps"].items(), key=lambda step: -step[1])[:6]
    return rows + [line(f"  {name.replace('_', ' ')}", taken, None, None, "", True) for name, taken in slow]


TOLD, ROOM = 15, 1 << 30  # seconds, bytes


def conversations(folder: Path) -> list[Row]:
    """Measure a log of very many messages, up to stages, silence and return."""
    measured("messages_made", folder)
    ours = measured("conversations_ours", folder)
    fast = ours["seconds"] < TOLD and ours["held"] < ROOM
    what = f"conversations, {ours['what']}, from the log to stages and silence"
    rows = [line(what, ours["seconds"], None, None, f"under {TOLD} s, 1 GB", fast, ours["held"])]
    slow = sorted(ours["steps"].items(), key=lambda step: -step[1])[:6]
    return rows + [line(f"  {name.replace('_', ' ')}", taken, None, None, "", True) for name, taken in slow]


AT_HAND = 2 << 30  # bytes on this side, of a hundred million calls that lie elsewhere


def large(folder: Path) -> list[Row]:
    """Measure what takes long, or much room on disk."""
    errors = measured("k_errors", folder)
    rows = [line(f"K table without samples: {errors['what']}", errors["seconds"], None, None, "", True, errors["peak"])]
    made = Path(measured("ten_million", folder)["file"])
    try:
        ten = measured("ten_million_features", folder)
    finally:
        made.unlink()
    what = f"load and features, {ten['what']}"
    rows.append(line(what, ten["seconds"], None, None, "under 4 GB", ten["peak"] < LIMIT, ten["peak"]))
    there = measured("cluster_features", folder)
    what, little = (
        f"features where the table lies, {there['what']}; memory is that of this side",
        there["peak"] < AT_HAND,
    )
    return [*rows, line(what, there["seconds"], None, None, "under 2 GB", little, there["peak"])]


def main() -> None:
    """Print the table; the exit code tells whether every target was met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--large", action="store_true", help="also ten million calls, a hundred million on Spark, and errors"
    )
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        child(args.one, args.folder)
        return
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="segkit-bench-") as folder:
        at = Path(folder)
        rows = [*small(at), *evidence(at), *personas(at), *channels(at), *markets(at), *conversations(at)]
        if args.large:
            rows += large(at)
    head = ("what", "ours", "other", "ratio", "target", "peak memory", "")
    lines = [head, *((*row[:-1], ("met" if row[-1] else "MISSED") if row[4] else "") for row in rows)]
    widths = [max(len(cells[i]) for cells in lines) for i in range(len(head))]
    for cells in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())
    print(f"{os.cpu_count()} processors; load {busy:.1f} before, {os.getloadavg()[0]:.1f} after. Numbers were equal.")
    sys.exit(not all(row[-1] for row in rows))


if __name__ == "__main__":
    main()
