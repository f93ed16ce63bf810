"""One reference under several names, one name under several references: what only the whole file can show.

Names are compared folded (no case, no accents), and only with names in the same language: what one element says in
two languages is one naming. Memory is bounded as `mentions` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ssc_iati.findings import Finding, Place
from ssc_iati.standard import org_id
from ssc_iati.standard.rules import own_rule
from ssc_iati.standard.validator.own.mentions import Heard, Names
from ssc_iati.standard.validator.places import Where
from ssc_iati.text import fold

MANY_NAMES, MANY_REFERENCES = "ssc-iati-ref-many-names", "ssc-iati-name-many-refs"
_SHOWN = 5
_OF_NO_COUNTRY = frozenset({"XI", "XM", "XR"})

Said = tuple[str, Names, Where]  # reference, names, and the place


class Teller(NamedTuple):
    """The activity that says something: how many stand before it in the file, its identifier, its title, and how many
    so far bear that identifier.
    """

    number: int
    identifier: str
    title: str
    occurrence: int = 1


class _Variant(NamedTuple):
    """One of the names of a reference, or of the references of a name, where it was first seen."""

    shown: str
    keys: set[tuple[str, str]]  # language and text of each of its spellings
    where: Where
    teller: Teller


class _Group:
    """The variants of one reference or name, in the order of the file; those that share a text are one."""

    __slots__ = ("shown", "variants")

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self.variants: list[_Variant] = []

    def take(self, new: _Variant) -> None:
        """Put a variant beside the others, or together with those that it shows to be the same."""
        if not self.variants:
            self.variants = [new]
            return
        texts = {text for _, text in new.keys}
        same = [each for each in self.variants if not texts.isdisjoint(text for _, text in each.keys)]
        first, *others = same or [new]
        for each in (new, *others):
            first.keys.update(each.keys)
        left = [each for each in self.variants if not any(each is other for other in others)]
        self.variants = left if same else [*left, new]


class Namings:
    """Compares what the activities of a file say of organisations."""

    def __init__(self) -> None:
        self._names: dict[str, _Group] = {}
        self._references: dict[str, _Group] = {}
        self._heard = Heard()

    def take(self, said: Iterable[Said], teller: Teller) -> None:
        """Compare what one activity says with what was said before."""
        for reference, names, where in said:
            # Several processes may have told the same.
            if self._heard.is_new(reference, names):
                self._compare(reference, names, where, teller)

    def _compare(self, reference: str, names: Names, where: Where, teller: Teller) -> None:
        folded = {fold(name): (language.lower(), name.strip()) for language, name in names}
        folded.pop("", None)
        if folded:
            keys = {(language, text) for text, (language, _) in folded.items()}
            shown = next(iter(folded.values()))[1]
            _group(self._names, reference, reference).take(_Variant(shown, keys, where, teller))
        for text, (_, name) in folded.items():
            _group(self._references, text, name).take(_Variant(reference, {("", reference)}, where, teller))

    def findings(self, file: str) -> Iterator[tuple[Teller, Finding]]:
        """What differs, each told of the activity where the first deviating one stands; in no order of activities."""
        for group in filter(_has_several, self._names.values()):
            others = _other_names(group.variants)
            if others:
                names = _shown([group.variants[0], *others])
                yield others[0].teller, _finding(MANY_NAMES, file, others, value=group.shown, names=names)
        told = set[str]()
        for group in filter(_has_several, self._references.values()):
            others = _other_references(group.variants)
            # What one element says in two languages is told once.
            if others and (references := _shown([group.variants[0], *others])) not in told:
                told.add(references)
                yield others[0].teller, _finding(MANY_REFERENCES, file, others, value=group.shown, refs=references)


def _has_several(group: _Group) -> bool:
    """Whether there is anything to compare: of nearly every group there is not."""
    return len(group.variants) > 1


def _group(groups: dict[str, _Group], key: str, shown: str) -> _Group:
    if key not in groups:
        groups[key] = _Group(shown)
    return groups[key]


def _other_names(variants: list[_Variant]) -> list[_Variant]:
    """Those that say something else in a language in which one before them speaks."""
    others, spoken = list[_Variant](), set[str]()
    for each in variants:
        languages = {language for language, _ in each.keys}
        if not spoken.isdisjoint(languages):
            others.append(each)
        spoken |= languages
    return others


def _other_references(variants: list[_Variant]) -> list[_Variant]:
    """Those that may be the same organisation's as one before them: a ministry of health has each country its own."""
    others, countries = list[_Variant](), set[str]()
    for each in variants:
        country = _country(each.shown)
        if countries and (not country or country in countries or "" in countries):
            others.append(each)
        countries.add(country)
    return others


def _country(reference: str) -> str:
    """The country of the register that a reference belongs to; empty for none, and where that is not known."""
    country = (org_id.prefix_of(reference) or "")[:2]
    return "" if country in _OF_NO_COUNTRY else country


def _shown(variants: list[_Variant]) -> str:
    more = ["..."] if len(variants) > _SHOWN else []
    return "; ".join([each.shown for each in variants[:_SHOWN]] + more)


def _finding(name: str, file: str, others: list[_Variant], **values: str) -> Finding:
    rule = own_rule(name)
    first, *also = (Place(file, None, None, None, None, *each.where) for each in others)
    said = {"element": _element(others[0].where), "attribute": "", **values}
    identifier = others[0].teller.identifier
    return Finding(rule.id, rule.severity, rule.category, first, identifier, said, f"iati:{rule.id}", tuple(also))


def _element(where: Where) -> str:
    """The name of the element at a place."""
    return (where[2] or "").partition("/@")[0].rpartition("/")[2].partition("[")[0]
