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
from ssc_iati.standard.validator.gather import Element
from ssc_iati.standard.validator.kinds import NONE, Fault, Faults, Spot
from ssc_iati.standard.validator.own.withdrawn import together, withdrawn, withdrawn_fault
from ssc_iati.standard.validator.passes import UNKNOWN as UNKNOWN_CODES
from ssc_iati.standard.validator.passes import Pass, Passes, add
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


Plain = tuple[tuple[str, _List], ...]
"""Attributes, each with its list."""
CodeTest = Callable[[Element], Iterable[Fault]]


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

    def ask(self, passes: Passes) -> None:
        """Have the passes over the elements ask what is no code of its list, or no more: most are."""
        for each in self._coded:
            _ask(each, passes.at(each.path), passes.rank(), passes)

    def faults(self, due: Iterable[tuple[int, CodeTest, Element]]) -> list[Fault]:
        """What the tests find that are due."""
        found = [fault for _, test, element in due for fault in test(element)]
        return list(together(found)) if self._own else found


def _ask(coded: _Coded, at: Pass, rank: int, passes: Passes) -> None:
    path, plain, linked, as_text = coded
    for attribute, wanted in plain:
        test = passes.name(partial(_plain_faults, attribute, wanted), (path, attribute))
        value, current = at.value(attribute), passes.name(wanted.current)
        at.ask(f"if {value} is not None and {value} not in {current}: {add(UNKNOWN_CODES, rank, test)}")
    for each in linked:
        test = passes.name(partial(_linked_faults, each), (path, each.attribute))
        lists = passes.name(
            {vocabulary: one.current for vocabulary, one in each.lists.items()}, (path, each.attribute, "lists")
        )
        vocabulary = "e.getparent().get(b'vocabulary')" if each.from_parent else at.value("vocabulary")
        value, wanted_by = at.value(each.attribute), f"(w := {lists}.get({vocabulary} or {each.default!r}))"
        unknown = f"{value} is not None and {wanted_by} is not None and {value} not in w"
        at.ask(f"if {unknown}: {add(UNKNOWN_CODES, rank, test)}")
    if as_text is not None:
        test = passes.name(partial(_text_fault, as_text), (path, _TEXT))
        at.ask(f"if {at.taken('text(e)')} not in {passes.name(as_text.current)}: {add(UNKNOWN_CODES, rank, test)}")


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
