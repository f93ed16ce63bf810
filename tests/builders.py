"""A sound record, and the ways to write it: the smallest input that gives no finding, for tests to break."""

from __future__ import annotations

import csv
import json
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from ssc_iati.check.context import Context
from ssc_iati.check.places import Draft
from ssc_iati.check.project import check
from ssc_iati.check.references import named
from ssc_iati.config import Settings
from ssc_iati.findings import Finding, Place
from ssc_iati.read.stage import open_staged
from ssc_iati.record.project import Project, Publisher

TODAY = date(2026, 1, 31)
REPORTER = {"ref": "XM-DAC-41119", "type": "40", "names": [{"text": "Reporting Office"}]}
SETTINGS = Settings.model_validate(
    {"publisher": {"reporting_org": REPORTER, "language": "es", "default_currency": "USD"}}
)

Tables = dict[str, list[dict[str, Any]]]


def context(**publisher: Any) -> Context:
    """What the checks know; the publisher that every test has unless it says otherwise."""
    return Context(SETTINGS.publisher.model_copy(update=publisher), TODAY)


def bare() -> Context:
    """A context in which nobody publishes."""
    return Context(Publisher(), TODAY)


def sound_project(key: str = "P-1", **changes: Any) -> dict[str, Any]:
    """A record that gives no finding; a change of None takes the field away."""
    record: dict[str, Any] = {
        "key": key,
        "title": [{"text": f"Semillas para {key}"}],
        "descriptions": [{"type": "1", "text": [{"text": "Intercambio de semillas nativas"}]}],
        "status": "implementation",
        "activity_dates": [{"type": "2", "date": "2024-03-01"}],
        "organisations": [
            {"key": "APC", "names": [{"text": "Agencia de Cooperación"}], "actor_type": "cooperation-agency"},
            {"key": "MAG", "names": [{"text": "Ministerio de Agricultura"}], "actor_type": "government-body"},
        ],
        "participations": [
            {
                "key": "a",
                "organisation": "APC",
                "phase": "implementation-followup",
                "side": "provider",
                "function": "funder",
            },
            {
                "key": "b",
                "organisation": "MAG",
                "phase": "implementation-followup",
                "side": "recipient",
                "function": "executing-agency",
            },
        ],
        "recipient_countries": [{"code": "HN"}],
        "sectors": [{"code": "31166"}],
    }
    merged = {**record, **deepcopy(changes)}
    return {name: value for name, value in merged.items() if value is not None}


def sound_tables(*keys: str) -> Tables:
    """The same record as tables; one project for each key, the organisations shared by all."""
    names = keys or ("P-1",)
    return {
        "projects": [
            {
                "key": key,
                "title": f"Semillas para {key}",
                "description": "Intercambio de semillas nativas",
                "status": "implementation",
                "actual_start": "2024-03-01",
            }
            for key in names
        ],
        "organisations": [
            {"key": "APC", "name": "Agencia de Cooperación", "actor_type": "cooperation-agency", "founded": None},
            {"key": "MAG", "name": "Ministerio de Agricultura", "actor_type": "government-body", "founded": None},
        ],
        "participations": [
            {
                "key": row,
                "project": key,
                "organisation": who,
                "phase": "implementation-followup",
                "side": side,
                "function": function,
            }
            for key in names
            for row, who, side, function in (
                ("a", "APC", "provider", "funder"),
                ("b", "MAG", "recipient", "executing-agency"),
            )
        ],
        "recipient_countries": [{"project": key, "code": "HN"} for key in names],
        "sectors": [{"project": key, "code": "31166", "percentage": None} for key in names],
    }


def checked(record: dict[str, Any], about: Context | None = None) -> tuple[Project | None, list[Finding]]:
    """A record through the checks alone."""
    draft = Draft(0, Place("records.jsonl", line=1), values=deepcopy(record))
    draft.named = named(Project, draft.values)
    return check(draft, about or context()), draft.findings


def rules_of(findings: list[Finding]) -> list[str]:
    return sorted(each.rule for each in findings)


def write_csv(folder: Path, tables: Tables) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerows(_grid(rows))
    return folder


def write_workbook(path: Path, tables: Tables) -> Path:
    book = Workbook(write_only=True)
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        for row in _grid(rows):
            sheet.append(row)
    book.save(path)
    return path


def write_jsonl(path: Path, records: list[Any]) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
    return path


def _grid(rows: list[dict[str, Any]]) -> list[list[Any]]:
    headers = list(dict.fromkeys(name for row in rows for name in row))
    return [headers, *([row.get(name) for name in headers] for row in rows)]


def staged_rows(stage: Path, number: int) -> list[tuple[str, int, Any]]:
    with open_staged(str(stage)) as staged:
        return list(staged.rows(number))
