"""What is wrong with data, and where: one type for each, used by every room of the house.

Nothing here speaks a language: a finding names its rule and carries the values that matter; `ssc_iati.messages`
words it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self


class Severity(StrEnum):
    """How bad a finding is, with the meaning of the official IATI validator; compare with `reaches`."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    ADVISORY = "advisory"

    def reaches(self, threshold: Severity) -> bool:
        """Say whether this is as bad as the threshold, or worse."""
        return _RANK[self] <= _RANK[threshold]


_RANK = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value came from: a cell of a table, or a line (and path) of a JSON or XML file.

    `row` counts from 1 as the person sees it (the header is a row); `column` is the header as it was written;
    `cell` is the spreadsheet's own name for it (`C7`); `line` counts from 1, and `character` from 1 within the line;
    `path` leads to a value in JSON or XML.
    """

    file: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    cell: str | None = None
    line: int | None = None
    character: int | None = None
    path: str | None = None

    def as_dict(self) -> dict[str, str | int]:
        """Only what is known, in a fixed order."""
        return {name: value for name in _PARTS if (value := getattr(self, name)) is not None}


_PARTS = tuple(Place.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: a rule's id, its severity and category, where, and the values that the message shows.

    `identifier` is the activity's own (IATI identifier, else the record's key); None for what concerns the file.
    `words` is the key of its wording where that is not the rule's own; `also` are further places of the same fault.
    """

    rule: str
    severity: Severity
    category: str
    where: Place
    identifier: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    also: tuple[Place, ...] = ()

    def about(self, identifier: str | None) -> Self:
        """The same finding, said of this activity."""
        return replace(self, identifier=identifier)


class SourceError(Exception):
    """The source cannot be read at all: raised with the finding that says why; nothing of it was used."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.rule)
        self.finding = finding


class UnreachableError(SourceError):
    """The world is in the way of a source that may be sound: a server that does not answer, a lost connection."""
