"""Processes that work side by side: in order, few at a time, and never left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ssc_iati.workers import Workers

SRC = Path(__file__).parent.parent / "src"


def squared(number, wait=0.0):
    time.sleep(wait)
    if number == 13:
        raise ValueError(number)
    return number * number


def large(data):
    return data * 2


def process_id():
    return os.getpid()


def end_suddenly():
    os.kill(os.getpid(), signal.SIGKILL)


def done(work, *told):
    return work(*told)


@pytest.fixture(scope="module")
def workers():
    with Workers(2, done) as crew:
        yield crew


def test_answers_come_in_the_order_of_the_tasks_whoever_is_first(workers):
    tasks = [(squared, number, 0.05 if number % 5 == 0 else 0.0) for number in range(12)]

    assert list(workers.answers(tasks)) == [number * number for number in range(12)]


def test_tasks_are_taken_as_they_are_needed(workers):
    taken = []

    def tasks():
        for number in range(100):
            taken.append(number)
            yield squared, number % 10

    answers = workers.answers(tasks())
    next(answers)

    assert len(taken) <= 10
    assert len(list(answers)) == 99


def test_there_may_be_no_task_at_all(workers):
    assert list(workers.answers([])) == []


def test_what_a_task_raises_is_raised_in_its_turn_and_the_next_round_knows_nothing_of_it(workers):
    answers = workers.answers((squared, number) for number in range(10, 20))

    assert [next(answers) for _ in range(3)] == [100, 121, 144]
    with pytest.raises(ValueError, match="13"):
        next(answers)
    assert list(workers.answers([(squared, 3), (squared, 4)])) == [9, 16]


def test_a_round_that_is_broken_off_leaves_no_answer_to_the_next(workers):
    answers = workers.answers((squared, number) for number in range(100))
    next(answers)
    answers.close()

    assert list(workers.answers([(squared, 7)])) == [49]


def test_large_tasks_and_answers_do_not_wait_for_each_other(workers):
    """More than any pipe holds, both ways at once."""
    answers = workers.answers((large, bytes(2 << 20)) for _ in range(8))

    assert [len(each) for each in answers] == [4 << 20] * 8


def test_a_worker_that_is_ended_from_outside_is_an_error_and_no_wait():
    with Workers(2, done) as crew, pytest.raises(ChildProcessError):
        list(crew.answers([(squared, 1), (end_suddenly,), *[(squared, 2)] * 20]))


def test_leaving_ends_them_whatever_they_do():
    with Workers(1, done) as crew:
        (worker,) = crew.answers([(process_id,)])
        next(crew.answers([(squared, 1), (squared, 2, 600)]))

    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_they_end_with_the_process_that_started_them_however_sudden():
    program = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import test_workers as t\n"
        "if __name__ == '__main__':\n"
        "    with t.Workers(3, t.done) as crew:\n"
        "        ids = set(crew.answers([(t.process_id,)] * 30))\n"
        "        print(*ids, flush=True); list(crew.answers([(t.squared, 1, 0.01)] * 100_000))\n"
    )
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SRC)}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=env) as running:
        workers = [int(each) for each in running.stdout.readline().split()]
        running.kill()

    assert workers
    assert _gone_soon(workers)


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
