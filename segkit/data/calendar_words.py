"""Names of weekdays and months in English, German, French, Spanish, Portuguese, Dutch and Italian."""

from __future__ import annotations

import unicodedata

_WEEKDAYS = """
monday tuesday wednesday thursday friday saturday sunday
montag dienstag mittwoch donnerstag freitag samstag sonntag
lundi mardi mercredi jeudi vendredi samedi dimanche
lunes martes miércoles jueves viernes sábado domingo
segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
lunedì martedì mercoledì giovedì venerdì sabato domenica
"""
_MONTHS = """
january february march april may june july august september october november december
januar februar märz april mai juni juli august september oktober november dezember
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
januari februari maart april mei juni juli augustus september oktober november december
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
jänner feber mrz apr mai juni juli aug sept okt nov dez
"""


def plain(word: str) -> str:
    """Return a word in lower case without accents.

    >>> plain("Sábado")
    'sabado'
    """
    return unaccented(word.lower())


def unaccented(word: str) -> str:
    """Return a word without accents.

    >>> unaccented("Sábado")
    'Sabado'
    """
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


def _numbered(table: str, short: tuple[int, ...]) -> dict[str, int]:
    """Number the words of each line from 1, with their beginnings of ``short`` letters where these are unambiguous."""
    meanings: dict[str, set[int]] = {}
    for line in table.split("\n"):
        for number, word in enumerate(line.split(), start=1):
            whole = plain(word)
            for text in (whole, *(whole[:n] for n in short), whole.split("-")[0]):
                meanings.setdefault(text, set()).add(number)
    return {text: numbers.pop() for text, numbers in meanings.items() if len(numbers) == 1}


WEEKDAY_NUMBER = _numbered(_WEEKDAYS, (2, 3, 4))
MONTH_NUMBER = _numbered(_MONTHS, (3, 4))
