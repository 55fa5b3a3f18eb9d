"""Settings of a study of conversations: columns of the log, what a conversation is, and how texts and persons are described."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from .contract import MESSAGES
from .event_settings import DateOrder, RoleMap, Settings, StudySettings
from .places import LocalTime


class MessageColumns(RoleMap):
    """The columns of a log of messages. Without any of them, those are taken that have the names of known exports."""

    contract = MESSAGES

    subscriber: str | None = None
    account: str | None = None
    time: str | None = None
    staff: str | None = None
    inbound: str | None = None
    outbound: str | None = None
    price: str | None = None
    purchased: str | None = None
    tips: str | None = None
    revenue: str | None = None

    @model_validator(mode="after")
    def _enough(self) -> Self:
        lacking = [role for role in self.contract.required if self.used and role not in self.used]
        if lacking:
            raise ValueError(f"{lacking[0]} is missing: name its column")
        return self


class ProfileServer(Settings):
    """A server that describes subscribers from their texts; nothing is sent before ``segkit profile`` is called.

    ``base`` is the address of an OpenAI-compatible server, ``key`` the name of the environment variable with its key.
    Where that is empty, the server asks for none. Prices are per million tokens, the budget is what one call of the command may
    cost at most, in the same currency. ``people`` go into one request, each with the last ``characters`` of their messages;
    an answer may take ``seconds``, and ``attempts`` are made for it. Some models accept no ``temperature`` but 1.
    """

    base: str = ""
    model: str = ""
    key: str = "OPENAI_API_KEY"
    people: int = Field(20, ge=1, le=100)
    input_price: float = Field(0.0, ge=0)
    output_price: float = Field(0.0, ge=0)
    budget: float = Field(0.0, ge=0)
    characters: int = Field(6000, ge=100, le=100_000)
    seconds: float = Field(120.0, gt=0, le=600)
    attempts: int = Field(5, ge=1, le=10)
    temperature: float = Field(0.0, ge=0, le=2)


class TextSpace(Settings):
    """How texts become numbers: ``words`` here and at once, or by a model.

    ``model`` is the name or the folder of a sentence-transformers model, or what an OpenAI-compatible server at ``base``
    calls its model.
    """

    way: Literal["words", "sentences", "server"] = "words"
    dimensions: int = Field(100, ge=2, le=1000)
    model: str = ""
    base: str = ""
    key: str = "OPENAI_API_KEY"


class Conversations(StudySettings):
    """The conversations study.

    A new conversation begins after more than ``gap_hours`` of silence. ``both_ways`` says whether the two columns of
    identifiers are of the same people, who write to each other; then a pair is the same whoever writes.
    """

    contract = MESSAGES

    k_max: int = Field(8, le=50)
    as_of: LocalTime = None
    gap_hours: float = Field(4.0, gt=0, le=168)
    active_hours: float = Field(48.0, gt=0)
    both_ways: bool | None = None
    date_order: DateOrder | None = None
    profiler: Literal["rules", "server"] = "rules"
    maps: bool = True
    columns: MessageColumns = MessageColumns()
    server: ProfileServer = ProfileServer.model_validate({})
    text: TextSpace = TextSpace.model_validate({})
