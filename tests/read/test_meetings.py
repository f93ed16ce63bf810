"""What was met: the same as people read it is told, however much there is and whenever it is asked for."""

import sqlite3
from collections import defaultdict
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from ssc_iati.read import meetings as meeting
from ssc_iati.read.meetings import SCHEMA, Meetings, Met
from ssc_iati.text import fold

values = st.text("aAá-1", min_size=1, max_size=3)
met = st.lists(st.tuples(st.sampled_from(["key", "identifier"]), values), max_size=30)
SMALL = {"BUFFERED": 3, "COMPARED_AT_ONCE": 4}


def noted(pairs):
    database = sqlite3.connect(":memory:")
    database.executescript(SCHEMA)
    meetings = Meetings(database)
    for number, (kind, value) in enumerate(pairs):
        meetings.meet(kind, value, number, number + 2)
    return meetings


def groups(pairs, kind):
    """What stands twice, spelt out."""
    found = defaultdict(list)
    for number, (its, value) in enumerate(pairs):
        if its == kind:
            found[fold(value)].append(Met(number, number + 2, value))
    return [group for _, group in sorted(found.items()) if len(group) > 1]


@given(met)
@settings(deadline=None)
def test_doubles_are_told_group_by_group(pairs):
    with mock.patch.multiple(meeting, **SMALL):
        meetings = noted(pairs)

        assert list(meetings.doubles("key")) == groups(pairs, "key")
        assert list(meetings.doubles("identifier")) == groups(pairs, "identifier")


@given(met, values)
@settings(deadline=None)
def test_the_alike_and_the_same_are_found_while_more_is_met(pairs, sought):
    with mock.patch.multiple(meeting, **SMALL):
        for number in range(0, len(pairs), 5):
            meetings = noted(pairs[:number])
            keys = [value for kind, value in pairs[:number] if kind == "key"]
            alike = next((each for each in keys if fold(each) == fold(sought)), None)

            assert meetings.alike("key", sought) == alike
            assert meetings.has("key", sought) == (sought in keys)

            meetings.meet("key", "z", 99, 99)
            assert meetings.has("key", "z")
            assert [group for group in meetings.doubles("key") if len(group) > 1] == groups(pairs[:number], "key")


@given(met)
@settings(deadline=None)
def test_what_is_derived_is_a_double_of_what_is_stated(pairs):
    stated = [(kind, value if kind == "key" else f"x {value}") for kind, value in pairs]
    single = [("key", group[0]) for group in _alone(stated)]
    with mock.patch.multiple(meeting, **SMALL):
        meetings = noted(stated)
        meetings.derive("key", "identifier", "x ", "X-")
        told = list(meetings.doubles("identifier"))

    derived = [(number, value) for number, (kind, value) in enumerate(stated) if (kind, value) in single]
    found = defaultdict(list)
    for number, (kind, value) in enumerate(stated):
        if kind == "identifier":
            found[fold(value)].append(Met(number, number + 2, value))
    for number, value in derived:
        found[f"x {fold(value)}"].append(Met(number, number + 2, f"X-{value}"))
    expected = [sorted(group) for _, group in sorted(found.items()) if len(group) > 1]
    assert told == expected


def _alone(pairs):
    """The keys that are no doubles, each as it is written."""
    alike = defaultdict(list)
    for kind, value in pairs:
        if kind == "key":
            alike[fold(value)].append(value)
    return [group for group in alike.values() if len(group) == 1]


def test_nothing_met_is_nothing_told():
    meetings = noted([])

    assert list(meetings.doubles("key")) == []
    assert meetings.alike("key", "a") is None
    assert not meetings.has("key", "a")
