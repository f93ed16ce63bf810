"""The official checks of codes, put together by element: which attribute must hold a code of which list; and ours, that
it is not withdrawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple

from ssc_iati.standard import codelists
from ssc_iati.standard.rules import CodeCheck, Rule, code_checks
from ssc_iati.standard.validator.gather import Element, Found
from ssc_iati.standard.validator.kinds import NONE, Fault, Faults, Spot
from ssc_iati.standard.validator.own.withdrawn import together, withdrawn, withdrawn_fault
from ssc_iati.standard.validator.paths import XML, text

UNKNOWN, LINKED, AS_TEXT = "iati:code-unknown", "iati:code-unknown-linked", "iati:code-unknown-text"
_TEXT = "text()"


class _List(NamedTuple):
    rule: Rule
    name: str
    members: frozenset[str]
    current: frozenset[str]  # without those that are warned of


class _Linked(NamedTuple):
    """An attribute whose list depends on the vocabulary: that of the element, or of its parent, or the default."""

    attribute: str
    from_parent: bool
    default: str
    lists: dict[str, _List]


Plain = tuple[tuple[str, frozenset[str], _List], ...]
"""Attributes, each with the codes that nothing is said of, and its list."""
Coded = list[tuple[list[Element], Plain, tuple[_Linked, ...], _List | None]]


class _Coded(NamedTuple):
    """What must be a code at one path."""

    path: str
    plain: Plain
    linked: tuple[_Linked, ...]
    as_text: _List | None


class Codes:
    """The checks of codes of one version, for activities or for organisations; with or without our own."""

    def __init__(self, version: str, root: str, *, own: bool = True) -> None:
        by_path: defaultdict[str, list[CodeCheck]] = defaultdict(list)
        for check in code_checks(version):
            if check.path.split("/")[0] == root:
                by_path[check.path].append(check)
        self._coded = [_coded(path, checks, version, own=own) for path, checks in by_path.items()]
        self.paths, self._own = set(by_path), own

    def at(self, found: Found, there: Collection[str]) -> Coded:
        """The checks at the paths where something was gathered, with the lists in which it stands."""
        return [(found[path], plain, linked, as_text) for path, plain, linked, as_text in self._coded if path in there]

    def faults(self, coded: Coded) -> Iterator[Fault]:
        """What is no code of its list, or no more, among what was gathered."""
        return together(_all_faults(coded)) if self._own else _all_faults(coded)


def _all_faults(coded: Coded) -> Iterator[Fault]:
    for elements, plain, linked, as_text in coded:
        for element in elements:
            for attribute, current, wanted in plain:
                value = element.get(attribute)
                if value is not None and value not in current:
                    yield from _faults(wanted, element, attribute, value)
            for each in linked:
                yield from _linked_faults(each, element)
            if as_text is not None:
                yield from _text_fault(as_text, element)


def _coded(path: str, checks: list[CodeCheck], version: str, *, own: bool) -> _Coded:
    plain, linked, as_text = list[tuple[str, frozenset[str], _List]](), dict[str, _Linked](), None
    for check in checks:
        wanted = _list(check, version, own=own)
        if check.attribute == _TEXT:
            as_text = wanted
        elif check.vocabulary:
            attribute, up = check.attribute, check.path.endswith("/budget-item")
            each = linked.setdefault(attribute, _Linked(attribute, up, check.default, {}))
            each.lists[check.vocabulary] = wanted
        else:
            plain.append((check.attribute.replace("xml:", XML), wanted.current, wanted))
    return _Coded(path, tuple(plain), tuple(linked.values()), as_text)


def _list(check: CodeCheck, version: str, *, own: bool) -> _List:
    members = codelists.members(check.codelist, version)
    current = members - withdrawn(check.codelist, members) if own else members
    return _List(check.rule, check.codelist, members, current)


def _linked_faults(linked: _Linked, element: Element) -> Faults:
    value = element.get(linked.attribute)
    if value is None:
        return NONE
    owner = element.getparent() if linked.from_parent else element
    vocabulary = (None if owner is None else owner.get("vocabulary")) or linked.default
    wanted = linked.lists.get(vocabulary)
    if wanted is None or value in wanted.current:
        return NONE
    return _faults(wanted, element, linked.attribute, value, vocabulary)


def _text_fault(wanted: _List, element: Element) -> Iterator[Fault]:
    """The text as it stands, blanks and all, as the official validator takes it."""
    value = text(element)
    if value not in wanted.members:
        yield Fault(wanted.rule, (Spot(element),), {"value": value, "codelist": wanted.name}, AS_TEXT)
    elif value not in wanted.current:
        yield from withdrawn_fault(wanted.name, value, Spot(element))


def _faults(wanted: _List, element: Element, attribute: str, value: str, vocabulary: str = "") -> Faults:
    if value in wanted.members:
        return withdrawn_fault(wanted.name, value, Spot(element, attribute))
    return (_fault(wanted, element, attribute, value, vocabulary),)


def _fault(wanted: _List, element: Element, attribute: str, value: str, vocabulary: str) -> Fault:
    values = {"value": value, "codelist": wanted.name}
    if vocabulary:
        return Fault(wanted.rule, (Spot(element, attribute),), values | {"vocabulary": vocabulary}, LINKED)
    return Fault(wanted.rule, (Spot(element, attribute),), values, UNKNOWN)
