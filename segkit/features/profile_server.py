"""Profiles by a server of language models: masked texts alone leave the machine, each answer is kept, and nobody is guessed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import pandas as pd

from .. import disclosure
from ..message_settings import ProfileServer
from ..progress import bar
from .masking import masked
from .profile_cache import ProfileCache, entry_key
from .profile_calls import Calls, Clock, NoAnswerError, StoppedError, connect, cost
from .profile_requests import Values, most_answered, named, read_answer, request, tokens, version
from .profiles import Profiles, checked, profiles

Say = Callable[[str], None]
IN_A_ROW = 2  # requests without any answer, after which the run ends


@dataclass
class Counts:
    """What a run did.

    Attributes
    ----------
    from_cache, asked, repaired, failed : int
        People: whose answer was kept already, who were sent, of these who had an answer in a second or third request, or none.
    silent : int
        People without any text, of whom nothing is asked and nothing known.
    foreign, repeated, unknown : int
        Names that an answer made up or repeated, and values outside of the vocabulary: none of them is used.
    requests : int
        Each attempt counted.
    cost : float
        In the currency of the prices.
    """

    from_cache: int = 0
    asked: int = 0
    repaired: int = 0
    failed: int = 0
    silent: int = 0
    foreign: int = 0
    repeated: int = 0
    unknown: int = 0
    requests: int = 0
    cost: float = 0.0


@dataclass(frozen=True, repr=False)
class Served:
    """Profiles by a server, as far as there are any.

    Attributes
    ----------
    profiles : Profiles
        Of the people whose answer is known, and of those without text.
    missing : Index
        People whose answer is not: never asked, or without an answer. They are in no profile, since nothing is known of them.
    counts : Counts
    stopped : str
        Why the run ended before everybody was asked; empty where it did not.
    """

    profiles: Profiles
    missing: pd.Index
    counts: Counts = field(default_factory=Counts)
    stopped: str = ""

    def __repr__(self) -> str:
        return f"Served({self.line})"

    @property
    def line(self) -> str:
        """What was done and what was not, in one line."""
        c = self.counts
        said = (
            f"{len(self.profiles.table):,} people described ({c.from_cache:,} kept from before, {c.asked:,} asked, "
            f"{c.repaired:,} asked again, {c.silent:,} without text), {len(self.missing):,} not; "
            f"{c.requests:,} requests, about {c.cost:.4g} spent"
        )
        return f"{said}. Stopped: {self.stopped}" if self.stopped else said

    def to_json(self) -> dict[str, Any]:
        """Return the profiles as they may be told, and the counts of the run as totals."""
        c = self.counts
        people = {f.name: disclosure.total(getattr(c, f.name)) for f in fields(c) if f.name not in ("requests", "cost")}
        run = people | {
            "missing": disclosure.total(len(self.missing)),
            "requests": c.requests,
            "stopped": bool(self.stopped),
        }
        return {"profiles": self.profiles.to_json(), "run": run}

    def _repr_html_(self) -> str:
        return self.profiles._repr_html_()


@dataclass(frozen=True)
class Estimate:
    """What a run would send and cost; to estimate sends nothing.

    Attributes
    ----------
    people, from_cache : int
        People with a text, and of these those whose answer is kept already.
    requests : int
        Without repairs.
    input_tokens, output_tokens : int
        A fourth of the bytes that are sent, and the most that an answer may have.
    cost, budget : float
        In the currency of the prices.
    """

    people: int
    from_cache: int
    requests: int
    input_tokens: int
    output_tokens: int
    cost: float
    budget: float

    @property
    def text(self) -> str:
        """The estimate in one line."""
        fits = "within" if self.cost <= self.budget else "above"
        return (
            f"{self.people:,} people with a text, {self.from_cache:,} of them described already: {self.requests:,} requests, about "
            f"{self.input_tokens:,} tokens in (one for four bytes) and at most {self.output_tokens:,} out, at most "
            f"{self.cost:.4g}, {fits} the budget of {self.budget:g}"
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True)
class _Asked:
    """What may leave the machine, and what is known of it already.

    ``keys`` are those of the people with a text, ``done`` the values that are kept, ``left`` the texts that are to be asked
    about, each once; both by key.
    """

    people: pd.Index
    keys: pd.Series
    done: dict[str, Values]
    left: dict[str, str]

    def served(self, model: str, counts: Counts, before: set[str], stopped: str = "") -> Served:
        keys = self.keys
        counts.silent, counts.from_cache = len(self.people) - len(keys), int(keys.isin(before).sum())
        missing = keys.index[~keys.isin(self.done).to_numpy(dtype=bool)]
        found = {person: self.done[key] for person, key in keys.items() if key in self.done}
        known = self.people[~self.people.isin(missing)]
        return Served(profiles(found, known, model, version()), missing, counts, stopped)


def _asked(texts: pd.Series, settings: ProfileServer, cache: ProfileCache | None) -> _Asked:
    # Masked first: a cut could leave the half of an address that no longer looks like one.
    sent = checked(texts).map(lambda text: masked(text).strip()[-settings.characters :])
    now, some = version(), sent[sent != ""]
    keys = some.map(lambda text: entry_key(text, settings.model, now))
    text_of = dict(zip(keys, some, strict=True))
    kept = {key: cache.get(key) if cache else None for key in text_of}
    done = {key: values for key, values in kept.items() if values is not None}
    return _Asked(sent.index, keys, done, {key: text for key, text in text_of.items() if key not in done})


def _batches(left: dict[str, str], size: int) -> list[list[str]]:
    keys = list(left)
    return [keys[i : i + size] for i in range(0, len(keys), size)]


def estimate(texts: pd.Series, settings: ProfileServer, cache: ProfileCache | None = None) -> Estimate:
    """Tell what `profile_server` would send and cost, and send nothing.

    Parameters
    ----------
    texts : Series of str
        As for `profile_server`.
    settings : ProfileServer
    cache : ProfileCache, optional
    """
    found = _asked(texts, settings, cache)
    batches = _batches(found.left, settings.people)
    bodies = [request(named([found.left[key] for key in b]), settings.model, settings.temperature) for b in batches]
    asked, answered = sum(map(tokens, bodies)), sum(most_answered(len(b)) for b in batches)
    people, kept, price = len(found.keys), int(found.keys.isin(found.done).sum()), cost(settings, asked, answered)
    return Estimate(people, kept, len(batches), asked, answered, price, settings.budget)


def cached_profiles(texts: pd.Series, settings: ProfileServer, cache: ProfileCache) -> Served:
    """Return the profiles that are kept, and who is missing; the network is never called.

    Parameters
    ----------
    texts : Series of str
        As for `profile_server`.
    settings : ProfileServer
    cache : ProfileCache
    """
    found = _asked(texts, settings, cache)
    return found.served(settings.model, Counts(), set(found.done))


def profile_server(
    texts: pd.Series,
    settings: ProfileServer,
    *,
    cache: ProfileCache,
    client: Any = None,
    say: Say = lambda line: None,
    clock: Clock | None = None,
) -> Served:
    """Describe people by an OpenAI-compatible server, some in each request.

    Parameters
    ----------
    texts : Series of str
        The messages of each person, one a line, indexed by keyed id. What leaves the machine is the masked text under a name
        that is drawn for the request; the ids stay.
    settings : ProfileServer
    cache : ProfileCache
        Answers are taken from it and kept in it; failures are not kept.
    client : object, optional
        What `segkit.features.profile_calls.connect` returns, which is called where none is given.
    say : callable
        Receives a line at the end, and one where the run stops before it.
    clock : Clock, optional

    Raises
    ------
    InputError
        A person is there twice.
    ConfigError
        There is no server, no key or no client, or the server refuses the request as it is.
    BuildError
        The cache cannot be written.

    Notes
    -----
    An entry of an answer counts for the person whose name it echoes, whatever its place. Whoever is missing, has two entries, or
    an entry that is not whole, is asked about once more with the others of whom that is so, and then alone. A request that
    could cost more than is left of the budget is not sent.
    """
    asked = _asked(texts, settings, cache)
    before, counts, stopped = set(asked.done), Counts(), ""
    if asked.left:
        calls = Calls(client if client is not None else connect(settings), settings, clock or Clock())
        run = _Run(calls, cache, asked.left, asked.done, counts)
        try:
            run.all()
        except StoppedError as reason:
            stopped = str(reason)
        counts.requests, counts.cost = calls.requests, calls.spent
        counts.asked = int(asked.keys.isin(run.tried).sum())
        counts.failed = int(asked.keys.isin(run.tried - set(asked.done)).sum())
        counts.repaired = int(asked.keys.isin(run.again & set(asked.done)).sum())
    found = asked.served(settings.model, counts, before, stopped)
    say(found.line)
    return found


@dataclass
class _Run:
    """The requests of one run: a batch at a time, then whom it left out together, then each of them alone."""

    calls: Calls
    cache: ProfileCache
    left: dict[str, str]
    done: dict[str, Values]
    counts: Counts
    tried: set[str] = field(default_factory=set)
    again: set[str] = field(default_factory=set)
    in_a_row: int = 0

    def all(self) -> None:
        batches = _batches(self.left, self.calls.settings.people)
        for batch in bar(batches, "requests", len(batches)):
            answered = self._ask(batch)
            missing = [key for key in batch if key not in self.done]
            if not answered or not missing:
                continue
            if len(batch) > 1:
                self.again |= set(missing)
                self._ask(missing)
            for key in [k for k in missing if k not in self.done]:
                self.again.add(key)
                self._ask([key])

    def _ask(self, keys: Sequence[str]) -> bool:
        """Ask about some people, keep what is answered, and return whether there was an answer at all."""
        names = named([self.left[key] for key in keys])
        key_of = dict(zip(names, keys, strict=True))
        settings = self.calls.settings
        body = request(names, settings.model, settings.temperature)
        try:
            before = self.calls.requests
            content = self.calls.ask(body, len(keys))
        except NoAnswerError:
            self.in_a_row += 1
            if self.in_a_row >= IN_A_ROW:
                raise StoppedError("the server does not answer") from None
            return False
        finally:
            self.tried |= set(keys) if self.calls.requests > before else set()
        self.in_a_row = 0
        answer = read_answer(content, names)
        self.counts.foreign += answer.foreign
        self.counts.repeated += answer.repeated
        self.counts.unknown += answer.unknown
        for name, values in answer.values.items():
            key = key_of[name]
            self.cache.put(key, values)
            self.done[key] = values
        return True
