"""Who reports what: identifier, reporter, texts, status and dates."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

from ssc_iati.check.context import Context
from ssc_iati.check.faults import Fault, fault, has_text
from ssc_iati.check.places import Loc
from ssc_iati.record.fields import describe
from ssc_iati.record.project import Project
from ssc_iati.record.values import Fact, Text, span
from ssc_iati.standard import org_id


def reporter(project: Project, _: Context) -> Iterator[Fault]:
    """The reporter's identifier begins with a register that IATI approves."""
    who = project.__dict__["reporting_org"]
    ref = who.ref if who is not None else None
    if ref and not _approved(ref):
        yield fault("1.14.8", ("reporting_org", "ref"), value=ref)


@lru_cache(1_000)
def _approved(ref: str) -> bool:
    prefix = org_id.prefix_of(ref)
    return prefix is not None and org_id.confirmed(prefix)


def identity(project: Project, _: Context) -> Iterator[Fault]:
    """The identifier and the reporter."""
    record = project.__dict__
    identifier, reporter = record["iati_identifier"], record["reporting_org"]
    if not identifier:
        yield fault("ssc-identifier-missing", ("iati_identifier",))
    elif identifier.strip() != identifier:
        yield fault("1.3.1", ("iati_identifier",), value=identifier)
    elif "/" in identifier or "&" in identifier or "|" in identifier or "?" in identifier:
        yield fault("1.3.13", ("iati_identifier",), value=identifier)
    who = reporter.__dict__ if reporter is not None else {}
    ref = who.get("ref")
    if not ref:
        yield fault("ssc-reporter-missing", ("reporting_org",))
        return
    if not who["type"] or not has_text(who["names"]):
        yield fault("ssc-reporter-incomplete", ("reporting_org",))
    if ref == identifier:
        yield fault("1.1.3", ("iati_identifier",), value=identifier)
    elif identifier and not identifier.startswith(f"{ref}-") and not _earlier_reporter(project):
        yield fault("1.1.21", ("iati_identifier",), value=identifier, prefix=ref)


def _earlier_reporter(project: Project) -> bool:
    own = project.iati_identifier or ""
    return any(each.type == "B1" and each.ref and own.startswith(f"{each.ref}-") for each in project.other_identifiers)


def texts(project: Project, _: Context) -> Iterator[Fault]:
    """Title, description, and the language of every text."""
    record = project.__dict__
    if not has_text(record["title"]):
        yield fault("4.3.1", ("title",))
    if not record["descriptions"]:
        yield fault("ssc-description-missing", ("descriptions",))
    for index, each in enumerate(record["descriptions"]):
        if not has_text(each.__dict__["text"]):
            yield fault("4.4.1", ("descriptions", index, "text"))
    if record["language"] is None and _unspoken(Project, project):
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
    record = project.__dict__
    if record["status"] is None and record["activity_status"] is None:
        yield fault("ssc-status-missing", ("status",))


def dates(project: Project, context: Context) -> Iterator[Fault]:
    """A start date; starts before ends; nothing actual in the future."""
    first: dict[str, tuple[Loc, str]] = {}
    for index, each in enumerate(project.__dict__["activity_dates"]):
        stated, loc = each.__dict__, ("activity_dates", index, "date")
        date, kind = stated["date"], stated["type"]
        if date is None:
            yield fault("ssc-date-missing", loc)
        elif kind is None:
            yield fault("ssc-date-type-missing", loc, value=date)
        else:
            first.setdefault(kind, (loc, date))
            if kind in {"2", "4"} and span(date).first > context.today:
                yield fault("11.1.4" if kind == "2" else "11.1.5", loc, value=date)
    if "1" not in first and "2" not in first:
        yield fault("6.11.1", ("activity_dates",))
    for start, end, rule in (("1", "3", "11.1.2"), ("2", "4", "11.1.3")):
        if start in first and end in first:
            yield from _in_order(rule, first[start], first[end])


def _in_order(rule: str, start: tuple[Loc, str], end: tuple[Loc, str]) -> Iterator[Fault]:
    if span(start[1]).first > span(end[1]).last:
        yield fault(rule, start[0], start=start[1], end=end[1])
