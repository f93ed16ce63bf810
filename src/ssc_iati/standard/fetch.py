"""Fetches one file over HTTP as a careful guest does: only if it changed, up to a size, within a time, TLS verified."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.util import Retry

from ssc_iati import __version__

MOST_BYTES = 32 * 2**20
MOST_SECONDS = 120.0
_PATIENCE = (10.0, 30.0)  # seconds: to connect, and without a byte
_AGAIN = Retry(
    total=2,
    backoff_factor=0.5,
    status_forcelist=(500, 502, 503, 504),
    respect_retry_after_header=False,  # a server must not be able to make a run wait for hours
    raise_on_status=False,
)


class FetchError(Exception):
    """The file could not be fetched: `reason` is a word of ours, `url` holds no secret, `problem` is for experts."""

    def __init__(self, reason: str, url: str, problem: str = "") -> None:
        super().__init__(reason, url, problem)
        self.reason = reason
        self.url = bare(url)
        self.problem = problem


class Fetched(NamedTuple):
    """What a server gave: the content, and what tells later whether it changed."""

    content: bytes
    etag: str
    modified: str


@contextmanager
def session() -> Iterator[requests.Session]:
    """A session for a few requests to one server."""
    with requests.Session() as made:
        # Packed answers are not asked for: a small one may unpack to anything.
        made.headers.update({"User-Agent": f"ssc-iati/{__version__}", "Accept-Encoding": "identity"})
        made.mount("https://", HTTPAdapter(max_retries=_AGAIN))
        made.mount("http://", HTTPAdapter(max_retries=_AGAIN))
        yield made


def fetch(client: requests.Session, url: str, etag: str = "", modified: str = "") -> Fetched | None:
    """The file at the address; None if it is still what `etag` or `modified` tell of; FetchError in all other cases."""
    known = {"If-None-Match": etag, "If-Modified-Since": modified if not etag else ""}
    headers = {name: value for name, value in known.items() if value}
    try:
        with client.get(url, headers=headers, stream=True, timeout=_PATIENCE) as answer:
            if headers and answer.status_code == HTTPStatus.NOT_MODIFIED:
                return None
            _accept(url, answer)
            content = _content(url, answer)
            return Fetched(content, answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", ""))
    except requests.RequestException as error:
        raise FetchError(_reason(error), url, type(error).__name__) from error


def _accept(url: str, answer: requests.Response) -> None:
    if answer.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        raise FetchError("missing", url, str(answer.status_code))
    if answer.status_code != HTTPStatus.OK:
        raise FetchError("status", url, str(answer.status_code))
    if url.lower().startswith("https:") and not all(_is_secure(each) for each in (*answer.history, answer)):
        raise FetchError("insecure", url)


def _is_secure(answer: requests.Response) -> bool:
    return answer.url.lower().startswith("https:")


def _content(url: str, answer: requests.Response) -> bytes:
    """The body, as it comes; cut short, too large or too slow it is none."""
    until = time.monotonic() + MOST_SECONDS
    found = bytearray()
    # read1 gives what there is: with read, a server that sends a byte now and then would outlast every deadline.
    while piece := _piece(url, answer):
        found += piece
        if len(found) > MOST_BYTES:
            raise FetchError("large", url, str(MOST_BYTES))
        if time.monotonic() > until:
            raise FetchError("slow", url)
    return bytes(found)


def _piece(url: str, answer: requests.Response) -> bytes:
    try:
        got: bytes = answer.raw.read1(2**16, decode_content=True)
    except ReadTimeoutError as error:
        raise FetchError("slow", url, type(error).__name__) from error
    except HTTPError as error:
        raise FetchError("partial", url, type(error).__name__) from error
    return got


_REASONS: tuple[tuple[type[requests.RequestException], str], ...] = (
    (requests.exceptions.SSLError, "certificate"),
    (requests.exceptions.ConnectTimeout, "slow"),
    (requests.exceptions.ReadTimeout, "slow"),
    (requests.exceptions.ChunkedEncodingError, "partial"),
    (requests.exceptions.ContentDecodingError, "partial"),
    (requests.exceptions.InvalidSchema, "address"),
    (requests.exceptions.MissingSchema, "address"),
    (requests.exceptions.InvalidURL, "address"),
)


def _reason(error: requests.RequestException) -> str:
    return next((word for kind, word in _REASONS if isinstance(error, kind)), "unreachable")


def bare(url: str) -> str:
    """The address without what may be a secret: user, password, query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def checked(url: str) -> str:
    """The address, if it is one of the web; else FetchError."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound:
        raise FetchError("address", url)
    return url


def beneath(base: str, name: str) -> str:
    """The address of a file in the folder that the base address names; a query of the base stays."""
    parts = urlsplit(checked(base))
    return urlunsplit((parts.scheme, parts.netloc, f"{parts.path.rstrip('/')}/{name}", parts.query, ""))
