"""Processes side by side: answers in order, troubles where the answer is wanted, nobody left behind."""

import os
import time
from multiprocessing import active_children

import pytest

from ssc_iati.publish import workers
from ssc_iati.publish.workers import Workers


@pytest.fixture(params=["fork", "spawn"], autouse=True)
def _started_so(request, monkeypatch):
    monkeypatch.setattr(workers, "_start_method", lambda: request.param)


def nothing():
    """Be ready at once."""


def unready():
    raise FileNotFoundError("the lists are gone")


def slept(seconds, name):
    time.sleep(seconds)
    return name


def process(_):
    time.sleep(0.05)
    return os.getpid()


def refused(number):
    if number == 2:
        raise PermissionError("no more")
    return number


def gone(number):
    if number == 1:
        os._exit(9)
    return number


def test_answers_come_in_the_order_of_the_tasks_not_of_their_ends():
    tasks = [(0.2 if name == "a" else 0, name) for name in "abcdefg"]

    with Workers(2, slept, nothing) as crew:
        assert list(crew.answers(tasks)) == list("abcdefg")


def test_all_of_them_work_and_more_tasks_than_workers_are_done():
    with Workers(2, process, nothing) as crew:
        found = list(crew.answers([(number,) for number in range(10)]))

    assert len(found) == 10
    assert len(set(found) - {os.getpid()}) == 2


@pytest.mark.parametrize("tasks", [[], [("only",)]])
def test_fewer_tasks_than_workers_are_done_too(tasks):
    with Workers(3, str, nothing) as crew:
        assert list(crew.answers(tasks)) == [task for (task,) in tasks]


def test_what_the_work_raises_is_raised_after_the_answers_before_it():
    with Workers(2, refused, nothing) as crew:
        answers = crew.answers([(number,) for number in range(5)])

        assert [next(answers), next(answers)] == [0, 1]
        with pytest.raises(PermissionError, match="no more"):
            next(answers)


def test_what_hinders_a_worker_from_being_ready_is_raised_where_its_answer_is_wanted():
    with Workers(1, str, unready) as crew, pytest.raises(FileNotFoundError, match="the lists are gone"):
        list(crew.answers([("x",)]))


def test_a_worker_that_ends_in_the_middle_is_a_trouble_of_the_world():
    with Workers(1, gone, nothing) as crew, pytest.raises(ChildProcessError):
        list(crew.answers([(0,), (1,), (2,)]))


def test_leaving_ends_them_whatever_they_are_doing():
    others, began = set(active_children()), time.monotonic()

    with Workers(2, slept, nothing) as crew:
        answers = crew.answers([(0, "a"), (60, "b"), (60, "c")])
        assert next(answers) == "a"

    assert set(active_children()) <= others
    assert time.monotonic() - began < 30
