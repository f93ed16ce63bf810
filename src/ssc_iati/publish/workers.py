"""Processes that work side by side: each is told a piece of work, and answers.

They have no ear for interrupts, which are for who started the run; and no thread stands between, which an interrupt
could catch in the middle. Leaving the `with` ends them, whatever they are doing.
"""

from __future__ import annotations

import errno
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, Self

from ssc_iati.publish.interrupts import interrupts_are_ignored, interrupts_wait

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess
    from types import TracebackType

_AHEAD = 2
"""So many pieces of work lie with a worker, that it need not wait while its last answer is being used."""


class Workers:
    """Some processes, ready as soon as they can be: what they must make ready is done while nothing waits for it."""

    def __init__(self, number: int, work: Callable[..., Any], ready: Callable[[], None]) -> None:
        context = get_context(_start_method())
        self._processes: list[BaseProcess] = []
        self._lines: list[Connection] = []
        with interrupts_wait():
            for _ in range(number):
                ours, theirs = context.Pipe()
                process = context.Process(target=_serve, args=(theirs, work, ready), daemon=True)  # type: ignore[attr-defined]
                process.start()
                theirs.close()
                self._processes.append(process)
                self._lines.append(ours)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        with interrupts_wait():
            for process, line in zip(self._processes, self._lines, strict=True):
                process.terminate()
                line.close()
            for process in self._processes:
                process.join()

    def answers(self, tasks: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
        """What the work gives for each task, a tuple of its arguments, in the order of the tasks.

        What it raises is raised in its turn; ChildProcessError where a worker is gone before it has answered.
        """
        ahead: dict[Connection, deque[int]] = {line: deque() for line in self._lines}
        waiting, answered = deque(range(len(tasks))), dict[int, tuple[bool, Any]]()
        for line in self._lines * _AHEAD:
            _hand_out(tasks, waiting, line, ahead[line])
        for turn in range(len(tasks)):
            while turn not in answered:
                heard = wait([line for line, own in ahead.items() if own])
                for line in (line for line in self._lines if line in heard):
                    answered[ahead[line].popleft()] = _heard(line)
                    _hand_out(tasks, waiting, line, ahead[line])
            well, answer = answered.pop(turn)
            if not well:
                raise answer
            yield answer


def _hand_out(tasks: Sequence[tuple[Any, ...]], waiting: deque[int], line: Connection, own: deque[int]) -> None:
    if waiting:
        own.append(waiting.popleft())
        with suppress(ConnectionError):  # that the worker is gone is heard where its answer is missed
            line.send(tasks[own[-1]])


def _heard(line: Connection) -> tuple[bool, Any]:
    try:
        heard: tuple[bool, Any] = line.recv()
    except (EOFError, ConnectionError):
        raise ChildProcessError(errno.ECHILD, "a process ended before its work was done") from None
    return heard


def _serve(line: Connection, work: Callable[..., Any], ready: Callable[[], None]) -> None:
    """What a worker does all its life."""
    interrupts_are_ignored()
    is_ready, problem = _tried(ready, ())
    with suppress(EOFError, ConnectionError):  # whoever gave the work is gone
        while True:
            task = line.recv()
            line.send(_tried(work, task) if is_ready else (False, problem))


def _tried(call: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[bool, Any]:
    """Whether the call went well, and what it gave, or raised: that is raised again where the answer is wanted."""
    try:
        return True, call(*arguments)
    except Exception as error:  # noqa: BLE001
        return False, error


def _start_method() -> str:
    """Fork is quickest, and safe while no other thread runs."""
    return "fork" if os.name == "posix" and threading.active_count() == 1 else "spawn"
