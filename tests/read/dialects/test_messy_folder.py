"""A folder as people leave it: every sound activity comes out, each broken one is set aside, with place and reason."""

import csv
from collections import defaultdict

import pytest

from layout_files import brought_in, converted
from messy_folder import BREAKS, messy_folder

ACTIVITIES = 60


@pytest.fixture(scope="module")
def messy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("messy") / "in"
    return folder, messy_folder(folder, ACTIVITIES), *converted_once(folder)


def converted_once(folder):
    root, report, heard = converted(folder)
    return root, report, heard, folder.with_name("converted.rejected.csv")


def test_every_sound_activity_is_written(messy):
    _, broken, root, report, _, _ = messy

    written = {each.findtext("iati-identifier") for each in root}
    assert len(written) == report.accepted == ACTIVITIES - len(broken)
    assert not written & broken.keys()


def test_each_broken_one_is_told_by_its_rule_at_its_row(messy):
    _, broken, _, _, heard, _ = messy

    told = defaultdict(set)
    for each in heard:
        if each.identifier is not None:
            told[each.identifier].add(each.rule)
            assert each.where.file.endswith(".csv")
            assert each.where.row
    assert told.keys() == broken.keys()
    assert all(rule in told[identifier] for identifier, rule in broken.items())
    assert set(broken.values()) == set(BREAKS.values())


def test_they_come_back_as_they_stood_with_their_reasons(messy):
    folder, broken, _, _, _, rejected = messy

    with (rejected / "activities.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert {row[0] for row in rows[1:]} == broken.keys()
    with (folder / "activities.csv").open(encoding="utf-8-sig", newline="") as file:
        before = {row[0]: row for row in csv.reader(file)}
    width = len(rows[0]) - 1
    assert all([*row[:width], *row[width + 1 :]] == before[row[0]] for row in rows[1:])


def test_the_places_are_those_of_the_folder(messy):
    folder, _, _, _, heard, _ = messy

    (currency,) = [each for each in heard if each.rule == "9.94.1"]
    with (folder / "transactions.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[currency.where.row - 1][rows[0].index(currency.where.column)] == "XXZ"


def test_import_sets_aside_only_what_cannot_be_read(messy):
    folder, broken, *_ = messy
    elements, heard = brought_in(folder)

    unread = {each.identifier for each in heard if each.identifier and each.severity in {"error", "critical"}}
    assert unread == {each for each, rule in broken.items() if not rule[0].isdecimal()}
    assert len(elements) == ACTIVITIES - len(unread)
