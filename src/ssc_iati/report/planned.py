"""A plan in words: one line for each activity that would not be as it was, and below it one for each field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType

from ssc_iati.record.difference import Difference, Step
from ssc_iati.record.labels import column_label, table_label
from ssc_iati.record.project import Project
from ssc_iati.record.tables import Table, tables
from ssc_iati.record.values import Fact
from ssc_iati.report.shown import printable

KINDS: Mapping[str, Mapping[str, str]] = {
    "new": {"en": "new", "es": "nueva", "pt": "nova", "fr": "nouvelle"},
    "changed": {"en": "changed", "es": "modificada", "pt": "alterada", "fr": "modifiée"},
    "unchanged": {"en": "unchanged", "es": "sin cambios", "pt": "sem alterações", "fr": "inchangée"},
    "kept": {
        "en": "set aside, keeps its last good version",
        "es": "apartada, conserva su última versión buena",
        "pt": "separada, mantém a última versão boa",
        "fr": "mise de côté, garde sa dernière bonne version",
    },
    "aside": {
        "en": "set aside, was never published",
        "es": "apartada, nunca se publicó",
        "pt": "separada, nunca foi publicada",
        "fr": "mise de côté, jamais publiée",
    },
    "back": {
        "en": "back as it was",
        "es": "vuelve como estaba",
        "pt": "volta como estava",
        "fr": "de retour à l'identique",
    },
    "gone": {"en": "gone", "es": "retirada", "pt": "retirada", "fr": "retirée"},
    "missing": {
        "en": "no longer in the source, stays until you decide",
        "es": "ya no está en la fuente, queda hasta que usted decida",
        "pt": "não está mais na fonte, fica até você decidir",
        "fr": "n'est plus dans la source, reste tant que vous n'avez pas décidé",
    },
    "held": {
        "en": "waits for your decision",
        "es": "espera su decisión",
        "pt": "espera a sua decisão",
        "fr": "attend votre décision",
    },
}
DEEDS: Mapping[str, Mapping[str, str]] = {
    "added": {"en": "{} added", "es": "{} añadidas", "pt": "{} acrescentadas", "fr": "{} ajoutées"},
    "changed": {"en": "{} changed", "es": "{} modificadas", "pt": "{} alteradas", "fr": "{} modifiées"},
    "deleted": {"en": "{} deleted", "es": "{} borradas", "pt": "{} apagadas", "fr": "{} supprimées"},
    "left": {"en": "{} as they were", "es": "{} como estaban", "pt": "{} como estavam", "fr": "{} telles quelles"},
}
"""What became of the rows of a source that is merged."""
_WORDS = {
    "compared": {
        "en": "Compared with release {number}:",
        "es": "Comparado con la publicación {number}:",
        "pt": "Comparado com a publicação {number}:",
        "fr": "Comparé à la publication {number} :",
    },
    "first": {
        "en": "Nothing was published yet:",
        "es": "Todavía no se publicó nada:",
        "pt": "Nada foi publicado ainda:",
        "fr": "Rien n'a encore été publié :",
    },
    "rendering": {
        "en": "the record is the same; the program or its settings write it otherwise",
        "es": "el registro es el mismo; el programa o su configuración lo escriben de otro modo",
        "pt": "o registro é o mesmo; o programa ou sua configuração o escrevem de outro modo",
        "fr": "l'enregistrement est le même ; le programme ou ses réglages l'écrivent autrement",
    },
    "nothing": {"en": "nothing", "es": "nada", "pt": "nada", "fr": "rien"},
}
LONGEST = 120
"""So many characters of a value are shown."""


def said(word: str, language: str) -> str:
    """One of the words of a plan."""
    return _WORDS[word].get(language) or _WORDS[word]["en"]


def kind_word(kind: str, language: str) -> str:
    """What becomes of an activity, in a language."""
    return KINDS[kind].get(language) or KINDS[kind]["en"]


Rows = Mapping[str, Mapping[str, int]]
NO_ROWS: Rows = MappingProxyType({})
"""Of each table, how many rows of a source that is merged were added, changed, deleted, left."""


def as_lines(
    kind: str, identifier: str, differs: Sequence[Difference], rules: Sequence[str], language: str, rows: Rows = NO_ROWS
) -> Iterator[str]:
    """An activity of the plan, and what differs in it, in the words of the tables that people fill in."""
    reasons = f" ({', '.join(rules)})" if rules else ""
    yield printable(f"{kind_word(kind, language)}: {identifier}{reasons}")
    yield from (f"    {line}" for line in rows_as_lines(rows, language))
    for each in differs:
        path = " > ".join(_step(step, language) for step in each.path)
        yield printable(f"    {path}: {_value(each.before, language)} -> {_value(each.after, language)}")
    if kind == "changed" and not differs:
        yield f"    {said('rendering', language)}"


def rows_as_lines(rows: Rows, language: str) -> Iterator[str]:
    """What becomes of the rows of each table: a line for each."""
    for each in tables():
        if each.name in rows:
            done = (
                (words.get(language) or words["en"]).format(rows[each.name][deed])
                for deed, words in DEEDS.items()
                if rows[each.name].get(deed)
            )
            yield f"{table_label(each.name, language)}: {', '.join(done)}"


def as_json(
    kind: str, identifier: str, differs: Sequence[Difference], rules: Sequence[str], rows: Rows = NO_ROWS
) -> str:
    """The same as one line of JSON: `kind`, `identifier`, `fields` (each with `path`, `before`, `after`), `rules`; of a
    source that is merged `rows`, the number of those added, changed, deleted, left in each table.
    """
    fields = [{"path": _path(each.path), "before": each.before, "after": each.after} for each in differs]
    told: dict[str, object] = {"kind": kind, "identifier": identifier, "fields": fields, "rules": list(rules)}
    if rows:
        told["rows"] = {table: dict(done) for table, done in rows.items()}
    return json.dumps(told, ensure_ascii=False)


def summary(counts: Mapping[str, int], former: int | None, language: str) -> str:
    """The plan in one sentence: how many of each kind."""
    head = said("first", language) if former is None else said("compared", language).format(number=former)
    told = ", ".join(f"{counts[kind]} {kind_word(kind, language)}" for kind in KINDS if counts.get(kind))
    return f"{head} {told or said('nothing', language)}"


def _path(path: Sequence[Step]) -> str:
    return ".".join(step.field if step.which is None else f"{step.field}[{step.which}]" for step in path)


def _value(value: object, language: str) -> str:
    if value is None:
        return f"({said('nothing', language)})"
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _step(step: Step, language: str) -> str:
    name = _label(step.model, step.field, language)
    return name if step.which in {None, "-"} else f"{name} [{step.which}]"


def _label(model: type[Fact], field: str, language: str) -> str:
    """What people call a field: the table that its rows make, or the column of its own table; else its name."""
    if (own := _tables_of_rows().get((model, field))) is not None:
        return table_label(own, language)
    table = _tables_of_models().get(model)
    column = (
        next((each.name for each in table.columns if each.path[:1] in {(field,), (f"{field}[]",)}), None)
        if table
        else None
    )
    return column_label(table.name, column, language) if table is not None and column is not None else field


@cache
def _tables_of_models() -> dict[type[Fact], Table]:
    return {each.model: each for each in tables()}


@cache
def _tables_of_rows() -> dict[tuple[type[Fact], str], str]:
    """The table whose rows a field holds, by the model and the field."""
    found: dict[tuple[type[Fact], str], str] = {(Project, "organisations"): "organisations"}
    for each in tables():
        if each.path:
            owners: dict[tuple[str, ...], type[Fact]] = {(): Project, ("participations",): _model("participations")}
            owner = _model("organisations") if each.owner == "organisations" else owners.get(each.path[:-1])
            if owner is not None:
                found[owner, each.path[-1]] = each.name
    return found


def _model(table: str) -> type[Fact]:
    return next(each.model for each in tables() if each.name == table)
