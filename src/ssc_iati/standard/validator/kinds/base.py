"""What a kind of check is: of what a check asks for it makes the test that finds its faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ssc_iati.standard.rules import Check, Rule
from ssc_iati.standard.validator.gather import Element, Found
from ssc_iati.standard.validator.paths import Hits, Path, compiled


class Spot(NamedTuple):
    """Where a fault shows: an element, or an attribute of it."""

    element: Element
    attribute: str | None = None


class Fault(NamedTuple):
    """What a check found: its rule, where it shows, the values for its words, and their key if it is not the rule's
    own.
    """

    rule: Rule
    spots: tuple[Spot, ...]
    values: Mapping[str, str]
    words: str = ""


Faults = Sequence[Fault]
Test = Callable[[Element, Found, int], Faults]
NONE: tuple[Fault, ...] = ()


class TextCheck(NamedTuple):
    """Says that a test finds something only where a text at these paths is wrong: the tests of the same texts are done
    with at once where all are well.
    """

    at: tuple[str, ...]
    paths: tuple[Path, ...]
    is_wrong: Callable[[str], object]


class Made(NamedTuple):
    """The test of a check for the elements at a path, the paths that must be gathered for it, what it needs and what
    spares it, and what it says of texts, if that is all that it looks at.

    Each of `needs` are paths of which one must lead to something, or the test finds nothing; where anything stands at
    one of `spared` it finds nothing either.
    """

    check: Check
    at: str
    test: Test
    paths: set[str]
    needs: tuple[frozenset[str], ...]
    spared: frozenset[str]
    texts: TextCheck | None


def made(check: Check, at: str, kind: Kind) -> Made:
    """The test that a kind makes of a check for the elements at `at`."""
    wants = Wants(check, at)
    test = kind(wants)
    when = check.asks.get("when")
    if when is not None:
        test = _only_when(wants.path(when), test)
    return Made(check, at, test, wants.paths, tuple(wants.needs), frozenset(wants.spared), wants.texts)


class Wants:
    """What a check asks for, compiled as it is taken; notes the paths to gather."""

    def __init__(self, check: Check, at: str) -> None:
        self.rule, self.asks, self.at = check.rule, check.asks, at
        self.paths: set[str] = {at}
        self.needs: list[frozenset[str]] = []
        self.spared: set[str] = set()
        self.texts: TextCheck | None = None

    def path(self, path: str) -> Path:
        """A path, compiled for the elements that the check looks at."""
        made, needed = compiled(path, self.at)
        self.paths |= needed
        return made

    def one(self, name: str) -> Path:
        """The path that it asks for by that name."""
        return self.path(self.asks[name])

    def always(self, name: str) -> Path:
        """The same; and where nothing stands there, the check finds nothing: it need not be asked then."""
        return self.always_one_of([self.asks[name]])[0]

    def always_one_of(self, paths: Sequence[str]) -> list[Path]:
        """Paths of which one must lead to something, or the check finds nothing."""
        gathered = [self._gathered(path) for path in paths]
        if all(gathered):
            self.needs.append(frozenset().union(*gathered))
        return [self.path(each) for each in paths]

    def spares(self, paths: Sequence[str]) -> list[Path]:
        """Paths at which nothing may stand, or the check finds nothing."""
        self.spared.update(*(self._gathered(path) for path in paths if "@" not in path))
        return [self.path(each) for each in paths]

    def _gathered(self, path: str) -> set[str]:
        """What is gathered for a path, if it does not lead from the element itself."""
        return compiled(path, self.at)[1] - {self.at}

    def maybe(self, name: str) -> Path | None:
        """The same, where it may ask for none."""
        return self.path(self.asks[name]) if name in self.asks else None

    def many(self, name: str) -> list[Path]:
        """The paths that it asks for by that name."""
        return [self.path(each) for each in self.asks[name]]


Kind = Callable[[Wants], Test]


def _only_when(condition: Path, test: Test) -> Test:
    return lambda element, found, now: test(element, found, now) if condition.any(element, found) else NONE


def each_hit(rule: Rule, path: Path, hits: Hits) -> Faults:
    """One fault that shows at each of the hits, if there are any."""
    return (Fault(rule, spots_of(path, hits), {"value": hits[0][1]}),) if hits else NONE


def spots_of(path: Path, hits: Hits) -> tuple[Spot, ...]:
    """The spots of the hits."""
    return tuple([Spot(each, path.attribute) for each, _ in hits])
