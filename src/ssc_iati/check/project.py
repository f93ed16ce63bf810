"""A draft becomes a project, or what is wrong with it is said, all at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any, NamedTuple

from pydantic import ValidationError

from ssc_iati.check import rules
from ssc_iati.check.codes import faults
from ssc_iati.check.context import Context, with_defaults
from ssc_iati.check.faults import Fault
from ssc_iati.check.places import Draft, Loc, shown
from ssc_iati.check.quick_record import read_quickly
from ssc_iati.check.references import references
from ssc_iati.findings import Finding, Place
from ssc_iati.record.project import Project
from ssc_iati.text import fold

# What pydantic calls it, and the rule that it is to us; anything else is a value that the field does not take.
_PYDANTIC = {
    "extra_forbidden": "ssc-field-unknown",
    "literal_error": "ssc-term-unknown",
    "date_text": "ssc-date-unreadable",
}


class _Reading(NamedTuple):
    """A draft as far as it can be read: the project, or what is left without the values that no project may hold, and
    where a value stood that could not be read. `sound` says that no list or bound has anything against the rest.
    """

    draft: Draft
    project: Project | None
    rest: Project | None
    unread: set[Place]
    sound: bool = False


def check(draft: Draft, context: Context) -> Project | None:
    """The project, if the draft can be read as one; whatever is wrong is added to the draft's findings.

    A project is given back even when findings of error stand: whether it is set aside is decided by the caller.
    """
    return check_all([draft], context)[0]


def check_all(drafts: Sequence[Draft], context: Context) -> list[Project | None]:
    """Check several drafts, each on its own, but one rule after the other: a rule that is applied to many projects at
    once stays in the processor's cache, which is worth a twentieth of a run.
    """
    readings = [_read(draft, context) for draft in drafts]
    judged = [(each, each.rest) for each in readings if each.rest is not None]
    for each, rest in judged:
        if not each.sound:
            for found in faults(Project, rest):
                _say(each, found)
    for rule in rules.RULES:
        for each, rest in judged:
            for found in rule(rest, context):
                _say(each, found)
    return [each.project for each in readings]


def _read(draft: Draft, context: Context) -> _Reading:
    if draft.broken:
        return _Reading(draft, None, None, set())
    values = with_defaults(draft.values, context.publisher)
    unread = _unread(draft.findings)
    _check_references(draft)
    quick = read_quickly(values)
    if quick is not None:
        return _Reading(draft, quick.project, quick.project, unread, quick.sound)
    try:
        project = Project.model_validate(values)
    except ValidationError as error:
        refused = error.errors(include_url=False)
        said = len(draft.findings)
        for each in refused:
            say_refused(draft, each)
        return _Reading(draft, None, _rest(values, refused), unread | _unread(draft.findings[said:]))
    return _Reading(draft, project, project, unread)


_TEXT = re.compile(r"\[\d+\]\.text$")


def _unread(findings: list[Finding]) -> set[Place]:
    """Where a value stood that could not be read: that it is missing need not be said as well."""
    if not findings:
        return set()
    places = {each.where for each in findings if each.where.column is not None or each.where.path is not None}
    return places | {replace(each, path=_TEXT.sub("", each.path)) for each in places if each.path is not None}


def _rest(values: dict[str, Any], refused: Any) -> Project | None:  # noqa: ANN401 - pydantic's own dictionaries
    """The record without what it may not hold, so that everything else that is wrong is found at once too."""
    rest = deepcopy(values)
    gaps: list[list[Any]] = []
    for each in refused:
        node: Any = rest
        *way, last = each["loc"] or ("",)
        for step in way:
            node = node.get(step) if isinstance(node, dict) else node[step] if _has(node, step) else None
        if isinstance(node, dict):
            node.pop(last, None)
        elif _has(node, last):
            node[last] = _GAP
            gaps.append(node)
    for items in gaps:
        items[:] = [item for item in items if item is not _GAP]
    try:
        return Project.model_validate(rest)
    except ValidationError:
        return None


_GAP = object()


def _has(node: object, step: object) -> bool:
    return isinstance(node, list) and isinstance(step, int) and step < len(node)


def _say(reading: _Reading, found: Fault) -> None:
    if not reading.unread or reading.draft.place(found.loc) not in reading.unread:
        say_fault(reading.draft, found)


def say_fault(draft: Draft, found: Fault) -> None:
    """Note what a rule found."""
    if found.official is None:
        draft.say(found.rule, found.loc, **found.values)
        return
    severity, category = found.official
    values = {name: str(value) for name, value in found.values.items()}
    draft.findings.append(Finding(found.rule, severity, category, draft.place(found.loc), None, values))


def say_refused(draft: Draft, error: Any) -> None:  # noqa: ANN401 - pydantic's own dictionary
    """Note what the model does not take."""
    loc: Loc = tuple(error["loc"])
    rule = _PYDANTIC.get(error["type"], "ssc-value-invalid")
    value = error["input"] if isinstance(error["input"], (str, int, float)) else type(error["input"]).__name__
    draft.say(rule, loc, value=value, field=shown(loc), problem=error["msg"], suggestion="-")


def _check_references(draft: Draft) -> None:
    """Whether every key that is named is there; where one is not, the places are looked for, which costs more."""
    known: dict[str, dict[str, None]] = {}
    for collection, key in draft.named:
        if collection not in known:
            known[collection] = _known(draft, collection)
        if key not in known[collection]:
            break
    else:
        return
    for loc, collection, key in references(Project, draft.values, ()):
        own = known.get(collection) or _known(draft, collection)
        if key not in own:
            close = next((each for each in own if fold(each) == fold(key)), "-")
            draft.say("ssc-reference-unknown", loc, value=key, table=collection, suggestion=close)


def _known(draft: Draft, collection: str) -> dict[str, None]:
    """The keys of a collection of the project, in their order."""
    facts = draft.values.get(collection)
    if not isinstance(facts, list):
        return {}
    return {key: None for each in facts if isinstance(each, dict) and isinstance(key := each.get("key"), str)}
