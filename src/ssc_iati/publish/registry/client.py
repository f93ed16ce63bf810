"""The calls of Register Your Data that a publication needs, one function each: what is sent, and what it may answer.

The server's habits are met here: no trailing slash, no partial PATCH, lists in pages, tokens that expire in the middle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import requests
from pydantic import BaseModel, ValidationError

from ssc_iati import wire
from ssc_iati.publish.registry.dataset import Dataset, Keyed, Listed
from ssc_iati.publish.registry.options import RegistryOptions, TokenOptions
from ssc_iati.publish.registry.sources import token_source
from ssc_iati.publish.registry.tokens import Token, Wallet
from ssc_iati.publish.registry.trouble import RegistryError, rule_of
from ssc_iati.publish.secrets import Secrets
from ssc_iati.wire import Answer, Ask, Limits, WireError, exchange

PAGE_SIZE = 100
PAGES_AT_MOST = 1000
_READINGS = 3

READ_ORGANISATION = ("ryd", "ryd:reporting_org")
READ, CREATE = ("ryd", "ryd:dataset"), ("ryd", "ryd:dataset")
UPDATE = ("ryd", "ryd:dataset", "ryd:dataset:update")
DELETE = ("ryd", "ryd:dataset:delete")

_Any = TypeVar("_Any", bound=BaseModel)
_Model = TypeVar("_Model", bound=Keyed)


class Organisation(Keyed):
    """A reporting organisation as the Registry holds it; `user_role` is what whoever holds the token is in it."""

    metadata: dict[str, Any]
    user_role: str | None = None

    @property
    def identifier(self) -> str | None:
        """Its IATI identifier."""
        said = self.metadata.get("organisation_identifier")
        return said if isinstance(said, str) else None


class _Pagination(BaseModel):
    total_pages: int
    total_records: int


class Client(NamedTuple):
    """Who asks: the API's base address, a wallet with the token, and connections. Every call raises RegistryError."""

    api: str
    wallet: Wallet
    on: requests.Session
    limits: Limits


@contextmanager
def opened(options: RegistryOptions, token: TokenOptions, environment: Mapping[str, str]) -> Iterator[Client]:
    """A client for a publisher's configuration; its connections end with the block."""
    limits = Limits(silence=options.timeout, whole=4 * options.timeout)
    with wire.session() as on:
        source = token_source(token, Secrets(environment, token.secrets), on, limits)
        yield Client(options.api, Wallet(source), on, limits)


def access_check(client: Client) -> None:
    """Ask whether the token is admitted at all."""
    _ask(client, Ask("GET", "/access-check"), ("ryd",))


def organisations(client: Client) -> list[Organisation]:
    """The organisations that whoever holds the token belongs to."""
    return _pages(client, "/reporting-orgs", READ_ORGANISATION, Organisation)


def organisation(client: Client, key: UUID) -> Organisation:
    """One organisation."""
    path = f"/reporting-orgs/{key}"
    return _read(client, path, _ask(client, Ask("GET", path), READ_ORGANISATION), Organisation)


def datasets(client: Client, owner: UUID) -> list[Listed]:
    """All datasets of an organisation."""
    return _pages(client, f"/reporting-orgs/{owner}/datasets", READ, Listed)


def create(client: Client, owner: UUID, dataset: Dataset) -> Listed:
    """Register a new dataset; what stands in the Registry then."""
    body = {**dataset.model_dump(), "owner_organisation_id": str(owner)}
    return _read(client, "/datasets", _ask(client, Ask("POST", "/datasets", body=body), CREATE, hoped=201), Listed)


def update(client: Client, key: UUID, dataset: Dataset, *, visibility: bool) -> Listed:
    """Say everything of a dataset anew: an update is never partial. What stands in the Registry then.

    The visibility is said only where it is to change, which is a right of its own.
    """
    body = dataset.model_dump(exclude=set() if visibility else {"visibility"})
    path = f"/datasets/{key}"
    return _read(client, path, _ask(client, Ask("PATCH", path, body=body), UPDATE), Listed)


def delete(client: Client, key: UUID) -> None:
    """Take a dataset out of the Registry."""
    _ask(client, Ask("DELETE", f"/datasets/{key}"), DELETE)


# --- Pages ------------------------------------------------------------------------------------------------------------


def _pages(client: Client, path: str, scopes: tuple[str, ...], model: type[_Model]) -> list[_Model]:
    """Every item of a list. If the list changes while it is read, it is read again."""
    for _ in range(_READINGS):
        items, complete = _once_through(client, path, scopes, model)
        if complete:
            return list(items.values())
    raise RegistryError("ssc-registry-moving", client.api + path)


def _once_through(
    client: Client, path: str, scopes: tuple[str, ...], model: type[_Model]
) -> tuple[dict[UUID, _Model], bool]:
    """The items by their ids, and whether they are as many as every page said. Addresses of pages are not followed."""
    items: dict[UUID, _Model] = {}
    totals: set[int] = set()
    page, pages = 1, 1
    while page <= min(pages, PAGES_AT_MOST):
        told = _ask(client, Ask("GET", path, params={"page": page, "page_size": PAGE_SIZE}), scopes)
        about = _modelled(client, path, told.get("pagination"), _Pagination)
        data = told.get("data")
        for each in data if isinstance(data, list) else [None]:
            item = _modelled(client, path, each, model)
            items[item.id] = item
        page, pages = page + 1, about.total_pages
        totals.add(about.total_records)
    return items, totals == {len(items)}


# --- One call ---------------------------------------------------------------------------------------------------------


def _ask(client: Client, ask: Ask, scopes: tuple[str, ...], *, hoped: int = 200) -> dict[str, Any]:
    """The envelope of the answer that was hoped for. A token that expired on the way is renewed once."""
    ask = replace(ask, url=client.api + ask.url)
    token = client.wallet.token()
    answer = _answer(client, ask, token)
    if answer.status == 401 and (another := client.wallet.another(token)) is not None:
        token = another
        answer = _answer(client, ask, token)
    told = answer.told()
    if answer.status == hoped and told.get("status") == "success":
        return told
    problem = token.hidden_in(_said(told))
    granted = " ".join(sorted(token.scopes)) if token.scopes is not None else "?"
    values = {"status": str(answer.status), "problem": problem, "scopes": " ".join(scopes), "granted": granted}
    raise RegistryError(rule_of(answer.status), ask.url, **values)


def _answer(client: Client, ask: Ask, token: Token) -> Answer:
    try:
        return exchange(client.on, replace(ask, sign=token.sign), client.limits)
    except WireError as error:
        raise RegistryError("ssc-registry-unreachable", ask.url, problem=str(error)) from None


def _said(told: dict[str, Any]) -> str:
    """The server's own words, from whichever of its layers they come."""
    error = told.get("error")
    inner = error.get("error_msg") if isinstance(error, dict) else None
    candidates = (inner, told.get("error_description"), error, told.get("message"))
    return next((each for each in candidates if isinstance(each, str) and each), "-")


def _read(client: Client, path: str, told: dict[str, Any], model: type[_Model]) -> _Model:
    return _modelled(client, path, told.get("data"), model)


def _modelled(client: Client, path: str, value: object, model: type[_Any]) -> _Any:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        problem = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:3])
    raise RegistryError("ssc-registry-unexpected", client.api + path, status=200, problem=problem)
