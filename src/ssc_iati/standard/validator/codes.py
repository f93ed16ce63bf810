"""The official checks of codes, put together by element: which attribute must hold a code of which list; and ours, that
it is not withdrawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from ssc_iati.standard import codelists
from ssc_iati.standard.rules import CodeCheck, code_checks
from ssc_iati.standard.validator.gather import Element
from ssc_iati.standard.validator.kinds import NONE, Fault, Faults, Spot
from ssc_iati.standard.validator.own.withdrawn import together, withdrawn_fault
from ssc_iati.standard.validator.passes import UNKNOWN as UNKNOWN_CODES
from ssc_iati.standard.validator.passes import Pass, Passes, add
from ssc_iati.standard.validator.paths import XML, text

UNKNOWN, LINKED, AS_TEXT = "iati:code-unknown", "iati:code-unknown-linked", "iati:code-unknown-text"
_TEXT = "text()"


class _List:
    """A list as the codes at some place are judged by it; it is read when the first of them is met."""

    def __init__(self, check: CodeCheck, version: str, well: set[str], *, own: bool) -> None:
        self.rule, self.name = check.rule, check.codelist
        self.well = well  # codes of the list that were met, without those that are warned of
        self._version, self._own = version, own

    def has(self, code: str) -> bool:
        """Whether the list has a code, withdrawn or not."""
        return code in codelists.members(self.name, self._version)

    def is_well(self, code: str) -> bool:
        """Whether nothing is to be said of a code; it is remembered then."""
        if not self.has(code) or (self._own and codelists.status(self.name, code) == "withdrawn"):
            return False
        self.well.add(code)
        return True


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
        well = defaultdict[str, set[str]](set)
        self._coded = [
            _coded(path, [(each, _List(each, version, well[each.codelist], own=own)) for each in checks])
            for path, checks in by_path.items()
        ]
        self.paths, self._own = set(by_path), own

    def ask(self, passes: Passes) -> None:
        """Have the passes over the elements ask what is no code of its list, or no more, as far as it is known: most
        codes were met before.
        """
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
        value, well = at.value(attribute), passes.name(wanted.well)
        at.ask(f"if {value} is not None and {value} not in {well}: {add(UNKNOWN_CODES, rank, test)}")
    for each in linked:
        test = passes.name(partial(_linked_faults, each), (path, each.attribute))
        lists = passes.name({vocabulary: one.well for vocabulary, one in each.lists.items()})
        vocabulary = "e.getparent().get(b'vocabulary')" if each.from_parent else at.value("vocabulary")
        value, wanted_by = at.value(each.attribute), f"(w := {lists}.get({vocabulary} or {each.default!r}))"
        unknown = f"{value} is not None and {wanted_by} is not None and {value} not in w"
        at.ask(f"if {unknown}: {add(UNKNOWN_CODES, rank, test)}")
    if as_text is not None:
        test = passes.name(partial(_text_fault, as_text), (path, _TEXT))
        at.ask(f"if {at.taken('text(e)')} not in {passes.name(as_text.well)}: {add(UNKNOWN_CODES, rank, test)}")


def _coded(path: str, checks: list[tuple[CodeCheck, _List]]) -> _Coded:
    plain, linked, as_text = list[tuple[str, _List]](), dict[str, _Linked](), None
    for check, wanted in checks:
        if check.attribute == _TEXT:
            as_text = wanted
        elif check.vocabulary:
            attribute, up = check.attribute, check.path.endswith("/budget-item")
            each = linked.setdefault(attribute, _Linked(attribute, up, check.default, {}))
            each.lists[check.vocabulary] = wanted
        else:
            plain.append((check.attribute.replace("xml:", XML), wanted))
    return _Coded(path, tuple(plain), tuple(linked.values()), as_text)


def _plain_faults(attribute: str, wanted: _List, element: Element) -> Faults:
    value = element.get(attribute, "")
    return NONE if wanted.is_well(value) else _faults(wanted, element, attribute, value)


def _linked_faults(linked: _Linked, element: Element) -> Faults:
    value = element.get(linked.attribute)
    if value is None:
        return NONE
    owner = element.getparent() if linked.from_parent else element
    vocabulary = (None if owner is None else owner.get("vocabulary")) or linked.default
    wanted = linked.lists.get(vocabulary)
    if wanted is None or wanted.is_well(value):
        return NONE
    return _faults(wanted, element, linked.attribute, value, vocabulary)


def _text_fault(wanted: _List, element: Element) -> Iterator[Fault]:
    """The text as it stands, blanks and all, as the official validator takes it."""
    value = text(element)
    if not wanted.has(value):
        yield Fault(wanted.rule, (Spot(element),), {"value": value, "codelist": wanted.name}, AS_TEXT)
    elif not wanted.is_well(value):
        yield from withdrawn_fault(wanted.name, value, Spot(element))


def _faults(wanted: _List, element: Element, attribute: str, value: str, vocabulary: str = "") -> Faults:
    if wanted.has(value):
        return withdrawn_fault(wanted.name, value, Spot(element, attribute))
    return (_fault(wanted, element, attribute, value, vocabulary),)


def _fault(wanted: _List, element: Element, attribute: str, value: str, vocabulary: str) -> Fault:
    values = {"value": value, "codelist": wanted.name}
    if vocabulary:
        return Fault(wanted.rule, (Spot(element, attribute),), values | {"vocabulary": vocabulary}, LINKED)
    return Fault(wanted.rule, (Spot(element, attribute),), values, UNKNOWN)
