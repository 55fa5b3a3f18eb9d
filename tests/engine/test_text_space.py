"""Texts become points under their own ids, whatever is blank and whoever makes the vectors."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
import types
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from corpora import corpus
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from segkit.engine.text_models import ModelEmbedder, chunks, embedder_of
from segkit.engine.text_server import EmbeddingServer
from segkit.engine.text_space import WORD, Words, embed, word_counts
from segkit.errors import ConfigError, InputError, SegkitError

DIMS = 4


def by_text(text: str) -> list[float]:
    """Return a vector that says which text it is of."""
    return [b / 255 + 0.01 for b in hashlib.sha256(text.encode()).digest()[:DIMS]]


def fake(texts: Any) -> np.ndarray:
    return np.array([by_text(t) for t in texts])


def unit(vector: Any) -> np.ndarray:
    return np.asarray(vector) / np.linalg.norm(vector)


# Words


def test_documents_of_one_topic_are_near_each_other() -> None:
    documents, groups, truth = corpus((30, 30))
    values = embed(documents, groups=groups).values
    near = values.to_numpy() @ values.to_numpy().T
    same = truth.to_numpy()[:, None] == truth.to_numpy()
    assert near[same].mean() > near[~same].mean() + 0.2


def test_blank_texts_shift_no_vector() -> None:
    documents, groups, _ = corpus((20, 20))
    whole = embed(documents, groups=groups)
    blank = documents.index[[0, 7, 8, 39]]
    texts = documents.copy()
    texts[blank] = ["", None, " \n", "?!"]
    found = embed(texts, groups=groups)
    assert found.values.index.equals(documents.index)
    assert found.blank.equals(blank)
    assert found.values.loc[blank].isna().all(axis=None)
    assert found.known.notna().all(axis=None) and len(found.known) == 36
    # Without the blank ones at all, each document has the same neighbours.
    alone = embed(texts.drop(blank), groups=groups.drop(blank)).values
    for one in alone.index:
        assert found.values.loc[one].to_numpy() @ found.known.to_numpy().T == pytest.approx(
            alone.loc[one].to_numpy() @ alone.to_numpy().T, abs=1e-6
        )
    assert whole.blank.empty


def test_words_are_weighed_as_scikit_learn_does_and_keep_their_angles() -> None:
    documents, _, _ = corpus((6, 6), words=12)
    found = embed(documents, Words(1000, fewest=1))
    weights = TfidfVectorizer(token_pattern=WORD, ngram_range=(1, 2), sublinear_tf=True).fit_transform(documents)
    assert found.dims == 12 and found.shares.sum() == pytest.approx(
        1
    )  # as many as there are documents: nothing is lost
    near = found.values.to_numpy() @ found.values.to_numpy().T
    assert near == pytest.approx((weights @ weights.T).toarray(), abs=1e-9)


def test_a_word_of_few_persons_is_not_in_the_vocabulary() -> None:
    documents, groups, _ = corpus((30, 30))
    secret = documents.copy()
    mine = groups == groups.iloc[0]
    secret[mine] += " rosebud rosebud"  # one person, in three documents
    assert mine.sum() == 3
    plain, told = embed(documents, groups=groups), embed(secret, groups=groups)
    assert told.params["words"] == plain.params["words"]
    five = documents.copy()
    five[groups.drop_duplicates().index[:5]] += " rosebud"
    assert embed(five, groups=groups).params["words"] == plain.params["words"] + 1
    assert embed(five, Words(fewest=6), groups=groups).params["words"] < plain.params["words"]


@pytest.mark.parametrize("texts", [[], [""], ["a"], ["", ""], ["a b", "c d"], ["same same"] * 6, ["a b"] * 5 + [""]])
def test_few_or_equal_documents_are_no_fault(texts: list[str]) -> None:
    found = embed(pd.Series(texts, dtype=object))
    assert list(found.values.index) == list(range(len(texts)))
    assert len(found.known) + len(found.blank) == len(texts)
    assert np.isfinite(found.known.to_numpy()).all() and np.isfinite(found.shares).all()
    json.dumps(found.to_json())


def test_the_same_seed_gives_the_same_points_and_nothing_of_the_texts_is_told() -> None:
    documents, groups, _ = corpus((20, 20))
    before = documents.copy()
    one, two = (embed(documents, groups=groups, seed=3) for _ in range(2))
    assert one.values.equals(two.values) and documents.equals(before)
    told = json.dumps(one.to_json()) + repr(one) + one._repr_html_()
    assert "garden" not in told and documents.index[0][0] not in told


def test_documents_of_one_id_and_foreign_groups_are_refused() -> None:
    texts = pd.Series(["a", "b"], index=["x", "x"])
    with pytest.raises(InputError, match="share an id"):
        embed(texts)
    texts.index = ["x", "y"]
    with pytest.raises(InputError, match="one order"):
        embed(texts, groups=pd.Series(["p", "q"], index=["y", "x"]))


def test_words_are_counted_as_the_vocabulary_counts_them() -> None:
    assert word_counts(pd.Series(["I can't, no.", "", None, "a-b  c"])).tolist() == [4, 0, 0, 3]


# Models


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from("abcde"), max_size=30), st.integers(1, 7))
def test_chunks_hold_each_word_once_in_order(words: list[str], longest: int) -> None:
    parts = chunks(" ".join(words), longest)
    assert " ".join(parts).split() == words
    assert all(0 < len(p.split()) <= longest for p in parts)


def test_a_long_text_is_the_mean_of_its_chunks() -> None:
    text = " ".join(f"w{i}" for i in range(401))
    found = embed(pd.Series({"a": "short", "b": text, "c": ""}), ModelEmbedder("test", "m", fake, leaves=False))
    parts = chunks(text)
    assert len(parts) == 3
    mean = sum(len(p.split()) * np.array(by_text(p)) for p in parts)
    assert found.values.loc["b"].to_numpy() == pytest.approx(unit(mean))
    assert found.values.loc["a"].to_numpy() == pytest.approx(unit(by_text("short")))
    assert list(found.blank) == ["c"]


def test_a_model_that_loses_a_text_is_refused() -> None:
    with pytest.raises(ConfigError, match="one vector of numbers for each text"):
        embed(pd.Series(["a", "b"]), ModelEmbedder("test", "m", lambda texts: fake(texts)[1:], leaves=False))


def test_sentences_are_asked_of_the_package_only_when_texts_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    way = embedder_of("sentences", model="/models/small")
    with pytest.raises(ConfigError, match="pip install sentence-transformers"):
        embed(pd.Series(["a"]), way)

    class Model:
        def __init__(self, name: str, device: str) -> None:
            if name != "/models/small":
                raise OSError("https://hub.example/token=secret")

        def encode(self, texts: list[str], **_: Any) -> np.ndarray:
            return fake(texts).astype(np.float32)

    library = types.ModuleType("sentence_transformers")
    library.SentenceTransformer = Model  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)
    found = embed(pd.Series({"x": "a", "y": ""}), way)
    assert found.values.loc["x"].to_numpy() == pytest.approx(unit(by_text("a")), abs=1e-6)
    with pytest.raises(ConfigError, match="cannot be loaded") as caught:
        embed(pd.Series(["a"]), embedder_of("sentences", model="none"))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"way": "magic"}, "no way of texts"),
        ({"way": "sentences"}, "need a model"),
        ({"way": "server", "model": "m"}, "no address"),
        ({"way": "server", "model": "m", "base": "file:///etc"}, "no address"),
    ],
)
def test_settings_that_lack_something_are_refused(said: dict[str, str], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        embedder_of(**said)


# A server

Behaviour = Callable[[int, list[str]], tuple[int, dict[str, str], bytes]]


def good(texts: list[str], order: list[int] | None = None) -> bytes:
    at = range(len(texts)) if order is None else order
    return json.dumps({"data": [{"index": i, "embedding": by_text(texts[i])} for i in at]}).encode()


class Server:
    """A server on this machine that behaves as it is told, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.headers: list[dict[str, str]] = []
        self.waits: list[float] = []
        self.behave: Behaviour = lambda _, texts: (200, {}, good(texts))
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append(body["input"])
                outer.headers.append({"path": self.path, "key": self.headers.get("Authorization", "")})
                status, headers, content = outer.behave(len(outer.asked), body["input"])
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        self.own = HTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.own.server_port}/v1"

    def embedder(self, **more: Any) -> ModelEmbedder:
        vectors = EmbeddingServer(self.base, "m", **{"sleep": self.waits.append, "batch": 4, "attempts": 3, **more})
        return ModelEmbedder("server", "m", vectors.vectors, leaves=True)

    def embed(self, texts: pd.Series, **more: Any) -> pd.DataFrame:
        return embed(texts, self.embedder(**more), mask=lambda t: t).values


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "*")
    made = Server()
    thread = threading.Thread(target=made.own.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.own.shutdown()
    thread.join()
    made.own.server_close()


TEXTS = pd.Series({f"id{i}": t for i, t in enumerate(["a", "", "c", "d", "e", "f", " ", "h", "i", "j"])})


def right(found: pd.DataFrame) -> bool:
    assert list(found.index) == list(TEXTS.index)
    for one, text in TEXTS.items():
        row = found.loc[one]
        ok = row.isna().all() if not text.strip() else np.allclose(row, unit(by_text(text)), atol=1e-6)
        assert ok, one
    return True


def test_each_text_gets_its_own_vector_in_batches(server: Server) -> None:
    assert right(server.embed(TEXTS, key="k1"))
    assert [len(a) for a in server.asked] == [4, 4]
    assert server.headers[0] == {"path": "/v1/embeddings", "key": "Bearer k1"}


def test_texts_do_not_leave_unmasked(server: Server) -> None:
    with pytest.raises(ConfigError, match="unmasked"):
        embed(TEXTS, server.embedder())
    assert server.asked == []
    embed(pd.Series(["call 555"]), server.embedder(), mask=lambda t: t.replace("555", "[number]"))
    assert server.asked == [["call [number]"]]


def test_an_answer_in_another_order_changes_nothing(server: Server) -> None:
    server.behave = lambda _, texts: (200, {}, good(texts, list(range(len(texts)))[::-1]))
    assert right(server.embed(TEXTS))
    assert len(server.asked) == 2


def test_a_busy_server_is_asked_again_after_as_long_as_it_says(server: Server) -> None:
    told = {1: (429, {"Retry-After": "7"}, b""), 2: (500, {}, b"x"), 4: (429, {"Retry-After": "9999"}, b"")}
    server.behave = lambda n, texts: told.get(n, (200, {}, good(texts)))
    assert right(server.embed(TEXTS))
    assert server.waits == [7.0, 2.0, 60.0]


@pytest.mark.parametrize("odd", ["missing", "repeated", "foreign", "text", "ragged", "no json", "cut"])
def test_an_answer_that_is_not_about_each_text_is_repaired_one_by_one(server: Server, odd: str) -> None:
    def behave(_: int, texts: list[str]) -> tuple[int, dict[str, str], bytes]:
        if len(texts) == 1:
            return 200, {}, good(texts)
        data = json.loads(good(texts))["data"]
        if odd == "missing":
            del data[1]
        elif odd in ("repeated", "foreign", "text"):
            data[1]["index"] = {"repeated": 0, "foreign": 99, "text": "1"}[odd]
        elif odd == "ragged":
            data[1]["embedding"] = []
        whole = json.dumps({"data": data}).encode()
        return 200, {}, {"no json": b"<html>", "cut": whole[:-9]}.get(odd, whole)

    server.behave = behave
    assert right(server.embed(TEXTS))
    assert [len(a) for a in server.asked] == [4, 4, 1, 1, 1, 1] * 2


def test_a_server_that_fails_is_an_error_without_text_or_key(server: Server) -> None:
    for status, times in ((500, 3), (401, 1), (302, 1)):
        server.asked.clear()
        server.behave = lambda _, texts, status=status: (  # type: ignore[misc]
            status, {"Location": f"{server.base}/elsewhere"}, json.dumps([texts, "k-secret"]).encode(),
        )  # fmt: skip
        with pytest.raises(SegkitError, match=f"answers {status}") as caught:
            server.embed(pd.Series(["dear diary"]), key="k-secret")
        assert len(server.asked) == times
        assert "diary" not in str(caught.value) and "k-secret" not in str(caught.value)
    assert "k-secret" not in repr(EmbeddingServer(server.base, "m", "k-secret"))


def test_nobody_at_the_address_is_an_error(server: Server) -> None:
    nobody = EmbeddingServer("http://127.0.0.1:9/v1", "m", attempts=2, sleep=server.waits.append)
    with pytest.raises(SegkitError, match="no answer"):
        nobody.vectors(["a"])
    assert len(server.waits) == 1


def test_vectors_are_kept_by_text_model_and_address_and_failures_are_not(server: Server, tmp_path: Path) -> None:
    server.behave = lambda n, texts: (200, {}, good(texts)) if n == 1 else (400, {}, b"")
    with pytest.raises(SegkitError):
        server.embed(TEXTS, cache=tmp_path)
    server.behave = lambda _, texts: (200, {}, good(texts))
    assert right(server.embed(TEXTS, cache=tmp_path))
    assert [len(a) for a in server.asked] == [4, 4, 4]  # the first batch was kept
    first = server.embed(TEXTS, cache=tmp_path)
    assert len(server.asked) == 3 and right(first)
    assert first.equals(server.embed(TEXTS))  # kept or not makes no difference
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert len(files) == 8 and all(p.stat().st_mode & 0o077 == 0 for p in files)
    before = len(server.asked)
    EmbeddingServer(server.base, "other", cache=tmp_path, batch=4).vectors(["a", "c"])
    assert len(server.asked) == before + 1
    files[0].write_bytes(b"broken")
    assert right(server.embed(TEXTS, cache=tmp_path))
    assert len(server.asked) == before + 2 and len(server.asked[-1]) == 1


def test_equal_texts_are_asked_for_once(server: Server) -> None:
    found = server.embed(pd.Series(["a"] * 9 + ["b"]))
    assert server.asked == [["a", "b"]]
    assert found.iloc[:9].nunique().eq(1).all() and not found.iloc[9].equals(found.iloc[0])
