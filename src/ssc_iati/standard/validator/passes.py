"""A function that goes once over the gathered elements of an activity, path by path, as it is written.

In its lines `e` is an element at the path, and `now` the instant of the run in milliseconds; lists of gathered elements
and helpers stand in them under names that are given here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import count
from operator import itemgetter
from typing import Any

from ssc_iati.standard.validator.gather import Found
from ssc_iati.standard.validator.moments import moment
from ssc_iati.standard.validator.paths import text

UNKNOWN, DUE = "unknown", "due"
"""The lists that the function gives: of tests of codes, and of other tests."""


class Pass:
    """What is asked of each element at a path. Whatever is taken of the element is taken once, before the first
    question.
    """

    def __init__(self) -> None:
        self._taken: dict[str, str] = {}
        self._asked: list[str] = []

    def value(self, attribute: str) -> str:
        """The name of an attribute's value, None where the element has none."""
        # As bytes, which lxml takes as well, and need not encode.
        return self.taken(f"e.get({attribute.encode()!r})")

    def taken(self, expression: str) -> str:
        """The name of what an expression gives; it may build on what was taken before."""
        return self._taken.setdefault(expression, f"v{len(self._taken)}")

    def ask(self, *lines: str) -> None:
        """Lines to come behind those that were written already."""
        self._asked += lines

    def lines(self) -> Iterator[str]:
        """The body of the loop over the elements."""
        yield from (f"{name} = {expression}" for expression, name in self._taken.items())
        yield from self._asked


class Passes:
    """The passes over what is gathered in `found` of an activity (or an organisation, as `item` says)."""

    def __init__(self, item: str, found: Found) -> None:
        self.item, self.found = item, found
        self._passes: dict[str, Pass] = {}
        self._bound: dict[str, Any] = {"moment": moment, "text": text, "rank": itemgetter(0)}
        self._names: dict[Any, str] = {}
        self._flags = 0
        self._ranks = count()

    def at(self, path: str) -> Pass:
        """The pass over the elements at a path; that over the item itself comes last."""
        return self._passes.setdefault(path, Pass())

    def flag(self) -> str:
        """The name of something that a pass may find to be so, for the pass over the item to know."""
        self._flags += 1
        return f"f{self._flags}"

    def rank(self) -> int:
        """The next rank: tests of lower rank come first, those of one rank as they are put into their list."""
        return next(self._ranks)

    def name(self, thing: object, key: object = None) -> str:
        """The name of a thing; things of the same key share one."""
        key = key if key is not None else id(thing)
        if key not in self._names:
            self._names[key] = f"x{len(self._names)}"
            self._bound[self._names[key]] = thing
        return self._names[key]

    def gathered(self, path: str) -> str:
        """The name of the list of what is gathered at a path."""
        return self.name(self.found[path], ("list", path))

    def function(self, last: Iterable[str]) -> Any:  # noqa: ANN401 - whatever the lines make of it
        """The function, with what comes behind all passes; it gives the two lists, in the order of their ranks."""
        lines = ["def passes(now):", f" {UNKNOWN} = []", f" {DUE} = []"]
        lines += [f" f{number + 1} = False" for number in range(self._flags)]
        lines += [*self._below(), *_loop(self._passes.get(self.item), self.gathered(self.item), " ")]
        lines += [f" {line}" for line in last]
        lines += [f" if {each}: {each}.sort(key=rank)" for each in (UNKNOWN, DUE)]
        exec("\n".join([*lines, f" return {UNKNOWN}, {DUE}"]), self._bound)  # noqa: S102 - written of the rules in this package alone
        return self._bound["passes"]

    def _below(self) -> Iterator[str]:
        """All passes but that over the item, each within the question whether there is anything above it."""
        beneath = defaultdict[str, dict[str, None]](dict)
        for path in self._passes:
            at = path
            while at != self.item:
                beneath[_above(at)][at] = None
                at = _above(at)
        for path in beneath[self.item]:
            yield from self._block(path, beneath, " ")

    def _block(self, path: str, beneath: dict[str, dict[str, None]], indent: str) -> Iterator[str]:
        yield f"{indent}if {self.gathered(path)}:"
        yield from _loop(self._passes.get(path), self.gathered(path), f"{indent} ")
        for each in beneath.get(path, ()):
            yield from self._block(each, beneath, f"{indent} ")


def add(to: str, rank: int, test: str) -> str:
    """The statement that a test is due of the element."""
    return f"{to}.append(({rank}, {test}, e))"


def _above(path: str) -> str:
    """Where nothing stands at this path, nothing stands at the other: what is chosen is a part of all."""
    bare, chosen, _ = path.partition("[")
    return bare if chosen else bare.rpartition("/")[0]


def _loop(one: Pass | None, elements: str, indent: str) -> Iterator[str]:
    if one is not None:
        yield f"{indent}for e in {elements}:"
        yield from (f"{indent} {line}" for line in one.lines())
