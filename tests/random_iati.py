"""IATI files at random: what the structure of the standard admits, in every version, with what people do to XML."""

from __future__ import annotations

from random import Random
from typing import Any

from lxml import etree

from ssc_iati.standard import structure
from ssc_iati.standard.structure import Element

FOREIGN = {"akvo": "http://akvo.org/api", "usg": "urn:usg", "ssc2": "urn:x"}
XML = "http://www.w3.org/XML/1998/namespace"
WORDS = (
    "Water",
    "",
    " spaced  out ",
    "two\nlines",
    "carriage\rreturn",
    "tab\tbed",
    "=1+1",
    "+49 30 1234",
    "-",
    "@SUM(A1)",
    "'quoted",
    '"quoted"',
    "0012",
    "1e5",
    "2024-01-01",
    "01/02/2024",
    "12345678901234567890",
    "n/a",
    "unknown",
    "desconocido",
    "#N/A",
    "#REF!",
    "_x000D_",
    "_x005F_",
    "a; b | c",
    "yes",
    "TRUE",
    "10 - Government",
    "Government",
    "<&>\"'",
    "]]>",
    "\U0001f33d ñ \u00a0",
    "\u0085\u0096",
    "\u2028",
    "\u200b",
    "\ufeff",
    "text [continued: #c1]",
    "#1",
    "{}",
    "[1, 2]",
    "json: null",
    "long " * 8_000,
    "\U0001f33d" * 17_000,
)
LANGUAGES = ("en", "fr", "es", "EN", "en-GB", "", "zz")
VALUES: dict[str, tuple[str, ...]] = {
    "string": WORDS,
    "anyURI": ("https://example.org/a?b=c&d=é", "", "  urn:x  "),
    "decimal": ("0", "1", "-1.50", "+5", ".5", "5.", "007", " 12.3 ", "33.333", "1234567890123456789012345.6789", "-0"),
    "boolean": ("1", "0", "true", "false", " true "),
    "date": ("2024-02-29", "1850-01-01", "2112-12-31", "2017-02-06+08:00", "2017-02-06Z", "12024-01-01", "9999-12-31"),
    "dateTime": ("2024-02-29T10:00:00Z", "2024-02-29T10:00:00.123", "2024-02-29T10:00:00+02:00"),
    "int": ("1", " 2", "-3"),
    "positiveInteger": ("2020", " 2021 ", "02022"),
    "nonNegativeInteger": ("0", "1", " 2 "),
    "NMTOKEN": ("activity-status", " x "),
    "anyType": WORDS,
}
VALUES['language|string("")'] = ("en", "fr", "", "en-GB")


class Making:
    """One file in the making, of a version, by a random number generator."""

    def __init__(self, random: Random, version: str, *, wild: bool = True) -> None:
        self.random = random
        self.version = version
        self.wild = wild

    def file(self, kind: str = "activities") -> Any:
        """The root of a file that is valid in its version."""
        root_shape = structure.structure(self.version, f"iati-{kind}")
        root = etree.Element(f"iati-{kind}", nsmap=FOREIGN)  # type: ignore[arg-type]
        self._attributes(root, root_shape)
        root.set("version", self.version)
        (record,) = root_shape.children
        for _ in range(self.random.randint(1, 3)):
            self._fill(etree.SubElement(root, record.name), record, 0)
        if self.wild and self.random.random() < 0.2:
            self._foreign(root)
        return root

    def _fill(self, element: Any, shape: Element, depth: int) -> None:
        self._attributes(element, shape)
        if shape.shape.text:
            self._say(element, self._value(shape.shape.text))
            return
        for each in shape.shape.content:
            if not isinstance(each, Element):
                if self.wild and self._now_and_then():
                    self._foreign(element)
                continue
            for _ in range(self._number(each, depth)):
                self._fill(etree.SubElement(element, each.name), each, depth + 1)

    def _number(self, child: Element, depth: int) -> int:
        most = child.max if child.max is not None else max(child.min, 3)
        rare = 0.35 if depth == 0 else 0.6
        return child.min if self.random.random() < rare else self.random.randint(child.min, most)

    def _attributes(self, element: Any, shape: Element) -> None:
        for name, attribute in shape.attributes.items():
            if attribute.required or self.random.random() < 0.5:
                element.set(f"{{{XML}}}lang" if name == "xml:lang" else name, self._value(attribute.type))
        if self.wild and shape.shape.foreign_attributes and self._now_and_then():
            element.set(f"{{{self._namespace()}}}{self.random.choice(('type', 'a-b'))}", self.random.choice(WORDS[:-2]))
            if self.random.random() < 0.2:
                element.set(f"{{{XML}}}space", "preserve")

    def _value(self, kind: str) -> str:
        if kind not in VALUES:  # a list of the only values
            return self.random.choice([value.strip('"') for value in kind[kind.index("(") + 1 : -1].split(",")])
        values = VALUES[kind]
        if kind in {"string", "anyType"} and self.random.random() < 0.9:
            values = WORDS[:-2]
        return self.random.choice(values if self.wild else values[:1])

    def _say(self, element: Any, text: str) -> None:
        """The text, now and then around a comment."""
        middle = len(text) // 2
        if self.wild and self.random.random() < 0.1:
            element.text = text[:middle]
            comment = etree.Comment(" no fact ")
            comment.tail = text[middle:]
            element.append(comment)
        else:
            element.text = text

    def _foreign(self, element: Any) -> None:
        for _ in range(self.random.randint(1, 2)):
            child = etree.SubElement(element, f"{{{self._namespace()}}}thing", {"code": self.random.choice(WORDS[:-2])})
            child.text = self.random.choice(WORDS[:-2])
            if self.random.random() < 0.5:
                inner = etree.SubElement(child, self.random.choice(("narrative", f"{{{self._namespace()}}}inner")))
                inner.text, inner.tail = "x", self.random.choice((None, "tail", " "))
            if self.random.random() < 0.3:
                etree.SubElement(child, "{urn:default}own", nsmap={None: "urn:default"})  # type: ignore[dict-item]

    def _namespace(self) -> str:
        return self.random.choice(tuple(FOREIGN.values()))

    def _now_and_then(self) -> bool:
        return self.random.random() < 0.08
