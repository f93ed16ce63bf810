"""Texts and dates: what the record says, and what must be said in words because IATI has no element for it."""

from __future__ import annotations

from ssc_iati.map.money import unvalued
from ssc_iati.map.options import sentence
from ssc_iati.map.participants import Parts, display_name, text_in
from ssc_iati.map.roster import Roster, Values
from ssc_iati.record import terms
from ssc_iati.record.activity import ActivityDate, Description
from ssc_iati.record.project import Project
from ssc_iati.record.values import Text, altered, first_day, made, precision, span

STARTS = {"3": "1", "4": "2"}


def descriptions(project: Project, partners: Roster, unmapped: Parts, groups: Parts) -> tuple[Description, ...]:
    """The record's descriptions, then one of type 4 for what IATI has no element for."""
    stated = project.__dict__
    if not (unmapped or groups or partners.contributions or stated["mechanisms"] or stated["lessons"]):
        found: tuple[Description, ...] = stated["descriptions"]
        return found
    said = [
        ("others", [_as(each, project) for each in unmapped]),
        ("groups", [_as(each, project) for each in groups]),
        ("mechanisms", _mechanisms(project)),
        ("unvalued", unvalued(project)),
        ("lessons", _lessons(project)),
    ]
    sentences = [sentence(name, project.language, list="; ".join(items)) for name, items in said if items]
    if not sentences:
        return project.descriptions
    text = made(Text, lang=sentences[0][0], text=" ".join(words for _, words in sentences))
    return (*project.descriptions, made(Description, type="4", derived=True, text=(text,)))


def _spoken(project: Project) -> str:
    return project.language if project.language in terms.LANGUAGES else "en"


def _as(each: tuple[Values, tuple[Values, ...]], project: Project) -> str:
    """`Caritas Mexicana (Liaison, facilitator: Identification; Supporter: Implementation)`."""
    organisation, parts = each
    language = _spoken(project)
    roles: dict[str, list[str]] = {}
    for part in parts:
        function, phase = part["function"], part["phase"]
        function = terms.label("function", function, language) if function else "?"
        phase = terms.label("phase", phase, language) if phase and phase != "unspecified" else ""
        roles.setdefault(function, []).append(phase)
    words = [
        f"{function}: {', '.join(filter(None, phases))}" if any(phases) else function
        for function, phases in roles.items()
    ]
    return f"{display_name(organisation, project.language)} ({'; '.join(words)})"


def _mechanisms(project: Project) -> list[str]:
    language = _spoken(project)
    found = []
    for each in project.mechanisms:
        kind = terms.label("mechanism_type", each.type, language) if each.type else ""
        name = text_in(each.names, project.language)
        found.append(f"{name} ({kind})" if name and kind else name or kind)
    return [each for each in found if each]


def _lessons(project: Project) -> list[str]:
    language = _spoken(project)
    return [
        f"{terms.label('lesson_kind', each.kind, language)}: {text}" if each.kind else text
        for each in project.lessons
        if (text := (text_in(each.text, project.language) or "").rstrip("."))
    ]


def dates(project: Project) -> tuple[ActivityDate, ...]:
    """Each date, with a sentence where it is less precise than a day.

    An end that may lie in the same year or month as a later start is published as the day of that start, not before it.
    """
    stated: tuple[ActivityDate, ...] = project.__dict__["activity_dates"]
    for each in stated:
        date = each.__dict__["date"]
        if date is not None and len(date) != 10:
            break
    else:
        return stated
    starts = {each.type: each.date for each in reversed(stated) if each.date}
    return tuple(_date(each, starts, project.language) for each in stated)


def _date(each: ActivityDate, starts: dict[str | None, str], language: str | None) -> ActivityDate:
    if each.date is None or len(each.date) == 10:
        return each
    spoken, words = sentence(precision(each.date), language, date=each.date)
    update: dict[str, object] = {"note": (*each.note, made(Text, lang=spoken, text=words))}
    start = starts.get(STARTS.get(each.type or "", ""))
    if start is not None and first_day(each.date) < first_day(start) <= span(each.date).last.isoformat():
        update["spellings"] = {**each.spellings, "date": first_day(start)}
    return altered(each, **update)
