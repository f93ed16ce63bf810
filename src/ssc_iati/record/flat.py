"""Flat functions: what would walk a declaration for every value is written out as text once, and compiled.

Such a text holds nothing but what the program's own declarations say; values of a record are arguments only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

Scope: TypeAlias = dict[str, Any]
"""The names that a text may use, beside Python's own."""


def flat(name: str, about: str, lines: Iterable[str], scope: Scope) -> Any:  # noqa: ANN401 - the caller knows its type
    """The function of this name that the lines define; tracebacks call their text `<about>`."""
    exec(compile("\n".join(lines), f"<{about}>", "exec"), scope)  # noqa: S102 - our own text
    return scope[name]


def when_called(name: str, make: Callable[[], Callable[..., Any]], scope: Scope) -> None:
    """Let a name stand for a function that is made when it is first called: most sources need a few of all."""

    def first(*arguments: Any) -> Any:  # noqa: ANN401
        scope[name] = make()
        return scope[name](*arguments)

    scope[name] = first
