"""From a value inside a record back to the cell, or the line and path, where it was written."""

import pytest

from builders import SETTINGS, TODAY, sound_project, sound_tables
from ssc_iati.check.places import Draft, shown
from ssc_iati.findings import Place
from ssc_iati.run import check_source


@pytest.mark.parametrize(
    ("loc", "words"), [((), ""), (("title",), "title"), (("a", 0, "b", 1, "c"), "a[0].b[1].c"), (("a", 2), "a[2]")]
)
def test_a_place_in_a_record_is_written_as_people_write_it(loc, words):
    assert shown(loc) == words


def found(source):
    heard = []
    check_source(source, SETTINGS, heard.append, today=TODAY)
    return {(each.rule, each.where.sheet, each.where.row, each.where.column, each.where.cell) for each in heard}


RESULT = {
    "project": "P-1",
    "result": "r",
    "indicator": "i",
    "result_type": "1",
    "result_title": "R",
    "indicator_title": "I",
    "indicator_measure": "1",
    "period_start": "2024-01-01",
    "period_end": "2024-12-31",
    "target_value": "1",
    "baseline_year": "2023",
    "baseline_value": "1",
}
TRANSACTION = {
    "project": "P-1",
    "type": "3",
    "date": "2024-05-01",
    "value": 10,
    "currency": "USD",
    "provider": "APC",
    "sector": None,
}
CELLS = [
    ("projects", {"capital_spend": 101}, "ssc-number-outside", "capital_spend"),
    ("projects", {"planned_start": "2024-06-01", "planned_end": "2024-05-01"}, "11.1.2", "planned_start"),
    ("projects", {"actual_end": "2999-01-01"}, "ssc-date-year", "actual_end"),
    ("projects", {"title": None}, "4.3.1", "title"),
    ("projects", {"status": "xyzzy"}, "ssc-term-unknown", "status"),
    (
        "projects",
        {"reporting_org_ref": "XM-DAC-41119", "reporting_org_type": "999", "reporting_org_name": "X"},
        "9.78.1",
        "reporting_org_type",
    ),
    ("projects", {"sdg_goals": "2; 99"}, "9.92.1", "sdg_goals"),
    ("organisations", {"country": "XX"}, "ssc-code-unknown", "country"),
    ("participations", {"organisation": "apc"}, "ssc-reference-unknown", "organisation"),
    ("recipient_countries", {"percentage": "50"}, "3.1.4", "percentage"),
    ("sectors", {"percentage": "50"}, "2.1.4", "percentage"),
    ("results", RESULT | {"indicator_title": None}, "ssc-result-incomplete", "indicator_title"),
    ("results", RESULT | {"result_title": None}, "ssc-result-incomplete", "result_title"),
    ("results", RESULT | {"indicator_measure": None}, "ssc-result-incomplete", "indicator_measure"),
    ("results", RESULT | {"period_start": "2025-01-01"}, "8.6.1", "period_start"),
    ("results", RESULT | {"target_value": "x"}, "8.9.2", "target_value"),
    ("results", RESULT | {"baseline_value": "x"}, "8.8.2", "baseline_value"),
    ("results", RESULT | {"baseline_year": "x"}, "ssc-form-unknown", "baseline_year"),
    ("transactions", TRANSACTION | {"currency": "XXZ"}, "9.94.1", "currency"),
    ("transactions", TRANSACTION | {"provider": "NO"}, "ssc-reference-unknown", "provider"),
    ("transactions", TRANSACTION | {"recipient_country": "HN"}, "3.6.2", "recipient_country"),
    ("transactions", TRANSACTION | {"value": None}, "ssc-amount-missing", "value"),
    ("locations", {"project": "P-1", "name": "X", "latitude": 95, "longitude": 5}, "ssc-number-outside", "latitude"),
    ("locations", {"project": "P-1", "name": "X", "reach": "9"}, "9.48.1", "reach"),
]


@pytest.mark.parametrize(("table", "changes", "rule", "column"), CELLS)
def test_a_finding_stands_at_the_cell_of_its_value(workbook_source, table, changes, rule, column):
    tables = sound_tables("P-1")
    rows = tables.setdefault(table, [{}])
    rows[0].update(changes)
    if column is not None:
        names = list(rows[0])
        cell = f"{chr(65 + names.index(column))}2"

    places = found(workbook_source(tables))

    expected = (table if column else "projects", 2, column, cell if column else None)
    assert [
        place[1:] for place in places if not place[0].startswith("9.") or place[0] == rule or rule.startswith("9.")
    ] == [expected]
    assert rule.startswith("9.") or {place[0] for place in places} == {rule}


def test_a_finding_about_the_second_description_stands_in_its_own_table(workbook_source):
    tables = sound_tables("P-1")
    tables["descriptions"] = [
        {"project": "P-1", "type": "2", "text": "x"},
        {"project": "P-1", "type": "4", "text": None},
    ]

    assert found(workbook_source(tables)) == {("4.4.1", "descriptions", 3, "text", "C3")}


def test_a_value_of_a_json_record_has_its_line_and_its_path(jsonl_source):
    record = sound_project("P-2", transactions=[{"type": "3", "date": "2024", "value": "1", "currency": "XXZ"}])
    heard = []

    check_source(jsonl_source([sound_project("P-1"), record]), SETTINGS, heard.append, today=TODAY)

    assert [(each.where.line, each.where.path, each.where.row) for each in heard] == [
        (2, "transactions[0].currency", None)
    ]


def test_a_draft_without_rows_gives_the_line_and_the_path():
    draft = Draft(0, Place("a.jsonl", line=4), values={"title": []})

    assert draft.place(("title", 3, "text")) == Place("a.jsonl", line=4, path="title[3].text")
    assert draft.place(()) == Place("a.jsonl", line=4)
