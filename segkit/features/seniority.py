"""The rank that a job title states, by whole words in English and Spanish."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

C_SUITE, SENIOR, MANAGEMENT = "C-Suite", "Senior Management", "Management"
PROFESSIONAL, ENTRY, UNCLASSIFIED = "Professional", "Entry-Level", "Unclassified"
LEVELS = (C_SUITE, SENIOR, MANAGEMENT, PROFESSIONAL, ENTRY, UNCLASSIFIED)

# Who works for somebody of a rank.
_ASSISTS = re.compile(
    r"\b(?:assistant|secretary|aide) (?:to|of|for)\b|\b(?:asistente|auxiliar|secretari[ao]|ayudante) (?:del?|a|para)\b"
    r"|\b(?:ceo|cfo|coo|cto|cmo|presidents?|chief|executive|directors?|personal) (?:assistant|secretary)$"
)
# Phrases that hold a word of a rank and do not mean it.
_NO_RANK = re.compile(
    r"\bleads? (?:gen|generation|qualification)\b|\b(?:product|process) owner\b|\b(?:business|channel) partner\b"
)
_VICE = re.compile(r"\bvice president[ea]?\b")
# Ranks from the highest on; a title has the highest that any of its words states.
_RANKS = {
    C_SUITE: r"ceo|chief|president|presidente|presidenta|founder|cofounder|owner|partner|cto|cfo|coo|cmo|cio|"
    r"fundador|fundadora|cofundador|cofundadora|dueno|duena|propietario|propietaria|socio|socia|"
    r"(?:director|directora|gerente) general|director ejecutivo|directora ejecutiva",
    SENIOR: r"vp|svp|evp|avp|vicepresident|vicepresidente|vicepresidenta|"
    r"director|directora|subdirector|subdirectora|head of|(?:senior|sr) manager|gerente senior",
    MANAGEMENT: r"manager|supervisor|supervisora|lead|leader|coordinator|gerente|subgerente|jefe|jefa|encargado|encargada|"
    r"coordinador|coordinadora|lider|responsable",
    PROFESSIONAL: r"analyst|specialist|consultant|engineer|developer|architect|analista|especialista|consultor|consultora|"
    r"ingeniero|ingeniera|desarrollador|desarrolladora|arquitecto|arquitecta",
    ENTRY: r"intern|junior|jr|associate|assistant|trainee|becario|becaria|practicante|pasante|aprendiz|auxiliar|asistente|"
    r"ayudante|en practicas",
}
_PATTERNS = {level: re.compile(rf"\b(?:{words})\b") for level, words in _RANKS.items()}


def seniority(titles: pd.Series) -> pd.Series:
    """Return the rank of each job title.

    Parameters
    ----------
    titles : Series of str
        Missing titles are NA.

    Returns
    -------
    Series of str
        One of :data:`LEVELS`, same index, named ``seniority``; missing stays missing.

    Notes
    -----
    Words count whole: a director is no "cto", a coordinator no "coo", and international no "intern". A vice president is
    no president. Where a title has words of several ranks it has the highest, but whoever assists somebody has the rank of
    assistants, and in "product owner", "business partner" and "lead generation" no rank is stated.

    Examples
    --------
    >>> found = seniority(pd.Series(["Vice President, Sales", "Coordinadora", "International sales", None], dtype="str"))
    >>> found.fillna("(missing)").tolist()
    ['Senior Management', 'Management', 'Unclassified', '(missing)']
    """
    known = {title: rank(title) for title in titles.dropna().unique()}
    return titles.map(known).astype("str").rename("seniority")


def rank(title: str) -> str:
    """Return the rank of one title.

    >>> [rank(t) for t in ("C.E.O.", "Dueño", "Assistant to the CEO", "Product Owner", "Lead Engineer")]
    ['C-Suite', 'C-Suite', 'Entry-Level', 'Unclassified', 'Management']
    """
    letters = unicodedata.normalize("NFKD", title.lower())
    text = "".join(c for c in letters if not unicodedata.combining(c))
    text = re.sub(r"\b((?:[a-z]\.)+[a-z])\b\.?", lambda hit: hit[1].replace(".", ""), text)  # C.E.O., V.P.
    text = " ".join(re.findall(r"[^\W_]+", re.sub(r"['’]", "", text)))
    if _ASSISTS.search(text):
        return ENTRY
    text = _VICE.sub("vp", _NO_RANK.sub(" ", text))
    return next((level for level, pattern in _PATTERNS.items() if pattern.search(text)), UNCLASSIFIED)
