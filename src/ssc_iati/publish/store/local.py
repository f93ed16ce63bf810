"""A folder of this machine, as a store: files are staged beside their places, flushed to the disk, and renamed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ssc_iati.publish.assemble import digest_of
from ssc_iati.publish.folder import mode_of, sync_folder


class LocalStore:
    """The folder that readers see. It is made if it is not there; OSError where that may not be."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def stamp(self, name: str) -> str | None:
        """Its size, the time of its last change, and its number in the file system, which a file that takes its place
        does not share.
        """
        try:
            found = (self._folder / name).stat()
        except FileNotFoundError:
            return None
        return f"{found.st_size} {found.st_mtime_ns} {found.st_ino}"

    def digest(self, name: str) -> str | None:
        """The SHA-256 of a file."""
        path = self._folder / name
        return digest_of(path) if path.is_file() else None

    def stage(self, name: str, path: Path) -> None:
        """Copy to a draft, down to the disk."""
        with path.open("rb") as made, self._draft(name).open("wb") as draft:
            shutil.copyfileobj(made, draft, 1 << 20)
            draft.flush()
            os.fsync(draft.fileno())
        self._draft(name).chmod(mode_of(self._folder / name))

    def staged_digest(self, name: str) -> str | None:
        """The SHA-256 of a draft."""
        return digest_of(self._draft(name)) if self._draft(name).is_file() else None

    def switch(self, name: str) -> None:
        """Rename the draft, and make the renaming last."""
        self._draft(name).replace(self._folder / name)
        sync_folder(self._folder)

    def remove(self, name: str) -> None:
        """Take a file away."""
        (self._folder / name).unlink(missing_ok=True)
        sync_folder(self._folder)

    def sweep(self) -> None:
        """Take drafts away."""
        for draft in self._folder.glob(".*.draft"):
            draft.unlink(missing_ok=True)

    def close(self) -> None:
        """A folder has nothing to give back."""

    def _draft(self, name: str) -> Path:
        return self._folder / f".{name}.draft"
