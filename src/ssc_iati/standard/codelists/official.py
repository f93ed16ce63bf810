"""Reads the official form of a codelist (XML) and writes the form that the package keeps: codes, names, states, dates.

The package's lists are compiled with this, and so is what a newer edition brings. What is read may come from anywhere:
nothing is resolved, nothing is fetched, and what is no codelist is a `ListError`. No descriptions are kept.
"""

from __future__ import annotations

import json
from datetime import date
from typing import NamedTuple

from lxml import etree

Items = dict[str, dict[str, str]]

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_KEPT_LANGUAGES = ("en", "fr")
_LONGEST = 1000  # signs of a code or a name; the longest of 2026 has 320


class ListError(ValueError):
    """The content is no codelist that can be used: `reason` is a word of ours, `problem` says more to experts."""

    def __init__(self, reason: str, problem: object = "") -> None:
        super().__init__(reason, str(problem))
        self.reason = reason
        self.problem = str(problem)


class Official(NamedTuple):
    """A list as its official file states it."""

    name: str
    embedded: bool
    items: Items


def read(content: bytes) -> Official:
    """Read an official file; of a code that stands twice, the first."""
    root = _root(content)
    items: Items = {}
    for item in root.iterfind("codelist-items/codelist-item"):
        code = clean(item.findtext("code"))
        if not code or len(code) > _LONGEST:
            raise ListError("no-code", item.sourceline)
        items.setdefault(code, _described(item))
    if not items:
        raise ListError("empty")
    return Official(str(root.get("name")), root.get("embedded") == "1", items)


def _root(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ListError("no-xml", error.msg) from error
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr] # the stubs do not know it
        raise ListError("document-type")
    if root.tag != "codelist" or not root.get("name"):
        raise ListError("no-list", f"{root.tag!s:.80}")
    return root


def _described(item: etree._Element) -> dict[str, str]:
    """What is kept of a code."""
    kept = {
        **_names(item),
        "status": "withdrawn" if item.get("status") == "withdrawn" else "",
        "from": _day(item.get("activation-date")),
        "to": _day(item.get("withdrawal-date")),
        "category": clean(item.findtext("category")),
    }
    return {key: value for key, value in kept.items() if value}


def _names(item: etree._Element) -> dict[str, str]:
    """The names of a code by language; English where the file does not say."""
    found = {(one.get(_LANG) or "en"): clean(one.text) for one in item.iterfind("name/narrative")}
    if any(len(text) > _LONGEST for text in found.values()):
        raise ListError("no-name", item.sourceline)
    return {language: text for language, text in found.items() if text and language in _KEPT_LANGUAGES}


def _day(text: str | None) -> str:
    """A date as the standard writes it; what is none is left out."""
    try:
        return date.fromisoformat((text or "").strip()).isoformat()
    except ValueError:
        return ""


def clean(text: str | None) -> str:
    """The text with every run of blanks as one space."""
    return " ".join((text or "").split())


def written(official: Official, day: str) -> str:
    """The list as the package keeps it, one code a line; `day` (or a month) says of when it is."""
    head = {"list": official.name, "embedded": official.embedded, "date": day}
    lines = ",\n".join(f"{one_line(code)}: {one_line(kept)}" for code, kept in official.items.items())
    return f'{one_line(head)[:-1]}, "items": {{\n{lines}\n}}}}\n'


def one_line(value: object) -> str:
    """The value as JSON without a line break."""
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
