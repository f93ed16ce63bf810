"""One walk over an activity gathers the elements that any check looks at, by their path; all checks share it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lxml import etree

from ssc_iati.standard.validator.choices import Choice, choice

Element = etree._Element  # noqa: SLF001 - lxml has no other name for the type
Found = Mapping[str, list[Element]]
Take = Callable[[Element], None]
Branches = dict[Any, Take]  # by the tag, which lxml types more widely than elements have it

_MOST_REMEMBERED = 256


class Gatherer:
    """Gathers elements by path (`iati-activity/transaction/value`), in document order; those that a choice behind the
    path means (`iati-activity/sector[@vocabulary='1']`) stand in a list of their own.

    The lists are the same for every activity: what `gather` gives holds until it is called again. One for each
    process.
    """

    def __init__(self, root: str, paths: Iterable[str]) -> None:
        self.found: dict[str, list[Element]] = {root: []}
        steps: dict[str, Any] = {}
        choices = defaultdict[str, defaultdict[str, list[tuple[Choice, str]]]](lambda: defaultdict(list))
        for path in sorted(set(paths) - {root}):
            bare, _, chosen = path.partition("[")
            self._plant(bare, steps)
            if chosen:
                made = choice(chosen.removesuffix("]"))
                choices[bare][made.name].append((made, path))
                self.found[path] = []
        self._choices = choices
        self._take = _walking(self.found[root].append, self._branches(root, steps))
        self._lists = tuple(self.found.values())

    def gather(self, element: Element) -> Found:
        """The elements of an activity (or an organisation) at the paths."""
        self.forget()
        self._take(element)
        return self.found

    def forget(self) -> None:
        """Let go of what was gathered: the tree that it stands in lives as long as one of its elements is held."""
        for each in filter(None, self._lists):
            each.clear()

    def _plant(self, path: str, steps: dict[str, Any]) -> None:
        at, *below = path.split("/")
        for step in below:
            at = f"{at}/{step}"
            self.found.setdefault(at, [])
            steps = steps.setdefault(step, {})

    def _branches(self, path: str, steps: dict[str, Any]) -> Branches:
        """What takes the children of an element at a path, by their tag."""
        return {step: self._taking(f"{path}/{step}", deeper) for step, deeper in steps.items()}

    def _taking(self, path: str, steps: dict[str, Any]) -> Take:
        """What takes an element at a path: most are merely put into the list."""
        take: Take = self.found[path].append
        for name, choices in self._choices.get(path, {}).items():
            take = _sorting(take, name, [(made, self.found[chosen]) for made, chosen in choices])
        return _walking(take, self._branches(path, steps)) if steps else take


def _walking(take: Take, branches: Branches) -> Take:
    """What takes an element, and its children by their tags.

    Comments are not in the tree: it was parsed without them. A name that leads nowhere is passed over with all beneath
    it.
    """
    taking = branches.get

    def walk(parent: Element) -> None:
        take(parent)
        for child in parent:
            take_it = taking(child.tag)
            if take_it is not None:
                take_it(child)

    return walk


def _sorting(take: Take, name: str, choices: list[tuple[Choice, list[Element]]]) -> Take:
    """What takes an element, and sorts it by an attribute into the lists of the choices that mean its value."""
    remembered: dict[str | None, tuple[list[Element], ...]] = {}

    def sort(element: Element) -> None:
        take(element)
        value = element.get(name)
        lists = remembered.get(value)
        if lists is None:
            lists = tuple(chosen for made, chosen in choices if made.means(value))
            if len(remembered) < _MOST_REMEMBERED:
                remembered[value] = lists
        for each in lists:
            each.append(element)

    return sort
