"""Which table a grid is, and which column stands under each header."""

import pytest

from ssc_iati.findings import Place
from ssc_iati.read.grid import Grid
from ssc_iati.read.layout import REASONS, bind
from ssc_iati.record.labels import column_label, table_label
from ssc_iati.record.tables import tables

LANGUAGES = ("en", "es", "pt", "fr")


def grid(name, *headers, row=1):
    return Grid(f"{name}.csv", None, name, row, headers, lambda: iter(()))


def names(bound):
    return [(each.index, each.name, each.language) for each in bound.bindings]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("table", tables(), ids=lambda each: each.name)
def test_every_table_with_its_headers_in_any_language_is_bound_whole(table, language):
    headers = [column_label(table.name, name, language) for name in table.header()]

    bound, problems = bind([grid(table_label(table.name, language), *headers)])

    assert problems == []
    assert [each.name for each in bound[table.name].bindings] == list(table.header())


@pytest.mark.parametrize(
    "header", ["title:es", "title_es", "title.es", "title-es", "title (es)", "title [ES]", "Título:es", "TITLE : ES"]
)
def test_a_header_may_name_the_language_of_its_texts(header):
    bound, problems = bind([grid("projects", "key", header)])

    assert problems == []
    assert names(bound["projects"]) == [(0, "key", None), (1, "title", "es")]


@pytest.mark.parametrize(
    ("header", "suggestion"),
    [("titel", "title (Title)"), ("title:xx", "title (Title)"), ("key:es", "key (Project code)"), ("qqqqqq", "-")],
)
def test_an_unknown_header_is_a_finding_at_its_place_with_a_suggestion(header, suggestion):
    _, problems = bind([grid("projects", "key", header, row=4)])

    assert [(each.rule, each.where, each.values) for each in problems] == [
        ("ssc-column-unknown", Place("projects.csv", None, 4, header), {"column": header, "suggestion": suggestion})
    ]


@pytest.mark.parametrize(("name", "suggestion"), [("proyetcos", "projects"), ("sectorz", "sectors"), ("qqqqqq", "-")])
def test_an_unknown_table_is_a_finding_with_a_suggestion(name, suggestion):
    bound, problems = bind([grid(name, "key")])

    assert bound == {}
    assert [(each.rule, each.values["suggestion"]) for each in problems] == [("ssc-table-unknown", suggestion)]


def test_two_sheets_of_one_table_are_a_finding_and_the_first_holds():
    bound, problems = bind([grid("projects", "key"), grid("Proyectos", "key")])

    assert bound["projects"].grid.name == "projects"
    assert [(each.rule, each.where.file, each.values["other"]) for each in problems] == [
        ("ssc-table-doubled", "Proyectos.csv", "projects")
    ]


def test_a_column_that_stands_twice_is_a_finding_but_not_in_two_languages():
    bound, problems = bind([grid("projects", "key", "title:es", "title:pt", "title", "Título", "status", "Estado")])

    assert [(each.rule, each.where.column) for each in problems] == [
        ("ssc-column-doubled", "Título"),
        ("ssc-column-doubled", "Estado"),
    ]
    assert names(bound["projects"])[1:4] == [(1, "title", "es"), (2, "title", "pt"), (3, "title", None)]


@pytest.mark.parametrize(
    ("table", "headers", "missing"),
    [
        ("projects", ["title"], ["key"]),
        ("organisations", ["name"], ["key"]),
        ("sectors", ["code"], ["project"]),
        ("capacities", ["type"], ["organisation"]),
        ("contributions", ["kind"], ["participation", "project"]),
        ("results", ["result_title", "project"], ["indicator", "result"]),
        ("publisher", ["language"], []),
    ],
)
def test_a_table_without_the_column_that_places_its_rows_is_a_finding(table, headers, missing):
    _, problems = bind([grid(table, *headers)])

    assert [(each.rule, each.values["column"]) for each in problems] == [
        ("ssc-column-missing", name) for name in missing
    ]


@pytest.mark.parametrize("header", ["", "  ", REASONS, "_Reasons"])
def test_a_blank_header_and_the_reasons_of_an_earlier_run_are_passed_over(header):
    bound, problems = bind([grid("projects", "key", header, "title")])

    assert problems == []
    assert names(bound["projects"]) == [(0, "key", None), (2, "title", None)]


def test_a_table_without_headers_is_no_table():
    assert bind([grid("projects")]) == ({}, [])


def test_the_place_of_a_column_is_found_by_its_name():
    bound = bind([grid("projects", "Clave", "title:es")])[0]["projects"]

    assert [bound.index(name) for name in ("key", "title", "status", None)] == [0, 1, None, None]
