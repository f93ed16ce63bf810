"""What the first pass does with a source of tables and with one of records alike."""

from __future__ import annotations

from typing import NamedTuple

from ssc_iati.check.doubles import IDENTIFIER, KEY, PlaceOf, organisation_doubles, project_doubles
from ssc_iati.check.standing import Standing
from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding
from ssc_iati.read.stage import LOOSE, Chunk, Stage
from ssc_iati.record.project import Publisher


class Intake(NamedTuple):
    """What the first pass gives: the chunks to work on, the publisher that the source names, and what concerns no
    project.
    """

    kind: str
    chunks: list[Chunk]
    projects: int
    publisher: Publisher | None
    findings: list[Finding]


def no_projects(where: Place, tables: str) -> Finding:
    """No table of records of our own, and none by which another tool's layout is told: what was looked for."""
    from ssc_iati.read.dialects import dialects
    from ssc_iati.read.dialects.detect import signs

    return finding("ssc-projects-missing", where, tables=tables, signs=signs(dialects()))


def reporter_of(publisher: Publisher | None, own: Publisher | None) -> str | None:
    """The reference of who reports: as the configuration says, or else the source."""
    for each in (publisher, own):
        if each and each.reporting_org and each.reporting_org.ref:
            return each.reporting_org.ref
    return None


def identifier_of(key: str | None, stated: str | None, reporter: str | None) -> str | None:
    """The identifier of a project that states one, or a reporter of its own."""
    return stated or (f"{reporter}-{key}" if key and reporter else None)


def put_problems(stage: Stage, ordinal: int, found: list[Finding]) -> None:
    """Stage what was found of a project beside it."""
    for problem in found:
        stage.put(ordinal, "!", problem)


def claimed(
    standing: Standing, names: tuple[str | None, ...], derived: str | None, where: Place, found: list[Finding]
) -> int:
    """The ordinal of the record that these names mean among those that stand, or of a new one."""
    if not any(names):
        found.append(finding("ssc-key-missing", where))
    ordinal, problem = standing.claim(names, derived, where)
    found += [problem] if problem is not None else []
    return ordinal


def note_met(stage: Stage, ordinal: int, number: int, key: str | None, identifier: str | None) -> None:
    """Note by what a project was met."""
    if key is not None:
        stage.met.meet(KEY, key, ordinal, number)
    if identifier is not None:
        stage.met.meet(IDENTIFIER, identifier, ordinal, number)


def tell_doubles(stage: Stage, reporter: str | None, place_of: PlaceOf) -> None:
    """Put what stands twice beside the projects and organisations that it concerns."""
    for owner, problem in project_doubles(stage, reporter, place_of):
        stage.put(owner, "!", problem)
    stage.share("!", list(organisation_doubles(stage, place_of)))


def put_loose(stage: Stage, kind: str, row: object, problems: list[Finding]) -> None:
    """Stage a row that belongs to no project, with the reasons."""
    stage.put(LOOSE, kind, row)
    for each in problems:
        stage.put(LOOSE, "!", each)
