"""The command line: ``segkit init | fetch | results | render | assign | export | profile | finish | check | serve``."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from . import __version__
from .errors import BuildError, ConfigError, SegkitError
from .text import json_text, terminal

if TYPE_CHECKING:
    from .config import Given

INTERRUPTED = 130


def say(text: str) -> None:
    """Tell the user something, beside the results."""
    print(terminal(text), file=sys.stderr, flush=True)


def _given(args: argparse.Namespace) -> Given | None:
    return _place(getattr(args, "data", None) or os.environ.get("SEGKIT_FILE"))


def _place(text: str | None) -> Given | None:
    """Return a path from the current folder on, or an address."""
    from .config import given

    place = given(text) if text else None
    return place.expanduser().absolute() if isinstance(place, Path) else place


def _studies(args: argparse.Namespace) -> list[str]:
    """Return the studies that are asked for; none when all are wanted."""
    named = list(args.study) or [n for n in os.environ.get("SEGKIT_STUDIES", "").replace(",", " ").split() if n]
    return list(dict.fromkeys(named))


def command_init(args: argparse.Namespace) -> int:
    """Draft the settings of a file or a table, and ask for what it cannot tell."""
    from .interview import drafted

    return drafted(_place(args.file) or Path(), args.answer, study=args.study, force=args.force, say=say)


def command_fetch(args: argparse.Namespace) -> int:
    """Bring the public data into the cache, or say where they are."""
    from .data import registry

    located = registry.locate(registry.CALLS, allow_simulation=False, say=say)
    print(located.path)
    return 0


def command_results(args: argparse.Namespace) -> int:
    """Compute every study, and write its results.json."""
    from .results import results, within

    if within():
        return 0
    found = results(_given(args), names=_studies(args), require_real=args.require_real, say=say)
    if args.json:
        told = {study.name: study.numbers for study in found}
        print(json_text(told if len(found) > 1 else told[found[0].name], indent=1))
    return 0


def command_render(args: argparse.Namespace) -> int:
    """Compute, make the pages, check them, and swap the site in."""
    from .build import render

    render(
        _given(args),
        names=_studies(args),
        out=Path(args.out).absolute() if args.out else None,
        require_real=args.require_real,
        say=say,
    )
    return 0


def command_assign(args: argparse.Namespace) -> int:
    """Put the units of new data into the segments of a saved model."""
    from .config import project_root
    from .site.lock import alone
    from .studies import registry
    from .studies.store import STATE

    model, out = (Path(given).expanduser().absolute() if given else None for given in (args.model, args.out))
    root = project_root()
    kind = registry.study(args.study or next(iter(registry.of_site(root)), "contacts"))
    with alone(root / STATE, "segkit assign"):
        place = _place(args.file) or Path()
        kind.assign(
            kind.find(data=place, say=say) if isinstance(place, Path) else place,
            model=model,
            out=out,
            as_of=args.as_of,
            say=say,
        )
    return 0


def command_export(args: argparse.Namespace) -> int:
    """Write files for yourself from the last results: tables of single units, or segments for a warehouse."""
    from .config import project_root
    from .report.chat_exported import pictures
    from .site.lock import alone
    from .studies import registry
    from .studies.store import STATE

    root, to = project_root(), _place(args.to)
    with alone(root / STATE, "segkit export"):
        for name in [args.study] if args.study else registry.exporting(root):
            registry.export(name, to, root=root, say=say, pictures=pictures)
    return 0


def command_profile(args: argparse.Namespace) -> int:
    """Have a server describe the subscribers of a log, or tell what that would cost."""
    from .config import project_root
    from .site.lock import alone
    from .studies.conversations import ConversationsStudy
    from .studies.store import STATE

    with alone(project_root() / STATE, "segkit profile"):
        source = ConversationsStudy.find(data=_place(args.file) if args.file else _given(args), say=say)
        ConversationsStudy(source).ask_server(dry=args.dry_run, say=say)
    return 0


def command_finish(args: argparse.Namespace) -> int:
    """Complete and check a site that Quarto made by itself."""
    from .checking import finish_quarto
    from .results import within

    if within():
        return 0
    finish_quarto(say)
    return 0


def command_check(args: argparse.Namespace) -> int:
    """Check a built site."""
    from .checking import check

    check(Path(args.site).absolute() if args.site else None, say, browser=args.browser)
    return 0


def command_serve(args: argparse.Namespace) -> int:
    """Serve the site on this machine only."""
    from .config import project_root
    from .site.serve import serve

    serve(project_root() / "_site", args.port, say)
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(prog="segkit", description="Segmentation reports whose every number is computed.")
    top.add_argument("--version", action="version", version=f"segkit {__version__}")
    commands = top.add_subparsers(required=True, metavar="command")

    def add(name: str, function: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        text = (function.__doc__ or "").strip()
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=function)
        return sub

    init = add("init", command_init)
    init.add_argument("file", help="your file: CSV, Parquet, a workbook or JSON; or ADDRESS?table=NAME")
    init.add_argument("--answer", action="append", default=[], metavar="KEY=VALUE", help="answer a question beforehand")
    init.add_argument("--study", help="the study that the file is for; recognised from its columns when not given")
    init.add_argument("--force", action="store_true", help="replace settings that are there already")
    add("fetch", command_fetch)
    for name, function in (("results", command_results), ("render", command_render)):
        sub = add(name, function)
        sub.add_argument("study", nargs="*", help="the studies; all of them when not given")
        if name == "results":
            sub.add_argument("--json", action="store_true", help="print results.json")
        else:
            sub.add_argument("--out", help="where the site goes; _site when not given")
        sub.add_argument("--data", help="a file of your own, a folder of tables, or the address of a warehouse")
        sub.add_argument("--require-real", action="store_true", help="fail where only the simulation is there")
    assign = add("assign", command_assign)
    assign.add_argument("file", help="new data: CSV, Parquet, a workbook or JSON; or ADDRESS?table=NAME")
    assign.add_argument("--study", help="the study; that of the last results when not given")
    assign.add_argument("--model", help="a saved model; that of the last results when not given")
    assign.add_argument(
        "--out",
        help="the CSV to write; FILE-segments.csv beside the file, TABLE-segments.csv in the project when not given",
    )
    assign.add_argument("--as-of", help="the moment from which recency counts; the last new event when not given")
    export = add("export", command_export)
    export.add_argument(
        "study", nargs="?", help="the study; all of the last results that have something when not given"
    )
    export.add_argument(
        "--to", metavar="PLACE", help="a folder, or the address of a warehouse; results/STUDY when not given"
    )
    profile = add("profile", command_profile)
    profile.add_argument("file", nargs="?", help="a log of messages; that of the settings when not given")
    profile.add_argument(
        "--dry-run", action="store_true", help="say what would be sent and what that costs; send nothing"
    )
    add("finish", command_finish)
    check = add("check", command_check)
    check.add_argument("site", nargs="?", help="the built folder; _site when not given")
    check.add_argument(
        "--browser",
        action=argparse.BooleanOptionalAction,
        help="look at the pages in a browser too; where one can be driven when not given",
    )
    add("serve", command_serve).add_argument("--port", type=int, default=8000)
    return top


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _tidy() -> None:
    """Delete what runs that were killed left behind, and let no crash of this one leave a copy of its memory."""
    from . import scratch
    from .config import project_root
    from .site import swap

    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    scratch.clear_folders()
    try:
        root = project_root()
    except (ConfigError, OSError):
        return
    state = root / ".segkit"
    for place in (
        root / "quarantine",
        *(root / "results").glob("*/"),
        state,
        *state.glob("*/"),
        *state.glob("*/results/*/"),
    ):
        scratch.clear_drafts(place)
    swap.clear(root)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0, 2 for wrong input, 3 for a privacy fault, 130 when interrupted."""
    args: Any = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _tidy()
        return int(args.run(args))
    except SegkitError as error:
        say(f"segkit: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        say("segkit: stopped; what was there before is unchanged.")
        return INTERRUPTED
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EDQUOT, errno.EPERM):
            raise
        fault = BuildError(
            f"cannot be written ({error.strerror})",
            file=error.filename,
            remedy="Free some disk space, or make the folder writable.",
        )
        say(f"segkit: {fault}")
        return fault.exit_code
