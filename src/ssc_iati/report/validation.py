"""What was found in files of IATI XML, as text for a terminal: by file, and in it by activity; and the summary."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Protocol

from ssc_iati.findings import Finding, Severity
from ssc_iati.messages import word as worded
from ssc_iati.report.shown import printable, severity, words

_COLOURS = {Severity.CRITICAL: "1;31", Severity.ERROR: "31", Severity.WARNING: "33", Severity.ADVISORY: "36"}
_BOLD, _FAINT = "1", "2"
_LINES = 5


class Found(Protocol):
    """What was found in one activity, or (identifier None) in the file itself."""

    @property
    def identifier(self) -> str | None:
        """The activity's own, empty if it has none."""

    @property
    def title(self) -> str:
        """Its first title."""


def word(key: str, language: str, **values: object) -> str:
    """A line, in the language."""
    return _words(language)[key].format_map(values)


def file_line(
    name: str, version: str | None, root: str | None, items: int | None, language: str, *, colour: bool
) -> str:
    """The heading of a file: `path/to/it.xml (2.03, 12 activities)`."""
    return f"{_in(_BOLD, printable(name), colour)}{about_file(version, root, items, language)}\n"


def about_file(version: str | None, root: str | None, items: int | None, language: str) -> str:
    """What a file is, as far as is known: ` (2.03, 12 activities)`."""
    said = [version] if version else []
    said += [numbered(root, items, language)] if root and items is not None else []
    return f" ({', '.join(said)})" if said else ""


def numbered(kind: str, number: int, language: str) -> str:
    """`1 file`, `3 files`; so for `iati-activities` and `iati-organisations`."""
    one = {"files": "file", "iati-activities": "iati-activity", "iati-organisations": "iati-organisation"}[kind]
    return word(one if number == 1 else kind, language, number=number)


def as_text(found: Found, findings: Iterable[Finding], language: str, *, colour: bool) -> str:
    """The findings of one activity beneath its identifier and title."""
    return "".join([f"  {heading(found, language, colour=colour)}\n", *_lines(findings, language, colour=colour)])


def heading(found: Found, language: str, *, colour: bool = False) -> str:
    """Identifier and title."""
    if found.identifier is None:
        return _in(_BOLD, word("the-file", language), colour)
    named = printable(found.identifier) or word("no-identifier", language)
    return _in(_BOLD, named, colour) + (f"  {printable(found.title)}" if found.title.strip() else "")


def _lines(findings: Iterable[Finding], language: str, *, colour: bool) -> Iterator[str]:
    for item in findings:
        said = worded(item, language)
        level = _in(_COLOURS[item.severity], severity(item.severity, language), colour)
        rule = _in(_FAINT, f"({item.rule})", colour)
        where = where_it_is(item, language)
        told = printable(f"{said.message} {said.hint}")
        yield f"    {level}{f' {where}' if where else ''}: {told} {rule}\n"


def where_it_is(item: Finding, language: str) -> str:
    """The lines in which it shows, the first of them only if they are many: `line 12, 17, 20 (and 40 more places)`."""
    lines = [str(each.line) for each in (item.where, *item.also) if each.line is not None]
    if not lines:
        return ""
    more = word("more", language, number=len(lines) - _LINES) if len(lines) > _LINES else ""
    return f"{words(language).line} {', '.join(lines[:_LINES])} {more}".rstrip()


def summary(counts: Mapping[str, int], severities: Mapping[Severity, int], language: str) -> str:
    """How many files, activities and findings: `2 files, 12 activities: critical 1, error 4`."""
    things = [numbered(kind, number, language) for kind, number in counts.items() if number or kind == "files"]
    found = [f"{severity(each, language)} {severities[each]}" for each in Severity if severities.get(each)]
    return f"{', '.join(things)}: {', '.join(found) or word('none', language)}"


def _in(code: str, text: str, colour: bool) -> str:  # noqa: FBT001 - a sign of its own
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text


@cache
def _words(language: str) -> dict[str, str]:
    every = tomllib.loads(files(__package__).joinpath("validation.toml").read_text("utf-8"))
    found: dict[str, str] = every.get(language, every["en"])
    return found
