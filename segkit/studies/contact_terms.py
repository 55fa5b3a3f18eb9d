"""Contacts: what the study calls its units and events."""

from __future__ import annotations

from ..vocabulary import Vocabulary

TERMS = Vocabulary(
    unit="contact", units="contacts", who="who", event="call", events="calls", do="call", does="calls", did="called",
    amount="talk time", approach="call", approached="called", approaching="calling", record="log",
)  # fmt: skip
