"""Detectors of channels: the known errors of the published words, and what whole words make of the same texts."""

from __future__ import annotations

import re
import time

import numpy as np
import pandas as pd
import pytest

from segkit.data import channel_words, lead_words, phrases
from segkit.data.cells import Cells
from segkit.data.detectors import DETECTORS, NUMBER, literal, source_of, taxonomy

FLAGS = ("offline_original", "offline_latest", "online_original", "online_latest", "online", "system")


def named(text: str | None, field: str = "acquisition", detector: str = "taxonomy") -> dict[str, int]:
    """Return the channels and platforms that one cell names, with their counts."""
    row = DETECTORS[detector]({field: [text]}).iloc[0]
    return {name: int(count) for name, count in row.items() if count and name not in FLAGS}


def flags(field: str, text: str | None, detector: str = "taxonomy") -> set[str]:
    row = DETECTORS[detector]({field: [text]}).iloc[0]
    return {name for name in FLAGS if row[name]}


# What the specification lists: the published words find the first, whole words find the second.
WRONG = [
    ("calle", {"Phone": 1}, {}),
    ("Calle Mayor 5", {"Phone": 1}, {}),
    ("calles", {"Phone": 1}, {}),
    ("iphone", {"Phone": 1}, {}),
    ("sprint", {"Print_Media": 1}, {}),
    ("affair", {"Event": 1}, {}),
    ("eventbrite", {"Event": 1, "Eventbrite": 1}, {"Eventbrite": 1}),
    ("pinterest.com", {"Twitter": 1}, {}),
    ("https://www.pinterest.com/pin/1", {"Twitter": 1}, {}),
    ("netflix.com", {"Twitter": 1}, {}),
    ("semestre", {"Google_Ads": 1}, {}),
    ("seminario", {"Event": 1, "Google_Ads": 1}, {"Event": 1}),
    ("instalaciones", {"Instagram": 1}, {}),
    ("DIRECT_TRAFFIC", {"Direct_Sales": 1}, {}),
    ("Direct traffic", {"Direct_Sales": 1}, {}),
    ("EMAIL_MARKETING", {"Email_Direct": 1}, {}),
    ("Unknown", {"Other_Offline": 1}, {}),
    (None, {"Other_Offline": 1}, {}),
    ("cold call", {"Phone": 2}, {"Phone": 1}),
    ("direct mail", {"Direct_Sales": 1, "Email_Direct": 1}, {"Email_Direct": 1}),
    ("webinar", {"Event": 1}, {}),
    ("call to action", {"Phone": 1}, {}),
    ("Facebook Lead Ads", {"Facebook": 2}, {"Facebook": 1}),
    ("ana@event.com", {"Event": 1, "Twitter": 1}, {}),
    ("unfriendly", {"Referral": 1}, {}),
    ("reagents", {"Direct_Sales": 1}, {}),
    ("argos-t.co.uk", {"Twitter": 1}, {}),
]


@pytest.mark.parametrize(("text", "published", "whole"), WRONG)
def test_known_errors_are_those_of_the_published_words_alone(
    text: str | None, published: dict[str, int], whole: dict[str, int]
) -> None:
    assert named(text, detector="literal") == published
    assert named(text) == whole


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("Feria de Universidades", "Event"), ("FERIAS", "Event"), ("Conferencia", "Event"), ("congreso 2023", "Event"),
        ("campus_tour", "Event"), ("Trade-Show", "Event"), ("Expos", "Event"), ("Talleres", "Event"),
        ("LLAMADA TELEFÓNICA", "Phone"), ("llamadas", "Phone"), ("Teléfono", "Phone"), ("Cold calls", "Phone"),
        ("Referido", "Referral"), ("referidos", "Referral"), ("Boca a boca", "Referral"), ("recomendación", "Referral"),
        ("word-of-mouth", "Referral"), ("folletos", "Print_Media"), ("Periódico", "Print_Media"), ("revista", "Print_Media"),
        ("Asesor comercial", "Direct_Sales"), ("sales reps", "Direct_Sales"), ("vendedores", "Direct_Sales"),
        ("correo postal", "Email_Direct"), ("Newsletter", "Email_Direct"), ("e-mail", "Email_Direct"),
        ("alianza estratégica", "Partnership"), ("convenio", "Partnership"), ("face-to-face", "Other_Offline"),
        ("En persona", "Other_Offline"), ("FB Ads", "Facebook"), ("l.facebook.com", "Facebook"), ("fb.me/x", "Facebook"),
        ("https://t.co/Ab1", "Twitter"), ("x.com", "Twitter"), ("https://mobile.x.com/a", "Twitter"), ("Tik Tok", "TikTok"),
        ("https://youtu.be/x?t=4", "YouTube"), ("https://a.example/?utm_source=instagram", "Instagram"),
        ("android-app://com.linkedin.android", "LinkedIn"), ("PAID_SEARCH", "Google_Ads"),
        ("googleads.g.doubleclick.net", "Google_Ads"),
        ("https://www.eventbrite.com.mx/e/feria", "Eventbrite"), ("wa.me/52155", "WhatsApp"), ("make.com", "MAKE"),
        ("Atom Chat", "AtomChat"), ("Organic social", "Organic_Social"),
    ],
)  # fmt: skip
def test_words_in_both_languages_name_one_channel_each(text: str, channel: str) -> None:
    assert named(text) == {channel: 1}


@pytest.mark.parametrize(
    "text",
    [
        "https://www.uni.example/eventos/call-center", "www.uni.example/expo", "centro comercial", "Sagrada Familia", "fair trade",
        "numero de telefono", "-", "N/A", "Sin dato", "1er semestre", "=CALL(1)+cmd", "<script>alert(1)</script>", "mymake.com",
        "we-make.com", "not-x.com", "x.community",
    ],
)  # fmt: skip
def test_texts_that_name_nobody(text: str) -> None:
    expected = {"Phone": 1} if "CALL" in text else {}  # a formula is a text like any other
    assert named(text) == expected


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("feria2024", "Event"), ("2024Feria", "Event"), ("expo2024mx", "Event"), ("FeriaUniversitaria", "Event"),
        ("EXPOLima", "Event"), ("FERIAS2023", "Event"), ("seminario1", "Event"), ("LlamadaTelefónica2023", "Phone"),
        ("ReferidoAlumni", "Referral"), ("VentaDirecta", "Direct_Sales"), ("FacebookAds", "Facebook"),
        ("campañaFacebook", "Facebook"), ("FBAds2024", "Facebook"), ("YouTubeAds2024", "YouTube"), ("LinkedInAds", "LinkedIn"),
        ("EventBrite2024", "Eventbrite"), ("WhatsAppBusiness", "WhatsApp"), ("TikTokLima", "TikTok"),
        ("GoogleAdsMarca", "Google_Ads"),
        ("FacebookAds v2.1", "Facebook"), ("https://a.example/?utm_source=Facebook2024", "Facebook"),
    ],
)  # fmt: skip
def test_words_that_are_glued_are_read_as_if_there_were_blanks(text: str, channel: str) -> None:
    assert named(text) == {channel: 1}


@pytest.mark.parametrize(
    "text",
    [
        # parts of words, names of things and people
        "iPhone", "iPhone15", "SmartPhone", "HeadPhones", "McCall", "MacCall", "JaneMcCall", "eCall", "CalleMayor12", "calle12",
        "affair2024", "sprint3", "semestre2025", "Semestre2", "InstalacionesDeportivas", "instalaciones2024", "BluePrint",
        # phrases that are no touch
        "CallToAction", "FairTrade", "PrintScreen", "UserAgent", "OfflineSources", "Unknown2024",
        # texts at random, in which short words stand
        "3fb9c2ppc1", "5fb", "dQw4w9WgXcQ", "aFb9K", "xyzFb", "qweSemAbc", "sem2", "utm12cpc34",
    ],
)  # fmt: skip
def test_what_only_looks_glued_names_nothing(text: str) -> None:
    assert named(text) == {}


def test_glued_words_of_the_web_are_online() -> None:
    for text in ("Webinar2024", "FeriaVirtual", "EmailMarketing", "DirectTraffic"):
        assert named(text) == {} and flags("acquisition", text) == {"online", "online_original"}


def test_a_history_counts_each_of_its_values_and_an_address_is_one_of_them() -> None:
    assert named("Feria // Feria // https://l.facebook.com/x//llamada") == {"Event": 2, "Facebook": 1, "Phone": 1}
    assert named("https://www.facebook.com/") == {"Facebook": 1}
    assert named("feria, feria y expo") == {"Event": 2}  # each word once within a value


@pytest.mark.parametrize(
    ("text", "online", "channels"),
    [
        ("ORGANIC_SEARCH", True, {}), ("Organic search", True, {}), ("PAID_SEARCH", True, {"Google_Ads": 1}),
        ("EMAIL_MARKETING", True, {}), ("Email marketing", True, {}), ("SOCIAL_MEDIA", True, {"Organic_Social": 1}),
        ("REFERRALS", True, {}), ("Referrals", True, {}), ("OTHER_CAMPAIGNS", True, {}), ("DIRECT_TRAFFIC", True, {}),
        ("Tráfico directo", True, {}), ("PAID_SOCIAL", True, {}), ("OFFLINE", False, {}), ("Offline sources", False, {}),
        ("Unknown", False, {}),
    ],
)  # fmt: skip
def test_a_source_is_what_its_enumeration_says(text: str, online: bool, channels: dict[str, int]) -> None:
    for field, side in (("original_source", "online_original"), ("latest_source", "online_latest")):
        assert named(text, field) == channels
        system = {"system"} if "ffline" in text.lower() else set()
        assert flags(field, text) == ({"online", side} if online else system)


def test_offline_is_the_system_unless_a_drill_down_names_a_touch() -> None:
    found = taxonomy(
        {
            "original_source": ["OFFLINE", "OFFLINE", "OFFLINE // PAID_SOCIAL", "PAID_SEARCH", None],
            "original_1": ["IMPORT", "Feria de marzo", "CRM_UI", "Expo", "Unknown"],
        }
    )
    assert found["system"].tolist() == [True, False, True, False, False]
    assert found["offline_original"].tolist() == [False, True, False, False, False]
    assert found["online"].tolist() == [False, False, True, True, False]


def test_what_stands_below_a_digital_source_is_a_campaign_or_a_word_that_was_sought() -> None:
    sources = ["EMAIL_MARKETING", "OFFLINE", "PAID_SEARCH", "ORGANIC_SEARCH", "SOCIAL_MEDIA", "OFFLINE // PAID_SOCIAL"]
    texts = [
        "Newsletter mayo",
        "newsletter mayo",
        "telefono universidad",
        "llamada",
        "Evento lanzamiento",
        "Feria de marzo",
    ]
    found = taxonomy({"original_source": sources, "original_1": texts})
    assert found["Email_Direct"].tolist() == [0, 1, 0, 0, 0, 0] and found["Event"].tolist() == [0, 0, 0, 0, 0, 1]
    assert found["Phone"].sum() == 0 and found["online"].tolist() == [True, False, True, True, True, True]


def test_a_latest_visit_that_is_unknown_does_not_make_a_tracked_record_one_of_the_system() -> None:
    found = taxonomy({"original_source": ["PAID_SEARCH", None], "latest_source": ["OFFLINE", "OFFLINE"]})
    assert found["system"].tolist() == [False, True]


def test_a_long_host_is_read_at_once() -> None:
    begun = time.process_time()
    assert flags("referrer", f"https://{'www.' * 60_000}example.com/") == set()
    assert time.process_time() - begun < 2


def test_events_on_the_web_are_online() -> None:
    for text in ("Webinar de marzo", "feria virtual", "Seminario web", "online event"):
        assert named(text) == {} and flags("acquisition", text) == {"online", "online_original"}


def test_original_and_latest_are_kept_apart() -> None:
    assert flags("latest_source", "Feria") == {"offline_latest"}
    assert flags("referrer", "https://l.instagram.com/") == {"online", "online_latest"}
    assert flags("latest_source", "OFFLINE", "literal") == {"offline_latest"}


def test_the_published_count_is_that_of_every_occurrence() -> None:
    assert named("Events, event & eventful calls", detector="literal") == {"Event": 3, "Phone": 1}
    text = "telephone calls of a partnership"  # phone, telephone, call; partner, partnership
    assert named(text, detector="literal") == {"Phone": 3, "Partnership": 2}
    assert not literal({"acquisition": ["PAID_SOCIAL"]})["online"].any()


def test_the_dictionary_is_that_of_the_specification() -> None:
    assert channel_words.OFFLINE == (
        "Event", "Direct_Sales", "Print_Media", "Phone", "Email_Direct", "Referral", "Partnership", "Other_Offline",
    )  # fmt: skip
    assert len(channel_words.PLATFORMS) == 12 and channel_words.PLATFORMS[6] == "Google_Ads"
    assert channel_words.published()["Phone"] == ("phone", "call", "cold call", "telemarketing", "hotline", "telephone")
    assert sum(map(len, channel_words.published().values())) == 52 + 50
    assert len(channel_words.SOURCES) == 9 and all(source_of(name) == name for name in channel_words.SOURCES)
    assert phrases.simple(channel_words.FILLED) in channel_words.published()["Other_Offline"]


def test_every_word_of_the_taxonomy_is_found_as_it_stands() -> None:
    table = channel_words.words()
    for word, meaning in table.meaning.items():
        assert table.found(" ".join(word)) == ({word: meaning} if meaning else {}), word


def test_numbers_are_in_no_word() -> None:
    every = [" ".join(word) for word in channel_words.words().meaning] + [*channel_words.words().domains]
    every += [word for found in channel_words.published().values() for word in found]
    assert not any(re.search(NUMBER, word) for word in every)


def test_no_word_for_a_missing_value_is_a_touch() -> None:
    assert not any(named(word) for word in lead_words.MISSING)
    assert not any(word.startswith(lead_words.DIGITS) for word in lead_words.MISSING)


def test_cells_and_texts_are_counted_alike_and_stay_as_they_are() -> None:
    texts = ["Feria // llamada", None, "x.com", "Feria // llamada"]
    cells = Cells(("Feria // llamada", "x.com"), np.array([0, -1, 1, 0]))
    for detector in (taxonomy, literal):
        pd.testing.assert_frame_equal(detector({"acquisition": texts}), detector({"acquisition": cells}))
    assert list(taxonomy({"acquisition": texts}).columns) == [*channel_words.CHANNELS, *FLAGS]
    assert texts == ["Feria // llamada", None, "x.com", "Feria // llamada"]


def test_hostile_cells_cost_no_more_than_their_length() -> None:
    began = time.perf_counter()
    for text in (
        "a" * 32_000 + ".",
        "a." * 16_000,
        "@" * 32_000,
        "call " * 6_400,
        "x://" * 8_000,
        "a@" * 16_000,
        "aA" * 16_000,
        "Call2" * 6_400,
    ):
        taxonomy({"acquisition": [text]})
    assert time.perf_counter() - began < 3
