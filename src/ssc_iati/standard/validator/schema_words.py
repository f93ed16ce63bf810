"""What libxml2 says of a document that breaks the schema, taken apart so that it can be said in other words.

libxml2 reports in English sentences of a few kinds, with the names and values in them. Each kind is a row here: the key
of its words (`ssc_iati.messages`, folder `iati`) and the pattern that finds the values.
"""

from __future__ import annotations

import re
from functools import cache

UNKNOWN = "iati:0.3.1"
"""The key of a message of no known kind: it is shown as it is, as the value `problem`."""

_AT = r"Element '(?P<element>[^']*)'(?:, attribute '(?P<attribute>[^']*)')?: "
_VALUE = r"'(?P<value>.*)'"
_EXPECTED = r"\( (?P<expected>.*) \)\."
_KINDS = (
    ("unexpected-at-end", r"This element is not expected\."),
    ("unexpected", rf"This element is not expected\. Expected is {_EXPECTED}"),
    ("unexpected-of-several", rf"This element is not expected\. Expected is one of {_EXPECTED}"),
    ("child-missing", rf"Missing child element\(s\)\. Expected is {_EXPECTED}"),
    ("child-missing-of-several", rf"Missing child element\(s\)\. Expected is one of {_EXPECTED}"),
    ("child-not-allowed", r"Element content is not allowed,? because .*"),
    ("text-not-allowed", r"Character content (?:other than whitespace )?is not allowed,? because .*"),
    ("attribute-missing", r"The attribute '(?P<lacking>[^']*)' is required but missing\."),
    ("attribute-not-allowed", r"The attribute '[^']*' is not allowed\."),
    ("instance-attribute", r"The QName value '.*' of the xsi:type attribute .*"),
    ("instance-attribute", r"The type definition '.*', specified by xsi:type, .*"),
    ("instance-attribute", r"The element is not 'nillable'\."),
    ("root", r"No matching global declaration available for the validation root\."),
    ("choice", rf"\[facet 'enumeration'\] The value {_VALUE} is not an element of the set {{(?P<set>[^{{}}]*)}}\."),
    ("value", rf"{_VALUE} is not a valid value of the (?:atomic|union|list) type '(?P<type>[^']*)'\."),
    ("value", rf"{_VALUE} is not a valid value of the local (?P<type>atomic|union|list) type\."),
)
_TYPES = {
    "xs:date": "date",
    "xs:dateTime": "datetime",
    "xs:decimal": "number",
    "xs:int": "whole-number",
    "xs:nonNegativeInteger": "whole-number",
    "xs:positiveInteger": "whole-number",
    "xs:boolean": "yes-or-no",
    "xs:anyURI": "address",
}
_PREFIXES = {
    "{http://www.w3.org/XML/1998/namespace}": "xml:",
    "{http://www.w3.org/2001/XMLSchema-instance}": "xsi:",
}
_NAMES = ("element", "attribute", "lacking")
_OF_ATTRIBUTES = {"choice", "value", *_TYPES.values()}
"""Values that the standard has in attributes only."""

_MOST_NAMED = 10
"""libxml2 names no more of the elements that could stand at a place."""


def explained(message: str) -> tuple[str, dict[str, str]]:
    """The key of the words for a message of libxml2's schema validation, and the values that the words show."""
    said = message.strip()
    for kind, pattern in _kinds():
        found = pattern.fullmatch(said)
        if found is not None:
            told, values = _told(kind, {name: value for name, value in found.groupdict().items() if value is not None})
            if "attribute" in values or told not in _OF_ATTRIBUTES:
                return f"{UNKNOWN}/{told}", values
    return UNKNOWN, {"problem": said}


@cache
def _kinds() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The kinds with their patterns, which take long to compile: most files do not break the schema."""
    return tuple((kind, re.compile(_AT + pattern, re.DOTALL)) for kind, pattern in _KINDS)


def _told(kind: str, parts: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The kind as the words distinguish it, and its values, from the parts of the message."""
    names = {name.replace("lacking", "attribute"): _name(parts[name]) for name in _NAMES if name in parts}
    if kind == "instance-attribute":
        return kind, {"attribute": "xsi:nil"} | names
    if kind == "value":
        return _kind_of_value(names, parts), names | {"value": parts["value"], "type": parts["type"]}
    if kind == "choice":
        return kind, names | {"value": parts["value"], "expected": parts["set"].strip("'").replace("', '", ", ")}
    if "expected" in parts:
        expected = _elements(parts["expected"])
        return (kind, names | {"expected": expected}) if expected else ("unexpected-at-end", names)
    return kind, names


def _kind_of_value(names: dict[str, str], parts: dict[str, str]) -> str:
    of_text = "attribute" not in names
    if not parts["value"].strip():
        return "blank-text" if of_text else "blank"
    if names.get("attribute") == "xml:lang":
        return "language"
    kind = _TYPES.get(parts["type"], "value")
    return "number-text" if of_text and kind == "number" else kind


def _elements(expected: str) -> str:
    """The elements that could stand at a place, without the wildcards for those of other namespaces."""
    listed = expected.split(", ")
    named = [_name(each) for each in listed if not each.endswith("*")]
    return ", ".join([*named, "..."] if named and len(listed) >= _MOST_NAMED else named)


def _name(name: str) -> str:
    """The name of an element or attribute as it stands in documents, where its namespace is one of XML's own."""
    for namespace, prefix in _PREFIXES.items():
        if name.startswith(namespace):
            return prefix + name.removeprefix(namespace)
    return name
