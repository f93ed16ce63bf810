"""IATI Publisher's four workbooks, read."""

import pytest
from openpyxl import load_workbook

from builders import REPORTER, SETTINGS, rules_of
from layouts_of_tools import ID, read, sheet, texts, told, write_books
from ssc_iati.findings import SourceError
from ssc_iati.record.project import Publisher

REF = REPORTER["ref"]
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

PLAIN = {
    "Settings": [{ID: "P1", "Default Currency": "USD", "Default Language": "es"}],
    "Title": [{ID: "P1", "Narrative": "Semillas", "Language": "es"}],
}


def made_of(tmp_path, **more):
    made, heard = read(
        write_books(tmp_path / "books", {**PLAIN, **{name.replace("_", " "): rows for name, rows in more.items()}})
    )
    return made[f"{REF}-P1"], heard


def test_identifiers_get_the_organisations_own_before_them(tmp_path):
    activity, heard = made_of(tmp_path)

    assert texts(activity, "iati-identifier/text()") == [f"{REF}-P1"]
    assert texts(activity, "reporting-org/@ref") == [REF]
    assert not told(heard, "ssc-layout-identifier-whole")


def test_without_the_organisations_identifier_nothing_is_guessed(tmp_path):
    nobody = SETTINGS.model_copy(update={"publisher": Publisher()})

    with pytest.raises(SourceError) as raised:
        read(write_books(tmp_path / "books", PLAIN), nobody)

    assert raised.value.finding.rule == "ssc-layout-prefix-missing"


def test_an_identifier_that_is_whole_already_is_told_and_not_doubled(tmp_path):
    whole = {"Settings": [{ID: f"{REF}-P1", "Default Currency": "USD"}]}

    made, heard = read(write_books(tmp_path / "books", whole))

    assert list(made) == [f"{REF}-P1"]
    assert told(heard, "ssc-layout-identifier-whole") == [("Settings", 2, ID)]


@pytest.mark.parametrize("role", ["1 - Funding", "1", 1, "Funding", "funding"])
def test_codes_may_be_followed_by_their_names(tmp_path, role):
    activity, _ = made_of(
        tmp_path, Participating_Org=[{ID: "P1", "Role": role, "Type": "10 - Government", "Narrative": "x"}]
    )

    assert texts(activity, "participating-org/@role") == ["1"]
    assert texts(activity, "participating-org/@type") == ["10"]


def test_the_partners_activity_stays_the_partners(tmp_path):
    activity, _ = made_of(
        tmp_path,
        Participating_Org=[{ID: "P1", "Role": "4", "Reference": "CO-RUE-1", "Activity-id": "CO-RUE-1-7"}],
        Transaction=[{ID: "P1", "Reference": "t", "Receiver Organisation Receiver Activity Id": "CO-RUE-1-7"}],
    )

    assert texts(activity, "participating-org/@activity-id") == ["CO-RUE-1-7"]
    assert texts(activity, "transaction/receiver-org/@receiver-activity-id") == ["CO-RUE-1-7"]
    assert texts(activity, "transaction/provider-org") == []


def test_further_rows_add_languages_and_a_filled_base_column_begins_another(tmp_path):
    activity, _ = made_of(
        tmp_path,
        Participating_Org=[
            {ID: "P1", "Role": "1", "Narrative": "Gobierno", "Language": "es"},
            {"Narrative": "Government", "Language": "en"},
            {"Role": "4", "Narrative": "Otro"},
        ],
    )

    assert [texts(each, "narrative/text()") for each in activity.iter("participating-org")] == [
        ["Gobierno", "Government"],
        ["Otro"],
    ]
    assert [each.get(LANG) for each in activity.iterfind("participating-org/narrative")] == ["es", "en", None]


def test_a_sector_without_vocabulary_begins_another_too(tmp_path):
    activity, _ = made_of(tmp_path, Sector=[{ID: "P1", "Vocabulary": "1", "Code": "11110"}, {"Code": "12110"}])

    assert texts(activity, "sector/@code") == ["11110", "12110"]


def test_a_blank_row_stops_nothing_and_a_blank_identifier_is_that_above(tmp_path):
    activity, _ = made_of(
        tmp_path, Related_Activity=[{ID: "P1", "Reference": "A-1", "Type": "1"}, {}, {}, {"Reference": "A-2"}]
    )

    assert texts(activity, "related-activity/@ref") == ["A-1", "A-2"]


def test_an_identifier_that_comes_back_is_told_and_loses_nothing(tmp_path):
    rows = {
        **PLAIN,
        "Settings": [*PLAIN["Settings"], {ID: "P2"}],
        "Related Activity": [
            {ID: "P1", "Reference": "A-1", "Type": "1"},
            {ID: "P2", "Reference": "A-2", "Type": "1"},
            {ID: "P1", "Reference": "A-3", "Type": "1"},
        ],
    }

    made, heard = read(write_books(tmp_path / "books", rows))

    assert texts(made[f"{REF}-P1"], "related-activity/@ref") == ["A-1", "A-3"]
    assert told(heard, "ssc-layout-identifier-again") == [("Related Activity", 4, ID)]


def test_an_identifier_that_settings_do_not_have_is_told(tmp_path):
    _, heard = made_of(tmp_path, Tag=[{ID: "P9", "Vocabulary": "2", "Code": "1"}])

    assert told(heard, "ssc-project-unknown") == [("Tag", 2, ID)]


@pytest.mark.parametrize(
    ("written", "read_as", "rules"),
    [
        ("2024-03-04", "2024-03-04", []),
        (45355, "2024-03-04", []),
        ("12/25/2024", "2024-12-25", []),
        ("25/12/2024", "2024-12-25", []),
        ("03/04/2024", "2024-03-04", ["ssc-layout-date-order"]),
    ],
)
def test_a_date_with_two_readings_is_read_as_the_layout_has_it_and_told(tmp_path, written, read_as, rules):
    activity, heard = made_of(tmp_path, Activity_Date=[{ID: "P1", "Type": "1", "Iso Date": written}])

    assert texts(activity, "activity-date/@iso-date") == [read_as]
    assert [each for each in rules_of(heard) if each.startswith("ssc-layout-date")] == rules


def test_the_order_of_the_configuration_goes_before_that_of_the_layout(tmp_path):
    ours = SETTINGS.model_copy(update={"publisher": SETTINGS.publisher.model_copy(update={"date_order": "dmy"})})
    rows = {**PLAIN, "Activity Date": [{ID: "P1", "Type": "1", "Iso Date": "03/04/2024"}]}

    made, heard = read(write_books(tmp_path / "books", rows), ours)

    assert texts(made[f"{REF}-P1"], "activity-date/@iso-date") == ["2024-04-03"]
    assert not told(heard, "ssc-layout-date-order")


@pytest.mark.parametrize(("written", "value"), [("yes", "1"), ("No", "0"), (True, "1"), (0, "0"), ("FALSE", "0")])
def test_yes_and_no_are_read_however_they_are_written(tmp_path, written, value):
    settings = {"Settings": [{ID: "P1", "Humanitarian": written}]}

    made, _ = read(write_books(tmp_path / "books", settings))

    assert made[f"{REF}-P1"].get("humanitarian") == value


RESULTS = {
    "Result_Mapper": [{"Activity identifier": "P1", "Result Number": 1}, {"Result Number": 2}],
    "Result": [
        {"Result Identifier": "P1_1", "Type": "1", "Title Narrative": "Uno", "Title Language": "es"},
        {"Title Narrative": "One", "Title Language": "en"},
        {"Result Identifier": "P1_2", "Type": "2 - Outcome", "Title Narrative": "Dos"},
    ],
    "Indicator_Mapper": [{"Result Identifier": "P1_1", "Indicator Number": 1}, {"Indicator Number": 2}],
    "Indicator": [
        {"Indicator Identifier": "P1_1_1", "Measure": "1", "Title Narrative": "a"},
        {"Indicator Identifier": "P1_1_2", "Measure": "2", "Title Narrative": "b"},
    ],
    "Indicator_Baseline_Mapper": [{"Indicator Identifier": "P1_1_1", "Baseline Number": 1}],
    "Indicator Baseline": [
        {"Indicator Baseline Identifier": "P1_1_1_b-1", "Year": 2020, "Value": 3, "Dimension Name": "sex"},
        {"Dimension Name": "age"},
    ],
    "Period_Mapper": [{"Indicator Identifier": "P1_1_2", "Period Number": 1}],
    "Period": [{"Period Identifier": "P1_1_2_1", "Period Start Iso Date": "2024-01-01"}],
    "Target_Mapper": [{"Period Identifier": "P1_1_2_1", "Target Number": 1}],
    "Target": [{"Target Identifier": "P1_1_2_1_t-1", "Value": 7}],
    "Actual_Mapper": [{"Period Identifier": "P1_1_2_1", "Actual Number": 1}],
    "Actual": [{"Actual Identifier": "P1_1_2_1_a-1", "Value": 5}],
    "Actual Document Link": [{"Actual Identifier": "P1_1_2_1_a-1", "Url": "https://example.org/a"}],
}


def assert_results(activity):
    assert texts(activity, "result/@type") == ["1", "2"]
    assert texts(activity, "result[1]/title/narrative/text()") == ["Uno", "One"]
    assert texts(activity, "result[1]/indicator/title/narrative/text()") == ["a", "b"]
    assert texts(activity, "result[1]/indicator[1]/baseline/dimension/@name") == ["sex", "age"]
    assert texts(activity, "result[1]/indicator[2]/period/target/@value") == ["7"]
    assert texts(activity, "result[1]/indicator[2]/period/actual/document-link/@url") == ["https://example.org/a"]


def test_what_stands_below_results_is_found_across_workbooks(tmp_path):
    made, heard = read(write_books(tmp_path / "books", {**PLAIN, **RESULTS}))

    assert_results(made[f"{REF}-P1"])
    assert not [each for each in rules_of(heard) if each in {"ssc-parent-unknown", "ssc-workbook-formula-empty"}]


def test_formulas_that_hold_no_value_are_computed_again(tmp_path):
    folder = write_books(tmp_path / "books", {**PLAIN, **RESULTS})
    for name in ("ResultXLS", "IndicatorXLS", "PeriodXLS"):
        book = load_workbook(folder / f"{name}.xlsx")
        for page in book.worksheets:
            if page.title.endswith("_Mapper"):
                for row in range(2, page.max_row + 4):  # a template has formulas further down, where nothing stands yet
                    page[f"C{row}"] = f'=XLOOKUP(A{row},A:A,A:A)&"_"&B{row}'
        book.save(folder / f"{name}.xlsx")

    made, heard = read(folder)

    assert_results(made[f"{REF}-P1"])
    assert "ssc-workbook-formula-empty" not in rules_of(heard)


def test_values_that_formulas_hold_are_believed(tmp_path):
    rows = {**PLAIN, "Result_Mapper": [{"Activity identifier": "P1", "Result Number": 1, "Result Identifier": "mine"}]}
    rows["Result"] = [{"Result Identifier": "mine", "Type": "1"}]

    made, _ = read(write_books(tmp_path / "books", rows))

    assert texts(made[f"{REF}-P1"], "result/@type") == ["1"]


def test_what_belongs_to_no_result_is_told_with_its_place(tmp_path):
    rows = {**PLAIN, **RESULTS, "Target": [{"Target Identifier": "P1_9_9_9_t-1", "Value": 7}]}

    _, heard = read(write_books(tmp_path / "books", rows))

    assert told(heard, "ssc-parent-unknown") == [("Target", 2, "Target Identifier")]


def test_one_workbook_alone_is_enough(tmp_path):
    folder = write_books(tmp_path / "books", PLAIN)

    made, _ = read(folder / "ActivityXLS.xlsx")

    assert list(made) == [f"{REF}-P1"]


def test_headers_are_known_in_any_case_and_order(tmp_path):
    folder = write_books(tmp_path / "books", {**PLAIN, "Tag": []})
    book = load_workbook(folder / "ActivityXLS.xlsx")
    page = book["Tag"]
    page.delete_rows(1)
    page.append(["CODE", "vocabulary uri ", "activity identifier", "Vocabulary"])
    page.append(["3", None, "P1", "2 - UN Sustainable Development Goals (SDG)"])
    book.save(folder / "ActivityXLS.xlsx")

    made, _ = read(folder)

    assert texts(made[f"{REF}-P1"], "tag/@code") == ["3"]
    assert texts(made[f"{REF}-P1"], "tag/@vocabulary") == ["2"]


def test_values_keep_their_places(tmp_path):
    _, heard = made_of(tmp_path, Budget=[{ID: "P1", "Status": "1", "Value": "many"}])

    wrong = next(each for each in heard if each.where.sheet == "Budget")
    assert (wrong.where.row, wrong.where.column, wrong.where.cell) == (2, "Value", "F2")
    assert wrong.where.file.endswith("ActivityXLS.xlsx")


def test_every_sheet_of_the_tool_is_declared():
    assert len(sheet("iati-publisher", "Transaction").headers) == 39
    assert len(sheet("iati-publisher", "Location").headers) == 20
