"""Judges one activity (or organisation) that stands parsed: codes, rulesets, our own checks; everything but the
schema.

A judge is made once for a version and a sort of file, and serves one process: what it gathers is overwritten by the
next activity.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ssc_iati.standard.rules import Context, advisories, contexts, own_contexts
from ssc_iati.standard.validator import kinds
from ssc_iati.standard.validator.codes import Coded, Codes
from ssc_iati.standard.validator.gather import Element, Found, Gatherer
from ssc_iati.standard.validator.kinds import Fault, Kind, Made, Spot, Test, TextCheck
from ssc_iati.standard.validator.paths import Allows, allowed
from ssc_iati.standard.validator.screen import Screen, screen

if TYPE_CHECKING:
    from ssc_iati.standard.validator.own.mentions import Heard, Mention, Mentions

ITEMS = {"iati-activities": "iati-activity", "iati-organisations": "iati-organisation"}
IDENTIFIERS = {"iati-activity": "iati-identifier", "iati-organisation": "organisation-identifier"}


_ALWAYS = [None]
"""Stands for what a context waits for, where it waits for nothing."""
_MOST_SHAPES = 256

Waiting = list[Any]


class _Ready(NamedTuple):
    """The tests of the elements at one path, and when they are looked at.

    `screens` say whether any of several tests of the same texts can find something; where none can, `others` are all
    that is left to test.
    """

    elements: list[Element]
    only: Allows | None
    needs: Waiting
    screens: list[Screen]
    tests: list[Test]
    others: list[Test]


class _Shape(NamedTuple):
    """What there is to check in activities that have something at the same paths."""

    codes: Coded
    rules: list[_Ready]


class _Plan(NamedTuple):
    """A context for one of its paths, before anything can be gathered: its tests with the path that each waits for."""

    path: str
    context: Context
    made: list[Made]
    screens: dict[tuple[str, ...], Screen]

    @property
    def paths(self) -> set[str]:
        """What must be gathered for it."""
        needed = {path for each in self.made for path in each.paths}
        here = set() if self.path.startswith("//") else {self.path}
        return needed | here | ({self.context.needs} if self.context.needs else set())


class Judge:
    """The checks of one version for `iati-activity` or `iati-organisation` elements; with or without our own."""

    def __init__(self, version: str, item: str, *, own: bool = True, advice: bool = True) -> None:
        every = (*contexts(version), *(own_contexts(version) if own else ()))
        known = kinds.KINDS | (_own_kinds() if own else {})
        plans = [_planned(context, at, item, known) for context in every for at in context.at if _concerns(at, item)]
        self._codes = Codes(version, item, own=own)
        self._mentions = _own_mentions(item) if own else None
        self._advisories = [each for each in advisories(version) if advice and each.path.startswith(item)]
        paths = self._codes.paths.union(*(plan.paths for plan in plans), (each.path for each in self._advisories))
        paths |= self._mentions.paths if self._mentions is not None else set()
        self._gatherer = Gatherer(item, {path for path in paths if path.startswith(item)})
        self._item, self._shapes = item, dict[frozenset[int], _Shape]()
        self._here = [plan for plan in plans if not _is_anywhere(plan.path)]
        self._anywhere = {plan.path[2:]: [each.test for each in plan.made] for plan in plans if _is_anywhere(plan.path)}

    def faults(self, element: Element, now: int) -> Iterator[Fault]:
        """All faults of the element, advisories included (whether the activity named there is in the file, the file
        must say).
        """
        found = self._gatherer.gather(element)
        codes, rules = self._shape()
        yield from self._codes.faults(codes)
        yield from self._rule_faults(element, rules, now)
        if self._advisories:
            yield from self._advice(found)

    def mentions(self, heard: Heard) -> list[Mention]:
        """How the element that was judged last names organisations, as far as it was not heard yet."""
        return self._mentions.new(self._gatherer.found, heard) if self._mentions is not None else []

    def _rule_faults(self, element: Element, rules: list[_Ready], now: int) -> Iterator[Fault]:
        found = self._gatherer.found
        for elements, only, needs, screens, tests, others in rules:
            if not needs:
                continue
            for each in elements:
                if only is not None and not only(each):
                    continue
                due = tests if screens and _suspect(screens, each, found) else others
                for test in due:
                    if faults := test(each, found, now):
                        yield from faults
        for each in element.iterdescendants(*self._anywhere):
            for test in self._anywhere[each.tag]:
                yield from test(each, found, now)

    def _shape(self) -> _Shape:
        """What there is to check in the activity that was gathered; remembered, since most have the shape of others."""
        touched = frozenset(self._gatherer.touched)
        shape = self._shapes.get(touched)
        if shape is None:
            if len(self._shapes) >= _MOST_SHAPES:
                self._shapes.clear()
            shape = self._shapes[touched] = self._shaped(touched)
        return shape

    def _shaped(self, touched: frozenset[int]) -> _Shape:
        found, numbers = self._gatherer.found, self._gatherer.numbers

        def is_touched(path: str) -> bool:
            return path == self._item or numbers.get(path.partition("[")[0]) in touched

        rules = [_ready(plan, found, is_touched) for plan in self._here if _is_due(plan, is_touched)]
        return _Shape(self._codes.at(found, is_touched), [each for each in rules if each.tests])

    def _advice(self, found: Found) -> Iterator[Fault]:
        for rule, path, attribute in self._advisories:
            for element in found[path]:
                value = element.get(attribute)
                if value:
                    yield Fault(rule, (Spot(element, attribute),), {"value": value})


@cache
def judge(version: str, item: str, own: bool = True, advice: bool = True) -> Judge:  # noqa: FBT001, FBT002 - remembered so
    """The judge of this process for that version and sort of element, with or without our own checks, and the
    advisories.
    """
    return Judge(version, item, own=own, advice=advice)


def _own_kinds() -> dict[str, Kind]:
    # Whoever leaves our own checks out need not wait for them to be imported.
    from ssc_iati.standard.validator.own.kinds import KINDS

    return KINDS


def _own_mentions(item: str) -> Mentions:
    from ssc_iati.standard.validator.own.mentions import Mentions

    return Mentions(item)


def _concerns(at: str, item: str) -> bool:
    return at.startswith("//") or at.split("/", maxsplit=1)[0] == item


def _suspect(screens: list[Screen], element: Element, found: Found) -> bool:
    for is_suspect in screens:  # noqa: SIM110 - a generator would take longer than most screens
        if is_suspect(element, found):
            return True
    return False


def _is_anywhere(path: str) -> bool:
    return path.startswith("//")


def _planned(context: Context, at: str, item: str, known: Mapping[str, Kind]) -> _Plan:
    # What is sought anywhere is looked at like any element below the activity: by its own children.
    place = f"{item}/{at[2:]}" if _is_anywhere(at) else at
    made = [kinds.made(check, place, known[check.kind]) for check in context.checks]
    return _Plan(at, context, made, _screens(made))


def _is_due(plan: _Plan, is_touched: Callable[[str], bool]) -> bool:
    return is_touched(plan.path) and (plan.context.needs is None or is_touched(plan.context.needs))


def _ready(plan: _Plan, found: Found, is_touched: Callable[[str], bool]) -> _Ready:
    """The plan with the lists in which things are gathered: they stay the same, so that nothing need be looked up.

    What waits for a path at which nothing stands is left out.
    """
    due = [each for each in plan.made if _can_find(each, is_touched)]
    times = Counter(each.texts.at for each in due if each.texts is not None)
    screens = {at: plan.screens[at] for at, number in times.items() if number > 1}
    others = [each.test for each in due if each.texts is None or each.texts.at not in screens]
    only = allowed(plan.context.only) if plan.context.only else None
    needs = _ALWAYS if plan.context.needs is None else found[plan.context.needs]
    return _Ready(found[plan.path], only, needs, list(screens.values()), [each.test for each in due], others)


def _can_find(made: Made, is_touched: Callable[[str], bool]) -> bool:
    """Whether the test can find something in an activity of that shape."""
    return all(any(map(is_touched, paths)) for paths in made.needs) and not any(
        # A choice among what stands there may come to nothing.
        "[" not in path and is_touched(path)
        for path in made.spared
    )


def _screens(every: list[Made]) -> dict[tuple[str, ...], Screen]:
    """A screen for the tests of the same texts."""
    checks = defaultdict[tuple[str, ...], list[TextCheck]](list)
    for each in every:
        if each.texts is not None:
            checks[each.texts.at].append(each.texts)
    return {at: screen(alike) for at, alike in checks.items()}
