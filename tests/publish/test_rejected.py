"""What was set aside goes back in the layout of the source, and converts once it is mended there."""

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from builders import TODAY, sound_project, sound_tables, write_csv, write_jsonl, write_workbook
from ssc_iati.check.intake import Header
from ssc_iati.config import Settings
from ssc_iati.findings import Place
from ssc_iati.messages import finding
from ssc_iati.publish.rejected import SetAside, forget, rejected_path, write
from ssc_iati.read.layout import REASONS
from ssc_iati.run import convert

OWN = {
    "reporting_org_ref": "XM-DAC-41119",
    "reporting_org_type": "40",
    "reporting_org_name": "Oficina",
    "language": "es",
    "default_currency": "USD",
}
PUBLISHER = {
    "reporting_org": {"ref": "XM-DAC-41119", "type": "40", "names": "Oficina"},
    "language": "es",
    "default_currency": "USD",
}
HEADERS = {
    "projects": Header("s/projects.csv", None, "proyectos", 1, ("key", "title")),
    "sectors": Header("s/sectors.csv", None, "sectors", 1, ("project", "code")),
}


def run(source, target):
    heard = []
    report = convert(source, target, Settings(), heard.append, today=TODAY)
    return report, heard


def csv_rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def tables():
    return {"publisher": [OWN], **sound_tables("P-1", "P-2", "P-3")}


def test_the_rejected_stand_beside_their_target():
    target = Path("out/activities.xml")

    names = [rejected_path(target, kind).name for kind in ("workbook", "csv-folder", "jsonl", "json")]

    assert names == [f"activities.rejected{suffix}" for suffix in (".xlsx", ".csv", ".jsonl", ".json")]


def test_what_an_earlier_run_set_aside_is_forgotten_in_every_layout_and_nothing_else(tmp_path):
    target = tmp_path / "a.xml"
    (tmp_path / "a.rejected.csv").mkdir()
    (tmp_path / "a.rejected.csv" / "projects.csv").touch()
    for name in ("a.rejected.xlsx", "a.rejected.json", "a.rejected.jsonl", "b.rejected.json", "a.xml"):
        (tmp_path / name).touch()

    forget(target)
    forget(target)

    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.xml", "b.rejected.json"]


def test_each_row_has_its_own_reasons_and_the_project_those_that_stand_nowhere(tmp_path):
    item = SetAside(
        (("projects", 2, ["P", "x"]), ("sectors", 5, ["P", "1"]), ("sectors", 4, ["P"])),
        (
            finding("4.3.1", Place("s/projects.csv", row=2, column="title")),
            finding("ssc-code-missing", Place("s/sectors.csv", row=4)),
            finding("ssc-status-missing", Place("elsewhere.csv", row=4)),
        ),
    )

    write(tmp_path / "r.csv", "csv-folder", [item], HEADERS, "es")

    (project,) = csv_rows(tmp_path / "r.csv" / "proyectos.csv")
    first, second = csv_rows(tmp_path / "r.csv" / "sectors.csv")
    assert project[REASONS].count(" | ") == 1
    assert (first["code"], first[REASONS]) == ("1", "")
    assert second[REASONS].startswith("Falta el código")


def test_cells_beyond_the_last_header_stay_beyond_it(tmp_path):
    item = SetAside((("projects", 2, ["P", "x", "stray"]),), (finding("4.3.1", Place("s/projects.csv", row=2)),))

    write(tmp_path / "r.csv", "csv-folder", [item], HEADERS, "en")

    rows = list(csv.reader((tmp_path / "r.csv" / "proyectos.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0] == ["key", "title", REASONS]
    assert (rows[1][:2], rows[1][3:]) == (["P", "x"], ["stray"])
    assert rows[1][2].startswith("The project has no title")


def test_the_reasons_of_an_earlier_run_make_way_for_those_of_this_one(tmp_path):
    headers = {"projects": Header("s/projects.csv", None, "projects", 1, ("key", "_reasons", "title"))}
    item = SetAside((("projects", 2, ["P", "old reason", "x"]),), (finding("4.3.1", Place("s/projects.csv", row=2)),))

    write(tmp_path / "r.csv", "csv-folder", [item], headers, "en")

    (row,) = csv_rows(tmp_path / "r.csv" / "projects.csv")
    assert (list(row), row["title"]) == (["key", "title", REASONS], "x")
    assert "old reason" not in row[REASONS]


CELLS = [5, 5.25, True, date(2024, 3, 1), None, "=1+1", '=HYPERLINK("x")', "#N/A text", "12%", "ñ", "a\nb"]


def test_the_cells_of_a_workbook_come_back_as_they_stood(tmp_path):
    headers = {
        "projects": Header("s.xlsx", "Proyectos", "Proyectos", 1, tuple(f"c{number}" for number in range(len(CELLS))))
    }

    write(tmp_path / "r.xlsx", "workbook", [SetAside((("projects", 4, CELLS),), ())], headers, "en")

    sheet = load_workbook(tmp_path / "r.xlsx")["Proyectos"]
    found = [cell.value.date() if hasattr(cell.value, "date") else cell.value for cell in sheet[2]][: len(CELLS)]
    assert found == CELLS
    assert "f" not in {cell.data_type for cell in sheet[2]}


def test_numbers_of_json_keep_their_digits_and_lone_surrogates_end_no_run(tmp_path):
    value = {"key": "P", "a": Decimal("0.1"), "b": Decimal("12345678901234567.123456789"), "c": "x\ud800", "d": 5}

    write(tmp_path / "r.jsonl", "jsonl", [SetAside((("json", 1, value),), ())], {}, "en")

    record = json.loads((tmp_path / "r.jsonl").read_text(encoding="utf-8"), parse_float=Decimal)
    assert {name: record[name] for name in "abcd"} == {
        "a": Decimal("0.1"),
        "b": "12345678901234567.123456789",
        "c": "x\ud800",
        "d": 5,
    }


@pytest.mark.parametrize("kind", ["csv", "workbook"])
def test_rows_that_projects_share_come_back_once(tmp_path, kind):
    broken = tables()
    for project in broken["projects"][:2]:
        project["status"] = "xyzzy"
    source = write_csv(tmp_path / "s", broken) if kind == "csv" else write_workbook(tmp_path / "s.xlsx", broken)

    report, _ = run(source, tmp_path / "a.xml")

    assert (report.accepted, report.set_aside) == (1, 2)
    if kind == "csv":
        keys = [row["key"] for row in csv_rows(report.rejected / "organisations.csv")]
    else:
        keys = [row[0] for row in list(load_workbook(report.rejected)["organisations"].values)[1:]]
    assert keys == ["APC", "MAG"]


def test_a_folder_of_csv_converts_when_its_cell_is_mended_where_it_was_set_aside(tmp_path):
    broken = tables()
    broken["projects"][1]["status"] = "xyzzy"
    report, _ = run(write_csv(tmp_path / "s", broken), tmp_path / "a.xml")
    file = report.rejected / "projects.csv"

    file.write_text(file.read_text(encoding="utf-8-sig").replace("xyzzy", "implementation"), encoding="utf-8")
    again, heard = run(report.rejected, tmp_path / "b.xml")

    assert (again.projects, again.accepted, heard, again.rejected) == (1, 1, [], None)
    assert "XM-DAC-41119-P-2<" in (tmp_path / "b.xml").read_text(encoding="utf-8")


def test_a_workbook_converts_when_its_cell_is_mended_where_it_was_set_aside(tmp_path):
    broken = tables()
    broken["sectors"][2]["code"] = "99999"
    report, _ = run(write_workbook(tmp_path / "s.xlsx", broken), tmp_path / "a.xml")
    book = load_workbook(report.rejected)

    assert "99999" in book["sectors"]["D2"].value
    book["sectors"]["B2"] = 31166
    book.save(report.rejected)
    again, heard = run(report.rejected, tmp_path / "b.xml")

    assert (again.projects, again.accepted, heard) == (1, 1, [])


@pytest.mark.parametrize("layout", ["jsonl", "json"])
def test_json_converts_when_its_value_is_mended_where_it_was_set_aside(tmp_path, layout):
    shared = {"organisations": sound_project()["organisations"]}
    records = [
        {"publisher": PUBLISHER},
        shared,
        *(sound_project(key, organisations=None) for key in ("P-1", "P-2", "P-3")),
    ]
    records[2]["status"] = records[3]["status"] = "xyzzy"
    source = tmp_path / f"s.{layout}"
    if layout == "jsonl":
        write_jsonl(source, records)
    else:
        source.write_text(json.dumps(records), encoding="utf-8")
    report, _ = run(source, tmp_path / "a.xml")

    text = report.rejected.read_text(encoding="utf-8")
    report.rejected.write_text(text.replace("xyzzy", "implementation"), encoding="utf-8")
    again, heard = run(report.rejected, tmp_path / "b.xml")

    assert text.count(REASONS) == 2
    assert (again.projects, again.accepted, heard) == (2, 2, [])


def test_bytes_that_are_no_text_come_back_as_the_bytes_that_they_were(tmp_path):
    source = write_csv(tmp_path / "s", tables())
    file = source / "projects.csv"
    file.write_bytes(file.read_bytes().replace(b"Semillas para P-2", "Añño ñ ".encode() + b"\xff"))

    report, heard = run(source, tmp_path / "a.xml")

    assert (report.accepted, report.set_aside) == (2, 1)
    assert {each.rule for each in heard} == {"ssc-csv-broken-bytes", "ssc-text-undecodable"}
    assert b"\xff" in (report.rejected / "projects.csv").read_bytes()


def test_rows_of_no_project_are_set_aside_with_their_reason(tmp_path):
    broken = tables()
    broken["sectors"].append({"project": "NONE", "code": "31120"})
    broken["capacities"] = [{"organisation": "NONE", "type": "training"}]
    broken["organisations"].append({"key": None, "name": "Sin clave"})

    report, _ = run(write_csv(tmp_path / "s", broken), tmp_path / "a.xml")

    assert (report.accepted, report.set_aside) == (3, 0)
    assert not report.well
    lost = {file.stem: csv_rows(file)[-1] for file in report.rejected.iterdir()}
    assert lost["sectors"]["code"] == "31120"
    assert lost["organisations"]["name"] == "Sin clave"
    assert all(lost[name][REASONS] for name in ("sectors", "capacities", "organisations"))


def test_an_organisation_that_stands_twice_comes_back_with_both_rows(tmp_path):
    broken = tables()
    broken["organisations"].append({"key": "MAG", "name": "Otro ministerio", "actor_type": "government-body"})

    report, _ = run(write_csv(tmp_path / "s", broken), tmp_path / "a.xml")

    assert [row["name"] for row in csv_rows(report.rejected / "organisations.csv")] == [
        "Agencia de Cooperación",
        "Ministerio de Agricultura",
        "Otro ministerio",
    ]


def test_a_write_that_fails_leaves_what_was_set_aside_before_and_no_draft(tmp_path):
    path = tmp_path / "r.csv"
    write(path, "csv-folder", [SetAside((("projects", 2, ["P", "x"]),), ())], HEADERS, "en")

    def failing():
        yield SetAside((("projects", 3, ["Q", "y"]),), ())
        raise OSError("No space left")

    with pytest.raises(OSError, match="No space"):
        write(path, "csv-folder", failing(), HEADERS, "en")

    assert [each.name for each in tmp_path.iterdir()] == ["r.csv"]
    assert csv_rows(path / "proyectos.csv")[0]["key"] == "P"
