"""What must be there, or must not."""

from __future__ import annotations

from ssc_iati.standard.rules import Rule
from ssc_iati.standard.validator.gather import Element, Found
from ssc_iati.standard.validator.kinds.base import NONE, Fault, Faults, Spot, Test, Wants
from ssc_iati.standard.validator.paths import Allows, Path, compiled


def any_of(wants: Wants) -> Test:
    """At least one of the paths leads to something; existence is enough, an empty one counts."""
    if wants.asks["of"] == ["narrative/text()"]:
        return _says_something(wants.rule)
    rule, (first, *others) = wants.rule, wants.spares(wants.asks["of"])

    def test(element: Element, found: Found, _now: int) -> Faults:
        if first.any(element, found) or any(path.any(element, found) for path in others):
            return NONE
        return (Fault(rule, (Spot(element),), {}),)

    return test


def _says_something(rule: Rule) -> Test:
    """Some narrative of the element has text of its own; blanks are text."""

    def test(element: Element, _found: Found, _now: int) -> Faults:
        if len(element) and (first := element[0]).tag == "narrative" and first.text:
            return NONE
        for narrative in element.iterchildren("narrative"):
            if narrative.text or any(child.tail for child in narrative):
                return NONE
        parent = element.getparent()
        return (Fault(rule, (Spot(element),), {"parent": "" if parent is None else str(parent.tag)}),)

    return test


def none_of(wants: Wants) -> Test:
    """Nothing stands at the path."""
    rule, of = wants.rule, wants.one("of")

    def test(element: Element, found: Found, _now: int) -> Faults:
        return [Fault(rule, (Spot(each, of.attribute),), {"value": value}) for each, value in of.hits(element, found)]

    return test


def default_or_each(wants: Wants) -> Test:
    """Either the default is there, or every element that could do without it says its own."""
    rule, (default,) = wants.rule, wants.spares([wants.asks["default"]])
    each = [_split(path, wants) for path in wants.asks["each"]]

    def test(element: Element, found: Found, _now: int) -> Faults:
        if default.any(element, found):
            return NONE
        lacking = [one for owners, has in each for one in owners.elements(element, found) if not has(one)]
        if not lacking:
            return NONE
        return (Fault(rule, tuple(map(Spot, lacking)), {"count": str(len(lacking))}),)

    return test


def _split(path: str, wants: Wants) -> tuple[Path, Allows]:
    """`transaction/sector`: the transactions, and whether one has a sector; `//value/@currency` likewise."""
    owners, _, last = path.rpartition("/")
    if last.startswith("@"):
        name = compiled(last, wants.at)[0].attribute or ""
        return wants.path(owners), lambda element: element.get(name) is not None
    return wants.path(owners), lambda element: next(element.iterchildren(last), None) is not None


def not_both(wants: Wants) -> Test:
    """Something at one set of paths, or at the other, but not at both."""
    rule, (ones, others) = wants.rule, [wants.always_one_of(wants.asks[name]) for name in ("of", "and")]

    def test(element: Element, found: Found, _now: int) -> Faults:
        if not any(path.any(element, found) for path in ones):
            return NONE
        doubled = [each for path in others for each in path.elements(element, found)]
        return (Fault(rule, tuple(map(Spot, doubled)), {"count": str(len(doubled))}),) if doubled else NONE

    return test


def here_or_in_each(wants: Wants) -> Test:
    """Something at one of the paths here, or one of the children in each of those elements."""
    rule, here, each = wants.rule, wants.spares(wants.asks["here"]), wants.always("each")
    children = tuple(wants.asks["children"])

    def test(element: Element, found: Found, _now: int) -> Faults:
        if any(path.any(element, found) for path in here):
            return NONE
        lacking = [one for one in each.elements(element, found) if next(one.iterchildren(*children), None) is None]
        return (Fault(rule, tuple(map(Spot, lacking)), {"count": str(len(lacking))}),) if lacking else NONE

    return test


def not_here_and_above(wants: Wants) -> Test:
    """Not a child of that name both in the element and in its parent."""
    rule, child = wants.rule, wants.asks["child"]

    def test(element: Element, _found: Found, _now: int) -> Faults:
        parent = element.getparent()
        own = next(element.iterchildren(child), None)
        if own is None or parent is None or (above := next(parent.iterchildren(child), None)) is None:
            return NONE
        return (Fault(rule, (Spot(own), Spot(above)), {}),)

    return test


def one_of_them(wants: Wants) -> Test:
    """Where there is any of them, one is of the chosen sort."""
    rule, of, must = wants.rule, wants.always("of"), wants.one("must")

    def test(element: Element, found: Found, _now: int) -> Faults:
        there = of.elements(element, found)
        if not there or must.any(element, found):
            return NONE
        return (Fault(rule, tuple(map(Spot, there)), {"count": str(len(there))}),)

    return test


def as_many_narratives(wants: Wants) -> Test:
    """Together they have at least as many narratives as they are."""
    rule, of = wants.rule, wants.always("of")

    def test(element: Element, found: Found, _now: int) -> Faults:
        there = of.elements(element, found)
        narratives = sum(1 for each in there for _ in each.iterchildren("narrative"))
        if narratives >= len(there):
            return NONE
        said = {"count": str(len(there)), "narratives": str(narratives)}
        return (Fault(rule, tuple(map(Spot, there)), said),)

    return test
