"""Money as IATI states it: periods, amounts, dates that are not of tomorrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from ssc_iati.check.context import Context
from ssc_iati.check.faults import Fault, fault, has_text
from ssc_iati.check.places import Loc
from ssc_iati.record.money import Budget, PlannedDisbursement, Transaction
from ssc_iati.record.project import Project
from ssc_iati.record.values import span


def budgets(project: Project, _: Context) -> Iterator[Fault]:
    """Periods of at most a year, in order, with an amount."""
    for index, each in enumerate(project.budgets):
        loc: Loc = ("budgets", index)
        yield from _amount(project, each, loc)
        yield from _period(each, loc, needs_end=True)
        yield from _days(each, loc, ("period_start", "period_end", "value_date"))
        if is_day(each.period_start) and is_day(each.period_end):
            days = (date.fromisoformat(str(each.period_end)) - date.fromisoformat(str(each.period_start))).days
            if days > 365:
                yield fault("7.5.3", (*loc, "period_end"), start=each.period_start, end=each.period_end)


def planned_disbursements(project: Project, _: Context) -> Iterator[Fault]:
    """As budgets; the end may be open."""
    for index, each in enumerate(project.planned_disbursements):
        loc: Loc = ("planned_disbursements", index)
        yield from _amount(project, each, loc)
        yield from _period(each, loc, needs_end=False)
        yield from _days(each, loc, ("period_end", "value_date"))
        yield from _sides(each, loc)


def transactions(project: Project, context: Context) -> Iterator[Fault]:
    """A type, a date that is not in the future, an amount."""
    for index, each in enumerate(project.transactions):
        loc: Loc = ("transactions", index)
        if each.type is None:
            yield fault("ssc-transaction-type-missing", (*loc, "type"))
        if each.date is None:
            yield fault("ssc-date-missing", (*loc, "date"))
        elif span(each.date).first > context.today:
            yield fault("11.2.1", (*loc, "date"), value=each.date)
        if each.value_date is not None and span(each.value_date).first > context.today:
            yield fault("11.2.2", (*loc, "value_date"), value=each.value_date)
        yield from _amount(project, each, loc)
        yield from _days(each, loc, ("value_date",))
        yield from _sides(each, loc)
        if len({aid.vocabulary or "1" for aid in each.aid_types}) < len(each.aid_types):
            yield fault("107.2.2", (*loc, "aid_types"))


def _amount(project: Project, each: Budget | PlannedDisbursement | Transaction, loc: Loc) -> Iterator[Fault]:
    if each.value is None:
        yield fault("ssc-amount-missing", (*loc, "value"))
    if each.currency is None and project.default_currency is None:
        yield fault("7.8.1", (*loc, "currency"))


def _period(each: Budget | PlannedDisbursement, loc: Loc, *, needs_end: bool) -> Iterator[Fault]:
    if each.period_start is None:
        yield fault("ssc-date-missing", (*loc, "period_start"))
    if each.period_end is None:
        if needs_end:
            yield fault("ssc-date-missing", (*loc, "period_end"))
    elif each.period_start is not None and span(each.period_start).first > span(each.period_end).last:
        yield fault("8.6.3", (*loc, "period_start"), start=each.period_start, end=each.period_end)


def is_day(value: str | None) -> bool:
    """Whether the date names its day."""
    return value is not None and len(value) == 10


def _days(each: Budget | PlannedDisbursement | Transaction, loc: Loc, names: Iterable[str]) -> Iterator[Fault]:
    for name in names:
        value = getattr(each, name)
        if value is not None and len(value) != 10:
            yield fault("ssc-date-day-needed", (*loc, name), value=value)


def _sides(each: Transaction | PlannedDisbursement, loc: Loc) -> Iterator[Fault]:
    for name, rule in (("provider", "6.9.1"), ("receiver", "6.9.2")):
        side = getattr(each, name)
        if side is not None and not side.organisation and not side.ref and not has_text(side.names):
            yield fault(rule, (*loc, name))
