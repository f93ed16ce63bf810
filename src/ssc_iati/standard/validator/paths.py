"""The small language of paths in `rulesets.toml`, compiled: from an element to what a path leads to.

`sector[@vocabulary='1'|''|none]/@percentage`: steps, a choice on the last of them, perhaps an attribute; `.` is the
element itself, `//name` every element of that name beneath it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ssc_iati.standard.validator.choices import choice
from ssc_iati.standard.validator.gather import Element, Found

XML = "{http://www.w3.org/XML/1998/namespace}"
_PATH = re.compile(r"(?P<steps>[^\[@]*?)(?:\[(?P<choice>@[^\]]*)\])?(?:/?@(?P<attribute>[\w:-]+))?")

Elements = Callable[[Element, Found], Sequence[Element]]
Allows = Callable[[Element], bool]


Hits = Sequence[tuple[Element, str]]


class Path(NamedTuple):
    """A compiled path: the elements that it leads to, what stands there (each element, or owner of the attribute, with
    its text), whether anything does; and the attribute that it means, if it means one.
    """

    elements: Elements
    hits: Callable[[Element, Found], Hits]
    any: Callable[[Element, Found], bool]
    attribute: str | None


def _path(elements: Elements, attribute: str | None) -> Path:
    if attribute is None:
        return Path(elements, _texts(elements), lambda element, found: bool(elements(element, found)), None)
    if elements is _itself:
        return Path(
            elements, _own_value(attribute), lambda element, _found: element.get(attribute) is not None, attribute
        )
    hits = _values(elements, attribute)
    return Path(elements, hits, lambda element, found: bool(hits(element, found)), attribute)


def _texts(elements: Elements) -> Callable[[Element, Found], Hits]:
    return lambda element, found: [(each, text(each)) for each in elements(element, found)]


def _values(elements: Elements, name: str) -> Callable[[Element, Found], Hits]:
    def hits(element: Element, found: Found) -> Hits:
        reached = elements(element, found)
        return [(each, value) for each in reached if (value := each.get(name)) is not None] if reached else ()

    return hits


def _own_value(name: str) -> Callable[[Element, Found], Hits]:
    def hits(element: Element, _found: Found) -> Hits:
        value = element.get(name)
        return () if value is None else ((element, value),)

    return hits


def text(element: Element) -> str:
    """The whole text of an element, that of its descendants included."""
    return (element.text or "") if len(element) == 0 else "".join(map(str, element.itertext()))


def parts(path: str) -> tuple[str, str | None, str | None]:
    """The steps of a path, the choice behind them, and the attribute; ValueError if it is none."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise ValueError(f"{path} is no path of the rulesets")
    return found["steps"].rstrip("/"), found["choice"], found["attribute"]


def compiled(path: str, at: str) -> tuple[Path, set[str]]:
    """Compile a path for checks of the elements at `at`; with the paths that must be gathered for it.

    From an activity the gathered elements are taken; from an element below it, its own children.
    """
    steps, chosen, name = parts(path)
    allows = allowed(chosen) if chosen else None
    attribute = name.replace("xml:", XML) if name else None
    is_top = "/" not in at
    if steps in {"", "."}:
        return _path(_chosen(_itself, allows), attribute), {at}
    if steps.startswith("//"):
        return _path(_anywhere(steps[2:]), attribute), set()
    if is_top:
        key = f"{at}/{steps}" + (f"[{chosen}]" if allows else "")
        return _path(_gathered(key), attribute), {key}
    return _path(_chosen(_below(steps.split("/")), allows), attribute), set()


def allowed(text: str) -> Allows:
    """The test of a choice: `@vocabulary='1'|''|none`, `../@measure='5'`, `@vocabulary=98|99` (as numbers)."""
    up, name, means = choice(text)
    if up:
        return lambda element: means(_above(element, up).get(name))
    return lambda element: means(element.get(name))


def _above(element: Element, steps: int) -> Element:
    for _ in range(steps):
        parent = element.getparent()
        element = element if parent is None else parent
    return element


def _itself(element: Element, _found: Found) -> tuple[Element]:
    return (element,)


def _gathered(key: str) -> Elements:
    return lambda _element, found: found[key]


def _anywhere(tag: str) -> Elements:
    return lambda element, _found: list(element.iterdescendants(tag))


def _below(steps: list[str]) -> Elements:
    first, *others = steps

    def reached(element: Element, _found: Found) -> list[Element]:
        at = list(element.iterchildren(first))
        for step in others:
            at = [child for each in at for child in each.iterchildren(step)]
        return at

    return reached


def _chosen(elements: Elements, allows: Allows | None) -> Elements:
    if allows is None:
        return elements
    return lambda element, found: [each for each in elements(element, found) if allows(each)]
