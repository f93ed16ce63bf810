"""A folder of this machine, as a store: files are staged in it, flushed to the disk, and switched together."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from ssc_iati.publish.assemble import digest_of
from ssc_iati.publish.folder import mode_of
from ssc_iati.publish.store import at_once


class LocalStore:
    """The folder that readers see. It is made if it is not there, and put in order if a run died in it; OSError where
    that may not be.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.address = str(folder)
        at_once.settle(folder)

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
        at_once.make_room(self._folder)
        draft = at_once.staged(self._folder, name)
        with path.open("rb") as made, draft.open("wb") as file:
            shutil.copyfileobj(made, file, 1 << 20)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(mode_of(self._folder / name))

    def staged_digest(self, name: str) -> str | None:
        """The SHA-256 of a draft."""
        draft = at_once.staged(self._folder, name)
        return digest_of(draft) if draft.is_file() else None

    def switch(self, names: Sequence[str], gone: Sequence[str]) -> None:
        """All in one act, and made to last."""
        at_once.make_room(self._folder)
        at_once.switch(self._folder, names, gone)

    def sweep(self) -> None:
        """Take drafts away, those of earlier versions of this program, too."""
        at_once.settle(self._folder)
        for draft in self._folder.glob(".*.draft"):
            draft.unlink(missing_ok=True)

    def close(self) -> None:
        """A folder has nothing to give back."""
