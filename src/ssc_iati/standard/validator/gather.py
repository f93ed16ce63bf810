"""One walk over an activity gathers the elements that any check looks at, by their path; all checks share it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from lxml import etree

from ssc_iati.standard.validator.choices import Choice, choice

Element = etree._Element  # noqa: SLF001 - lxml has no other name for the type
Branches = dict[str, tuple[list[Element], "Branches"]]
Found = Mapping[str, list[Element]]

_MOST_REMEMBERED = 256


class Gatherer:
    """Gathers elements by path (`iati-activity/transaction/value`), in document order; those that a choice behind the
    path means (`iati-activity/sector[@vocabulary='1']`) stand in a list of their own.

    The lists are the same for every activity: what `gather` gives holds until it is called again. One for each
    process.
    """

    def __init__(self, root: str, paths: Iterable[str]) -> None:
        self.found: dict[str, list[Element]] = {root: []}
        self._touched: list[list[Element]] = []  # the lists that are not empty
        self._branches: Branches = {}
        self._root = self.found[root]
        choices = defaultdict[tuple[str, str], list[tuple[Choice, list[Element]]]](list)
        for path in sorted(set(paths) - {root}):
            bare, _, chosen = path.partition("[")
            self._plant(root, bare.split("/")[1:])
            if chosen:
                made = choice(chosen.removesuffix("]"))
                choices[bare, made.name].append((made, self.found.setdefault(path, [])))
        self._sorters = [_Sorter(self.found[bare], name, each) for (bare, name), each in choices.items()]
        self._chosen = [each for path, each in self.found.items() if "[" in path]

    def gather(self, element: Element) -> Found:
        """The elements of an activity (or an organisation) at the paths."""
        for each in self._touched:
            each.clear()
        for each in self._chosen:
            if each:
                each.clear()
        self._touched.clear()
        self._root[:] = (element,)
        _walk(element, self._branches, self._touched)
        for sorter in self._sorters:
            if sorter.elements:
                sorter.sort()
        return self.found

    def _plant(self, root: str, steps: list[str]) -> None:
        branches, path = self._branches, root
        for step in steps:
            path = f"{path}/{step}"
            if step not in branches:
                branches[step] = (self.found.setdefault(path, []), {})
            branches = branches[step][1]


class _Sorter:
    """Sorts the elements at a path by an attribute, into the lists of the choices that mean its value."""

    def __init__(self, elements: list[Element], name: str, choices: list[tuple[Choice, list[Element]]]) -> None:
        self.elements = elements
        self._name, self._choices = name, choices
        self._remembered: dict[str | None, tuple[list[Element], ...]] = {}

    def sort(self) -> None:
        remembered, name = self._remembered, self._name
        for element in self.elements:
            value = element.get(name)
            lists = remembered.get(value)
            if lists is None:
                lists = tuple(chosen for made, chosen in self._choices if made.means(value))
                if len(remembered) < _MOST_REMEMBERED:
                    remembered[value] = lists
            for each in lists:
                each.append(element)


def _walk(parent: Element, branches: Branches, touched: list[list[Element]]) -> None:
    for child in parent:
        # Comments are not in the tree: it was parsed without them. A name that leads nowhere is passed over with all
        # beneath it.
        branch: Any = branches.get(child.tag)
        if branch is not None:
            elements, deeper = branch
            if not elements:
                touched.append(elements)
            elements.append(child)
            if deeper:
                _walk(child, deeper, touched)
