"""A file that is there whole or not at all: written beside, flushed to the disk, and renamed."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ssc_iati.interrupts import interrupts_wait


@contextmanager
def whole_file(target: Path) -> Iterator[BinaryIO]:
    """A file to write; it takes the target's place when the block ends well, and is gone if it does not.

    OSError where the folder cannot be written or the disk is full: the target is then what it was.
    """
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(target.parent))
    draft: Path | None = None
    try:
        with interrupts_wait():  # between the file and its name, which is needed to remove it
            handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".draft", dir=target.parent)
            draft = Path(name)
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(mode_of(target))
        draft.replace(target)
        sync_folder(target.parent)
    except BaseException:
        if draft is not None:
            draft.unlink(missing_ok=True)
        raise


def mode_of(target: Path) -> int:
    """The mode of the file that is replaced, or that of any new file."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def sync_folder(folder: Path) -> None:
    """Make the renaming itself survive a power cut; systems that cannot open a folder need not."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
