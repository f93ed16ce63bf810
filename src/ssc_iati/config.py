"""A publisher's configuration: one TOML file, checked whole before anything runs. Secrets never stand in it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ssc_iati.alerts.options import AlertOptions
from ssc_iati.check.places import shown
from ssc_iati.check.publisher import publisher_problems
from ssc_iati.findings import Place, Severity, SourceError
from ssc_iati.map.options import MappingOptions
from ssc_iati.merging.mode import Mode
from ssc_iati.messages import finding
from ssc_iati.publish.options import (
    FILE_NAME,
    GuardOptions,
    IdentifierOptions,
    ReadBackOptions,
    ReleaseOptions,
    StoreOptions,
)
from ssc_iati.publish.registry.options import RegistryOptions
from ssc_iati.record.project import Publisher


class PublishOptions(BaseModel):
    """Where a publication goes: `[publish]`.

    `folder` is what readers see; `private` what they must not: the ledger (whole records) and what was set aside.
    Unless said it
    stands beside the folder (`public` and `public.private`), readable by its owner only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    folder: Path | None = None
    file: str = Field(default="activities.xml", pattern=FILE_NAME)
    private: Path | None = None
    ledger: str | None = None


class SourceOptions(BaseModel):
    """How the source is read: `[source]`.

    `tables` are the tables, views and queries of a database by the names of the record's tables, or by those that the
    mapping gives them; `mapping` is the file that says what the columns are; `layout` names the layout of the source,
    where that is not to be told from its sheets and headers. `mode` says what the source is to what was published
    before: all of it (`whole`), something that is merged onto it (`merge`), or its rows in place of those of its tables
    (`replace`); `delete` is what deletes, written in a cell of a source that is merged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    tables: dict[str, str] = Field(default_factory=dict)
    mapping: Path | None = None
    layout: str | None = None
    mode: Mode = Mode.WHOLE
    delete: Annotated[str, Field(min_length=2, pattern=r"^\S(.*\S)?$")] = "[delete]"


class Settings(BaseModel):
    """Everything that a run may be told: who publishes, how the mapping decides, from which severity on records are
    set aside.
    """

    # What validates it, and them, takes a while to build, and a run without configuration has nothing to validate.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    publisher: Publisher = Publisher.model_construct()
    mapping: MappingOptions = MappingOptions.model_construct()
    publish: PublishOptions = PublishOptions.model_construct()
    registry: RegistryOptions | None = None
    release: ReleaseOptions = ReleaseOptions.model_construct()
    guard: GuardOptions = GuardOptions.model_construct()
    store: StoreOptions = StoreOptions.model_construct()
    source: SourceOptions = SourceOptions.model_construct()
    read_back: ReadBackOptions = ReadBackOptions.model_construct()
    identifiers: IdentifierOptions = IdentifierOptions.model_construct()
    alerts: AlertOptions | None = None
    reject: Severity = Severity.ERROR

    @model_validator(mode="after")
    def _files_apart(self) -> Self:
        """No file of a release may take another's place."""
        stem, name = re.escape(self.publish.file.removesuffix(".xml")), self.release.organisation
        if name and re.fullmatch(rf"{stem}(-\d+)?\.xml", name):
            raise ValueError(f"release.organisation: {name} is the name of a file of activities")
        return self


def load(path: Path | None, mapping: Path | None = None, layout: str | None = None) -> Settings:
    """The settings in a file, or the defaults, with this column mapping and layout if they are given; SourceError where
    the file cannot be read or says what nobody knows.
    """
    settings = _loaded(path)
    said = {name: value for name, value in (("mapping", mapping), ("layout", layout)) if value is not None}
    return settings.model_copy(update={"source": settings.source.model_copy(update=said)}) if said else settings


def merging(settings: Settings, mode: Mode | str) -> Settings:
    """The settings, with this mode of reading a source in place of their own."""
    return settings.model_copy(update={"source": settings.source.model_copy(update={"mode": Mode(mode)})})


def _loaded(path: Path | None) -> Settings:
    if path is None:
        return Settings.model_construct()
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise _refused(path, error.strerror or "?") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refused(path, str(error)) from error
    try:
        settings = Settings.model_validate(_located(raw, path.parent))
    except ValidationError as error:
        problems = [f"{shown(tuple(each['loc']))}: {each['msg']}" for each in error.errors()]
    else:
        problems = [f"publisher.{name}: {value}" for name, value in publisher_problems(settings.publisher)]
        if not problems:
            return settings
    raise _refused(path, "; ".join(problems))


_PATHS = (
    ("publish", "folder"),
    ("publish", "private"),
    ("store", "secrets"),
    ("registry", "token", "secrets"),
    ("source", "mapping"),
    ("release", "organisation_source"),
    ("alerts", "secrets"),
)


def _located(raw: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Paths in the file are relative to the file; what is private stands beside it if nothing else says where."""
    for path in _PATHS:
        raw = _moved(raw, path, folder)
    store, publish = raw.get("store"), raw.get("publish", {})
    if isinstance(store, dict) and "url" in store and isinstance(publish, dict):
        return {**raw, "publish": {"private": folder / "private", **publish}}
    return raw


def _moved(raw: dict[str, Any], path: tuple[str, ...], folder: Path) -> dict[str, Any]:
    name, *rest = path
    inner = raw.get(name)
    if rest and isinstance(inner, dict):
        return {**raw, name: _moved(inner, tuple(rest), folder)}
    return {**raw, name: folder / inner} if not rest and isinstance(inner, str) else raw


def _refused(path: Path, problem: str) -> SourceError:
    return SourceError(finding("ssc-config-invalid", Place(str(path)), problem=problem))
