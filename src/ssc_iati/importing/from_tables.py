"""Another tool's tables -> records: what can be read of it, as it stands; the rest is set aside in its own layout."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from ssc_iati.check.assemble import DIALECT, Assembler
from ssc_iati.check.publisher import locale_of
from ssc_iati.config import load
from ssc_iati.findings import Finding, Place, Severity, SourceError
from ssc_iati.importing.from_xml import Values, keyed, write, write_other
from ssc_iati.map.activity import VERSION
from ssc_iati.map.as_it_stands import render_as_it_stands
from ssc_iati.memory import without_collection
from ssc_iati.messages import finding
from ssc_iati.publish.work import Outcome
from ssc_iati.read.stage import open_staged
from ssc_iati.read.xml_file import Root
from ssc_iati.record.canonical import canonical_json
from ssc_iati.record.organisation_file import OrganisationFile
from ssc_iati.record.project import Project
from ssc_iati.run import Aside, Prepared, Report, Tally, prepare, rejects, workspace

if TYPE_CHECKING:
    from ssc_iati.importing import Choices


def import_tables(source: Path, layout: str, target: Path, tally: Tally, choices: Choices) -> Report:
    """Bring tables in: in our own layout, or in that of yet another tool."""
    with workspace() as folder:
        prepared = prepare(source, load(choices.config, layout=choices.source), folder, render=False)
        _refuse_own(prepared, source)
        tally.hear(prepared.intake.findings)
        with rejects(prepared, target, choices.language) as aside:
            made = _readable(prepared, tally, aside)
            first = list(islice(made, 1))
            if first and choices.target is not None:
                write_other(map(_element, chain(first, made)), _root(prepared), target, tally, choices.target)
            elif first:
                write(layout, chain(first, made), _root(prepared), target)
            tally.hear(aside.loose.findings)
    if not first:
        tally.hear([finding("ssc-nothing-to-write", Place(str(target)))])
    return tally.report(prepared.intake.projects, written=target if first else None, rejected=aside.path)


def _refuse_own(prepared: Prepared, source: Path) -> None:
    """What is in our own layout is records already."""
    with open_staged(str(prepared.stage)) as staged:
        if DIALECT not in staged.notes and "originals" not in staged.notes:
            raise SourceError(finding("ssc-layout-own", Place(str(source))))


def _is_dialect(prepared: Prepared) -> bool:
    """Whether the source is in the layout of a tool for IATI; a register is none."""
    with open_staged(str(prepared.stage)) as staged:
        return DIALECT in staged.notes


def _root(prepared: Prepared) -> Root:
    """What belongs to the file, as a file of XML would say it."""
    publisher = prepared.intake.publisher
    said = {} if publisher is None else publisher.model_dump(exclude_none=True, exclude_defaults=True)
    if not _is_dialect(prepared):
        return Root("iati-activities", said)
    about = {"iati_version": VERSION, "iati_file": "activities", **said}
    return Root(f"iati-{about['iati_file']}", about)


def _readable(prepared: Prepared, tally: Tally, aside: Aside) -> Iterator[Values]:
    """The records all of whose cells could be read; the others are set aside."""
    taken: set[str] = set()
    number = 0
    with open_staged(str(prepared.stage)) as staged:
        assembler = Assembler(staged, locale_of(prepared.job.context.publisher))
        for chunk in prepared.intake.chunks:
            with without_collection():
                drafts = assembler.drafts(chunk.number)
            for draft in drafts:
                number += 1
                identifier = draft.values.get("iati_identifier") or draft.values.get("identifier")
                findings: tuple[Finding, ...] = tuple(each.about(identifier) for each in draft.findings)
                sound = not any(each.severity.reaches(Severity.ERROR) for each in findings)
                outcome = Outcome(draft.key, identifier, findings, accepted=sound, rows=tuple(draft.rows))
                tally.note(outcome, rendered=False)
                aside.take(outcome)
                if sound:
                    values = draft.values if "imported_version" in draft.values else _of_register(draft.values)
                    if "imported_version" in values or values.get("key") in {None, *taken}:
                        keyed(values, number, taken)
                    taken.add(values["key"])
                    yield values


def _of_register(values: Values) -> Values:
    """A record of a register as JSON says it: of the project's own, whose key is that of the register."""
    record: Values = json.loads(canonical_json(Project.model_validate(values)))
    return {name: value for name, value in record.items() if name != "record_version"}


def _element(values: Values) -> Any:  # noqa: ANN401 - of lxml
    """The record as an element of XML."""
    model = OrganisationFile if "identifier" in values else Project
    return etree.fromstring(render_as_it_stands(model.model_validate(values)).xml)
