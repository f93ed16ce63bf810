"""An element of IATI XML -> the values of a record, as JSON holds them; nothing of the element is left out.

What the models know goes where their `At` marks say. A value that XML Schema admits in several spellings is typed, and
its spelling kept beside it where it is not ours. Everything else, above all what has a namespace of its own, is kept as
it stands in the `other_xml` of the fact that it belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias
from xml.sax.saxutils import escape, quoteattr

from ssc_iati.record.fields import Described
from ssc_iati.record.places import NARRATIVE, Spot, spots
from ssc_iati.record.values import SSC_NAMESPACE, Dated, Fact, Text, plain, span

Values: TypeAlias = dict[str, Any]
Kept: TypeAlias = dict[str, str]
Take: TypeAlias = Callable[[Any, Values, "_Rest"], None]
"""Take a child element into the values of its fact; what has no place there is kept."""

XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
_OWN_PREFIXES = {XML_NAMESPACE: "xml", SSC_NAMESPACE: "ssc"}
LANG = f"{{{XML_NAMESPACE}}}lang"
ELEMENTS, TEXT = "*", "text()"
BEFORE = "*<"
"""Foreign elements that do not stand last: before the first element of this name."""


class Namespaces:
    """The prefixes of a record's foreign names: those of the source, unless one stands for two namespaces.

    `strange` are the names that have no namespace and yet no place in IATI; `extended` says that our own extension was
    met.
    """

    def __init__(self) -> None:
        self._prefixes: dict[str, str] = {}
        self.strange: list[str] = []
        self.extended = False

    def name(self, tag: str, nsmap: dict[str | None, str]) -> str:
        """The name with its prefix: `akvo:photo`."""
        uri, _, local = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
        if not uri:
            return local
        return f"{self._prefix(uri, nsmap)}:{local}"

    def _prefix(self, uri: str, nsmap: dict[str | None, str]) -> str:
        if uri in _OWN_PREFIXES:
            self.extended = self.extended or uri == SSC_NAMESPACE
            return _OWN_PREFIXES[uri]
        known = self._prefixes.get(uri)
        if known is None:
            own = next((prefix for prefix, each in nsmap.items() if each == uri and prefix), "ns")
            taken = {*self._prefixes.values(), *_OWN_PREFIXES.values()}
            known = own if own not in taken else next(f"{own}{n}" for n in range(1, 10_000) if f"{own}{n}" not in taken)
            self._prefixes[uri] = known
        return known

    def declared(self) -> dict[str, str]:
        """Every namespace that was met, by prefix."""
        return {prefix: uri for uri, prefix in self._prefixes.items()}


class _Rest:
    """What the fields of a fact have no place for."""

    __slots__ = ("kept", "names", "seen")

    def __init__(self, names: Namespaces) -> None:
        self.names = names
        self.kept: Kept = {}
        self.seen: dict[str, int] = {}

    def attribute(self, way: str, element: Any, name: str, value: str) -> None:  # noqa: ANN401
        place = f"{way}@{self.names.name(name, element.nsmap)}"
        self.kept[place] = value
        self._note(name, f"{element.tag}/@{name}")

    def element(self, way: str, element: Any, before: str | None = None) -> None:  # noqa: ANN401
        place = way + ELEMENTS if before is None else f"{way}{BEFORE}{before}"
        self.kept[place] = self.kept.get(place, "") + as_xml(element, self.names)
        self._note(element.tag, way + element.tag)

    def text(self, way: str, text: str | None) -> None:
        if text and not text.isspace():
            self.kept[way + TEXT] = self.kept.get(way + TEXT, "") + text
            self._note(way, f"{way}{TEXT}")

    def _note(self, name: str, where: str) -> None:
        if not name.startswith("{"):
            self.names.strange.append(where)

    def count(self, name: str) -> int:
        """Which occurrence of the element this is, from 1."""
        number = self.seen[name] = self.seen.get(name, 0) + 1
        return number


def values_of(model: type[Fact], element: Any, names: Namespaces) -> Values:  # noqa: ANN401
    """The values of a fact of this model, from its element."""
    return _reader(model)(element, names)


def as_xml(element: Any, names: Namespaces) -> str:  # noqa: ANN401
    """The element as text, its prefixes declared elsewhere; white space between elements is nothing."""
    name = names.name(element.tag, element.nsmap)
    attributes = "".join(
        f" {names.name(each, element.nsmap)}={quoteattr(value, _ENTITIES)}" for each, value in element.attrib.items()
    )
    inner = [_said(element.text, element)]
    for child in element:
        inner += [as_xml(child, names), _said(child.tail, element)]
    content = "".join(inner)
    return f"<{name}{attributes}>{content}</{name}>" if content else f"<{name}{attributes}/>"


_ENTITIES = {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}


def _said(text: str | None, parent: Any) -> str:  # noqa: ANN401
    if text is None or (len(parent) and text.isspace()):
        return ""
    return escape(text, {"\r": "&#13;"})


# --- Readers of models ------------------------------------------------------------------------------------------------


@cache
def _reader(model: type[Fact]) -> Callable[[Any, Namespaces], Values]:
    root = spots(model)
    fill = _filler(root, "")

    def read(element: Any, names: Namespaces) -> Values:  # noqa: ANN401
        values: Values = {}
        rest = _Rest(names)
        fill(element, values, rest)
        if rest.kept:
            values["other_xml"] = rest.kept
        return values

    return read


def _filler(spot: Spot, way: str) -> Take:
    """What fills the fields of a fact from one element of its own."""
    attributes = {
        (LANG if name == "xml:lang" else name): (described, _typed(described))
        for name, described in spot.attributes.items()
    }
    children = {name: _taker(child, way) for name, child in spot.children.items()}
    text = None if spot.text is None else (spot.text, _typed(spot.text))

    def fill(element: Any, values: Values, rest: _Rest) -> None:  # noqa: ANN401
        for name, value in element.attrib.items():
            known = attributes.get(name)
            if known is None:
                rest.attribute(way, element, name, value)
            else:
                known[1](known[0].name, value, values)
        if text is not None:
            text[1](text[0].name, _whole_text(element), values)
        elif element.text is not None:
            rest.text(way, element.text)
        for child in element:
            take = children.get(child.tag)
            if take is None:
                rest.element(way, child, _before(child, children, rest.seen, way))
            else:
                take(child, values, rest)
            if text is None and child.tail is not None:
                rest.text(way, child.tail)

    return fill


def _before(child: Any, known: Mapping[str, object], seen: Mapping[str, int], way: str) -> str | None:  # noqa: ANN401
    """The name of the element that follows a foreign one, if it is the first of its name; None for a foreign one that
    stands last.
    """
    following = next((each.tag for each in child.itersiblings() if each.tag in known), None)
    return None if following is None or f"{way}{following}" in seen else str(following)


def _whole_text(element: Any) -> str:  # noqa: ANN401
    """The element's own text, without that of elements within it."""
    said = element.text or ""
    return said + "".join(child.tail or "" for child in element) if len(element) else said


def _taker(spot: Spot, way: str) -> Take:
    if spot.name == NARRATIVE:
        return _narrative_taker(spot.repeated[0], way)
    if spot.each is not None:
        return _code_taker(spot, way)
    if spot.repeated:
        return _repeated_taker(spot, way)
    return _inner_taker(spot, way)


def _inner_taker(spot: Spot, way: str) -> Take:
    """An element whose attributes and text belong to the fact above it; a second one is kept as it stands."""
    inner = f"{way}{spot.name}"
    fill = _filler(spot, f"{inner}/")

    def take(element: Any, values: Values, rest: _Rest) -> None:  # noqa: ANN401
        if rest.count(inner) > 1:
            rest.element(way, element)
            return
        before = len(values), len(rest.kept)
        fill(element, values, rest)
        if (len(values), len(rest.kept)) == before:
            rest.kept[inner] = ""

    return take


def _repeated_taker(spot: Spot, way: str) -> Take:
    """Facts, texts or plain strings; what there is no more room for is kept as it stands."""
    inner = f"{way}{spot.name}"
    into = [_into(each, inner) for each in spot.repeated]

    def take(element: Any, values: Values, rest: _Rest) -> None:  # noqa: ANN401
        number = rest.count(inner)
        if not any(each(element, values, rest, number) for each in into):
            rest.element(way, element)

    return take


Into: TypeAlias = Callable[[Any, Values, "_Rest", int], bool]
"""Put the occurrence of this number into a field, and say whether the field had room for it."""


def _into(described: Described, inner: str) -> Into:
    if described.kind is Text:
        return _into_texts(described.name, inner)
    if issubclass(described.kind, Fact):
        return _into_facts(described.name, described.kind, many=described.many)
    return _into_strings(described.name, inner)


def _into_texts(name: str, inner: str) -> Into:
    narratives = _narratives(inner)

    def into(element: Any, values: Values, rest: _Rest, number: int) -> bool:  # noqa: ANN401
        if number == 1:
            values[name] = narratives(element, rest)
        return number == 1

    return into


def _into_facts(name: str, model: type[Fact], *, many: bool) -> Into:
    read = _reader(model)

    def into(element: Any, values: Values, rest: _Rest, _: int) -> bool:  # noqa: ANN401
        if many:
            values.setdefault(name, []).append(read(element, rest.names))
            return True
        if name in values:
            return False
        values[name] = read(element, rest.names)
        return True

    return into


def _into_strings(name: str, inner: str) -> Into:
    def into(element: Any, values: Values, rest: _Rest, number: int) -> bool:  # noqa: ANN401
        values.setdefault(name, []).append(_whole_text(element))
        _keep_beside(element, f"{inner}[{number}]/", rest)
        return True

    return into


def _code_taker(spot: Spot, way: str) -> Take:
    """An element that repeats for each code of a list."""
    name, attribute = spot.repeated[0].name, spot.each or ""

    def take(element: Any, values: Values, rest: _Rest) -> None:  # noqa: ANN401
        code = element.get(attribute)
        if code is None:
            rest.element(way, element)
            return
        values.setdefault(name, []).append(code)
        place = f"{way}{spot.name}[{rest.count(way + spot.name)}]/"
        _keep_beside(element, place, rest, attribute)
        rest.text(place, element.text)

    return take


def _keep_beside(element: Any, place: str, rest: _Rest, *known: str) -> None:  # noqa: ANN401
    for each, value in element.attrib.items():
        if each not in known:
            rest.attribute(place, element, each, value)
    for child in element:
        rest.element(place, child)


def _narrative_taker(described: Described, way: str) -> Take:
    name = described.name

    def take(element: Any, values: Values, rest: _Rest) -> None:  # noqa: ANN401
        place = f"{way}{NARRATIVE}[{rest.count(way + NARRATIVE)}]/"
        values.setdefault(name, []).append(_narrative(element, place, rest))

    return take


def _narratives(inner: str) -> Callable[[Any, _Rest], list[Values]]:
    """What reads the texts of an element that holds nothing else."""

    def read(element: Any, rest: _Rest) -> list[Values]:  # noqa: ANN401
        texts: list[Values] = []
        for each, value in element.attrib.items():
            rest.attribute(f"{inner}/", element, each, value)
        rest.text(f"{inner}/", element.text)
        for child in element:
            if child.tag == NARRATIVE:
                texts.append(_narrative(child, f"{inner}/{NARRATIVE}[{len(texts) + 1}]/", rest))
            else:
                rest.element(f"{inner}/", child)
            rest.text(f"{inner}/", child.tail)
        if not texts:
            rest.kept[inner] = ""
        return texts

    return read


def _narrative(element: Any, place: str, rest: _Rest) -> Values:  # noqa: ANN401
    text: Values = {"text": _whole_text(element)}
    for name, value in element.attrib.items():
        if name == LANG:
            text = {"lang": value, **text}
        else:
            rest.attribute(place, element, name, value)
    for child in element:
        rest.element(place, child)
    return text


# --- Values -----------------------------------------------------------------------------------------------------------

_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
_DATE = re.compile(r"-?\d{4,}-\d{2}-\d{2}(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_TRUTHS = {"1": True, "true": True, "0": False, "false": False}
_OURS = {True: "1", False: "0"}
_SPACE = " \t\r\n"

Put: TypeAlias = Callable[[str, str, Values], None]


def _typed(described: Described) -> Put:
    """What puts a text into the field: typed, and with its own spelling where that is not ours."""
    if described.kind is bool:
        return _put_truth
    if issubclass(described.kind, Decimal):
        return _put_number
    if described.mark(Dated) is not None:
        return _put_date
    return _put_text


def _put_text(name: str, raw: str, values: Values) -> None:
    values[name] = raw


def _put_truth(name: str, raw: str, values: Values) -> None:
    value = _TRUTHS.get(raw.strip(_SPACE))
    _put(name, raw, values, value, None if value is None else _OURS[value])


def _put_number(name: str, raw: str, values: Values) -> None:
    bare = raw.strip(_SPACE)
    value = plain(Decimal(bare)) if _DECIMAL.fullmatch(bare) else None
    _put(name, raw, values, value, value)


def _put_date(name: str, raw: str, values: Values) -> None:
    bare = raw.strip(_SPACE)
    found = _DATE.fullmatch(bare)
    day = bare[: len("2026-01-31")] if found else None
    try:
        sound = day is not None and span(day).first.isoformat() == day
    except ValueError:
        sound = False
    if sound:
        _put(name, raw, values, day, day)
    elif found:  # a day of a calendar that we do not reckon with: only its spelling is known
        values.setdefault("spellings", {})[name] = raw
    else:
        values[name] = raw


def _put(name: str, raw: str, values: Values, value: object, ours: str | None) -> None:
    """The typed value; what has none stays as it is, for the checks to find."""
    values[name] = raw if value is None else value
    if value is not None and raw != ours:
        values.setdefault("spellings", {})[name] = raw
