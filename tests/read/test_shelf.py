"""The shelf: whatever lies on it is found by its key, in its order, and nothing else is."""

import sqlite3
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssc_iati.read import shelf as shelving
from ssc_iati.read.shelf import SCHEMA, Shelf, Shelved

keys = st.text("abñ\ud800", max_size=2)
rows = st.lists(st.tuples(st.sampled_from(["organisations", "capacities"]), keys), max_size=60)


def filled(laid):
    database = sqlite3.connect(":memory:")
    database.executescript(SCHEMA)
    shelf = Shelf(database)
    for number, (kind, key) in enumerate(laid):
        shelf.lay(kind, [(key, number)])
    shelf.close()
    return Shelved(database)


def sought(laid, wanted):
    """What should be found, spelt out."""
    found = {key: {} for key in wanted}
    for number, (kind, key) in enumerate(laid):
        if key in wanted:
            found[key].setdefault(kind, []).append(number)
    return found


@given(rows, st.lists(st.sets(keys, max_size=5), max_size=4))
@settings(deadline=None)
def test_rows_are_found_by_key_and_kind_in_their_order(laid, asked):
    shelf = filled(laid)

    assert [shelf.find(wanted) for wanted in asked] == [sought(laid, wanted) for wanted in asked]


@given(rows, st.lists(st.sets(keys, max_size=5), max_size=4))
@settings(deadline=None)
def test_neither_small_parts_nor_keys_of_one_mark_change_what_is_found(laid, asked):
    small = {"PER_BLOCK": 2, "SORTED_AT_ONCE": 7, "WRITTEN_AT_ONCE": 2}
    with mock.patch.multiple(shelving, **small, _mark=len):
        shelf = filled(laid)

        assert [shelf.find(wanted) for wanted in asked] == [sought(laid, wanted) for wanted in asked]


@pytest.mark.parametrize("number", [0, 1, 15, 16, 17, 1000])
def test_any_number_of_rows_is_kept(number):
    laid = [("organisations", f"O{each}") for each in range(number)]

    found = filled(laid).find([key for _, key in laid])

    assert found == {key: {"organisations": [each]} for each, (_, key) in enumerate(laid)}
