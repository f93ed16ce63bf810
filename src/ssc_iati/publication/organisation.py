"""The publisher's organisation file, from a source of its own: read, checked and validated as any other, and released
with the activities.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from ssc_iati.config import Settings
from ssc_iati.findings import Finding, Place, SourceError
from ssc_iati.messages import finding
from ssc_iati.publish.organisation_file import organisation_file
from ssc_iati.publish.work import Outcome
from ssc_iati.publish.xml_file import ActivitiesFile
from ssc_iati.read.address import source_named
from ssc_iati.record.project import Publisher
from ssc_iati.run import Listen, Prepared, prepare, work

Render = Callable[[str], bytes | None]


class Organisation(NamedTuple):
    """How the organisation file is written, given its date-time; None where its last good version stays. `review` is
    the next day on which it may come out otherwise.
    """

    render: Render | None
    findings: tuple[Finding, ...] = ()
    review: date | None = None


def organisation_of(publisher: Publisher, settings: Settings, folder: Path, today: date) -> Organisation:
    """The organisation file that the configuration wants: from the source that it names, else what is known of who
    reports. SourceError where the source cannot be read, or is no organisation file's.
    """
    path = settings.release.organisation_source
    if path is None or not settings.release.organisation:
        return Organisation(partial(organisation_file, publisher))
    place = folder / "organisation"
    place.mkdir(exist_ok=True)
    brought: list[Finding] = []
    records = _records(path, place, brought.append)
    prepared = prepare(source_named(str(records)), settings, place, today=today, version=None)
    if prepared.job.form.kind != "organisations":
        raise SourceError(finding("ssc-organisation-source-kind", Place(str(path))))
    outcomes = [each for chunk in work(prepared) for each in chunk]
    made = _judged(prepared, outcomes, publisher, str(path))
    return made._replace(findings=(*brought, *(_of(each, records, path) for each in made.findings)))


def _records(path: Path, place: Path, listen: Listen) -> Path:
    """The source as records: a file of IATI is brought in first."""
    if path.suffix.lower() != ".xml":
        return path
    from ssc_iati.importing import import_file  # only here, since most runs do not need it

    target = place / "records.jsonl"
    import_file(path, target, listen)
    return target


def _of(item: Finding, records: Path, path: Path) -> Finding:
    """The finding, with the file that people know; what lies in the run's own folder has no lines for them."""
    if records == path or item.where.file != str(records):
        return item
    return replace(item, where=Place(str(path), path=item.where.path), also=())


def _judged(prepared: Prepared, outcomes: list[Outcome], publisher: Publisher, path: str) -> Organisation:
    findings = [*prepared.intake.findings, *(item for each in outcomes for item in each.findings)]
    reporter = publisher.reporting_org.ref if publisher.reporting_org is not None else None
    about = [each.identifier or "-" for each in outcomes]
    if all(each.accepted for each in outcomes) and reporter not in about:
        told = {"found": ", ".join(about) or "-", "reporter": reporter or "-"}
        findings.append(finding("ssc-organisation-source-other", Place(path), None, **told))
    elif all(each.accepted for each in outcomes):
        review = min((each.review for each in outcomes if each.review is not None), default=None)
        return Organisation(partial(_written, prepared, outcomes), tuple(findings), review)
    findings.append(finding("ssc-organisation-source-kept", Place(path)))
    return Organisation(None, tuple(findings))


def _written(prepared: Prepared, outcomes: list[Outcome], generated: str) -> bytes | None:
    """The file; None where nothing of it is for the public."""
    shown = [each.xml for each in outcomes if each.xml is not None]
    body = BytesIO()
    out = ActivitiesFile(body, generated, form=prepared.job.form, publisher=prepared.job.context.publisher)
    for each in shown:
        out.add(each, generated)
    out.close()
    return body.getvalue() if shown else None
