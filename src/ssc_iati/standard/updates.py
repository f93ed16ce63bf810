"""Brings newer codelists and registers into the user's cache, as a new edition (`editions`), whole or not at all.

Lists are fetched as the official XML files, `NAME.xml` beneath a base address; only what changed is fetched. A failure,
a file that is cut short, is no list, or has lost a good part of its codes leaves everything as it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import NamedTuple

from requests import Session

from ssc_iati.standard import VERSIONS, codelists, editions, org_id
from ssc_iati.standard.codelists import official as lists_form
from ssc_iati.standard.edition_store import File, keep, point
from ssc_iati.standard.editions import REGISTERS, Edition, Origin
from ssc_iati.standard.fetch import Fetched, FetchError, bare, beneath, checked, fetch, session
from ssc_iati.standard.org_id import official as registers_form

LOSS = 0.1
"""The part of its codes that a list may lose; the standard withdraws codes, and hardly ever drops one."""


class Change(NamedTuple):
    """What an update did to a list: how many codes came, were withdrawn, and went."""

    name: str
    added: int
    withdrawn: int
    gone: int


class Update(NamedTuple):
    """What an update did: the edition that new processes use, whether it is new, what changed in which list, and the
    lists that the host lacks.
    """

    edition: str
    news: bool
    changed: tuple[Change, ...]
    missing: tuple[str, ...]


class _Source(NamedTuple):
    """A file of the edition, where it comes from, and what makes the package's form of what is fetched there."""

    name: str
    url: str
    form: Callable[[bytes, str], str]


def update(lists_url: str | None, registers_url: str | None, today: date) -> Update:
    """Fetch what is newer, and let new processes use it.

    `lists_url` is the folder of the official XML files, `registers_url` the file of the registers; None fetches none.
    FetchError, or OSError where the cache cannot be written: then nothing has changed.
    """
    before, held = _before()
    fetched, missing = _fetched([*_lists(lists_url), *_registers(registers_url)], held, today)
    found = held | fetched
    if fetched:
        before = keep(found, today)
        point(before)
    return Update(before.id, bool(fetched), tuple(_changes(held, found)), tuple(missing))


def _fetched(sources: list[_Source], held: Mapping[str, File], today: date) -> tuple[dict[str, File], list[str]]:
    """The files that are newer than what is held, and the names of those that the host lacks: it must have some."""
    found: dict[str, File] = {}
    missing: list[str] = []
    with session() as client:
        for source in sources:
            try:
                answer = _ask(client, source, held.get(source.name))
            except FetchError as error:
                if error.reason != "missing" or len(missing) == len(sources) - 1:
                    raise
                missing.append(source.name.removesuffix(".json"))
            else:
                found |= {source.name: _made(source, answer, held, today)} if answer else {}
    return found, missing


def _before() -> tuple[Edition, dict[str, File]]:
    """The edition to build on, with its files; a damaged one is no reason not to fetch a sound one."""
    try:
        one = editions.read(editions.pointed_at())
        return one, {name: File(editions.stored(one, name), origin) for name, origin in one.files.items()}
    except editions.EditionError:
        return Edition(), {}


# --- What is fetched --------------------------------------------------------------------------------------------------


def _lists(base: str | None) -> Iterator[_Source]:
    for name in codelists.lists() if base else ():
        yield _Source(f"{name}.json", beneath(str(base), f"{name}.xml"), partial(_list, name))


def _registers(url: str | None) -> Iterator[_Source]:
    if url:
        yield _Source(REGISTERS, checked(url), _register_file)


def _register_file(content: bytes, day: str) -> str:
    return registers_form.written(registers_form.read(content), day)


def _list(name: str, content: bytes, day: str) -> str:
    """The list in the package's form. What a list embedded in the standard newly holds is of the newest version."""
    official = lists_form.read(content)
    if official.name != name:
        raise lists_form.ListError("other-list", official.name[:80])
    if official.embedded:
        ours: lists_form.Items = json.loads(codelists.packaged(name))["items"]
        official = official._replace(items=_versioned(official.items, ours))
    return lists_form.written(official, day)


def _versioned(items: lists_form.Items, ours: lists_form.Items) -> lists_form.Items:
    """The codes with the versions in which they stand, and those that only older versions have."""
    ended = {code: kept for code, kept in ours.items() if "until" in kept and code not in items}
    return {code: kept | _versions(ours.get(code)) for code, kept in items.items()} | ended


def _versions(ours: dict[str, str] | None) -> dict[str, str]:
    if ours is None:
        return {"since": VERSIONS[-1]}
    return {key: ours[key] for key in ("since", "until") if key in ours}


def _ask(client: Session, source: _Source, held: File | None) -> Fetched | None:
    """What the host has, unless it is what we have."""
    if held is None or held.origin.url != bare(source.url):
        return fetch(client, source.url)
    answer = fetch(client, source.url, held.origin.etag, held.origin.modified)
    return None if answer is None or _sum(answer.content) == held.origin.source else answer


def _made(source: _Source, answer: Fetched, held: Mapping[str, File], today: date) -> File:
    """The file of the edition; FetchError if what was fetched is no such list, or has lost too much."""
    day = today.isoformat()
    try:
        content = source.form(answer.content, day).encode()
    except lists_form.ListError as error:
        raise FetchError(error.reason, source.url, error.problem) from error
    except registers_form.RegistersError as error:
        raise FetchError("no-registers", source.url, str(error)) from error
    before, after = _states(source.name, _standing(source.name, held)), _states(source.name, content)
    gone = len(before.keys() - after.keys())
    if gone > max(1, LOSS * len(before)):
        raise FetchError("loss", source.url, f"{gone}/{len(before)}")
    origin = Origin(bare(source.url), day, answer.etag, answer.modified, _sum(answer.content), _sum(content))
    return File(content, origin)


# --- What changed -----------------------------------------------------------------------------------------------------


def _changes(held: Mapping[str, File], found: Mapping[str, File]) -> Iterator[Change]:
    for name in sorted(found):
        before, after = _states(name, _standing(name, held)), _states(name, found[name].content)
        added, gone = after.keys() - before.keys(), before.keys() - after.keys()
        withdrawn = [code for code in after.keys() & before.keys() if after[code] and not before[code]]
        if before != after:
            yield Change(name.removesuffix(".json"), len(added), len(withdrawn), len(gone))


def _standing(name: str, held: Mapping[str, File]) -> bytes:
    """A file as it stands before the update."""
    if name in held:
        return held[name].content
    return org_id.packaged() if name == REGISTERS else codelists.packaged(name.removesuffix(".json"))


def _states(name: str, content: bytes) -> dict[str, bool]:
    """The codes of a file, and whether they are withdrawn."""
    document = json.loads(content)
    if name == REGISTERS:
        return {one["code"]: one["deprecated"] for one in document["registers"]}
    return {code: "status" in kept for code, kept in document["items"].items()}


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
