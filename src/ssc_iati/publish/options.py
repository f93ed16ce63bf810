"""What a publisher's configuration says of releases, of the guard and of the store."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

FILE_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*\.xml$"
"""Names of files never lead anywhere else, and are what any server and any system can hold."""

Share = Annotated[float, Field(ge=0, le=1)]


class ReleaseOptions(BaseModel):
    """What a release consists of beside the activities: `[release]`.

    `organisation` is the name of the organisation file, or false for none; `organisation_source` where it is read from
    (a file of IATI, or records as `import` makes of one), unless it shall say only who reports; `gzip` a compressed
    copy of each XML file; `jsonl` the public view of the records; `checksums` a file SHA256SUMS. The bytes of the last
    `keep` releases are kept, so that one can go back to them. A file that would be larger than the guard admits is
    split unless `split` is false.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    organisation: Annotated[str, Field(pattern=FILE_NAME)] | Literal[False] = "organisation.xml"
    organisation_source: Path | None = None
    gzip: bool = False
    jsonl: bool = False
    checksums: bool = False
    split: bool = True
    keep: int = Field(default=10, ge=2)


class GuardOptions(BaseModel):
    """What a release may not do unless it is allowed to: `[guard]`. Shares are of what the last release held; the size
    is in bytes, of an uncompressed file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    activities: Share = 0.1
    transactions: Share = 0.1
    size: int = Field(default=40_000_000, ge=10_000)


class StoreOptions(BaseModel):
    """Where the files stand if not in a folder of this machine: `[store]`.

    `url` names a place that fsspec knows (`s3://bucket/folder`, `sftp://user@host/folder`); `options` what fsspec is
    told beside it; `secrets` a file that only its owner may read; `public` the address under which readers find the
    place.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    url: str | None = None
    public: Annotated[str, Field(pattern=r"^https?://[^\s?#@]+$")] | None = None
    options: Mapping[str, Any] = {}
    secrets: Path | None = None

    def address(self, name: str) -> str | None:
        """Where readers find a file, if the configuration says so."""
        return None if self.public is None else f"{self.public.rstrip('/')}/{name}"


class IdentifierOptions(BaseModel):
    """What was decided of identifiers, which should never change: `[identifiers]`.

    `former` are the identifiers that the reporting organisation had before; `renamed` gives the new identifier of an
    activity by its former one; `dropped` are activities that are withdrawn. What the source does not have any more and
    nobody decided about is kept as it was published (`missing = "keep"`), or withdrawn (`"drop"`: the source decides).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    former: tuple[str, ...] = ()
    renamed: Mapping[str, str] = {}
    dropped: tuple[str, ...] = ()
    missing: Literal["keep", "drop"] = "keep"


class ReadBackOptions(BaseModel):
    """What happens once a release stands under its public addresses: `[read_back]`.

    It is fetched as readers do, after publishing (unless `after_publishing` is false) and by `readback`, up to
    `attempts` times, after pauses in seconds that double from `pause` on. Where readers then get other bytes than were
    published, `roll_back` puts the last release before it in place again.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    after_publishing: bool = True
    roll_back: bool = False
    attempts: int = Field(default=3, ge=1, le=10)
    pause: float = Field(default=5, ge=0, le=600)
