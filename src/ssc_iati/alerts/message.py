"""What an alert says: what began, what ended, in the language of those who are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ssc_iati.report.shown import printable

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "subject": "{publication}: {began} new, {ended} over",
        "began": "What needs you now:",
        "ended": "What is over:",
        "since": "since {since}",
        "once": "You are told when something begins and when it ends, not every night.",
    },
    "es": {
        "subject": "{publication}: {began} nuevas, {ended} resueltas",
        "began": "Lo que requiere su atención:",
        "ended": "Lo que se ha resuelto:",
        "since": "desde {since}",
        "once": "Se le avisa cuando algo empieza y cuando termina, no cada noche.",
    },
    "pt": {
        "subject": "{publication}: {began} novas, {ended} resolvidas",
        "began": "O que precisa da sua atenção:",
        "ended": "O que foi resolvido:",
        "since": "desde {since}",
        "once": "O aviso chega quando algo começa e quando termina, não todas as noites.",
    },
    "fr": {
        "subject": "{publication} : {began} nouveautés, {ended} terminées",
        "began": "Ce qui demande votre attention :",
        "ended": "Ce qui est terminé :",
        "since": "depuis {since}",
        "once": "Vous êtes averti quand quelque chose commence et quand cela se termine, pas chaque nuit.",
    },
}
SHOWN = 100
"""More lines than this nobody reads: the rest is counted."""


class Line(NamedTuple):
    """Something that began, or ended: its key, in words, and since when."""

    key: str
    text: str
    since: str


class Message(NamedTuple):
    """An alert: of which publication, what began, what ended."""

    publication: str
    began: Sequence[Line]
    ended: Sequence[Line]

    def subject(self, language: str) -> str:
        """One line."""
        counts = {"began": len(self.began), "ended": len(self.ended)}
        said = _WORDS[language]["subject"].format(publication=self.publication, **counts)
        return printable(f"ssc-iati: {said}")

    def text(self, language: str) -> str:
        """The whole, as plain text."""
        said = _WORDS[language]
        lines: list[str] = []
        for heading, told in (("began", self.began), ("ended", self.ended)):
            if told:
                lines += [said[heading], *(f"- {each.text}{_since(each, said, heading)}" for each in told[:SHOWN])]
                lines += [f"- ... (+{len(told) - SHOWN})"] * (len(told) > SHOWN) + [""]
        return "\n".join([*lines, said["once"], ""])

    def data(self, language: str) -> dict[str, Any]:
        """The same for programs; `text` is what chat services show."""
        told = {name: [each._asdict() for each in getattr(self, name)[:SHOWN]] for name in ("began", "ended")}
        text = f"{self.subject(language)}\n\n{self.text(language)}"
        return {"text": text, "publication": self.publication, **told}


def _since(line: Line, said: Mapping[str, str], heading: str) -> str:
    return f" ({said['since'].format(since=line.since)})" if heading == "ended" else ""
