"""Where access tokens come from: four sources behind one function. A source is called for a new token each time."""

from __future__ import annotations

import base64
import re
import subprocess
from typing import Any
from urllib.parse import quote_plus

import requests
from pydantic import SecretStr

from ssc_iati.findings import Place
from ssc_iati.messages import finding
from ssc_iati.publish.registry.options import TokenOptions
from ssc_iati.publish.registry.tokens import Source, Token, checked, good_until
from ssc_iati.publish.registry.trouble import RegistryError, rule_of
from ssc_iati.publish.secrets import Secrets, SecretsError
from ssc_iati.wire import Answer, Ask, Limits, Sign, WireError, exchange

_LARGEST = 1 << 16


def token_source(options: TokenOptions, secrets: Secrets, on: requests.Session, limits: Limits) -> Source:
    """The source that the configuration names. Calling it raises RegistryError where no token can be had."""
    sources: dict[str, Source] = {
        "client_credentials": lambda: _by_client(options, secrets, on, limits),
        "refresh_token": lambda: _by_refreshing(options, secrets, on, limits),
        "environment": lambda: _told(secrets.get(options.access_token or ""), options.access_token or ""),
        "command": lambda: _told(_output(options.command, limits.whole), options.command[0]),
    }
    return lambda: _had(sources[options.source])


def _had(source: Source) -> Token:
    """A secret that is missing is a trouble of the Registry's like any other that keeps us out."""
    try:
        return source()
    except SecretsError as error:
        missing = error.finding
    raise RegistryError(missing.rule, missing.where.file, **missing.values)


# --- From the identity server -----------------------------------------------------------------------------------------


def _by_client(options: TokenOptions, secrets: Secrets, on: requests.Session, limits: Limits) -> Token:
    token, _ = _asked(options, secrets, on, limits, {"grant_type": "client_credentials"})
    return token


def _by_refreshing(options: TokenOptions, secrets: Secrets, on: requests.Session, limits: Limits) -> Token:
    """A refresh token may be replaced each time it is used: the new one is kept before the token is used."""
    name = options.refresh_token or ""
    current = secrets.get(name)
    form = {"grant_type": "refresh_token", "refresh_token": current.get_secret_value()}
    token, successor = _asked(options, secrets, on, limits, form)
    if successor is None or successor == current or _kept(secrets, name, successor):
        return token
    lost = finding("ssc-registry-token-replaced", Place(str(secrets.file or name)), name=name)
    return token._replace(findings=(lost,))


def _kept(secrets: Secrets, name: str, successor: SecretStr) -> bool:
    try:
        return secrets.keep(name, successor)
    except OSError:
        return False


def _asked(
    options: TokenOptions, secrets: Secrets, on: requests.Session, limits: Limits, form: dict[str, str]
) -> tuple[Token, SecretStr | None]:
    """The access token that the identity server gives, and the refresh token if it gives one."""
    client, secret = options.client_id or "", options.client_secret
    password = secrets.get(secret).get_secret_value() if secret is not None else None
    form = form | {"scope": " ".join(options.scopes)} | ({"audience": options.audience} if options.audience else {})
    sign = None
    if password is not None and options.client_authentication == "header":
        sign = _basic(client, password)
    else:
        form |= {"client_id": client} | ({"client_secret": password} if password is not None else {})
    try:
        answer = exchange(on, Ask("POST", options.url, form=form, sign=sign), limits)
    except WireError as error:
        raise RegistryError("ssc-registry-unreachable", options.url, problem=str(error)) from None
    return _granted(options.url, answer)


def _basic(client: str, password: str) -> Sign:
    """The client's name and password in the header, each encoded as OAuth 2.0 (RFC 6749, 2.3.1) asks."""
    pair = ":".join(quote_plus(part) for part in (client, password))
    value = base64.b64encode(pair.encode()).decode()

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Basic {value}"
        return request

    return sign


def _granted(url: str, answer: Answer) -> tuple[Token, SecretStr | None]:
    told = answer.told()
    if answer.status != 200:
        passing = answer.status == 429 or answer.status >= 500
        rule = rule_of(answer.status) if passing else "ssc-registry-token-refused"
        raise RegistryError(rule, url, status=answer.status, problem=_code(told))
    secret, lasts, scope, successor = (
        told.get(name) for name in ("access_token", "expires_in", "scope", "refresh_token")
    )
    token = checked(SecretStr(secret) if isinstance(secret, str) else SecretStr(""), url)
    scopes = frozenset(scope.split()) if isinstance(scope, str) else token.scopes
    until = good_until(lasts) if isinstance(lasts, (int, float)) else token.good_until
    return Token(token.secret, until, scopes), SecretStr(successor) if isinstance(successor, str) else None


def _code(told: dict[str, Any]) -> str:
    """The server's error code, one of a few words; its description may repeat what was sent, and is not shown."""
    code = told.get("error")
    return code if isinstance(code, str) and re.fullmatch("[a-z_]{1,40}", code) else "?"


# --- From elsewhere ---------------------------------------------------------------------------------------------------


def _told(secret: SecretStr, where: str) -> Token:
    return checked(SecretStr(secret.get_secret_value().strip()), where)


def _output(command: tuple[str, ...], seconds: float) -> SecretStr:
    """What a program writes to its standard output; what it writes elsewhere is nobody's to see."""
    try:
        ended = subprocess.run(  # noqa: S603 - the publisher's own configuration names the program
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
        )
    except OSError as error:
        problem = error.strerror or type(error).__name__
    except subprocess.TimeoutExpired:
        problem = f"it did not end within {seconds:g} seconds"
    else:
        if ended.returncode == 0:
            return SecretStr(ended.stdout.decode("ascii", "replace"))
        problem = f"it ended with exit code {ended.returncode}"
    raise RegistryError("ssc-registry-token-command", command[0], problem=problem)
