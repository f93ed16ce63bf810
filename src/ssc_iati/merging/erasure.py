"""Deleting what a written token names, as `ssc_iati.check.erasure` marks it."""

from __future__ import annotations

from typing import Any

from ssc_iati.check.erasure import Erased
from ssc_iati.merging.identity import Values


def erase(fact: Values, what: Erased) -> bool:
    """Take a value out of a fact; whether it was there."""
    first = what.path[0]
    if first.endswith("+"):
        return _erase_items(fact, first[:-1], what)
    return _erase(fact, what.path, what)


def _erase_items(fact: Values, collection: str, what: Erased) -> bool:
    """The items that a shorthand says."""
    items: list[Values] = fact.get(collection, [])
    kept = [each for each in items if not _is_said(each, what)]
    if len(kept) == len(items):
        return False
    _put(fact, collection, kept)
    return True


def _is_said(item: Values, what: Erased) -> bool:
    """Whether the column says this item, and with `plain_only` all of it."""
    if not what.wrap.items() <= item.items():
        return False
    return not what.plain_only or item.keys() <= {*what.wrap, what.path[-1]}


def _erase(holder: Values, path: tuple[str, ...], what: Erased) -> bool:
    step, *rest = path
    if not rest:
        return _erase_value(holder, step, what)
    name, many = step.removesuffix("[]"), step.endswith("[]")
    below = holder.get(name)
    inner: Any = below[0] if many and below else below
    if not isinstance(inner, dict) or not _erase(inner, tuple(rest), what):
        return False
    if not inner:
        _put(holder, name, below[1:] if many and below else None)
    return True


def _erase_value(holder: Values, name: str, what: Erased) -> bool:
    there = holder.get(name)
    if name in (stated := holder.get("unknown", [])):
        _put(holder, "unknown", [each for each in stated if each != name])
        return True
    if there is None:
        return False
    spellings = holder.get("spellings", {})
    _put(holder, "spellings", {key: value for key, value in spellings.items() if key != name})
    if not what.text:
        del holder[name]
        return True
    kept = [each for each in there if each.get("lang") != what.language]
    _put(holder, name, kept)
    return len(kept) < len(there)


def _put(holder: Values, name: str, value: Any) -> None:  # noqa: ANN401
    """State a value, or leave it out where there is none."""
    if value:
        holder[name] = value
    else:
        holder.pop(name, None)
