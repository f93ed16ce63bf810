"""Reads the notation of the structure (described at the top of `iati.txt`) into values, for one version."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from ssc_iati.standard.structure.values import Attribute, Element, ForeignElements, Part, Shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_COMMENT = re.compile(r"(^|\s)#.*")
_PART = re.compile(r"\[(?P<name>[\w-]+)(?::(?P<uses>[\w\s-]+))?\]")
_WORD = re.compile(r"[=:]\s*\S+|\S+")
_VERSIONS = re.compile(r"(?=.*\d)(?P<since>\d\.\d\d)?(?P<dash>-)?(?P<until>\d\.\d\d)?")
_CHILD = re.compile(r"(?P<ref>&?)(?P<name>[A-Za-z][\w.-]*)(?P<often>[?*+]?)")
_ATTRIBUTE = re.compile(r"@(?P<ref>&?)(?P<name>(?:xml:)?[A-Za-z][\w.-]*)(?::(?P<type>[^!]+))?(?P<required>!?)")
_OFTEN: dict[str, tuple[int, int | None]] = {"": (1, 1), "?": (0, 1), "*": (0, None), "+": (1, None)}
_CLOSURES = ("no-foreign-elements", "no-foreign-attributes")
_DECLARATIONS = ("attribute", "shape", "element")
_INDENT = 2


class NotationError(ValueError):
    """A line of the table cannot be understood."""


@dataclass(slots=True)
class _Line:
    """A line of the table, split into words, and the lines beneath it."""

    number: int
    depth: int
    words: list[str]
    beneath: list[_Line] = field(default_factory=list)

    def error(self, problem: str) -> NotationError:
        return NotationError(f"line {self.number}: {problem}")

    def starting(self, *marks: str) -> list[str]:
        """What follows the mark, for each word behind the first that has one of them."""
        return [word[1:].strip() for word in self.words[1:] if word.startswith(marks)]


@dataclass(slots=True)
class _Section:
    """A part of the table: its name, the parts it uses, and its declarations by sort and name."""

    name: str
    uses: tuple[str, ...]
    lines: dict[tuple[str, str], _Line] = field(default_factory=dict)


def read(text: str, version: str) -> dict[str, Part]:
    """Read the whole table as it stands in that version: the parts by name."""
    sections = {section.name: section for section in _sections(_trees(_lines(text), version))}
    return {name: _part(section, sections, version) for name, section in sections.items()}


def _lines(text: str) -> Iterator[_Line]:
    for number, raw in enumerate(text.splitlines(), start=1):
        line = _COMMENT.sub("", raw).rstrip()
        if line:
            yield _line(number, line)


def _line(number: int, line: str) -> _Line:
    bare = line.lstrip(" ")
    words = [bare] if bare.startswith("[") else _WORD.findall(bare)
    depth, rest = divmod(len(line) - len(bare), _INDENT)
    result = _Line(number, depth, words)
    if rest:
        raise result.error(f"a step to the right is {_INDENT} spaces")
    return result


def _trees(lines: Iterable[_Line], version: str) -> list[_Line]:
    """Hang each line beneath the one that it belongs to, leaving out what the version does not have."""
    above = [_Line(0, -1, [])]
    for line in lines:
        if line.depth > above[-1].depth + 1:
            raise line.error("nothing stands above this line")
        del above[line.depth + 1 :]
        if _holds(line, version):
            above[-1].beneath.append(line)
        above.append(line)
    return above[0].beneath


def _holds(line: _Line, version: str) -> bool:
    """Say whether the line is of this version, and take its word about versions from it."""
    ranges = [found for word in line.words if (found := _VERSIONS.fullmatch(word))]
    line.words = [word for word in line.words if not _VERSIONS.fullmatch(word)]
    return all(_in_range(found, version) for found in ranges)


def _in_range(found: re.Match[str], version: str) -> bool:
    since, until = found["since"], found["until"]
    if not found["dash"]:
        return version == since
    return (since or version) <= version <= (until or version)


def _sections(lines: Iterable[_Line]) -> Iterator[_Section]:
    section: _Section | None = None
    for line in lines:
        heading = _PART.fullmatch(line.words[0])
        if heading:
            section = _Section(heading["name"], tuple((heading["uses"] or "").split()))
            yield section
        elif section is None:
            raise line.error("a part must be named first, as in [common]")
        else:
            _declare(section, line)


def _declare(section: _Section, line: _Line) -> None:
    if len(line.words) < 2 or line.words[0] not in _DECLARATIONS:
        raise line.error(f"expected one of {', '.join(_DECLARATIONS)} and a name")
    sort, name = line.words[:2]
    if (sort, name) in section.lines:
        raise line.error(f"{sort} {name} is declared twice")
    line.words = line.words[1:]
    _check(line)
    section.lines[sort, name] = line


def _part(section: _Section, sections: dict[str, _Section], version: str) -> Part:
    unknown = [name for name in section.uses if name not in sections]
    if unknown:
        raise NotationError(f"there is no part {unknown[0]}, which {section.name} uses")
    scope = _Scope([section, *(sections[name] for name in section.uses)])
    names = {sort: [name for kind, name in section.lines if kind == sort] for sort in _DECLARATIONS}
    return Part(
        name=section.name,
        version=version,
        uses=section.uses,
        attributes={name: scope.attribute(name) for name in names["attribute"]},
        shapes={name: scope.shape(name) for name in names["shape"]},
        elements={name: scope.element(name) for name in names["element"]},
    )


class _Scope:
    """The declarations that the lines of a part can refer to, built when they are asked for."""

    def __init__(self, sections: Iterable[_Section]) -> None:
        self._lines = dict(chain.from_iterable(section.lines.items() for section in reversed([*sections])))

    def attribute(self, name: str) -> Attribute:
        line = self._declared("attribute", name)
        types = line.starting(":")
        if len(types) != 1:
            raise line.error("an attribute has one type")
        return Attribute(name, types[0], is_global=True)

    def shape(self, name: str) -> Shape:
        return self._body(self._declared("shape", name), name)

    def element(self, name: str) -> Element:
        return Element(name, self._body(self._declared("element", name)), is_global=True)

    def _declared(self, sort: str, name: str) -> _Line:
        try:
            return self._lines[sort, name]
        except KeyError:
            raise NotationError(f"there is no {sort} {name}") from None

    def _body(self, line: _Line, name: str | None = None) -> Shape:
        """What the words behind a name and the lines beneath it say."""
        base = self._base(line)
        if name is None and base.name and len(line.words) == 2 and not line.beneath:
            return base
        text = next(iter(line.starting(":")), base.text)
        return Shape(
            name=name,
            text=text,
            content=() if text else self._content(line, base),
            attributes=self._attributes(line, base),
            foreign_attributes=base.foreign_attributes and "no-foreign-attributes" not in line.words,
        )

    def _base(self, line: _Line) -> Shape:
        named = line.starting("=")
        return self.shape(named[0]) if named else Shape()

    def _content(self, line: _Line, base: Shape) -> tuple[Element | ForeignElements, ...]:
        own = [self._child(child) for child in line.beneath if not child.words[0].startswith("@")]
        closed = "no-foreign-elements" in line.words or any(isinstance(item, ForeignElements) for item in base.content)
        return (*base.content, *own, *(() if closed else (ForeignElements(),)))

    def _child(self, line: _Line) -> Element:
        found = _CHILD.fullmatch(line.words[0])
        if not found:
            raise line.error(f"{line.words[0]} is no child's name")
        shape = self.element(found["name"]).shape if found["ref"] else self._body(line)
        least, most = _OFTEN[found["often"]]
        return Element(found["name"], shape, least, most, is_global=bool(found["ref"]))

    def _attributes(self, line: _Line, base: Shape) -> tuple[Attribute, ...]:
        words = [word for word in line.words[1:] if word.startswith("@")]
        words += [word for row in line.beneath if row.words[0].startswith("@") for word in row.words]
        found = (*base.attributes, *(self._used(word, line) for word in words))
        if len({attribute.name for attribute in found}) < len(found):
            raise line.error("an attribute is said twice")
        return found

    def _used(self, word: str, line: _Line) -> Attribute:
        found = _ATTRIBUTE.fullmatch(word)
        if not found:
            raise line.error(f"{word} is no attribute")
        is_global = bool(found["ref"])
        type_ = self.attribute(found["name"]).type if is_global else found["type"] or "string"
        return Attribute(found["name"], type_, bool(found["required"]), is_global)


def _check(line: _Line) -> None:
    """Every word must mean something: a slip of the pen is an error, not a silence."""
    for word in line.words[1:]:
        if not word.startswith(_allowed(line)) and word not in _CLOSURES:
            raise line.error(f"{word} means nothing here")
    if len(line.starting("=", ":")) > 1:
        raise line.error("an element has one shape or one type of text")
    if line.beneath and (line.words[0].startswith(("&", "@")) or line.starting(":")):
        raise line.error("nothing can stand beneath this line")
    for below in line.beneath:
        _check(below)


def _allowed(line: _Line) -> tuple[str, ...]:
    """The marks that words behind the first may have: a reference says nothing more, an attribute only attributes."""
    return {"&": (), "@": ("@",)}.get(line.words[0][0], ("=", ":", "@"))
