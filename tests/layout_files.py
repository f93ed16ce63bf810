"""Folders, sheets and files in other tools' layouts, and what becomes of them: for the tests of dialects."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from lxml import etree

from ssc_iati.config import Settings
from ssc_iati.findings import Finding
from ssc_iati.importing import Choices, import_file
from ssc_iati.map.as_it_stands import render_as_it_stands
from ssc_iati.map.equality import facts
from ssc_iati.record.organisation_file import OrganisationFile
from ssc_iati.record.project import Project
from ssc_iati.run import Report, check_source, convert

TODAY = date(2026, 11, 24)
ACTIVITY = {
    "activity_identifier": "XM-DAC-1-A", "title": "Water", "title_lang": "en", "description": "Wells",
    "description_lang": "en", "activity_status": "2", "default_currency": "USD", "xml_lang": "en",
    "reporting_org_ref": "XM-DAC-1", "reporting_org_name": "Agency", "reporting_org_type": "10",
    "planned_start_date": "2024-01-05", "recipient_country_code": "CO", "recipient_country_percentage": "100",
}  # fmt: skip
PARTNER = {"activity_identifier": "XM-DAC-1-A", "org_ref": "XM-DAC-2", "org_name": "Bee", "role": "1"}
SECTOR = {"activity_identifier": "XM-DAC-1-A", "sector_code": "14030", "vocabulary": "1", "percentage": "100"}


def table(folder: Path, name: str, *rows: dict[str, Any], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    """A CSV file of these rows, under the headers that they have."""
    folder.mkdir(parents=True, exist_ok=True)
    headers = dict.fromkeys(header for row in rows for header in row)
    with (folder / f"{name}.csv").open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(headers), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return folder / f"{name}.csv"


def sound(folder: Path, **more: str) -> Path:
    """A folder with one sound activity."""
    table(folder, "activities", ACTIVITY | more)
    table(folder, "participating_orgs", PARTNER)
    table(folder, "sectors", SECTOR)
    return folder


def checked(source: Path, **how: Any) -> tuple[Report, list[Finding]]:
    heard: list[Finding] = []
    return check_source(source, how.pop("settings", Settings()), heard.append, today=TODAY, **how), heard


def converted(source: Path, settings: Settings | None = None) -> tuple[Any, Report, list[Finding]]:
    """The XML that a source becomes; None, if nothing was written."""
    heard: list[Finding] = []
    target = source.with_name("converted.xml")
    report = convert(source, target, settings or Settings(), heard.append, today=TODAY)
    return (etree.parse(target).getroot() if report.written else None), report, heard


def rules(heard: list[Finding]) -> list[str]:
    return [each.rule for each in heard]


def brought_in(source: Path, **choices: str) -> tuple[list[Any], list[Finding]]:
    """The elements that a source's records say, as they stand."""
    heard: list[Finding] = []
    target = source.with_name(f"{source.name}.records.jsonl")
    report = import_file(source, target, heard.append, Choices(**choices))
    lines = target.read_text("utf-8").splitlines()[1:] if report.written else []
    return [_element(json.loads(line)) for line in lines], heard


def _element(values: dict[str, Any]) -> Any:
    del values["record_version"]
    record = (OrganisationFile if "identifier" in values else Project).model_validate(values)
    made = render_as_it_stands(record)
    element = etree.fromstring(made.xml)
    if made.updated is not None:
        element.set("last-updated-datetime", made.updated)
    return element


def said_by(elements: Any) -> Counter[Any]:
    """Every attribute and text, with the way there."""
    found = sum((facts(each) for each in elements), Counter())
    return Counter({way: number for way, number in found.items() if way[-2:-1] and way[-2].startswith(("text()", "@"))})
