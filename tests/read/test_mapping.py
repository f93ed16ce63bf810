"""A column mapping: what it may say, and what becomes of sheets under it."""

import csv
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from builders import SETTINGS, TODAY, rules_of, sound_tables, write_csv
from ssc_iati.config import SourceOptions
from ssc_iati.findings import SourceError
from ssc_iati.read.address import Database
from ssc_iati.read.layout import REASONS
from ssc_iati.read.mapping import Mapping, read_mapping
from ssc_iati.run import check_source, convert

MINISTRY = Path(__file__).parents[2] / "fixtures" / "ministry"
ADVICE = {"ssc-mapping-not-of-source", "ssc-mapping-rows-skipped", "ssc-actor-type-missing"}


def written(folder, text):
    (folder / "mapping.toml").write_text(text, "utf-8")
    return folder / "mapping.toml"


def under(mapping, tables=None):
    return SETTINGS.model_copy(update={"source": SourceOptions(mapping=mapping, tables=tables or {})})


def checked(source, mapping, tables=None):
    heard = []
    return check_source(source, under(mapping, tables), heard.append, today=TODAY), heard


def converted(source, target, settings=SETTINGS):
    heard = []
    report = convert(source, target, settings, heard.append, today=TODAY, language="es")
    return report, heard


def sheet(folder, rows, name="Hoja1.csv"):
    folder.mkdir(exist_ok=True)
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder / name


# --- What a mapping may say -------------------------------------------------------------------------------------------


def test_the_mapping_of_the_fixture_is_sound():
    mapping = read_mapping(MINISTRY / "mapping.toml")

    assert [feed.table for feed in mapping.sheet[0].feeds()][:2] == ["projects", "organisations"]
    assert mapping.locale.decimal_mark == ","


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[sheet]", "line 1"),
        ("version = '2'\n[[sheet]]\ntable = 'projects'\ncolumns = {a = 'key'}", "version"),
        ("[[sheet]]\ncolumns = {a = 'key'}", "feeds no table"),
        ("[[sheet]]\ntable = 'projets'\ncolumns = {a = 'key'}", "key"),
        ("[[sheet]]\ntable = 'projcts'\ncolumns = {a = 'key'}", "the closest is projects"),
        ("[[sheet]]\ntable = 'projects'\ncolumns = {a = 'titel'}", "no column titel"),
        ("[[sheet]]\ntable = 'projects'\ncolumns = {a = 'title', b = 'title'}", "title is given by more than one"),
        ("[[sheet]]\ntable = 'projects'\ncolumns = {a = 'title'}\nconstants = {title = 'x'}", "more than one"),
        ("[[sheet]]\ntable = 'projects'\ncolumns = {a = 'key'}\nconstants = {status = 'on'}", "status: on is not in"),
        ("[[sheet]]\ntable = 'projects'\ncolumns = {a = 'key'}\ndefaults = {title = 'on'}", "no column is mapped to"),
        ("[[sheet]]\ntable = 'projects'\ncolumns = {a = 'status'}\n[sheet.values.a]\nX = 'finishd'", "finished"),
        ("[[sheet]]\ntable = 'projects'\ncolumns = {a = 'title'}\nsplit = {a = ','}", "holds one title"),
        ("[[sheet]]\ntable = 'projects'\ncolumns = {a = 'sdg_goals'}\nsplit = {a = ''}", "say the sign"),
        ("[[sheet]]\ntable = 'projects'\ncolumns = {a = 'key'}\nheader_row = 0", "header_row"),
        ("[[sheet]]\ntable = 'projects'\ncolumn = {a = 'key'}", "column"),
    ],
)
def test_what_a_mapping_may_not_say_is_named(tmp_path, text, said):
    if "projets" in text:  # a table may be written in any of the languages
        assert read_mapping(written(tmp_path, text))
        return

    with pytest.raises(SourceError) as raised:
        read_mapping(written(tmp_path, text))

    assert raised.value.finding.rule == "ssc-mapping-invalid"
    assert said in raised.value.finding.values["problem"]


def test_a_mapping_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(SourceError) as raised:
        read_mapping(tmp_path / "none.toml")

    assert raised.value.finding.where.file.endswith("none.toml")


# --- A ministry's own sheet -------------------------------------------------------------------------------------------


def test_a_ministrys_sheet_becomes_records(tmp_path):
    report, heard = converted(MINISTRY / "fichas.csv", tmp_path / "a.xml", under(MINISTRY / "mapping.toml"))

    assert (report.projects, report.accepted, report.set_aside) == (4, 3, 1)
    assert set(rules_of(heard)) == {*ADVICE, "6.11.1"}
    text = (tmp_path / "a.xml").read_text("utf-8")
    assert '<narrative xml:lang="es">Semillas criollas para el valle</narrative>' in text
    assert 'amount="12500.50" currency="USD" certainty="inferred"' in text
    assert '<tag code="15" vocabulary="2"/>' in text
    assert 'function="technical-counterpart"' in text


def test_places_are_those_of_the_persons_own_sheet(tmp_path):
    text = (
        (MINISTRY / "fichas.csv").read_text("utf-8").replace("Ejecuta", "Ejecutaa").replace("30/06/2026", "30/13/2026")
    )
    (tmp_path / "fichas.csv").write_text(text, "utf-8")

    _, heard = checked(tmp_path / "fichas.csv", MINISTRY / "mapping.toml")

    (unknown,) = [each for each in heard if each.rule == "ssc-mapping-value-unknown"]
    assert (unknown.where.row, unknown.where.column) == (5, "Papel 2")
    assert (unknown.values["value"], unknown.values["suggestion"]) == ("Ejecutaa", "Ejecuta")
    assert unknown.identifier == "XM-DAC-41119-F-002"
    (impossible,) = [each for each in heard if each.rule == "ssc-date-impossible"]
    assert (impossible.where.row, impossible.where.column) == (5, "Cierre previsto")


def test_the_cells_of_a_workbook_keep_their_names(tmp_path):
    book = Workbook()
    book.active.title = "fichas"
    with (MINISTRY / "fichas.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file, delimiter=";"):
            book.active.append([cell.replace("Perú", "Perúu") or None for cell in row])
    book.save(tmp_path / "libro.xlsx")

    report, heard = converted(tmp_path / "libro.xlsx", tmp_path / "a.xml", under(MINISTRY / "mapping.toml"))

    (unknown,) = [each for each in heard if each.where.column == "País socio"]
    assert (unknown.where.sheet, unknown.where.row, unknown.where.cell) == ("fichas", 6, "H6")
    assert report.set_aside == 1
    back = load_workbook(report.rejected)["fichas"]
    assert [cell.value for cell in back[3]][:2] == ["N.° ficha", "Denominación de la iniciativa"]
    assert back[3][-1].value == REASONS
    assert back[4][0].value == "F-003"


def test_what_was_set_aside_comes_back_in_the_persons_sheet_and_can_be_read_again(tmp_path):
    first, _ = converted(MINISTRY / "fichas.csv", tmp_path / "a.xml", under(MINISTRY / "mapping.toml"))
    back = first.rejected / "fichas.csv"
    back.write_text(back.read_text("utf-8-sig").replace("cuatro museos,,", "cuatro museos,01/02/2020,"), "utf-8")

    again, heard = converted(first.rejected, tmp_path / "b.xml", under(MINISTRY / "mapping.toml"))

    assert (again.projects, again.accepted) == (1, 1)
    assert not {each.rule for each in heard} - ADVICE - {"ssc-mapping-headers-unused"}


def test_a_query_can_be_mapped(fill, tmp_path):
    with (MINISTRY / "fichas.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file, delimiter=";"))[2:]
    address = fill(tables={"datos": [dict(zip(header, row, strict=True)) for row in rows]})
    text = (MINISTRY / "mapping.toml").read_text("utf-8").replace("header_row = 3\n", "")

    query = {"fichas": "SELECT * FROM datos ORDER BY 1"}
    report, heard = checked(Database(address), written(tmp_path, text), query)

    assert (report.projects, report.accepted) == (4, 3)
    (where,) = [each.where for each in heard if each.rule == "6.11.1"]
    assert (where.sheet, where.row, where.column, where.cell) == ("fichas", 3, "Arranque", None)


# --- What it finds ----------------------------------------------------------------------------------------------------

SMALL = """
[[sheet]]
table = "projects"
columns = { "Cód" = "key", "Nombre" = "title", "Estado" = "status" }
"""


def test_headers_that_are_missing_or_unused_are_told_once(tmp_path):
    source = sheet(tmp_path, [["Código", "Nombre", "Estado", "Otra", "Más"], ["1", "a", "Implementación", "x", "y"]])

    _, heard = checked(source, written(tmp_path, SMALL))

    (missing,) = [each for each in heard if each.rule == "ssc-mapping-header-missing"]
    assert (missing.values["header"], missing.values["suggestion"]) == ("Cód", "Código")
    (unused,) = [each for each in heard if each.rule == "ssc-mapping-headers-unused"]
    assert unused.values["headers"] == "Código, Otra, Más"


def test_sheets_that_are_missing_or_unused_are_told(tmp_path):
    sheet(tmp_path / "s", [["Cód", "Nombre", "Estado"], ["1", "a", "Implementación"]])
    sheet(tmp_path / "s", [["a"], ["b"]], "Notas.csv")
    mapping = written(
        tmp_path,
        SMALL.replace("[[sheet]]", '[[sheet]]\nname = "hoja*"')
        + "\n[[sheet]]\nname = 'Hoja9'\ntable = 'sectors'\ncolumns = {a = 'code'}",
    )

    _, heard = checked(tmp_path / "s", mapping)

    found = {each.rule: each.values for each in heard}
    assert found["ssc-mapping-sheet-missing"] == {"sheet": "Hoja9", "suggestion": "Hoja1"}
    assert found["ssc-mapping-sheet-unused"] == {"sheet": "Notas"}
    assert [each.where.file for each in heard if each.rule == "ssc-mapping-sheet-missing"] == [str(tmp_path / "s")]


def test_a_header_row_that_is_not_there_is_told(tmp_path):
    source = sheet(tmp_path, [["Cód", "Nombre", "Estado"], ["1", "a", "Implementación"]])

    with pytest.raises(SourceError) as raised:
        checked(source, written(tmp_path, SMALL.replace("[[sheet]]", "[[sheet]]\nheader_row = 9")))

    assert (raised.value.finding.rule, raised.value.finding.values["row"]) == ("ssc-mapping-header-row", "9")


def test_records_in_json_have_no_columns(jsonl_source, tmp_path):
    with pytest.raises(SourceError) as raised:
        checked(jsonl_source([{}]), written(tmp_path, SMALL))

    assert raised.value.finding.rule == "ssc-mapping-no-tables"


def test_a_sheet_in_our_own_layout_stands_beside_mapped_ones(tmp_path):
    tables = sound_tables("P-1")
    tables["Hoja1"] = [
        {"Cód": "P-1", "Nombre": "Semillas", "Estado": "Implementación", "Texto": "x", "Desde": "2024-03-01"}
    ]
    del tables["projects"]
    text = SMALL.replace("[[sheet]]", '[[sheet]]\nname = "Hoja1"').replace(
        '"status" }', '"status", "Texto" = "description", "Desde" = "actual_start" }'
    )

    report, heard = checked(write_csv(tmp_path / "s", tables), written(tmp_path, text))

    assert (report.accepted, heard) == (1, [])


def test_a_shifted_row_is_set_aside_whole_and_harms_no_other(tmp_path):
    source = sheet(
        tmp_path, [["Cód", "Nombre", "Estado"], ["1", "a", "b", "Implementación"], ["2", "a", "Implementación"]]
    )

    _, heard = checked(source, written(tmp_path, SMALL))

    (stray,) = [each for each in heard if each.rule == "ssc-cell-without-header"]
    assert (stray.where.row, stray.identifier) == (2, "XM-DAC-41119-1")
    (unknown,) = [each for each in heard if each.rule == "ssc-term-unknown"]
    assert unknown.where.row == 2


PARTNERS = """
[[sheet]]
merge = true
fill_down = "Cód"
table = "projects"
columns = { "Cód" = "key", "Nombre" = "title" }
[[sheet.also]]
table = "organisations"
columns = { "Socios" = ["key", "name"], "Clase" = "actor_type" }
split = { "Socios" = "/", "Clase" = "/" }
[[sheet.also]]
table = "participations"
columns = { "Socios" = "organisation", "Fase" = "phase" }
defaults = { phase = "unspecified" }
split = { "Socios" = "/" }
"""


def grids(source, mapping, folder):
    from ssc_iati.read.mapped import map_grids
    from ssc_iati.read.opened import Reading, opened

    read = read_mapping(mapping)
    with opened(source, str(source), Reading({}, read)) as opened_grids:
        made = map_grids(opened_grids, read, folder / "spool.sqlite")
    rows = {grid.name: [dict(zip(grid.headers, cells, strict=True)) for _, cells in grid.rows()] for grid in made.grids}
    problems = [each for grid in made.grids for each in grid.problems]
    return rows, [*made.findings, *problems]


def test_cells_are_split_rows_merged_and_blanks_filled_down(tmp_path):
    rows = [
        ["Cód", "Nombre", "Socios", "Clase", "Fase"],
        ["1", "a", "Uno / DOS", "Entidad gubernamental/", "Evaluación"],
        [None, "a", "dos/Tres", "", ""],
        ["2", "b", "Uno", "", None],
    ]

    made, found = grids(sheet(tmp_path, rows), written(tmp_path, PARTNERS), tmp_path)

    assert made["projects"] == [{"key": "1", "title": "a"}, {"key": "2", "title": "b"}]
    assert [row["key"] for row in made["organisations"]] == ["Uno", "DOS", "Tres"]
    assert [
        (row["project"], row["organisation"], row["phase"], row["certainty"]) for row in made["participations"]
    ] == [
        ("1", "Uno", "Evaluación", None),
        ("1", "DOS", "Evaluación", None),
        ("1", "DOS", "unspecified", "inferred"),
        ("1", "Tres", "unspecified", "inferred"),
        ("2", "Uno", "unspecified", "inferred"),
    ]
    assert "ssc-mapping-split-uneven" in rules_of(found)


def test_rows_of_one_key_that_disagree_are_told_at_the_later_cell(tmp_path):
    rows = [["Cód", "Nombre", "Socios", "Clase", "Fase"], ["1", "a", "Uno"], ["2", "c", ""], [None, "d", "Dos"]]

    made, found = grids(sheet(tmp_path, rows), written(tmp_path, PARTNERS), tmp_path)

    (told,) = [each for each in found if each.rule == "ssc-rows-disagree"]
    assert (told.where.row, told.where.column, told.values) == (4, "Nombre", {"key": "2", "field": "title"})
    assert made["projects"][1]["title"] == "c"


def test_what_a_later_row_fills_keeps_its_own_place(tmp_path):
    rows = [["Cód", "Nombre", "Socios", "Clase"], ["1", "a", "Uno", ""], ["2", "b", "Uno", "nada parecido"]]

    _, heard = checked(sheet(tmp_path, rows), written(tmp_path, PARTNERS))

    (unknown,) = {each.where for each in heard if each.rule == "ssc-term-unknown"}
    assert (unknown.row, unknown.column) == (3, "Clase")


def test_typed_cells_pass_through_a_mapping_as_they_are(tmp_path):
    book = Workbook()
    book.active.append(["Cód", "Nombre", "Estado"])
    book.active.append([7, date(2024, 2, 1), 0.1])
    book.save(tmp_path / "a.xlsx")

    made, _ = grids(tmp_path / "a.xlsx", written(tmp_path, SMALL), tmp_path)

    row = made["projects"][0]
    assert (row["key"], row["title"], row["status"]) == (7, date(2024, 2, 1), 0.1)


def test_numbers_in_a_mapping_are_exact():
    raw = tomllib.loads("[[sheet]]\ntable = 'budgets'\nconstants = {value = 0.1}", parse_float=Decimal)

    assert Mapping.model_validate(raw).sheet[0].constants["value"] == Decimal("0.1")


# --- Laws -------------------------------------------------------------------------------------------------------------

_HEADERS = st.text(st.characters(categories=("L", "N", "Zs", "Po")), min_size=1, max_size=12).map(str.strip)


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_a_sheet_with_any_headers_gives_what_our_own_layout_gives(tmp_path_factory, data):
    tables = sound_tables("P-1", "P-2")
    folder = tmp_path_factory.mktemp("law")
    lines = []
    for name, rows in tables.items():
        own = list(dict.fromkeys(header for row in rows for header in row))
        theirs = [f"{data.draw(_HEADERS)} x{at}" for at in range(len(own))]
        above = data.draw(st.integers(0, 3))
        order = data.draw(st.permutations(range(len(own))))
        titles = [[f"title {at}"] for at in range(above)]
        body = [[row.get(own[at]) for at in order] for row in rows]
        sheet(folder, [*titles, [theirs[at] for at in order], *body], f"their {name}.csv")
        columns = ", ".join(f"{_quoted(theirs[at])} = {_quoted(own[at])}" for at in range(len(own)))
        lines += [
            "[[sheet]]",
            f"name = 'their {name}'",
            f"header_row = {above + 1}",
            f"table = '{name}'",
            f"columns = {{ {columns} }}",
        ]

    report, heard = converted(folder, folder / "mapped.xml", under(written(folder, "\n".join(lines))))

    converted(write_csv(folder / "own", tables), folder / "own.xml")
    assert (report.accepted, heard) == (2, [])
    assert (folder / "mapped.xml").read_bytes() == (folder / "own.xml").read_bytes()


def _quoted(text):
    import json

    return json.dumps(text, ensure_ascii=False)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.lists(st.sampled_from(["APC", "MAG", "UNO", "DOS"]), max_size=4, unique=True), min_size=1, max_size=4)
)
def test_a_wide_sheet_gives_what_long_tables_give(tmp_path_factory, partners):
    folder = tmp_path_factory.mktemp("wide")
    header = ["Cód", *(f"Socio {n}" for n in range(1, 5))]
    rows = [[f"P-{at}", *each, *[None] * (4 - len(each))] for at, each in enumerate(partners)]
    text = """
        [[sheet]]
        table = "projects"
        columns = { "Cód" = "key" }
        [[sheet.also]]
        table = "organisations"
        columns = { "Socio {n}" = "key" }
        [[sheet.also]]
        table = "participations"
        columns = { "Socio {n}" = "organisation" }
        constants = { key = "p{n}" }
    """

    made, found = grids(sheet(folder, [header, *rows]), written(folder, text), folder)

    assert [row["key"] for row in made["projects"]] == [f"P-{at}" for at in range(len(partners))]
    assert [row["key"] for row in made.get("organisations", [])] == list(
        dict.fromkeys(each for some in partners for each in some)
    )
    expected = [(f"P-{at}", who, f"p{n}") for at, some in enumerate(partners) for n, who in enumerate(some, 1)]
    assert [(row["project"], row["organisation"], row["key"]) for row in made.get("participations", [])] == expected
    assert found == []
