"""An activity as rows whose headers are paths: one sheet for the activity itself, one for each element that repeats."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from ssc_iati.publish.dialect_rows import Facts, Lost, Row, as_cell, node_of
from ssc_iati.read.dialects import Dialect
from ssc_iati.read.dialects.declared import IDENTIFIERS
from ssc_iati.read.dialects.tree import Node
from ssc_iati.read.dialects.ways import element_at, is_known, repeats
from ssc_iati.read.iati_xml import LANG
from ssc_iati.record.places import NARRATIVE


def path_rows(dialect: Dialect, element: Any) -> tuple[list[tuple[str, Row]], Lost]:  # noqa: ANN401 - of lxml
    """The rows of a record, each with the name of its sheet, and what they cannot hold."""
    facts = Facts(node_of(element))
    identifier = facts.identifier(dialect)
    if identifier is None:
        return [], facts.left()
    root = facts.root
    main, key = dialect.sheets[0].name, {dialect.identifier: str(identifier.text).strip()}
    facts.note(identifier, None)
    rows: list[tuple[str, Row]] = [(main, {**key, **dict(_cells(facts, root, "", shallow=True))})]
    for child in root:
        if repeats(child.names):
            cells = dict(_cells(facts, child, f"{child.tag}/0/", shallow=False))
            if cells:
                rows.append((child.tag, {**key, **cells}))
    return rows, facts.left()


def _cells(facts: Facts, node: Node, way: str, *, shallow: bool) -> Iterator[tuple[str, str]]:
    """The facts of an element and of those below it; `shallow` leaves out those that have a sheet of their own."""
    silent = node.tag == NARRATIVE and not facts.says(node, None)
    for name in node.attrib:
        bare = "xml:lang" if name == LANG else name
        if not silent and is_known(node.names, bare) and facts.says(node, name):
            facts.note(node, name)
            yield f"{way}@{bare}", as_cell(node, name, facts.lost)
    if is_known(node.names, None) and facts.says(node, None):
        facts.note(node, None)
        yield way.rstrip("/"), as_cell(node, None, facts.lost)
    seen: dict[str, int] = {}
    for child in node.children:
        if not repeats(child.names):
            yield from _cells(facts, child, f"{way}{child.tag}/", shallow=shallow) if child.tag not in seen else ()
            seen[child.tag] = 1
        elif not (shallow and node.parent is None):
            number = seen.get(child.tag, 0)
            found = list(_cells(facts, child, f"{way}{child.tag}/{number}/", shallow=shallow))
            if found:
                seen[child.tag] = number + 1
            yield from found


def in_order(root: str, headers: Collection[str]) -> list[str]:
    """The headers in the order in which the standard has their places."""
    return sorted(headers, key=lambda header: _rank(root, header))


def _rank(root: str, header: str) -> list[int]:
    names: tuple[str, ...] = (root,)
    rank: list[int] = []
    for part in header.split("/"):
        element = element_at(names)
        if part.isdecimal() or element is None:
            rank.append(int(part) if part.isdecimal() else 0)
        elif part.startswith("@"):
            rank += [-1, list(element.attributes).index(part[1:])]
        else:
            rank.append([child.name for child in element.children].index(part))
            names = (*names, part)
    return [-2] if names == (root, IDENTIFIERS[root]) else rank


def plainer(headers: Collection[str]) -> dict[str, str]:
    """The headers as they are written: texts of which no row has two need no number."""
    split = [header.split("/") for header in headers]
    ways = {tuple(parts[:end]) for parts in split for end in range(1, len(parts) + 1)}
    found: dict[str, str] = {}
    for header, parts in zip(headers, split, strict=True):
        bare = list(parts)
        for at in range(len(parts) - 1, 0, -1):
            if parts[at - 1] == NARRATIVE and parts[at] == "0" and (*parts[:at], "1") not in ways:
                del bare[at]
        found[header] = "/".join(bare)
    return found
