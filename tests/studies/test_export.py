"""What a study writes for the owner of its data: where it goes, where it never goes, and that twice is once."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from made_projects import least
from pydantic import SecretStr

from segkit import __version__, cli
from segkit.config import given
from segkit.errors import ConfigError
from segkit.studies import registry
from segkit.studies.exporting import Exporting
from segkit.studies.markets import MarketsStudy

pytest_plugins = ["made_projects"]


class Toy(Exporting):
    name = "toy"
    exact: Any = None

    def exports(self) -> dict[str, pd.DataFrame | bytes]:
        return {"table.csv": pd.DataFrame({"a": [1]}), "map.svg": b"<svg/>"}


class Told(Toy):
    """Toy's counterpart for pages, which hold less."""

    def exports(self) -> dict[str, pd.DataFrame | bytes]:
        return {"less.csv": pd.DataFrame()}


class Opened:
    """A kind of study whose last results are a toy's."""

    @staticmethod
    def opened(root: Path) -> Toy:
        return Toy()


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "study", lambda name: Opened)


def test_a_study_says_whether_it_has_something() -> None:
    class Nothing(Exporting):
        name = "nothing"

    assert Toy.exporting() and MarketsStudy.exporting() and not Nothing.exporting()
    assert [n for n, kind in registry.STUDIES.items() if kind.exporting()] == ["markets", "conversations"]
    with pytest.raises(ConfigError, match="nothing study has nothing to export"):
        Nothing().export_to(Path("x"))
    with pytest.raises(ConfigError, match="no warehouse") as caught:
        Toy().export_to(SecretStr("postgres://a:secret@b/c"))
    assert "secret" not in str(caught.value)


@pytest.mark.usefixtures("toy")
def test_files_go_to_a_folder_of_the_project_that_git_does_not_take(tmp_path: Path) -> None:
    said: list[str] = []
    written = registry.export("toy", None, root=tmp_path, say=said.append)
    assert written == [tmp_path / "results" / "toy" / n for n in ("table.csv", "map.svg")]
    assert said == [f"toy: 2 files in {tmp_path / 'results' / 'toy'}, for you alone."]
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in written)
    ignored = (Path(__file__).parents[2] / ".gitignore").read_text("utf-8").splitlines()
    assert f"/{registry.EXPORTED}/" in ignored


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize("place", ["_site", "_site/a/b", "_site.new/x", "elsewhere/a", "link"])
def test_nothing_goes_into_a_site(tmp_path: Path, place: str) -> None:
    """Nor into one that was made elsewhere, or by way of a link."""
    (tmp_path / "_site").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "manifest.json").write_text("{}")
    (tmp_path / "link").symlink_to(tmp_path / "_site")
    with pytest.raises(ConfigError, match="of a site"):
        registry.export("toy", tmp_path / place, root=tmp_path, say=print)
    assert not list(tmp_path.rglob("*.csv"))


def test_the_owner_gets_what_pages_do_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told, exact = Told(), Toy()
    told.exact = exact
    monkeypatch.setattr(registry, "FiledStudy", Exporting)
    monkeypatch.setattr(registry, "study", lambda name: type("Kind", (), {"opened": staticmethod(lambda root: told)}))
    assert [p.name for p in registry.export("toy", tmp_path, root=tmp_path, say=print)] == ["table.csv", "map.svg"]


@pytest.fixture(scope="module")
def markets(closed_off: Path, tmp_path_factory: pytest.TempPathFactory) -> MarketsStudy:
    root = least(tmp_path_factory.mktemp("markets"), "markets", network="false", draws="10", k="3")
    return MarketsStudy(MarketsStudy.find(root, say=lambda text: None))


def test_segments_of_markets_are_written_once_however_often(markets: MarketsStudy, tmp_path: Path) -> None:
    for _ in range(2):
        (path,) = markets.export_to(tmp_path / "out")
    found = pd.read_parquet(path)
    own = markets.members.sort_values("market", ignore_index=True)
    assert len(found) == len(own) == 12 and stat.S_IMODE(path.stat().st_mode) == 0o600
    pd.testing.assert_frame_equal(found[list(own)], own, check_dtype=False)
    assert set(found["as_of"].astype(str)) == {"2023-12-31"}
    assert set(found["model_version"]) == {f"{__version__}-{markets.source.build}"}


def test_segments_of_markets_are_written_to_a_database_by_its_address(markets: MarketsStudy, tmp_path: Path) -> None:
    import ibis

    ibis.duckdb.connect(tmp_path / "w.duckdb").disconnect()
    for _ in range(2):
        assert markets.export_to(given(f"duckdb://{tmp_path}/w.duckdb")) == []
    found = ibis.duckdb.connect(tmp_path / "w.duckdb").table("fact_market_segmentation").execute()
    assert sorted(found["market"]) == sorted(markets.members["market"])
    assert found["revenue"].sum() == pytest.approx(markets.members["revenue"].sum())


def test_the_command_needs_results_and_a_study_that_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    least(tmp_path, "markets")
    monkeypatch.chdir(tmp_path)
    for arguments, said in (
        (["export"], "no study of the last results"),
        (["export", "markets"], "no results yet"),
        (["export", "market"], "no study 'market'"),
    ):
        assert cli.main(arguments) != 0
        assert said in capsys.readouterr().err
