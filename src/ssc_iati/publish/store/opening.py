"""The store that a configuration means."""

from __future__ import annotations

from pathlib import Path

from ssc_iati.findings import Place, SourceError
from ssc_iati.messages import finding
from ssc_iati.publish.options import StoreOptions
from ssc_iati.publish.store import Store
from ssc_iati.publish.store.local import LocalStore


def store_address(folder: Path | None, options: StoreOptions) -> str:
    """Where the files go, in words: a folder's path, or an address without secrets."""
    if folder is not None:
        return str(folder.resolve())
    return options.url or ""


def opened_store(folder: Path | None, options: StoreOptions) -> Store:
    """The store; SourceError where the configuration means none, StoreError where it cannot be reached."""
    if folder is not None:
        return LocalStore(folder)
    if options.url is None:
        raise SourceError(finding("ssc-config-invalid", Place("[store] url"), problem="it says no place to publish to"))
    from ssc_iati.publish.store.remote import remote_store

    return remote_store(options)
