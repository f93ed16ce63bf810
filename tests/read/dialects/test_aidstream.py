"""AidStream's CSV files, read: activities, transactions, results."""

import pytest

from builders import REPORTER
from layouts_of_tools import ID, read, sheet, texts, told, write_csv

REF = REPORTER["ref"]
ACTIVITIES = sheet("aidstream", "activities").headers
TRANSACTIONS = sheet("aidstream", "transactions").headers
RESULTS = sheet("aidstream", "results").headers


def test_the_tools_files_have_their_columns():
    assert (len(ACTIVITIES), len(TRANSACTIONS) - 1, len(RESULTS) - 1) == (65, 25, 40)


@pytest.mark.parametrize("width", [25, 65])
def test_activities_are_read_with_or_without_other_fields(tmp_path, width):
    rows = [
        {
            ID: "P1",
            "Activity Title": "Uno",
            "Participating Organisation Identifier": "CO-RUE-1",
            "Sector Code": "11110",
        },
        {"Sector Code": "12110"},
    ]
    made, _ = read(write_csv(tmp_path / "basic.csv", ACTIVITIES[:width], rows))

    activity = made[f"{REF}-P1"]
    assert texts(activity, "sector/@code") == ["11110", "12110"]
    assert texts(activity, "participating-org/@ref") == ["CO-RUE-1"]
    assert texts(activity, "participating-org/@activity-id") == []


def folder(tmp_path, transactions=(), results=(), headers=TRANSACTIONS):
    write_csv(tmp_path / "a.csv", ACTIVITIES[:25], [{ID: "P1", "Activity Title": "Uno"}])
    write_csv(tmp_path / "t.csv", headers, transactions)
    write_csv(tmp_path / "r.csv", RESULTS, results)
    return tmp_path


def test_transactions_are_of_the_activity_that_the_added_column_names(tmp_path):
    rows = [
        {ID: "P1", "Transaction Internal Reference": "t1", "Transaction Amount": "5", "Transaction Currency": "USD"},
        {"Transaction Internal Reference": "t2", "Receiver Organisation Activity Identifier": "X-1"},
    ]

    made, _ = read(folder(tmp_path, rows))

    assert texts(made[f"{REF}-P1"], "transaction/@ref") == ["t1", "t2"]
    assert texts(made[f"{REF}-P1"], "transaction/receiver-org/@receiver-activity-id") == ["X-1"]
    assert texts(made[f"{REF}-P1"], "transaction/provider-org") == []


def test_transactions_that_name_no_activity_are_given_to_none(tmp_path):
    headers = [each for each in TRANSACTIONS if each != ID]

    made, heard = read(folder(tmp_path, [{"Transaction Amount": "5"}], headers=headers))

    assert texts(made[f"{REF}-P1"], "transaction") == []
    assert len(told(heard, "ssc-key-missing")) == 1


def test_results_in_long_form_make_their_levels(tmp_path):
    rows = [
        {ID: "P1", "Type": "1", "Title": "R", "Measure": "1", "Indicator Title": "I", "Baseline Year": "2020",
         "Period Start": "2024-01-01", "Period End": "2024-06-30", "Target Value": "5"},
        {"Period Start": "2024-07-01", "Period End": "2024-12-31", "Target Value": "9", "Actual Value": "8"},
        {"Measure": "2", "Indicator Title": "J"},
        {"Type": "2", "Title": "S"},
    ]  # fmt: skip

    made, _ = read(folder(tmp_path, results=rows))

    activity = made[f"{REF}-P1"]
    assert texts(activity, "result/@type") == ["1", "2"]
    assert texts(activity, "result[1]/indicator/@measure") == ["1", "2"]
    assert texts(activity, "result[1]/indicator[1]/period/target/@value") == ["5", "9"]
    assert texts(activity, "result[1]/indicator[1]/period/actual/@value") == ["8"]
    assert texts(activity, "result[1]/indicator[1]/baseline/@year") == ["2020"]
