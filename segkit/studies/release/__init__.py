"""The gate through which results of private data leave, one module of rules for each kind of result."""

from . import channels, chat_texts, chats, description, evidence, fields, leads, outcomes, rates, times
from .core import release

__all__ = [
    "channels",
    "chat_texts",
    "chats",
    "description",
    "evidence",
    "fields",
    "leads",
    "outcomes",
    "rates",
    "release",
    "times",
]
