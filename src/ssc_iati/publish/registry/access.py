"""Whether the Registry can be used as configured, found out before anything depends on it: nothing is written."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ssc_iati.findings import Finding, Place, SourceError
from ssc_iati.messages import finding
from ssc_iati.publish.registry import client as calls
from ssc_iati.publish.registry.client import Client, Organisation
from ssc_iati.publish.registry.options import SCOPES, RegistryOptions
from ssc_iati.publish.registry.reconcile import find_organisation

_MAY_NOT_WRITE = frozenset({"contributor_pending"})
_MAY_NOT_HIDE = frozenset({"contributor"})


class Access(NamedTuple):
    """What the Registry says of us. `datasets` is how many it holds of the organisation; `scopes` are those granted,
    where that is known.
    """

    organisation: str
    identifier: str | None
    role: str | None
    datasets: int
    scopes: tuple[str, ...] | None
    findings: tuple[Finding, ...]


def check_access(
    options: RegistryOptions, *, reporter: str | None = None, environment: Mapping[str, str] | None = None
) -> Access:
    """Get a token, try it, find the organisation and read its datasets; say what would stand in the way of writing.

    RegistryError where it ends before that; SourceError where the configuration names no source of tokens.
    """
    if options.token is None:
        problem = "there is no [registry.token]; without it a person registers by hand"
        raise SourceError(finding("ssc-config-invalid", Place("[registry]"), problem=problem))
    with calls.opened(options, options.token, os.environ if environment is None else environment) as client:
        calls.access_check(client)
        scopes = client.wallet.token().scopes
        lacking = tuple(_lacking(client, scopes))
        found = find_organisation(client, options, reporter)
        datasets = len(calls.datasets(client, found.id))
    findings = (*client.wallet.findings, *lacking, *_standing(client.api, found, options))
    granted = tuple(sorted(scopes)) if scopes is not None else None
    name = str(found.metadata.get("short_name") or found.id)
    return Access(name, found.identifier, found.user_role, datasets, granted, findings)


def _lacking(client: Client, granted: frozenset[str] | None) -> Iterator[Finding]:
    """Scopes that were not granted, whatever was asked for."""
    missing = [scope for scope in SCOPES if granted is not None and scope not in granted]
    if missing:
        yield finding("ssc-registry-scopes-missing", Place(client.api), scopes=" ".join(missing))


def _standing(api: str, found: Organisation, options: RegistryOptions) -> Iterator[Finding]:
    where = Place(f"{api}/reporting-orgs/{found.id}")
    if found.user_role in _MAY_NOT_WRITE:
        yield finding("ssc-registry-role", where, role=found.user_role)
    if found.user_role in _MAY_NOT_HIDE and options.visibility != "public":
        yield finding("ssc-registry-role", where, role=found.user_role)
    if found.metadata.get("registry_approved") is False:
        yield finding("ssc-registry-not-approved", where)
