"""The official checks of codes, put together by element: which attribute must hold a code of which list; and ours, that
it is not withdrawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from ssc_iati.standard import codelists
from ssc_iati.standard.rules import CodeCheck, Rule, code_checks
from ssc_iati.standard.validator.gather import Element, Found
from ssc_iati.standard.validator.kinds import NONE, Fault, Faults, Spot
from ssc_iati.standard.validator.own.withdrawn import together, withdrawn, withdrawn_fault
from ssc_iati.standard.validator.paths import XML, text
from ssc_iati.standard.validator.sieve import Names

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


Plain = tuple[tuple[str, _List], ...]
"""Attributes, each with its list."""
Due = Callable[[], list[tuple[Callable[[Element], Iterable[Fault]], Element]]]


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

    def judging(self, found: Found) -> Callable[[], Iterator[Fault]]:
        """What tells what is no code of its list, or no more, among what is gathered in `found`.

        Most codes are those of their list: that is asked by a function that is written for it and compiled.
        """
        due = self._due(Names(found))

        def faults() -> Iterator[Fault]:
            for test, element in due():
                yield from test(element)

        return (lambda: together(faults())) if self._own else faults

    def _due(self, names: Names) -> Due:
        lines = ["def due():", " out = []", " add = out.append"]
        for path, plain, linked, as_text in self._coded:
            lines.append(f" for e in {names.gathered(path)}:")
            for attribute, wanted in plain:
                test = names.of(partial(_plain_faults, attribute, wanted), (path, attribute))
                unknown = f"v not in {names.of(wanted.current)}"
                lines.append(f"  if (v := e.get({attribute!r})) is not None and {unknown}: add(({test}, e))")
            for each in linked:
                test, lists = names.of(partial(_linked_faults, each), (path, each.attribute)), names.of(each.lists)
                owner = "e.getparent()" if each.from_parent else "e"
                known = f"(w := {lists}.get({owner}.get('vocabulary') or {each.default!r})) is not None"
                unknown = f"{known} and v not in w.current"
                lines.append(f"  if (v := e.get({each.attribute!r})) is not None and {unknown}: add(({test}, e))")
            if as_text is not None:
                lines.append(f"  add(({names.of(partial(_text_fault, as_text), (path, _TEXT))}, e))")
        due: Due = names.function([*lines, " return out"])
        return due


def _coded(path: str, checks: list[CodeCheck], version: str, *, own: bool) -> _Coded:
    plain, linked, as_text = list[tuple[str, _List]](), dict[str, _Linked](), None
    for check in checks:
        wanted = _list(check, version, own=own)
        if check.attribute == _TEXT:
            as_text = wanted
        elif check.vocabulary:
            attribute, up = check.attribute, check.path.endswith("/budget-item")
            each = linked.setdefault(attribute, _Linked(attribute, up, check.default, {}))
            each.lists[check.vocabulary] = wanted
        else:
            plain.append((check.attribute.replace("xml:", XML), wanted))
    return _Coded(path, tuple(plain), tuple(linked.values()), as_text)


def _list(check: CodeCheck, version: str, *, own: bool) -> _List:
    members = codelists.members(check.codelist, version)
    current = members - withdrawn(check.codelist, members) if own else members
    return _List(check.rule, check.codelist, members, current)


def _plain_faults(attribute: str, wanted: _List, element: Element) -> Faults:
    return _faults(wanted, element, attribute, element.get(attribute, ""))


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
