"""Words in place of a number that the caller hides: nobody's name, and many people may stand behind one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .calendar_words import unaccented
from .marks import folded

GROUP = "withheld"  # the one unit that stands for all of them, where the settings keep them
# What telephone systems, shops and apps write: English, German, French, Spanish, Portuguese, Italian, Dutch; then the languages
# of the north and east of Europe, and Japanese.
_WORDS = """
private, private number, private caller, unknown, unknown number, unknown caller, anonymous, anonymous call, anonymous caller,
anonymous anonymous invalid, anonymous invalid, withheld, number withheld, withheld number, restricted, blocked, blocked number,
unavailable, not available, no caller id, no number, no id, hidden, hidden number, hidden id, caller id blocked, clir,
suppressed, id withheld, id unavailable, not provided
anonym, anonymer anruf, anonymer anrufer, unbekannt, unbekannte nummer, unbekannter anrufer, unterdruckt, rufnummer unterdruckt,
nummer unterdruckt, unterdruckte nummer, unterdruckte rufnummer, privat, private nummer, nicht verfugbar, keine nummer,
keine rufnummer, ohne rufnummer, verborgen, geheim, gesperrt
anonyme, appel anonyme, inconnu, inconnue, numero inconnu, masque, masquee, numero masque, prive, privee, numero prive,
indisponible, appel masque, secret, numero secret, non communique
anonimo, anonima, llamada anonima, desconocido, desconocida, numero desconocido, oculto, numero oculto, privado, numero privado,
no disponible, restringido, sin numero, bloqueado
desconhecido, desconhecida, numero desconhecido, confidencial, numero confidencial, restrito, numero restrito, indisponivel,
nao disponivel, nao identificado, sem numero
sconosciuto, numero sconosciuto, privato, numero privato, nascosto, numero nascosto, anonimo anonimo, riservato, non disponibile
anoniem, onbekend, onbekend nummer, onbekende beller, afgeschermd, afgeschermd nummer, prive nummer, privenummer, verborgen nummer,
niet beschikbaar, geheim nummer
blocked caller id, nummer unbekannt, num masque, appel masque, no caller,
ukjent, ukjent nummer, skjult nummer, hemmelig nummer, privat nummer, ukendt, ukendt nummer, okand, okant, okant nummer,
hemligt nummer, skyddat nummer, dolt nummer, tuntematon, tuntematon numero, salainen numero, yksityinen numero
nieznany, nieznany numer, numer nieznany, zastrzezony, numer zastrzezony, anonimowy, prywatny, numer prywatny, neznamy,
neznamy volajici, nezname cislo, skryte cislo, soukrome cislo, sukromne cislo, skryty, ismeretlen, ismeretlen szam, rejtett szam,
privat szam, necunoscut, numar necunoscut, numar ascuns, numar privat, nepoznat, nepoznati broj, skriveni broj, bilinmeyen,
bilinmeyen numara, bilinmiyor, gizli numara, ozel numara
неизвестный, неизвестный номер, неизвестно, скрытый номер, номер скрыт, аноним, анонимный
αγνωστος, αγνωστος αριθμος, αποκρυψη, απόρρητο
非通知, 通知不可能, 公衆電話
"""
CODES = (
    *("-1", "-2", "-3"),  # the call log of Android: unknown, private, a payphone
    # Twilio, where only digits can be sent: anonymous, restricted, blocked, unknown (and as it is often mistyped) and
    # unavailable on the keys of a telephone. None is a number that a country has.
    *("+266696687", "+7378742833", "+2562533", "+8656696", "+8566696", "+86282452253"),
)


def words(text: str) -> str:
    """Return the words of a text in lower case, without accents and the signs around them.

    >>> words(" (Numéro privé) "), words("Anonymous@anonymous.invalid")
    ('numero prive', 'anonymous anonymous invalid')
    """
    return " ".join(re.findall(r"[^\W_]+", unaccented(folded(text)).lower()))


WITHHELD = frozenset(words(word) for word in _WORDS.replace("\n", ",").split(",") if word.strip())


def words_in_sql(text: str) -> str:
    """Return SQL for `words` from SQL for a text."""
    return f"trim(regexp_replace(lower(strip_accents({text})), '[^\\p{{L}}\\p{{N}}]+', ' ', 'g'))"


def is_withheld(text: str) -> bool:
    """Tell whether an identifier is a word for a withheld number.

    >>> [is_withheld(text) for text in ("(Unknown)", "Número privado", "Rufnummer unterdrückt", "-1", "Ann Private")]
    [True, True, True, True, False]
    """
    return text in CODES or words(text) in WITHHELD


def is_withheld_in_sql(text: str) -> str:
    """Return SQL for `is_withheld` from SQL for an identifier; false where it is null."""
    codes, listed = (", ".join(f"'{word}'" for word in sorted(words)) for words in (CODES, WITHHELD))
    number = f"regexp_matches({text}, '^\\+?\\d+$')"  # most are, and numbers are no words
    return f"coalesce(CASE WHEN {text} IN ({codes}) THEN true WHEN NOT {number} THEN {words_in_sql(text)} IN ({listed}) END, false)"


def without(identifiers: Iterable[str]) -> frozenset[str]:
    """Return the identifiers that are somebody's."""
    return frozenset(i for i in identifiers if not is_withheld(i))
