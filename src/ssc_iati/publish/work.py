"""One chunk of projects through check, map and validate: what a worker process, or a task of a flow, does.

A part is finished on disk before it counts (`.draft`, then renamed): who runs a chunk again after a crash takes the
part.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from ssc_iati.check.assemble import Assembler
from ssc_iati.check.cells import Locale
from ssc_iati.check.context import Context, Today, with_defaults
from ssc_iati.check.lasting import LASTING, Lasting, settle_identifiers
from ssc_iati.check.organisation_file import check_organisation_files
from ssc_iati.check.places import Draft
from ssc_iati.check.project import check_all
from ssc_iati.check.publisher import locale_of
from ssc_iati.check.quick_record import ready_records
from ssc_iati.check.references import named
from ssc_iati.findings import Finding, Place, Severity
from ssc_iati.map.activity import Rendered, mapped, ready_writers, written
from ssc_iati.map.as_it_stands import OtherXmlError, render_as_it_stands
from ssc_iati.map.extension import Initiative
from ssc_iati.map.options import MappingOptions
from ssc_iati.memory import without_collection
from ssc_iati.merging.mode import Mode
from ssc_iati.publish.verdict import ACTIVITIES, Form, Verdict, ready_verdicts, verdicts
from ssc_iati.read.stage import Chunk, Staged
from ssc_iati.record.canonical import canonical_json
from ssc_iati.record.organisation_file import OrganisationFile
from ssc_iati.record.project import Activity, Project
from ssc_iati.record.visibility import is_public, public
from ssc_iati.standard import editions
from ssc_iati.standard.validator.kinds import Spot

if TYPE_CHECKING:
    from ssc_iati.publish.ledger import Entry

Record: TypeAlias = Project | OrganisationFile
CheckAll: TypeAlias = Callable[[Sequence[Draft], Context], Sequence[Record | None]]


class Job(NamedTuple):
    """What a worker is told once: the context of the checks, the mapping's options, where parts go, and what is
    wanted.
    """

    context: Context
    options: MappingOptions
    folder: str
    render: bool = True
    records: bool = False
    form: Form = ACTIVITIES
    lasting: Lasting = LASTING


class Outcome(NamedTuple):
    """What became of one project.

    `xml` is the activity's canonical rendering (UTF-8, without `last-updated-datetime`), None if it was set aside or
    withheld;
    `digest` its SHA-256; `updated` the date-time that the source gives; `rows` the rows as they stood, if it was set
    aside; `review` the next day on which it, or one that was checked with it, may come out otherwise; `dropped` says
    that what was published of it must not stand, since a source that is merged deletes it or it is restricted now;
    `deeds` counts, by table, what became of the rows of a source that is merged.
    """

    key: str | None
    identifier: str | None
    findings: tuple[Finding, ...]
    accepted: bool
    xml: bytes | None = None
    digest: str | None = None
    updated: str | None = None
    record: str | None = None
    transactions: int = 0
    rows: tuple[Any, ...] = ()
    review: date | None = None
    dropped: bool = False
    deeds: Mapping[str, Mapping[str, int]] = {}


def make_ready(lists: str) -> None:
    """Take this edition of the lists, and compile what every chunk needs: what reads records and writes them, the
    schema. What only a record needs that is not plain is compiled for the first of them.
    """
    editions.use(lists)
    ready_records()
    ready_writers()
    ready_verdicts()


def run_chunk(chunk: Chunk, job: Job) -> str:
    """Work on a chunk and leave its part on disk; the part's path."""
    part = Path(job.folder) / f"{chunk.number:06}.part"
    if part.exists():
        return str(part)
    draft = part.with_suffix(".draft")
    with draft.open("wb") as file, without_collection():
        pickle.dump(list(outcomes(chunk, job)), file, pickle.HIGHEST_PROTOCOL)
    draft.replace(part)
    return str(part)


def read_part(path: str) -> list[Outcome]:
    """The outcomes of a chunk, in the order of the source."""
    with Path(path).open("rb") as file:
        found: list[Outcome] = pickle.load(file)  # noqa: S301 - our own file, in a folder that only we write
    return found


def outcomes(chunk: Chunk, job: Job) -> Iterator[Outcome]:
    """What becomes of each project of a chunk; no project harms another.

    Each step is done for all of them before the next: quicker than all steps for one, since the code of a step fits
    into the processor's cache, and that of all does not.
    """
    assembler = _assembler(chunk.stage, os.getpid(), locale_of(job.context.publisher))
    drafts = assembler.drafts(chunk.number)
    if assembler.onto is not None:
        from ssc_iati.merging.drafts import merge_draft  # only here, since most runs do not need it

        mode, reporters = Mode(assembler.onto.mode), job.lasting.reporters(job.context.publisher)
        merged = [(draft, merge_draft(draft, mode, reporters)) for draft in drafts]
        yield from (_dropped(draft, job) for draft, gone in merged if gone)
        drafts = [draft for draft, gone in merged if not gone]
    settle_identifiers(drafts, job.lasting, assembler.published, job.context.publisher)
    check: CheckAll = check_organisation_files if job.form.kind == "organisations" else check_all
    records = check(drafts, job.context)
    begun = [_begun(draft, record, job) for draft, record in zip(drafts, records, strict=True)]
    settled = list(_settled([_written(each) for each in begun], job))
    review = Today.review()
    yield from settled if review is None else (each._replace(review=review) for each in settled)


def renamed(entry: Entry, former: str, job: Job) -> Entry:
    """An activity that is renamed, as it will stand with its former identifier; ValueError if it cannot."""
    values = json.loads(entry.record)
    values.pop("record_version", None)
    draft = Draft(0, Place("ledger"), values=values, named=named(Project, values))
    settle_identifiers([draft], Lasting((), {entry.identifier: former}), {}, job.context.publisher)
    begun = _begun(draft, check_all([draft], job.context)[0], job)
    (made,) = _settled([_written(begun)], job)
    if made.xml is None or made.digest is None or made.record is None:
        raise ValueError(f"{entry.identifier}: {', '.join(each.rule for each in made.findings)}")
    return entry._replace(digest=made.digest, record=made.record, xml=made.xml)


def _dropped(draft: Draft, job: Job) -> Outcome:
    """A record that the source deletes, unless something is wrong with that."""
    identifier = draft.values.get("iati_identifier")
    findings = tuple(found.about(identifier or draft.key) for found in draft.findings)
    fatal = _fatal(draft, job)
    rows = tuple(draft.rows) if fatal else ()
    return Outcome(draft.key, identifier, findings, accepted=not fatal, rows=rows, dropped=not fatal)


@lru_cache(maxsize=2)
def _assembler(stage: str, _process: int, locale: Locale) -> Assembler:
    """One connection and one set of readers for each stage and process: none survives a fork."""
    return Assembler(Staged(stage), locale)


class _Begun(NamedTuple):
    """A record that was checked, and mapped if nothing held it back: its public view, its core, its extension. What
    stands as it is has its public view only.
    """

    draft: Draft
    record: Record | None
    mapped: tuple[Project, Activity, Initiative | None] | Record | None


class _Written(NamedTuple):
    """A record that was checked, and written if nothing held it back."""

    draft: Draft
    record: Record | None
    made: Rendered | None


def _begun(draft: Draft, record: Record | None, job: Job) -> _Begun:
    """One checked record through the mapping, if nothing holds it back."""
    if record is None or not job.render or _fatal(draft, job) or not is_public(record):
        return _Begun(draft, record, None)
    if isinstance(record, OrganisationFile) or record.imported_version is not None:
        return _Begun(draft, record, record if isinstance(record, OrganisationFile) else public(record))
    shown = public(record)
    return _Begun(draft, record, (shown, *mapped(shown, job.options)))


def _written(begun: _Begun) -> _Written:
    """What was mapped, in writing; without a participating organisation it is no activity."""
    draft, record, parts = begun
    if parts is not None and not isinstance(parts, tuple):
        return _Written(draft, record, _as_it_stands(draft, parts))
    made = None if parts is None else written(*parts)
    if made is not None and PARTICIPANT not in made.xml:
        draft.say(NO_PARTICIPANT, ("participations",))
        made = None
    return _Written(draft, record, made)


def _as_it_stands(draft: Draft, shown: Record) -> Rendered | None:
    """A record that nothing is derived for, in writing."""
    try:
        return render_as_it_stands(shown)
    except OtherXmlError as error:
        draft.say("ssc-other-xml-broken", (), place=error.place, detail=error.detail)
        return None


def _settled(batch: list[_Written], job: Job) -> Iterator[Outcome]:
    """The batch through the validator; what it finds beyond the checks of the record is said of the record."""
    found = iter(verdicts([each.made for each in batch if each.made is not None], job.context.today, job.form))
    for each in batch:
        if each.made is not None:
            _say(next(found), each.draft)
        yield _outcome(each, job)


def _say(verdict: Verdict, draft: Draft) -> None:
    for problem in verdict.problems:
        draft.say(INVALID, (), problem=problem)
    said = {found.rule for found in draft.findings}
    for rule, spots, values, words in verdict.faults:
        if rule.id not in said:
            shown = {"element": str(spots[0].element.tag), "attribute": spots[0].attribute or "", **values}
            finding = Finding(
                rule.id, rule.severity, rule.category, _where(draft, spots[0]), None, shown, words or f"iati:{rule.id}"
            )
            draft.findings.append(finding)


def _where(draft: Draft, spot: Spot) -> Place:
    """The cell that an element was written from, where that is known; else the record."""
    found = None if draft.origin is None else draft.origin.element(spot.element, spot.attribute)
    return found or draft.place(())


def _outcome(each: _Written, job: Job) -> Outcome:
    draft, record, made = each
    identifier = _identifier_of(record) if record else _identifier(draft, job)
    findings = tuple(found.about(identifier or draft.key) for found in draft.findings)
    if record is None or _fatal(draft, job) or _invalid(draft):
        # What is restricted now must not stay as it was published once.
        hidden = draft.values.get("visibility") == "restricted"
        return Outcome(draft.key, identifier, findings, accepted=False, rows=tuple(draft.rows), dropped=hidden)
    whole = canonical_json(record) if job.records and isinstance(record, Project) else None
    if made is None:
        return Outcome(draft.key, identifier, findings, accepted=True, record=whole, deeds=draft.deeds)
    return Outcome(
        draft.key,
        identifier,
        findings,
        accepted=True,
        xml=made.xml,
        digest=hashlib.sha256(made.xml).hexdigest(),
        updated=made.updated,
        record=whole,
        transactions=made.transactions,
        deeds=draft.deeds,
    )


def _identifier_of(record: Record) -> str | None:
    return record.identifier if isinstance(record, OrganisationFile) else record.iati_identifier


def _identifier(draft: Draft, job: Job) -> str | None:
    """The identifier that a record states, or would have, even if it cannot be read as a project."""
    stated = with_defaults(draft.values, job.context.publisher).get("iati_identifier")
    return stated if isinstance(stated, str) else None


def _fatal(draft: Draft, job: Job) -> bool:
    """Whether a finding sets the record aside; what was imported from IATI is kept as it stands unless critical, but
    not what a person wrote into another tool's sheets.
    """
    imported = "imported_version" in draft.values and draft.origin is None
    reject = Severity.CRITICAL if imported else job.context.reject
    return any(each.severity.reaches(reject) for each in draft.findings)


def _invalid(draft: Draft) -> bool:
    """Whether IATI's schema does not admit it, whatever the publisher lets pass."""
    return any(found.rule in {INVALID, NO_PARTICIPANT} for found in draft.findings)


INVALID, NO_PARTICIPANT = "0.3.1", "ssc-participating-org-missing"
PARTICIPANT = b"\n    <participating-org "
