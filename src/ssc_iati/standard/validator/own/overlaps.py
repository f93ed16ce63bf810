"""Budgets, and planned disbursements, of one series whose periods overlap: money may be counted twice.

A series is what a reader would add up: one type and status, one currency, one partner. To share only the day on
which one period ends and the next begins is no overlap; a period without an end is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from ssc_iati.standard.rules import Rule
from ssc_iati.standard.validator.gather import Element, Found
from ssc_iati.standard.validator.kinds import NONE, Fault, Faults, Spot, Test, Wants
from ssc_iati.standard.validator.moments import moment
from ssc_iati.standard.validator.paths import text
from ssc_iati.text import fold

_Part = Callable[[Element], str]


class _Period(NamedTuple):
    start: int
    end: int
    element: Element
    written: tuple[str, str]


def no_overlap(wants: Wants) -> Test:
    """No two periods of a series overlap; `series`: attributes with their defaults (`@type|1`), partners, places."""
    rule, of = wants.rule, wants.one("of")
    parts = [_part(each) for each in wants.asks["series"]]

    def test(element: Element, found: Found, _now: int) -> Faults:
        there = of.elements(element, found)
        if len(there) < 2:
            return NONE
        periods = [period for each in there if (period := _period(each)) is not None]
        if next(_overlapping(periods), None) is None:
            return NONE
        together = _series(periods, parts, element.get("default-currency", ""))
        return [_fault(rule, *two) for series in together for two in _overlapping(series)]

    return test


def _fault(rule: Rule, one: _Period, other: _Period) -> Fault:
    (start, end), (other_start, other_end) = one.written, other.written
    said = {"start": start, "end": end, "other_start": other_start, "other_end": other_end}
    return Fault(rule, (Spot(one.element), Spot(other.element)), said)


def _part(name: str) -> _Part:
    """What tells one series from another: an attribute, or the child that names a partner or a place."""
    if name.startswith("@"):
        attribute, _, default = name[1:].partition("|")
        return lambda element: element.get(attribute) or default
    return lambda element: _named(next(element.iterchildren(name), None))


def _named(child: Element | None) -> str:
    """By its reference or code (with the vocabulary), else by its name."""
    if child is None:
        return ""
    code = child.get("ref") or child.get("code")
    return f"{child.get('vocabulary') or '1'} {code.strip()}" if code else fold(text(child)[:1000])


def _series(periods: Sequence[_Period], parts: Sequence[_Part], currency: str) -> Iterable[list[_Period]]:
    """The periods, series by series."""
    found = dict[tuple[str, ...], list[_Period]]()
    for each in periods:
        key = _currency(each.element, currency), *(part(each.element) for part in parts)
        found.setdefault(key, []).append(each)
    return found.values()


def _currency(element: Element, default: str) -> str:
    value = next(element.iterchildren("value"), None)
    return (None if value is None else value.get("currency")) or default


def _period(element: Element) -> _Period | None:
    dates = [each.get("iso-date", "") for each in element.iterchildren("period-start", "period-end")]
    if len(dates) != 2:
        return None
    start, end = map(moment, dates)
    return None if start is None or end is None else _Period(start, end, element, (dates[0], dates[1]))


def _overlapping(periods: list[_Period]) -> Iterator[tuple[_Period, _Period]]:
    """Each period that begins before one that began earlier has ended, with that one."""
    if not periods:
        return
    first, *later = sorted(periods, key=lambda one: one[:2])
    for each in later:
        if each.start < first.end and each.start < each.end:
            yield each, first
        first = max(first, each, key=lambda one: one.end)
