"""Processes that work side by side: each is told a piece of work, and answers; answers come in the order of the work.

They have no ear for interrupts, which are for who started the run; and no thread of ours stands between, which an
interrupt could catch in the middle. Leaving the `with` ends them, whatever they are doing; so does the end, however
sudden, of the process that started them.
"""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess
    from types import TracebackType

Task = tuple[Any, ...]

_AHEAD = 2
"""So many pieces of work lie with a worker, that it need not wait while its last answer is being used."""
_WINDOW = 4
"""So many pieces of work for each worker are begun before the first of them is done: what may wait in memory."""


class _Round:
    """One round of questions and answers: what is still to be asked, and what was answered before its turn."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._coming = iter(tasks)
        self.handed = self.turn = 0
        self.over = False
        self.answered: dict[int, tuple[bool, Any]] = {}

    def next_task(self, most: int) -> Task | None:
        """What is to be asked next, if `most` pieces of work may be begun and not yet used."""
        if self.over or self.handed >= self.turn + most:
            return None
        task = next(self._coming, None)
        self.over = task is None
        return task


class _Owed(NamedTuple):
    """An answer that is owed: to which round, which of its answers. A round that was broken off wants it no more."""

    round: _Round
    number: int


class Workers:
    """Some processes, ready as soon as they can be: what they must make ready is done while nothing waits for it."""

    def __init__(self, number: int, work: Callable[..., Any], ready: Callable[[], object] | None = None) -> None:
        method = _start_method()
        context = get_context(method)
        self._processes: list[BaseProcess] = []
        self._owed: dict[Connection, deque[_Owed]] = {}
        with _interrupts_wait():
            for _ in range(number):
                ours, theirs = context.Pipe()
                # A forked process holds our ends, too; while it did, it would not see that we are gone.
                inherited = [*self._owed, ours] if method == "fork" else []
                told = (theirs, inherited, work, ready)
                process = context.Process(target=_serve, args=told, daemon=True)  # type: ignore[attr-defined]
                process.start()
                theirs.close()
                self._processes.append(process)
                self._owed[ours] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        with _interrupts_wait():
            for process, line in zip(self._processes, self._owed, strict=True):
                process.terminate()
                line.close()
            for process in self._processes:
                process.join()

    def answers(self, tasks: Iterable[Task]) -> Iterator[Any]:
        """What the work gives for each task, a tuple of its arguments, in the order of the tasks; one round at a time.

        Tasks are taken as they are needed, so that few of them, and of the answers, are in memory. What a task raises
        is raised here, in its turn; ChildProcessError where a worker is gone before it has answered.
        """
        current = _Round(tasks)
        while True:
            self._hand_out(current)
            if current.turn in current.answered:
                well, answer = current.answered.pop(current.turn)
                if not well:
                    raise answer
                yield answer
                current.turn += 1
            elif current.over and current.turn == current.handed:
                return
            else:
                self._hear()

    def _hand_out(self, current: _Round) -> None:
        """Give each worker as much as may lie with it."""
        while True:
            line = min(self._owed, key=lambda each: len(self._owed[each]))
            if len(self._owed[line]) >= _AHEAD or (task := current.next_task(_WINDOW * len(self._owed))) is None:
                return
            try:
                line.send(task)
            except ConnectionError:
                raise _gone() from None
            self._owed[line].append(_Owed(current, current.handed))
            current.handed += 1

    def _hear(self) -> None:
        """Wait until somebody answers."""
        for line in wait([line for line, owed in self._owed.items() if owed]):
            assert isinstance(line, Connection)  # noqa: S101 - only those were given
            try:
                answer = line.recv()
            except (EOFError, ConnectionError):
                raise _gone() from None
            owed = self._owed[line].popleft()
            owed.round.answered[owed.number] = answer


def _gone() -> ChildProcessError:
    return ChildProcessError("a process ended before its work was done (was there too little memory?)")


def _serve(
    line: Connection, inherited: list[Connection], work: Callable[..., Any], ready: Callable[[], object] | None
) -> None:
    """What a worker does all its life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _hear_interrupts()
    for each in inherited:
        each.close()
    tasks: SimpleQueue[Task] = SimpleQueue()
    threading.Thread(target=_take_in, args=(line, tasks), daemon=True).start()
    if ready is not None:
        ready()
    while True:
        line.send(_answer(work, tasks.get()))


def _answer(work: Callable[..., Any], task: Task) -> tuple[bool, Any]:
    try:
        return True, work(*task)
    except Exception as error:  # noqa: BLE001 - it is raised where the answer is wanted
        error.add_note(traceback.format_exc())
        return False, error


def _take_in(line: Connection, tasks: SimpleQueue[Task]) -> None:
    """Take in what is sent while the work goes on, so that whoever sends need not wait; end when nobody is left."""
    try:
        while True:
            tasks.put(line.recv())
    finally:
        os._exit(0)


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """A moment in which an interrupt would do harm: it comes after. A process that starts meanwhile inherits that."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _hear_interrupts() -> None:
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _start_method() -> str:
    """Fork is quickest, and safe while no other thread runs."""
    return "fork" if os.name == "posix" and threading.active_count() == 1 else "spawn"
