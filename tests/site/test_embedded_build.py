"""The build as a whole: what is stored and when it is valid, what is at fault, what fails, and that it repeats itself.

Expected values follow from the sources written here.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from processes import gone

from segkit.errors import BuildError
from segkit.site.embedded import body, execute, forks, markup, parse, search
from segkit.site.embedded.build import EMPTY, begun, build
from segkit.site.embedded.model import BuildReport

REPOSITORY = Path(__file__).parents[2]
TIE = Path(__file__).parents[2] / "assets" / "tie.lua"
OPENING = """```{python}
import os
from pathlib import Path
os.environ.pop("SEGKIT_STUDY_KEY")
with Path(os.environ["SEGKIT_OPENED"]).open("a") as file:
    file.write("mine\\n")
    file.write(Path("..", "opens").read_text())
```
"""
CONFIG = "project:\n  render: ['*.qmd']\n"
COUNTING = """---
title: "Counting"
---

{{< include _text.qmd >}}

```{python}
import os
from pathlib import Path
log = Path("..", "log")
log.write_text(log.read_text() + "x" if log.exists() else "x")
Path(os.environ["SEGKIT_DOWNLOADS"], "sub").mkdir()
Path(os.environ["SEGKIT_DOWNLOADS"], "sub", "made.csv").write_text("a\\n1\\n")
print("version", os.environ.get("VERSION"))
```
"""


def write(root: Path, files: dict[str, str]) -> None:
    """Write files below a folder."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")


def contents(folder: Path) -> dict[str, str]:
    """Return each file's digest."""
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


class Site:
    """A site of one page that counts how often it runs."""

    def __init__(self, root: Path) -> None:
        self.root, self.source, self.cache = root, root / "src", root / "cache"
        self.builds = 0

    @property
    def runs(self) -> int:
        """How often the page ran."""
        log = self.root / "log"
        return len(log.read_text()) if log.exists() else 0

    def build(self, key: str = "k") -> tuple[BuildReport, Path]:
        """Build into a new folder."""
        self.builds += 1
        out = self.root / f"out{self.builds}"
        return build(self.source, out, cache=self.cache, key=key, progress=False), out

    def entries(self) -> list[Path]:
        """List the page's stored runs."""
        return sorted((self.cache / "pages" / "index").iterdir())


@pytest.fixture(scope="module")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a site of one page once; tests get copies of it."""
    root = tmp_path_factory.mktemp("once")
    write(root / "src", {"_quarto.yml": CONFIG, "index.qmd": COUNTING, "_text.qmd": "One."})
    site = Site(root)
    report, out = site.build()
    assert (report.executed, report.downloads, report.faults, site.runs) == (1, 1, (), 1)
    out.rename(root / "first")
    return root


@pytest.fixture
def site(built_once: Path, tmp_path: Path) -> Site:
    """Return a site that was built before."""
    shutil.copytree(built_once, tmp_path / "site")
    return Site(tmp_path / "site")


def test_a_stored_run_is_used_with_its_downloads(site: Site) -> None:
    report, out = site.build()
    assert (report.executed, report.downloads, site.runs) == (0, 1, 1)
    assert (out / "downloads" / "sub" / "made.csv").read_text() == "a\n1\n"
    assert contents(out) == contents(site.root / "first")


def test_a_run_of_another_key_is_not_shown(site: Site) -> None:
    report, _ = site.build("other")
    assert (report.executed, site.runs) == (1, 2)
    assert len(site.entries()) == 1, "the entry of the other key is gone"


def test_a_run_is_named_by_all_that_it_depends_on(site: Site) -> None:
    def name(key: str = "k", config: str = CONFIG, env: Mapping[str, str] = EMPTY, **files: str) -> str:
        write(site.source, {"_quarto.yml": config, "index.qmd": COUNTING, "_text.qmd": "One."})
        write(site.source, {f"{stem}.qmd": text for stem, text in files.items()})
        page = parse.load_page(site.source, Path("index.qmd"), parse.load_config(site.source))
        return execute.identity(page, execute.Execution(site.source, site.cache, key, env=env))

    names = [
        name(),
        name("other"),
        name(env={"VERSION": "2"}),
        name(index=COUNTING + "\nMore.\n"),
        name(_text="Two."),
        name(config=CONFIG + "execute: {fig-dpi: 50}\n"),
        name(config=CONFIG + "execute: {error: true}\n"),
    ]
    assert len(set(names)) == len(names)
    assert site.entries()[0].name == names[0] == name(config=CONFIG + "website: {title: Other}\n")


def spoil(entry: Path, damage: str) -> None:
    """Damage a stored run."""
    made, stored = entry / "downloads" / "sub" / "made.csv", entry / "run.json"
    if damage == "download changed":
        made.write_text("a\n2\n")
    elif damage == "download missing":
        made.unlink()
    elif damage == "entry cut":
        stored.write_text(stored.read_text()[:-20])
    elif damage == "entry changed":
        stored.write_text(stored.read_text().replace("version None", "version 9"))
    else:
        stored.unlink()


@pytest.mark.parametrize(
    "damage", ["download changed", "download missing", "entry cut", "entry changed", "entry missing"]
)
def test_a_damaged_run_is_not_read(site: Site, damage: str) -> None:
    page = parse.load_page(site.source, Path("index.qmd"), parse.load_config(site.source))
    (entry,) = site.entries()
    assert execute.load_run(entry, page) is not None
    spoil(entry, damage)
    assert execute.load_run(entry, page) is None


@pytest.mark.parametrize("damage", ["download changed", "entry changed"])
def test_a_damaged_run_is_made_again(site: Site, damage: str) -> None:
    spoil(site.entries()[0], damage)
    report, out = site.build()
    assert (report.executed, site.runs) == (1, 2)
    assert contents(out) == contents(site.root / "first")


def test_a_failed_page_stores_nothing_and_the_others_stay(site: Site) -> None:
    bad = '```{python}\n#| label: bad\nx = 1\n\nraise ValueError("no\\x1b[31m such thing")\n```\n'
    inline = "Text `{python} 1 + 1`\nand `{python} undefined_name`.\n"
    write(site.source, {"bad.qmd": "---\ntitle: Bad\n---\n\n" + bad, "inline.qmd": inline, "good.qmd": "`{python} 1`"})
    with pytest.raises(BuildError) as caught:
        site.build()
    message = str(caught.value)
    assert "bad.qmd:9: the cell raised ValueError: no such thing\n" in message
    assert "inline.qmd:2: the cell raised NameError: name 'undefined_name' is not defined\n" in message
    assert "    ValueError: no such thing\n" in message, "the end of the traceback is shown"
    assert "2 of 4 pages failed.\nRemedy: " in message
    assert "\x1b" not in message
    stored = [p.relative_to(site.cache / "pages").parts[0] for p in sorted(site.cache.rglob("run.json"))]
    assert stored == ["good", "index"], "what failed is not stored, what ran is"
    assert list(site.cache.rglob(".new-*")) == [], "nothing half made is left"
    write(site.source, {"bad.qmd": "mended", "inline.qmd": "mended"})
    report, _ = site.build()
    assert (report.executed, site.runs) == (0, 1)


def test_a_cell_that_pages_include_is_told_once(tmp_path: Path) -> None:
    part = "Text.\n\n```{python}\n1 / 0\n```\n"
    write(tmp_path / "src", {"_quarto.yml": CONFIG, "_part.qmd": part})
    write(tmp_path / "src", dict.fromkeys(("a.qmd", "b.qmd"), "{{< include _part.qmd >}}"))
    with pytest.raises(BuildError) as caught:
        build(tmp_path / "src", tmp_path / "out", cache=None, key="k", progress=False)
    message = str(caught.value)
    assert message.count("_part.qmd:4: the cell raised ZeroDivisionError: division by zero\n") == 1
    assert "\n    in a.qmd, b.qmd\n\n2 of 2 pages failed." in message


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("import time; time.sleep(60)", "the cell took longer than 2 s"),
        ("import os; os._exit(3)", "the cell ended its kernel (out of memory, or a crash)"),
        ("x = (1 +", "the cell raised SyntaxError"),
        ("import sys; sys.exit(1)", "the cell raised SystemExit"),
    ],
)
def test_a_cell_that_does_not_come_back_is_named(tmp_path: Path, code: str, problem: str) -> None:
    write(tmp_path / "src", {"_quarto.yml": CONFIG, "a.qmd": f"\n```{{python}}\n{code}\n```\n"})
    with pytest.raises(BuildError, match=re.escape(f"a.qmd:3: {problem}")):
        build(tmp_path / "src", tmp_path / "out", cache=None, key="k", timeout=2, progress=False)


def test_a_kernel_that_does_not_start_is_named(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"src/_quarto.yml": CONFIG, "src/a.qmd": "`{python} 1`", "lib/ipykernel_launcher.py": "raise SystemExit(1)"},
    )
    with pytest.raises(BuildError, match=r"a\.qmd:1: the kernel does not start \("):
        build(
            tmp_path / "src",
            tmp_path / "out",
            cache=None,
            key="k",
            env={"PYTHONPATH": str(tmp_path / "lib")},
            progress=False,
        )


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"src/_quarto.yml": CONFIG, "src/a.qmd": "`{python} 1`", "cache": "a file, not a folder"})
    with pytest.raises(BuildError, match=r"cache.*: a file of the site cannot be written \(Not a directory\)"):
        build(tmp_path / "src", tmp_path / "out", cache=tmp_path / "cache", key="k", progress=False)


def test_figures_do_not_depend_on_the_reader_s_backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    code = "#| fig-alt: A line\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    write(tmp_path / "src", {"_quarto.yml": CONFIG, "a.qmd": f"```{{python}}\n{code}\n```\n"})
    assert build(tmp_path / "src", tmp_path / "out", cache=None, key="k", progress=False).faults == ()
    assert (tmp_path / "out" / "a_files" / "cell-1-1.png").is_file()


def test_pages_that_cannot_be_read_are_named_together(tmp_path: Path) -> None:
    write(tmp_path / "src", {"_quarto.yml": CONFIG, "a.qmd": "---\nx", "b.qmd": "```{python}\n", "c.qmd": "fine"})
    with pytest.raises(BuildError, match=r"(?s)a\.qmd:1: .*b\.qmd:1: .*2 pages cannot be read"):
        build(tmp_path / "src", tmp_path / "out", cache=None, key="k", progress=False)


def test_a_filter_of_the_project_keeps_punctuation_with_its_formula(tmp_path: Path) -> None:
    text = "Of $n$, of $(N-1)$. In ($k$) and $x$ alone; `$y$`, too.\n"
    config = f"{CONFIG}filters: [tie.lua, gone.lua]\n"
    write(tmp_path, {"src/_quarto.yml": config, "src/a.qmd": text, "src/tie.lua": TIE.read_text("utf-8")})
    report = build(tmp_path / "src", tmp_path / "out", cache=None, key="k", progress=False)
    assert report.faults == ("a.qmd: filter not found: gone.lua",)
    page = (tmp_path / "out" / "a.html").read_text("utf-8")
    tied = re.findall(r'<span class="sk-tie"><math.*?</math>(.*?)</span>', page, re.S)
    assert tied == [",", ".", ")"]
    assert page.count("<math") == 4


def test_the_folder_for_the_site_must_be_empty(tmp_path: Path) -> None:
    write(tmp_path, {"src/_quarto.yml": CONFIG, "src/a.qmd": "x", "out/old.html": ""})
    with pytest.raises(BuildError, match="not empty"):
        build(tmp_path / "src", tmp_path / "out", cache=None, key="k", progress=False)


FAULTY = {
    "_quarto.yml": CONFIG
    + "  resources: [none.txt]\nwebsite:\n  navbar: {}\n  page-footer: '[x](none.qmd)'\n"
    + "  sidebar: {contents: [a.qmd, gone.qmd]}\nformat: {html: {css: [style.css, gone.css]}}\n",
    "style.css": "@import 'https://fonts.example.org/f.css'; p { background: url(none.png); }",
    "references.bib": "@book{known, title={T}, author={A, B}, year={2000}}",
    "a.qmd": "# One {#one}\n\n@fig-none, [text](b.qmd#none), [text](none.qmd), [file](none.csv), [up](../../etc/passwd), @nobody\n",
    "b.qmd": "---\nbibliography: references.bib\n---\n\n[@known; @unknown2000]\n\n$\\nosuch{$\n\n```{mermaid}\n```\n",
    "c.qmd": '---\ninclude-in-header: gone.html\n---\n\n![](box.svg)\n\n<div role="img"></div>\n\n<svg viewBox="0 0 1 1"></svg>\n\n'
    '```{=html}\n<img src="https://example.org/x.png" alt="x"><p id="two"></p><p id="two"></p>\n```\n\n'
    "::: {.lightbox}\nx\n:::\n",
    "box.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    "d.qmd": "```{python}\n#| label: fig-x\n#| fig-cap: Caption\nfrom IPython.display import SVG\nSVG('box.svg')\n```\n\n"
    "```{python}\nimport os, pathlib\npathlib.Path(os.environ['SEGKIT_DOWNLOADS'], 'same.csv').write_text('1')\n```\n",
    "e.qmd": "```{python}\n#| output: asis\nimport os, pathlib\n"
    "pathlib.Path(os.environ['SEGKIT_DOWNLOADS'], 'same.csv').write_text('2')\n"
    "print('{{< video x >}}')\n```\n",
}
FAULTS = {
    "_quarto.yml: no such file: none.txt",
    "_quarto.yml: no such stylesheet: gone.css",
    "_quarto.yml: the footer links to no page: none.html",
    "_quarto.yml: the sidebar names no page: gone.qmd",
    "_quarto.yml: website.navbar: only Quarto does this",
    "style.css: loads from another host: https://fonts.example.org/f.css",
    "style.css: missing file: none.png",
    "a.qmd: link to no anchor: b.html#none",
    "a.qmd: link to nothing: ../../etc/passwd",
    "a.qmd: link to nothing: none.csv",
    "a.qmd: link to nothing: none.html",
    "a.qmd: unknown citation @nobody",
    "a.qmd: unresolved cross reference @fig-none",
    "b.qmd: Citeproc: citation unknown2000 not found",
    "b.qmd:9: mermaid cells are not run here, only python",
    "c.qmd: .lightbox: only Quarto does this",
    "c.qmd: include-in-header: no such file: gone.html",
    'c.qmd: div with role="img" but without aria-label',
    "c.qmd: id used twice: two",
    "c.qmd: image without alt text: box.svg",
    "c.qmd: loads from another host: https://example.org/x.png",
    'c.qmd: svg with neither role="img" and aria-label nor aria-hidden="true"',
    "d.qmd:1: figure without alt text (fig-alt)",
    "e.qmd: downloads/same.csv differs from the one that d.qmd wrote",
    "e.qmd:1: the shortcode video is not supported in an output",
}


def test_every_fault_is_found_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path / "src", FAULTY)
    report = build(tmp_path / "src", tmp_path / "out", cache=None, key="k", progress=False)
    maths = {fault for fault in report.faults if "TeX" in fault}
    assert len(maths) == 1 and next(iter(maths)).startswith("b.qmd: Could not convert TeX math")
    assert set(report.faults) - maths == FAULTS
    assert list(report.faults) == sorted(report.faults)


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_an_interrupted_build_stops_its_kernels(tmp_path: Path) -> None:
    code = "import os, pathlib, time\npathlib.Path(os.environ['NOTE']).write_text(str(os.getpid()))\ntime.sleep(60)"
    waiting = f"```{{python}}\n{code}\n```\n"
    write(tmp_path / "src", {"_quarto.yml": CONFIG, "a.qmd": waiting, "b.qmd": waiting.replace("'NOTE'", "'OTHER'")})
    notes = [tmp_path / "note", tmp_path / "other"]
    script = (  # a shell that starts a command in the background makes it deaf to Ctrl-C
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import sys; from pathlib import Path; from segkit.site.embedded.build import build; r = Path(sys.argv[1])\n"
        "build(r / 'src', r / 'out', cache=r / 'cache', key='k', env={'NOTE': sys.argv[2], 'OTHER': sys.argv[3]})"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), *map(str, notes)],
        cwd=REPOSITORY,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 30
        while not all(n.exists() and n.read_text() for n in notes):
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.05)
        kernels = [int(n.read_text()) for n in notes]
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    finally:
        process.kill()
    assert "KeyboardInterrupt" in said
    assert all(gone(kernel) for kernel in kernels)
    assert list((tmp_path / "cache").rglob("run.json")) == []


def test_a_page_that_opens_another_study_is_neither_kept_nor_shown(tmp_path: Path) -> None:
    """The page knows how to get around its environment; what it has opened is known all the same."""
    write(tmp_path / "src", {"_quarto.yml": CONFIG, "index.qmd": OPENING})
    for opens, good in (("", True), ("mine\n", True), ("another\n", False), ("mine\nanother\n", False)):
        (tmp_path / "opens").write_text(opens)
        out = tmp_path / f"out-{opens.count(chr(10))}-{good}"
        key = f"k{opens}"

        def made(out: Path = out, key: str = key) -> BuildReport:
            env = {"SEGKIT_STUDY_KEY": "mine"}
            return build(tmp_path / "src", out, cache=tmp_path / "cache", key=key, env=env, progress=False)

        if good:
            assert made().executed == 1 and (out / "index.html").is_file()
        else:
            with pytest.raises(BuildError, match=r"index\.qmd:2: the page opened another study"):
                made()
            assert not (out / "index.html").exists()
    assert len(list((tmp_path / "cache").rglob("run.json"))) == 1, "the last good one"


def test_a_run_that_what_it_stands_on_outlived_is_not_kept(tmp_path: Path) -> None:
    write(tmp_path / "src", {"_quarto.yml": CONFIG, "index.qmd": "`{python} 1`"})
    with pytest.raises(BuildError, match="changed during the build"):
        build(
            tmp_path / "src", tmp_path / "out", cache=tmp_path / "cache", key="k", progress=False, still=lambda: False
        )
    assert list((tmp_path / "cache").rglob("run.json")) == []


def test_a_run_that_was_copied_from_elsewhere_is_made_again(tmp_path: Path) -> None:
    site = Site(tmp_path)
    write(site.source, {"_quarto.yml": CONFIG, "_text.qmd": "", "index.qmd": COUNTING})
    site.build("one")
    (one,) = site.entries()
    kept = shutil.copytree(one, tmp_path / "kept")
    site.build("two")
    (two,) = site.entries()
    shutil.rmtree(two)
    shutil.copytree(kept, two)
    report, _ = site.build("two")
    assert report.executed == 1 and site.runs == 3


def test_a_killed_build_takes_its_kernels_along_and_the_next_one_clears_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    short = tempfile.TemporaryDirectory(prefix="t", dir="/tmp")  # a socket's name has to fit into it
    request.addfinalizer(short.cleanup)
    busy = "import os, pathlib\npathlib.Path(os.environ['NOTE']).write_text(str(os.getpid()))\nwhile True: sum(range(10**6))"
    write(tmp_path / "src", {"_quarto.yml": CONFIG, "a.qmd": f"```{{python}}\n{busy}\n```\n"})
    note = tmp_path / "note"
    script = (
        "import sys; from pathlib import Path; from segkit.site.embedded.build import build; r = Path(sys.argv[1])\n"
        "build(r / 'src', r / 'out', cache=r / 'cache', key='k', env={'NOTE': sys.argv[2]})"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), str(note)],
        cwd=REPOSITORY,
        env={**os.environ, "TMPDIR": short.name},
    )
    wait_for(lambda: note.exists() and bool(note.read_text()))
    process.kill()
    process.wait()
    wait_for(lambda: not Path(f"/proc/{note.read_text()}").exists() if sys.platform == "linux" else True)
    assert list(Path(short.name).glob("segkit-*")), "nobody was there to delete them"
    write(tmp_path / "src", {"a.qmd": "`{python} 1`"})
    shutil.rmtree(tmp_path / "out")
    monkeypatch.setattr(tempfile, "tempdir", short.name)
    build(tmp_path / "src", tmp_path / "out", cache=tmp_path / "cache", key="k", progress=False)
    assert list(Path(short.name).iterdir()) == []
    assert list((tmp_path / "cache").rglob(".new-*")) == []


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so; a machine that has much to do may take a while."""
    deadline = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_forked_and_started_kernels_make_the_same_page_and_share_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every page imports a module of which the process that forks has a copy; none sees what another one did to its own."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "shared_state.py").write_text("seen = []\n", "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "lib"))
    code = "import os\nimport shared_state\nshared_state.seen.append(1)\nos.environ['LEFT'] = str(len(shared_state.seen))\n"
    page = (
        f"```{{python}}\n{code}print(len(shared_state.seen), os.environ['LEFT'], os.environ['OMP_NUM_THREADS'])\n```\n"
    )
    write(tmp_path / "src", {"_quarto.yml": CONFIG, "a.qmd": page, "b.qmd": page})
    texts = {}
    for possible in (True, False):
        monkeypatch.setattr(forks, "POSSIBLE", possible and forks.POSSIBLE)
        out = tmp_path / f"out-{possible}"
        assert build(tmp_path / "src", out, cache=None, key="k", jobs=1, progress=False).faults == ()
        texts[possible] = [(out / f"{name}.html").read_text("utf-8") for name in "ab"]
    assert texts[True] == texts[False]
    assert all("<code>1 1 1" in text for text in texts[True])


def test_a_page_is_converted_again_only_where_it_changed(tmp_path: Path) -> None:
    write(tmp_path / "src", {"_quarto.yml": CONFIG, "a.qmd": "One.\n", "b.qmd": "Two.\n"})

    def made() -> dict[str, int]:
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        build(tmp_path / "src", tmp_path / "out", cache=tmp_path / "cache", key="k", progress=False)
        return {p.name: p.stat().st_ino for p in (tmp_path / "cache" / "bodies").iterdir()}

    first = made()
    assert made() == first and len(first) == 2
    (tmp_path / "src" / "b.qmd").write_text("Three.\n", "utf-8")
    second = made()
    assert len(second) == 2 and len(second.keys() & first.keys()) == 1
    assert "Three." in (tmp_path / "out" / "b.html").read_text("utf-8")


KEPT_PAGE = """\
---
title: "A *title*"
subtitle: Below
description: What it says.
---

## One {#one}

[Two](#two) and [gone](#gone), ![](p.png)

### Two {#two}

<table><tr><td>1</td></tr></table>
"""


def test_what_was_kept_of_a_page_makes_the_same_site_and_tells_the_same_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "src", {"_quarto.yml": CONFIG, "a.qmd": KEPT_PAGE, "p.png": "x"})

    def made(name: str) -> tuple[dict[str, bytes], tuple[str, ...]]:
        report = build(tmp_path / "src", tmp_path / name, cache=tmp_path / "cache", key="k", progress=False)
        files = [p for p in (tmp_path / name).rglob("*") if p.is_file()]
        return {p.relative_to(tmp_path / name).as_posix(): p.read_bytes() for p in files}, report.faults

    first = made("first")
    assert len(first[1]) == 2 and b'"s":"Two"' in first[0]["site_libs/search-index.js"].replace(b": ", b":")
    with monkeypatch.context() as patch:
        for module, name in ((body, "_pandoc"), (markup, "finish"), (search, "sections")):
            patch.delattr(module, name)
        assert made("second") == first
    (kept,) = (tmp_path / "cache" / "bodies").iterdir()
    for damaged in ("{", '["a", []]', "[1, 2, 3, 4, 5, 6, 7]"):
        kept.write_text(damaged, "utf-8")
        assert made(f"after {damaged}"[:9] + str(len(damaged))) == first


def test_a_nursery_that_began_before_makes_the_same_pages(tmp_path: Path) -> None:
    """Kernels come from the process that was begun, with the settings and the environment of the build all the same."""
    page = (
        "```{python}\n#| fig-alt: A line\nimport os\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n"
        "print(os.environ.get('GIVEN'), os.getppid() == int(os.environ['JPY_PARENT_PID']))\n```\n"
    )
    write(tmp_path / "src", {"_quarto.yml": CONFIG, "a.qmd": page})
    nursery = begun(tmp_path / "src")
    assert nursery is not None
    pages = {}
    for name, early in (("early", nursery), ("late", None)):
        out = tmp_path / name
        report = build(tmp_path / "src", out, cache=None, key="k", env={"GIVEN": "yes"}, progress=False, nursery=early)
        assert report.faults == () and report.executed == 1
        pages[name] = {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}
    assert pages["early"] == pages["late"] and b"yes True" in pages["early"]["a.html"]


def test_a_nursery_begins_only_where_pages_run_and_ends_whether_it_was_used_or_not(tmp_path: Path) -> None:
    write(tmp_path / "src", {"_quarto.yml": CONFIG, "a.qmd": "Text.\n"})
    still = begun(tmp_path / "src")
    assert still is not None and still._zygote is None
    (tmp_path / "src" / "a.qmd").write_text("```{python}\nimport segkit.studies.registry\n```\n", "utf-8")
    busy = begun(tmp_path / "src")
    assert busy is not None
    for _ in range(2):
        busy.close()
        assert busy._zygote._process.poll() is not None
    (tmp_path / "src" / "a.qmd").write_text("---\ntitle: [\n---\n", "utf-8")
    assert begun(tmp_path / "src") is None  # the build says what is wrong
