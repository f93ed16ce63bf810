"""The whole mapping, in order: a checked, public project becomes an `iati-activity` with its extension."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from ssc_iati.map.extension import Initiative, initiative
from ssc_iati.map.money import money
from ssc_iati.map.options import MappingOptions, table
from ssc_iati.map.participants import participants
from ssc_iati.map.places import geography
from ssc_iati.map.roster import roster
from ssc_iati.map.words import dates, descriptions
from ssc_iati.map.writer import STEP, Write, compiled, quoted
from ssc_iati.record import terms
from ssc_iati.record.activity import AidType, Tag
from ssc_iati.record.project import Activity, Project
from ssc_iati.record.values import SSC_NAMESPACE, Text, made, shaped

VERSION = "2.03"
LINE = "\n  "
_START = re.compile(rb"<iati-\w+")


class Rendered(NamedTuple):
    """An activity as it stands in a file, indented one step; its date-time, which stands apart; its transactions."""

    xml: bytes
    updated: str | None
    transactions: int


def mapped(project: Project, options: MappingOptions) -> tuple[Activity, Initiative | None]:
    """The core of the activity, and its extension."""
    stated = project.__dict__
    partners = roster(stated)
    taking_part, unmapped, groups = participants(stated, partners, options)
    countries, regions, locations = geography(stated, options)
    budgets, planned, transactions, derived = money(project, partners)
    documents = stated["document_links"]
    codes = table("classifications")
    core = stated | {
        "key": None,
        "visibility": None,
        "last_updated_datetime": None,
        "descriptions": descriptions(project, partners, unmapped, groups),
        "participating_orgs": taking_part,
        "activity_status": stated["activity_status"] or codes["activity_status"].get(stated["status"]),
        "activity_dates": dates(project),
        "recipient_countries": countries,
        "recipient_regions": regions,
        "locations": locations,
        "tags": tags(project),
        "collaboration_type": stated["collaboration_type"] or codes["collaboration_type"].get(stated["modality"]),
        "default_aid_types": stated["default_aid_types"] or aid_types(project),
        "budgets": budgets,
        "planned_disbursements": planned,
        "transactions": transactions,
        "document_links": tuple([each for each in documents if each.url is not None]) if documents else (),
    }
    joined = {each["organisation"]: each for each in [each.__dict__ for each in taking_part]}
    return shaped(Activity, core), initiative(project, joined, derived)


def tags(project: Project) -> tuple[Tag, ...]:
    """The record's tags, then those for what IATI has no list for: modality, mechanisms, TOSSD framework."""
    stated = project.__dict__
    found = [("modality", stated["modality"]), ("framework_tossd", stated["framework_tossd"])]
    found += [("mechanism_type", each.type) for each in stated["mechanisms"]]
    coded = [each for each in found if each[1] is not None]
    own: tuple[Tag, ...] = stated["tags"]
    if not coded:
        return own
    spoken = stated["language"] if stated["language"] in terms.LANGUAGES else "en"
    return own + tuple([_tag(name, code, spoken) for name, code in dict.fromkeys(coded)])


@cache
def _tag(name: str, code: str, spoken: str) -> Tag:
    label = made(Text, lang=spoken, text=terms.label(name, code, spoken))
    uri = table("classifications")["tag"][name]
    return made(Tag, code=code, vocabulary="99", vocabulary_uri=uri, names=(label,))


def aid_types(project: Project) -> tuple[AidType, ...]:
    """From the instrument: projects and programmes are C01; an action is told by its contributions, or not at all."""
    instrument = project.__dict__["instrument"]
    code = table("classifications")["aid_type"].get(instrument)
    if instrument == "action":
        kinds = {each.kind for part in project.participations for each in part.contributions}
        rows = table("classifications")["action_aid_type"].items()
        code = next((code for code, admitted in rows if kinds and kinds <= set(admitted)), None)
    return () if code is None else (_aid_type(code),)


@cache
def _aid_type(code: str) -> AidType:
    return made(AidType, code=code)


def render(project: Project, options: MappingOptions) -> Rendered:
    """A project, mapped and written."""
    return written(project, *mapped(project, options))


@cache
def core_writer() -> Write:
    """The writer of the core of an activity."""
    return compiled(Activity, "iati-activity", LINE)


@cache
def block_writer() -> Write:
    """The writer of its extension."""
    return compiled(Initiative, "ssc:initiative", LINE + STEP, partner=True)


def ready_writers() -> None:
    """Compile what `written` needs, before it is needed."""
    core_writer()
    block_writer()


def written(project: Project, core: Activity, block: Initiative | None) -> Rendered:
    """What a project was mapped to, in UTF-8, the `ssc` extension last; `last-updated-datetime` is not part of it."""
    lines: list[str] = []
    core_writer()(lines, core.__dict__)
    if block is not None:
        end = lines.pop()
        block_writer()(lines, block.__dict__)
        lines.append(end)
    xml = "".join(lines).strip().encode("utf-8", "surrogatepass")
    return Rendered(xml, project.last_updated_datetime, len(core.transactions))


def dated(activity: bytes, updated: str | None) -> bytes:
    """The activity with its `last-updated-datetime`."""
    if updated is None:
        return activity
    tag = _START.match(activity)
    start = 0 if tag is None else tag.end()
    return activity[:start] + f' last-updated-datetime="{quoted(updated)}"'.encode() + activity[start:]


def document(made: Iterable[Rendered], version: str = VERSION, kind: str = "activities") -> bytes:
    """The activities (or organisations) in a file of their own, as the schema judges them."""
    start = f'<iati-{kind} version="{version}" xmlns:ssc="{SSC_NAMESPACE}">'.encode()
    return b"".join((start, *(dated(each.xml, each.updated) for each in made), f"</iati-{kind}>".encode()))
