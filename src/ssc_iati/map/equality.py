"""When two pieces of XML say the same: tags, attributes, texts with white space normalised, order; comments aside."""

from __future__ import annotations

from collections import Counter
from typing import Any, TypeAlias

Said: TypeAlias = tuple[Any, ...]


def said(element: Any) -> Said:  # noqa: ANN401
    """What an element says, with all below it: equal for two elements if, and only if, they say the same."""
    children = tuple((said(child), _normal(child.tail)) for child in element if isinstance(child.tag, str))
    return element.tag, _attributes(element), _normal(_text(element)), children


def facts(element: Any) -> Counter[Said]:  # noqa: ANN401
    """Every element, attribute and text below an element, with the way there: what tables are measured by."""
    found: Counter[Said] = Counter()
    _count(element, (element.tag,), found)
    return found


def _count(element: Any, way: Said, found: Counter[Said]) -> None:  # noqa: ANN401
    found[way] += 1
    for name, value in _attributes(element):
        found[(*way, f"@{name}", value)] += 1
    text = _normal(_text(element))
    if text:
        found[(*way, "text()", text)] += 1
    for child in element:
        if isinstance(child.tag, str):
            _count(child, (*way, child.tag), found)
            if tail := _normal(child.tail):
                found[(*way, "text()", tail)] += 1


def _attributes(element: Any) -> tuple[tuple[str, str], ...]:  # noqa: ANN401
    return tuple(sorted((name, _normal(value)) for name, value in element.attrib.items()))


def _text(element: Any) -> str:  # noqa: ANN401
    """The text before the first child; comments within it are nothing."""
    text = element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            break
        text += child.tail or ""
    return text


def _normal(text: str | None) -> str:
    return " ".join((text or "").split())
