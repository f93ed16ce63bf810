"""Money as IATI states it: periods, amounts, dates that are not of tomorrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TypeGuard

from ssc_iati.check.context import Context
from ssc_iati.check.faults import Fault, fault, has_text
from ssc_iati.check.places import Loc
from ssc_iati.check.places import Values as Stated
from ssc_iati.record.project import Project
from ssc_iati.record.values import span


def budgets(project: Project, _: Context) -> Iterator[Fault]:
    """Periods of at most a year, in order, with an amount."""
    for index, each in enumerate(project.__dict__["budgets"]):
        stated, loc = each.__dict__, ("budgets", index)
        yield from _amount(project, stated, loc)
        yield from _period(stated, loc, needs_end=True)
        yield from _days(stated, loc, ("period_start", "period_end", "value_date"))
        start, end = stated["period_start"], stated["period_end"]
        if is_day(start) and is_day(end) and (date.fromisoformat(end) - date.fromisoformat(start)).days > 365:
            yield fault("7.5.3", (*loc, "period_end"), start=start, end=end)


def planned_disbursements(project: Project, _: Context) -> Iterator[Fault]:
    """As budgets; the end may be open."""
    for index, each in enumerate(project.__dict__["planned_disbursements"]):
        stated, loc = each.__dict__, ("planned_disbursements", index)
        yield from _amount(project, stated, loc)
        yield from _period(stated, loc, needs_end=False)
        yield from _days(stated, loc, ("period_end", "value_date"))
        yield from _sides(stated, loc)


def transactions(project: Project, context: Context) -> Iterator[Fault]:
    """A type, a date that is not in the future, an amount."""
    for index, each in enumerate(project.__dict__["transactions"]):
        stated, loc = each.__dict__, ("transactions", index)
        day, value_date = stated["date"], stated["value_date"]
        if stated["type"] is None:
            yield fault("ssc-transaction-type-missing", (*loc, "type"))
        if day is None:
            yield fault("ssc-date-missing", (*loc, "date"))
        elif span(day).first > context.today:
            yield fault("11.2.1", (*loc, "date"), value=day)
        if value_date is not None and span(value_date).first > context.today:
            yield fault("11.2.2", (*loc, "value_date"), value=value_date)
        yield from _amount(project, stated, loc)
        if value_date is not None and not is_day(value_date):
            yield fault("ssc-date-day-needed", (*loc, "value_date"), value=value_date)
        yield from _sides(stated, loc)
        aid_types = stated["aid_types"]
        if aid_types and len({aid.vocabulary or "1" for aid in aid_types}) < len(aid_types):
            yield fault("107.2.2", (*loc, "aid_types"))


def _amount(project: Project, stated: Stated, loc: Loc) -> Sequence[Fault]:
    found = []
    if stated["value"] is None:
        found.append(fault("ssc-amount-missing", (*loc, "value")))
    if stated["currency"] is None and project.default_currency is None:
        found.append(fault("7.8.1", (*loc, "currency")))
    return found


def _period(stated: Stated, loc: Loc, *, needs_end: bool) -> Iterator[Fault]:
    start, end = stated["period_start"], stated["period_end"]
    if start is None:
        yield fault("ssc-date-missing", (*loc, "period_start"))
    if end is None:
        if needs_end:
            yield fault("ssc-date-missing", (*loc, "period_end"))
    elif start is not None and span(start).first > span(end).last:
        yield fault("8.6.3", (*loc, "period_start"), start=start, end=end)


def is_day(value: str | None) -> TypeGuard[str]:
    """Whether the date names its day."""
    return value is not None and len(value) == 10


def _days(stated: Stated, loc: Loc, names: Iterable[str]) -> Sequence[Fault]:
    found = []
    for name in names:
        value = stated[name]
        if value is not None and len(value) != 10:
            found.append(fault("ssc-date-day-needed", (*loc, name), value=value))
    return found


def _sides(stated: Stated, loc: Loc) -> Sequence[Fault]:
    found = []
    for name, rule in (("provider", "6.9.1"), ("receiver", "6.9.2")):
        if stated[name] is not None:
            side = stated[name].__dict__
            if not side["organisation"] and not side["ref"] and not has_text(side["names"]):
                found.append(fault(rule, (*loc, name)))
    return found
