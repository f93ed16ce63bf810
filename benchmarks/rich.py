"""Rich activities of some 15 KB: every element and attribute of IATI 2.03, with identifiers, texts, codes and amounts
of each activity's own, so that nothing which one taught helps with the next.

The structure of the standard says what there is to write. Few rules are broken (sectors, countries and regions stand
both for the whole and for the transactions); `faults` breaks some twenty in each activity.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from xml.sax.saxutils import quoteattr

import content

from ssc_iati.standard import codelists
from ssc_iati.standard.rules import code_checks
from ssc_iati.standard.structure import Attribute, Element, structure

REPORTER = "GB-CHC-202918"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<iati-activities version="2.03">\n'
END = "</iati-activities>\n"
_FIRST_DAY, _DAYS = date(2012, 1, 1), 3_000
_ACTIVITY = structure("2.03", "iati-activity")
_TIMES = {"activity-date": 4, "transaction": 2}
_FAULTY = {"provider-activity-id": "XX-1", "receiver-activity-id": "XX-2", "role": "9", "currency": "XXX"}

_OF_TYPE = {
    "language": "es", "boolean": "0", "int": "1", "nonNegativeInteger": "1", "decimal": "3.5", "NMTOKEN": "sector",
    "dateTime": "2025-10-01T00:00:00Z",
}  # fmt: skip


def _lists() -> dict[tuple[str, str], tuple[str, ...]]:
    """The codes in use that may stand at a path and attribute: of vocabulary 1, where it depends."""
    checks = [each for each in code_checks("2.03") if each.vocabulary in {"", "1", each.default}]
    return {(each.path, each.attribute): codelists.codes(each.codelist, active=True) for each in checks}


_LISTS = _lists()


def write(path: Path, count: int, *, faults: bool = False) -> None:
    """Write a file of so many activities."""
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for number in range(count):
            file.writelines(_Writer(number, count, faults=faults).element(_ACTIVITY, "iati-activity", 0, 1))
        file.write(END)


class _Writer:
    """Writes one of `count` activities."""

    def __init__(self, number: int, count: int, *, faults: bool) -> None:
        self._number, self._count, self._faults = number, count, faults
        self._dice = random.Random(number)  # noqa: S311 - the same file every time

    def element(self, element: Element, path: str, which: int, depth: int) -> Iterator[str]:
        """The element (the `which`-th of its name here) with everything that may stand in it."""
        said = "".join(f" {each.name}={quoteattr(self._value(each, path, which))}" for each in element.shape.attributes)
        indent = "  " * depth
        if element.shape.text is not None:
            yield f"{indent}<{element.name}{said}>{self._text(element)}</{element.name}>\n"
        elif not element.children:
            yield f"{indent}<{element.name}{said}/>\n"
        else:
            yield f"{indent}<{element.name}{said}>\n"
            for child in element.children:
                for number in range(_TIMES.get(child.name, 1) if child.max is None else 1):
                    yield from self.element(child, f"{path}/{child.name}", number, depth + 1)
            yield f"{indent}</{element.name}>\n"

    def _text(self, element: Element) -> str:
        own = {
            "iati-identifier": lambda: _identifier(self._number),
            "channel-code": lambda: self._dice.choice(_LISTS["iati-activity/crs-add/channel-code", "text()"]),
            "pos": lambda: f"{self._dice.uniform(-55, 30):.5f} {self._dice.uniform(-90, -35):.5f}",
        }
        of_type = {"decimal": lambda: str(self._dice.randrange(100, 10**7)), "anyURI": self._link}
        made = own.get(element.name) or of_type.get(element.shape.text or "")
        return made() if made else content.words(self._dice, 4)

    def _value(self, attribute: Attribute, path: str, which: int) -> str:
        name, element = attribute.name, path.rpartition("/")[2]
        if self._faults and name in _FAULTY and which == 0:
            return _FAULTY[name]
        if name == "type" and element == "activity-date":
            return str(which + 1)
        if name == "vocabulary" and "1" in _LISTS.get((path, name), "1"):
            return "1"
        named = {
            "iso-date": lambda: self._day(path, which),
            "percentage": lambda: {"recipient-country": "60", "recipient-region": "40"}.get(element, "100"),
            "measure": lambda: self._dice.choice("12"),
            "ref": lambda: self._reference(element),
        }.get(name)
        if named:
            return named()
        return self._dice.choice(_LISTS[path, name]) if (path, name) in _LISTS else self._of_type(attribute)

    def _day(self, path: str, which: int) -> str:
        """A day: ends come after starts, and within a year; what happened lies in the past."""
        later = {"period-end": 200}.get(path.rpartition("/")[2], 0) + 100 * which
        spread = 60 if "period-" in path or path.endswith("activity-date") else _DAYS
        first = _FIRST_DAY + timedelta(days=self._number % _DAYS)
        return (first + timedelta(days=later + self._dice.randrange(spread))).isoformat()

    def _of_type(self, attribute: Attribute) -> str:
        if attribute.name.endswith("activity-id"):
            return _identifier(self._dice.randrange(self._count))
        if attribute.name == "value":
            return str(self._dice.randrange(1000))
        if attribute.name in {"year", "phaseout-year"}:
            return str(self._dice.randrange(2012, 2021))
        kind = attribute.type.partition("|")[0].partition("(")[0]
        if kind == "date":
            return (_FIRST_DAY + timedelta(days=self._dice.randrange(_DAYS))).isoformat()
        if kind == "anyURI":
            return self._link()
        return _OF_TYPE.get(kind) or content.words(self._dice, 1)

    def _reference(self, element: str) -> str:
        if element == "related-activity":
            return _identifier(self._dice.randrange(self._count))
        return REPORTER if element == "reporting-org" else f"GB-CHC-{self._dice.randrange(10**6)}"

    def _link(self) -> str:
        return f"https://example.org/{self._dice.randrange(10**9)}"


def _identifier(number: int) -> str:
    return f"{REPORTER}-{number:06}"
