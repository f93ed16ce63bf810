"""Read back what was published, as its readers get it: the bytes, the activities in them, and what the answer says.

The Bulk Data Service of IATI compares ETag, else Last-Modified, of a HEAD request with those of its last download, and
takes only a file whose first characters are those of IATI: what it would stumble over is said here first.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple, cast

import requests
from lxml import etree

from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding
from ssc_iati.wire import Ask, Limits, TooLargeError, WireError, incoming, session

HOPS = 5
LARGEST = 60 << 20
"""What the validator of the platform takes; beyond it nothing is read."""
_SNIFFED = 6000
_CHUNK = 1 << 20
_ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_VALIDATORS = ("ETag", "Last-Modified")
_CLOCKS_APART = timedelta(minutes=10)
_XML_TYPES = frozenset({"application/xml", "text/xml"})
_ROOTS = ("iati-activities", "iati-organisations")
_COUNTED = ("iati-activity", "iati-organisation")
_IATI_START = re.compile(r"(<\?xml[^>]*>)?\s*(<!--[^>]*-->)?\s*<iati-(activities|organisations)")
_NO_ENDS = dict.fromkeys(map(ord, "\r\n"))


class Published(NamedTuple):
    """What should stand under a URL: size in bytes, SHA-256, the SHA-1 by which the Bulk Data Service knows a file, and
    how many activities (or organisations) it holds, None where it is no IATI.
    """

    url: str
    size: int
    sha256: str
    sha1: str
    activities: int | None


class ReadBack(NamedTuple):
    """What a URL gave. `found` is None where it gave no whole file; `findings` are empty where all is well.

    `same` says that readers get the bytes that were published: only where it is False may a release have to go back.
    """

    found: Published | None
    same: bool
    findings: tuple[Finding, ...]


def published_file(path: Path, url: str) -> Published:
    """What should stand under the URL, from the file that was published there; OSError where it cannot be read."""
    with path.open("rb") as file:
        return _counted(iter(lambda: file.read(_CHUNK), b"")).published(url)


def read_back(
    published: Published,
    *,
    limits: Limits | None = None,
    attempts: int = 3,
    pause: float = 5.0,
    sleep: Callable[[float], None] = time.sleep,
) -> ReadBack:
    """Fetch the URL, and compare. A cache on the way may need a moment: what is not the same is fetched again, so many
    times in all, after pauses (in seconds) that double.
    """
    bounds = (limits or Limits())._replace(size=LARGEST)
    with session() as on:
        result = _once(on, published, bounds)
        for attempt in range(attempts - 1):
            if result.same:
                break
            sleep(pause * 2**attempt)
            result = _once(on, published, bounds)
    return result


def _once(on: requests.Session, published: Published, limits: Limits) -> ReadBack:
    where = Place(published.url)
    try:
        with incoming(on, Ask("GET", published.url), limits, hops=HOPS) as answer:
            if answer.status != 200:
                return _failed(finding("ssc-readback-status", where, status=answer.status))
            count = _counted(answer.chunks())
            headers = answer.headers
    except TooLargeError:
        return _failed(finding("ssc-readback-too-large", where, limit=f"{LARGEST:,}"))
    except WireError as error:
        return _failed(finding("ssc-readback-unreachable", where, problem=str(error)))
    got = count.published(published.url)
    heads = [*_headers(headers, where, datetime.now(UTC)), *_head(on, published, headers, limits)]
    sniffed = [] if count.looks_like_iati() else [finding("ssc-readback-not-iati", where)]
    findings = (*_content(published, got, where), *sniffed, *heads)
    return ReadBack(got, got.sha256 == published.sha256, findings)


def _failed(item: Finding) -> ReadBack:
    return ReadBack(None, same=False, findings=(item,))


def _counted(chunks: Iterable[bytes]) -> _Count:
    count = _Count()
    for chunk in chunks:
        count.take(chunk)
    return count


# --- The bytes --------------------------------------------------------------------------------------------------------


class _Count:
    """Hashes and counts a file that comes in pieces; XML is read, as far as it is sound, and not obeyed."""

    def __init__(self) -> None:
        self._sha256, self._sha1 = hashlib.sha256(), hashlib.sha1(usedforsecurity=False)
        self._size = self._activities = 0
        self._is_iati = False
        self._start = b""
        self._parser: etree.XMLPullParser | None = etree.XMLPullParser(
            events=("end",), tag=_COUNTED, resolve_entities=False, no_network=True, load_dtd=False
        )

    def take(self, chunk: bytes) -> None:
        """Take the next piece."""
        self._sha256.update(chunk)
        self._sha1.update(chunk)
        self._size += len(chunk)
        self._start += chunk[: max(0, _SNIFFED * 4 - len(self._start))]
        self._read(lambda parser: parser.feed(chunk))

    def published(self, url: str) -> Published:
        """What was taken, as a whole."""
        self._read(self._close)
        activities = self._activities if self._is_iati else None
        return Published(url, self._size, self._sha256.hexdigest(), self._sha1.hexdigest(), activities)

    def looks_like_iati(self) -> bool:
        """Whether the Bulk Data Service takes it for IATI: by its first characters, without the ends of lines."""
        start = self._start.decode("utf-8", "replace")[:_SNIFFED]
        return _IATI_START.match(start.translate(_NO_ENDS)) is not None

    def _close(self, parser: etree.XMLPullParser) -> None:
        self._is_iati = parser.close().tag in _ROOTS

    def _read(self, act: Callable[[etree.XMLPullParser], object]) -> None:
        if self._parser is None:
            return
        try:
            act(self._parser)
            for _, element in self._parser.read_events():
                self._activities += 1
                _forget(cast("Any", element))
        except etree.XMLSyntaxError:
            self._parser = None


def _forget(element: etree._Element) -> None:
    """Free what was read of the file so far."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _content(published: Published, got: Published, where: Place) -> Iterator[Finding]:
    counts = {"activities": _shown(got.activities), "expected": _shown(published.activities)}
    if got.sha256 != published.sha256:
        sizes = {"size": f"{got.size:,}", "expected_size": f"{published.size:,}"}
        yield finding("ssc-readback-differs", where, None, **counts, **sizes)
    elif got.activities != published.activities:
        yield finding("ssc-readback-count", where, None, **counts)


def _shown(count: int | None) -> str:
    return "?" if count is None else str(count)


# --- The heads of the answers -----------------------------------------------------------------------------------------


def _headers(headers: Mapping[str, str], where: Place, now: datetime) -> Iterator[Finding]:
    """What the answer to GET says beside the bytes."""
    kind, _, parameters = headers.get("Content-Type", "").partition(";")
    charset = re.search(r"charset\s*=\s*\"?([\w-]+)", parameters, re.IGNORECASE)
    if kind.strip().lower() not in _XML_TYPES or (charset and charset[1].lower() != "utf-8"):
        yield finding("ssc-readback-content-type", where, value=headers.get("Content-Type", "-"))
    etag, modified = (headers.get(name) for name in _VALIDATORS)
    if etag is None and modified is None:
        yield finding("ssc-readback-no-validator", where)
    if etag is not None and not _ETAG.fullmatch(etag):
        yield finding("ssc-readback-etag", where, value=etag)
    if modified is not None and not _is_past_date(modified, now):
        yield finding("ssc-readback-last-modified", where, value=modified)


def _is_past_date(value: str, now: datetime) -> bool:
    """Whether it is a date as HTTP writes it (Sun, 06 Nov 1994 08:49:37 GMT), of a day that there was."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return False
    if moment.tzinfo is None:
        return False
    return format_datetime(moment.astimezone(UTC), usegmt=True) == value and moment <= now + _CLOCKS_APART


def _head(on: requests.Session, published: Published, got: Mapping[str, str], limits: Limits) -> Iterator[Finding]:
    """What the answer to HEAD says, which must be what GET said."""
    where = Place(published.url)
    try:
        with incoming(on, Ask("HEAD", published.url), limits, hops=HOPS) as answer:
            status, headers = answer.status, answer.headers
    except WireError as error:
        yield finding("ssc-readback-head-failed", where, problem=str(error))
        return
    if status != 200:
        yield finding("ssc-readback-head-failed", where, problem=f"HTTP {status}")
        return
    for name in _VALIDATORS:
        if headers.get(name) != got.get(name):
            values = {"head": headers.get(name, "-"), "get": got.get(name, "-")}
            yield finding("ssc-readback-head-differs", where, header=name, **values)
