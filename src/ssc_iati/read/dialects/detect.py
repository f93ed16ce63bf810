"""Which dialect a source is, told by the names of its sheets and their headers; never by guess between two."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ssc_iati.findings import Place, SourceError
from ssc_iati.messages import finding
from ssc_iati.read.dialects.declared import Dialect, Sheet, Sign, dialects
from ssc_iati.read.grid import Grid
from ssc_iati.record.labels import column_named, table_named
from ssc_iati.text import fold

OWN = "ssc-iati"
"""What the layout of our own is called."""
_ROOTS = ("projects", "organisation_files")
_ANY = "*"


def layouts() -> tuple[str, ...]:
    """The names that a layout may be given."""
    return (OWN, *dict.fromkeys(each.family for each in dialects()))


def recognised(grids: Sequence[Grid], named: str | None, shown: str) -> Dialect | None:
    """The dialect of a source; None where it is in our own layout, or in none that is known.

    SourceError where it is not in the layout that was named, or could be in several.
    """
    if named == OWN or (named is None and is_own(grids)):
        return None
    candidates = [each for each in dialects() if named in {None, each.family, each.name}]
    if not candidates:
        raise SourceError(finding("ssc-layout-unknown", Place(shown), layout=named, known=", ".join(layouts())))
    found = [each for each in candidates if has_signs(each, grids)]
    if len(found) > 1:
        names = ", ".join(each.name for each in found)
        raise SourceError(finding("ssc-layout-ambiguous", Place(shown), layouts=names, first=found[0].name))
    if named is not None and not found:
        tables = ", ".join(grid.name for grid in grids) or "-"
        values = {"layout": named, "signs": signs(candidates), "tables": tables}
        raise SourceError(finding("ssc-layout-not-there", Place(shown), **values))
    return found[0] if found else None


def dialect_for(name: str, root: str, shown: str) -> Dialect:
    """The dialect of this name, or family, for records of this kind; SourceError if there is none."""
    found = next((each for each in dialects() if name in {each.name, each.family} and each.root == root), None)
    if found is None:
        known = ", ".join(dict.fromkeys(each.family for each in dialects() if each.root == root))
        raise SourceError(finding("ssc-layout-unknown", Place(shown), layout=name, known=known))
    return found


def signs(candidates: Iterable[Dialect]) -> str:
    """What the dialects are told by, as people read it: `activities (activity_identifier)`."""
    return "; ".join(
        f"{each.name}: " + ", ".join(f"{sign.sheet} ({', '.join(sign.headers[:3])})" for sign in each.signs)
        for each in candidates
    )


def is_own(grids: Iterable[Grid]) -> bool:
    """Whether a table of records of our own is among them, with the column that each of these has."""
    named = [(table_named(grid.name), grid) for grid in grids]
    return any(
        name in _ROOTS and any(column_named(name, header) == "key" for header in grid.headers)
        for name, grid in named
        if name is not None
    )


def has_signs(dialect: Dialect, grids: Iterable[Grid]) -> bool:
    """Whether every sheet by which the dialect is told is there."""
    grids = list(grids)
    return all(any(_shows(dialect, sign, grid) for grid in grids) for sign in dialect.signs)


def _shows(dialect: Dialect, sign: Sign, grid: Grid) -> bool:
    if sign.sheet != _ANY and not is_called((sign.sheet, *_names(dialect, sign.sheet)), grid.name):
        return False
    headers = {spelt(dialect, header) for header in grid.headers}
    strange = any(spelt(dialect, each) in headers for each in sign.without)
    return not strange and all(spelt(dialect, each) in headers for each in sign.headers)


def _names(dialect: Dialect, name: str) -> tuple[str, ...]:
    return next((each.names for each in dialect.sheets if each.name == name), ())


def spelt(dialect: Dialect, header: str) -> str:
    """A header as it is compared: paths as they stand, words as people read them."""
    return header.strip() if dialect.paths else fold(header)


def is_called(names: Iterable[str], sheet: str) -> bool:
    """Whether a sheet or file has one of these names, perhaps with a prefix: `ORG-budgets`."""
    bare = sheet.strip().casefold()
    return any(fold(sheet) == fold(name) or re.fullmatch(f".+-{re.escape(name.casefold())}", bare) for name in names)


def sheet_called(dialect: Dialect, name: str) -> Sheet | None:
    """The sheet of the dialect that has this name."""
    exact = next((each for each in dialect.sheets if any(fold(one) == fold(name) for one in each.names)), None)
    return exact or next((each for each in dialect.sheets if is_called(each.names, name)), None)
