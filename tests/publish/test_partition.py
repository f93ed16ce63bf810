"""In which file each activity stands: each in exactly one, and where it stood if it can."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ssc_iati.publish.partition import FRAME, Piece, divided, named

BASE = "activities.xml"
LIMIT = FRAME + 1000


def pieces(*sizes, since="2026-01-01"):
    return [Piece(f"XM-{number}", size, since) for number, size in enumerate(sizes)]


def filled(found, of):
    sizes = Counter()
    for each in of:
        sizes[found[each.identifier]] += each.size
    return sizes


def test_what_fits_into_one_file_stands_in_one():
    assert divided(pieces(300, 300, 400), {}, BASE, LIMIT) == dict.fromkeys(("XM-0", "XM-1", "XM-2"), BASE)


def test_without_a_limit_all_stand_in_one():
    assert set(divided(pieces(10_000, 10_000), {"XM-0": "activities-2.xml"}, BASE, None).values()) == {BASE}


def test_what_does_not_fit_goes_on_in_the_next_file():
    found = divided(pieces(600, 600, 200, 600), {}, BASE, LIMIT)

    assert found == {"XM-0": BASE, "XM-1": "activities-2.xml", "XM-2": BASE, "XM-3": "activities-3.xml"}


def test_an_activity_stays_where_it_stood_when_others_go():
    stood = divided(pieces(600, 600, 600), {}, BASE, LIMIT)

    found = divided(pieces(600, 600, 600)[1:], stood, BASE, LIMIT)

    assert found == {"XM-1": "activities-2.xml", "XM-2": "activities-3.xml"}


def test_a_new_one_takes_the_room_that_another_left():
    stood = divided(pieces(600, 600), {}, BASE, LIMIT)

    assert divided([pieces(600, 600)[1], Piece("XM-new", 500, "2027")], stood, BASE, LIMIT)["XM-new"] == BASE


def test_a_file_that_outgrows_the_limit_gives_up_what_came_last():
    stood = {"XM-0": BASE, "XM-1": BASE, "XM-2": BASE}
    grown = [Piece("XM-0", 500, "2025"), Piece("XM-1", 400, "2026"), Piece("XM-2", 400, "2024")]

    assert divided(grown, stood, BASE, LIMIT) == {"XM-0": BASE, "XM-1": "activities-2.xml", "XM-2": BASE}


def test_an_activity_that_is_too_large_for_any_file_stands_alone():
    found = divided(pieces(300, 5000, 300), {}, BASE, LIMIT)

    assert found == {"XM-0": BASE, "XM-1": "activities-2.xml", "XM-2": BASE}


def test_files_are_numbered_from_the_second_on():
    assert [named("a.b.xml", number) for number in (1, 2, 12)] == ["a.b.xml", "a.b-2.xml", "a.b-12.xml"]


sizes = st.lists(st.integers(min_value=50, max_value=900), max_size=40)


@given(first=sizes, second=sizes, data=st.data())
def test_each_activity_stands_in_one_file_within_the_limit_from_release_to_release(first, second, data):
    """Whatever grows, shrinks, comes and goes: only what must leaves the file in which it stood."""
    before = pieces(*first)
    stood = divided(before, {}, BASE, LIMIT)
    kept = data.draw(st.sets(st.sampled_from([each.identifier for each in before]))) if before else set()
    after = [
        piece for piece in pieces(*second, since="2027") if piece.identifier in kept or piece.identifier not in stood
    ]

    found = divided(after, stood, BASE, LIMIT)

    assert found.keys() == {each.identifier for each in after}
    assert all(size <= LIMIT - FRAME for size in filled(found, after).values())
    stay = filled({name: stood[name] for name in kept}, [each for each in after if each.identifier in kept])
    fits = {name for name, size in stay.items() if size <= LIMIT - FRAME}
    assert all(found[name] == stood[name] for name in kept & found.keys() if stood[name] in fits)
    assert divided(after, found, BASE, LIMIT) == found
