"""Processes that work side by side: each is told a piece of work, and answers; answers come in the order of the work.

They have no ear for interrupts, which are for who started the run; and no thread of ours stands between, which an
interrupt could catch in the middle. Leaving the `with` ends them, whatever they are doing; so does the end, however
sudden, of the process that started them.

What is said between them goes through memory that they share, where they are forked; see `lines`.
"""

from __future__ import annotations

import errno
import os
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from multiprocessing import get_context
from multiprocessing.connection import wait
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from ssc_iati.interrupts import interrupts_are_ignored, interrupts_wait
from ssc_iati.lines import Letter, Line, Shelf
from ssc_iati.memory import memory_is_kept, without_collection

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from types import TracebackType

Task = tuple[Any, ...]

_AHEAD = 2
"""So many pieces of work lie with a worker, that it need not wait while its last answer is being used."""
WINDOW = 4
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
    """Some processes: what they must make ready is done while nothing waits for it; but no more of them are at that at
    a time than there are processors beside that of who started them, and is at work meanwhile.
    """

    def __init__(self, number: int, work: Callable[..., Any], ready: Callable[[], object] | None = None) -> None:
        method = start_method()
        context = get_context(method)
        self._processes: list[BaseProcess] = []
        self._owed: dict[Line, deque[_Owed]] = {}
        beside_us = max(1, _processors() - 1)
        # Held here, since whoever is spawned looks for it by its name, which goes with it.
        self._turns: AbstractContextManager[object] = (
            context.BoundedSemaphore(beside_us) if number > beside_us else nullcontext()
        )
        with interrupts_wait():
            for _ in range(number):
                ours, theirs = context.Pipe()
                tasks, answers = (Shelf(_AHEAD), Shelf(_AHEAD)) if method == "fork" else (None, None)
                # A forked process holds our ends, too; while it did, it would not see that we are gone.
                inherited = [*(line.pipe for line in self._owed), ours] if method == "fork" else []
                told = (Line(theirs, answers, tasks), inherited, work, ready, self._turns)
                process = context.Process(target=_serve, args=told, daemon=True)  # type: ignore[attr-defined]
                process.start()
                theirs.close()
                self._processes.append(process)
                self._owed[Line(ours, tasks, answers)] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        with interrupts_wait():
            for process, line in zip(self._processes, self._owed, strict=True):
                process.terminate()
                line.pipe.close()
            for process in self._processes:
                process.join()
            self._turns = nullcontext()

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
            if len(self._owed[line]) >= _AHEAD or (task := current.next_task(WINDOW * len(self._owed))) is None:
                return
            with suppress(ConnectionError):  # that the worker is gone is heard where its answer is missed
                line.send(task)
            self._owed[line].append(_Owed(current, current.handed))
            current.handed += 1

    def _hear(self) -> None:
        """Wait until somebody answers."""
        heard = wait([line.pipe for line, owed in self._owed.items() if owed])
        for line in (line for line in self._owed if line.pipe in heard):
            try:
                answer = line.opened(line.receive())
            except (EOFError, ConnectionError):
                problem = "a process ended before its work was done (was there too little memory?)"
                raise ChildProcessError(errno.ECHILD, problem) from None
            owed = self._owed[line].popleft()
            owed.round.answered[owed.number] = answer


def _serve(
    line: Line,
    inherited: list[Connection],
    work: Callable[..., Any],
    ready: Callable[[], object] | None,
    turns: AbstractContextManager[object],
) -> None:
    """What a worker does all its life."""
    interrupts_are_ignored()
    memory_is_kept()
    for each in inherited:
        each.close()
    letters: SimpleQueue[Letter] = SimpleQueue()
    threading.Thread(target=_take_in, args=(line, letters), daemon=True).start()
    is_ready, problem = True, None
    if ready is not None:
        with turns:
            is_ready, problem = _tried(ready, ())
    with suppress(ConnectionError):  # whoever gave the work is gone
        while True:
            letter = letters.get()
            with without_collection():
                task = line.opened(letter)
                line.send(_tried(work, task) if is_ready else (False, problem))


def _tried(call: Callable[..., Any], arguments: Task) -> tuple[bool, Any]:
    """Whether the call went well, and what it gave, or raised: that is raised again where the answer is wanted."""
    try:
        return True, call(*arguments)
    except Exception as error:  # noqa: BLE001
        error.add_note(traceback.format_exc())
        return False, error


def _take_in(line: Line, letters: SimpleQueue[Letter]) -> None:
    """Take in what is sent while the work goes on, so that whoever sends need not wait; end when nobody is left."""
    try:
        while True:
            letters.put(line.receive())
    finally:
        os._exit(0)


def start_method() -> str:
    """Fork is quickest, and safe while no other thread runs."""
    return "fork" if os.name == "posix" and threading.active_count() == 1 else "spawn"


def _processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
