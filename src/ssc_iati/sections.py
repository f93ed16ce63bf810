"""The tables of a TOML file of our own, each read when it is asked for: of a catalogue of five hundred messages a run
needs a few, and to read them all takes as long as to judge some hundred activities.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any


class Sections(Mapping[str, dict[str, Any]]):
    """The tables of a text by their headings, in its order; a heading of two names (`[phase.identification]`) is one
    key.

    The text must be as our own files are: nothing above the first heading, each heading once and on a line of its own,
    and no other line that begins with a bracket. The tests see to it that this gives what the whole file says.
    """

    def __init__(self, text: str) -> None:
        parts = (each.partition("]\n") for each in f"\n{text}".split("\n[")[1:])
        self._texts = {heading.strip('"'): body for heading, _, body in parts}
        self._read: dict[str, dict[str, Any]] = {}

    def __getitem__(self, heading: str) -> dict[str, Any]:
        known = self._read.get(heading)
        if known is None:
            known = self._read[heading] = tomllib.loads(self._texts[heading])
        return known

    def __contains__(self, heading: object) -> bool:
        return heading in self._texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)
