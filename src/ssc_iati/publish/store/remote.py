"""Any place that fsspec knows, as a store: files are staged in a folder beside their places, read back, and moved.

A move is one act there: SFTP renames over what stands; an object store copies the object within itself, and readers get
the old one until the new one is whole. Several moves are not: where a run dies between two, the next one finishes what
the ledger says was begun.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fsspec

from ssc_iati.findings import Place, SourceError
from ssc_iati.messages import finding
from ssc_iati.publish.options import StoreOptions
from ssc_iati.publish.secrets import Secrets, SecretsError
from ssc_iati.publish.store import Store, StoreError
from ssc_iati.publish.store.local import LocalStore
from ssc_iati.publish.trouble import WorldError

STAGING = ".staging"
BLOCK = 1 << 20
SECRETS = ("key", "secret", "token", "password", "passphrase")
"""What a place may ask for; each from `SSC_IATI_STORE_KEY` and so on, never from the configuration."""
TIMEOUT = 60
"""Seconds without a sign of life after which a place counts as out of reach."""
_SECRETIVE = ("secret", "token", "passw", "passphrase", "credential")
_LIBRARIES = ("botocore", "aiobotocore", "aiohttp", "paramiko", "asyncio", "fsspec")
_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "s3": {"config_kwargs": {"connect_timeout": 20, "read_timeout": TIMEOUT, "retries": {"max_attempts": 3}}},
    "sftp": {"timeout": TIMEOUT, "banner_timeout": TIMEOUT, "auth_timeout": TIMEOUT},
}


def remote_store(options: StoreOptions) -> Store:
    """The store that the configuration names; SourceError where it cannot mean one, StoreError where it is not
    reached.
    """
    url = options.url or ""
    parts = urlsplit(url)
    if parts.scheme in {"", "file", "local"}:
        return LocalStore(Path(parts.path))
    if parts.password is not None or _tells_secrets(options.options):
        names = ", ".join(f"SSC_IATI_STORE_{name.upper()}" for name in SECRETS)
        raise _refused(f"secrets do not belong here; they come from the environment or a file of secrets ({names})")
    protocol = "sftp" if parts.scheme == "ssh" else parts.scheme
    told = {**_OPTIONS.get(protocol, {}), **options.options, **_known(options)}
    told = deepcopy(told)  # what fsspec is given, some places write to
    kind = _kind(protocol)
    with _reached(url):
        where = kind._get_kwargs_from_urls(url)  # noqa: SLF001 - fsspec's own way, here and below
        root = str(kind._strip_protocol(url)).rstrip("/")  # noqa: SLF001
        return RemoteStore(kind(**where, **told, skip_instance_cache=True), root, url)


def _known(options: StoreOptions) -> dict[str, str]:
    secrets = Secrets(os.environ, options.secrets)
    try:
        found = {name: secrets.find(f"SSC_IATI_STORE_{name.upper()}") for name in SECRETS}
    except SecretsError as error:
        raise SourceError(error.finding) from None
    return {name: each.get_secret_value() for name, each in found.items() if each is not None}


def _kind(protocol: str) -> Any:  # noqa: ANN401 - fsspec is untyped
    try:
        if protocol == "sftp":
            from ssc_iati.publish.store.sftp import KnownHost

            return KnownHost
        return fsspec.get_filesystem_class(protocol)
    except (ValueError, ImportError) as error:
        raise _refused(f"{protocol}: {error}") from error


def _refused(problem: str) -> SourceError:
    return SourceError(finding("ssc-config-invalid", Place("[store]"), problem=problem))


def _tells_secrets(options: Mapping[str, Any]) -> bool:
    return any(
        name in SECRETS
        or any(word in name.lower() for word in _SECRETIVE)
        or (isinstance(value, dict) and _tells_secrets(value))
        for name, value in options.items()
    )


@contextmanager
def _reached(address: str) -> Iterator[None]:
    """What the libraries of a place raise is trouble of the world; faults of ours pass."""
    try:
        yield
    except (FileNotFoundError, WorldError):
        raise
    except OSError as error:
        raise StoreError("ssc-store-trouble", address, problem=error.strerror or str(error)) from error
    except EOFError as error:
        raise StoreError("ssc-store-trouble", address, problem="the connection was cut") from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in _LIBRARIES:
            raise
        raise StoreError("ssc-store-trouble", address, problem=f"{type(error).__name__}: {error}") from error


class RemoteStore:
    """A folder of a place."""

    def __init__(self, place: Any, root: str, address: str) -> None:  # noqa: ANN401 - fsspec is untyped
        self._place = place
        self._root = root
        self.address = address

    def stamp(self, name: str) -> str | None:
        """The size, and the tag or time that the place gives."""
        with _reached(self.address):
            self._place.invalidate_cache()
            try:
                info = self._place.info(self._path(name))
            except FileNotFoundError:
                return None
        tag = next((info[each] for each in ("ETag", "etag", "mtime", "LastModified") if info.get(each)), "")
        return f"{info.get('size')} {tag}"

    def digest(self, name: str) -> str | None:
        """The SHA-256 of what readers get."""
        return self._digest(self._path(name))

    def stage(self, name: str, path: Path) -> None:
        """Send a file to the staging folder."""
        with _reached(self.address):
            self._place.makedirs(f"{self._root}/{STAGING}", exist_ok=True)
            self._place.put_file(str(path), self._staged(name))

    def staged_digest(self, name: str) -> str | None:
        """The SHA-256 of what was sent, as the place gives it back."""
        return self._digest(self._staged(name))

    def switch(self, names: Sequence[str], gone: Sequence[str]) -> None:
        """Move what was staged to its place, one file after the other; then what is gone goes."""
        for name in names:
            self._move(name)
        for name in gone:
            self._remove(name)

    def _move(self, name: str) -> None:
        with _reached(self.address):
            self._place.mv(self._staged(name), self._path(name))

    def _remove(self, name: str) -> None:
        with _reached(self.address):
            if self._place.exists(self._path(name)):
                self._place.rm_file(self._path(name))

    def sweep(self) -> None:
        """Take the staging folder away, with what is in it."""
        staging = f"{self._root}/{STAGING}"
        with _reached(self.address):
            self._place.invalidate_cache()
            if self._place.exists(staging):
                self._place.rm(staging, recursive=True)

    def close(self) -> None:
        """Close the connection, where the place has one."""
        client = getattr(self._place, "client", None)
        if client is not None:
            client.close()

    def _digest(self, path: str) -> str | None:
        found = hashlib.sha256()
        with _reached(self.address):
            self._place.invalidate_cache()
            try:
                with self._place.open(path, "rb") as file:
                    while block := file.read(BLOCK):
                        found.update(block)
            except FileNotFoundError:
                return None
        return found.hexdigest()

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _staged(self, name: str) -> str:
        return f"{self._root}/{STAGING}/{name}"
