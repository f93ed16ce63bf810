"""What a publisher says of the Registry: `[registry]` of its configuration. Secrets are named there, never stated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Literal, Self
from urllib.parse import quote, urlsplit
from uuid import UUID

from pydantic import Field, ValidationError, field_validator, model_validator

from ssc_iati.findings import Place, SourceError
from ssc_iati.messages import finding
from ssc_iati.publish.registry.dataset import (
    LOOPBACK,
    Dataset,
    Frozen,
    Licence,
    Name,
    SafeUrl,
    ShortName,
    SourceType,
    Url,
    Visibility,
)
from ssc_iati.publish.secrets import SecretName

API = "https://api.registeryourdata.iatistandard.org/api/v1"
TOKENS = "https://api.eu.asgardeo.io/t/iati/oauth2/token"
BULK_DATA = "https://bulk-data.iatistandard.org"
SCOPES = ("ryd", "ryd:reporting_org", "ryd:dataset", "ryd:dataset:update")
"""What reconciling needs; deleting needs `ryd:dataset:delete` beside them."""

_NEEDS = {
    "client_credentials": ("client_id", "client_secret"),
    "refresh_token": ("client_id", "refresh_token"),
    "environment": ("access_token",),
    "command": ("command",),
}


class TokenOptions(Frozen):
    """Where the access token comes from: `[registry.token]`."""

    source: Literal["client_credentials", "refresh_token", "environment", "command"]
    url: SafeUrl = TOKENS
    client_id: str | None = None
    client_secret: SecretName | None = None
    client_authentication: Literal["header", "body"] = "header"
    refresh_token: SecretName | None = None
    access_token: SecretName | None = None
    command: tuple[str, ...] = ()
    audience: str | None = None
    scopes: tuple[str, ...] = SCOPES
    secrets: Path | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [name for name in _NEEDS[self.source] if not getattr(self, name)]
        if missing:
            raise ValueError(f"the source {self.source} needs {' and '.join(missing)}")
        return self


class DatasetOptions(Frozen):
    """What is registered of one published file, where it is not what holds for all: `[registry.datasets."FILE"]`."""

    url: Url | None = None
    short_name: ShortName | None = None
    name: Name | None = None
    licence: Licence | None = None
    source_type: SourceType | None = None
    visibility: Visibility | None = None


class RegistryOptions(Frozen):
    """How the publisher's files are registered. Without `token` a person enters it by hand, and is told what.

    `short_name` and `name` are the publisher's own in the Registry; those of a dataset are made of them and the file's
    name (`agency-activities`) where nothing else is said. `url` is the folder under which readers find the files.
    `organisation` is the Registry's own id of the publisher; unless said, it is looked for by its IATI identifier.
    """

    api: SafeUrl = API
    organisation: UUID | None = None
    short_name: ShortName
    name: Name
    url: Url | None = None
    licence: Licence
    source_type: SourceType = "primary_source"
    visibility: Visibility = "public"
    timeout: float = Field(default=30, gt=0, le=600)
    token: TokenOptions | None = None
    datasets: dict[str, DatasetOptions] = Field(default_factory=dict)
    bulk_data: SafeUrl = BULK_DATA
    bulk_data_hours: float = Field(default=24, ge=1, le=24 * 14)

    @field_validator("url")
    @classmethod
    def _folder(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(value).query:
            raise ValueError("the folder's address has no ? part")
        return value

    def addresses(self, files: tuple[str, ...]) -> dict[str, str]:
        """The public URL of each of these files, as far as the configuration says; SourceError where it does not."""
        said = {file: self.address(file) for file in files}
        unsaid = [file for file, url in said.items() if url is None]
        if unsaid:
            problem = f"neither url in [registry] nor in [registry.datasets] says where readers find {unsaid[0]}"
            raise SourceError(finding("ssc-config-invalid", Place("[registry]"), problem=problem))
        return {file: url for file, url in said.items() if url is not None}

    def address(self, file: str) -> str | None:
        """The public URL of a file, if the configuration says it."""
        own = self.datasets.get(file)
        if own is not None and own.url is not None:
            return own.url
        return None if self.url is None else f"{self.url.rstrip('/')}/{quote(file)}"

    def wanted(self, urls: Mapping[str, str]) -> dict[str, Dataset]:
        """What is to be registered of these published files, each with its public URL.

        SourceError where something cannot be registered so: then nothing may be.
        """
        made = {file: self._dataset(file, url) for file, url in sorted(urls.items())}
        for field in ("short_name", "url"):
            values = [getattr(each, field) for each in made.values()]
            twice = next((value for value in values if values.count(value) > 1), None)
            if twice is not None:
                raise _refused("datasets", f"two files would be registered with the {field} {twice}")
        return made

    def _dataset(self, file: str, url: str) -> Dataset:
        own = self.datasets.get(file, DatasetOptions())
        stem = PurePosixPath(file).stem
        if urlsplit(url).hostname in LOOPBACK and urlsplit(self.api).hostname not in LOOPBACK:
            raise _refused(file, f"{url} is an address of this machine, which nobody else can read")
        try:
            return Dataset(
                human_readable_name=own.name or f"{self.name}: {stem}",
                short_name=own.short_name or f"{self.short_name}-{_plain(stem)}",
                url=url,
                licence_id=own.licence or self.licence,
                source_type=own.source_type or self.source_type,
                visibility=own.visibility or self.visibility,
            )
        except ValidationError as error:
            problem = "; ".join(f"{each['loc'][0]}: {each['msg']}" for each in error.errors())
        raise _refused(file, problem)


def _plain(stem: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", stem.lower()).strip("-")


def _refused(file: str, problem: str) -> SourceError:
    return SourceError(finding("ssc-config-invalid", Place("[registry]", path=file), problem=problem))
