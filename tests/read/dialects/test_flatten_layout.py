"""Sheets whose headers are paths of IATI: a CSV, a folder, a workbook."""

import pytest
from openpyxl import Workbook

from layout_files import brought_in, checked, converted, rules, table
from ssc_iati.findings import SourceError

MAIN = {
    "iati-identifier": "XM-DAC-1-A", "@default-currency": "USD", "@xml:lang": "en", "reporting-org/@ref": "XM-DAC-1",
    "reporting-org/@type": "10", "reporting-org/narrative": "Agency", "title/narrative": "Water",
    "description/0/narrative": "Wells", "activity-status/@code": "2", "activity-date/0/@type": "1",
    "activity-date/0/@iso-date": "2024-01-05", "participating-org/0/@role": "1", "participating-org/0/@ref": "XM-DAC-2",
    "participating-org/1/@role": "4 - Implementing", "participating-org/1/@ref": "XM-DAC-3",
    "recipient-country/0/@code": "CO", "sector/0/@code": "14030", "sector/0/@vocabulary": "1",
}  # fmt: skip
PAID = {
    "iati-identifier": "XM-DAC-1-A", "transaction/0/transaction-type/@code": "3",
    "transaction/0/transaction-date/@iso-date": "2024-02-01", "transaction/0/value": "10",
    "transaction/0/value/@currency": "USD", "transaction/0/value/@value-date": "2024-02-01",
}  # fmt: skip


def book(path, **sheets):
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        page = made.create_sheet(name)
        for row in rows:
            page.append(row)
    made.save(path)
    return path


def test_a_single_csv_is_enough(tmp_path):
    root, report, heard = converted(table(tmp_path, "any", MAIN))

    assert (report.accepted, rules(heard)) == (1, [])
    assert [each.get("role") for each in root[0].findall("participating-org")] == ["1", "4"]
    assert root[0].findtext("title/narrative") == "Water"


def test_rows_of_other_sheets_add_to_the_activity(tmp_path):
    table(tmp_path / "in", "main", MAIN)
    table(tmp_path / "in", "transaction", PAID, PAID | {"transaction/0/value": "20"})

    root, _, heard = converted(tmp_path / "in")

    assert rules(heard) == []
    assert [each.findtext("value") for each in root[0].findall("transaction")] == ["10", "20"]


def test_a_second_language_has_a_number(tmp_path):
    row = {"iati-identifier": "A", "title/narrative/0": "Water", "title/narrative/1": "Agua"}
    (found,), _ = brought_in(table(tmp_path, "a", row | {"title/narrative/1/@xml:lang": "es"}))

    assert [each.text for each in found.find("title")] == ["Water", "Agua"]
    assert found[1][1].get("{http://www.w3.org/XML/1998/namespace}lang") == "es"


def test_numbers_order_what_columns_do_not(tmp_path):
    row = {"iati-identifier": "A", "sector/2/@code": "11110", "sector/0/@code": "14030", "sector/10/@code": "15110"}
    (found,), _ = brought_in(table(tmp_path, "a", row))

    assert [each.get("code") for each in found.findall("sector")] == ["14030", "11110", "15110"]


@pytest.mark.parametrize(
    "rows", [[["@version"], ["2.02"]], [["@version", "2.02"]], [["what", "is"], ["@version", "2.02"]]]
)
def test_the_sheet_of_the_file_says_its_version(tmp_path, rows):
    source = book(tmp_path / "a.xlsx", Meta=rows, main=[list(MAIN), list(MAIN.values())])

    root, report, _ = converted(source)

    assert report.accepted == 1
    assert root.get("version") == "2.02"


def test_a_version_that_is_none_refuses_the_source(tmp_path):
    source = book(tmp_path / "a.xlsx", Meta=[["@version"], ["1.05"]], main=[list(MAIN), list(MAIN.values())])

    with pytest.raises(SourceError) as raised:
        checked(source)

    assert raised.value.finding.rule == "ssc-xml-version"


def test_rows_that_disagree_about_one_value_are_told(tmp_path):
    table(tmp_path / "in", "a", MAIN)
    table(
        tmp_path / "in", "b", {"iati-identifier": "XM-DAC-1-A", "title/narrative": "Wine", "@default-currency": "EUR"}
    )

    _, heard = checked(tmp_path / "in")

    assert ("ssc-rows-disagree", "@default-currency", 2) in {(e.rule, e.where.column, e.where.row) for e in heard}


def test_a_heading_that_is_no_path_of_iati_is_told_with_the_closest_one(tmp_path):
    _, heard = checked(table(tmp_path, "a", MAIN | {"transaction/0/values/@currency": "USD"}))

    (found,) = [each for each in heard if each.rule == "ssc-column-unknown"]
    assert found.values["suggestion"] == "transaction/value/@currency"


def test_a_cell_of_a_workbook_is_named_as_spreadsheets_do(tmp_path):
    rows = [list(MAIN), [*MAIN.values()]]
    rows[1][1] = "XXZ"

    _, heard = checked(book(tmp_path / "a.xlsx", main=rows))

    assert [(each.where.sheet, each.where.cell) for each in heard if each.rule == "9.3.1"] == [("main", "B2")]


def test_a_number_that_a_spreadsheet_means_as_a_date_is_one(tmp_path):
    rows = [list(MAIN), [*MAIN.values()]]
    rows[1][list(MAIN).index("activity-date/0/@iso-date")] = 45296

    (found,), _ = brought_in(book(tmp_path / "a.xlsx", main=rows))

    assert found.find("activity-date").get("iso-date") == "2024-01-05"


def test_hostile_cells_harm_no_other_activity(tmp_path):
    rows = [list(MAIN), [*MAIN.values()]]
    for number, cell in enumerate(
        ["=1+1", "x" * 32_767, True, 1.5, "#REF!", "<!DOCTYPE a>", "a\u200bb", -1, "_x0000_"]
    ):
        hostile = MAIN | {"iati-identifier": f"XM-DAC-1-{number}"}
        for name in ("title/narrative", "@default-currency", "activity-date/0/@iso-date", "sector/0/@code"):
            rows += [[cell if each == name else value for each, value in hostile.items()]]
    source = book(tmp_path / "a.xlsx", main=rows)

    root, report, heard = converted(source)

    assert report.projects == 10
    assert "XM-DAC-1-A" in [each.findtext("iati-identifier") for each in root]
    assert all(each.where.row for each in heard)


def test_a_nul_in_a_csv_is_refused_with_its_place(tmp_path):
    path = table(tmp_path, "a", MAIN | {"title/narrative": "a\0b"})

    with pytest.raises(SourceError) as raised:
        checked(path)

    assert raised.value.finding.rule == "ssc-csv-nul"


def test_a_row_that_is_longer_than_the_headers_sets_its_activity_aside_whole(tmp_path):
    path = table(tmp_path, "a", MAIN, MAIN | {"iati-identifier": "XM-DAC-1-B"})
    path.write_text(path.read_text() + "XM-DAC-1-B,1,2,3" + "," * 30 + "\n")

    root, report, heard = converted(path)

    assert (len(root), report.set_aside) == (1, 1)
    assert [(each.rule, each.where.row, each.identifier) for each in heard] == [("ssc-row-longer", 4, "XM-DAC-1-B")]


def test_lines_that_all_end_in_a_blank_cell_more_are_no_broken_rows(tmp_path):
    path = table(tmp_path, "a", MAIN)
    header, row = path.read_text().splitlines()
    path.write_text(f"{header}\n{row},\n")

    _, report, heard = converted(path)

    assert (report.accepted, rules(heard)) == (1, [])
