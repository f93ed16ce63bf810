"""What a row of a sheet leaves blank and has all the same: the identifier of the row above it, and what is computed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

from ssc_iati.findings import Finding
from ssc_iati.read.dialects.headed import Headed
from ssc_iati.read.grid import Cell, letters
from ssc_iati.read.lanes import is_blank, shown

Key: TypeAlias = tuple[str, ...]

_HEADER = re.compile(r"\{([^}]*)\}")
_NEVER_COMPUTED = "ssc-workbook-formula-empty"


def key_of(on: Headed, cells: list[Cell], headers: Iterable[str]) -> Key:
    """What stands under these headers, as people read it."""
    return tuple(
        shown(cells[at]).strip() if at is not None and at < len(cells) else "" for at in map(on.at.get, headers)
    )


class Carried:
    """The rows of one sheet, from the first on: what each of them is of."""

    def __init__(self, on: Headed) -> None:
        self._on = on
        self._headers = tuple(on.sheet.join) if on.activity is None else (on.sheet.activity or "",)
        self._seen: set[Key] = set()
        self.key: Key = ("",) * len(self._headers)
        self.again = False
        """Whether the row comes back to what rows further up were of."""

    def is_filled_by_formulas_alone(self, cells: list[Cell]) -> bool:
        """Whether nothing stands in a row but what a template computes."""
        computed = {self._on.at.get(each) for each in self._on.sheet.computed}
        return bool(computed) and all(is_blank(cell) for index, cell in enumerate(cells) if index not in computed)

    def take(self, row: int, cells: list[Cell], found: list[Finding]) -> list[Cell]:
        """The row with what is computed of it; a formula that holds no value is then no trouble."""
        said = key_of(self._on, cells, self._headers)
        self.again = any(said) and said != self.key and said in self._seen
        self.key = said if any(said) else self.key
        self._seen.add(self.key)
        return self._computed(row, cells, found) if self._on.sheet.computed else cells

    def _computed(self, row: int, cells: list[Cell], found: list[Finding]) -> list[Cell]:
        above = dict(zip(self._headers, self.key, strict=True))
        cells = list(cells)
        for header, form in self._on.sheet.computed.items():
            index = self._on.at.get(header)
            names = _HEADER.findall(form)
            said = dict(zip(names, key_of(self._on, cells, names), strict=True))
            parts = {each: said[each] or above.get(each, "") for each in names}
            if index is not None and index < len(cells) and is_blank(cells[index]) and all(parts.values()):
                cells[index] = form.format_map(parts)
                found[:] = self.without_formulas(found, row)
        return cells

    def without_formulas(self, found: list[Finding], row: int | None = None) -> list[Finding]:
        """The findings but for those of formulas that are computed here, in this row or wherever nothing stands."""
        columns = [letters(at) for each in self._on.sheet.computed if (at := self._on.at.get(each)) is not None]
        cells = {f"{column}{row}" for column in columns}

        def is_ours(each: Finding) -> bool:
            cell = each.where.cell or ""
            return cell in cells if row is not None else cell.rstrip("0123456789") in columns

        return [each for each in found if each.rule != _NEVER_COMPUTED or not is_ours(each)]
