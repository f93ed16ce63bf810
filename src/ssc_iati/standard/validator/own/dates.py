"""Dates that the official rules do not reach: those behind the first of a sort, and the terms of a loan."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from ssc_iati.standard.validator.gather import Element, Found
from ssc_iati.standard.validator.kinds import NONE, Fault, Faults, Spot, Test, Wants
from ssc_iati.standard.validator.moments import moment
from ssc_iati.standard.validator.own.grouped import by_value
from ssc_iati.standard.validator.paths import Hits

_Dated = tuple[int, int, Element, str]  # instant, how many stand before it, its element, as it is written


def later_ones_not_in_future(wants: Wants) -> Test:
    """No date but the first, of which the official rule speaks, is later than now."""
    rule, of = wants.rule, wants.one("of")

    def test(element: Element, found: Found, now: int) -> Faults:
        late = [
            (value, Spot(each, of.attribute))
            for each, value in of.hits(element, found)[1:]
            if (instant := moment(value)) is not None and instant > now
        ]
        return by_value(rule, late) if late else NONE

    return test


def all_in_order(wants: Wants) -> Test:
    """The latest of the first dates is not later than the earliest of the second; of the first of each sort the
    official rule speaks.
    """
    rule, first, second = wants.rule, wants.one("first"), wants.one("second")

    def test(element: Element, found: Found, _now: int) -> Faults:
        starts, ends = first.hits(element, found), second.hits(element, found)
        if not starts or not ends or len(starts) == len(ends) == 1:
            return NONE
        start = max(_dated(starts), key=lambda one: (one[0], -one[1]), default=None)
        end = min(_dated(ends), key=lambda one: one[:2], default=None)
        if start is None or end is None or start[0] <= end[0] or start[1] == end[1] == 0:
            return NONE
        spots = Spot(start[2], first.attribute), Spot(end[2], second.attribute)
        return (Fault(rule, spots, {"start": start[3], "end": end[3]}),)

    return test


def steps_in_order(wants: Wants) -> Test:
    """Each date that is there is not later than the next that is."""
    rule, of, words = wants.rule, wants.many("of"), wants.asks["words"]

    def test(element: Element, found: Found, _now: int) -> Faults:
        steps = [(one, path.attribute) for path in of for one in list(_dated(path.hits(element, found)))[:1]]
        return [
            Fault(rule, (Spot(start[2], name), Spot(end[2], other)), {"start": start[3], "end": end[3]}, words)
            for (start, name), (end, other) in pairwise(steps)
            if start[0] > end[0]
        ]

    return test


def _dated(hits: Hits) -> Iterable[_Dated]:
    for number, (element, value) in enumerate(hits):
        if (instant := moment(value)) is not None:
            yield instant, number, element, value
