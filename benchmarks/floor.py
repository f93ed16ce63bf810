"""The floor: the least that any converter of these tables must do in Python, written straight for this one content.

Read the CSV files, group the rows in memory, one small pydantic model for each project, its elements by lxml, the
schema, a hash, the file. No findings, no places, no code lists, no mapping, no columns but those of the content, no
stage on disk.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from lxml import etree
from pydantic import BaseModel, ConfigDict

SCHEMA = Path(__file__).resolve().parents[1] / "schemas" / "iati" / "2.03" / "iati-activities-schema.xsd"
NAMESPACE = "urn:ssc-iati:extension:1"
SSC = f"{{{NAMESPACE}}}"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

ROLES = {"funder": ("1", "exact"), "executing-agency": ("4", "exact"), "technical-counterpart": ("4", "near")}
STATUSES = {"implementation": "2", "evaluation": "3", "finished": "4"}
TYPES = {
    "cooperation-agency": "10",
    "government-body": "10",
    "local-government": "11",
    "non-profit": "22",
    "public-company": "15",
    "academic-research": "80",
    "association": "24",
}
CHANNELS = {
    ("cooperation-agency", "provider"): "11000",
    ("government-body", "provider"): "11000",
    ("local-government", "provider"): "11002",
    ("non-profit", "provider"): "22000",
    ("public-company", "provider"): "11003",
    ("academic-research", "provider"): "51000",
    ("government-body", "recipient"): "12000",
    ("local-government", "recipient"): "12002",
    ("association", "recipient"): "23000",
}


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Organisation(_Row):
    """A partner, and its part in the project."""

    key: str
    name: str
    identifiers: str
    actor_type: str
    country: str
    phase: str
    side: str
    function: str


class Shared(_Row):
    """A country or a sector with its share."""

    code: str
    percentage: Decimal
    vocabulary: str = "1"


class Budget(_Row):
    """A budget."""

    type: str
    status: str
    period_start: dt.date
    period_end: dt.date
    value: Decimal
    currency: str
    value_date: dt.date


class Transaction(_Row):
    """A transaction."""

    ref: str
    type: str
    date: dt.date
    value: Decimal
    currency: str
    value_date: dt.date
    description: str
    provider: str
    receiver: str


class Project(_Row):
    """A project with all that belongs to it."""

    key: str
    title: str
    description: str
    actual_start: dt.date
    planned_end: dt.date
    status: str
    instrument: str
    default_currency: str
    collaboration_type: str
    organisations: list[Organisation]
    recipient_countries: list[Shared]
    sectors: list[Shared]
    budgets: list[Budget]
    transactions: list[Transaction]


class Reporter(_Row):
    """Who reports."""

    reporting_org_ref: str
    reporting_org_type: str
    reporting_org_name: str
    language: str


def convert(source: Path, target: Path) -> None:
    """The tables in a folder -> one valid IATI file; the first activity that is not valid ends it."""
    reporter = Reporter.model_validate(next(_rows(source, "publisher")))
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    with target.open("wb") as file:
        file.write(f'{DECLARATION}\n<iati-activities version="2.03" xmlns:ssc="{NAMESPACE}">\n'.encode())
        for project in _projects(source):
            _write(project, reporter, schema, file)
        file.write(b"</iati-activities>\n")


def _write(project: Project, reporter: Reporter, schema: etree.XMLSchema, file: BinaryIO) -> str:
    root = etree.Element("iati-activities", {"version": "2.03"}, nsmap={"ssc": NAMESPACE})
    activity = _activity(root, project, reporter)
    schema.assertValid(root)
    etree.indent(activity, "  ", level=1)
    text = etree.tostring(activity, encoding="utf-8", with_tail=False)
    text = text.replace(f' xmlns:ssc="{NAMESPACE}"'.encode(), b"", 1)
    file.write(b"  " + text + b"\n")
    return hashlib.sha256(text).hexdigest()


# --- Reading ----------------------------------------------------------------------------------------------------------


def _rows(source: Path, name: str) -> Iterator[dict[str, str]]:
    with (source / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, strict=True)
        header = next(rows)
        for row in rows:
            yield dict(zip(header, row, strict=True))


def _projects(source: Path) -> Iterator[Project]:
    children = {name: _children(source, name) for name in ("recipient_countries", "sectors", "budgets", "transactions")}
    organisations = {row["key"]: row for row in _rows(source, "organisations")}
    parts = _children(source, "participations")
    for row in _rows(source, "projects"):
        key = row["key"]
        taking_part = [organisations[part.pop("organisation")] | part for part in parts.pop(key, ())]
        below = {name: rows.pop(key, ()) for name, rows in children.items()}
        yield Project.model_validate({**row, "organisations": taking_part, **below})


def _children(source: Path, name: str) -> dict[str, list[dict[str, str]]]:
    found = defaultdict(list)
    for row in _rows(source, name):
        found[row.pop("project")].append(row)
    return found


# --- Elements ---------------------------------------------------------------------------------------------------------


def _activity(root: etree._Element, project: Project, reporter: Reporter) -> etree._Element:
    add = etree.SubElement
    e = add(root, "iati-activity", {LANG: reporter.language, "default-currency": project.default_currency})
    add(e, "iati-identifier").text = f"{reporter.reporting_org_ref}-{project.key}"
    reporting = {"ref": reporter.reporting_org_ref, "type": reporter.reporting_org_type}
    _named(e, "reporting-org", reporter.reporting_org_name, reporting)
    _named(e, "title", project.title, {})
    _named(e, "description", project.description, {"type": "1"})
    for each in sorted(project.organisations, key=lambda one: (ROLES[one.function], one.key)):
        _participating(e, each)
    add(e, "activity-status", {"code": STATUSES[project.status]})
    add(e, "activity-date", {"type": "2", "iso-date": project.actual_start.isoformat()})
    add(e, "activity-date", {"type": "3", "iso-date": project.planned_end.isoformat()})
    for country in project.recipient_countries:
        add(e, "recipient-country", {"code": country.code, "percentage": format(country.percentage, "f")})
    for sector in project.sectors:
        share = format(sector.percentage, "f")
        add(e, "sector", {"vocabulary": sector.vocabulary, "code": sector.code, "percentage": share})
    add(e, "collaboration-type", {"code": project.collaboration_type})
    add(e, "default-aid-type", {"code": "C01"})
    _money(e, project)
    _initiative(e, project)
    return e


def _named(parent: etree._Element, tag: str, name: str, attributes: dict[str, str]) -> None:
    etree.SubElement(etree.SubElement(parent, tag, attributes), "narrative").text = name


def _participating(e: etree._Element, each: Organisation) -> None:
    role, fit = ROLES[each.function]
    attributes = {
        "ref": each.identifiers,
        "type": TYPES[each.actor_type],
        "role": role,
        "crs-channel-code": CHANNELS[each.actor_type, each.side],
        SSC + "org": each.key,
        SSC + "fit": fit,
    }
    _named(e, "participating-org", each.name, attributes)


def _money(e: etree._Element, project: Project) -> None:
    add, organisations = etree.SubElement, {each.key: each for each in project.organisations}
    for budget in project.budgets:
        b = add(e, "budget", {"type": budget.type, "status": budget.status})
        add(b, "period-start", {"iso-date": budget.period_start.isoformat()})
        add(b, "period-end", {"iso-date": budget.period_end.isoformat()})
        _value(b, budget)
    for paid in project.transactions:
        t = add(e, "transaction", {"ref": paid.ref})
        add(t, "transaction-type", {"code": paid.type})
        add(t, "transaction-date", {"iso-date": paid.date.isoformat()})
        _value(t, paid)
        _named(t, "description", paid.description, {})
        for tag, key in (("provider-org", paid.provider), ("receiver-org", paid.receiver)):
            side = organisations[key]
            _named(t, tag, side.name, {SSC + "org": key, "ref": side.identifiers, "type": TYPES[side.actor_type]})


def _value(parent: etree._Element, each: Budget | Transaction) -> None:
    attributes = {"currency": each.currency, "value-date": each.value_date.isoformat()}
    etree.SubElement(parent, "value", attributes).text = format(each.value, "f")


def _initiative(e: etree._Element, project: Project) -> None:
    block = etree.SubElement(e, SSC + "initiative", {"instrument": project.instrument, "version": "1"})
    for each in project.organisations:
        attributes = {"actor-type": each.actor_type, "country": each.country, "key": each.key}
        etree.SubElement(block, SSC + "organisation", attributes)
    for each in project.organisations:
        attributes = {"organisation": each.key, "phase": each.phase, "side": each.side, "function": each.function}
        etree.SubElement(block, SSC + "participation", attributes)
