"""What was set aside of a source under a column mapping: from the rows of the record back to those of the sheets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from ssc_iati.check.intake import Header
from ssc_iati.publish.rejected import SHARED, SetAside
from ssc_iati.read.spool import Originals


class _Spot(NamedTuple):
    """A row of one of the sheets, by their numbers."""

    sheet: int
    row: int


def unmapped(
    items: Iterator[SetAside], made: dict[str, Header], sheets: list[Header], spool_file: Path
) -> tuple[Iterator[SetAside], dict[str, Header]]:
    """The rows as they stood, with the headers of their sheets.

    A sheet that holds projects gives back the rows of those set aside only; one that holds only organisations, those
    that they name.
    """
    numbers = {(each.file, each.sheet): number for number, each in enumerate(sheets)}
    of_projects = {spot for name, header in made.items() if name not in SHARED for spot in _sheets(header, numbers)}
    back = _back(items, made, numbers, of_projects, spool_file)
    return back, {str(number): header for number, header in enumerate(sheets)}


def _sheets(header: Header, numbers: dict[tuple[str, str | None], int]) -> list[int]:
    return [numbers[each.file, each.sheet] for each in header.origins.of] if header.origins else []


def _back(
    items: Iterator[SetAside],
    made: dict[str, Header],
    numbers: dict[tuple[str, str | None], int],
    of_projects: set[int],
    spool_file: Path,
) -> Iterator[SetAside]:
    given: set[_Spot] = set()
    sheets = {name: _sheets(header, numbers) for name, header in made.items()}
    with closing(Originals(spool_file)) as originals:
        for item in items:
            rows: dict[_Spot, tuple[str, int, list[Any]]] = {}
            for name, number, _ in item.rows:
                row, which = divmod(number, len(sheets[name]))
                spot = _Spot(sheets[name][which], row)
                if name in SHARED:
                    if spot.sheet in of_projects or spot in given:
                        continue
                    given.add(spot)
                rows.setdefault(spot, (str(spot.sheet), row, originals.row(*spot)))
            if rows:
                yield SetAside(tuple(rows.values()), item.findings)
