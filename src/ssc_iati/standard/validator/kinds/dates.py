"""Dates: not in the future, in order, within a period."""

from __future__ import annotations

from ssc_iati.standard.rules import Rule
from ssc_iati.standard.validator.gather import Element, Found
from ssc_iati.standard.validator.kinds.base import NONE, Fault, Faults, Spot, Test, Wants
from ssc_iati.standard.validator.moments import moment
from ssc_iati.standard.validator.paths import Path

YEAR = 366 * 86_400_000  # in milliseconds: more than 365 whole days


_Dated = tuple[Element, str, int]


def _first(path: Path, element: Element, found: Found) -> _Dated | None:
    """The first text at the path, with its owner, if it is a date: the official validator looks no further."""
    name = path.attribute or ""
    for each in path.elements(element, found):
        said = each.get(name)
        if said is not None:
            instant = moment(said)
            return None if instant is None else (each, said, instant)
    return None


def not_in_future(wants: Wants) -> Test:
    """The date is not later than now."""
    rule, of = wants.rule, wants.always("of")

    def test(element: Element, found: Found, now: int) -> Faults:
        date = _first(of, element, found)
        if date is None or date[2] <= now:
            return NONE
        return (Fault(rule, (Spot(date[0], of.attribute),), {"value": date[1]}),)

    return test


def in_order(wants: Wants) -> Test:
    """The first date is not later than the second."""
    rule, first, second = wants.rule, wants.always("first"), wants.always("second")

    def test(element: Element, found: Found, _now: int) -> Faults:
        if (start := _first(first, element, found)) is None or (end := _first(second, element, found)) is None:
            return NONE
        return (_period(rule, first, start, second, end),) if start[2] > end[2] else NONE

    return test


def at_most_a_year(wants: Wants) -> Test:
    """The second date is at most 365 whole days after the first."""
    rule, first, second = wants.rule, wants.always("first"), wants.always("second")

    def test(element: Element, found: Found, _now: int) -> Faults:
        if (start := _first(first, element, found)) is None or (end := _first(second, element, found)) is None:
            return NONE
        return (_period(rule, first, start, second, end),) if end[2] - start[2] >= YEAR else NONE

    return test


def within(wants: Wants) -> Test:
    """The date lies in the period, its ends included; without a period nothing is wrong."""
    rule, of, first, second = wants.rule, wants.always("of"), wants.always("first"), wants.always("second")

    def test(element: Element, found: Found, _now: int) -> Faults:
        date, start, end = (_first(path, element, found) for path in (of, first, second))
        if date is None or start is None or end is None or start[2] <= date[2] <= end[2]:
            return NONE
        said = {"value": date[1], "start": start[1], "end": end[1]}
        return (Fault(rule, (Spot(date[0], of.attribute),), said),)

    return test


def _period(rule: Rule, first: Path, start: _Dated, second: Path, end: _Dated) -> Fault:
    spots = (Spot(start[0], first.attribute), Spot(end[0], second.attribute))
    return Fault(rule, spots, {"start": start[1], "end": end[1]})
