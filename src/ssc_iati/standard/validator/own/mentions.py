"""What activities say of organisations: which reference stands with which names, to be compared over the file.

A file says the same again and again: each process that judges it tells only what it has not told yet. Memory is
bounded: of one reference the first `MOST_EACH` namings count, of a file the first `MOST` names (some 20 MB).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ssc_iati.standard.rules import mentioning
from ssc_iati.standard.validator.gather import Element, Found
from ssc_iati.standard.validator.kinds import Spot
from ssc_iati.standard.validator.paths import XML, text

MOST, MOST_EACH = 10_000, 50
_LONGEST = 200  # signs of a name or reference: no more are compared
_LANGUAGES = 10  # names of one element: no more are
_LANG = f"{XML}lang"
_IDENTIFIER, _NAME = "iati-organisation/organisation-identifier", "iati-organisation/name"

Names = tuple[tuple[str, str], ...]  # language (empty: none stated) and text of each


class Mention(NamedTuple):
    """An organisation as one element names it."""

    reference: str
    names: Names
    spot: Spot


class Heard:
    """What was said already of each reference."""

    def __init__(self) -> None:
        self._names: dict[str, set[Names]] = {}
        self._left = MOST

    def is_open(self, reference: str) -> bool:
        """Say whether another naming of the reference would count."""
        return self._left > 0 and len(self._names.get(reference, ())) < MOST_EACH

    def is_new(self, reference: str, names: Names) -> bool:
        """Say whether this was not said yet, and counts; from now on it was."""
        if not self.is_open(reference):
            return False
        there = self._names.setdefault(reference, set())
        if names in there:
            return False
        there.add(names)
        self._left -= max(1, len(names))
        return True


class Mentions:
    """Finds the mentions in activities or organisations; those without a reference or a name say nothing."""

    def __init__(self, item: str) -> None:
        self._item, self._at = item, mentioning(item)
        self.paths = {*self._at, *({_IDENTIFIER, _NAME} if item == "iati-organisation" else ())}

    def new(self, found: Found, heard: Heard) -> list[Mention]:
        """The mentions in what was gathered that were not heard yet; now they are."""
        default = found[self._item][0].get(_LANG, "")
        mentions = []
        for reference, owner, spot in self._named(found):
            if heard.is_open(reference):
                names = _names(owner, default)
                if names and heard.is_new(reference, names):
                    mentions.append(Mention(reference, names, spot))
        return mentions

    def _named(self, found: Found) -> Iterator[tuple[str, Element, Spot]]:
        """Each reference, the element that has the names, and the place."""
        for path in self._at:
            for element in found[path]:
                reference = element.get("ref", "").strip()[:_LONGEST]
                if reference:
                    yield reference, element, Spot(element, "ref")
        if self._item == "iati-organisation":
            for identifier, name in zip(found[_IDENTIFIER], found[_NAME], strict=False):
                reference = text(identifier).strip()[:_LONGEST]
                if reference:
                    yield reference, name, Spot(identifier)


def _names(element: Element, default: str) -> Names:
    said = [(each.get(_LANG, default), (each.text or "")[:_LONGEST]) for each in element.iterchildren("narrative")]
    return tuple(said[:_LANGUAGES])
