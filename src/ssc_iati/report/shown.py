"""Findings in words: one line each for the terminal and for pages, one object each for programs."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from typing import NamedTuple

from ssc_iati.findings import Finding, Place, Severity
from ssc_iati.messages import word

_WORDS = {
    "en": ("row", "column", "line", "projects", "accepted", "set aside", "Findings"),
    "es": ("fila", "columna", "línea", "proyectos", "aceptados", "apartados", "Hallazgos"),
    "pt": ("linha", "coluna", "linha", "projetos", "aceitos", "separados", "Constatações"),
    "fr": ("ligne", "colonne", "ligne", "projets", "acceptés", "mis de côté", "Constats"),
}
_SEVERITIES = {
    "es": ("crítico", "error", "aviso", "consejo"),
    "pt": ("crítico", "erro", "aviso", "conselho"),
    "fr": ("critique", "erreur", "avertissement", "conseil"),
}


class Words(NamedTuple):
    """The few words of a report that are no finding's."""

    row: str
    column: str
    line: str
    projects: str
    accepted: str
    set_aside: str
    findings: str


def words(language: str) -> Words:
    """The words of a report in this language."""
    return Words(*_WORDS.get(language, _WORDS["en"]))


def severity(value: Severity, language: str) -> str:
    """The severity in this language."""
    named = _SEVERITIES.get(language)
    return named[list(Severity).index(value)] if named else value.value


def place(where: Place, language: str) -> str:
    """Where it is: `projects, row 12, column title (C12)`."""
    said = words(language)
    parts = [where.file if where.sheet is None else where.sheet]
    if where.row is not None:
        parts.append(f"{said.row} {where.row}")
    if where.column is not None:
        parts.append(f"{said.column} {where.column}" + (f" ({where.cell})" if where.cell else ""))
    elif where.cell is not None:
        parts.append(where.cell)
    if where.line is not None:
        parts.append(f"{said.line} {where.line}")
    if where.path is not None:
        parts.append(where.path)
    return ", ".join(parts)


def as_line(item: Finding, language: str) -> str:
    """A finding in one line of text, its place first."""
    worded = word(item, language)
    about = f" [{item.identifier}]" if item.identifier else ""
    head = f"{place(item.where, language)}{about}: {severity(item.severity, language)}"
    said = f"{head}: {worded.message} {worded.hint} ({item.rule})"
    return printable(said)


def printable(text: str) -> str:
    """The text without what a terminal would obey; what data hold is never a command."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else " " for sign in text)


def as_json(item: Finding, language: str) -> str:
    """A finding as one line of JSON; keys are documented in `docs/reference/findings.md`."""
    worded = word(item, language)
    told: dict[str, object] = {
        "file": item.where.file,
        "identifier": item.identifier,
        "rule": item.rule,
        "severity": item.severity.value,
        "category": item.category,
        "message": worded.message,
        "hint": worded.hint,
    }
    told |= item.where.as_dict() | {"values": dict(item.values)}
    if item.also:
        told["also"] = [_other(each, item.where) for each in item.also]
    return json_line(told)


def json_line(told: object) -> str:
    """A value as one line of JSON, in which signs that a terminal would obey are escaped."""
    line = _ENCODED(told)
    if line.isprintable():
        return line
    return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in line)


_ENCODED = json.JSONEncoder(ensure_ascii=False).encode


def _other(place: Place, first: Place) -> dict[str, str | int]:
    """A further place, without its file where that is the first one's."""
    found = place.as_dict()
    return {name: value for name, value in found.items() if name != "file" or value != first.file}


STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b }
table { border-collapse: collapse; width: 100% }
td { text-align: left; vertical-align: top; padding: .5rem; border-bottom: 1px solid #d0d0d0 }
td:first-child { white-space: nowrap }
.critical, .error { color: #9b1c1c; font-weight: 600 }
.warning { color: #7a4b00; font-weight: 600 }
.hint { color: #444 }
code { font-size: .85em; color: #555 }
"""


def as_page(findings: Iterable[Finding], summary: str, language: str) -> Iterable[str]:
    """A page that lists the findings: one file, no script, nothing from elsewhere."""
    title = f"{words(language).findings} - ssc-iati"
    yield f'<!doctype html>\n<html lang="{html.escape(language)}"><head><meta charset="utf-8"><title>{title}</title>'
    yield f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head><body>\n'
    yield f"<h1>{words(language).findings}</h1>\n<p>{html.escape(summary)}</p>\n<table><tbody>\n"
    for each in findings:
        worded = word(each, language)
        where, about = html.escape(place(each.where, language)), html.escape(each.identifier or "")
        said, hint = html.escape(worded.message), html.escape(worded.hint)
        yield f'<tr><td class="{each.severity.value}">{severity(each.severity, language)}</td>'
        yield f"<td>{where}<br><code>{about}</code></td>"
        yield f'<td>{said}<br><span class="hint">{hint}</span> <code>{each.rule}</code></td></tr>\n'
    yield "</tbody></table></body></html>\n"
