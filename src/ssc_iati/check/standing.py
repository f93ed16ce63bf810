"""The records that stand, and those that a source adds to them, by every name that people call them.

A key or an IATI identifier names a record, to the letter or as people take two spellings for the same. Memory holds the
names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding
from ssc_iati.read.stage import Stage
from ssc_iati.text import fold

ACCEPTED = "accepted"
"""The kind under which a record that stands is staged."""


class Standing:
    """Which record a row means: its ordinal, in the order in which they stand; those that are new come after."""

    def __init__(self) -> None:
        self.total = 0
        self.ordinals: dict[str, int] = {}
        self.organisations: dict[str, str] = {}
        self.agreed: dict[str, dict[str, Any] | None] = {}
        self._alike: dict[str, tuple[int, ...]] = {}
        self._claimed: dict[int, tuple[str, Place]] = {}

    @classmethod
    def staged(cls, records: Iterable[str], stage: Stage) -> Standing:
        """Stage the records (canonical JSON), and know them by their names."""
        standing = cls()
        for text in records:
            values = json.loads(text)
            stage.put(standing.total, ACCEPTED, text, _weight(values))
            standing.add(values.get("key"), values.get("iati_identifier"))
            for each in values.get("organisations", ()):
                standing.note_organisation(each)
        stage.note("organisations", standing.organisations)
        stage.share(ACCEPTED, ((str(each["key"]), each) for each in standing.agreed.values() if each is not None))
        return standing

    def note_organisation(self, values: dict[str, Any]) -> None:
        """Know an organisation by its key; records that say different things of it do not lend it to others."""
        key = values.get("key")
        if isinstance(key, str):
            known = self.organisations.setdefault(fold(key), key)
            if self.agreed.setdefault(known, values) != values:
                self.agreed[known] = None

    def add(self, *names: str | None) -> int:
        """Add a record that is called so; its ordinal."""
        ordinal, self.total = self.total, self.total + 1
        for name in dict.fromkeys(filter(None, names)):
            self.ordinals.setdefault(name, ordinal)
            known = self._alike.get(fold(name), ())
            if ordinal not in known:
                self._alike[fold(name)] = (*known, ordinal)
        return ordinal

    def find(self, *names: str | None) -> tuple[int, ...]:
        """The records that these names mean: none, one, or several between which nobody decided."""
        found: dict[int, None] = {}
        for name in filter(None, names):
            exact = self.ordinals.get(name)
            found.update(dict.fromkeys((exact,) if exact is not None else self._alike.get(fold(name), ())))
        return tuple(found)

    def claim(self, names: tuple[str | None, ...], derived: str | None, where: Place) -> tuple[int, Finding | None]:
        """The record that a row for a whole activity means, a new one if none is called so; or what is wrong with it.

        `derived` is the identifier that it would get if it states none.
        """
        means = self.find(*names) or self.find(derived)
        called = " / ".join(filter(None, names)) or "-"
        if len(means) > 1:
            rows = ", ".join(self.called(each) for each in means)
            return self.add(None), finding("ssc-merge-ambiguous", where, number=len(means), rows=rows)
        if not means:
            means = (self.add(*names, derived),)
        other = self._claimed.setdefault(means[0], (called, where))
        if other[1] is where:
            return means[0], None
        spot = f"{other[1].sheet or other[1].file}, {other[1].row or other[1].line}"
        return means[0], finding("ssc-key-doubled", where, value=called, other=other[0], spot=spot)

    def called(self, ordinal: int) -> str:
        """A name of a record."""
        return next((name for name, each in self.ordinals.items() if each == ordinal), "-")


def _weight(values: dict[str, Any]) -> int:
    return 1 + sum(len(each) for each in values.values() if isinstance(each, list))
