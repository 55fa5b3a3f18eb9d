"""What code can reach: the modules that it imports, and what these import in their turn, with the packages they use.

Modules are followed whole, by their imports (`grimp`). A module that defines a study is followed by definition instead:
a step reaches what the names in it stand for, since the module imports what all of its steps need.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import re
import sys
import types
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Any

from .. import __version__

OWN = __name__.partition(".")[0]
MACHINERY = tuple(f"{OWN}.studies.{name}" for name in ("base", "bound", "noted", "reach", "shelf", "store"))
BY_NAME = re.compile(r"""["']([a-z_]\w*(?:\.\w+)+)[:"']""")  # a text that names a module, by which it can be imported


def source_hash(modules: Iterable[str]) -> str:
    """Hash names and sources of modules as they are on disk now; of one that is gone, that it is gone."""
    digest = hashlib.sha256()
    for module in sorted(modules):
        file = _file(module)
        digest.update(module.encode() + b"\0" + (_text(file) if file else b"\1") + b"\0")
    return digest.hexdigest()


def package_hash() -> str:
    """Hash every file of this package."""
    home = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for file in sorted(f for f in home.rglob("*") if f.is_file() and "__pycache__" not in f.parts):
        digest.update(file.relative_to(home).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _file(module: str) -> Path | None:
    """Return the file of a module that is or belongs to a package, without importing anything of it."""
    top, *rest = module.split(".")
    found = getattr(sys.modules.get(top), "__spec__", None) or util.find_spec(top)
    if found is None or not found.submodule_search_locations:
        return None
    base = Path(next(iter(found.submodule_search_locations)), *rest)
    return next((f for f in (base / "__init__.py", base.with_name(f"{base.name}.py")) if f.is_file()), None)


def _text(file: Path) -> bytes:
    """Return the source of a module, with the table of the same name that it reads, if there is one."""
    table = file.with_suffix(".toml")
    return file.read_bytes() + (table.read_bytes() if table.is_file() else b"")


@dataclass(frozen=True)
class Parsed:
    """A module read by its top level: where each name comes from, and how it is defined."""

    name: str
    tree: ast.Module
    imported: dict[str, tuple[str, str]]  # to module and name in it
    defined: dict[str, list[ast.AST]]


class Reach:
    """What each piece of code stands on, as the sources are when this is made.

    Parameters
    ----------
    packages : tuple of str
        Top-level packages whose modules are followed; of all others the version counts.
    studies : tuple of str
        Modules that define studies, which are followed by definition.
    like : Reach, optional
        Of the same packages, whose sources were read just now; they are not read again.
    """

    graph: Any
    own: set[str]
    text: dict[str, bytes]

    def __init__(self, packages: tuple[str, ...], studies: tuple[str, ...], like: Reach | None = None) -> None:
        self.studies = {s for s in studies if s not in MACHINERY}
        if like is not None:
            self.graph, self.own, self.text = like.graph, like.own, like.text
            return
        import grimp  # with `segkit results` alone: pages know what is kept under which key

        self.graph = grimp.build_graph(
            *packages, include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
        )
        self.own = {m for m in self.graph.modules if m.partition(".")[0] in packages}
        self.text = {m: _text(file) for m in self.own if (file := _file(m))}
        for module, text in self.text.items():  # what is imported by its name as a text
            for name in {*BY_NAME.findall(text.decode("utf-8", "replace"))} & self.own:
                self.graph.add_import(importer=module, imported=name)

    @functools.cache  # noqa: B019  # one per process
    def closure(self, module: str) -> frozenset[str]:
        """Return a module with all that it can import, and the packages around each."""
        found: set[str] = set()
        todo = [module]
        while todo:
            here = todo.pop()
            if here in found or here == OWN:  # the root holds the facade, which stands on everything
                continue
            found.add(here)
            if here in self.own:
                todo += self.graph.find_modules_directly_imported_by(here)
                todo += [here.rpartition(".")[0]] if "." in here else []
        return frozenset(found)

    def modules(self, module: str) -> tuple[str, ...]:
        """Return the names of the followed modules that a module can reach."""
        return tuple(sorted(self.closure(module) & self.own))

    @functools.cache  # noqa: B019
    def module(self, name: str) -> str:
        """Return a digest of a module and of all that it can reach."""
        return self._digest([], self.closure(name))

    @functools.cache  # noqa: B019
    def attribute(self, kind: type, name: str) -> str:
        """Return a digest of what an attribute of a class is made of: its definitions, and all that these reach."""
        parts: list[str] = []
        reached: set[str] = set()
        for cls in kind.__mro__:
            if cls.__module__ in MACHINERY or name not in vars(cls):
                continue
            made = vars(cls)[name]
            function = next((f for a in ("make", "fget", "__func__") if (f := getattr(made, a, None))), made)
            if isinstance(code := getattr(function, "__code__", None), types.CodeType):
                home = parsed(function.__module__)
                self._follow(home, _node(home, code), parts, reached, set())
            else:
                parts.append(repr(made))
        return self._digest(parts, reached)

    def _follow(
        self, here: Parsed, node: ast.AST, parts: list[str], reached: set[str], seen: set[tuple[str, str]]
    ) -> None:
        """Gather the definitions below a node, and the modules that their names stand for."""
        parts.append(f"{here.name} {ast.dump(node)}")
        sources = list(_imports(here.name, node).values())
        for name in {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}:
            if name in here.imported:
                sources.append(here.imported[name])
            elif name in here.defined:
                sources.append((here.name, name))
        for module, name in sources:
            if f"{module}.{name}" in self.own:
                reached |= self.closure(f"{module}.{name}")
            elif not name or (module not in self.studies and module != here.name):
                reached |= frozenset() if module in MACHINERY else self.closure(module)
            elif (module, name) not in seen:
                seen.add((module, name))
                there = parsed(module)
                for made in there.defined.get(name, []):
                    self._follow(there, made, parts, reached, seen)
                if name in there.imported:  # handed on
                    self._follow(there, ast.Name(name), parts, reached, seen)

    def _digest(self, parts: list[str], reached: Iterable[str]) -> str:
        digest = hashlib.sha256(f"{__version__}\0{sys.version}\0".encode())
        for part in sorted(set(parts)):
            digest.update(part.encode() + b"\0")
        others: set[str] = set()
        for module in sorted(reached):
            if module in self.own:
                digest.update(module.encode() + b"\0" + self.text.get(module, b"") + b"\0")
            else:
                others.add(module.partition(".")[0])
        digest.update("\0".join(versions(others)).encode())
        return digest.hexdigest()


@functools.cache
def parsed(module: str) -> Parsed:
    """Parse a module that is imported, also one outside of any package."""
    file = _file(module) or Path(str(sys.modules[module].__file__))
    tree = ast.parse(file.read_bytes())
    defined: dict[str, list[ast.AST]] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            defined.setdefault(node.name, []).append(node)
        elif not isinstance(node, ast.Import | ast.ImportFrom):
            for target in ast.walk(node):
                if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store):
                    defined.setdefault(target.id, []).append(node)
    outside = [n for n in tree.body if not isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    running = [n for n in outside if not (isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n.test))]
    return Parsed(module, tree, {k: v for n in running for k, v in _imports(module, n).items()}, defined)


def _imports(module: str, tree: ast.AST) -> dict[str, tuple[str, str]]:
    """Return the module, and the name in it, that each name imported somewhere below a node stands for."""
    found: dict[str, tuple[str, str]] = {}
    file = _file(module)
    here = module.split(".")[: None if file and file.name == "__init__.py" else -1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {a.asname or a.name.partition(".")[0]: (a.name, "") for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            found |= {a.asname or a.name: (source, a.name) for a in node.names}
    return found


def _node(module: Parsed, code: types.CodeType) -> ast.AST:
    """Return the definition of a function, found by its first line, where its decorators begin."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            if first == code.co_firstlineno and getattr(node, "name", "<lambda>") == code.co_name:
                return node
    raise LookupError(f"{code.co_qualname} of {module.name} is not where it was when it was imported")


@functools.cache
def reach(kind: type) -> Reach:
    """Return the reach of a study's code, made once in a process."""
    modules = tuple(sorted({c.__module__ for c in kind.__mro__ if c is not object}))
    packages = {OWN, *(top for m in modules if _file(top := m.partition(".")[0]))}
    return _shared(tuple(sorted(packages)), modules)


def reached(module: str) -> tuple[str, ...]:
    """Return the names of the followed modules that a module of this package can reach."""
    return _shared((OWN,), ()).modules(module)


@functools.cache
def _shared(packages: tuple[str, ...], studies: tuple[str, ...]) -> Reach:
    return Reach(packages, studies, _shared(packages, ()) if studies else None)


@functools.cache
def _version(package: str) -> frozenset[str]:
    """Return name and version of a distribution and of those that it requires; nothing where it is not installed."""
    found: dict[str, str] = {}
    todo = [package]
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
        if name in found:
            continue
        found[name] = ""
        try:
            at = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        found[name] = at.version
        for line in at.requires or ():
            if "extra ==" not in line and (hit := re.match(r"[\w.-]+", line)):
                todo.append(hit[0])
    return frozenset(f"{n} {v}" for n, v in found.items() if v)


def versions(modules: Iterable[str]) -> list[str]:
    """Return the distributions of imported modules and all that these require, with their versions, in order."""
    found: set[str] = set()
    for module in modules:
        if module not in sys.stdlib_module_names:
            found |= _version(module) or frozenset().union(*(_version(d) for d in _homes().get(module, ())))
    return sorted(found)


@functools.cache
def _homes() -> dict[str, set[str]]:
    """Return the distributions that install each module; the library's own way of asking takes seconds."""
    homes: dict[str, set[str]] = {}
    for at in metadata.distributions():
        hit = re.search(r"^Name: (\S+)$", at.read_text("METADATA") or "", re.M)
        for module in re.findall(r"^(\w+)(?:/__init__)?\.(?:py|[\w.-]*so),", at.read_text("RECORD") or "", re.M):
            homes.setdefault(module, set()).update([hit[1]] if hit else [])
    return homes
