"""The texts of a made-up log of messages: small talk by topic, cues of profiles, and what a reader by rule may trip over."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .message_rhythm import HABITS, Flags
from .message_words import (
    BOUGHT,
    COLOURS,
    CUES,
    GREETINGS,
    HOW,
    IDENTIFIERS,
    INBOUND,
    OBJECTS,
    OFFERS,
    OUTBOUND,
    QUESTIONS,
    TOPICS,
    TRAPS,
    WHEN,
)

Texts = NDArray[np.object_]

OWN, SHARED = 0.45, 0.25  # of the conversations are about the pair's own topic, and about a topic of its segment
MORE = 0.8  # expected mentions of a field after the first one
TRAPPED, IDENTIFIED = 0.04, 0.012  # of the texts of subscribers


def draw_topics(rng: np.random.Generator, rows: pd.DataFrame, pairs: pd.DataFrame) -> Texts:
    """Draw what each row talks about: one topic for each conversation."""
    talks = rows[["pair", "session"]].drop_duplicates()
    pair, names = talks["pair"].to_numpy(), np.array(list(TOPICS), dtype=object)
    own, other = rng.choice(names, len(pairs))[pair], rng.choice(names, len(talks))
    second = rng.integers(0, 2, len(talks))
    of_segment = other.copy()
    for segment, habits in HABITS.items():
        here = (pairs["segment"] == segment).to_numpy()[pair]
        of_segment[here] = np.array(habits.topics, dtype=object)[second[here]]
    draw = rng.random(len(talks))
    topic = np.where(draw < OWN, own, np.where(draw < OWN + SHARED, of_segment, other))
    found = talks.assign(topic=topic)
    out: Texts = rows[["pair", "session"]].merge(found, how="left")["topic"].to_numpy(dtype=object)
    return out


def draw_cues(
    rng: np.random.Generator, rows: pd.DataFrame, written: Flags, profiles: pd.DataFrame
) -> tuple[dict[int, list[str]], pd.DataFrame]:
    """Draw which rows say what of the profile of their subscriber.

    Returns
    -------
    cues : dict
        Row to sentences.
    said : DataFrame
        The profiles, without what is nowhere said.
    """
    candidates = pd.Series(np.flatnonzero(written)).groupby(rows["subscriber"].to_numpy()[written])
    places = {int(who): at.to_numpy() for who, at in candidates}
    cues: dict[int, list[str]] = {}
    said = profiles.copy()
    for field, values in profiles.items():
        kept = []
        for who, value in enumerate(values):
            times, draws = 1 + rng.poisson(MORE), rng.random((8, 2))
            kept.append(value if who in places else "")
            if not kept[-1]:
                continue
            at, ways = places[who], CUES[str(field)][value].split("|")
            for place, way in draws[:times]:
                cues.setdefault(int(at[int(place * at.size)]), []).append(ways[int(way * len(ways))])
        said[field] = pd.Series(kept, dtype="str")
    return cues, said


def draw_identifiers(rng: np.random.Generator, written: Flags) -> tuple[Texts, Texts]:
    """Draw what kind of identifier a text holds, empty for most, and the sentence that holds it."""
    n = written.size
    kind = np.where(written & (rng.random(n) < IDENTIFIED), rng.choice(list(IDENTIFIERS), n), "").astype(object)
    word, thing, number = rng.choice(COLOURS, n), rng.choice(OBJECTS, n), rng.integers(10, 100, n)
    sentence = np.full(n, "", dtype=object)
    for at in np.flatnonzero(kind != ""):
        sentence[at] = IDENTIFIERS[kind[at]].format(word=word[at], thing=thing[at], n=number[at])
    return kind, sentence


class _Writer:
    """Fills frames with words, by numbers that were drawn beforehand: fast, and the same for the same numbers."""

    def __init__(self, rng: np.random.Generator, rows: int) -> None:
        self.draws = rng.integers(0, 2**31, (rows, 16))
        self.words = {name: (t.things.split("|"), t.verbs.split("|")) for name, t in TOPICS.items()}
        self.at = (0, 0)

    def take(self, choices: Sequence[str]) -> str:
        row, place = self.at
        self.at = row, (place + 1) % self.draws.shape[1]
        return choices[int(self.draws[row, place]) % len(choices)]

    def fill(self, frames: Sequence[str], topic: str) -> str:
        frame = self.take(frames)
        if "{" not in frame:
            return frame
        things, verbs = self.words[topic]
        return frame.format(did=self.take(verbs), thing=self.take(things), when=self.take(WHEN), how=self.take(HOW))


def write_inbound(
    rng: np.random.Generator, rows: pd.DataFrame, written: Flags, style: Texts, cues: dict[int, list[str]], extra: Texts
) -> Texts:
    """Write what subscribers say.

    Parameters
    ----------
    rng : Generator
    rows : DataFrame
        With ``topic``, ``opens`` (the first row of a conversation) and ``bought``.
    written : array of bool
        Rows with a text.
    style : array of str
        How the subscriber of each row writes: ``brief``, ``chatty``, ``playful``, ``formal``, ``inquisitive``, or empty.
    cues : dict
        Row to sentences of its own.
    extra : array of str
        A further sentence of each row, or none.
    """
    writer, out = _Writer(rng, len(rows)), np.full(len(rows), "", dtype=object)
    longer = np.select([style == "brief", style == "chatty"], [0.1, 0.75], 0.4)
    sentences = 1 + rng.binomial(2, longer)
    habit, trapped = rng.random(len(rows)) < 0.3, rng.random(len(rows)) < TRAPPED
    for at, topic, opens, bought in zip(
        np.flatnonzero(written), *(rows.loc[written, name] for name in ("topic", "opens", "bought")), strict=True
    ):
        writer.at = (int(at), 0)
        said = [writer.take(GREETINGS)] if opens else []
        said += [writer.fill(BOUGHT if bought and not n else INBOUND, topic) for n in range(sentences[at])]
        said += cues.get(int(at), [])
        said += [writer.take(TRAPS)] if trapped[at] else []
        said += [extra[at]] if extra[at] else []
        out[at] = _in_style(writer, list(dict.fromkeys(said)), style[at] if habit[at] else "")
    return out


def _in_style(writer: _Writer, said: list[str], style: str) -> str:
    if style == "inquisitive":
        said.append(writer.take(QUESTIONS))
    if style == "playful":
        said.append(writer.take(("haha", ":)", "just kidding")))
    if style == "formal":
        said = ["Good evening", *(text[0].upper() + text[1:] for text in said)]
    text = ". ".join(said)
    return text.replace("?.", "?")


def write_outbound(rng: np.random.Generator, rows: pd.DataFrame, written: Flags) -> Texts:
    """Write what accounts say; ``rows`` has ``topic``, ``opens`` and ``offered`` besides."""
    writer, out = _Writer(rng, len(rows)), np.full(len(rows), "", dtype=object)
    sentences = 1 + rng.binomial(2, 0.3, len(rows))
    for at, topic, opens, offered in zip(
        np.flatnonzero(written), *(rows.loc[written, name] for name in ("topic", "opens", "offered")), strict=True
    ):
        writer.at = (int(at), 0)
        said = [writer.take(GREETINGS)] if opens else []
        said += [writer.fill(OUTBOUND, topic) for _ in range(sentences[at])]
        said += [writer.fill(OFFERS, topic)] if offered else []
        out[at] = ". ".join(dict.fromkeys(said)).replace("?.", "?")
    return out
