"""An imported record -> its element, exactly as it stood: nothing is derived, filled in, or left out.

The counterpart of `ssc_iati.read.iati_xml`, by the same tree of places. Writing does not depend on the version of the
standard: the sequences of 2.01 and 2.02 are parts of that of 2.03.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias

from ssc_iati.map.activity import LINE, Rendered, block_writer
from ssc_iati.map.extension import Initiative, Joined, initiative
from ssc_iati.map.writer import STEP, escaped, means_day, means_number, means_truth, quoted
from ssc_iati.record.fields import Described
from ssc_iati.record.foreign import broken, broken_prefix
from ssc_iati.record.money import PlannedDisbursement, Transaction
from ssc_iati.record.organisation_file import OrganisationFile
from ssc_iati.record.organisations import Contribution
from ssc_iati.record.places import NARRATIVE, Spot, spots
from ssc_iati.record.project import Project
from ssc_iati.record.values import Dated, Fact, Text, first_day, plain

Values: TypeAlias = Mapping[str, Any]
Kept: TypeAlias = Mapping[str, str]
Add: TypeAlias = Callable[[str], None]
Write: TypeAlias = Callable[[Add, Values, str], None]
"""Write an element: the values of its fact, the line break with the indent that goes before."""

_NOTHING: Kept = {}


class OtherXmlError(ValueError):
    """What a record keeps of other XML is no sound XML; raised with the place and the reason."""

    def __init__(self, place: str, detail: str) -> None:
        super().__init__(f"{place}: {detail}")
        self.place = place
        self.detail = detail


def render_as_it_stands(record: Project | OrganisationFile) -> Rendered:
    """An imported activity, or an organisation, in UTF-8; `last-updated-datetime` is not part of what is rendered.

    OtherXmlError, where the record keeps XML that is not sound.
    """
    tag = "iati-activity" if isinstance(record, Project) else "iati-organisation"
    lines: list[str] = []
    values = {**record.__dict__, "last_updated_datetime": None}
    block = None
    if isinstance(record, Project):
        values["document_links"] = tuple(each for each in record.document_links if each.url is not None)
        block = initiative(record, _joined(record), _stated(record))
    exact_writer(type(record), tag)(lines.append, values, LINE)
    if block is not None:
        _append(lines, block)
    transactions = len(record.transactions) if isinstance(record, Project) else 0
    xml = "".join(lines).strip().encode("utf-8", "surrogatepass")
    return Rendered(xml, record.last_updated_datetime, transactions)


def _append(lines: list[str], block: Initiative) -> None:
    """Put the block of the extension before the end of the activity."""
    own: list[str] = []
    block_writer()(own, block.__dict__)
    text, end = "".join(lines), "</iati-activity>"
    start = text.rindex(end) if text.endswith(end) else len(text)
    lines[:] = [text[:start].rstrip(), *own, f"{LINE}{end}"]


def _joined(project: Project) -> Joined:
    """The participating organisations that name one of the record's own."""
    return {_kept(each, "@ssc:org"): each.__dict__ for each in project.participating_orgs if _kept(each, "@ssc:org")}


def _kept(fact: Fact, place: str) -> str | None:
    return None if fact.other_xml is None else fact.other_xml.get(place)


def _stated(project: Project) -> dict[int, frozenset[str]]:
    """The contributions that the core states as money, each with those of its fields that it gives back."""
    money: list[Transaction | PlannedDisbursement] = [*project.transactions, *project.planned_disbursements]
    core = {_kept(each, "@ssc:contribution"): each for each in money if _kept(each, "@ssc:contribution")}
    return {
        id(each): _same(each, core[each.key])
        for participation in project.participations
        for each in participation.contributions
        if each.key in core
    }


def _same(contribution: Contribution, stated: Transaction | PlannedDisbursement) -> frozenset[str]:
    same = {"amount"} if stated.value == contribution.amount else set()
    same |= {"currency"} if stated.currency == contribution.currency else set()
    for name in ("date", "value_date", "period_start", "period_end"):
        mine, core = getattr(contribution, name), getattr(stated, name, None)
        if mine and core and first_day(mine) == first_day(core):
            same.add(name)
    return frozenset(same)


@cache
def exact_writer(model: type[Fact], tag: str) -> Write:
    """The writer of a model as an element of this name."""
    return _fact_writer(model, tag)


def namespaces_of(values: Values) -> str:
    """The declarations of a record's own prefixes."""
    declared = values.get("namespaces") or {}
    prefix = broken_prefix(declared)
    if prefix is not None:
        raise OtherXmlError("namespaces", prefix)
    return "".join(f' xmlns:{prefix}="{quoted(uri)}"' for prefix, uri in declared.items())


def _fact_writer(model: type[Fact], tag: str) -> Write:
    root = spots(model)
    attributes, content = _attribute_writer(root, ""), _content_writer(root, "")

    def write(add: Add, values: Values, n: str) -> None:
        kept = values["other_xml"] or _NOTHING
        if kept and (unsound := broken(kept)) is not None:
            raise OtherXmlError(*unsound)
        start = attributes(values, kept) + (namespaces_of(values) if "namespaces" in values else "")
        inner: list[str] = []
        content(inner.append, values, kept, n + STEP)
        _close(add, tag, start, inner, n)

    return write


def _close(add: Add, tag: str, start: str, inner: list[str], n: str) -> None:
    """The element around what stands in it: on one line if that is text only."""
    if not inner:
        add(f"{n}<{tag}{start}/>")
    elif inner[0][:1] == "\n":
        add(f"{n}<{tag}{start}>{''.join(inner)}{n}</{tag}>")
    elif len(inner) == 1:
        add(f"{n}<{tag}{start}>{inner[0]}</{tag}>")
    else:
        add(f"{n}<{tag}{start}>{''.join(inner)}</{tag}>")


Attributes: TypeAlias = Callable[[Values, Kept], str]
Content: TypeAlias = Callable[[Add, Values, Kept, str], None]


def _attribute_writer(spot: Spot, way: str) -> Attributes:
    plan = [(name, each.name, _wording(each)) for name, each in spot.attributes.items()]

    def write(values: Values, kept: Kept) -> str:
        said = ""
        spelt = values["spellings"]
        for name, field, word in plan:
            value = values[field]
            if value is not None:
                said += f' {name}="{quoted(word(field, value, spelt))}"'
            elif spelt and field in spelt:
                said += f' {name}="{quoted(spelt[field])}"'
        return said + _other_attributes(kept, way) if kept else said

    return write


def _wording(each: Described) -> Callable[[str, Any, Kept], str]:
    """What words a value: as the source spelt it, where it is still the value that was spelt."""
    ours: Callable[[Any], str]
    if each.kind is bool:
        ours = _truth
    elif issubclass(each.kind, Decimal):
        ours = plain
    elif each.mark(Dated) is not None:
        ours = first_day
    else:
        return lambda _field, value, _spelt: str(value)
    means = _MEANS[ours]
    return lambda field, value, spelt: (
        spelt[field] if spelt and field in spelt and means(spelt[field], value) else ours(value)
    )


def _truth(value: bool) -> str:  # noqa: FBT001 - a value of the record
    return "1" if value else "0"


def _other_attributes(kept: Kept, way: str) -> str:
    start = f"{way}@"
    return "".join(
        f' {place.removeprefix(start)}="{quoted(value)}"' for place, value in kept.items() if place.startswith(start)
    )


def _content_writer(spot: Spot, way: str) -> Content:
    text = None if spot.text is None else (spot.text.name, _wording(spot.text))
    children = [(f"{way}*<{child.name}", _child_writer(child, way)) for child in spot.children.values()]

    def write(add: Add, values: Values, kept: Kept, n: str) -> None:
        if text is not None:
            _write_text(add, values, *text)
        if kept and f"{way}text()" in kept:
            add(escaped(kept[f"{way}text()"]))
        for before, child in children:
            if kept and before in kept:
                add(n + kept[before])
            child(add, values, kept, n)
        if kept and f"{way}*" in kept:
            add(n + kept[f"{way}*"] if text is None else kept[f"{way}*"])

    return write


def _write_text(add: Add, values: Values, field: str, word: Callable[[str, Any, Kept], str]) -> None:
    value, spelt = values[field], values["spellings"]
    if value is not None and value != "":
        add(escaped(word(field, value, spelt)))
    elif spelt and field in spelt:
        add(escaped(spelt[field]))


def _child_writer(spot: Spot, way: str) -> Content:
    if spot.name == NARRATIVE:
        return _narratives_writer(spot.repeated[0].name, way)
    if spot.each is not None:
        return _codes_writer(spot, way)
    if spot.repeated:
        return _repeated_writer(spot, way)
    return _inner_writer(spot, way)


def _inner_writer(spot: Spot, way: str) -> Content:
    inner = f"{way}{spot.name}"
    fields = _fields(spot)
    attributes, content = _attribute_writer(spot, f"{inner}/"), _content_writer(spot, f"{inner}/")

    def write(add: Add, values: Values, kept: Kept, n: str) -> None:
        spelt = values["spellings"]
        there = any(values[field] is not None or (spelt and field in spelt) for field in fields)
        if there or (kept and any(place == inner or place.startswith(f"{inner}/") for place in kept)):
            lines: list[str] = []
            content(lines.append, values, kept, n + STEP)
            _close(add, spot.name, attributes(values, kept), lines, n)

    return write


def _fields(spot: Spot) -> list[str]:
    own = [each.name for each in spot.attributes.values()] + ([spot.text.name] if spot.text else [])
    return own + [field for child in spot.children.values() for field in _fields(child)]


def _repeated_writer(spot: Spot, way: str) -> Content:
    writers = [_of_field(each, spot, way) for each in spot.repeated]

    def write(add: Add, values: Values, kept: Kept, n: str) -> None:
        for each in writers:
            each(add, values, kept, n)

    return write


def _of_field(each: Described, spot: Spot, way: str) -> Content:
    inner = f"{way}{spot.name}"
    if each.kind is Text:
        return _texts_writer(each.name, spot.name, inner)
    if issubclass(each.kind, Fact):
        return _facts_writer(each.name, exact_writer(each.kind, spot.name), many=each.many)
    return _strings_writer(each.name, spot.name, inner)


def _texts_writer(field: str, name: str, inner: str) -> Content:
    narratives = _narratives_writer(field, f"{inner}/")

    def write(add: Add, values: Values, kept: Kept, n: str) -> None:
        if not values[field] and not (kept and any(place.split("/")[0] == inner for place in kept)):
            return
        lines: list[str] = []
        if kept and f"{inner}/text()" in kept:
            lines.append(escaped(kept[f"{inner}/text()"]))
        narratives(lines.append, values, kept, n + STEP)
        if kept and f"{inner}/*" in kept:
            lines.append(n + STEP + kept[f"{inner}/*"])
        _close(add, name, _other_attributes(kept, f"{inner}/"), lines, n)

    return write


def _facts_writer(field: str, fact: Write, *, many: bool) -> Content:
    def write(add: Add, values: Values, _: Kept, n: str) -> None:
        value = values[field]
        for one in value if many else () if value is None else (value,):
            fact(add, one.__dict__, n)

    return write


def _strings_writer(field: str, name: str, inner: str) -> Content:
    def write(add: Add, values: Values, kept: Kept, n: str) -> None:
        for number, value in enumerate(values[field], 1):
            _write_beside(add, f"{n}<{name}", escaped(value), name, kept, f"{inner}[{number}]/")

    return write


def _write_beside(add: Add, start: str, text: str, name: str, kept: Kept, place: str) -> None:
    """An element of one plain text or code, with what stood beside it."""
    other = kept.get(f"{place}*", "") if kept else ""
    if kept:
        start += _other_attributes(kept, place)
    content = text + other
    add(f"{start}>{content}</{name}>" if content else f"{start}/>")


def _codes_writer(spot: Spot, way: str) -> Content:
    name, field = spot.name, spot.repeated[0].name

    def write(add: Add, values: Values, kept: Kept, n: str) -> None:
        for number, value in enumerate(values[field], 1):
            place = f"{way}{name}[{number}]/"
            said = escaped(kept.get(f"{place}text()", "")) if kept else ""
            _write_beside(add, f'{n}<{name} {spot.each}="{quoted(value)}"', said, name, kept, place)

    return write


def _narratives_writer(field: str, way: str) -> Content:
    def write(add: Add, values: Values, kept: Kept, n: str) -> None:
        for number, text in enumerate(values[field], 1):
            language = "" if text.lang is None else f' xml:lang="{quoted(text.lang)}"'
            place = f"{way}{NARRATIVE}[{number}]/"
            _write_beside(add, f"{n}<{NARRATIVE}{language}", escaped(text.text), NARRATIVE, kept, place)

    return write


_MEANS: dict[Callable[[Any], str], Callable[[str, Any], bool]] = {
    _truth: means_truth,
    plain: means_number,
    first_day: means_day,
}
