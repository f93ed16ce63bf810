"""Processes side by side: answers in order, few at a time, troubles where the answer is wanted, nobody left behind."""

import os
import subprocess
import sys
import time
from functools import partial
from multiprocessing import active_children
from pathlib import Path

import pytest

from ssc_iati import workers
from ssc_iati.workers import Workers

SRC = Path(__file__).parent.parent / "src"


@pytest.fixture(params=["fork", "spawn"], autouse=True)
def method(request, monkeypatch):
    monkeypatch.setattr(workers, "start_method", lambda: request.param)
    return request.param


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


def test_more_than_can_get_ready_at_a_time_get_ready_one_after_the_other(monkeypatch, tmp_path):
    monkeypatch.setattr(workers, "_processors", lambda: 2)

    with Workers(3, process, partial(alone, tmp_path / "busy")) as crew:
        assert len(set(crew.answers([(number,) for number in range(12)]))) == 3


def alone(mark):
    mark.touch(exist_ok=False)
    time.sleep(0.1)
    mark.unlink()


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


# --- Many tasks, large ones, and ends ---


def squared(number, wait=0.0):
    time.sleep(wait)
    if number == 13:
        raise ValueError(number)
    return number * number


def large(data):
    return data * 2


def process_id():
    return os.getpid()


def done(work, *told):
    return work(*told)


@pytest.fixture
def crew():
    with Workers(2, done) as started:
        yield started


def test_answers_of_many_tasks_come_in_order_too(crew):
    tasks = [(squared, number, 0.05 if number % 5 == 0 else 0.0) for number in range(12)]

    assert list(crew.answers(tasks)) == [number * number for number in range(12)]


def test_tasks_are_taken_as_they_are_needed(crew):
    taken = []

    def tasks():
        for number in range(100):
            taken.append(number)
            yield squared, number % 10

    answers = crew.answers(tasks())
    next(answers)

    assert len(taken) <= 10
    assert len(list(answers)) == 99


def test_what_a_task_raises_is_raised_in_its_turn_and_the_next_round_knows_nothing_of_it(crew):
    answers = crew.answers((squared, number) for number in range(10, 20))

    assert [next(answers) for _ in range(3)] == [100, 121, 144]
    with pytest.raises(ValueError, match="13"):
        next(answers)
    assert list(crew.answers([(squared, 3), (squared, 4)])) == [9, 16]


def test_a_round_that_is_broken_off_leaves_no_answer_to_the_next(crew):
    answers = crew.answers((squared, number) for number in range(100))
    next(answers)
    answers.close()

    assert list(crew.answers([(squared, 7)])) == [49]


def test_large_tasks_and_answers_do_not_wait_for_each_other(crew):
    """More than any pipe holds, both ways at once."""
    answers = crew.answers((large, bytes(2 << 20)) for _ in range(8))

    assert [len(each) for each in answers] == [4 << 20] * 8


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_they_end_with_the_process_that_started_them_however_sudden(method):
    program = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import test_workers as t\n"
        f"t.workers.start_method = lambda: {method!r}\n"
        "if __name__ == '__main__':\n"
        "    with t.Workers(3, t.done) as crew:\n"
        "        ids = set(crew.answers([(t.process_id,)] * 30))\n"
        "        print(*ids, flush=True); list(crew.answers([(t.squared, 1, 0.01)] * 100_000))\n"
    )
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SRC)}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=env) as running:
        started = [int(each) for each in running.stdout.readline().split()]
        running.kill()

    assert started
    assert _gone_soon(started)


def _gone_soon(processes):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if not [each for each in processes if _runs(each)]:
            return True
        time.sleep(0.05)
    return False


def _runs(process):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text("ascii")
    except OSError:
        return False
