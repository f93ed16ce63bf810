"""Which of the rows that stand a row of the source means: by its key, else by what it says.

A row that says nothing but what stands already means that row, and changes nothing. One that says more, or other
things, means the one row of which the same fact is told; where there are several, that is not for us to decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from ssc_iati.check.erasure import DROPPED, ERASED
from ssc_iati.merging.identity import Values, agree, core_of, fields_of, number
from ssc_iati.record.fields import Described
from ssc_iati.record.tables import POSITION
from ssc_iati.record.values import Fact, Text
from ssc_iati.text import fold


class Match(NamedTuple):
    """The row that is meant (its place among those that stand), or the several that may be; neither: a new one."""

    at: int | None = None
    several: tuple[int, ...] = ()


def matches(
    model: type[Fact], stand: Sequence[Values], given: Sequence[Values], language: str | None = None
) -> list[Match]:
    """For each given fact the one that it means; two never mean the same."""
    return _Matching(model, stand, given, language).found()


def key_of(fact: Values) -> str | None:
    """The key of a fact; one that only tells rows of one file apart is none."""
    key = fact.get("key")
    return key if isinstance(key, str) and not key.startswith(POSITION) else None


class _Matching:
    """One list against another: first by keys, then what stands already, then by what a fact is known by."""

    def __init__(
        self, model: type[Fact], stand: Sequence[Values], given: Sequence[Values], language: str | None
    ) -> None:
        self._model = model
        self._language = language
        self._stand = stand
        self._given = given
        self._taken: set[int] = set()
        self._cores = [core_of(model, each) for each in given]
        self._found: dict[int, Match] = {}
        self._by_core: dict[object, list[int]] = {}

    def found(self) -> list[Match]:
        keyless = [index for index, fact in enumerate(self._given) if key_of(fact) is None]
        for index in range(len(self._given)):
            if index not in keyless:
                self._found[index] = self._take(*self._by_key(str(self._given[index]["key"])))
        for at, fact in enumerate(self._stand):
            if at not in self._taken:
                self._by_core.setdefault(core_of(self._model, fact), []).append(at)
        self._pair_repeated([each for each in keyless if not self._given[each].keys() & {ERASED, DROPPED}])
        rest = [index for index in keyless if index not in self._found]
        for index in rest:
            self._found[index] = (
                self._dropped(index) if DROPPED in self._given[index] else self._by_content(index, rest)
            )
        return [self._found[index] for index in range(len(self._given))]

    def _take(self, *chosen: int) -> Match:
        if len(chosen) > 1:
            return Match(several=chosen)
        self._taken.update(chosen)
        return Match(chosen[0]) if chosen else Match()

    def _by_key(self, key: str) -> list[int]:
        free = [at for at in range(len(self._stand)) if at not in self._taken]
        exact = [at for at in free if self._stand[at].get("key") == key]
        return exact[:1] or [
            at for at in free if (own := key_of(self._stand[at])) is not None and fold(own) == fold(key)
        ]

    def _pair_repeated(self, keyless: Sequence[int]) -> None:
        """Pair as many given facts as can be with facts that say all that they do: a source that is read again."""
        owner: dict[int, int] = {}
        fits = {index: self._containing(index, self._by_core.get(self._cores[index], [])) for index in keyless}

        def place(index: int, seen: set[int]) -> bool:
            for at in fits[index]:
                if at not in seen:
                    seen.add(at)
                    if at not in owner or place(owner[at], seen):
                        owner[at] = index
                        return True
            return False

        for index in keyless:
            place(index, set())
        for at, index in owner.items():
            self._found[index] = self._take(at)

    def _containing(self, index: int, among: Sequence[int]) -> list[int]:
        fact = {name: value for name, value in self._given[index].items() if name not in {ERASED, DROPPED}}
        return [at for at in among if contains(self._model, self._stand[at], fact, self._language)]

    def _dropped(self, index: int) -> Match:
        """A row that is to go must say which: all that contain it would have to go, and only one may."""
        free = [at for at in range(len(self._stand)) if at not in self._taken]
        chosen = self._containing(index, free)
        if self._given[index].keys() <= {ERASED, DROPPED}:
            return Match(several=tuple(chosen))
        return self._take(*chosen)

    def _by_content(self, index: int, rest: Sequence[int]) -> Match:
        core, fact = self._cores[index], self._given[index]
        if core is None:
            return Match()
        group = self._by_core.get(core, [])
        chosen = [at for at in group if at not in self._taken and agree(self._model, self._stand[at], fact)]
        rivals = (other for other in rest if other != index and self._cores[other] == core)
        if chosen and any(agree(self._model, self._given[other], fact) for other in rivals):
            return Match(several=tuple(chosen))
        return self._take(*chosen)


def contains(model: type[Fact], fact: Values, given: Values, language: str | None = None) -> bool:
    """Whether a fact says already all that is given; `language` is that of texts which name none."""
    fields = fields_of(model)
    for name, value in given.items():
        field, own = fields.get(name), fact.get(name)
        if field is None or (own is None and value not in (None, [], {})):
            return False
        if field.kind is Text:
            if not spoken(own, language) >= spoken(value, language):
                return False
        elif issubclass(field.kind, Fact):
            if not _contains_facts(field.kind, own, value, language):
                return False
        elif not same(field, own, value):
            return False
    return True


def says_the_same(model: type[Fact], one: Values, other: Values, language: str | None = None) -> bool:
    """Whether two facts say the same."""
    return contains(model, one, other, language) and contains(model, other, one, language)


def _contains_facts(model: type[Fact], own: object, given: object, language: str | None) -> bool:
    if isinstance(own, dict) and isinstance(given, dict):
        return contains(model, own, given, language)
    if isinstance(own, list) and isinstance(given, list):
        return all(
            isinstance(each, dict) and any(contains(model, mine, each, language) for mine in own) for each in given
        )
    return own == given


def spoken(value: object, language: str | None) -> Counter[tuple[object, object]]:
    """What texts say, in which language each."""
    return Counter((each.get("lang") or language, each.get("text")) for each in texts(value))


def texts(value: object) -> list[Values]:
    """Texts as a list, however they were given."""
    if isinstance(value, str):
        return [{"text": value}]
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def same(field: Described, own: object, given: object) -> bool:
    """Whether two values say the same: numbers by what they are, all else to the letter."""
    return own == given or (field.kind is Decimal and number(own) == number(given))
