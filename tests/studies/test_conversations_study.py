"""The study of conversations from end to end, without pages: with all that a log may hold, and without parts of it."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest
from made_projects import least
from told import numbers

from segkit import cli
from segkit.data.profile_lexicon import FIELDS
from segkit.data.simulate.college import simulate_college
from segkit.data.simulate.messages import simulate_messages
from segkit.engine.verdict import NONE
from segkit.errors import BuildError, ConfigError, InputError, PrivacyError
from segkit.studies import chat_exports
from segkit.studies.base import plain
from segkit.studies.conversations import ConversationsStudy
from segkit.studies.release import release
from segkit.studies.schema import keys, results_schema
from segkit.studies.text_methods import POOLED

pytest_plugins = ["made_projects"]

SUBSCRIBERS, ACCOUNT, STAFF = "fan_id", "model_name", "chatter_name"
TEXTS, MONEY = ["fan_message", "chatter_message"], ["price", "purchased", "tips", "revenue"]
COUNTS = re.compile(
    r"rows|units|pairs|subscribers|events|conversations|silences|returned|open|gone|documents|people|either|offers|bought|"
    r"tips|buying|again|buyers|unknown|gaps|ties|groups|accounts|staff|clusters|smallest"
)
KEYED = re.compile(r"\b[0-9a-f]{12}\b")


def made(seed: int = 7, *, subscribers: int = 45, segments: bool = True) -> pd.DataFrame:
    """Return a log whose identifiers are of no simulator, in another order than their first messages."""
    frame = simulate_messages(seed, segments=segments, subscribers=subscribers).frame.copy()
    rng = np.random.default_rng(seed)
    for column, begins in ((SUBSCRIBERS, "U"), (ACCOUNT, "Acct"), (STAFF, "Op")):
        old = frame[column].dropna().unique()
        new = rng.choice(np.arange(10_000_000, 99_999_999), len(old), replace=False)
        frame[column] = frame[column].map(dict(zip(old, [f"{begins}{n}" for n in new], strict=True)))
    return frame


def opened(folder: Path, frame: pd.DataFrame, settings: str = "", **lines: str) -> ConversationsStudy:
    """Open the study of a log of one's own with as little work as there can be, as `segkit results` does."""
    root = least(folder / "project", "conversations", **{"k": '"auto"', **lines})
    path = folder / "own.csv"
    frame.to_csv(path, index=False)
    if settings:
        path.with_name("own.csv.toml").write_text(f"[conversations]\n{settings}\n", "utf-8")
    return ConversationsStudy(ConversationsStudy.find(root, data=path, say=lambda text: None))


def read(study: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(plain(study.results()), allow_nan=False))
    return found


def faults(found: dict[str, Any]) -> list[str]:
    wrong = jsonschema.Draft202012Validator(results_schema("conversations")).iter_errors(found)
    return ["/".join(map(str, e.absolute_path)) + ": " + e.message[:120] for e in wrong]


@pytest.fixture(scope="module")
def folder(closed_off: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    return tmp_path_factory.mktemp


@pytest.fixture(scope="module")
def study(folder: Callable[[str], Path]) -> ConversationsStudy:
    """The study of a log with texts and money, in which some pairs never wrote a word."""
    frame = made()
    pairs = frame[SUBSCRIBERS] + frame[ACCOUNT]
    frame.loc[pairs.isin(pairs.unique()[[0, 5, 9]]), TEXTS] = ""
    return opened(folder("whole"), frame)


@pytest.fixture(scope="module")
def told(study: ConversationsStudy) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(study.save().read_text("utf-8"))
    return found


# With all that a log may hold


def test_results_meet_the_schema_of_which_every_key_is_described(
    study: ConversationsStudy, told: dict[str, Any]
) -> None:
    exact = read(study)
    assert faults(exact) == faults(told) == [] and faults({**exact, "extra": 1})
    listed = keys(results_schema("conversations"))
    assert set(exact) <= set(listed["key"]) and listed["meaning"].str.len().min() > 5
    second = {f"{k}.{n}" for k in ("audit", "churn", "stages", "text_methods") for n in exact[k]}
    assert second <= set(listed["key"])


def test_counts_are_those_of_the_file(study: ConversationsStudy) -> None:
    frame, found = pd.read_csv(study.source.located.path, dtype=str), study.audit
    assert found.rows == len(frame) and found.subscribers == frame[SUBSCRIBERS].nunique()
    assert found.pairs == (frame[SUBSCRIBERS] + frame[ACCOUNT]).nunique() == len(study.segments.labels)
    assert found.money is not None and found.money["revenue"] == pytest.approx(frame["revenue"].astype(float).sum())
    assert int(study.stages.table["rows"].sum()) == len(frame)  # type: ignore[union-attr]


def test_labels_never_shift_where_texts_are_blank(study: ConversationsStudy) -> None:
    space, methods = study.text_space, study.text_methods
    assert space is not None and methods is not None and len(space.blank) >= 3
    blank = {ids for ids, text in study.documents.items() if not text.strip()}
    assert blank <= set(space.blank) and list(space.values.index) == list(study.documents.index)
    known = [i for i in space.values.index if i not in set(space.blank)]
    for method in ("A", "B"):
        assert list(methods.labels[method, POOLED].index) == known
    # A document alone, under its own id, has the point that it has among the others: nobody's text is somebody else's.
    first = study.documents[known[0]]
    twins = [i for i in known if study.documents[i] == first]
    assert np.ptp(space.values.loc[twins].to_numpy(), axis=0).max() < 1e-9


def test_files_for_the_owner_hold_what_the_study_found(study: ConversationsStudy) -> None:
    files = dict(study.exports())
    assert set(files) == {
        "conversation_features.csv", "pairs.csv", "staged_messages.parquet", "profiles.csv", "embeddings_text.parquet",
        "embeddings_hybrid.parquet", "clusters_a.parquet", "clusters_b.parquet",
    }  # fmt: skip
    frames = {n: f for n, f in files.items() if isinstance(f, pd.DataFrame)}
    staged = frames["staged_messages.parquet"]
    assert not set(chat_exports.TEXTS) & set(staged.columns)
    assert staged["stage"].value_counts().to_dict() == {
        r.stage: r.rows
        for r in study.stages.table.itertuples()
        if r.rows  # type: ignore[union-attr]
    }
    known = frames["embeddings_text.parquet"].dropna().index
    for name in ("clusters_a.parquet", "clusters_b.parquet"):
        assert frames[name].index.equals(known)
    assert frames["embeddings_hybrid.parquet"].index.equals(frames["embeddings_text.parquet"].index)
    assert len(frames["profiles.csv"]) == study.audit.subscribers


def test_files_for_the_owner_have_keyed_ids_only(study: ConversationsStudy, tmp_path: Path) -> None:
    frame = pd.read_csv(study.source.located.path, dtype=str, keep_default_na=False)
    raw = {*frame[SUBSCRIBERS], *frame[ACCOUNT], *frame[STAFF]} - {""}
    written = study.export_to(tmp_path / "out")
    assert len(written) == 8
    for path in written:
        table = pd.read_csv(path, dtype=str) if path.suffix == ".csv" else pd.read_parquet(path).reset_index()
        cells = set(table.select_dtypes(["object", "string"]).astype(str).to_numpy().ravel())
        assert not cells & raw, path.name
        assert not any(t in cells for t in frame[TEXTS[0]] if len(t) > 12), path.name
        who = next(c for c in table.columns if c in ("pair", "subscriber"))
        assert table[who].astype(str).str.fullmatch(r"[0-9a-f]{12}").all(), path.name


def test_a_second_run_loads_what_the_first_one_made(
    study: ConversationsStudy, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(self: ConversationsStudy, name: str) -> Any:
        raise AssertionError(f"{name} is made again")

    monkeypatch.setattr(ConversationsStudy, "make", make)
    assert plain(ConversationsStudy.opened(study.source.config.root).results()) == told


# Behind the gate


def test_every_step_has_a_rule_and_what_is_public_passes_as_it_is(study: ConversationsStudy) -> None:
    behind = study.released
    assert study.private and behind.exact is study
    for name in study.steps:
        getattr(behind, name)
    assert plain(behind.college_audit.to_json()) == plain(study.college_audit.to_json())
    with pytest.raises(PrivacyError, match="no rule"):
        release(pd.DataFrame({"pair": ["a"]}), study)


def test_no_count_is_exact_and_none_is_small(told: dict[str, Any]) -> None:
    aside = {
        "data",
        "parameters",
        "real_messages",
        "algorithms",
        "k",
        "revenue",
        "features",
        "text_methods",
        "segments",
    }
    kinds = [{k: v for k, v in kind.items() if k != "again"} for kind in told["text_kinds"]["kinds"]]  # there, a share
    counted = {k: v for k, v in told.items() if k not in aside} | {"text_kinds": kinds}
    counts = [(k, v) for k, v in numbers(counted) if COUNTS.fullmatch(k)]
    counts += [("documents", m[n]) for m in told["text_methods"]["methods"] for n in ("documents", "blank") if m[n]]
    counts += [("units", s["units"]) for s in told["segments"] if s["units"] is not None]
    assert len(counts) > 150
    assert [(k, v) for k, v in counts if v % 5] == []


def test_cells_of_few_subscribers_are_hidden_however_many_messages_they_have(study: ConversationsStudy) -> None:
    exact, behind = study.prospective, study.released.prospective
    occupied, hidden = exact.occupation, behind.occupation["pairs"].isna()
    for moment, state, silent in occupied.loc[~hidden, ["moment", "state", "silent"]].itertuples(index=False):
        begun = exact.spells[exact.spells["start"] <= moment].groupby("pair").last()
        people = begun.loc[(begun["state"] == state) & (begun["silent"] == silent), "subscriber"].nunique()
        assert people == 0 or people >= 5
    moves = study.moves.table
    told = study.released.moves.table
    assert told.loc[moves["subscribers"].between(1, 4), ["events", "rate", "low", "high"]].isna().all(axis=None)
    shown = told["rate"].notna()
    assert (told["low"] <= told["rate"])[shown].all() and (told["rate"] <= told["high"])[shown].all()


def test_no_identifier_text_or_single_pair_leaves(study: ConversationsStudy, told: dict[str, Any]) -> None:
    text = json.dumps(told)
    frame = pd.read_csv(study.source.located.path, dtype=str, keep_default_na=False)
    raw = {*frame[SUBSCRIBERS], *frame[ACCOUNT], *frame[STAFF]}
    assert not raw & set(re.findall(r"\w+", text)) and not KEYED.findall(text)
    assert not any(t in text for column in TEXTS for t in frame[column] if len(t) > 12)
    behind = study.released
    profiles, space, methods = behind.profiles, behind.text_space, behind.text_methods
    assert profiles is not None and space is not None and methods is not None
    empty = (behind.prospective.spells, behind.churn.now, profiles.table, space.values, space.blank, methods.labels)
    assert all(len(e) == 0 for e in empty)
    exact = study.profiles
    assert exact is not None and plain(profiles.to_json()) == plain(exact.to_json())


def test_values_behind_the_gate_hold_no_id_but_those_that_maps_are_drawn_of(study: ConversationsStudy) -> None:
    ids = [i.encode() for i in {*study.subscribers.index, *study.subscribers}]
    shared = {
        "features",
        "matrix",
        "segments",
        "projection",
        "pipeline_bootstrap",
    }  # of all studies: a row for each unit
    assert any(i in pickle.dumps(study.text_space, protocol=5) for i in ids)
    for name in set(study.steps) - shared:
        kept = pickle.dumps(getattr(study.released, name), protocol=5)
        assert not any(i in kept for i in ids), name


def test_playbooks_are_written_of_numbers_that_may_be_told(study: ConversationsStudy) -> None:
    books = {p.segment: p for p in study.policy.items}
    for book in study.released.policy.items:
        own = books[book.segment]
        assert (book.name, book.never) == (own.name, own.never)
        if size := re.match(r"([\d,]+) pairs of ([\d,]+) subscribers", book.description):
            assert all(int(n.replace(",", "")) % 5 == 0 for n in size.groups())
    cards = {c.id: c for c in study.released.cards}
    assert all(cards[s].reason in (p.reason, "") for s, p in ((b.segment, b) for b in study.released.policy.items))


# Without parts of a log


def _none(found: dict[str, Any], *names: str) -> bool:
    return all(found[n] is None for n in names)


def test_a_log_without_texts_has_everything_else(folder: Callable[[str], Path]) -> None:
    study = opened(folder("wordless"), made(subscribers=30).drop(columns=TEXTS))
    exact, told = read(study), read(study.released)
    assert faults(exact) == faults(told) == []
    assert _none(exact, "text_methods", "profiles", "profile_agreement") and exact["audit"]["blank"] is None
    assert exact["stages"]["buyers"] > 0 and exact["proposals"]["trials"]
    assert set(study.exports()) == {"conversation_features.csv", "pairs.csv", "staged_messages.parquet"}
    with pytest.raises(ConfigError, match="by rules"):
        study.ask_server(dry=True)


def test_a_log_without_money_has_everything_else(folder: Callable[[str], Path]) -> None:
    study = opened(folder("moneyless"), made(subscribers=30).drop(columns=MONEY))
    exact, told = read(study), read(study.released)
    assert faults(exact) == faults(told) == []
    assert _none(exact, "stages", "revenue") and exact["audit"]["money"] is None
    assert exact["text_methods"] is not None and set(exact["proposals"]["left_out"].values()) == {"unknown"}
    assert "staged_messages.parquet" not in study.exports() and "clusters_a.parquet" in study.exports()


def test_a_log_of_people_who_write_to_each_other_needs_neither(folder: Callable[[str], Path]) -> None:
    lines = "both_ways = true\n[conversations.columns]\nsubscriber = 'sender'\naccount = 'receiver'\ntime = 'unix_time'"
    frame = simulate_college(7).frame
    study = opened(folder("mutual"), frame[(frame[["sender", "receiver"]].astype(int) <= 80).all(axis=1)], lines)
    exact, told = read(study), read(study.released)
    assert faults(exact) == faults(told) == []
    assert _none(exact, "text_methods", "profiles", "stages", "revenue")
    assert set(study.exports()) == {"conversation_features.csv", "pairs.csv"}


def test_pairs_that_differ_in_activity_alone_are_not_divided(folder: Callable[[str], Path]) -> None:
    effort = {"splits": "10", "nulls": "19", "null_bootstraps": "5", "bootstraps": "10", "resamples": "10"}
    study = opened(folder("noise"), made(11, subscribers=60, segments=False).drop(columns=TEXTS), **effort)
    assert study.verdict.word == NONE and study.k_decision.rule == 1
    assert (
        len({p.action for p in study.policy.items}) == 1 and "No segmentation is shown" in study.policy.items[0].action
    )


# The command


def answering(body: dict[str, Any]) -> Any:
    """Answer that nothing is known of anybody, under the names that were asked about."""
    people = json.loads(body["messages"][1]["content"])["people"]
    content = json.dumps({"people": [{"id": p["id"], **{field: [] for field in FIELDS}} for p in people]})
    return SimpleNamespace(choices=[SimpleNamespace(message=SimpleNamespace(content=content))], usage=None)


def test_a_server_is_asked_by_the_command_alone_and_its_answers_are_used(
    folder: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = 'profiler = "server"\n[conversations.server]\nbase = "http://127.0.0.1:9/v1"\nmodel = "m"\nkey = ""\npeople = 30'
    study, sent = opened(folder("served"), made(subscribers=25), server), list[dict[str, Any]]()
    assert study.answered is not None and study.answered["missing"] == 25

    def create(**body: Any) -> Any:
        sent.append(body)
        return answering(body)

    client = SimpleNamespace(chat=SimpleNamespace(completions=SimpleNamespace(create=create)))
    monkeypatch.setattr("segkit.features.profile_server.connect", lambda settings: client)
    monkeypatch.chdir(study.source.config.root)
    path = str(study.source.located.path)
    assert cli.main(["profile", path, "--dry-run"]) == 0 and not sent
    assert "25 people with a text" in capsys.readouterr().err
    assert cli.main(["profile", path]) == 0 and len(sent) == 1
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert not any(who in json.dumps(sent) for who in frame[SUBSCRIBERS])
    again = ConversationsStudy(
        ConversationsStudy.find(study.source.config.root, data=Path(path), say=lambda text: None)
    )
    assert again.answered is not None and again.answered["missing"] == 0
    assert cli.main(["profile", path]) == 0 and len(sent) == 1  # all of it was kept


@pytest.mark.parametrize(("settings", "what"), [("", "by rules"), ('profiler = "server"', "base is empty")])
def test_the_command_refuses_settings_that_name_no_server(
    folder: Callable[[str], Path], settings: str, what: str
) -> None:
    study = opened(folder("unserved"), made(subscribers=25), settings)
    for dry in (True, False):
        with pytest.raises(ConfigError, match=what):
            study.ask_server(dry=dry)


def test_results_of_a_log_that_changed_are_out_of_date(study: ConversationsStudy, told: dict[str, Any]) -> None:
    path = study.source.located.path
    before = path.read_bytes()
    try:
        path.write_bytes(before + before.splitlines(keepends=True)[-1])
        with pytest.raises(BuildError, match="out of date"):
            ConversationsStudy.opened(study.source.config.root)
        with pytest.raises(InputError, match="changed"):
            study.unchanged(SimpleNamespace(fingerprint="another"))
    finally:
        path.write_bytes(before)
