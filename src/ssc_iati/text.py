"""How two spellings are compared: one rule for headers, labels and codes, wherever a person's words meet ours."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_APART = re.compile(r"[\W_]+")
# Latin letters and the marks that go with them, of which one is none that combines: what nearly every text is made of.
_LATIN = re.compile("[\0-\u036f]*")
_LATIN_MARKS = re.compile("[\u0300-\u034e\u0350-\u036f]")


def _bare(text: str) -> str:
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    if _LATIN.fullmatch(decomposed):
        return _LATIN_MARKS.sub("", decomposed)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def folded(text: str) -> str:
    """What `fold` gives, for a text that will hardly come again: nothing is remembered."""
    if text.isascii():
        return text.lower() if text.isalnum() else _APART.sub(" ", text.lower()).strip()
    return _APART.sub(" ", _bare(_bare(text).casefold())).strip()


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Bring a text to the form in which spellings are compared: no case, no accents, one space for other signs.

    >>> fold("  Contraparte  Técnica ") == fold("contraparte-tecnica")
    True
    """
    return folded(text)


_UNKNOWN = frozenset(
    fold(words)
    for words in (
        "unknown", "not known", "not available", "no data",
        "desconocido", "desconocida", "no se sabe", "se desconoce", "sin dato", "sin datos", "sin información",
        "no disponible", "s/d", "n/d", "nd", "s.d.",
        "desconhecido", "desconhecida", "não se sabe", "não informado", "não informada", "não disponível", "sem dados",
        "sem informação",
        "inconnu", "inconnue", "non connu", "non connue", "non renseigné", "non renseignée", "non disponible",
        "pas de données",
    )
)  # fmt: skip


def states_unknown(text: str) -> bool:
    """Whether a text states that something is not known."""
    return len(text) < 40 and not text[-1:].isdigit() and fold(text) in _UNKNOWN
