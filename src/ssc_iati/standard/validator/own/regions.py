"""Regions that state no vocabulary: the official checks of shares pass them over."""

from __future__ import annotations

from ssc_iati.standard.validator.gather import Element, Found
from ssc_iati.standard.validator.kinds import NONE, Faults, Spot, Test, Wants
from ssc_iati.standard.validator.own.grouped import by_value


def states(wants: Wants) -> Test:
    """Each element states the attribute; the message shows its `value`, another attribute."""
    rule, of, attribute, value = wants.rule, wants.one("of"), wants.asks["attribute"], wants.asks["value"]

    def test(element: Element, found: Found, _now: int) -> Faults:
        lacking = [each for each in of.elements(element, found) if not each.get(attribute)]
        return by_value(rule, [(each.get(value, ""), Spot(each)) for each in lacking]) if lacking else NONE

    return test
