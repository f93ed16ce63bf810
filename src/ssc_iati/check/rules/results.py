"""What was achieved, what documents it, and what IATI demands of the smaller elements."""

from __future__ import annotations

from collections.abc import Iterator

from ssc_iati.check.context import Context
from ssc_iati.check.faults import Fault, fault, has_text
from ssc_iati.check.places import Loc
from ssc_iati.check.rules.money import is_day
from ssc_iati.record.activity import DocumentLink
from ssc_iati.record.project import Project
from ssc_iati.record.results import Figure, Indicator


def results(project: Project, _: Context) -> Iterator[Fault]:
    """Titles, types, measures; values that suit the measure."""
    for index, each in enumerate(project.__dict__["results"]):
        loc: Loc = ("results", index)
        if each.type is None:
            yield fault("ssc-result-incomplete", (*loc, "type"), field="type")
        if not has_text(each.title):
            yield fault("ssc-result-incomplete", (*loc, "title"), field="title")
        if not each.indicators:
            yield fault("ssc-indicator-missing", loc)
        for number, indicator in enumerate(each.indicators):
            yield from _indicator(indicator, (*loc, "indicators", number))
            if each.references and indicator.references:
                yield fault("8.11.1", (*loc, "indicators", number, "references"))


def _indicator(each: Indicator, loc: Loc) -> Iterator[Fault]:
    if each.measure is None:
        yield fault("ssc-result-incomplete", (*loc, "measure"), field="measure")
    if not has_text(each.title):
        yield fault("ssc-result-incomplete", (*loc, "title"), field="title")
    for number, baseline in enumerate(each.baselines):
        where: Loc = (*loc, "baselines", number)
        if not baseline.year:
            yield fault("ssc-result-incomplete", (*where, "year"), field="year")
        yield from _figure(each.measure, baseline.value, where, ("8.8.1", "8.8.2", "8.8.3"))
    for number, period in enumerate(each.periods):
        where = (*loc, "periods", number)
        for name in ("start", "end"):
            if not is_day(getattr(period, name)):
                yield fault("ssc-date-day-needed", (*where, name), value=getattr(period, name) or "-")
        if is_day(period.start) and is_day(period.end) and str(period.start) > str(period.end):
            yield fault("8.6.1", (*where, "start"), start=period.start, end=period.end)
        yield from _figures(each.measure, period.targets, (*where, "targets"), ("8.9.1", "8.9.2", "8.9.3"))
        yield from _figures(each.measure, period.actuals, (*where, "actuals"), ("8.10.1", "8.10.2", "8.10.3"))


def _figures(
    measure: str | None, figures: tuple[Figure, ...], loc: Loc, rules: tuple[str, str, str]
) -> Iterator[Fault]:
    for index, each in enumerate(figures):
        yield from _figure(measure, each.value, (*loc, index), rules)


def _figure(measure: str | None, value: str | None, loc: Loc, rules: tuple[str, str, str]) -> Iterator[Fault]:
    missing, no_number, qualitative = rules
    if measure in {"1", "2", "3", "4"}:
        if value is None:
            yield fault(missing, (*loc, "value"))
        elif not _is_number(value):
            yield fault(no_number, (*loc, "value"), value=value)
    elif measure == "5" and value is not None:
        yield fault(qualitative, (*loc, "value"), value=value)


def _is_number(value: str) -> bool:
    digits = value.strip().removeprefix("-")
    whole, _, rest = digits.partition(".")
    return bool(whole or rest) and (whole + rest).isdecimal() and (whole + rest).isascii()


def documents(project: Project, _: Context) -> Iterator[Fault]:
    """An address with format, title and category; or at least a citation."""
    for index, each in enumerate(project.__dict__["document_links"]):
        loc: Loc = ("document_links", index)
        if each.url is None:
            if not each.citation and not has_text(each.title):
                yield fault("ssc-document-empty", (*loc, "url"))
            continue
        yield from (fault("ssc-document-incomplete", (*loc, name), field=name) for name in _missing(each))


def _missing(document: DocumentLink) -> list[str]:
    present = {"format": document.format, "title": has_text(document.title), "categories": document.categories}
    return [name for name, value in present.items() if not value]


_DEMANDED = (
    ("related_activities", ("ref", "type")),
    ("other_identifiers", ("ref", "type")),
    ("legacy_data", ("name", "value")),
    ("humanitarian_scopes", ("type", "vocabulary", "code")),
)


def other_parts(project: Project, _: Context) -> Iterator[Fault]:
    """What IATI demands of the smaller elements."""
    record = project.__dict__
    for index, each in enumerate(record["other_identifiers"]):
        if each.owner is not None and not each.owner.ref and not has_text(each.owner.names):
            yield fault("6.8.1", ("other_identifiers", index, "owner"))
    for name, fields in _DEMANDED:
        for index, each in enumerate(record[name]):
            yield from (
                fault("ssc-field-missing", (name, index, field), field=field)
                for field in fields
                if not getattr(each, field)
            )
