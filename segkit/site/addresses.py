"""Addresses that outlive a page: each build under its own name, and the page for an address that leads nowhere."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .. import scratch
from ..errors import BuildError

NAME = re.compile(r"[\w.+]{1,40}-[0-9a-f]{8}")
TONES = {"real": "sk-real", "simulated": "sk-simulated", "private": "sk-private"}
DIGESTS = {"real": "SHA-256 of the data", "simulated": "SHA-256 of the data", "private": "Keyed fingerprint"}
WORDS = {"real": "Real data", "simulated": "Simulated data", "private": "Private data"}
STYLE = (
    ":root{color-scheme:light dark}body{font:1rem/1.6 system-ui,sans-serif;max-width:40rem;margin:3rem auto;"
    "padding:0 1rem}.sk-banner{border-left:6px solid;padding:.4rem .9rem}dt{font-weight:600}dd{margin:0 0 .5rem;"
    "overflow-wrap:anywhere}"
)
MARK = "/* a missing page starts from the site's address */"
BASE_SCRIPT = re.compile(  # what `settle_missing_page` writes, whatever the site's address
    re.escape(MARK)
    + re.escape(r'if(!/\/404(\.html)?$/.test(location.pathname)){const b=document.createElement("base");')
    + r'b\.setAttribute\("href","(?:[^"\\<>]|\\u[0-9a-f]{4})*"\);document\.head\.append\(b\)\}'
)
ROOTED = re.compile(r'\b(href|src)="/(?!/)([^"]*)"')


def build_name(facts: Mapping[str, Any]) -> str:
    """Return the name of a build: its version, and the start of its data's fingerprint.

    Examples
    --------
    >>> build_name({"segkit": "0.1.0", "data": {"fingerprint": "0123456789abcdef"}})
    '0.1.0-01234567'
    """
    return f"{facts['segkit']}-{str(facts['data']['fingerprint'])[:8]}"


def write_builds(site: Path, facts: Mapping[str, Any], *, kind: str, repository: str, earlier: Path) -> list[str]:
    """Give this build, and each archived one, a page of its own below ``v/``.

    Parameters
    ----------
    site : path
        The built site.
    facts : mapping
        The manifest of this build.
    kind : str
        ``real``, ``simulated`` or ``private``.
    repository : str
        Address of the repository, whose releases hold the archived sites.
    earlier : path
        Folder with the manifests of archived builds, ``<name>.json``; need not exist.

    Returns
    -------
    list of str
        The names, this build's first.

    Raises
    ------
    BuildError
        A file in ``earlier`` is no manifest.
    """
    name = build_name(facts)
    lasting = {k: v for k, v in facts.items() if k != "seconds"}  # so that equal builds are equal to the byte
    _write(site / "v" / name, lasting, _page(lasting, kind, archive=""))
    names = [name]
    for file in sorted(earlier.glob("*.json")) if kind == "real" else []:
        old = _read(file)
        other = build_name(old)
        if other not in names:
            archive = f"{repository}/releases/tag/v{old['segkit']}"
            _write(site / "v" / other, old, _page(old, kind, archive=archive))
            names.append(other)
    return names


def _read(file: Path) -> dict[str, Any]:
    try:
        facts = json.loads(file.read_text("utf-8"))
        known = NAME.fullmatch(build_name(facts)) and facts["data"]["source"] == "real"
    except (ValueError, KeyError, TypeError):
        known = None
    if not known:
        raise BuildError("this is no manifest of a build from real data", file=file, remedy="Delete the file.")
    return dict(facts)


def _write(folder: Path, facts: Mapping[str, Any], page: str) -> None:
    scratch.write(folder / "manifest.json", json.dumps(facts, indent=1) + "\n")
    scratch.write(folder / "index.html", page)


def _page(facts: Mapping[str, Any], kind: str, *, archive: str) -> str:
    """Return the page of one build; that of the site around it leads there at once."""
    data, name = facts["data"], build_name(facts)
    rows = {
        "Version": facts["segkit"], "Commit": facts.get("commit") or "not from a checkout", "Built": facts["built"],
        "Data": f"{data['rows']:,} calls, {data['units']:,} contacts", DIGESTS[kind]: data["fingerprint"],
    }  # fmt: skip
    listed = "".join(f"<dt>{k}</dt><dd>{html.escape(str(v))}</dd>" for k, v in rows.items())
    if archive:
        move, where = "", (
            "The site shows another build now. The pages of this one are kept as a file of its "
            f'<a href="{html.escape(archive, quote=True)}">release</a>; '
            'the <a href="../../index.html">newest build</a> may give other numbers.'
        )  # fmt: skip
    else:
        move = '<meta http-equiv="refresh" content="0; url=../../index.html">\n<link rel="canonical" href="../../index.html">\n'
        where = 'This is the build that <a href="../../index.html">the site</a> shows.'
    robots = "" if kind == "real" else '<meta name="robots" content="noindex, nofollow">\n'
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Build {html.escape(name)}</title>\n"
        f'<meta name="description" content="The address of build {html.escape(name)} of this report.">\n{robots}{move}'
        f'<link rel="icon" href="data:,">\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n'
        f"<h1>Build {html.escape(name)}</h1>\n"
        f'<div class="sk-banner {TONES[kind]}" role="note" aria-label="Where the data come from">{WORDS[kind]}.</div>\n'
        f'<p>{where}</p>\n<dl>{listed}</dl>\n<p><a href="manifest.json">manifest.json</a></p>\n'
        f'<p class="sk-provenance">{WORDS[kind]}, fingerprint {html.escape(str(data["fingerprint"])[:8])}.</p>\n'
        "</main>\n</body>\n</html>\n"
    )


def settle_missing_page(site: Path, address: str) -> None:
    """Make ``404.html`` work at any depth: a host serves it for every address that leads nowhere.

    Its links stay relative, so that the folder can be read from anywhere; where it is served in place of another page,
    a line of script sets the address that they start from.
    """
    page = site / "404.html"
    if not page.is_file() or MARK in page.read_text("utf-8"):
        return
    start = json.dumps((urlsplit(address).path.rstrip("/") or "") + "/404.html").replace("<", "\\u003c")
    script = (
        f"<script>{MARK}"
        'if(!/\\/404(\\.html)?$/.test(location.pathname)){const b=document.createElement("base");'
        f'b.setAttribute("href",{start});document.head.append(b)}}</script>'
    )
    text = ROOTED.sub(lambda hit: f'{hit[1]}="{hit[2].removeprefix("./") or "index.html"}"', page.read_text("utf-8"))
    scratch.write(page, text.replace("<head>", f"<head>\n{script}", 1))
