"""What IATI's Bulk Data Service has of our datasets: the alarm for files that were published and do not arrive.

Its index says of every dataset when it was last fetched, what went wrong, and the SHA-1 of the copy that all get.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import requests

from ssc_iati.findings import Finding, Place, Severity
from ssc_iati.messages import finding
from ssc_iati.read.json_records import JsonRecord, json_document
from ssc_iati.wire import Ask, Limits, WireError, exchange, incoming, session

DUE = timedelta(hours=24)
"""Within a day of its last change a file is fetched anew."""
FORGOTTEN = timedelta(hours=72)
"""After this time without a good answer the service takes its copy away."""
INDEX_LIMITS = Limits(silence=60, whole=600, size=256 << 20)


class Expected(NamedTuple):
    """A public dataset as it should arrive: SHA-1 of its bytes, and when they and its registration came to be."""

    short_name: str
    url: str
    sha1: str
    since: datetime


def check_bulk_data(
    service: str, expected: Sequence[Expected], now: datetime, *, due: timedelta = DUE, limits: Limits = INDEX_LIMITS
) -> list[Finding]:
    """Look for our datasets in the service's index, as soon as one of them is due, and say what is not as it should be.

    Nothing is asked while none is due. Where the service itself cannot be read, that is the finding.
    """
    late = [each for each in expected if now - each.since >= due]
    if not late:
        return []
    try:
        with session() as on:
            stale = _stale(on, service, now, limits)
            if stale is not None:
                return [stale]
            entries, trouble = _entries(on, service, {each.short_name for each in late}, limits)
    except WireError as error:
        return [finding("ssc-bds-unreadable", Place(service), problem=str(error))]
    if trouble is not None:
        return [trouble]
    return [item for each in late for item in _compare(each, entries.get(each.short_name), service, now)]


def _stale(on: requests.Session, service: str, now: datetime, limits: Limits) -> Finding | None:
    """What is wrong if the index was not made of late: then it says nothing of today."""
    url = f"{service}/indices-meta"
    answer = exchange(on, Ask("GET", url), limits._replace(size=1 << 20))
    meta = answer.told().get("meta")
    index = meta.get("datasets_full") if isinstance(meta, dict) else None
    made = _moment(index.get("index_created")) if isinstance(index, dict) else None
    if answer.status != 200 or made is None:
        return finding("ssc-bds-unreadable", Place(url), problem=f"HTTP {answer.status}")
    if now - made > FORGOTTEN:
        return finding("ssc-bds-index-old", Place(url), made=made.isoformat())
    return None


def _entries(
    on: requests.Session, service: str, names: set[str], limits: Limits
) -> tuple[dict[str, dict[str, Any]], Finding | None]:
    """The entries of these datasets. The index is large: it is put on the disk, and read one entry at a time."""
    url, found = f"{service}/datasets-full", {}
    with _downloaded(on, url, limits) as path:
        for each in json_document(path, url):
            if not isinstance(each, JsonRecord):
                if each.severity.reaches(Severity.CRITICAL):
                    return {}, finding("ssc-bds-unreadable", Place(url), problem=each.rule)
            elif each.section == "datasets" and isinstance(each.value, dict) and each.value.get("short_name") in names:
                found[str(each.value["short_name"])] = each.value
    return found, None


@contextmanager
def _downloaded(on: requests.Session, url: str, limits: Limits) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ssc-iati-") as folder:
        path = Path(folder, "index.json")
        with incoming(on, Ask("GET", url), limits, hops=2) as answer, path.open("wb") as file:
            if answer.status != 200:
                raise WireError(f"HTTP {answer.status}")
            file.writelines(answer.chunks())
        yield path


# --- One dataset ------------------------------------------------------------------------------------------------------


def _compare(expected: Expected, entry: Mapping[str, Any] | None, service: str, now: datetime) -> Iterator[Finding]:
    where = Place(f"{service}/datasets-full", path=expected.short_name)
    if entry is None:
        yield finding("ssc-bds-missing", where, name=expected.short_name)
        return
    if entry.get("source_url") != expected.url:
        yield finding("ssc-bds-url-differs", where, found=entry.get("source_url") or "-", url=expected.url)
    yield from _last_attempt(entry, where)
    copy = entry.get("last_known_good_dataset")
    if not isinstance(copy, dict) or not copy.get("hash"):
        yield finding("ssc-bds-no-copy", where, name=expected.short_name)
        return
    seen = max(filter(None, map(_moment, (copy.get("downloaded"), copy.get("verified_on_server")))), default=None)
    shown = seen.isoformat() if seen is not None else "-"
    if copy["hash"] != expected.sha1:
        yield finding("ssc-bds-copy-differs", where, name=expected.short_name, seen=shown)
    elif seen is None or now - seen > FORGOTTEN:
        yield finding("ssc-bds-copy-old", where, name=expected.short_name, seen=shown)


def _last_attempt(entry: Mapping[str, Any], where: Place) -> Iterator[Finding]:
    """What went wrong when the service last asked for the file, with either method."""
    attempts = [entry.get(name) for name in ("most_recent_get_attempt", "most_recent_head_attempt")]
    made = [(_moment(each.get("datetime")), each) for each in attempts if isinstance(each, dict)]
    dated = [(when, each) for when, each in made if when is not None]
    if not dated:
        return
    _, last = max(dated, key=lambda pair: pair[0])
    if last.get("error_occurred") is True:
        details = last.get("error_details")
        told = details if isinstance(details, dict) else {}
        values = {"error": told.get("error_type") or "-", "problem": told.get("summary_message") or "-"}
        yield finding("ssc-bds-attempt", where, method=told.get("http_method") or "-", **values)


def _moment(value: object) -> datetime | None:
    """A date-time as the service writes it; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
