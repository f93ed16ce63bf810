"""Access tokens, and the wallet that renews them before they expire. Carried as SecretStr, a token shows nothing."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import requests
from pydantic import SecretStr

from ssc_iati.findings import Finding
from ssc_iati.publish.registry.trouble import RegistryError

MARGIN = 60.0
"""So many seconds before its end a token is no longer used; half its life, where that is shorter."""
_LONGEST = 10**9
_FORM = re.compile(r"[!-~]+")


class Token(NamedTuple):
    """An access token; `good_until` by the monotonic clock, `scopes` as granted, each where it is known.

    `findings` are what is to be said of how it was got.
    """

    secret: SecretStr
    good_until: float | None = None
    scopes: frozenset[str] | None = None
    findings: tuple[Finding, ...] = ()

    def sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Let the request carry the token."""
        request.headers["Authorization"] = f"Bearer {self.secret.get_secret_value()}"
        return request

    def hidden_in(self, text: str) -> str:
        """The text, without the token, if some server repeats it."""
        return text.replace(self.secret.get_secret_value(), "***")


Source = Callable[[], Token]


class Wallet:
    """Holds the token that is in use; `findings` are what was to be said of all that it held."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._held: Token | None = None
        self.findings: list[Finding] = []

    def token(self) -> Token:
        """A token that is good as far as we know."""
        held = self._held
        if held is None or (held.good_until is not None and time.monotonic() >= held.good_until):
            held = self._fill()
        return held

    def another(self, refused: Token) -> Token | None:
        """A token instead of one that was refused; None if the source has no other."""
        held = self._fill()
        return None if held.secret == refused.secret else held

    def _fill(self) -> Token:
        self._held = self._source()
        self.findings += self._held.findings
        return self._held


def checked(secret: SecretStr, where: str) -> Token:
    """The token, with what it says of itself; the Registry judges whether that is true."""
    if not _FORM.fullmatch(secret.get_secret_value()):
        raise RegistryError("ssc-registry-token-malformed", where)
    claims = _claims(secret.get_secret_value())
    ends, scope = claims.get("exp"), claims.get("scope")
    until = good_until(min(ends, _LONGEST * 10) - time.time()) if isinstance(ends, (int, float)) else None
    return Token(secret, until, frozenset(scope.split()) if isinstance(scope, str) else None)


def _claims(token: str) -> dict[str, Any]:
    """What a JWT says, not verified; nothing of any other token."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def good_until(lasts: float) -> float:
    """When a token that lasts so many seconds, which may be any number that a server writes, should be renewed."""
    lasts = max(0.0, float(min(lasts, _LONGEST)))
    return time.monotonic() + lasts - min(MARGIN, lasts / 2)
