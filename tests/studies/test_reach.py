"""A step is computed again where something changed that it reads or can reach, and nowhere else: a toy study of three steps."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from segkit.studies import reach
from segkit.studies.base import Study
from segkit.studies.store import KEPT, Store, home

MODULES = {
    "__init__": "",
    "counting": "from . import adding\nFIRST = 1\ndef first():\n    return FIRST\n",
    "adding": "def add(a, b):\n    return a + b\n",
    "ending": "import numpy\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from . import telling\n"
    "def last(a, b):\n    return a * b\n",
    "telling": "def sentence(n):\n    return f'It is {n}.'\n",
    "named": "HOME = 'toy.further:far'\n",
    "further": "def far():\n    return 3\n",
    "study": """
from segkit.studies.base import Study, part, settled, shown, step
from . import counting, ending, named, telling
from .adding import add

def doubled(n):
    return 2 * n

class Toy(Study):
    name = "toy"

    @step
    def one(self):
        return counting.first()

    @step
    def two(self):
        return doubled(add(self.one, self.settings.plus))

    @step
    def three(self):
        return ending.last(self.two, self.between)

    @part
    def between(self):
        return self.settings.times

    @settled
    def sign(self):
        return self.two > 0

    @shown
    def place(self):
        return self.source.everything

    def said(self):
        return telling.sentence(self.three)
""",
}


class Settings(BaseModel):
    model_config = ConfigDict(frozen=True)
    plus: int = 5
    times: int = 10
    unread: int = 0


class Config(BaseModel):
    toy: Settings = Settings()


@dataclass(frozen=True)
class Source:
    config: Config
    place: Path = Path()

    @property
    def everything(self) -> str:
        return "all"


class Project:
    """A package of its own, and what it computes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "toy").mkdir()
        for name, text in MODULES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        (self.folder / "toy" / f"{name}.py").write_text(text, "utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        assert old in MODULES[name]
        self.write(name, MODULES[name].replace(old, new))

    def open(self, *, data: str = "d", place: str = "", **settings: int) -> Any:
        """Open the study as a new process would."""
        for module in [m for m in sys.modules if m.partition(".")[0] == "toy"]:
            del sys.modules[module]
        for cached in (reach.reach, reach._shared, reach.parsed):
            cached.cache_clear()
        importlib.invalidate_caches()
        found = importlib.import_module("toy.study").Toy
        source = Source(Config(toy=Settings(**settings)), Path(place))
        return found(Store(home(self.folder, "toy"), data * 64, data), source)

    def computed(self, **how: Any) -> list[str]:
        """Return the steps that had to be computed."""
        study = self.open(**how)
        for name in study.steps:
            study.shelf.settle(name)
        return made(study)


def made(study: Any) -> list[str]:
    return [file.parent.name for file in study.store.made]


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(reach, "OWN", "toy")  # a graph of few modules, made in no time
    project = Project(tmp_path)
    assert project.computed() == ["one", "two", "three"]
    return project


def test_steps_register_themselves_and_are_kept(toy: Project) -> None:
    study = toy.open()
    assert study.steps == ("one", "two", "three")
    assert (study.three, study.two, study.one) == (120, 12, 1) and made(study) == []


@pytest.mark.parametrize(
    ("module", "old", "new", "again"),
    [
        ("telling", "It is", "That is", []),  # of the study's methods, and nothing of its steps
        ("further", "3", "4", []),
        ("ending", "a * b", "b * a", ["three"]),
        ("counting", "FIRST = 1", "FIRST = 2", ["one", "two", "three"]),
        ("counting", "return FIRST", "return FIRST  # as ever", ["one"]),  # the same value: who reads it is not moved
        ("adding", "a + b", "a - b", ["one", "two", "three"]),  # `counting` imports it as well
        ("study", "return 2 * n", "return 3 * n", ["two", "three"]),
        ("study", "self.settings.times", "self.settings.plus", ["three"]),
        ("study", "telling.sentence(self.three)", "''", []),
    ],
)
def test_changed_code_moves_what_stands_on_it(toy: Project, module: str, old: str, new: str, again: list[str]) -> None:
    toy.change(module, old, new)
    assert toy.computed() == again
    assert toy.computed() == []
    toy.write(module, MODULES[module])
    assert toy.computed() == [], "what was computed before is still there"


@pytest.mark.parametrize(
    ("settings", "again"),
    [({"unread": 1}, []), ({"times": 11}, ["three"]), ({"plus": 6}, ["two", "three"]), ({"place": "elsewhere"}, [])],
)
def test_a_changed_setting_moves_what_reads_it(toy: Project, settings: dict[str, Any], again: list[str]) -> None:
    assert toy.computed(**settings) == again
    assert toy.computed() == []


def test_other_data_share_nothing(toy: Project) -> None:
    assert toy.computed(data="e") == ["one", "two", "three"]


def test_what_a_part_read_counts_for_each_step_that_asks_for_it(toy: Project) -> None:
    toy.change("study", "return counting.first()", "return self.between")
    assert toy.computed() == ["one", "two", "three"]
    assert toy.computed(times=11) == ["one", "two", "three"]  # `three` finds the part made


def test_a_settled_part_counts_by_its_value(toy: Project) -> None:
    toy.change("study", "ending.last(self.two, self.between)", "self.sign")
    assert toy.computed() == ["three"]
    assert toy.computed(plus=7) == ["two"]
    assert toy.computed(plus=-7) == ["two", "three"]


def test_a_module_that_is_imported_by_its_name_counts(toy: Project) -> None:
    toy.change("study", "return counting.first()", "return len(named.HOME)")
    assert toy.computed() == ["one", "two", "three"]
    toy.change("further", "3", "4")
    assert toy.computed() == ["one"]


def test_a_table_that_a_module_reads_counts_as_its_source(toy: Project) -> None:
    before = reach.source_hash(["toy.adding"])
    (toy.folder / "toy" / "adding.toml").write_text("a = 1\n", "utf-8")
    assert reach.source_hash(["toy.adding"]) != before
    assert toy.computed() == ["one", "two"]  # which reach it
    assert toy.computed() == []


def test_every_table_of_the_package_is_read_by_the_module_of_its_name() -> None:
    tables = list(Path(str(reach.__file__)).parents[1].rglob("*.toml"))
    assert len(tables) >= 2
    assert [t.name for t in tables if "with_suffix" not in t.with_suffix(".py").read_text("utf-8")] == []


def test_a_new_version_of_a_package_moves_what_uses_it(toy: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    real = reach._version
    monkeypatch.setattr(reach, "_version", lambda name: frozenset({"new"}) if name == "numpy" else real(name))
    assert toy.computed() == ["three"]


@pytest.mark.parametrize("damage", ["bit", "of another step", "cut"])
def test_a_doctored_value_is_none(toy: Project, damage: str) -> None:
    (file,) = (toy.folder / ".segkit" / "toy" / "results" / "two").iterdir()
    (other,) = (toy.folder / ".segkit" / "toy" / "results" / "one").iterdir()
    content = file.read_bytes()
    changed = {"bit": content[:-3] + b"\x07" + content[-2:], "of another step": other.read_bytes(), "cut": content[:40]}
    file.write_bytes(changed[damage])
    assert toy.computed() == ["two"]
    assert toy.open().three == 120


def test_pages_load_by_key_and_build_no_graph(toy: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    first = toy.open()
    for name in first.steps:
        first.shelf.settle(name)
    known = {label: key for label, (key, _) in first.shelf.current.items()}

    def never(*packages: Any) -> None:
        raise AssertionError("the graph is built")

    page = toy.open()
    page.store.known.update(known)
    monkeypatch.setattr(reach, "reach", never)
    monkeypatch.setattr("segkit.studies.shelf.reach", never)
    assert (page.sign, page.one, page.two, page.three, page.between) == (True, 1, 12, 120, 10)


def test_two_studies_do_not_evict_each_other(toy: Project) -> None:
    other = Store(home(toy.folder, "other"), "o" * 64)
    for turn in range(2 * KEPT):
        other.put("one", {"turn": str(turn)}, turn)
        other.prune()
    assert len(list((other.path / "one").iterdir())) == KEPT
    toy.open().store.prune()
    assert toy.computed() == [] and len(other.entries("one")) == KEPT


def reads(line: str) -> Callable[[Project], Any]:
    def read(toy: Project) -> Any:
        toy.change("study", "return counting.first()", f"return {line}")
        study = toy.open()
        study.hidden = 1
        return study.one

    return read


@pytest.mark.parametrize(
    "line", ["self.hidden", "self.place", "self.source.everything", "__import__('pickle').dumps(self.source)"]
)
def test_what_no_key_knows_of_cannot_be_read(toy: Project, line: str) -> None:
    with pytest.raises(TypeError, match="no key knows"):
        reads(line)(toy)


@pytest.mark.parametrize(
    "line", ["self.settings.model_dump()['times']", "len(__import__('pickle').dumps(self.settings))"]
)
def test_settings_that_are_passed_whole_are_all_read(toy: Project, line: str) -> None:
    reads(line)(toy)
    assert "one" not in toy.computed()
    assert toy.computed(unread=1)[0] == "one"


def test_a_property_that_notes_nothing_is_refused() -> None:
    with pytest.raises(TypeError, match="make it a `part`"):

        class Wrong(Study):
            @cached_property
            def loose(self) -> int:
                return 1


def test_the_graph_of_the_package_hides_nothing() -> None:
    found = reach._shared(("segkit",), ())
    assert "segkit" not in found.closure("segkit.data.registry"), "its version is no way to the facade"
    assert {"segkit.data.simulate.calls", "segkit.seeds", "pandas"} <= found.closure("segkit.data.truth")
    # It imports by name, on demand; so nobody within the package may take anything from there.
    assert found.graph.find_modules_that_directly_import("segkit.data") == set()
