"""Compiles the structure of the standard to XML Schema; run as a module, it writes `schemas/iati` in the source tree.

The same table gives the same bytes; nothing is written but what the table says.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from ssc_iati.standard import VERSIONS, structure
from ssc_iati.standard.schemas import FILES, SOURCE_FOLDER
from ssc_iati.standard.structure import Attribute, Element, ForeignElements, Part, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_ATTRIBUTION = (
    "Facts of the IATI Standard {version} (iatistandard.org, CC BY 4.0), compiled by ssc_iati.standard.compile_xsd "
    "from ssc_iati/standard/structure/iati.txt: change that table, not this file."
)
_XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
_LIMITED = re.compile(r"(?P<base>\w+)\((?P<values>.*)\)")
_FOREIGN = {"namespace": "##other", "processContents": "lax"}
_ANYTHING = "anyType"


def main() -> None:
    """Write the schemas of every version into the source tree."""
    for version in VERSIONS:
        write(SOURCE_FOLDER / "iati" / version, compiled(structure.parts(version)))


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files into the folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def compiled(parts: Mapping[str, Part]) -> dict[str, bytes]:
    """The schema of each part, by the name of its file."""
    return {FILES[name]: "\n".join(_document(part)).encode() + b"\n" for name, part in parts.items()}


def _document(part: Part) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f"<!-- {_ATTRIBUTION.format(version=part.version)} -->"
    namespace = _XML_NAMESPACE if part.name == "xml" else None
    opening = {"xmlns:xsd": "http://www.w3.org/2001/XMLSchema", "targetNamespace": namespace, "version": part.version}
    yield from _node("schema", opening, *_declarations(part))


def _declarations(part: Part) -> Iterator[str]:
    for used in part.uses:
        yield from _use(used)
    for attribute in part.attributes.values():
        yield from _declared_attribute(attribute)
    for shape in part.shapes.values():
        yield from _node("complexType", {"name": shape.name}, *_body(shape))
    for element in part.elements.values():
        yield from _shaped("element", {"name": element.name}, element.shape)


def _use(part: str) -> Iterator[str]:
    if part == "xml":
        return _node("import", {"namespace": _XML_NAMESPACE, "schemaLocation": FILES[part]})
    return _node("include", {"schemaLocation": FILES[part]})


def _declared_attribute(attribute: Attribute) -> Iterator[str]:
    return _typed_attribute({"name": attribute.name.removeprefix("xml:")}, attribute.type)


def _used_attribute(attribute: Attribute) -> Iterator[str]:
    use = "required" if attribute.required else "optional"
    if attribute.is_global:
        return _node("attribute", {"ref": attribute.name, "use": use})
    return _typed_attribute({"name": attribute.name, "use": use}, attribute.type)


def _typed_attribute(said: dict[str, str | None], type_: str) -> Iterator[str]:
    if type_.isalnum():
        return _node("attribute", said | {"type": f"xsd:{type_}"})
    return _node("attribute", said, *_simple_type(type_))


def _simple_type(type_: str) -> Iterator[str]:
    """A type that is written out: a choice of types, or a type with its only values."""
    choices = type_.split("|")
    inner = _limited(type_) if len(choices) == 1 else _union(choices)
    return _node("simpleType", {}, *inner)


def _union(choices: list[str]) -> Iterator[str]:
    plain = " ".join(f"xsd:{choice}" for choice in choices if choice.isalnum())
    limited = [line for choice in choices if not choice.isalnum() for line in _simple_type(choice)]
    return _node("union", {"memberTypes": plain or None}, *limited)


def _limited(type_: str) -> Iterator[str]:
    found = _LIMITED.fullmatch(type_)
    if not found:
        raise ValueError(f"{type_} is no type")
    values = [value.strip('"') for value in found["values"].split(",")]
    lines = [line for value in values for line in _node("enumeration", {"value": value})]
    return _node("restriction", {"base": f"xsd:{found['base']}"}, *lines)


def _particle(item: Element | ForeignElements) -> Iterator[str]:
    if isinstance(item, ForeignElements):
        return _node("any", {**_FOREIGN, "minOccurs": "0", "maxOccurs": "unbounded"})
    often = {"minOccurs": str(item.min), "maxOccurs": "unbounded" if item.max is None else str(item.max)}
    if item.is_global:
        return _node("element", {"ref": item.name, **often})
    return _shaped("element", {"name": item.name, **often}, item.shape)


def _shaped(tag: str, said: dict[str, str | None], shape: Shape) -> Iterator[str]:
    """A declaration with its type: by name where it has one, else written out."""
    named = _named_type(shape)
    if named:
        return _node(tag, said | {"type": named})
    return _node(tag, said, *_node("complexType", {}, *_body(shape)))


def _named_type(shape: Shape) -> str | None:
    if shape.text and not shape.attributes and (shape.text == _ANYTHING or not shape.foreign_attributes):
        return f"xsd:{shape.text}"
    return shape.name


def _body(shape: Shape) -> Iterator[str]:
    if shape.text:
        extension = _node("extension", {"base": f"xsd:{shape.text}"}, *_attributes(shape))
        yield from _node("simpleContent", {}, *extension)
        return
    yield from _node("sequence", {}, *(line for item in shape.content for line in _particle(item)))
    yield from _attributes(shape)


def _attributes(shape: Shape) -> Iterator[str]:
    for attribute in shape.attributes:
        yield from _used_attribute(attribute)
    if shape.foreign_attributes:
        yield from _node("anyAttribute", _FOREIGN)


def _node(tag: str, said: Mapping[str, str | None], *inner: str) -> Iterator[str]:
    """An element of the schema in lines: empty, or around its inner lines."""
    opening = f"<xsd:{tag}" + "".join(f" {name}={quoteattr(text)}" for name, text in said.items() if text is not None)
    if not inner:
        yield f"{opening}/>"
        return
    yield f"{opening}>"
    yield from (f"  {line}" for line in inner)
    yield f"</xsd:{tag}>"


if __name__ == "__main__":
    main()
