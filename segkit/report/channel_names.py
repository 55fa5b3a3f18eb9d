"""How sentences and tables of the study of channels write what the database has in capitals and numbers."""

from __future__ import annotations

from . import channel_front
from .channel_front import MIXED, SEASONS
from .channel_gaps import OMNICHANNEL, ONLINE, channel

WHO = channel_front.REACHED
REACHED = {
    OMNICHANNEL: "online and offline", ONLINE: "online only", "Offline Only": "offline only", "None": "no known touch",
}  # fmt: skip
STAGES = {
    "lead": "lead", "marketingqualifiedlead": "marketing-qualified lead", "salesqualifiedlead": "sales-qualified lead",
    "opportunity": "opportunity", "customer": "customer", "evangelist": "evangelist", "subscriber": "subscriber",
    "other": "other stage",
}  # fmt: skip


def who(strategy: object) -> str:
    """Write whom a strategy reached, as a sentence has it.

    >>> who("Online Only")
    'prospects reached online only'
    """
    return WHO.get(str(strategy), str(strategy))


def reached(strategy: object) -> str:
    """Write how a strategy reached prospects, as a table has it.

    >>> reached("Omnichannel")
    'online and offline'
    """
    return REACHED.get(str(strategy), str(strategy))


def platform(tag: object) -> str:
    """Write the platform that reached a prospect most.

    >>> platform("Google_Ads"), platform("Mixed")
    ('Google Ads', 'no platform')
    """
    return "no platform" if tag == MIXED else channel(str(tag))


def intake(period: object) -> str:
    """Write an intake period, which is a year and the number of a season.

    >>> intake("202310"), intake("202305"), intake("soon")
    ('spring 2023', 'special intake 2023', 'soon')
    """
    text = str(period)
    season = SEASONS.get(text[4:]) if len(text) == 6 else None
    named = {"special": "special intake"}.get(season or "", season)
    return f"{named} {text[:4]}" if season else text


def stage(entry: object) -> str:
    """Write a stage of the life cycle.

    >>> stage("salesqualifiedlead")
    'sales-qualified lead'
    """
    return STAGES.get(str(entry), str(entry))
