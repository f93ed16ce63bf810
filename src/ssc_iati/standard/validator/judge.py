"""Judges one activity (or organisation) that stands parsed: codes, rulesets, our own checks; everything but the
schema.

A judge is made once for a version and a sort of file, and serves one process: what it gathers is overwritten by the
next activity.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from ssc_iati.standard.rules import Context, advisories, contexts, own_contexts
from ssc_iati.standard.validator import kinds
from ssc_iati.standard.validator.codes import Codes
from ssc_iati.standard.validator.gather import Element, Gatherer
from ssc_iati.standard.validator.kinds import Fault, Kind, Made
from ssc_iati.standard.validator.sieve import sieve

if TYPE_CHECKING:
    from ssc_iati.standard.validator.own.mentions import Heard, Mention, Mentions

ITEMS = {"iati-activities": "iati-activity", "iati-organisations": "iati-organisation"}
IDENTIFIERS = {"iati-activity": "iati-identifier", "iati-organisation": "organisation-identifier"}


class _Plan(NamedTuple):
    """A context for one of its paths, before anything can be gathered: its tests with the path that each waits for."""

    path: str
    context: Context
    made: list[Made]

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
        codes = Codes(version, item, own=own)
        self._mentions = _own_mentions(item) if own else None
        named = [each for each in advisories(version) if advice and each.path.startswith(item)]
        paths = codes.paths.union(*(plan.paths for plan in plans), (each.path for each in named))
        paths |= self._mentions.paths if self._mentions is not None else set()
        self._gatherer = Gatherer(item, {path for path in paths if path.startswith(item)})
        self._codes = codes
        self._due = sieve(codes, plans, named, item, self._gatherer.found)

    def faults(self, element: Element, now: int) -> list[Fault]:
        """All faults of the element, advisories included (whether the activity named there is in the file, the file
        must say).
        """
        found = self._gatherer.gather(element)
        # Of an instant that remembers what it was compared with, the tests ask; to see which are due, a number does.
        unknown, due = self._due(int(now))
        faults = self._codes.faults(unknown) if unknown else []
        for _, test, each in due:
            faults += test(each, found, now)
        return faults

    def mentions(self, heard: Heard) -> list[Mention]:
        """How the element that was judged last names organisations, as far as it was not heard yet."""
        return self._mentions.new(self._gatherer.found, heard) if self._mentions is not None else []

    def forget(self) -> None:
        """Let go of the element that was judged last: a tree is freed the faster, the sooner after it was used."""
        self._gatherer.forget()


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


def _is_anywhere(path: str) -> bool:
    return path.startswith("//")


def _planned(context: Context, at: str, item: str, known: Mapping[str, Kind]) -> _Plan:
    # What is sought anywhere is looked at like any element below the activity: by its own children.
    place = f"{item}/{at[2:]}" if _is_anywhere(at) else at
    return _Plan(at, context, [kinds.made(check, place, known[check.kind]) for check in context.checks])
