"""Requests to a server of language models: how long is waited, how often it is tried, and what it may cost."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ..errors import ConfigError
from ..message_settings import ProfileServer
from .profile_requests import most_answered, tokens

FIRST, LONGEST = 1.0, 60.0  # seconds of the first wait, which doubles, and of the longest
PATIENCE = 300.0  # seconds; where a server asks for more, the run ends
MILLION = 1_000_000
AGAIN = frozenset({408, 409, 425, 429})  # and all from 500 on


class StoppedError(Exception):
    """The run ends, with the reason why."""


class NoAnswerError(Exception):
    """A request had no answer after all attempts."""


@dataclass(frozen=True)
class Clock:
    """How time passes; tests have their own.

    Attributes
    ----------
    sleep : callable
        Waits for some seconds.
    now : callable
        The moment, with a time zone.
    lot : callable
        A number from 0 to 1, so that clients that failed together do not come again together.
    """

    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    lot: Callable[[], float] = random.SystemRandom().random


def cost(settings: ProfileServer, asked: float, answered: float) -> float:
    """Return the price of tokens in and out, in the currency of the prices."""
    return (asked * settings.input_price + answered * settings.output_price) / MILLION


def server_named(settings: ProfileServer) -> None:
    """Refuse settings that name no server.

    Raises
    ------
    ConfigError
        The address or the model is missing.
    """
    for name in ("base", "model"):
        if not getattr(settings, name):
            raise ConfigError(
                f"conversations.server.{name} is empty",
                remedy='Name the server and its model, for example base = "https://host/v1".',
            )


def connect(settings: ProfileServer) -> Any:
    """Return a client of the server that the settings name; it follows no redirection, and does not try again by itself.

    Raises
    ------
    ConfigError
        The address, the model or the key is missing, or the package ``openai``.
    """
    server_named(settings)
    key = os.environ.get(settings.key, "") if settings.key else "none"
    if not key:
        raise ConfigError(
            f"the environment variable {settings.key} has no key for the server",
            remedy='Set it, or say key = "" under conversations.server where the server asks for none.',
        )
    try:
        import openai
    except ImportError as error:
        raise ConfigError(
            "the package openai is not installed", remedy='Run: pip install "segkit[profiles]"'
        ) from error
    http = openai.DefaultHttpxClient(follow_redirects=False)
    return openai.OpenAI(base_url=settings.base, api_key=key, max_retries=0, timeout=settings.seconds, http_client=http)


def wait_asked(header: str | None, now: datetime) -> float | None:
    """Return the seconds that a ``Retry-After`` asks for (RFC 9110, 10.2.3): a number of them, or a date; None without one.

    >>> moment = datetime(2024, 5, 1, 12, 0, 0, tzinfo=UTC)
    >>> wait_asked("7", moment), wait_asked("Wed, 01 May 2024 12:00:30 GMT", moment), wait_asked("soon", moment)
    (7.0, 30.0, None)
    """
    text = (header or "").strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())


@dataclass
class Calls:
    """One run of requests, and what it has spent.

    Attributes
    ----------
    client : object
        What `connect` returns.
    settings : ProfileServer
    clock : Clock
    requests : int
        Sent, each attempt counted.
    spent : float
        By the tokens that the server reports, else by the estimate; attempts that ended in a time-out are taken to be charged.
    """

    client: Any
    settings: ProfileServer
    clock: Clock = field(default_factory=Clock)
    requests: int = 0
    spent: float = 0.0

    def ask(self, body: dict[str, Any], people: int) -> str | None:
        """Send a request until it is answered, and return the text of the answer; None where it has none.

        Raises
        ------
        StoppedError
            It could cost more than is left, or the server asks for more patience than there is.
        NoAnswerError
            All attempts failed.
        ConfigError
            The server refuses the request as it is.
        """
        import openai

        most = cost(self.settings, tokens(body), most_answered(people))
        for attempt in range(self.settings.attempts):
            if self.spent + most > self.settings.budget:
                raise StoppedError(
                    f"the next request may cost {most:.4g}, and of the budget of {self.settings.budget:g} "
                    f"{max(0.0, self.settings.budget - self.spent):.4g} are left"
                )
            self.requests += 1
            asked: float | None = None
            try:
                found = self.client.chat.completions.create(**body)
            except openai.APITimeoutError:
                self.spent += most
            except openai.APIConnectionError:
                pass
            except openai.APIStatusError as error:
                self._refused(error.status_code)
                asked = wait_asked(error.response.headers.get("retry-after"), self.clock.now())
            except (openai.APIError, ValueError):  # an answer that is no answer: it has been charged
                self.spent += most
                return None
            else:
                self.spent += self._charged(found, most)
                return _content(found)
            if attempt + 1 < self.settings.attempts:
                self._wait(attempt, asked)
        raise NoAnswerError

    def _refused(self, status: int) -> None:
        if status in AGAIN or status >= 500:
            return
        what = {401: "the key", 403: "the key", 404: "the address or the model"}.get(status, "the request")
        raise ConfigError(
            f"the server refuses {what} (status {status})",
            remedy="Check base, model, key and temperature under conversations.server, and whether the server knows JSON schemas.",
        )

    def _wait(self, attempt: int, asked: float | None) -> None:
        """Wait as long as the server asks and a little more; else twice as long each time, of which a half is by lot."""
        if asked is not None and asked > PATIENCE:
            raise StoppedError(f"the server asks to wait for {asked:,.0f} seconds")
        usual = min(LONGEST, FIRST * 2.0**attempt) * (1 + self.clock.lot()) / 2
        self.clock.sleep(usual if asked is None else asked + FIRST * self.clock.lot())

    def _charged(self, found: Any, most: float) -> float:
        used = getattr(found, "usage", None)
        counts = getattr(used, "prompt_tokens", None), getattr(used, "completion_tokens", None)
        if all(isinstance(n, int) and n >= 0 for n in counts):
            return cost(self.settings, *counts)  # type: ignore[arg-type]
        return most


def _content(found: Any) -> str | None:
    """Return the text of an answer, None where it has another form."""
    try:
        content = found.choices[0].message.content
    except (AttributeError, IndexError, TypeError):
        return None
    return content if isinstance(content, str) else None
