"""What a simulated export writes into its cells: words of channels, histories, dates, and texts that only look like channels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Texts = NDArray[np.object_]

HISTORY = " // "  # between values, from the oldest to the current one
# How people write offline touches, in English and Spanish.
WORDS: dict[str, tuple[str, ...]] = {
    "Event": (
        "Feria universitaria",
        "Expo carreras",
        "Campus tour",
        "Conferencia",
        "Workshop",
        "Seminario de becas",
        "Education fair",
    ),
    "Direct_Sales": ("Sales rep visit", "Vendedor", "Venta directa", "Outbound", "Asesor comercial"),
    "Print_Media": ("Folleto", "Magazine ad", "Flyer", "Brochure", "Revista", "Poster"),
    "Phone": ("Llamada", "Phone enquiry", "Cold call", "Llamada telefónica", "Call center", "Teléfono"),
    "Email_Direct": ("Direct mail", "Newsletter", "Correo directo", "Mailout"),
    "Referral": ("Referido", "Referral from alumni", "Word of mouth", "Amigo", "Recomendación", "Family"),
    "Partnership": ("Partner school", "Convenio", "Alianza", "Affiliate", "Partnership"),
    "Other_Offline": ("In-person", "Presencial", "Face-to-face"),
}
# How platforms appear in the names of campaigns, and in the address of the last referring site.
NAMES: dict[str, tuple[str, ...]] = {
    "Facebook": ("Facebook Lead Ads", "fb ads", "Meta Ads", "Facebook"),
    "Instagram": ("Instagram Ads", "ig ads", "Instagram"),
    "LinkedIn": ("LinkedIn Ads", "LinkedIn"),
    "Twitter": ("Twitter Ads", "Twitter"),
    "TikTok": ("TikTok Ads", "tik tok", "TikTok"),
    "YouTube": ("YouTube Ads", "YouTube"),
    "Eventbrite": ("Eventbrite",),
    "WhatsApp": ("WhatsApp Business", "WhatsApp", "wa.me"),
    "MAKE": ("make.com", "Integromat"),
    "AtomChat": ("AtomChat", "atom chat"),
    "Organic_Social": ("organic_social", "Organic social"),
}
SITES = {
    "Facebook": "https://www.facebook.com/", "Instagram": "https://l.instagram.com/", "LinkedIn": "https://lnkd.in/",
    "Twitter": "https://t.co/", "TikTok": "https://www.tiktok.com/", "YouTube": "https://youtu.be/",
    "Eventbrite": "https://www.eventbrite.com/", "WhatsApp": "https://wa.me/",
}  # fmt: skip
OFFLINE, PLATFORMS = tuple(WORDS), tuple(NAMES)
# Texts without any touch in them, in which a search for parts of words finds one.
TRAPS = ("Calle Mayor 12", "iphone", "Becas semestre 2025", "Instalaciones deportivas", "Sprint de verano")
TRAP_SITES = ("https://www.pinterest.com/", "https://www.netflix.com/")
CAMPAIGNS = ("Otoño 2024", "Primavera 2025", "Marca", "Posgrados", "Ingenierías", "Licenciaturas", "Becas")
WEBINAR = "Webinar de becas"  # on line, whatever a published list of words says
HOSTS = ("https://www.google.com/", "https://www.bing.com/", "https://www.example.edu/becas", "")
FIRST_DRILL = {  # what the first drill-down says of each source
    "ORGANIC_SEARCH": ("google", "bing"), "PAID_SEARCH": CAMPAIGNS, "PAID_SOCIAL": CAMPAIGNS, "EMAIL_MARKETING": CAMPAIGNS,
    "DIRECT_TRAFFIC": ("www.example.edu/", "www.example.edu/becas"), "REFERRALS": ("www.example.org", "guide.example.net"),
    "OFFLINE": ("CRM_UI", "IMPORT", "INTEGRATION"), "OTHER_CAMPAIGNS": CAMPAIGNS,
}  # fmt: skip
STAGES = {
    "subscriber": 0.10,
    "lead": 0.45,
    "marketingqualifiedlead": 0.25,
    "salesqualifiedlead": 0.11,
    "opportunity": 0.06,
    "other": 0.03,
}
WON = {"customer": 0.86, "evangelist": 0.06, "other": 0.08}  # a close that was lost is one without a customer
WRONG = 0.01  # of the closes are entered with a day before the creation
REOPENED = 0.03  # of the closes have a history
PERIODS = np.array(["10", "35", "35", "35", "60", "60", "60", "60", "75", "75", "75", "10"])  # by the month of creation


@dataclass(frozen=True)
class Drawn:
    """What was drawn of each contact: see ``simulate_prospects``.

    Attributes
    ----------
    hidden : DataFrame
    high : array of bool
        In segment 1A.
    created : array of datetime64
    span : array
        Days within which its touches lie.
    original, latest : array of str
        Sources.
    channel : array of int, contacts x touches
        The offline channel of each touch, -1 where there is none.
    counts : dict
        Column to numbers.
    likelihood : array
    """

    hidden: pd.DataFrame
    high: Flags
    created: NDArray[np.datetime64]
    span: Floats
    original: NDArray[np.str_]
    latest: NDArray[np.str_]
    channel: Ints
    counts: dict[str, Ints]
    likelihood: Floats


def write_cells(rng: np.random.Generator, drawn: Drawn) -> pd.DataFrame:
    """Return the file: one row per contact, text columns under the headers of an export."""
    rows = drawn.high.size
    frame: dict[str, Texts] = {"Record ID": (10_001 + np.cumsum(rng.integers(1, 90, rows))).astype(str).astype(object)}
    for name in ("Broadcast Clicks", "LinkedIn Clicks", "Twitter Clicks", "Facebook Clicks"):
        frame[name] = _numbers(rng, drawn.counts[name], missing=0.10)
    for name in ("Number of Sessions", "Number of Pageviews", "Number of Form Submissions"):
        frame[name] = _numbers(rng, drawn.counts[name], missing=0.0)
    frame |= _sources(rng, drawn)
    score = np.array([f"{x:.4f}" for x in drawn.likelihood], dtype=object)
    earlier = np.array([f"{x:.4f}{HISTORY}" for x in drawn.likelihood * rng.uniform(0.7, 1, rows)], dtype=object)
    score = np.where(rng.random(rows) < 0.3, earlier + score, score)
    frame["Likelihood to close"] = np.where(rng.random(rows) < 0.02, "", score)
    frame |= _dates(rng, drawn)
    owner = np.array([f"Asesor {n:02}" for n in range(1, 15)], dtype=object)
    history = np.where(rng.random(rows) < 0.15, rng.choice(owner, rows) + HISTORY, "")
    frame["Contact owner"] = np.where(rng.random(rows) < 0.04, "", history + rng.choice(owner, rows))
    return pd.DataFrame(frame, dtype="str")[list(COLUMNS)]


COLUMNS = (
    "Record ID", "Broadcast Clicks", "LinkedIn Clicks", "Twitter Clicks", "Facebook Clicks", "Number of Sessions",
    "Number of Pageviews", "Number of Form Submissions", "Original Source", "Original Source Drill-Down 1",
    "Original Source Drill-Down 2", "Latest Traffic Source", "Last Referring Site", "Canal de adquisicion", "Likelihood to close",
    "Create Date", "Close Date", "Lifecycle Stage", "Contact owner", "Periodo de ingreso", "Time First Seen",
    "Date of first engagement",
)  # fmt: skip


def _numbers(rng: np.random.Generator, values: Ints, *, missing: float) -> Texts:
    """Write numbers, some after the smaller ones that they grew from, and leave some cells of nothing empty."""
    cells = values.astype(str).astype(object)
    grown = (values > 1) & (rng.random(values.size) < 0.4)
    cells = np.where(grown, (values // 2).astype(str).astype(object) + HISTORY + cells, cells)
    return np.where((values == 0) & (rng.random(values.size) < missing), "", cells)


def _sources(rng: np.random.Generator, drawn: Drawn) -> dict[str, Texts]:
    """Write sources, drill-downs, the last referring site and the channel of acquisition, with all touches and the traps."""
    rows, met = drawn.high.size, drawn.hidden
    spoken, later = _spoken(rng, drawn.channel, met["late"].to_numpy())
    named = {name: np.where(met[name], rng.choice(np.array(NAMES[name], dtype=object), rows), "") for name in PLATFORMS}
    # A platform that was paid for is named by the first drill-down; others by the second one, or by the referring site.
    first = np.empty(rows, dtype=object)
    for source, texts in FIRST_DRILL.items():
        here = drawn.original == source
        first[here] = rng.choice(np.array(texts, dtype=object), int(here.sum()))
    site = rng.choice(np.array(HOSTS, dtype=object), rows, p=[0.4, 0.1, 0.2, 0.3])
    visited = np.where((site != "") & (site != HOSTS[2]) & (rng.random(rows) < 0.2), HOSTS[2] + HISTORY, "")
    site = np.where(rng.random(rows) < 0.01, rng.choice(np.array(TRAP_SITES, dtype=object), rows), visited + site)
    second = np.where(rng.random(rows) < 0.5, rng.choice(np.array(CAMPAIGNS, dtype=object), rows), "")
    free, unsited = drawn.original == "PAID_SOCIAL", np.ones(rows, dtype=bool)
    for name, words in named.items():
        to_first = free & (words != "")
        first[to_first], free = words[to_first], free & (words == "")
        to_site = ~to_first & (words != "") & unsited & (name in SITES) & (rng.random(rows) < 0.3)
        site[to_site], unsited = SITES.get(name, ""), unsited & ~to_site
        second = np.where(~to_first & ~to_site, _joined(second, words, " | "), second)
    second = _joined(
        second, np.where((drawn.original == "PAID_SEARCH") & (rng.random(rows) < 0.3), "google / cpc", ""), " | "
    )
    trap = np.where(rng.random(rows) < 0.04, rng.choice(np.array(TRAPS, dtype=object), rows), "")
    second = _joined(second, np.where(drawn.high & (rng.random(rows) < 0.02), WEBINAR, trap), " | ")
    # Offline touches stand in the channel of acquisition, or in the drill-down of contacts who were made off line; the latest
    # one stands where the last referring site does.
    said = (spoken != "") & (drawn.original == "OFFLINE") & (rng.random(rows) < 0.5)
    first = np.where(said, spoken, first)
    blank = rng.choice(np.array(["", "Unknown", "Sitio web"], dtype=object), rows, p=[0.6, 0.1, 0.3])
    moved = (drawn.original != drawn.latest) & (rng.random(rows) < 0.6)
    told = (drawn.original != drawn.latest) | (rng.random(rows) > 0.01)  # else the latest source says the same
    return {
        "Original Source": np.where(told, drawn.original.astype(object), ""),
        "Original Source Drill-Down 1": first,
        "Original Source Drill-Down 2": second,
        "Latest Traffic Source": np.where(moved, drawn.original.astype(object) + HISTORY, "")
        + drawn.latest.astype(object),
        "Last Referring Site": _joined(site, later, HISTORY),
        "Canal de adquisicion": np.where((spoken != "") & ~said, spoken, blank),
    }


def _spoken(rng: np.random.Generator, channel: Ints, late: Flags) -> tuple[Texts, Texts]:
    """Write the offline touches of each contact, from the first to the last; and apart from these, a last one that came late."""
    out, latest = np.full((2, channel.shape[0]), "", dtype=object)
    last = channel.shape[1] - 1 - (channel[:, ::-1] >= 0).argmax(axis=1)
    for place, touch in enumerate(channel.T):
        words = np.full(touch.size, "", dtype=object)
        for number, name in enumerate(OFFLINE):
            here = touch == number
            words[here] = rng.choice(np.array(WORDS[name], dtype=object), int(here.sum()))
        apart = late & (last == place)
        latest = np.where(apart, words, latest)
        out = _joined(out, np.where(apart, "", words), HISTORY)
    return out, latest


def _joined(left: Texts, right: Texts, by: str) -> Texts:
    """Join texts where both say something."""
    return np.where((left != "") & (right != ""), left + by + right, left + right)


def _dates(rng: np.random.Generator, drawn: Drawn) -> dict[str, Texts]:
    """Write moments, each column in a form of its own, with the stage and the period that go with them."""
    rows, hidden = drawn.high.size, drawn.hidden
    closed, z = hidden["closed"].to_numpy(), hidden["engagement"].to_numpy()
    wrong = closed & (rng.random(rows) < WRONG)
    days = np.where(wrong, -rng.uniform(1, 40, rows), np.where(closed, hidden["observed"], 0))
    close = _later(drawn.created, days)
    earlier = np.where(
        closed & ~wrong & (rng.random(rows) < REOPENED), _milliseconds(_later(drawn.created, days / 2)) + HISTORY, ""
    )
    # On line from the first day, unless made off line and seen later, or never.
    made_offline = drawn.original == "OFFLINE"
    platform = hidden[list(PLATFORMS)].to_numpy().any(axis=1)
    online = ~made_offline | (drawn.latest != "OFFLINE") | platform | (drawn.counts["Number of Sessions"] > 0)
    seen = _later(drawn.created, np.where(made_offline, rng.random(rows) * np.minimum(drawn.span, 180), 0))
    touched = hidden["touched"].to_numpy()
    engaged = np.isfinite(touched)
    order = np.argsort(np.argsort(z + drawn.high + rng.normal(size=rows))) / rows
    stage = np.array(list(STAGES), dtype=object)[np.searchsorted(np.cumsum(list(STAGES.values()))[:-1], order)]
    won = rng.choice(np.array(list(WON), dtype=object), rows, p=list(WON.values()))
    month = drawn.created.astype("datetime64[M]").astype(int) % 12
    year = drawn.created.astype("datetime64[Y]").astype(int) + 1970 + (month == 11)
    intake = year.astype(str).astype(object) + np.where(rng.random(rows) < 0.03, "05", PERIODS[month]).astype(object)
    return {
        "Create Date": _iso(drawn.created),
        "Close Date": np.where(closed, earlier + _milliseconds(close), ""),
        "Lifecycle Stage": np.where(closed, won, stage),
        "Periodo de ingreso": np.where(rng.random(rows) < 0.04, "", intake),
        "Time First Seen": np.where(online, _milliseconds(seen), ""),
        "Date of first engagement": np.where(engaged, _iso(_later(drawn.created, np.where(engaged, touched, 0))), ""),
    }


def _later(moment: NDArray[np.datetime64], days: Floats) -> NDArray[np.datetime64]:
    later: NDArray[np.datetime64] = moment + (days * 86_400).astype("timedelta64[s]")
    return later


def _iso(moment: NDArray[np.datetime64]) -> Texts:
    return np.datetime_as_string(moment, unit="s").astype(object)


def _milliseconds(moment: NDArray[np.datetime64]) -> Texts:
    return (moment.astype("datetime64[ms]").astype(np.int64)).astype(str).astype(object)
