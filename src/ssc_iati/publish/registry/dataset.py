"""What is registered: a dataset as we want it, checked for all that the Registry does not check, and as it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, StringConstraints

NAME_COMFORTABLE = 32
"""The Registry's own database was made for short names of this length; longer ones are known to exist."""
URL_LONGEST = 512
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PRINTED = re.compile(r"[!-~]+")


class Frozen(BaseModel):
    """A value that never changes and admits nothing unknown; what it refuses it does not repeat."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)


@cache
def licences() -> frozenset[str]:
    """The ids of the licences that the Registry knows."""
    lines = files(__package__).joinpath("licences.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def web_address(url: str) -> str:
    """The URL, if it is one that any program can fetch: ValueError otherwise."""
    if not _PRINTED.fullmatch(url):
        raise ValueError("a URL is of ASCII signs without spaces; encode the others")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("a URL begins with https:// (or http://) and the name of a host")
    if "@" in parts.netloc or parts.fragment or "#" in url:
        raise ValueError("a URL carries neither a user's name nor a # part")
    if parts.port == 0:  # and beyond the largest port, urllib raises a ValueError of its own
        raise ValueError("there is no port 0")
    return url


def safe_address(url: str) -> str:
    """The URL, if what is sent there cannot be read on the way: ValueError otherwise. Loopback may do without TLS."""
    parts = urlsplit(web_address(url))
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise ValueError("secrets are sent to https:// only")
    if parts.query:
        raise ValueError("this address has no ? part")
    return url.rstrip("/")


def _known_licence(value: str) -> str:
    if value not in licences():
        raise ValueError(f"{value!r} is no licence of the Registry's list, as cc-by, cc-zero, odc-by, odc-pddl")
    return value


def _one_line(value: str) -> str:
    if not value.isprintable() or value != value.strip() or not value:
        raise ValueError("a name is one line, and neither blank nor begins or ends with a space")
    return value


ShortName = Annotated[str, StringConstraints(pattern="^[a-z0-9_-]+$", max_length=255)]
Url = Annotated[str, StringConstraints(max_length=URL_LONGEST), AfterValidator(web_address)]
SafeUrl = Annotated[str, StringConstraints(max_length=URL_LONGEST), AfterValidator(safe_address)]
Licence = Annotated[str, AfterValidator(_known_licence)]
Name = Annotated[str, StringConstraints(max_length=255), AfterValidator(_one_line)]
SourceType = Literal["primary_source", "secondary_source"]
Visibility = Literal["public", "private"]


class Dataset(Frozen):
    """A dataset as we want it to stand in the Registry; the fields bear the names that the API gives them."""

    human_readable_name: Name
    short_name: ShortName
    url: Url
    licence_id: Licence
    source_type: SourceType
    visibility: Visibility


class Action(BaseModel):
    """Something that was done to a dataset, as the Registry remembers it."""

    action_type: str | None = None
    created_date: str | None = None
    user_name: str | None = None
    user_application_name: str | None = None


class Keyed(BaseModel):
    """Something that the Registry holds under an id."""

    id: UUID


class Listed(Keyed):
    """A dataset as it stands in the Registry, whatever stands there.

    `actions` is what the server sends, `dataset_actions` what its specification promises.
    """

    owner_organisation_id: UUID
    metadata: dict[str, Any]
    actions: tuple[Action, ...] = Field((), validation_alias=AliasChoices("actions", "dataset_actions"))

    def differs(self, wanted: Dataset) -> dict[str, tuple[str | None, str]]:
        """The fields that stand otherwise than wanted: what stands, and what should."""
        return differences(self.metadata, wanted)


class Known(Frozen):
    """A dataset as we last registered it; `id` is None where a person was asked to enter it by hand."""

    file: str
    id: UUID | None
    metadata: dict[str, str]


class Registered(Frozen):
    """What the ledger keeps of a registration: where, for whom, and each dataset as it was told to the Registry.

    `by_hand` says that a person was told, and nothing is known of what they did.
    """

    api: str
    organisation: UUID | None
    by_hand: bool
    datasets: tuple[Known, ...]

    def of(self, file: str) -> Known | None:
        """The dataset of a published file."""
        return next((each for each in self.datasets if each.file == file), None)


def differences(standing: Mapping[str, Any], wanted: Dataset) -> dict[str, tuple[str | None, str]]:
    """The fields that stand otherwise than wanted: what stands, and what should."""
    stands = {name: standing.get(name) for name in Dataset.model_fields}
    return {
        name: (None if stands[name] is None else str(stands[name]), value)
        for name, value in wanted.model_dump().items()
        if stands[name] != value
    }
