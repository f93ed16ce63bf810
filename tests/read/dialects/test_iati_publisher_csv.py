"""IATI Publisher's CSV of 145 columns, read."""

import pytest

from builders import REPORTER, SETTINGS
from layouts_of_tools import ID, read, sheet, texts, told, write_csv
from ssc_iati.findings import SourceError
from ssc_iati.record.project import Publisher

REF = REPORTER["ref"]
COLUMNS = sheet("iati-publisher-csv", "activities").headers


def csv_of(tmp_path, *rows, columns=COLUMNS, name="anything.csv"):
    return write_csv(tmp_path / name, columns, rows)


def test_the_tool_has_145_columns():
    assert len(COLUMNS) == 145


def test_the_nth_row_of_an_activity_holds_the_nth_of_every_element(tmp_path):
    made, _ = read(
        csv_of(
            tmp_path,
            {ID: "P1", "Activity Title": "Uno", "Sector Code": "11110", "Recipient Country Code": "HN"},
            {"Sector Code": "12110", "Transaction Internal Reference": "t1"},
            {},
            {"Recipient Country Code": "Guatemala", "Transaction Internal Reference": "t2", "Transaction Value": "5"},
            {ID: "P2", "Activity Title": "Dos"},
        )
    )

    one, two = made[f"{REF}-P1"], made[f"{REF}-P2"]
    assert texts(one, "sector/@code") == ["11110", "12110"]
    assert texts(one, "recipient-country/@code") == ["HN", "GT"]
    assert texts(one, "transaction/@ref") == ["t1", "t2"]
    assert texts(one, "transaction/value/text()") == ["5"]
    assert texts(two, "title/narrative/text()") == ["Dos"]


def test_descriptions_and_dates_go_by_their_columns(tmp_path):
    row = {ID: "P1", "Activity Description (Objectives)": "o", "Actual Start Date": "2024-01-02"}
    row |= {"Pos Latitude": "1.5", "Pos Longitude": "-2"}

    made, _ = read(csv_of(tmp_path, row))

    activity = made[f"{REF}-P1"]
    assert texts(activity, "description/@type") == ["2"]
    assert texts(activity, "activity-date[@type='2']/@iso-date") == ["2024-01-02"]
    assert texts(activity, "location/point/pos/text()") == ["1.5 -2"]


def test_the_identifier_of_a_participating_organisation_is_its_own_activity(tmp_path):
    row = {
        ID: "P1",
        "Participating Organisation Role": "Implementing",
        "Participating Organisation Reference": "CO-RUE-1",
    }
    row["Participating Organisation Identifier"] = "CO-RUE-1-9"

    made, _ = read(csv_of(tmp_path, row))

    activity = made[f"{REF}-P1"]
    assert texts(activity, "participating-org/@role") == ["4"]
    assert texts(activity, "participating-org/@ref") == ["CO-RUE-1"]
    assert texts(activity, "participating-org/@activity-id") == ["CO-RUE-1-9"]


def test_the_receivers_activity_never_becomes_the_providers(tmp_path):
    row = {ID: "P1", "Transaction Receiver Organisation Activity Identifier": "CO-RUE-1-9"}

    made, _ = read(csv_of(tmp_path, row))

    assert texts(made[f"{REF}-P1"], "transaction/receiver-org/@receiver-activity-id") == ["CO-RUE-1-9"]
    assert texts(made[f"{REF}-P1"], "transaction/provider-org") == []


def test_columns_may_stand_in_any_order_and_case(tmp_path):
    columns = [f" {each.upper()} " for each in reversed(COLUMNS)]

    made, _ = read(csv_of(tmp_path, {f" {ID.upper()} ": "P1", " TAG CODE ": "x"}, columns=columns))

    assert texts(made[f"{REF}-P1"], "tag/@code") == ["x"]


def test_a_secondary_reporter_is_that_of_the_organisation_of_the_configuration(tmp_path):
    made, _ = read(csv_of(tmp_path, {ID: "P1", "Reporting Org Secondary Reporter": "yes"}))

    assert texts(made[f"{REF}-P1"], "reporting-org/@secondary-reporter") == ["1"]
    assert texts(made[f"{REF}-P1"], "reporting-org/@ref") == [REF]


def test_without_the_organisations_identifier_nothing_is_guessed(tmp_path):
    with pytest.raises(SourceError) as raised:
        read(csv_of(tmp_path, {ID: "P1"}), SETTINGS.model_copy(update={"publisher": Publisher()}))

    assert raised.value.finding.rule == "ssc-layout-prefix-missing"


def test_an_unknown_code_is_told_in_its_cell(tmp_path):
    _, heard = read(csv_of(tmp_path, {ID: "P1", "Participating Organisation Role": "Donor"}))

    assert (None, 2, "Participating Organisation Role") in [
        (each.where.sheet, each.where.row, each.where.column) for each in heard
    ]


def test_an_ambiguous_date_is_read_as_the_layout_has_it_and_told(tmp_path):
    made, heard = read(csv_of(tmp_path, {ID: "P1", "Actual Start Date": "03/04/2024"}))

    assert texts(made[f"{REF}-P1"], "activity-date/@iso-date") == ["2024-03-04"]
    assert told(heard, "ssc-layout-date-order") == [(None, 2, "Actual Start Date")]


def test_the_same_activity_twice_is_told(tmp_path):
    _, heard = read(csv_of(tmp_path, {ID: "P1"}, {ID: "P2"}, {ID: "P1"}))

    assert told(heard, "1.1.2") == [(None, 2, ID), (None, 4, ID)]


def test_a_row_before_any_identifier_belongs_to_none_and_is_told(tmp_path):
    made, heard = read(csv_of(tmp_path, {"Tag Code": "x"}, {ID: "P1"}))

    assert f"{REF}-P1" in made
    assert (None, 2, ID) in told(heard, "ssc-key-missing")
