import zipfile
from datetime import date, datetime, timedelta
from time import perf_counter

import openpyxl
import pytest
from openpyxl.styles import PatternFill

from ssc_iati.findings import SourceError
from ssc_iati.read.grid import place
from ssc_iati.read.workbook import workbook_grids

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "book.xlsx"


def save(path, *rows, title="projects"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return book


def replace_part(path, name, content):
    """The same workbook with one of its parts written anew, or added."""
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, data in {**parts, name: content}.items():
            archive.writestr(part, data)


def replace_rows(path, rows, before=""):
    xml = f'<?xml version="1.0"?>{before}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    replace_part(path, SHEET, xml)


def only_grid(path):
    (grid,) = workbook_grids(path, "given.xlsx")
    return grid


def refusal(path):
    with pytest.raises(SourceError) as raised:
        [list(grid.rows()) for grid in workbook_grids(path, "given.xlsx")]
    return raised.value.finding


def test_a_sheet_gives_its_headers_and_its_rows_with_their_numbers(path):
    save(path, ["key", "title"], ["P1", "Water"], [], [None, " "], ["P2"], ["P3", "a", "surplus"])

    grid = only_grid(path)

    assert (grid.file, grid.sheet, grid.name) == ("given.xlsx", "projects", "projects")
    assert (grid.header_row, grid.headers) == (1, ("key", "title"))
    rows = [(2, ["P1", "Water"]), (5, ["P2", None]), (6, ["P3", "a", "surplus"])]
    assert list(grid.rows()) == rows
    assert list(grid.rows()) == rows
    assert grid.problems == []


def test_a_place_names_the_cell_as_the_spreadsheet_does(path):
    save(path, ["key", "title"], ["P1", "Water"])

    where = place(only_grid(path), 2, 1)

    assert where.as_dict() == {"file": "given.xlsx", "sheet": "projects", "row": 2, "column": "title", "cell": "B2"}
    assert place(only_grid(path), 7, 28).cell == "AC7"


def test_headers_may_stand_below_blank_rows(path):
    save(path, [], [None], ["key", 2024], ["P1", 5])

    grid = only_grid(path)

    assert (grid.header_row, grid.headers) == (3, ("key", "2024"))
    assert list(grid.rows()) == [(4, ["P1", 5])]


def test_values_come_as_the_person_sees_them(path):
    moment = datetime(2024, 3, 25, 14, 30)  # noqa: DTZ001 - a workbook knows no time zones
    save(path, ["a"] * 8, [2024.0, 0.1 + 0.2, 1 / 3, True, date(2024, 3, 25), moment, "007", timedelta(hours=30)])

    ((_, cells),) = only_grid(path).rows()

    assert cells == [2024, 0.3, 1 / 3, True, date(2024, 3, 25), moment, "007", "1 day, 6:00:00"]
    assert [type(cell) for cell in cells[:2]] == [int, float]
    assert type(cells[4]) is date


def test_large_amounts_keep_their_cents(path):
    save(path, ["a"], [12345678901234.56])

    assert list(only_grid(path).rows()) == [(2, [12345678901234.56])]


def test_a_percentage_is_not_its_hundredth(path):
    book = save(path, ["share", "other"], [0.333, 0.5], [1, 0.07])
    for row in (2, 3):
        book.active.cell(row, 1).number_format = "0.0%"
    book.active.cell(3, 2).number_format = "0%"
    book.save(path)

    assert list(only_grid(path).rows()) == [(2, ["33.3%", 0.5]), (3, ["100%", "7%"])]


def test_hidden_sheets_are_read_and_chart_sheets_are_not(path):
    book = save(path, ["key"], ["P1"])
    book.create_sheet("lists").append(["code"])
    book["lists"].sheet_state = "hidden"
    book.create_chartsheet("chart")
    book.create_sheet("blank")
    book.save(path)

    grids = workbook_grids(path, "given.xlsx")

    assert [(grid.name, grid.headers) for grid in grids] == [
        ("projects", ("key",)),
        ("lists", ("code",)),
        ("blank", ()),
    ]


def test_faulty_properties_of_the_document_cost_no_data(path):
    save(path, ["key"], ["P1"])
    replace_part(path, "docProps/core.xml", "<broken")

    assert list(only_grid(path).rows()) == [(2, ["P1"])]


def test_a_formula_gives_the_value_that_was_stored(path):
    save(path, ["a"])
    stored = '<c r="B2"><f>1+1</f><v>2</v></c><c r="C2" t="str"><f>""</f><v></v></c>'
    replace_rows(path, f'<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>5</v></c>{stored}</row>')

    grid = only_grid(path)

    assert list(grid.rows()) == [(2, [5, 2])]
    assert grid.problems == []


def test_a_formula_that_was_never_calculated_is_a_finding_at_its_cell(path):
    save(path, ["key", "sum"], ["P1", "=1+1"])

    grid = only_grid(path)

    assert list(grid.rows()) == [(2, ["P1", None])]
    (problem,) = grid.problems
    assert (problem.rule, problem.where.cell, problem.where.row) == ("ssc-workbook-formula-empty", "B2", 2)


def test_reading_again_doubles_no_finding(path):
    save(path, ["key", "sum"], ["P1", "=1+1"])
    grid = only_grid(path)

    list(grid.rows())
    list(grid.rows())

    assert len(grid.problems) == 1


@pytest.mark.parametrize("value", ["#REF!", "#N/A", "#DIV/0!"])
def test_an_error_value_is_a_finding_at_its_cell(path, value):
    save(path, ["key", "sum"], ["P1", value])

    grid = only_grid(path)

    assert list(grid.rows()) == [(2, ["P1", None])]
    assert [(item.rule, item.where.cell, item.values) for item in grid.problems] == [
        ("ssc-workbook-error-value", "B2", {"value": value})
    ]


def test_what_is_no_value_of_its_type_is_a_finding_at_its_cell(path):
    save(path, ["a"])
    bad = '<c r="A2"><v>seven</v></c><c r="B2" t="s"><v>99</v></c><c r="C2"><v>1e999</v></c><c r="D2"><v>4</v></c>'
    replace_rows(path, f'<row r="1"><c r="A1"><v>1</v></c></row><row r="2">{bad}</row>')

    grid = only_grid(path)

    assert list(grid.rows()) == [(2, [None, None, None, 4])]
    assert [(item.rule, item.where.cell) for item in grid.problems] == [
        ("ssc-workbook-cell-unreadable", cell) for cell in ("A2", "B2", "C2")
    ]


def test_a_serial_number_that_means_no_date_is_a_finding(path):
    book = save(path, ["start"], [99999999])
    book.active.cell(2, 1).number_format = "yyyy-mm-dd"
    book.save(path)

    grid = only_grid(path)

    assert list(grid.rows()) == []
    assert [(item.rule, item.values) for item in grid.problems] == [
        ("ssc-workbook-cell-unreadable", {"value": "99999999"})
    ]


def test_dates_count_from_1904_where_the_workbook_does(path):
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(["start"])
    book.active.append([date(2024, 3, 25)])
    book.save(path)

    assert list(only_grid(path).rows()) == [(2, [date(2024, 3, 25)])]


def test_a_cell_that_excel_would_cut_is_a_finding(path):
    save(path, ["a"])
    text = "x" * 40_000
    replace_rows(
        path, f'<row><c t="inlineStr"><is><t>h</t></is></c></row><row><c t="inlineStr"><is><t>{text}</t></is></c></row>'
    )

    grid = only_grid(path)

    assert list(grid.rows()) == [(2, [text])]
    assert [(item.rule, item.where.cell) for item in grid.problems] == [("ssc-workbook-cell-long", "A2")]


def test_escaped_control_characters_become_themselves(path):
    save(path, ["text"], ["one_x000D_\ntwo_x000B_ _x0041_"])

    assert list(only_grid(path).rows()) == [(2, ["one\r\ntwo\x0b _x0041_"])]


def test_rows_and_cells_without_names_stand_where_they_come(path):
    save(path, ["a"])
    replace_rows(path, "<row><c><v>1</v></c><c/><c><v>3</v></c></row><row/><row><c/><c><v>5</v></c></row>")

    grid = only_grid(path)

    assert grid.headers == ("1", "", "3")
    assert list(grid.rows()) == [(3, [None, 5, None])]


def test_a_row_far_down_costs_nothing_and_is_not_lost(path):
    save(path, ["a"])
    replace_rows(path, '<row r="1"><c r="A1"><v>1</v></c></row><row r="999999999"><c r="A999999999"><v>5</v></c></row>')
    before = perf_counter()

    assert list(only_grid(path).rows()) == [(999999999, [5])]
    assert perf_counter() - before < 1


def test_formatted_blank_rows_are_passed_over(path):
    book = save(path, ["key"], ["P1"])
    for row in range(2, 3000):
        book.active.cell(row, 3).fill = PatternFill("solid", "FFFF00")
    book.active.cell(3000, 1, "last")
    book.save(path)

    assert list(only_grid(path).rows()) == [(2, ["P1"]), (3000, ["last"])]


def test_an_extension_that_openpyxl_does_not_know_raises_no_warning(path):
    save(path, ["key"], ["P1"])
    extension = '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"/></extLst>'
    replace_part(
        path,
        SHEET,
        f'<worksheet xmlns="{MAIN}"><sheetData><row><c><v>1</v></c></row></sheetData>'
        f"<conditionalFormatting><cfRule/></conditionalFormatting>{extension}</worksheet>",
    )

    assert only_grid(path).headers == ("1",)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "ssc-source-empty"),
        (b"%PDF-1.7\n...", "ssc-source-pdf"),
        (b"<html><body><table><tr><td>1</td></tr></table></body></html>", "ssc-source-html"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html>", "ssc-source-html"),
        (b'<?xml version="1.0"?><Workbook/>', "ssc-source-xml"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "ssc-workbook-old-xls"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + "EncryptedPackage".encode("utf-16-le"), "ssc-workbook-encrypted"),
        (b"key,title\nP1,Water\n", "ssc-source-unknown"),
        (b"PK\x03\x04 and nothing more", "ssc-workbook-damaged"),
    ],
)
def test_what_is_no_workbook_is_named(path, content, rule):
    path.write_bytes(content)

    item = refusal(path)

    assert item.rule == rule
    assert item.where.file == "given.xlsx"


@pytest.mark.parametrize(
    ("parts", "rule"),
    [
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}, "ssc-workbook-ods"),
        ({"[Content_Types].xml": "<Types/>", "xl/workbook.bin": "x"}, "ssc-workbook-xlsb"),
        ({"[Content_Types].xml": "<Types/>", "word/document.xml": "<x/>"}, "ssc-workbook-other-zip"),
        ({"projects.csv": "key\n"}, "ssc-workbook-other-zip"),
        ({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<x/>"}, "ssc-workbook-damaged"),
        ({"[Content_Types].xml": "no xml", "xl/workbook.xml": "<x/>"}, "ssc-workbook-damaged"),
    ],
)
def test_a_package_that_is_no_workbook_is_named(path, parts, rule):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)

    assert refusal(path).rule == rule


def test_a_workbook_that_breaks_off_is_damaged(path):
    save(path, *([f"text {number}"] for number in range(500)))
    path.write_bytes(path.read_bytes()[:3000])

    assert refusal(path).rule == "ssc-workbook-damaged"


def test_a_sheet_that_breaks_off_is_damaged(path):
    save(path, ["a"])
    replace_part(path, SHEET, f'<worksheet xmlns="{MAIN}"><sheetData><row><c><v>1</v></c></row><row><c>')

    assert refusal(path).rule == "ssc-workbook-damaged"


def test_a_part_that_swells_is_refused_unopened(path):
    save(path, ["a"])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/bomb.xml", "w") as stream:
        for _ in range(30):
            stream.write(b" " * 1_000_000)

    assert refusal(path).rule == "ssc-workbook-too-large"


LAUGHS = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 9))


@pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "[Content_Types].xml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("inner", [f'<!ENTITY l0 "ha">{LAUGHS}', '<!ENTITY l8 SYSTEM "file:///etc/hostname">'])
def test_entities_are_refused_in_every_part_and_encoding(path, part, encoding, inner):
    save(path, ["a"])
    rows = "<row><c><v>&l8;</v></c></row>"
    xml = f"<!DOCTYPE x [{inner}]><worksheet xmlns='{MAIN}'><sheetData>{rows}</sheetData></worksheet>"
    replace_part(path, part, xml.encode(encoding))

    item = refusal(path)

    assert (item.rule, item.values["part"]) == ("ssc-workbook-entities", part)


def test_a_text_of_200_megabytes_is_refused(path):
    save(path, ["a"])
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist() if part != SHEET}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, data in parts.items():
            archive.writestr(part, data)
        with archive.open(SHEET, "w") as stream:
            stream.write(f'<worksheet xmlns="{MAIN}"><sheetData><row><c t="inlineStr"><is><t>'.encode())
            for _ in range(200):
                stream.write(b"x" * 1_000_000)
            stream.write(b"</t></is></c></row></sheetData></worksheet>")

    assert refusal(path).rule == "ssc-workbook-too-large"
