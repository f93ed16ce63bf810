"""The report of the official validator, in its shape: one object for a file, findings by identifier and category.

The messages are ours. Our own checks are left out, but for what keeps a file from being judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ssc_iati.findings import Finding, Place, Severity
from ssc_iati.messages import word

FILE, NOBODY = "file", "noIdentifier"
TITLES = {FILE: "File level errors", "iati-activities": "No Activity Title Found", "": "No Organisation Name Found"}
SCHEMA, DOUBLED, ADVICE, LONG_PERIOD = "0.3.1", "1.1.2", "1000.", "7.5.3"

_POSITIONS = re.compile(r"\[\d+\]")


class Versions(NamedTuple):
    """With what it was judged, as the report names it."""

    rulesets: str
    codelists: str
    registers: str
    program: str


class Said(NamedTuple):
    """A finding as the report has it, and in which stage the official validator makes it; category and identifier stand
    above it.
    """

    stage: int
    identifier: str
    title: str
    category: str
    error: dict[str, Any]


def said(
    findings: Iterable[Finding], identifier: str | None, title: str, occurrence: int, language: str
) -> Iterator[Said]:
    """The findings of one activity, or (identifier None) of the file."""
    name = FILE if identifier is None else _named(identifier, occurrence)
    for item in findings:
        if item.rule.startswith("ssc-") and item.severity is not Severity.CRITICAL:
            continue
        error: dict[str, Any] = {"id": item.rule, "severity": item.severity.value}
        error |= {"message": word(item, language).message, "context": _context(item)}
        if "codelist" in item.values:
            error["codelist"] = item.values["codelist"]
        if item.rule.startswith(ADVICE):
            error["details"] = {}
        yield Said(_stage(item), name, title, item.category, error)


def report(found: Iterable[Said], version: str | None, root: str | None, versions: Versions) -> dict[str, Any]:
    """The report of one file."""
    listed = sorted(found, key=lambda each: each.stage)
    counts = {each.value: sum(item.error["severity"] == each.value for item in listed) for each in Severity}
    return {
        "valid": counts[Severity.CRITICAL.value] == 0,
        "fileType": root or "",
        "iatiVersion": version or "",
        "rulesetCommitSha": versions.rulesets,
        "codelistCommitSha": versions.codelists,
        "orgIdPrefixFileName": versions.registers,
        "apiVersion": versions.program,
        "summary": counts,
        "errors": _grouped(listed, root),
    }


def _grouped(listed: list[Said], root: str | None) -> list[dict[str, Any]]:
    by_name: dict[str, dict[str, list[dict[str, Any]]]] = {}
    titles: dict[str, str] = {}
    for each in listed:
        titles.setdefault(each.identifier, each.title)
        by_name.setdefault(each.identifier, {}).setdefault(each.category, []).append(each.error)
    return [
        {
            "errors": [{"errors": errors, "category": category} for category, errors in by_name[name].items()],
            "identifier": name,
            "title": TITLES[FILE] if name == FILE else titles[name] or TITLES.get(root or "", TITLES[""]),
        }
        for name in sorted(by_name, key=_rank)
    ]


def _rank(name: str) -> int:
    """Names that are whole numbers come first, by number, as in any object of JavaScript; the others as they came."""
    is_index = name.isascii() and name.isdigit() and str(int(name)) == name if len(name) <= 10 else False
    return int(name) if is_index and int(name) < 2**32 - 1 else 2**32


def _named(identifier: str, occurrence: int) -> str:
    return (identifier or NOBODY) + (f"({occurrence})" if occurrence > 1 else "")


def _stage(item: Finding) -> int:
    """Schema, codelists, rulesets, advisories."""
    stages = (item.rule == SCHEMA, "codelist" in item.values, not item.rule.startswith(ADVICE), True)
    return stages.index(True)


# --- Contexts ---------------------------------------------------------------------------------------------------------


def _context(item: Finding) -> list[dict[str, Any]]:
    values, places = item.values, [item.where, *item.also]
    if item.rule == DOUBLED:
        return [{"text": f"Duplicate found for <{values['element']}> = '{values['value']}'"}]
    if "codelist" in values:
        return [{"text": _code(values)}]
    if item.rule.startswith(ADVICE):
        text = f"For {_bare(item.where)} = {values['value']} {_at(item.where)}"
        return [{"text": text, "lineNumber": item.where.line, "columnNumber": item.where.character}]
    if "sum" in values:
        names = ", ".join(dict.fromkeys(_last(each) for each in places))
        return [{"text": f"The sum is {values['sum']} for {names} in vocabulary {values.get('vocabulary', '')}"}]
    if "start" in values and len(places) == 2:
        return [{"text": _period(item.rule, values, *places)}]
    return [{"text": _plain(each, values.get("value") if len(places) == 1 else None)} for each in places]


def _code(values: Mapping[str, str]) -> str:
    text = f'"{values["value"]}" is not a valid value for '
    if not values.get("attribute"):
        return f"{text}element <{values.get('element', '')}>"
    linked = f" and linked @vocabulary = {values['vocabulary']}" if "vocabulary" in values else ""
    return f"{text}attribute @{values['attribute']}, in element <{values.get('element', '')}>{linked}"


def _period(rule: str, values: Mapping[str, str], start: Place, end: Place) -> str:
    first = f"{_bare(start)} = '{values['start']}' {_at(start)}"
    second = f"{_bare(end)} = '{values['end']}' {_at(end)}"
    return (
        f"{second} is more than a year later than {first}" if rule == LONG_PERIOD else f"{first} is later than {second}"
    )


def _plain(place: Place, value: str | None) -> str:
    if place.line is None:
        return ""
    if place.path is None:
        return f"At line: {place.line}"
    what = f"<{_last(place)}>" if value is None or "@" not in place.path else f"{_bare(place)} = '{value}'"
    return f"For {what} {_at(place)}"


def _at(place: Place) -> str:
    return f"at line: {place.line}, column: {place.character}"


def _bare(place: Place) -> str:
    """The path, without the numbers of its elements."""
    return _POSITIONS.sub("", place.path or "")


def _last(place: Place) -> str:
    """The name of the element."""
    return _bare(place).partition("/@")[0].rpartition("/")[2]
