"""Activities of IATI 2.03 at random, whose values are of their kind: codes of their lists, days, numbers, words."""

from __future__ import annotations

from random import Random
from typing import Any

from lxml import etree

from ssc_iati.check.dialect_values import field_at
from ssc_iati.record.project import Project
from ssc_iati.record.values import Code, CodeBy
from ssc_iati.standard import codelists, structure
from ssc_iati.standard.structure import Element

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
WORDS = (
    "Agua",
    "Semillas y más",
    "=1+1",
    "10 - x",
    "0012",
    "a; b | c",
    "two\nlines",
    "1e5",
    "-",
    "Ñandú 'z'",
    "01/02/2024",
)
VALUES = {
    "date": ("2024-02-29", "2017-02-06", "2030-12-31", "2024-03-04"),
    "decimal": ("0", "1", "-1.5", "12.3", "33.33", "1234.567", "100000"),
    "boolean": ("1", "0"),
    "dateTime": ("2024-02-29T10:00:00Z",),
    "int": ("1", "3"),
    "positiveInteger": ("2020", "2021"),
    "nonNegativeInteger": ("0", "1", "2"),
    "anyURI": ("https://example.org/a?b=c&d=é", "urn:x"),
}
WITHIN_100 = ("0", "50", "33.33", "100")


def activity(seed: int, identifier: str, reporter: str, most: int = 3) -> Any:
    """An activity of this identifier and reporter; `most` is how often an element is there."""
    return _Making(Random(seed), most).made(identifier, reporter)  # noqa: S311 - nothing secret


class _Making:
    def __init__(self, random: Random, most: int) -> None:
        self.random = random
        self.most = most

    def made(self, identifier: str, reporter: str) -> Any:
        root = etree.Element("iati-activity")
        self._fill(root, structure.structure("2.03", "iati-activity"), (root.tag,))
        root.find("iati-identifier").text = identifier
        root.find("reporting-org").set("ref", reporter)
        return root

    def _fill(self, element: Any, shape: Element, names: tuple[str, ...]) -> None:
        for name in sorted(shape.attributes, key=lambda each: "vocabulary" not in each):
            attribute = shape.attributes[name]
            if attribute.required or self.random.random() < 0.5:
                element.set(LANG if name == "xml:lang" else name, self._value(element, names, name, attribute.type))
        if shape.shape.text:
            element.text = self._value(element, names, None, shape.shape.text)
        for child in shape.children:
            for _ in range(self._number(child, len(names))):
                self._fill(etree.SubElement(element, child.name), child, (*names, child.name))

    def _number(self, child: Element, depth: int) -> int:
        most = child.max if child.max is not None else max(child.min, self.most)
        return (
            child.min if self.random.random() < (0.4 if depth == 1 else 0.5) else self.random.randint(child.min, most)
        )

    def _value(self, element: Any, names: tuple[str, ...], attribute: str | None, kind: str) -> str:
        if attribute == "xml:lang":
            return self.random.choice(("en", "es", "pt"))
        if names[-1] == "pos":
            return self.random.choice(("1.5 -2.25", "-90 180", "4.6 -74.08"))
        field = field_at(Project, names, LANG if attribute == "xml:lang" else attribute)
        mark = None if field is None else field[0].mark(Code)
        by = None if field is None else field[0].mark(CodeBy)
        name = mark.codelist if mark else by.codelist(element.get("vocabulary")) if by else None
        if name is not None:
            return self.random.choice(sorted(codelists.codes(name))[:40])
        if attribute == "percentage" or names[-1] == "capital-spend":
            return self.random.choice(WITHIN_100)
        return self.random.choice(VALUES.get(kind, WORDS))
