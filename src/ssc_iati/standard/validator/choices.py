"""The choices in the paths of `rulesets.toml`: which values of an attribute an element must have to be meant.

`@vocabulary='1'|''|none` (none: it has no such attribute), `@vocabulary=98|99` (compared as numbers),
`../@measure='5'` (the parent's).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from ssc_iati.standard.validator.numbers import xpath_number

_CHOICE = re.compile(r"(?P<up>(?:\.\./)*)@(?P<name>[\w-]+)=(?P<values>.*)")


class Choice(NamedTuple):
    """How many steps up the attribute stands, its name, and whether a value (None: it is not there) is one of those
    meant.
    """

    up: int
    name: str
    means: Callable[[str | None], bool]


def choice(text: str) -> Choice:
    """The choice that the text states; ValueError if it states none."""
    parts = _CHOICE.fullmatch(text)
    if parts is None:
        raise ValueError(f"{text} is no choice of the rulesets")
    up, name, values = parts["up"].count("../"), parts["name"], parts["values"].split("|")
    if values[0].isdigit():
        numbers = frozenset(map(float, values))
        return Choice(up, name, lambda value: value is not None and xpath_number(value) in numbers)
    meant = frozenset(None if value == "none" else value.strip("'") for value in values)
    return Choice(up, name, meant.__contains__)
