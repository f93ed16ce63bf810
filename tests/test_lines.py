"""What is said on one end of a line is heard on the other, however large, and in order."""

from copy import copy
from multiprocessing import Pipe
from threading import Semaphore, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssc_iati.lines import SIZE, Line, Shelf


def ends(places):
    ours, theirs = Pipe()
    said, heard = (Shelf(places), Shelf(places)) if places else (None, None)
    # As a process has it that was forked: the same memory, and a count of its own.
    return Line(ours, said, heard), Line(theirs, copy(heard), copy(said))


def close(*both):
    for line in both:
        line.pipe.close()


@pytest.mark.parametrize("places", [0, 2])
def test_answers_go_the_other_way(places):
    ours, theirs = ends(places)
    ours.send(("one", {2: None}))
    assert theirs.opened(theirs.receive()) == ("one", {2: None})
    theirs.send(b"three")
    assert ours.opened(ours.receive()) == b"three"
    close(ours, theirs)


@given(st.lists(st.integers(-40, 40) | st.just(-SIZE), max_size=12), st.sampled_from([0, 1, 3]))
def test_small_and_large_come_whole_and_in_order_around_the_size_of_a_place(sizes, places):
    """What is too large for a place on the shelf goes over the line itself, among the others."""
    ours, theirs = ends(places)
    said = [bytes([number % 251]) * (SIZE + more) for number, more in enumerate(sizes)]
    taken = Semaphore(places or 1)  # no more may be on its way, unopened, than the shelf has places
    speaking = Thread(target=lambda: [(taken.acquire(), ours.send(each)) for each in said])
    speaking.start()
    heard = []
    for _ in said:
        heard.append(theirs.opened(theirs.receive()))
        taken.release()
    speaking.join()
    assert heard == said
    close(ours, theirs)


def test_what_lies_on_a_shelf_is_not_sent_over_the_line():
    ours, theirs = ends(1)
    ours.send(bytes(SIZE // 2))
    letter = theirs.receive()
    assert isinstance(letter, int)
    assert SIZE // 2 <= letter < SIZE
    assert theirs.opened(letter) == bytes(SIZE // 2)
    close(ours, theirs)


def test_what_cannot_be_said_leaves_the_line_as_it_was():
    ours, theirs = ends(2)
    with pytest.raises(Exception, match=r"pickle|local object"):
        ours.send(lambda: None)
    ours.send("next")
    assert theirs.opened(theirs.receive()) == "next"
    close(ours, theirs)


def test_an_end_that_is_gone_is_noticed():
    ours, theirs = ends(2)
    close(theirs)
    with pytest.raises(ConnectionError):
        ours.send("x")
    with pytest.raises((EOFError, ConnectionError)):
        ours.receive()
