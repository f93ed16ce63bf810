"""Who reports what: identifier, reporter, texts, status and dates."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from ssc_iati.check.context import Context
from ssc_iati.check.faults import Fault, fault, has_text
from ssc_iati.check.places import Loc
from ssc_iati.record.activity import ActivityDate
from ssc_iati.record.fields import describe
from ssc_iati.record.project import Project
from ssc_iati.record.values import Fact, Text, span
from ssc_iati.standard import org_id


def reporter(project: Project, _: Context) -> Iterator[Fault]:
    """The reporter's identifier begins with a register that IATI approves."""
    ref = project.reporting_org.ref if project.reporting_org else None
    prefix = org_id.prefix_of(ref) if ref else None
    if ref and (prefix is None or not org_id.confirmed(prefix)):
        yield fault("1.14.8", ("reporting_org", "ref"), value=ref)


def identity(project: Project, _: Context) -> Iterator[Fault]:
    """The identifier and the reporter."""
    identifier, reporter = project.iati_identifier, project.reporting_org
    if not identifier:
        yield fault("ssc-identifier-missing", ("iati_identifier",))
    elif identifier.strip() != identifier:
        yield fault("1.3.1", ("iati_identifier",), value=identifier)
    elif any(symbol in identifier for symbol in "/&|?"):
        yield fault("1.3.13", ("iati_identifier",), value=identifier)
    if reporter is None or not reporter.ref:
        yield fault("ssc-reporter-missing", ("reporting_org",))
        return
    if not reporter.type or not has_text(reporter.names):
        yield fault("ssc-reporter-incomplete", ("reporting_org",))
    if reporter.ref == identifier:
        yield fault("1.1.3", ("iati_identifier",), value=identifier)
    elif identifier and not identifier.startswith(f"{reporter.ref}-") and not _earlier_reporter(project):
        yield fault("1.1.21", ("iati_identifier",), value=identifier, prefix=reporter.ref)


def _earlier_reporter(project: Project) -> bool:
    own = project.iati_identifier or ""
    return any(each.type == "B1" and each.ref and own.startswith(f"{each.ref}-") for each in project.other_identifiers)


def texts(project: Project, _: Context) -> Iterator[Fault]:
    """Title, description, and the language of every text."""
    if not has_text(project.title):
        yield fault("4.3.1", ("title",))
    if not project.descriptions:
        yield fault("ssc-description-missing", ("descriptions",))
    for index, each in enumerate(project.descriptions):
        if not has_text(each.text):
            yield fault("4.4.1", ("descriptions", index, "text"))
    if project.language is None and _unspoken(Project, project):
        yield fault("4.1.1", ("language",))


@cache
def _texts_of(model: type[Fact]) -> tuple[tuple[str, ...], tuple[tuple[str, bool], ...]]:
    fields = describe(model)
    below = tuple((field.name, field.many) for field in fields if issubclass(field.kind, Fact))
    return tuple(field.name for field in fields if field.kind is Text), below


def _unspoken(model: type[Fact], fact: Fact) -> bool:
    """Whether any text, however deep, names no language."""
    texts_here, below = _texts_of(model)
    values = fact.__dict__
    if any(text.lang is None for name in texts_here for text in values[name]):
        return True
    found = ((values[name] if many else (values[name],)) for name, many in below if values[name])
    return any(_unspoken(type(each), each) for facts in found for each in facts)


def status(project: Project, _: Context) -> Iterator[Fault]:
    """The status, said in one way or the other."""
    if project.status is None and project.activity_status is None:
        yield fault("ssc-status-missing", ("status",))


def dates(project: Project, context: Context) -> Iterator[Fault]:
    """A start date; starts before ends; nothing actual in the future."""
    first: dict[str, tuple[Loc, ActivityDate]] = {}
    for index, each in enumerate(project.activity_dates):
        loc: Loc = ("activity_dates", index, "date")
        if each.date is None:
            yield fault("ssc-date-missing", loc)
        elif each.type is None:
            yield fault("ssc-date-type-missing", loc, value=each.date)
        else:
            first.setdefault(each.type, (loc, each))
            if each.type in {"2", "4"} and span(each.date).first > context.today:
                yield fault("11.1.4" if each.type == "2" else "11.1.5", loc, value=each.date)
    if "1" not in first and "2" not in first:
        yield fault("6.11.1", ("activity_dates",))
    for start, end, rule in (("1", "3", "11.1.2"), ("2", "4", "11.1.3")):
        if start in first and end in first:
            yield from _in_order(rule, first[start], first[end])


def _in_order(rule: str, start: tuple[Loc, ActivityDate], end: tuple[Loc, ActivityDate]) -> Iterator[Fault]:
    before, after = str(start[1].date), str(end[1].date)
    if span(before).first > span(after).last:
        yield fault(rule, start[0], start=before, end=after)
