"""HTTP as this house speaks it: every answer is bounded in size and time, TLS is verified, and what authenticates a
request goes to the host that was asked, never on to where that host points.

Nothing here, and nothing that it raises, shows a header, a body or an address that was sent.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from ssc_iati import __version__

USER_AGENT = f"ssc-iati/{__version__}"
_CHUNK = 1 << 16

_Got = TypeVar("_Got")

Sign = Callable[[requests.PreparedRequest], requests.PreparedRequest]
"""What authenticates a request: it is given the request as it is about to be sent."""


@dataclass(frozen=True)
class Ask:
    """What is asked: `form` is sent as the fields of a form, `body` as JSON; `sign` is what authenticates it.

    A form may hold secrets, and is not shown.
    """

    method: str
    url: str
    params: Mapping[str, str | int] | None = None
    form: Mapping[str, str] | None = field(default=None, repr=False)
    body: Mapping[str, Any] | None = None
    sign: Sign | None = None


class Limits(NamedTuple):
    """How long an answer may take, in seconds, and how many bytes it may have.

    `connect` and `silence` bound each wait, `whole` the reading of the whole body.
    """

    connect: float = 10
    silence: float = 30
    whole: float = 120
    size: int = 8 << 20


class WireError(OSError):
    """There is no whole answer: the host cannot be reached or trusted, fell silent, or sends more than may be read."""


class TooLargeError(WireError):
    """The answer is larger than may be read."""


@dataclass(frozen=True)
class Answer:
    """An answer, whole. `headers` may be asked in any case; the body may hold a token, and is not shown."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def told(self) -> dict[str, Any]:
        """The JSON object that the body is; an empty one where it is none."""
        try:
            told = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return told if isinstance(told, dict) else {}


class Incoming:
    """An answer of which only the head has come."""

    def __init__(self, response: requests.Response, limits: Limits) -> None:
        self._response = response
        self._limits = limits
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers

    def chunks(self) -> Iterator[bytes]:
        """The body, decoded; WireError where it does not end well, or within its limits."""
        deadline, size = time.monotonic() + self._limits.whole, 0
        body: urllib3.response.HTTPResponse = self._response.raw
        # read1 gives what there is: with read, a server that sends a byte now and then would outlast every deadline
        while chunk := _reached(lambda: body.read1(_CHUNK, decode_content=True)):
            size += len(chunk)
            if size > self._limits.size:
                raise TooLargeError(f"the answer has more than {self._limits.size:,} bytes")
            if time.monotonic() > deadline:
                raise WireError(f"the answer was not complete after {self._limits.whole:g} seconds")
            yield chunk


@contextmanager
def session() -> Iterator[requests.Session]:
    """Connections to be shared by some requests; proxies and authorities are those of the environment.

    A user's .netrc is never asked: a request carries what it is told to carry.
    """
    with requests.Session() as made:
        made.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "identity"})
        made.auth = _as_it_is
        yield made


@contextmanager
def incoming(on: requests.Session, ask: Ask, limits: Limits, *, hops: int = 0) -> Iterator[Incoming]:
    """Ask, and give the answer when its head is there; redirections are followed so many times, unsigned only.

    WireError where there is none.
    """
    if ask.sign is not None and hops:
        raise ValueError("a signed request follows no redirection")
    for left in range(hops, -1, -1):
        with _sent(on, ask, limits) as response:
            target = on.get_redirect_target(response)
            if target is None or not left:
                yield Incoming(response, limits)
                return
        ask = replace(ask, url=_web_address(urljoin(ask.url, target)))


def exchange(on: requests.Session, ask: Ask, limits: Limits) -> Answer:
    """Ask, and read the whole answer; WireError where there is none. A redirection is an answer like any other."""
    with incoming(on, ask, limits) as answer:
        return Answer(answer.status, answer.headers, b"".join(answer.chunks()))


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _sent(on: requests.Session, ask: Ask, limits: Limits) -> requests.Response:
    return _reached(
        lambda: on.request(
            ask.method,
            ask.url,
            params=ask.params,
            data=ask.form,
            json=ask.body,
            auth=ask.sign or _as_it_is,
            allow_redirects=False,
            stream=True,
            timeout=(limits.connect, limits.silence),
        )
    )


def _web_address(url: str) -> str:
    if urlsplit(url).scheme not in {"http", "https"}:
        raise WireError("the server points to an address that is not on the web")
    return url


def _reached(act: Callable[[], _Got]) -> _Got:
    """What the act gives; else a WireError, with no link to the exception that may carry what was sent."""
    try:
        return act()
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        problem = _problem(error)
    raise WireError(problem)


def _problem(error: BaseException) -> str:
    """The reason, in words that hold nothing of what was sent."""
    root = _root(error)
    if isinstance(root, ssl.SSLCertVerificationError):
        return f"the server's certificate cannot be trusted ({root.verify_message})"
    if isinstance(root, OSError) and root.strerror:
        return root.strerror
    if isinstance(root, TimeoutError):
        return "no answer in time"
    return next((words for kind, words in _WORDS if isinstance(error, kind)), type(error).__name__)


_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (requests.exceptions.SSLError, "no trustworthy TLS connection"),
    (requests.exceptions.ProxyError, "the proxy refused the connection"),
    (requests.exceptions.ConnectionError, "no connection, or one that broke off"),
    (urllib3.exceptions.DecodeError, "the answer cannot be unpacked"),
    (urllib3.exceptions.ProtocolError, "the connection broke off in the middle of the answer"),
)


def _root(error: BaseException) -> BaseException:
    """The innermost cause that the libraries know of."""
    for _ in range(10):
        inner = next((each for each in _causes(error) if isinstance(each, BaseException)), None)
        if inner is None:
            break
        error = inner
    return error


def _causes(error: BaseException) -> list[object]:
    return [getattr(error, "reason", None), *error.args, error.__cause__, error.__context__]
