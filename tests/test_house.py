"""The rules of the house: one-way imports, short modules, chapters without code or typed numbers, pinned requirements."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import segkit
from segkit.site.embedded import parse
from segkit.studies.events.study import EventStudy
from segkit.studies.registry import STUDIES

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "segkit"
MODULES = sorted(PACKAGE.rglob("*.py"))
CHAPTERS = ROOT / "chapters"
PAGES = sorted([*ROOT.glob("*.qmd"), *CHAPTERS.rglob("*.qmd")])
PARTS = [p for p in PAGES if any(x.startswith("_") for x in p.relative_to(ROOT).parts)]  # what pages include
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

EVENTLESS = ("k-selection.qmd", "stability.qmd", "sensitivity.qmd", "sure.qmd")  # evidence that asks for no events
LONGEST_MODULE, LONGEST_FUNCTION, LONGEST_CELL = 350, 60, 15

# A module imports from its own room and from rooms before it.
ROOMS = ("ground", "data", "features", "engine", "inference", "studies", "report", "site", "top")
GROUND = (
    "config", "contract", "role", "event_contracts", "row_contracts",
    "event_settings", "lead_settings", "message_settings", "prospect_settings",
    "sale_settings", "places", "progress", "seeds", "privacy",
    "disclosure", "thresholds", "attack", "errors", "scratch", "text", "viewer", "vocabulary",
)  # fmt: skip
STRANGERS = {  # rooms that know nothing of each other, although the order would allow it
    "engine": {"features"},
    "report": {"studies"},
    "site": {"engine", "features", "inference", "studies", "report"},
}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_name(path: Path) -> tuple[str, ...]:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def room(module: tuple[str, ...]) -> str:
    """Return the room of a module, for example ``engine`` for ``("segkit", "engine", "matrix")``."""
    if len(module) < 2:  # what a notebook imports
        return "top"
    if module[1] in GROUND:
        return "ground"
    return module[1] if module[1] in ROOMS else "top"


def imports(source: str, module: tuple[str, ...], *, package: bool = False) -> Iterator[tuple[str, ...]]:
    """Yield the modules of this package that a source imports, at the top or within functions."""
    here = module if package else module[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found = [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else ()
            base += tuple(node.module.split(".")) if node.module else ()
            found = [(*base, alias.name) for alias in node.names]
        else:
            continue
        yield from (f for f in found if f[0] == "segkit")


def wrong_ways(source: str, module: tuple[str, ...], *, package: bool = False) -> list[str]:
    """Return the imports that go up, or to a room that should be a stranger."""
    mine = room(module)
    out = []
    for target in imports(source, module, package=package):
        if len(target) == 2 and target[1].startswith("__"):  # the version of the package
            continue
        theirs = room(target)
        if ROOMS.index(theirs) > ROOMS.index(mine) or theirs in STRANGERS.get(mine, ()):
            out.append(f"{'.'.join(module)} ({mine}) imports {'.'.join(target)} ({theirs})")
    return out


def test_imports_between_rooms_run_one_way() -> None:
    found = [
        wrong
        for path in MODULES
        for wrong in wrong_ways(path.read_text("utf-8"), module_name(path), package=path.name == "__init__.py")
    ]
    assert found == []


def test_every_folder_of_the_package_is_a_room() -> None:
    folders = {p.name for p in PACKAGE.iterdir() if p.is_dir() and (p / "__init__.py").is_file()}
    assert folders <= set(ROOMS)
    assert {"data", "features", "engine", "studies", "report", "site"} <= folders


def test_the_map_of_the_house_names_every_room_in_its_order() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert re.findall(r"^\| `segkit/(\w+)` \|", text, re.M) == [
        r for r in ROOMS if (PACKAGE / r / "__init__.py").is_file()
    ]


@pytest.mark.parametrize(
    ("module", "line", "wrong"),
    [
        ("segkit.engine.x", "from ..features.events import call_features", True),
        ("segkit.engine.x", "from segkit.features import calls", True),
        ("segkit.engine.x", "import segkit.studies.events.study", True),
        ("segkit.engine.x", "def f():\n    from ..report import prose", True),
        ("segkit.features.x", "from ..engine import matrix", True),
        ("segkit.report.x", "from ..studies import contacts", True),
        ("segkit.site.x", "from ..report import prose", True),
        ("segkit.site.embedded.x", "from ...engine import matrix", True),
        ("segkit.config", "from .data import calls", True),
        ("segkit.studies.x", "from .. import cli", True),
        ("segkit.report.x", "from ..engine.meaning import Cards", False),
        ("segkit.data.simulate.x", "from segkit.seeds import generator", False),
        ("segkit.data.x", "from .. import __version__, seeds", False),
        ("segkit.site.x", "from ..data.identifiers import Identifiers", False),
        ("segkit.site.embedded.x", "from .model import Page", False),
        ("segkit.build", "from .studies import contacts", False),
        ("segkit.engine.x", "import sklearn", False),
    ],
)
def test_the_import_rule_sees_what_it_should(module: str, line: str, wrong: bool) -> None:
    assert bool(wrong_ways(line, tuple(module.split(".")))) == wrong


HEAVY = ("sklearn", "scipy", "ibis", "pandera", "umap", "numba", "statsmodels", "kmedoids", "grimp")


def test_pages_open_without_the_libraries_that_compute() -> None:
    # Each page runs in a process of its own; importing these would cost more than everything else that it does.
    first = next(iter(cells((ROOT / "chapters" / "_open.qmd").read_text("utf-8"))))
    imported = "\n".join(line for line in first.splitlines() if line.startswith(("from ", "import ")))
    code = f"import sys\n{imported}\nprint(*[m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "segkit" in imported and done.stdout.split() == []


def test_modules_can_be_read_in_one_sitting() -> None:
    lengths = {relative(p): len(p.read_text("utf-8").splitlines()) for p in MODULES}
    assert len(lengths) > 20
    assert {name: n for name, n in lengths.items() if n > LONGEST_MODULE} == {}


def test_functions_fit_on_a_screen_or_two() -> None:
    found = {}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                said = len((ast.get_docstring(node, clean=False) or "").splitlines())
                found[f"{relative(path)}:{node.lineno} {node.name}"] = node.end_lineno - node.lineno + 1 - said
    assert len(found) > 100
    assert {name: n for name, n in found.items() if n > LONGEST_FUNCTION} == {}


# Chapters


CELL = re.compile(r"^(?P<fence>`{3,})\{python\}[^\n]*\n(?P<code>.*?)^(?P=fence)\s*$", re.M | re.S)
TYPED = re.compile(r"(?<![\w@])(?<![A-Za-z]-)(?:\d+[.,]\d+|\d{3,})")
NOT_PROSE = (
    re.compile(r"\A---\n.*?^---$", re.M | re.S),  # front matter
    re.compile(r"^(`{3,}|~{3,})[^\n]*\n.*?^\1\s*$", re.M | re.S),  # code
    re.compile(r"<!--.*?-->", re.S),
    re.compile(r"(`+)[^`].*?\1", re.S),  # inline code
    re.compile(r"\{\{<.*?>\}\}"),  # shortcodes
    re.compile(r"(?<=\])\([^)]*\)"),  # where links lead
    re.compile(r"\{[^}\n]*\}"),  # attributes
    re.compile(r"<[^>\n]+>"),  # markup, and addresses in brackets
    re.compile(r"\[?-?@[\w:.-]+"),  # citations and cross-references
)


def cells(text: str) -> list[str]:
    return [hit["code"] for hit in CELL.finditer(text)]


JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.S)


def texts(cell: str) -> list[ast.Constant]:
    """Return the texts of a cell that say something on its page."""
    calls = [
        n for n in ast.walk(ast.parse(cell)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.args
    ]
    return [c.args[0] for c in calls if c.func.id == "say" and isinstance(c.args[0], ast.Constant)]  # type: ignore[attr-defined]


def prose(text: str) -> str:
    said = "\n".join(JINJA.sub(" ", t.value) for cell in cells(text) for t in texts(cell))  # type: ignore[misc]
    text += f"\n{said}"
    for pattern in NOT_PROSE:
        text = pattern.sub(" ", text)
    return text


INCLUDE = re.compile(r"\{\{<\s*include\s+(\S+)\s*>\}\}\s*")


def included(text: str, page: Path) -> list[Path]:
    """Return the files that a page includes."""
    return [(page.parent / hit[1]).resolve() for hit in INCLUDE.finditer(text)]


def opens(text: str, page: Path) -> bool:
    """Tell whether a page has a front matter and, before anything else, the two includes that open it.

    The first one says which study the page is about: any that there is, or the one of its folder.
    """
    front = re.match(r"\A---\n.*?^---\n\s*", text, flags=re.M | re.S)
    one = INCLUDE.match(text, front.end()) if front else None
    two = INCLUDE.match(text, one.end()) if one else None
    of_study = CHAPTERS in page.parent.parents
    which = page.parent / "_open.qmd" if of_study else CHAPTERS / "_any.qmd"
    return bool(one and two) and included(text, page)[:2] == [which, CHAPTERS / "_open.qmd"]


def code_lines(cell: str) -> int:
    said = sum(t.end_lineno - t.lineno for t in texts(cell) if t.end_lineno)
    return sum(1 for line in cell.splitlines() if line.strip() and not line.lstrip().startswith("#")) - said


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_cells_are_short_and_define_nothing(page: Path) -> None:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    for cell in cells(page.read_text("utf-8")):
        assert code_lines(cell) <= LONGEST_CELL, cell
        assert not any(isinstance(node, kinds) for node in ast.walk(ast.parse(cell))), cell


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_prose_has_no_typed_results(page: Path) -> None:
    assert TYPED.findall(prose(page.read_text("utf-8"))) == []


@pytest.mark.parametrize("page", [p for p in PAGES if p not in PARTS], ids=relative)
def test_pages_with_code_open_alike(page: Path) -> None:
    text = page.read_text("utf-8")
    assert opens(text, page) or not (cells(text) or "`{python}" in text or CHAPTERS in page.parent.parents)


def test_parts_are_included_by_pages_and_by_nothing_else() -> None:
    of_pages = {f for p in PAGES if p not in PARTS for f in included(p.read_text("utf-8"), p)}
    assert set(PARTS) - of_pages == set()
    assert [relative(p) for p in PARTS if included(p.read_text("utf-8"), p)] == []
    shared = {p.name for p in PARTS if p.parent.name == "_evidence"}
    assert len(shared) >= 10
    assert [relative(p) for p in PARTS if p.name in shared and p.read_text("utf-8").startswith("---")] == []


def test_each_folder_of_pages_is_of_one_study_and_has_every_page_of_evidence() -> None:
    folders = {p.parent for p in PAGES if CHAPTERS in p.parent.parents and p not in PARTS}
    assert {f.name for f in folders} == set(STUDIES)
    shared = {p.name for p in PARTS if p.parent.name == "_evidence" and not re.search("^row-|-meaning$", p.stem)}
    for folder in folders:
        (code,) = cells((folder / "_open.qmd").read_text("utf-8"))
        assert code == f'#| include: false\nwhich = "{folder.name}"\n'
        for name in shared if issubclass(STUDIES[folder.name], EventStudy) else EVENTLESS:
            assert CHAPTERS / "_evidence" / name in included((folder / name).read_text("utf-8"), folder / name), name
    (code,) = cells((CHAPTERS / "_any.qmd").read_text("utf-8"))
    assert code == "#| include: false\nwhich = None\n"


def test_no_part_is_made_into_a_page_of_the_site() -> None:
    sources = {ROOT / p for p in parse.find_sources(ROOT, parse.load_config(ROOT))}
    assert sources == set(PAGES) - set(PARTS)


def test_there_are_pages_and_cells_to_look_at() -> None:
    texts = [p.read_text("utf-8") for p in PAGES]
    assert len(texts) >= 4
    assert sum(len(cells(t)) for t in texts) >= sum(t.count("\n```{python}") for t in texts) >= 10


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("The silhouette is 0.589.", ["0.589"]),
        ("It has 2,091 contacts.", ["2,091"]),
        ("It has 2091 contacts and 12 columns.", ["2091"]),
        ("Up by 95.1 %.", ["95.1"]),
        ("The value `0.589`, `{python} f(0.5)` and 12 columns.", []),
        ("```{python}\nx = 0.589\n```\nNothing.", []),
        ("[the page](a/b-2024.html#x-0.5) and @rousseeuw1987, [-@ward1963; @lloyd1982]", []),
        ("Text in Windows-1252, hashed with SHA-256.", []),
        ("[in 0.5 steps](page.html)", ["0.5"]),
        ("1. First\n2. Second {#sec-1000}", []),
        ("---\ntitle: 'Version 1.5'\n---\nText.", []),
        ('```{python}\nsay("""\nIt is 0.589 of {{ x|number(100) }}.\n""", {"x": 0.5})\n```\n', ["0.589"]),
    ],
)
def test_the_rule_for_typed_results_sees_what_it_should(text: str, typed: list[str]) -> None:
    assert TYPED.findall(prose(text)) == typed


def test_the_rules_for_pages_see_what_they_should() -> None:
    head = "---\ntitle: a\n---\n\n{{< include _open.qmd >}}\n\n{{< include ../_open.qmd >}}\n\n"
    text, page = head + "```{python}\n#| output: asis\n# why\n\nx = 1\ny = 2\n```\n", CHAPTERS / "contacts" / "a.qmd"
    assert opens(text, page)
    assert not opens(text, CHAPTERS / "a.qmd") and not opens(text, ROOT / "a.qmd")
    assert not opens(text.replace("{{< include", "Text {{< include"), page)
    assert not opens(text.replace("{{< include ../", "Text {{< include ../"), page)
    assert not opens(text.replace("../_open", "../_close"), page)
    assert not opens(text.replace("include _open", "include ../_any"), page)
    assert not opens(text.replace("---\ntitle: a\n---\n", ""), page)
    general = text.replace("include _open", "include _any").replace("../_open", "_open")
    assert opens(general, CHAPTERS / "a.qmd") and not opens(general, page)
    assert opens(general.replace("include _", "include chapters/_"), ROOT / "index.qmd")
    assert [code_lines(c) for c in cells(text)] == [2]


# Requirements


DIRECT = PROJECT["project"]["dependencies"]
DEV = PROJECT["project"]["optional-dependencies"]["dev"]
SPARK = PROJECT["project"]["optional-dependencies"]["spark"]
LISTS = ("requirements.txt", "requirements-dev.txt", "requirements-spark.txt")  # each on top of those before it


def pins(path: Path) -> dict[str, list[tuple[str, int]]]:
    """Return version and number of hashes of each pinned requirement; a name may stand there once per platform."""
    text = path.read_text("utf-8").replace("\\\n", " ")
    found: dict[str, list[tuple[str, int]]] = {}
    for line in text.splitlines():
        hit = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)", line)
        if hit:
            hashes = len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", line))
            found.setdefault(canonicalize_name(hit[1]), []).append((hit[2], hashes))
        else:
            assert not line.strip() or line.lstrip().startswith("#"), f"{path.name}: {line}"
    return found


@pytest.mark.parametrize("line", [*DIRECT, *DEV, *SPARK])
def test_each_direct_requirement_has_a_reason_beside_it(line: str) -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    hit = re.search(rf'^\s*"{re.escape(line)}",\s*#\s*(\S.*)$', text, re.M)
    assert hit is not None
    assert len(hit[1]) >= 5


@pytest.mark.parametrize(
    ("line", "names"),
    [*((d, LISTS[:1]) for d in DIRECT), *((d, LISTS[:2]) for d in DEV), *((d, LISTS) for d in SPARK)],
)
def test_each_direct_requirement_is_pinned_with_hashes(line: str, names: tuple[str, ...]) -> None:
    wanted = Requirement(line)
    pinned = [p for n in names for p in pins(ROOT / n).get(canonicalize_name(wanted.name), [])]
    assert pinned and all(wanted.specifier.contains(version) and hashes for version, hashes in pinned), pinned


@pytest.mark.parametrize("name", (*LISTS, "installer.txt"))
def test_everything_that_is_installed_is_pinned_with_hashes(name: str) -> None:
    found = pins(ROOT / name)
    assert found
    assert [n for n, entries in found.items() if not all(hashes for _, hashes in entries)] == []


def test_each_list_holds_what_comes_on_top_of_those_before_it() -> None:
    names = [set(pins(ROOT / name)) for name in LISTS]
    assert len(names[0]) >= len(DIRECT)
    assert not names[0] & names[1] and not (names[0] | names[1]) & names[2]


def test_lists_that_stand_on_others_are_installed_with_them() -> None:
    for file in (ROOT / "Makefile", *(ROOT / ".github" / "workflows").glob("*.yml")):
        for line in file.read_text("utf-8").splitlines():
            named = re.findall(r"-r (requirements[\w-]*\.txt)", line)
            assert named == list(LISTS[: len(named)]), line


def test_the_version_is_the_same_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert segkit.__version__ == PROJECT["project"]["version"] == str(citation["version"])
    assert citation["license"] == PROJECT["project"]["license"]


def test_the_python_that_is_asked_for_is_the_same_everywhere() -> None:
    least = PROJECT["project"]["requires-python"].removeprefix(">=")
    assert PROJECT["tool"]["mypy"]["python_version"] == least
    assert PROJECT["tool"]["ruff"]["target-version"] == "py" + least.replace(".", "")


def test_test_files_have_names_of_their_own() -> None:
    # Without packages below tests/, two modules of one name cannot be collected together.
    names = [p.name for p in (ROOT / "tests").rglob("*.py") if p.name != "conftest.py"]
    assert sorted(names) == sorted(set(names))


def test_shared_fixtures_have_names_of_their_own() -> None:
    files = [path for path in (ROOT / "tests").rglob("*.py") if not path.name.startswith(("test_", "conftest"))]
    found = [
        item.name
        for path in files
        for item in ast.parse(path.read_text("utf-8")).body
        if isinstance(item, ast.FunctionDef) and any("fixture" in ast.unparse(mark) for mark in item.decorator_list)
    ]
    assert len(found) > 5 and sorted(set(found)) == sorted(found)  # pytest makes plugins known to every test


def test_hooks_before_a_commit_call_the_tools_of_the_tests() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert [r["repo"] for r in hooks] == ["local"]  # nothing is fetched
    called = [h["entry"].removesuffix(" --force-exclude") for r in hooks for h in r["hooks"]]
    assert all(h["language"] == "system" for r in hooks for h in r["hooks"])
    recipe = re.search(r"^lint:.*\n\t@(.+)$", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert recipe is not None
    wanted = recipe[1].replace("$(BIN)", ".venv/bin").split(" && ")
    assert [re.sub(r" \.(?= |$)| --check", "", c) for c in called] == [
        re.sub(r" \.(?= |$)| --check", "", w) for w in wanted
    ]
