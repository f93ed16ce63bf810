"""Several files of a folder change in one act: a reader, or a crash, finds all of the old release or all of the new.

No file system renames several files together, but one renaming changes what a symbolic link means. So, while they are
switched, the files of the folder are links through one pointer: first they lead to what stood (nothing changes for
anybody), then the pointer is turned, then plain files take the places of the links (nothing changes again). A crash
leaves links that lead to one release, whole; whoever opens the folder next puts plain files there. Hard links keep the
files' own times and numbers. Where a file system knows no links, files are switched one by one.

    .switching/old/      what stands, as hard links        .switching/current -> old, then -> new
    .switching/new/      what was staged                   a.xml -> .switching/current/a.xml
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ssc_iati.publish.folder import sync_folder

SWITCHING = ".switching"
GRACE = 0.05
"""Seconds in which a reader who was just following a link gets where it led, before that is taken away."""
_NO_LINKS = frozenset(
    getattr(errno, name) for name in ("EPERM", "EACCES", "ENOSYS", "EINVAL", "EMLINK", "ENOTSUP", "EOPNOTSUPP", "EXDEV")
)


def staged(folder: Path, name: str) -> Path:
    """Where a file is laid before it takes its place."""
    return folder / SWITCHING / "new" / name


def make_room(folder: Path) -> None:
    """Make the place for what is staged, open to whom the folder is: readers will come through it."""
    for each in (folder / SWITCHING, folder / SWITCHING / "old", folder / SWITCHING / "new"):
        each.mkdir(exist_ok=True)
        shutil.copymode(folder, each)


def switch(folder: Path, names: Sequence[str], gone: Sequence[str]) -> None:
    """Let all that was staged under these names take its place, and what is gone go, in one act.

    OSError where that fails: the old release stands whole, or the new one, once `settle` was called.
    """
    going = [name for name in gone if (folder / name).exists()]
    if len(names) + len(going) > 1 and _linked(folder, names, going):
        for name in (*names, *going):
            _put(folder / SWITCHING / "links" / name, folder / name)
        sync_folder(folder)
        _turn(folder, "new")
        settle(folder)
        return
    for name in names:
        _put(staged(folder, name), folder / name)
    for name in going:
        (folder / name).unlink()
    sync_folder(folder)


def _linked(folder: Path, names: Iterable[str], going: Iterable[str]) -> bool:
    """Make all links ready, beside; False where the file system knows none. In the folder nothing changes yet."""
    switching = folder / SWITCHING
    try:
        (switching / "links").mkdir()
        for name in (*names, *going):
            if (folder / name).is_file():
                os.link((folder / name).resolve(), switching / "old" / name)
            (switching / "links" / name).symlink_to(Path(SWITCHING, "current", name))
        _turn(folder, "old")
    except OSError as error:
        if error.errno in _NO_LINKS:
            return False
        raise
    return True


def _turn(folder: Path, where: str) -> None:
    """Let the pointer lead there: the one act in which everything changes."""
    switching = folder / SWITCHING
    for each in ("old", "new"):
        sync_folder(switching / each)
    (switching / "next").symlink_to(where)
    _put(switching / "next", switching / "current")
    sync_folder(switching)


def _put(what: Path, where: Path) -> None:
    what.replace(where)


def settle(folder: Path) -> None:
    """Put plain files where links are, and take away what is left of switching, by this run or by one that died."""
    switching = folder / SWITCHING
    if not switching.is_dir():
        return
    links = list(_links(folder))
    for link in links:
        _settle(link, switching)
    if links:
        sync_folder(folder)
        time.sleep(GRACE)
    shutil.rmtree(switching)


def _links(folder: Path) -> Iterator[Path]:
    """The files of the folder that lead through the pointer."""
    for each in folder.iterdir():
        if each.is_symlink() and each.readlink().parts[:2] == (SWITCHING, "current"):
            yield each


def _settle(link: Path, switching: Path) -> None:
    """The file itself in the place of the link to it; none where it is not there any more, or not yet."""
    if not link.exists():
        link.unlink()
        return
    plain = switching / "plain"
    plain.unlink(missing_ok=True)
    os.link(switching / "current" / link.name, plain)
    _put(plain, link)
