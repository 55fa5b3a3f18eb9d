"""Profiles by a server that misbehaves: nobody gets another's profile, nothing is sent that should not be, and costs are kept."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import misbehaving
import numpy as np
import pandas as pd
import pytest
from misbehaving import Server, honest, truth

from segkit.config import ProfileServer
from segkit.data.profile_lexicon import FIELDS, lexicon
from segkit.errors import ConfigError
from segkit.features import profile_requests, profile_server
from segkit.features.profile_cache import ProfileCache
from segkit.features.profile_calls import Clock, wait_asked
from segkit.features.profile_requests import read_answer
from segkit.features.profile_server import Served, cached_profiles, estimate

NOW = datetime(2024, 5, 1, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in [n for n in os.environ if n.lower().endswith("_proxy") or n.startswith("OPENAI_")]:
        monkeypatch.delenv(name)
    with misbehaving.running() as found:
        yield found


@pytest.fixture
def cache(tmp_path: Path) -> ProfileCache:
    return ProfileCache(tmp_path / "profiles")


def people(n: int) -> pd.Series:
    return pd.Series({f"{k * 7919 + 11:012x}": f"I am number {k}" for k in range(n)})


def settings(server: Server | None = None, **given: Any) -> ProfileServer:
    base = server.base if server else "http://127.0.0.1:9/v1"
    return ProfileServer(**{"base": base, "model": "m", "key": "", "seconds": 5, "attempts": 3, **given})


def clock(slept: list[float]) -> Clock:
    return Clock(slept.append, lambda: NOW, lambda: 0.5)


def ask(texts: pd.Series, server: Server, cache: ProfileCache, **given: Any) -> Served:
    return profile_server.profile_server(texts, settings(server, **given), cache=cache, clock=clock([]))


def right(found: Served, texts: pd.Series) -> None:
    """Everybody is either missing or has their own profile, in the order that was given."""
    table = found.profiles.table
    assert list(table.index) == [p for p in texts.index if p not in set(found.missing)]
    assert len(table) + len(found.missing) == len(texts)
    for person, row in table.iterrows():
        assert row.to_dict() == truth(texts[person])


# Answers


def corrupted(rng: np.random.Generator, body: dict[str, Any], others: list[dict[str, Any]]) -> str:
    """Return an answer with some of what goes wrong: left out, twice, of strangers, in another order, cut off."""
    entries = honest(body)
    # Repetitions last: to lose the true entry of a name that has two would be a lie, which nobody could see through.
    for wrong in sorted(rng.integers(8, size=rng.integers(0, 4)), key=lambda kind: kind == 1):
        if not entries:
            break
        i = int(rng.integers(len(entries)))
        if wrong == 0:
            del entries[i]
        elif wrong == 1:  # the same name again, over another's values
            entries.append({**entries[int(rng.integers(len(entries)))], "id": entries[i]["id"]})
        elif wrong == 2 and others:  # of an earlier request
            entries.insert(i, others[int(rng.integers(len(others)))])
        elif wrong == 3:
            entries.insert(i, {**entries[i], "id": "feedbeef"})
        elif wrong == 4:
            entries[i] = {**entries[i], "id": None}
        elif wrong == 5:
            entries[i] = {k: v for k, v in entries[i].items() if k != "life_events"}
        elif wrong == 6:  # a name in another spelling
            entries[i] = {**entries[i], "id": f"{entries[i]['id']} "}
        else:
            entries[i] = {**entries[i], "life_events": ["lottery"]}
    others += honest(body)
    rng.shuffle(entries)  # type: ignore[arg-type]
    text = json.dumps({"people": entries})
    return text[: int(rng.integers(len(text)))] if rng.random() < 0.1 else text


class Client:
    """A client without a network."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng, self.others, self.asked = rng, list[dict[str, Any]](), 0
        self.chat = SimpleNamespace(completions=SimpleNamespace(create=self.create))

    def create(self, **body: Any) -> Any:
        self.asked += 1
        message = SimpleNamespace(content=corrupted(self.rng, body, self.others))
        return SimpleNamespace(choices=[SimpleNamespace(message=message)], usage=None)


def test_in_500_trials_nobody_has_the_profile_of_somebody_else(tmp_path: Path) -> None:
    described = repaired = missing = foreign = repeated = unknown = 0
    for trial in range(500):
        rng = np.random.default_rng(trial)
        texts = people(int(rng.integers(1, 9))).sample(frac=1, random_state=trial)
        own = settings(people=int(rng.integers(1, 6)))
        client = Client(rng)
        kept = ProfileCache(tmp_path / str(trial))
        found = profile_server.profile_server(texts, own, cache=kept, client=client, clock=clock([]))
        right(found, texts)
        if trial % 10 == 0:
            right(cached_profiles(texts, own, kept), texts)
        batches = -(-len(texts) // own.people)
        assert client.asked <= 2 * batches + len(texts)  # one repair for each, and each person alone
        described += len(found.profiles.table)
        missing += len(found.missing)
        assert found.counts.failed == len(found.missing)
        repaired, foreign = repaired + found.counts.repaired, foreign + found.counts.foreign
        repeated, unknown = repeated + found.counts.repeated, unknown + found.counts.unknown
    assert min(described, repaired, missing, foreign, repeated, unknown) > 10  # all of it has happened
    assert described > 5 * missing


def entry(name: Any, **fields: Any) -> dict[str, Any]:
    return {"id": name} | {f: [] for f in FIELDS} | fields


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (None, set()),
        ("", set()),
        ("[]", set()),
        ("{}", set()),
        ('{"people": 3}', set()),
        ('{"people": [1, null, "a", []]}', set()),
        (json.dumps({"people": [entry("a"), entry("b")]}), {"a", "b"}),
        (json.dumps({"people": [entry("b"), entry("a")]}), {"a", "b"}),
        (json.dumps({"people": [entry("a"), entry("a")]}), set()),
        (json.dumps({"people": [entry("a"), entry("a"), entry("b")]}), {"b"}),
        (json.dumps({"people": [entry("z"), entry("b")]}), {"b"}),
        (json.dumps({"people": [entry(["a"]), entry(1), entry("b")]}), {"b"}),
        (json.dumps({"people": [entry("a", life_events="travel"), entry("b")]}), {"b"}),
        (json.dumps({"people": [entry("a")]})[:-1], set()),
        ('{"people": [' + json.dumps(entry("a"))[:-1] + ', "id": "b"}]}', set()),  # which of the two is it?
        ("[" * 100_000, set()),
    ],
)
def test_only_whole_entries_under_one_name_that_was_asked_about_count(content: str | None, names: set[str]) -> None:
    assert set(read_answer(content, ["a", "b"]).values) == names


def test_values_outside_of_the_vocabulary_are_dropped_and_counted() -> None:
    content = json.dumps({"people": [entry("a", life_events=["travel", "lottery", 3, None, "Travel"])]})
    answer = read_answer(content, ["a"])
    assert (answer.values["a"]["life_events"], answer.unknown) == (("travel",), 4)


# Over HTTP


def test_everybody_is_asked_about_once_and_in_requests_of_the_size_that_is_set(
    server: Server, cache: ProfileCache
) -> None:
    texts = people(45)
    found = ask(texts, server, cache, people=20)
    right(found, texts)
    assert [len(misbehaving.texts_of(b)) for b in server.bodies] == [20, 20, 5]
    c = found.counts
    assert (c.asked, c.repaired, c.failed, c.requests, found.stopped) == (45, 0, 0, 3, "")
    schema = server.bodies[0]["response_format"]["json_schema"]
    assert schema["strict"] is True
    again = ask(texts, server, cache, people=20)
    right(again, texts)
    assert len(server.bodies) == 3 and again.counts.from_cache == 45 and again.counts.requests == 0
    assert "45 people described (45 kept" in again.line


def test_some_dozens_of_misbehaving_answers_over_http_confuse_nobody(server: Server, cache: ProfileCache) -> None:
    rng = np.random.default_rng(8)
    others: list[dict[str, Any]] = []

    def behave(number: int, body: dict[str, Any]) -> tuple[str, Any]:
        if rng.random() < 0.15:
            return "status", (int(rng.choice([429, 500, 503])), {"Retry-After": "1"})
        if rng.random() < 0.05:
            return "raw", json.dumps(misbehaving.completion("{}", body))[:-20]
        return "content", corrupted(rng, body, others)

    server.behave = behave
    texts = people(100)
    found = ask(texts, server, cache, people=5, attempts=8)
    right(found, texts)
    assert len(server.bodies) >= 24 and found.counts.repaired > 0 and len(found.missing) < 20


def test_whoever_is_left_out_is_asked_about_again_and_then_alone(server: Server, cache: ProfileCache) -> None:
    server.behave = lambda number, body: ("entries", honest(body)[:2]) if number < 2 else None
    texts = people(6)
    found = ask(texts, server, cache)
    right(found, texts)
    assert [len(misbehaving.texts_of(b)) for b in server.bodies] == [6, 4, 1, 1]
    assert (found.counts.asked, found.counts.repaired, len(found.missing)) == (6, 4, 0)


def test_who_is_never_answered_for_is_missing_and_not_kept(server: Server, cache: ProfileCache) -> None:
    def without_three(number: int, body: dict[str, Any]) -> tuple[str, Any]:
        names = misbehaving.texts_of(body)
        return "entries", [e for e in honest(body) if "number 3" not in names[e["id"]]]

    server.behave = without_three
    texts = people(5)
    found = ask(texts, server, cache)
    right(found, texts)
    assert list(found.missing) == [texts.index[3]] and found.counts.failed == 1
    assert len(list(cache.folder.rglob("*.json"))) == 4
    server.behave = lambda number, body: None
    again = ask(texts, server, cache)
    assert len(again.missing) == 0 and len(misbehaving.texts_of(server.bodies[-1])) == 1


@pytest.mark.parametrize(
    ("header", "least"), [("7", 7.0), (format_datetime(NOW + timedelta(seconds=30), usegmt=True), 30.0), ("0", 0.0)]
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_to_wait_is_given_the_time(
    server: Server, cache: ProfileCache, header: str, least: float, status: int
) -> None:
    server.behave = lambda number, body: ("status", (status, {"Retry-After": header})) if number < 2 else None
    slept: list[float] = []
    texts = people(3)
    found = profile_server.profile_server(texts, settings(server), cache=cache, clock=clock(slept))
    right(found, texts)
    assert len(slept) == 2 and all(least <= s <= least + 1 for s in slept)


def test_without_a_word_from_the_server_waits_double_and_are_in_part_by_lot(
    server: Server, cache: ProfileCache
) -> None:
    server.behave = lambda number, body: ("status", (500, {})) if number < 4 else None
    for lot, expected in ((0.0, [0.5, 1, 2, 4]), (1.0, [1, 2, 4, 8])):
        slept: list[float] = []
        own = ProfileCache(cache.folder / str(lot))
        server.bodies.clear()
        timing = Clock(slept.append, lambda: NOW, lambda lot=lot: lot)  # type: ignore[misc]
        profile_server.profile_server(people(1), settings(server, attempts=5), cache=own, clock=timing)
        assert slept == expected


def test_a_server_that_wants_more_patience_than_there_is_ends_the_run(server: Server, cache: ProfileCache) -> None:
    server.behave = lambda number, body: ("status", (429, {"Retry-After": "86400"}))
    found = ask(people(3), server, cache)
    assert "86,400 seconds" in found.stopped and len(server.bodies) == 1 and len(found.missing) == 3


def test_a_server_that_is_down_is_not_asked_for_everybody(server: Server, cache: ProfileCache) -> None:
    server.behave = lambda number, body: ("status", (500, {}))
    found = ask(people(40), server, cache, people=2)
    assert len(server.bodies) == 2 * 3 and "does not answer" in found.stopped
    assert len(found.missing) == 40 and found.counts.asked == found.counts.failed == 4
    assert not list(cache.folder.rglob("*.json"))  # nothing is kept of what failed


def test_a_slow_answer_is_given_up_and_asked_for_again(server: Server, cache: ProfileCache) -> None:
    server.behave = lambda number, body: ("slow", 3.0) if number == 0 else None
    texts = people(3)
    found = ask(texts, server, cache, seconds=0.3)
    right(found, texts)
    assert len(server.bodies) == found.counts.requests == 2


@pytest.mark.parametrize("kind", ["content", "raw"])
def test_an_answer_that_is_cut_off_counts_for_nobody(server: Server, cache: ProfileCache, kind: str) -> None:
    def cut(number: int, body: dict[str, Any]) -> tuple[str, Any] | None:
        whole = json.dumps({"people": honest(body)})
        whole = whole if kind == "content" else json.dumps(misbehaving.completion(whole, body))
        return (kind, whole[:-7]) if number == 0 else None

    server.behave = cut
    texts = people(4)
    found = ask(texts, server, cache)
    right(found, texts)
    assert found.counts.repaired == 4 and len(server.bodies) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_refusal_is_an_error_at_once_and_quotes_no_text(server: Server, cache: ProfileCache, status: int) -> None:
    server.behave = lambda number, body: ("status", (status, {}))
    with pytest.raises(ConfigError, match=f"status {status}") as caught:
        ask(people(2), server, cache)
    assert len(server.bodies) == 1 and "number" not in str(caught.value)


def test_texts_are_not_sent_on_to_where_a_server_points(server: Server, cache: ProfileCache) -> None:
    server.behave = lambda number, body: ("status", (307, {"Location": server.base + "/elsewhere"}))
    with pytest.raises(ConfigError, match="status 307"):
        ask(people(2), server, cache)
    assert len(server.bodies) == 1


# What is sent


def test_what_arrives_holds_no_mark_and_no_keyed_id(server: Server, cache: ProfileCache) -> None:
    marks = "jo@example.com, jo (at) example dot org, +44 7700 900123, 555.0100, https://example.com/x, example.net"
    marks += ", @jo_x, snap: jo_x"
    texts = people(30) + f"\nwrite me: {marks}"
    found = ask(texts, server, cache)
    right(found, texts)
    sent = {name: text for b in server.bodies for name, text in misbehaving.texts_of(b).items()}
    assert len(sent) == 30
    assert sum(text.count("[phone]") for text in sent.values()) == 2 * 30
    for name, text in sent.items():
        assert re.fullmatch("[0-9a-f]{8}", name)  # Drawn: such a name may hold the 555 of a number by chance.
        assert not re.search(r"@|\.com|\.net|dot org|7700|555|jo_x|https?:", text)
    for raw in server.raw:
        assert not any(person in raw for person in texts.index)


def test_names_are_drawn_anew_for_each_request(server: Server, cache: ProfileCache) -> None:
    texts = people(4)
    ask(texts, server, cache)
    ask(texts, server, ProfileCache(cache.folder / "other"))
    first, second = (set(misbehaving.texts_of(b)) for b in server.bodies)
    assert not first & second


def test_nothing_is_sent_of_people_without_text_and_long_texts_are_cut(server: Server, cache: ProfileCache) -> None:
    texts = pd.Series(
        {"a": "", "b": None, "c": "I am number 5 " + "x " * 500, "d": "y " * 500 + "I am number 6"}, dtype=object
    )
    server.behave = lambda number, body: ("entries", [entry(name) for name in misbehaving.texts_of(body)])
    found = ask(texts, server, cache, characters=100)
    assert list(found.profiles.table.index) == list("abcd") and found.counts.silent == 2 and found.counts.asked == 2
    sent = list(misbehaving.texts_of(server.bodies[0]).values())
    assert max(map(len, sent)) == 100 and sent[1].endswith("I am number 6")


def test_people_who_wrote_the_same_are_asked_about_once(server: Server, cache: ProfileCache) -> None:
    texts = pd.Series({"a": "I am number 5", "b": "I am number 5", "c": "I am number 6"})
    found = ask(texts, server, cache)
    right(found, texts)
    assert len(misbehaving.texts_of(server.bodies[0])) == 2 and found.counts.asked == 3


def test_an_estimate_and_what_is_kept_send_nothing(server: Server, cache: ProfileCache) -> None:
    texts = people(45)
    own = settings(server, input_price=1.0, output_price=2.0, budget=0.01)
    found = estimate(texts, own, cache)
    assert (found.people, found.requests, found.from_cache) == (45, 3, 0)
    assert found.output_tokens == 45 * 250 + 3 * 50
    assert found.cost == pytest.approx((found.input_tokens + 2 * found.output_tokens) / 1e6)
    assert "45 people" in found.text and "above the budget" in found.text
    assert len(cached_profiles(texts, own, cache).missing) == 45
    assert server.bodies == []


def test_the_estimate_is_that_of_what_is_sent(server: Server, cache: ProfileCache) -> None:
    texts = people(25)
    found = estimate(texts, settings(server), cache)
    ask(texts, server, cache)
    sent = [[m["content"] for m in b["messages"]] + [json.dumps(b["response_format"])] for b in server.bodies]
    # A fourth of the characters (these are plain English), rounded up for each request.
    assert found.input_tokens == sum(-(-sum(map(len, parts)) // 4) for parts in sent)


# Cost


def test_a_request_that_could_pass_the_budget_is_not_sent(server: Server, cache: ProfileCache) -> None:
    texts = people(50)
    free = settings(server, people=10)
    each = estimate(texts.iloc[:10], settings(server, people=10, input_price=1.0, output_price=1.0)).cost
    usage = 20 / 1e6  # what the server reports of each request, at these prices
    budget = each + 2.5 * usage  # the most of one request fits beside what two have cost, and not beside three
    own = free.model_copy(update={"input_price": 1.0, "output_price": 1.0, "budget": budget})
    found = profile_server.profile_server(texts, own, cache=cache, clock=clock([]))
    assert len(server.bodies) == 3
    assert found.counts.cost == pytest.approx(3 * usage) and found.counts.cost <= budget
    assert "budget" in found.stopped and len(found.missing) == 20
    right(found, texts)
    assert "30 people described" in found.line and "20 not" in found.line
    more = profile_server.profile_server(texts, own.model_copy(update={"budget": 1.0}), cache=cache, clock=clock([]))
    right(more, texts)
    assert len(server.bodies) == 5 and more.counts.from_cache == 30 and len(more.missing) == 0


def test_without_a_budget_nothing_that_costs_is_sent(server: Server, cache: ProfileCache) -> None:
    found = ask(people(3), server, cache, input_price=1.0)
    assert server.bodies == [] and "budget" in found.stopped and found.counts.asked == 0 and len(found.missing) == 3


def test_attempts_that_ran_out_of_time_count_as_charged(server: Server, cache: ProfileCache) -> None:
    server.behave = lambda number, body: ("slow", 3.0)
    own = settings(server, seconds=0.2, attempts=5, output_price=1.0)
    each = estimate(people(1), own).cost
    own = own.model_copy(update={"budget": 2.5 * each})
    found = profile_server.profile_server(people(1), own, cache=cache, clock=clock([]))
    assert len(server.bodies) == 2 and found.counts.cost == pytest.approx(2 * each) and "budget" in found.stopped


# What is kept


def test_what_is_kept_is_for_its_owner_alone_and_holds_neither_texts_nor_ids(
    server: Server, cache: ProfileCache
) -> None:
    texts = people(3)
    ask(texts, server, cache)
    files = list(cache.folder.rglob("*.json"))
    assert len(files) == 3
    for path in [*files, *(f.parent for f in files), cache.folder]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    kept = "".join(f.read_text("utf-8") + f.name for f in files)
    assert "number" not in kept and not any(person in kept for person in texts.index)


def test_another_model_prompt_or_schema_asks_anew(
    server: Server, cache: ProfileCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = people(2)
    ask(texts, server, cache)
    ask(texts, server, cache)
    assert len(server.bodies) == 1
    ask(texts, server, cache, model="n")
    assert len(server.bodies) == 2
    with monkeypatch.context() as changed:
        changed.setattr(profile_requests, "PROMPT", profile_requests.PROMPT + "\n")
        ask(texts, server, cache)
        assert len(server.bodies) == 3
    with monkeypatch.context() as changed:
        changed.setattr(profile_requests, "schema", lambda was=profile_requests.schema: was() | {"title": "x"})
        ask(texts, server, cache)
        assert len(server.bodies) == 4
    assert len(cached_profiles(texts, settings(server), cache).missing) == 0
    assert len(cached_profiles(texts + ".", settings(server), cache).missing) == 2


@pytest.mark.parametrize("damage", ["", "{", "[]", "other", "value", "null"])
def test_a_damaged_entry_is_computed_anew(server: Server, cache: ProfileCache, damage: str) -> None:
    texts = people(2)
    ask(texts, server, cache)
    one, other = sorted(cache.folder.rglob("*.json"))
    whole = one.read_text("utf-8")
    jobs = [job for job in lexicon().values["job_or_career"] if f'"{job}"' in whole]
    changed = {
        "other": other.read_text("utf-8"),
        "value": whole.replace(jobs[0], "retired"),
        "null": '{"values": null}',
    }
    one.write_text(changed.get(damage, damage), "utf-8")
    assert len(cached_profiles(texts, settings(server), cache).missing) == 1
    right(ask(texts, server, cache), texts)
    assert len(server.bodies) == 2 and one.read_text("utf-8") == whole


# Settings


UNSAID = [({"base": ""}, "base is empty"), ({"model": ""}, "model is empty"), ({"key": "NO_SUCH_KEY"}, "NO_SUCH_KEY")]


@pytest.mark.parametrize(("given", "problem"), UNSAID)
def test_a_server_that_is_not_described_is_an_error_before_anything_is_sent(
    server: Server, cache: ProfileCache, given: dict[str, str], problem: str
) -> None:
    with pytest.raises(ConfigError, match=problem):
        ask(people(1), server, cache, **given)
    assert server.bodies == []


def test_the_key_is_read_from_the_environment_and_nowhere_kept(
    server: Server, cache: ProfileCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "sesame-1234")
    found = ask(people(1), server, cache, key="MY_KEY")
    assert "Bearer sesame-1234" in server.raw[0]
    kept = "".join(f.read_text("utf-8") for f in cache.folder.rglob("*.json"))
    assert "sesame" not in kept + repr(found) + str(found.to_json())


def test_what_is_shown_of_a_run_names_nobody(server: Server, cache: ProfileCache) -> None:
    texts = people(12)
    found = ask(texts, server, cache)
    said = repr(found) + found._repr_html_() + json.dumps(found.to_json())
    assert not any(person in said for person in texts.index) and "number" not in said.replace("number of", "")


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "7 s", "Wed, 99 May 2024 12:00:30 GMT"])
def test_a_wait_that_cannot_be_read_is_none(header: str | None) -> None:
    assert wait_asked(header, NOW) is None


def test_a_date_that_has_passed_asks_for_no_wait() -> None:
    assert wait_asked(format_datetime(NOW - timedelta(hours=1), usegmt=True), NOW) == 0.0


def test_the_schema_is_strict_in_every_object_and_closed_in_every_field() -> None:
    # OpenAI, Structured Outputs: all properties required, no additional ones.
    def objects(part: Any) -> Iterator[dict[str, Any]]:
        if isinstance(part, dict):
            if part.get("type") == "object":
                yield part
            for inner in part.values():
                yield from objects(inner)

    found = list(objects(profile_requests.schema()))
    assert len(found) == 2
    assert all(o["additionalProperties"] is False and o["required"] == list(o["properties"]) for o in found)
    assert {f: tuple(found[1]["properties"][f]["items"]["enum"]) for f in FIELDS} == lexicon().values
