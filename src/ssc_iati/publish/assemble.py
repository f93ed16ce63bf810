"""The files of a release, written in the run's own folder before any of them is published: the same bytes from the same
source, configuration and ledger.

Each file has its own date-time, which moves only with what that file holds.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ssc_iati.publish.ledger import Entry, FileEntry
from ssc_iati.publish.options import ReleaseOptions, StoreOptions
from ssc_iati.publish.spool import Line, Spool
from ssc_iati.publish.xml_file import ActivitiesFile, head_of
from ssc_iati.record.canonical import canonical_json, from_canonical
from ssc_iati.record.visibility import public

ACTIVITIES, ORGANISATION, COMPANION = "activities", "organisation", "companion"
UNDATED = "0001-01-01T00:00:00Z"
"""What stands in place of a date-time while a file's content is hashed."""
CHECKSUMS = "SHA256SUMS"


class Made(NamedTuple):
    """A file of the release: what the ledger will say of it, where it lies, and which activities it holds."""

    entry: FileEntry
    path: Path
    members: tuple[str, ...] = ()


class Contents(NamedTuple):
    """What a release consists of: the name of its (first) file of activities, what stands beside, and the addresses."""

    base: str
    release: ReleaseOptions
    store: StoreOptions


class Workshop(NamedTuple):
    """What the files are made with: where they are put, what a release consists of, how the organisation file is
    written (None where the last one stays), the last release's files, the date-time of what changed (no earlier than it
    was).
    """

    folder: Path
    contents: Contents
    organisation: Callable[[str], bytes | None] | None
    former: Mapping[str, FileEntry]
    later: Callable[[str | None], str]


def assembled(lines: Sequence[Line], within: Mapping[str, str], spool: Spool, shop: Workshop) -> list[Made]:
    """Every file of the release, in the order in which they take their places; `within` tells each activity's file."""
    files = _by_file(lines, within)
    made = [_activities(name, mine, spool, shop) for name, mine in files.items()]
    organisation = _organisation(shop)
    if organisation is not None:
        made.append(organisation)
    records = (spool.record(line) for mine in files.values() for line in mine)
    return made + list(companions(made, records, shop.folder, shop.contents))


def _by_file(lines: Sequence[Line], within: Mapping[str, str]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(within[line.identifier], []).append(line)
    return dict(sorted(found.items(), key=lambda item: (len(item[0]), item[0])))


def content_of(lines: Iterable[Line | Entry]) -> str:
    """The hash of what a file holds: its activities, in order, with their dates."""
    content = hashlib.sha256()
    for line in lines:
        content.update(f"{line.identifier}\n{line.digest}\n{line.updated}\n".encode("utf-8", "surrogatepass"))
    return content.hexdigest()


def _dated(name: str, content: str, shop: Workshop) -> str:
    """The file's date-time: as it was, if it holds what it held."""
    former = shop.former.get(name)
    if former is not None and former.content == content and former.generated is not None:
        return former.generated
    return shop.later(former.generated if former is not None else None)


def _activities(name: str, lines: Sequence[Line], spool: Spool, shop: Workshop) -> Made:
    content = content_of(lines)
    generated = _dated(name, content, shop)
    head = head_of(generated)
    path = shop.folder / name
    write_activities(path, head, ((spool.xml(line), line.updated) for line in lines))
    transactions = sum(line.transactions for line in lines)
    entry = _entry(path, ACTIVITIES, shop.contents)._replace(
        content=content, generated=generated, activities=len(lines), transactions=transactions, head=head
    )
    return Made(entry, path, tuple(line.identifier for line in lines))


def write_activities(path: Path, head: bytes, activities: Iterable[tuple[bytes, str]]) -> None:
    """Write a file of activities: each one's rendering, and its date-time."""
    with path.open("wb") as file:
        out = ActivitiesFile(file, head=head)
        for xml, updated in activities:
            out.add(xml, updated)
        out.close()


def _organisation(shop: Workshop) -> Made | None:
    name = shop.contents.release.organisation
    if not name:
        return None
    if shop.organisation is None:
        return _organisation_as_it_was(name, shop)
    undated = shop.organisation(UNDATED)
    if undated is None:
        return None
    content = hashlib.sha256(undated).hexdigest()
    generated = _dated(name, content, shop)
    return _organisation_made(name, shop, content, generated, shop.organisation(generated) or b"")


def _organisation_as_it_was(name: str, shop: Workshop) -> Made | None:
    former = shop.former.get(name)
    if former is None or former.head is None or former.content is None or former.generated is None:
        return None
    return _organisation_made(name, shop, former.content, former.generated, former.head)


def _organisation_made(name: str, shop: Workshop, content: str, generated: str, body: bytes) -> Made:
    path = shop.folder / name
    path.write_bytes(body)
    entry = _entry(path, ORGANISATION, shop.contents)._replace(activities=body.count(b"<iati-organisation "))
    return Made(entry._replace(content=content, generated=generated, head=body), path)


def companions(made: Sequence[Made], records: Iterable[str], folder: Path, contents: Contents) -> Iterator[Made]:
    """What stands beside the XML, as far as it was asked for."""
    asked = contents.release
    beside: list[Made] = []
    if asked.gzip:
        beside += [_companion(_compressed(each.path), contents) for each in made]
    if asked.jsonl:
        path = folder / f"{Path(contents.base).stem}.jsonl"
        beside.append(_companion(_public_records(path, records), contents))
    yield from beside
    if asked.checksums:
        sums = "".join(f"{each.entry.sha256}  {each.entry.name}\n" for each in [*made, *beside])
        (folder / CHECKSUMS).write_text(sums, "ascii")
        yield _companion(folder / CHECKSUMS, contents)


def _compressed(path: Path) -> Path:
    target = path.with_name(f"{path.name}.gz")
    with path.open("rb") as plain, target.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        shutil.copyfileobj(plain, packed, 1 << 20)
    return target


def _public_records(path: Path, records: Iterable[str]) -> Path:
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="\n") as file:
        for record in records:
            file.write(canonical_json(public(from_canonical(record))) + "\n")
    return path


def _companion(path: Path, contents: Contents) -> Made:
    return Made(_entry(path, COMPANION, contents), path)


def _entry(path: Path, role: str, contents: Contents) -> FileEntry:
    url = contents.store.address(path.name)
    known = {"sha256": digest_of(path), "size": path.stat().st_size, "url": url}
    return FileEntry(path.name, role, **known, **dict.fromkeys(_LATER), activities=0)  # type: ignore[arg-type]


_LATER = ("content", "generated", "transactions", "listing", "head")


def digest_of(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
