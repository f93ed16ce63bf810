"""Judges one activity (or organisation) that stands parsed: codes, rulesets, our own checks; everything but the
schema.

A judge is made once for a version and a sort of file, and serves one process: what it gathers is overwritten by the
next activity.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from ssc_iati.standard.rules import Context, advisories, contexts, own_contexts
from ssc_iati.standard.validator import kinds
from ssc_iati.standard.validator.codes import Codes
from ssc_iati.standard.validator.gather import Element, Found, Gatherer
from ssc_iati.standard.validator.kinds import Fault, Spot, Test
from ssc_iati.standard.validator.own import KINDS as OWN_KINDS
from ssc_iati.standard.validator.own.mentions import Heard, Mention, Mentions
from ssc_iati.standard.validator.paths import Allows, allowed

ITEMS = {"iati-activities": "iati-activity", "iati-organisations": "iati-organisation"}
IDENTIFIERS = {"iati-activity": "iati-identifier", "iati-organisation": "organisation-identifier"}


_KINDS = kinds.KINDS | OWN_KINDS


class _Ready(NamedTuple):
    """The tests of the elements at one path (or of that name anywhere), and when they are looked at."""

    path: str
    anywhere: bool
    only: Allows | None
    needs: str | None
    tests: tuple[Test, ...]


class Judge:
    """The checks of one version for `iati-activity` or `iati-organisation` elements; with or without our own."""

    def __init__(self, version: str, item: str, *, own: bool = True) -> None:
        self._contexts = list[_Ready]()
        paths = set[str]()
        for context in (*contexts(version), *(own_contexts(version) if own else ())):
            for at in context.at:
                if at.startswith("//") or at.split("/")[0] == item:
                    paths |= self._ready(context, at, item)
        self._codes = Codes(version, item, own=own)
        self._mentions = Mentions(item) if own else None
        self._advisories = [each for each in advisories(version) if each.path.startswith(item)]
        paths |= self._codes.paths | {each.path for each in self._advisories}
        paths |= self._mentions.paths if self._mentions is not None else set()
        self._gatherer = Gatherer(item, {path for path in paths if path.startswith(item)})

    def _ready(self, context: Context, at: str, item: str) -> set[str]:
        """Make the tests of a context ready for one of its paths; the paths that they need."""
        anywhere = at.startswith("//")
        # What is sought anywhere is looked at like any element below the activity: by its own children.
        place = f"{item}/{at[2:]}" if anywhere else at
        made = [kinds.made(check, place, _KINDS[check.kind]) for check in context.checks]
        only = allowed(context.only) if context.only else None
        tests = tuple(each.test for each in made)
        self._contexts.append(_Ready(at.removeprefix("//"), anywhere, only, context.needs, tests))
        needed = {path for each in made for path in each.paths}
        return needed | ({context.needs} if context.needs else set()) | (set() if anywhere else {at})

    def faults(self, element: Element, now: int) -> Iterator[Fault]:
        """All faults of the element, advisories included (whether the activity named there is in the file, the file
        must say).
        """
        found = self._gatherer.gather(element)
        yield from self._codes.faults(found)
        yield from self._rule_faults(element, found, now)
        yield from self._advice(found)

    def mentions(self, heard: Heard) -> list[Mention]:
        """How the element that was judged last names organisations, as far as it was not heard yet."""
        return self._mentions.new(self._gatherer.found, heard) if self._mentions is not None else []

    def _rule_faults(self, element: Element, found: Found, now: int) -> Iterator[Fault]:
        for path, anywhere, only, needs, tests in self._contexts:
            if needs is not None and not found[needs]:
                continue
            for each in element.iterdescendants(path) if anywhere else found[path]:
                if only is not None and not only(each):
                    continue
                for test in tests:
                    if faults := test(each, found, now):
                        yield from faults

    def _advice(self, found: Found) -> Iterator[Fault]:
        for rule, path, attribute in self._advisories:
            for element in found[path]:
                value = element.get(attribute)
                if value:
                    yield Fault(rule, (Spot(element, attribute),), {"value": value})


@cache
def judge(version: str, item: str, own: bool = True) -> Judge:  # noqa: FBT001, FBT002 - remembered by its arguments
    """The judge of this process for that version and sort of element, with or without our own checks."""
    return Judge(version, item, own=own)
