"""The first pass: keys, identifiers, rows of no project, and what belongs to the file."""

import json
from pathlib import Path

import pytest

from builders import REPORTER, SETTINGS, TODAY, sound_project, sound_tables
from ssc_iati.check.intake import take_in
from ssc_iati.config import Settings
from ssc_iati.findings import SourceError
from ssc_iati.read.stage import CHUNK
from ssc_iati.run import check_source


def found(source, settings=SETTINGS):
    """Every finding of a check, with its place as rule, file or sheet, row or line, column."""
    heard = []
    check_source(source, settings, heard.append, today=TODAY)
    return [
        (
            each.rule,
            each.where.sheet or Path(each.where.file).name,
            each.where.row or each.where.line,
            each.where.column,
        )
        for each in heard
    ], heard


def document(path, value):
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


@pytest.mark.parametrize("build", ["csv_source", "workbook_source"])
@pytest.mark.parametrize("twin", ["P-1", "p-1", "P_1", "P 1", " P-1", "Ｐ-1"])
def test_a_key_that_people_read_as_another_is_found_on_both_rows(build, twin, request):
    tables = sound_tables("P-1", "P-2")
    tables["projects"][1]["key"] = twin
    for name in ("participations", "recipient_countries", "sectors"):
        for row in tables[name]:
            row["project"] = twin if row["project"] == "P-2" else "P-1"

    places, heard = found(request.getfixturevalue(build)(tables))

    doubled = [(row, column) for rule, _, row, column in places if rule == "ssc-key-doubled"]
    assert doubled == [(2, "key"), (3, "key")]
    spots = [each.values["spot"] for each in heard if each.rule == "ssc-key-doubled"]
    assert [spot.rpartition(", ")[2] for spot in spots] == ["3", "2"]


def test_three_projects_of_one_key_are_all_named(jsonl_source):
    source = jsonl_source([sound_project("P-1"), sound_project("p-1"), sound_project("P_1"), sound_project("P-2")])

    places, heard = found(source)

    assert {line for rule, _, line, _ in places if rule == "ssc-key-doubled"} == {1, 2, 3}
    assert {each.rule for each in heard} == {"ssc-key-doubled"}


@pytest.mark.parametrize("identifier", ["XM-DAC-41119-P-2", "xm-dac-41119-p-2"])
def test_an_identifier_that_another_project_derives_is_found_on_both(jsonl_source, identifier):
    source = jsonl_source([sound_project("P-1", iati_identifier=identifier), sound_project("P-2")])

    places, _ = found(source)

    assert [(rule, line) for rule, _, line, _ in places if rule == "1.1.2"] == [("1.1.2", 1), ("1.1.2", 2)]


def test_an_identifier_derived_from_the_projects_own_reporter_counts_as_well(csv_source):
    tables = sound_tables("P-1", "P-2")
    tables["projects"][0] |= {"iati_identifier": "XM-DAC-7-P-2"}
    tables["projects"][1] |= {"reporting_org_ref": "XM-DAC-7", "reporting_org_type": "40", "reporting_org_name": "Otra"}

    places, _ = found(csv_source(tables))

    assert sorted(row for rule, _, row, _ in places if rule == "1.1.2") == [2, 3]


@pytest.mark.parametrize("order", [("publisher", "projects"), ("projects", "publisher")])
def test_the_publisher_of_a_document_may_stand_before_its_projects_or_after(tmp_path, order):
    parts = {
        "publisher": {"reporting_org": REPORTER, "language": "es"},
        "projects": [sound_project("P-1", iati_identifier="XM-DAC-41119-P-2"), sound_project("P-2")],
    }
    source = document(tmp_path / "all.json", {name: parts[name] for name in order})

    _, heard = found(source, Settings())

    assert [each.rule for each in heard] == ["1.1.2", "1.1.2"]


def test_child_rows_of_an_unknown_project_are_findings_with_a_suggestion(csv_source):
    tables = sound_tables("P-1")
    tables["sectors"] += [
        {"project": "p_1", "code": "31120"},
        {"project": None, "code": "31120"},
        {"project": "Q", "code": "31120"},
    ]

    places, heard = found(csv_source(tables))

    assert places == [
        ("ssc-project-unknown", "sectors.csv", 3, "project"),
        ("ssc-key-missing", "sectors.csv", 4, "project"),
        ("ssc-project-unknown", "sectors.csv", 5, "project"),
    ]
    assert [each.values.get("suggestion") for each in heard] == ["P-1", None, "-"]


def test_rows_and_keys_typed_as_numbers_find_each_other(workbook_source):
    tables = sound_tables("7")
    tables["projects"][0]["key"] = 7
    for row in tables["sectors"]:
        row["project"] = 7.0

    places, _ = found(workbook_source(tables))

    assert places == []


def test_a_json_key_may_be_a_number(jsonl_source):
    places, _ = found(jsonl_source([sound_project("x") | {"key": 7}]))

    assert places == []


def test_a_project_without_key_is_found_and_no_other_suffers(csv_source):
    tables = sound_tables("P-1", "P-2")
    tables["projects"].append(dict(tables["projects"][0], key="   "))

    places, heard = found(csv_source(tables))

    assert ("ssc-key-missing", "projects.csv", 4, "key") in places
    assert {each.where.row for each in heard} == {4}


def test_capacities_of_an_organisation_that_is_not_there_are_not_lost(csv_source):
    tables = sound_tables("P-1")
    tables["capacities"] = [{"organisation": "apc", "type": "training"}, {"organisation": None, "type": "training"}]

    places, heard = found(csv_source(tables))

    assert places == [
        ("ssc-reference-unknown", "capacities.csv", 2, "organisation"),
        ("ssc-key-missing", "capacities.csv", 3, "organisation"),
    ]
    assert heard[0].values["suggestion"] == "APC"


@pytest.mark.parametrize("twin", ["APC", "apc"])
@pytest.mark.parametrize("build", ["csv_source", "workbook_source"])
def test_an_organisation_that_stands_twice_is_found_with_both_rows(build, twin, request):
    tables = sound_tables("P-1")
    tables["organisations"].append(dict(tables["organisations"][0], key=twin))

    _, heard = found(request.getfixturevalue(build)(tables))

    assert [(each.rule, each.where.row, each.values["rows"]) for each in heard] == [
        ("ssc-organisation-doubled", 2, "2, 4"),
    ]


@pytest.mark.parametrize("twin", ["APC", "apc"])
def test_an_organisation_of_a_json_file_that_stands_twice_is_found_with_both_lines(jsonl_source, twin):
    one = {"key": "APC", "names": "Agencia", "actor_type": "cooperation-agency"}
    project = sound_project("P-1", organisations=sound_project()["organisations"][1:])
    source = jsonl_source([{"organisations": [one]}, {"organisations": [dict(one, key=twin)]}, project])

    _, heard = found(source)

    assert [(each.rule, each.where.line, each.values["rows"]) for each in heard] == [
        ("ssc-organisation-doubled", 1, "1, 2")
    ]


def test_a_second_publisher_is_a_finding_and_the_first_holds(csv_source):
    tables = sound_tables("P-1")
    own = {
        "reporting_org_ref": "XM-DAC-41119",
        "reporting_org_type": "40",
        "reporting_org_name": "Oficina",
        "language": "es",
    }
    tables["publisher"] = [own, dict(own, reporting_org_ref="XM-DAC-1")]

    places, _ = found(csv_source(tables), Settings())

    assert places == [("ssc-publisher-doubled", "publisher.csv", 3, None)]


@pytest.mark.parametrize(
    ("field", "value"),
    [("decimal_mark", "x"), ("date_order", "ydm"), ("generated_datetime", "yesterday"), ("nonsense", 1)],
)
def test_a_publisher_that_cannot_be_used_is_a_finding(jsonl_source, field, value):
    source = jsonl_source([{"publisher": {field: value}}, sound_project()])

    places, heard = found(source)

    assert places == [("ssc-publisher-invalid", source.name, 1, None)]
    assert field in heard[0].values["field"]


@pytest.mark.parametrize("value", [5, "APC", {"key": "APC"}, [5], [None, {}]])
def test_organisations_that_are_no_list_of_organisations_are_findings(jsonl_source, value):
    places, heard = found(jsonl_source([{"organisations": value}, sound_project()]))

    if value == {"key": "APC"}:
        assert heard == []
    else:
        assert {rule for rule, *_ in places} == {"ssc-key-missing"}


def test_members_that_nobody_knows_are_findings_and_the_version_is_checked(tmp_path):
    source = document(tmp_path / "all.json", {"record_version": "9", "sector": [1], "projects": [sound_project()]})

    _, heard = found(source)

    assert [(each.rule, each.values.get("suggestion")) for each in heard] == [
        ("ssc-record-version", None),
        ("ssc-table-unknown", "sectors"),
    ]


def test_a_document_that_is_one_bare_project_is_refused_with_what_was_found(tmp_path):
    source = document(tmp_path / "one.json", sound_project())

    with pytest.raises(SourceError) as refusal:
        found(source)

    assert refusal.value.finding.rule == "ssc-projects-missing"
    assert "title" in refusal.value.finding.values["tables"]


def test_a_source_without_a_table_of_projects_is_refused_with_the_tables_that_are_there(csv_source):
    with pytest.raises(SourceError) as refusal:
        found(csv_source({"proyctos": [{"key": 1}]}))

    assert refusal.value.finding.rule == "ssc-projects-missing"
    assert refusal.value.finding.values["tables"] == "proyctos"


def test_a_broken_line_of_json_lines_harms_no_other_line(tmp_path):
    source = tmp_path / "some.jsonl"
    lines = [json.dumps(sound_project("P-1")), '{"key": "P-2", ', json.dumps(sound_project("P-3"))]
    source.write_text("\n".join(lines), encoding="utf-8")
    heard = []

    report = check_source(source, SETTINGS, heard.append, today=TODAY)

    assert (report.projects, report.accepted) == (2, 2)
    assert [(each.rule, each.where.line) for each in heard] == [("ssc-json-line-broken", 2)]


def test_a_trouble_in_a_row_that_is_otherwise_empty_is_still_heard(workbook_source):
    tables = sound_tables("P-1")
    tables["sectors"].append({"project": None, "code": None, "percentage": "#N/A"})

    places, heard = found(workbook_source(tables))

    assert [(rule, row) for rule, _, row, _ in places] == [("ssc-workbook-error-value", 3)]
    assert heard[0].where.cell == "C3"


def test_a_trouble_in_a_header_hides_none_in_the_first_row(workbook_source):
    tables = sound_tables("P-1")
    tables["sectors"][0] |= {"#REF!": None, "percentage": "#N/A"}

    _, heard = found(workbook_source(tables))

    assert sorted((each.rule, each.where.row) for each in heard) == [
        ("ssc-workbook-error-value", 1),
        ("ssc-workbook-error-value", 2),
    ]


def test_the_intake_counts_its_projects_and_hands_out_chunks_in_order(csv_source, tmp_path):
    number = 2 * CHUNK + 1
    source = csv_source(sound_tables(*(f"P-{each}" for each in range(number))))

    intake = take_in(source, str(source), tmp_path / "stage.sqlite", SETTINGS.publisher)

    assert intake.projects == number
    assert [each.number for each in intake.chunks] == [0, 1, 2]
    assert intake.findings == []
    assert intake.publisher is None
