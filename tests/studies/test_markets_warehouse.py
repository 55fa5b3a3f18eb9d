"""From the address of a warehouse to the study of markets: the numbers of files, and nothing of the address anywhere."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from made_projects import least
from postgres import PASSWORD

from segkit import cli
from segkit.config import given
from segkit.studies.base import plain
from segkit.studies.markets import MarketsStudy

pytest_plugins = ["made_projects", "postgres"]


def project(folder: Path, data: str, **lines: str) -> Path:
    """Make a project whose settings have an address, which goes to a file that its owner alone may read."""
    root = least(folder, "markets", **{"network": "false", "draws": "10", "k": "3", **lines})
    at = root / "segkit.toml"
    text = at.read_text("utf-8").replace('# data = "sales" ', f"data = {data!r}  ")
    assert data in text
    at.write_text(text, "utf-8")
    return root


def of(root: Path, data: Any = None) -> MarketsStudy:
    return MarketsStudy(MarketsStudy.find(root, data=data, say=lambda text: None))


@pytest.mark.slow
@pytest.mark.parametrize("lines", [{}, {"market": '"country"'}])
def test_a_study_of_an_address_has_the_numbers_of_the_folder(
    address: str, tables_folder: Path, tmp_path: Path, closed_off: Path, lines: dict[str, str]
) -> None:
    asked, read = (
        of(project(tmp_path / "a", address, **lines)),
        of(project(tmp_path / "b", str(tables_folder), **lines)),
    )
    pd.testing.assert_frame_equal(asked.features.frame, read.features.frame, check_exact=True)
    pd.testing.assert_frame_equal(asked.members, read.members, check_exact=True)
    assert len(asked.members) == (6 if lines else 12) and asked.warehouse["totals"] == read.warehouse["totals"]
    assert asked.private and asked.source.located.message.startswith("Real data: the warehouse that was given;")
    again = of(tmp_path / "a")
    assert again.source == asked.source and again.source.seen() == asked.source.seen()  # nothing was written anew
    of_flag = of(least(tmp_path / "c", "markets", **lines), given(address))
    assert of_flag.source.fingerprint == asked.source.fingerprint


def test_what_a_warehouse_said_is_for_its_owner_and_has_no_address(
    address: str, tables_folder: Path, tmp_path: Path, closed_off: Path
) -> None:
    study = of(project(tmp_path, address))
    study.shelf.settle("members")
    place = study.source.located.path
    assert place.parents[1] == tmp_path / ".segkit" / "markets" / "warehouse"
    for at in (place.parent, place.parents[1]):
        assert stat.S_IMODE(at.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(at.stat().st_mode) == 0o600 for at in place.iterdir())
    user, _, rest = address.removeprefix("postgres://").partition(":")
    host = rest.partition("@")[2]
    kept = [at for at in (tmp_path / ".segkit").rglob("*") if at.is_file()]
    assert len(kept) > 5
    for secret in (PASSWORD, address, host):
        assert not [at for at in kept if secret.encode() in at.read_bytes() or secret in str(at)]
        assert secret not in json.dumps(plain({"p": study.provenance, **study.results()["data"]}), default=str)
        assert secret not in repr(study.source) and secret not in repr(study.source.config)
        assert secret not in repr(study.settings.model_dump()) + str(study.settings.model_dump_json())
    assert user == "owner"


def test_addresses_that_do_not_work_are_told_without_their_password(
    address: str, tmp_path: Path, closed_off: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = address.replace("owner:", "nobody:")
    monkeypatch.chdir(project(tmp_path, wrong))
    for command in (["results", "markets"], ["results", "--data", wrong], ["export", "markets", "--to", wrong]):
        assert cli.main(command) != 0
        said = "".join(capsys.readouterr())
        assert PASSWORD not in said and "nobody" not in said and "Remedy" in said
    for study, problem in (("personas", "asks no warehouse"), ("contacts", "which table has the events")):
        assert cli.main(["results", study, "--data", address]) != 0
        assert problem in (said := "".join(capsys.readouterr())) and PASSWORD not in said
    (tmp_path / "segkit.toml").write_text(
        f'[markets]\ndata = "{wrong}"\nk = 1\n[contacts]\ndata = ["{wrong}"]\n', "utf-8"
    )
    assert cli.main(["results", "markets"]) != 0
    assert PASSWORD not in "".join(capsys.readouterr())
