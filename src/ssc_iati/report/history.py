"""The history of a publication in words: lines for the terminal, a page, or one JSON object a line."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ssc_iati.report.shown import STYLE, printable

Told = Mapping[str, Any]

_WORDS = {
    "history": {"en": "History", "es": "Historial", "pt": "Histórico", "fr": "Historique"},
    "releases": {"en": "Releases", "es": "Publicaciones", "pt": "Publicações", "fr": "Publications"},
    "runs": {"en": "Runs", "es": "Ejecuciones", "pt": "Execuções", "fr": "Exécutions"},
    "release": {"en": "release", "es": "publicación", "pt": "publicação", "fr": "publication"},
    "run": {"en": "run", "es": "ejecución", "pt": "execução", "fr": "exécution"},
    "activities": {"en": "activities", "es": "actividades", "pt": "atividades", "fr": "activités"},
    "transactions": {"en": "transactions", "es": "transacciones", "pt": "transações", "fr": "transactions"},
    "added": {"en": "new", "es": "nuevas", "pt": "novas", "fr": "nouvelles"},
    "changed": {"en": "changed", "es": "modificadas", "pt": "alteradas", "fr": "modifiées"},
    "gone": {"en": "gone", "es": "retiradas", "pt": "retiradas", "fr": "retirées"},
    "kept": {
        "en": "kept in their last good version",
        "es": "conservadas en su última versión buena",
        "pt": "mantidas na última versão boa",
        "fr": "gardées dans leur dernière bonne version",
    },
    "missing": {
        "en": "no longer in the source",
        "es": "ya no están en la fuente",
        "pt": "não estão mais na fonte",
        "fr": "ne sont plus dans la source",
    },
    "held": {
        "en": "waiting for your decision",
        "es": "esperan su decisión",
        "pt": "esperam a sua decisão",
        "fr": "attendent votre décision",
    },
    "latest": {"en": "stands", "es": "vigente", "pt": "vigente", "fr": "en place"},
    "rollback": {
        "en": "back to release {0}",
        "es": "vuelta a la publicación {0}",
        "pt": "volta à publicação {0}",
        "fr": "retour à la publication {0}",
    },
    "set_aside": {"en": "set aside", "es": "apartados", "pt": "separados", "fr": "mis de côté"},
    "allowed": {"en": "allowed", "es": "permitido", "pt": "permitido", "fr": "permis"},
    "prepared": {
        "en": "not yet seen to stand",
        "es": "sin confirmar",
        "pt": "não confirmada",
        "fr": "pas encore confirmée",
    },
    "published": {"en": "published", "es": "publicado", "pt": "publicado", "fr": "publié"},
    "interrupted": {"en": "interrupted", "es": "interrumpida", "pt": "interrompida", "fr": "interrompue"},
    "unchanged": {
        "en": "nothing had changed",
        "es": "sin cambios",
        "pt": "sem alterações",
        "fr": "rien n'avait changé",
    },
    "rested": {
        "en": "same as before, not done again",
        "es": "igual que antes, no se repitió",
        "pt": "igual a antes, não repetida",
        "fr": "comme avant, non refaite",
    },
    "refused": {
        "en": "refused by the guard",
        "es": "rechazada por el control",
        "pt": "recusada pelo controle",
        "fr": "refusée par le garde-fou",
    },
    "failed": {"en": "failed", "es": "falló", "pt": "falhou", "fr": "en échec"},
    "died": {"en": "died", "es": "se interrumpió", "pt": "interrompeu-se", "fr": "interrompue"},
    "running": {"en": "at work", "es": "en curso", "pt": "em curso", "fr": "en cours"},
    "rolled back": {"en": "went back", "es": "volvió atrás", "pt": "voltou atrás", "fr": "retour en arrière"},
    "delivered": {
        "en": "registered and read back",
        "es": "registrada y comprobada",
        "pt": "registrada e conferida",
        "fr": "enregistrée et relue",
    },
    "undelivered": {
        "en": "not registered, or not read back well",
        "es": "sin registrar, o con fallos al comprobarla",
        "pt": "não registrada, ou com falhas ao conferi-la",
        "fr": "non enregistrée, ou mal relue",
    },
    "passed over": {"en": "passed over", "es": "omitida", "pt": "omitida", "fr": "laissée de côté"},
}


def word(name: str, language: str) -> str:
    """One of the words of a history; a state that has none is shown as it is."""
    known = _WORDS.get(name)
    return name if known is None else known.get(language) or known["en"]


def as_json(told: Told) -> str:
    """A release or a run as one line of JSON."""
    return json.dumps(told, ensure_ascii=False)


def as_lines(told: Iterable[Told], language: str) -> Iterator[str]:
    """The history, line by line."""
    shown = list(told)
    for kind, title in (("release", "releases"), ("run", "runs")):
        rows = [each for each in shown if each["kind"] == kind]
        yield f"{word(title, language)}:"
        for each in rows:
            yield printable("  " + "  ".join(part for part in _cells(each, language) if part))
            if kind == "release":
                yield from (printable(f"      {line}") for line in _files(each, language))


def _cells(told: Told, language: str) -> tuple[str, ...]:
    return _release(told, language) if told["kind"] == "release" else _run(told, language)


def _release(told: Told, language: str) -> tuple[str, ...]:
    state = word(told["state"], language)
    if told["way"] == "rollback":
        state += f", {word('rollback', language).format(told['back_to'])}"
    if told["latest"]:
        state += f", {word('latest', language)}"
    names = ("added", "changed", "gone", "kept")
    moved = ", ".join(f"{told[name]} {word(name, language)}" for name in names if told[name])
    return (str(told["number"]), told["made"], state, f"{told['activities']} {word('activities', language)}", moved)


def _files(told: Told, language: str) -> Iterator[str]:
    for each in told["files"]:
        size = "" if each["size"] is None else f"{each['size']:,} B"
        held = f"{each['activities']} {word('activities', language)}" if each["activities"] else ""
        parts = (each["name"], held, size, (each["sha256"] or "")[:12], each["url"] or "")
        yield "  ".join(part for part in parts if part)


def _run(told: Told, language: str) -> tuple[str, ...]:
    release = "" if told["release"] is None else f"{word('release', language)} {told['release']}"
    found = ", ".join(f"{number} {name}" for name, number in sorted(told["findings"].items()))
    aside = f"{len(told['set_aside'])} {word('set_aside', language)}" if told["set_aside"] else ""
    allowed = f"{word('allowed', language)}: {', '.join(told['allowed'])}" if told["allowed"] else ""
    state = word(told["state"], language)
    return (
        str(told["number"]),
        told["started"],
        state,
        release,
        told["source"],
        found,
        aside,
        allowed,
        told["trouble"] or "",
    )


def as_page(told: Iterable[Told], language: str) -> Iterator[str]:
    """The history as a page: one file, no script, nothing from elsewhere."""
    shown = list(told)
    title = f"{word('history', language)} - ssc-iati"
    yield f'<!doctype html>\n<html lang="{html.escape(language)}"><head><meta charset="utf-8"><title>{title}</title>'
    yield f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head><body>\n'
    yield f"<h1>{word('history', language)}</h1>\n"
    for kind, heading in (("release", "releases"), ("run", "runs")):
        yield f"<h2>{word(heading, language)}</h2>\n<table><tbody>\n"
        for each in shown:
            if each["kind"] == kind:
                yield from _row(each, language)
        yield "</tbody></table>\n"
    yield "</body></html>\n"


def _row(told: Told, language: str) -> Iterator[str]:
    cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in _cells(told, language))
    yield f"<tr>{cells}</tr>\n"
    for line in _files(told, language) if told["kind"] == "release" else ():
        yield f'<tr><td></td><td colspan="4"><code>{html.escape(line)}</code></td></tr>\n'
