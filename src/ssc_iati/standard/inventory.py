"""What of the standard is in use here: schemas, rules, codelists, organisation registers; of when, and from where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ssc_iati.standard import SNAPSHOT, VERSIONS, codelists, editions, org_id, rules


class Item(NamedTuple):
    """One thing in use. `kind` is `edition` (of the lists), `schema`, `rules`, `codelist` or `registers`.

    `date` is the day or the month of which it is (None for a schema: its version says it), `entries` how many codes or
    registers it has, `withdrawn` how many of them are withdrawn or advised against. `origin` is `package` or `cache`;
    `url` and `checksum` (SHA-256 of what was fetched) say where something in the cache is from.
    """

    kind: str
    name: str
    date: str | None = None
    entries: int | None = None
    withdrawn: int | None = None
    origin: str = "package"
    url: str | None = None
    checksum: str | None = None


class Dates(NamedTuple):
    """Of when the lists and rules in use are: the day, or the month where no day is known."""

    codelists: str
    rulesets: str
    registers: str


def dates() -> Dates:
    """Of when the lists and rules in use are."""
    return Dates(str(_edition().date), rules.RULESETS_DATE, org_id.snapshot_date())


def inventory() -> Iterator[Item]:
    """Everything in use, in a fixed order."""
    yield _edition()
    for version in VERSIONS:
        yield Item("schema", version)
    yield Item("rules", "IATI", rules.RULESETS_DATE)
    yield from map(_codelist, codelists.lists())
    registers = org_id.codes()
    deprecated = sum(map(org_id.deprecated, registers))
    found = Item("registers", "org-id.guide", org_id.snapshot_date(), len(registers), deprecated)
    yield _from_where(found, editions.REGISTERS)


def _edition() -> Item:
    used = editions.in_use()
    if used == editions.PACKAGED:
        return Item("edition", used, SNAPSHOT)
    return Item("edition", used, used[: len("2026-11-24")], origin="cache")


def _codelist(name: str) -> Item:
    every = codelists.codes(name)
    withdrawn = len(every) - len(codelists.codes(name, active=True))
    return _from_where(Item("codelist", name, codelists.date_of(name), len(every), withdrawn), f"{name}.json")


def _from_where(item: Item, file: str) -> Item:
    origin = editions.edition().files.get(file)
    return item if origin is None else item._replace(origin="cache", url=origin.url, checksum=origin.source)
