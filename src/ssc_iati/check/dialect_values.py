"""The cells of an activity that was grown from another tool's layout become what XML would say there.

`10 - Government`, `Government` and `10` are one code; numbers and dates are read as in any table. What cannot be read
is a finding at its cell, and left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Literal, TypeAlias

from ssc_iati.check import cells
from ssc_iati.check.cells import Locale, Trouble
from ssc_iati.check.convert import as_text, converter
from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding
from ssc_iati.read.dialects.tree import Node, Spot
from ssc_iati.read.dialects.ways import element_at
from ssc_iati.read.iati_xml import LANG
from ssc_iati.record.fields import Described, describe
from ssc_iati.record.places import spots
from ssc_iati.record.values import At, CodeBy, Dated, Day, Fact, Text, plain
from ssc_iati.standard import codelists

DateOrder: TypeAlias = Literal["dmy", "mdy", "ymd"]
PlaceOf: TypeAlias = Callable[[Spot], Place]
Read: TypeAlias = Callable[[Any, Node], str | Trouble]

_SERIALS = range(20_000, 80_001)
_EPOCH = date(1899, 12, 30)


def say(
    root: Node, model: type[Fact], locale: Locale, place_of: PlaceOf, order: DateOrder | None = None
) -> list[Finding]:
    """Turn every cell of the tree into a text; what is wrong with them. `order` is that of the layout's dates where the
    source does not say its own: a date that could be read in two ways is read so, and told.
    """
    found: list[Finding] = []
    for node in list(root.walk()):
        _join_words(node, place_of, found)
        names = sorted(node.spots, key=lambda name: _depends(model, node.names, name))
        for name in names:
            cell = node.text if name is None else node.attrib[name]
            read = _reader(model, node.names, name, locale)(cell, node)
            if isinstance(read, Trouble):
                trouble = read
                if read.rule == "ssc-date-ambiguous" and order is not None:
                    ordered = _reader(model, node.names, name, locale._replace(date_order=order))
                    trouble, read = _in_order(read, ordered(cell, node))
                found.append(finding(trouble.rule, place_of(node.spots[name]), None, **trouble.values))
            said = None if isinstance(read, Trouble) else read or None
            if name is None:
                node.text = said
            elif said is None:
                del node.attrib[name]
            else:
                node.attrib[name] = said
    return found


def _in_order(trouble: Trouble, said: str | Trouble) -> tuple[Trouble, str | Trouble]:
    """A date as the order of the layout has it, and that there is another reading."""
    if isinstance(said, Trouble):
        return trouble, trouble
    other = next((each for each in (trouble.values["first"], trouble.values["second"]) if each != said), "-")
    return Trouble("ssc-layout-date-order", {"value": trouble.values["value"], "date": said, "other": other}), said


def _depends(model: type[Fact], names: tuple[str, ...], attribute: str | None) -> bool:
    """Whether the attribute is read by another, its vocabulary: it then comes after it."""
    field = field_at(model, names, attribute)
    return field is not None and field[0].mark(CodeBy) is not None


# --- A text in several cells ------------------------------------------------------------------------------------------

_DEGREES = {1: ("latitude", 90), 2: ("longitude", 180)}


def _join_words(node: Node, place_of: PlaceOf, found: list[Finding]) -> None:
    """A point: latitude and longitude, both, each within its bounds, with a space between."""
    if not node.words:
        return
    words: list[str] = []
    for part, (name, bound) in _DEGREES.items():
        cell, spot = node.words.get(part, (None, next(spot for _, spot in node.words.values())))
        where = place_of(spot)
        value = cells.number(cell, low=-bound, high=bound) if cell is not None else None
        if value is None:
            found.append(finding("ssc-field-missing", where, field=name))
        elif isinstance(value, Trouble):
            found.append(finding(value.rule, where, **value.values))
        elif not -bound <= value <= bound:
            found.append(finding("ssc-number-outside", where, value=value, low=-bound, high=bound))
        else:
            words.append(plain(value))
    if len(words) == len(_DEGREES):
        node.text = " ".join(words)


# --- One cell ---------------------------------------------------------------------------------------------------------


@cache
def _reader(model: type[Fact], names: tuple[str, ...], attribute: str | None, locale: Locale) -> Read:
    """What reads the cells of one place."""
    if attribute == LANG:
        return _language
    field = field_at(model, names, attribute)
    if field is None or field[0].kind is Text:
        return _text
    described, _ = field
    by = described.mark(CodeBy)
    if by is not None:
        return _code_by(by, _sibling(model, names, by.field))
    if described.mark(Dated) is not None:
        return _dated(described, locale)
    if _is_moment(names, attribute):
        return _moment
    convert = converter(described, locale)
    return lambda cell, _: _lexical(convert(cell))


def _text(cell: Any, _: Node) -> str | Trouble:  # noqa: ANN401
    return as_text(cell)


def _language(cell: Any, _: Node) -> str | Trouble:  # noqa: ANN401
    said = as_text(cell)
    return said if isinstance(said, Trouble) else codelists.lookup("Language", said) or said


def _lexical(value: Any) -> str | Trouble:  # noqa: ANN401
    """The value as XML writes it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return plain(value)
    return value if isinstance(value, Trouble) else str(value)


def _dated(described: Described, locale: Locale) -> Read:
    """A date, which names its day; a number that a spreadsheet shows as a date is one."""
    whole = Described(described.name, described.kind, described.many, (*described.marks, Day()))
    convert = converter(whole, locale)

    def read(cell: Any, _: Node) -> str | Trouble:  # noqa: ANN401
        if isinstance(cell, (int, float)) and not isinstance(cell, bool) and int(cell) in _SERIALS:
            return (_EPOCH + timedelta(days=int(cell))).isoformat()
        return _lexical(convert(cell))

    return read


def _moment(cell: Any, _: Node) -> str | Trouble:  # noqa: ANN401
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    return f"{cell.isoformat()}T00:00:00" if isinstance(cell, date) else as_text(cell)


def _code_by(by: CodeBy, sibling: str | None) -> Read:
    """A code of the list that the vocabulary beside it names; of another vocabulary nothing is known."""

    def read(cell: Any, node: Node) -> str | Trouble:  # noqa: ANN401
        said = as_text(cell)
        list_name = None if sibling is None else by.codelist(node.get(sibling))
        if isinstance(said, Trouble) or list_name is None:
            return said
        return codelists.lookup(list_name, said) or said

    return read


def _is_moment(names: tuple[str, ...], attribute: str | None) -> bool:
    element = element_at(names)
    known = None if element is None or attribute is None else element.attributes.get(attribute)
    return known is not None and known.type == "dateTime"


# --- Fields -----------------------------------------------------------------------------------------------------------


@cache
def field_at(model: type[Fact], names: tuple[str, ...], attribute: str | None) -> tuple[Described, type[Fact]] | None:
    """The field of the record that an attribute, or the text, of an element fills, and the model that has it; None for
    what the record keeps as it stands.
    """
    spot = spots(model)
    for name in names[1:]:
        if name not in spot.children:
            return None
        spot = spot.children[name]
        facts = [each for each in spot.repeated if issubclass(each.kind, Fact)]
        if facts and not (names[-1] == "narrative" and any(each.kind is Text for each in spot.repeated)):
            model = facts[0].kind
            spot = spots(model)
        elif spot.repeated and spot.repeated[0].kind is Text:
            return (spot.repeated[0], model) if attribute is None else None
    if spot.each is not None and attribute == spot.each:
        return spot.repeated[0], model
    if attribute is None:
        own = spot.text or next((each for each in spot.repeated if each.kind is str), None)
        return None if own is None else (own, model)
    found = spot.attributes.get(attribute)
    return None if found is None else (found, model)


def _sibling(model: type[Fact], names: tuple[str, ...], field: str) -> str | None:
    """The attribute, on the same element, of the field that names the vocabulary."""
    beside: Mapping[str, Described] = {}
    element = element_at(names)
    for name in element.attributes if element is not None else ():
        found = field_at(model, names, name)
        if found is not None:
            beside = {**beside, name: found[0]}
    return next((name for name, each in beside.items() if each.name == field and each.mark(At) is not None), None)


def fields_of(model: type[Fact]) -> Mapping[str, Described]:
    """The fields of a model, by name."""
    return {each.name: each for each in describe(model)}
