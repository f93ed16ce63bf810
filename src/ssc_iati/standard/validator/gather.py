"""One walk over an activity gathers the elements that any check looks at, by their path; all checks share it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lxml import etree

Element = etree._Element  # noqa: SLF001 - lxml has no other name for the type
Branches = dict[str, tuple[list[Element], "Branches"]]
Found = Mapping[str, list[Element]]


class Gatherer:
    """Gathers elements by path (`iati-activity/transaction/value`), in document order.

    The lists are the same for every activity: what `gather` gives holds until it is called again. One for each process.
    """

    def __init__(self, root: str, paths: Iterable[str]) -> None:
        self.found: dict[str, list[Element]] = {root: []}
        self._branches: Branches = {}
        self._root = root
        for path in sorted(set(paths) - {root}):
            self._plant(path.split("/")[1:])

    def gather(self, element: Element) -> Found:
        """The elements of an activity (or an organisation) at the paths."""
        found = self.found
        for each in found.values():
            if each:
                each.clear()
        found[self._root].append(element)
        _walk(element, self._branches)
        return found

    def _plant(self, steps: list[str]) -> None:
        branches, path = self._branches, self._root
        for step in steps:
            path = f"{path}/{step}"
            if step not in branches:
                branches[step] = (self.found.setdefault(path, []), {})
            branches = branches[step][1]


def _walk(parent: Element, branches: Branches) -> None:
    for child in parent:
        # Comments are not in the tree: it was parsed without them. A name that leads nowhere is passed over with all
        # beneath it.
        branch: Any = branches.get(child.tag)
        if branch is not None:
            branch[0].append(child)
            if branch[1]:
                _walk(child, branch[1])
