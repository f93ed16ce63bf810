"""What stands twice in a source: keys, identifiers, organisations; exactly, or as people would take them for the same.

Everything that was met is on disk, in the staging file: memory holds one group of doubles at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding
from ssc_iati.read.meetings import Met
from ssc_iati.read.stage import Stage
from ssc_iati.text import fold

KEY, IDENTIFIER, ORGANISATION = "key", "identifier", "organisation"
MOST_TOLD = 20
"""Of so many doubles of one value each is told; the further ones are told of the first only."""

PlaceOf = Callable[[str, int], Place]
"""Where the row of this number is: of `projects`, or of `organisations`."""


def project_doubles(stage: Stage, reporter: str | None, place_of: PlaceOf) -> Iterator[tuple[int, Finding]]:
    """The projects that share a key, or an IATI identifier, stated or derived from the reporter's; each names the
    other.
    """
    for group in stage.met.doubles(KEY):
        yield from _told(group, "ssc-key-doubled", place_of)
    if reporter is not None:
        stage.met.derive(KEY, IDENTIFIER, f"{fold(reporter)} ", f"{reporter}-")
    for group in stage.met.doubles(IDENTIFIER):
        yield from _told(group, "1.1.2", place_of)


def _told(group: list[Met], rule: str, place_of: PlaceOf) -> Iterator[tuple[int, Finding]]:
    first = group[0]
    for number, other in enumerate(group[1:]):
        yield other.owner, _doubled(rule, other, first, place_of)
        if number < MOST_TOLD:
            yield first.owner, _doubled(rule, first, other, place_of)


def _doubled(rule: str, mine: Met, other: Met, place_of: PlaceOf) -> Finding:
    where = place_of("projects", other.number)
    spot = f"{where.sheet or where.file}, {where.row or where.line}"
    return finding(rule, place_of("projects", mine.number), value=mine.value, other=other.value, spot=spot)


def organisation_doubles(stage: Stage, place_of: PlaceOf) -> Iterator[tuple[str, Finding]]:
    """The organisations whose keys differ only as people do not notice; the same key twice is found when it is
    fetched.
    """
    for group in stage.met.doubles(ORGANISATION):
        by_key = {each.value: each for each in reversed(group)}
        first = group[0]
        for each in islice(by_key.values(), MOST_TOLD) if len(by_key) > 1 else ():
            other = first if each.value != first.value else next(one for one in by_key.values() if one is not each)
            rows = f"{min(each.number, other.number)}, {max(each.number, other.number)}"
            where = place_of("organisations", each.number)
            yield (
                each.value,
                finding("ssc-organisation-doubled", where, value=f"{other.value} = {each.value}", rows=rows),
            )
