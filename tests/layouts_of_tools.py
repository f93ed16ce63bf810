"""Sources in the layouts of other tools, as a test writes them, and what becomes of them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from lxml import etree
from openpyxl import Workbook

from builders import SETTINGS, TODAY
from ssc_iati.check.assemble import Assembler
from ssc_iati.check.project import check_all
from ssc_iati.check.publisher import locale_of
from ssc_iati.config import Settings
from ssc_iati.findings import Finding
from ssc_iati.map.as_it_stands import render_as_it_stands
from ssc_iati.read.dialects import Sheet, dialect
from ssc_iati.read.stage import open_staged
from ssc_iati.run import prepare, workspace

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
BOOKS = ("ActivityXLS", "ResultXLS", "IndicatorXLS", "PeriodXLS")
ID = "Activity Identifier"


def sheet(layout: str, name: str) -> Sheet:
    """A sheet of a layout."""
    return dialect(layout).sheet(name)


def write_csv(path: Path, headers: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Path:
    """A CSV file; what a row does not name is blank."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, headers, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_books(folder: Path, rows: Rows) -> Path:
    """IATI Publisher's workbooks with these rows by sheet; a blank row is an empty table."""
    folder.mkdir(exist_ok=True)
    books = {each: Workbook() for each in BOOKS if any(sheet("iati-publisher", name).book == each for name in rows)}
    for name, own in rows.items():
        of = sheet("iati-publisher", name)
        page = books[of.book].create_sheet(name)
        page.append(of.headers)
        for row in own:
            page.append([row.get(header) for header in of.headers])
    for name, book in books.items():
        book.worksheets[0].title = "Instructions"
        book.save(folder / f"{name}.xlsx")
    return folder


def read(
    source: Path, settings: Settings = SETTINGS, today: date = TODAY
) -> tuple[dict[str, etree._Element], list[Finding]]:
    """The activities of a source, whatever they lack, by identifier; and all that was said."""
    with workspace() as folder:
        prepared = prepare(source, settings, folder, today=today, render=False)
        heard, made = list(prepared.intake.findings), {}
        for chunk in prepared.intake.chunks:
            with open_staged(chunk.stage) as staged:
                assembler = Assembler(staged, locale_of(prepared.job.context.publisher))
                drafts = assembler.drafts(chunk.number)
                for draft, record in zip(drafts, check_all(drafts, prepared.job.context), strict=True):
                    heard += draft.findings
                    if record is not None:
                        made[record.iati_identifier] = etree.fromstring(render_as_it_stands(record).xml)
        with open_staged(str(prepared.stage)) as staged:
            heard += Assembler(staged, locale_of(prepared.job.context.publisher)).loose().findings
    return made, heard


def texts(activity: etree._Element, path: str) -> list[str]:
    """What stands at a path, in order."""
    return [str(each) for each in activity.xpath(path)]


def told(heard: Sequence[Finding], rule: str) -> list[tuple[str | None, int | None, str | None]]:
    """Where a rule was found: sheet, row, column."""
    return [(each.where.sheet, each.where.row, each.where.column) for each in heard if each.rule == rule]
