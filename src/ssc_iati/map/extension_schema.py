"""The XSD of the `ssc` extension, compiled from the record's declaration; `scripts/compile_schemas.py` writes it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from lxml import etree

from ssc_iati.map.extension import EXTENSION_VERSION, Initiative
from ssc_iati.map.writer import attribute_name, element_name, is_date, kebab
from ssc_iati.record import terms
from ssc_iati.record.fields import Described, describe
from ssc_iati.record.project import Activity
from ssc_iati.record.values import SSC_NAMESPACE, At, Fact, Term, Text

XSD = "http://www.w3.org/2001/XMLSchema"
ABOUT = (
    " The ssc extension of IATI activities: the partnership that IATI has no element for. "
    f"Version {EXTENSION_VERSION}. Compiled from the record's declaration; licensed under Apache-2.0. "
)
DATE = r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?(/[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?)?"
# Attributes that stand on IATI's own elements beside those of the fields: see `ssc_iati.map.writer`.
JOINS = ("certainty", "key", "precision", "range", "sources", "unknown", "visibility")


def compiled() -> bytes:
    """The schema, as it stands in `schemas/ssc`."""
    root = etree.Element(
        f"{{{XSD}}}schema",
        {"targetNamespace": SSC_NAMESPACE, "elementFormDefault": "qualified", "version": EXTENSION_VERSION},
        nsmap={"xsd": XSD, "ssc": SSC_NAMESPACE},
    )
    root.append(etree.Comment(ABOUT))
    _add(root, "import", namespace="http://www.w3.org/XML/1998/namespace", schemaLocation="../iati/2.03/xml.xsd")
    for name in sorted({*JOINS, *_join_names(Activity)}):
        _add(root, "attribute", name=name, type="xsd:string")
    _date_type(root)
    for name in sorted(_term_lists(Initiative)):
        _term_type(root, name)
    _text_type(root)
    for model in _models(Initiative):
        _model_type(root, model)
    _add(root, "element", name="initiative", type="ssc:initiative")
    etree.indent(root, "  ")
    return etree.tostring(root, xml_declaration=True, encoding="utf-8") + b"\n"


def _add(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{XSD}}}{tag}", attributes)


def _join_names(model: type[Fact]) -> Iterator[str]:
    """The names of the `ssc:` attributes that the core elements carry."""
    for field in describe(model):
        mark = field.mark(At)
        if mark is not None and "@ssc:" in mark.path:
            yield mark.path.split("@ssc:")[1]
        if issubclass(field.kind, Fact):
            yield from _join_names(field.kind)


def _models(model: type[Fact]) -> list[type[Fact]]:
    found = [model]
    for each in found:
        found += [field.kind for field in describe(each) if issubclass(field.kind, Fact) and field.kind not in found]
    return found


def _term_lists(model: type[Fact]) -> set[str]:
    marks = (field.mark(Term) for each in _models(model) for field in describe(each))
    return {mark.name for mark in marks if mark is not None}


def _date_type(root: etree._Element) -> None:
    simple = _add(root, "simpleType", name="date")
    _add(_add(simple, "restriction", base="xsd:string"), "pattern", value=DATE)


def _term_type(root: etree._Element, name: str) -> None:
    simple = _add(root, "simpleType", name=f"term.{kebab(name)}")
    restriction = _add(simple, "restriction", base="xsd:string")
    for code in terms.codes(name):
        _add(restriction, "enumeration", value=code)


def _text_type(root: etree._Element) -> None:
    extension = _add(_add(_add(root, "complexType", name="text"), "simpleContent"), "extension", base="xsd:string")
    _add(extension, "attribute", ref="xml:lang")


def _model_type(root: etree._Element, model: type[Fact]) -> None:
    fields = [field for field in describe(model) if field.name not in Fact.model_fields]
    kind = _add(root, "complexType", name=element_name(model))
    sequence = _add(kind, "sequence")
    for field in fields:
        if issubclass(field.kind, Fact):
            name = element_name(field.kind)
            _add(
                sequence,
                "element",
                name=name,
                type=f"ssc:{name}",
                minOccurs="0",
                maxOccurs="unbounded" if field.many else "1",
            )
        elif field.many:
            _add(sequence, "element", name=kebab(field.name), type=_type(field), minOccurs="0", maxOccurs="unbounded")
    for field in fields:
        if not field.many and not issubclass(field.kind, Fact):
            required = {"use": "required"} if model is Initiative and field.name == "version" else {}
            _add(kind, "attribute", name=attribute_name(field.name), type=_type(field), **required)
    for name in ("key", "certainty", "visibility", "sources", "unknown"):
        _add(kind, "attribute", name=name, type="ssc:term.certainty" if name == "certainty" else "xsd:string")


def _type(field: Described) -> str:
    term = field.mark(Term)
    if term is not None:
        return f"ssc:term.{kebab(term.name)}"
    if field.kind is Text:
        return "ssc:text"
    if field.kind is bool:
        return "xsd:boolean"
    if issubclass(field.kind, Decimal):
        return "xsd:decimal"
    return "ssc:date" if is_date(field) else "xsd:string"
