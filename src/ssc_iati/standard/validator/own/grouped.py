"""A fault for each wrong value of an activity, at all the places where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ssc_iati.standard.rules import Rule
from ssc_iati.standard.validator.gather import Element, Found
from ssc_iati.standard.validator.kinds import NONE, Fault, Faults, Spot, Test, TextCheck, Wants
from ssc_iati.standard.validator.paths import text


def each_value(wants: Wants, is_wrong: Callable[[str], bool], shown: Callable[[str], str] = str) -> Test:
    """The test that finds the wrong values at the paths `of`; the message shows what `shown` makes of them."""
    rule, reached = wants.rule, wants.many("of")
    paths = [(path.elements, path.attribute) for path in reached]
    wants.texts = TextCheck(tuple(wants.asks["of"]), tuple(reached), is_wrong)

    def test(element: Element, found: Found, _now: int) -> Faults:
        wrong = [
            (shown(value), Spot(each, name))
            for elements, name in paths
            for each in elements(element, found)
            if (value := each.get(name) if name else text(each)) is not None and is_wrong(value)
        ]
        return by_value(rule, wrong) if wrong else NONE

    return test


def by_value(rule: Rule, wrong: Iterable[tuple[str, Spot]]) -> Faults:
    """One fault for each of the values, which shows at its spots."""
    spots = dict[str, list[Spot]]()
    for value, spot in wrong:
        spots.setdefault(value, []).append(spot)
    return [Fault(rule, tuple(where), {"value": value}) for value, where in spots.items()]
