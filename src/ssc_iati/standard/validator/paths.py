"""The small language of paths in `rulesets.toml`, compiled: from an element to what a path leads to.

`sector[@vocabulary='1'|''|none]/@percentage`: steps, a choice on the last of them, perhaps an attribute; `.` is the element itself,
`//name` every element of that name beneath it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from lxml import etree

from ssc_iati.standard.validator.gather import Found
from ssc_iati.standard.validator.lexical import xpath_number

XML = "{http://www.w3.org/XML/1998/namespace}"
_PATH = re.compile(r"(?P<steps>[^\[@]*?)(?:\[(?P<choice>@[^\]]*)\])?(?:/?@(?P<attribute>[\w:-]+))?")
_CHOICE = re.compile(r"(?P<up>(?:\.\./)*)@(?P<name>[\w-]+)=(?P<values>.*)")

Elements = Callable[[etree._Element, Found], list[etree._Element]]
Allows = Callable[[etree._Element], bool]


class Path(NamedTuple):
    """A compiled path: the elements that it leads to, and the attribute of theirs that it means, if it means one."""

    elements: Elements
    attribute: str | None
    tag: str

    def hits(self, element: etree._Element, found: Found) -> list[tuple[etree._Element, str]]:
        """What stands at the path: each element (or owner of the attribute) with its text."""
        reached = self.elements(element, found)
        if not reached:
            return []
        name = self.attribute
        if name is None:
            return [(each, text(each)) for each in reached]
        return [(each, value) for each in reached if (value := each.get(name)) is not None]

    def any(self, element: etree._Element, found: Found) -> bool:
        """Whether anything stands at the path."""
        reached = self.elements(element, found)
        if self.attribute is None or not reached:
            return bool(reached)
        return any(each.get(self.attribute) is not None for each in reached)


def text(element: etree._Element) -> str:
    """The whole text of an element, that of its descendants included."""
    return (element.text or "") if len(element) == 0 else "".join(element.itertext())


def compiled(path: str, at: str) -> tuple[Path, set[str]]:
    """Compile a path for checks of the elements at `at`; with the paths that must be gathered for it.

    From an activity the gathered elements are taken; from an element below it, its own children.
    """
    parts = _PATH.fullmatch(path)
    if parts is None:
        raise ValueError(f"{path} is no path of the rulesets")
    steps = parts["steps"].rstrip("/")
    allows = allowed(parts["choice"]) if parts["choice"] else None
    attribute = parts["attribute"] and parts["attribute"].replace("xml:", XML)
    is_top = "/" not in at
    if steps in {"", "."}:
        return Path(_chosen(_itself, allows), attribute, at.rpartition("/")[2]), {at}
    if steps.startswith("//"):
        return Path(_anywhere(steps[2:]), attribute, steps[2:]), set()
    tag = steps.rpartition("/")[2]
    if is_top:
        key = f"{at}/{steps}"
        return Path(_chosen(_gathered(key), allows), attribute, tag), {key}
    return Path(_chosen(_below(steps.split("/")), allows), attribute, tag), set()


def allowed(choice: str) -> Allows:
    """The test of a choice: `@vocabulary='1'|''|none`, `../@measure='5'`, `@vocabulary=98|99` (as numbers)."""
    parts = _CHOICE.fullmatch(choice)
    if parts is None:
        raise ValueError(f"{choice} is no choice of the rulesets")
    up, name, values = parts["up"].count("../"), parts["name"], parts["values"].split("|")
    if values[0].isdigit():
        numbers = frozenset(map(float, values))
        return lambda element: xpath_number(element.get(name, "")) in numbers
    chosen = frozenset(None if value == "none" else value.strip("'") for value in values)
    return lambda element: _above(element, up).get(name) in chosen


def _above(element: etree._Element, steps: int) -> etree._Element:
    for _ in range(steps):
        parent = element.getparent()
        element = element if parent is None else parent
    return element


def _itself(element: etree._Element, _found: Found) -> list[etree._Element]:
    return [element]


def _gathered(key: str) -> Elements:
    return lambda _element, found: found[key]


def _anywhere(tag: str) -> Elements:
    return lambda element, _found: list(element.iterdescendants(tag))


def _below(steps: list[str]) -> Elements:
    first, *others = steps

    def reached(element: etree._Element, _found: Found) -> list[etree._Element]:
        at = list(element.iterchildren(first))
        for step in others:
            at = [child for each in at for child in each.iterchildren(step)]
        return at

    return reached


def _chosen(elements: Elements, allows: Allows | None) -> Elements:
    if allows is None:
        return elements
    return lambda element, found: [each for each in elements(element, found) if allows(each)]
