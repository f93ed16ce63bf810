"""Files to judge, as the validator takes them: a name to show, and their bytes in blocks, as often as asked.

They stand as they are, in folders, packed (gzip, zip), or come from a pipe. Nothing is unpacked to disk.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple, Never

from ssc_iati.findings import Finding, Place, Severity, SourceError
from ssc_iati.standard.rules import Rule
from ssc_iati.standard.validator import zipped
from ssc_iati.standard.validator.packed import (
    BLOCK,
    TROUBLE,
    TooLargeError,
    UnreadableError,
    most_unpacked,
    stated_size,
    unzipped,
)

MISSING = Rule("ssc-source-missing", Severity.CRITICAL, "source")
UNREADABLE = Rule("ssc-xml-unreadable", Severity.CRITICAL, "iati")
TOO_LARGE = Rule("ssc-xml-archive-too-large", Severity.CRITICAL, "iati")

SUFFIXES = (".xml", ".gz", ".zip")
PIPE = "-"
_GZIP = b"\x1f\x8b"


class Source(NamedTuple):
    """A file to judge: its name as it is shown, its size in bytes as it is stated (for progress), and its bytes from
    the beginning.
    """

    name: str
    size: int
    open: Callable[[], Iterator[bytes]]


def plain(path: Path) -> Source:
    """A file that stands as it is; OSError when it is opened and cannot be read."""
    return Source(str(path), path.stat().st_size, partial(_blocks, path))


def guarded(source: Source) -> Source:
    """The same file, whose blocks raise nothing but UnreadableError and TooLargeError."""
    return source._replace(open=partial(_guarded, source.open))


def refusal(error: UnreadableError | TooLargeError, name: str) -> Finding:
    """What is said of a file that could not be read."""
    if isinstance(error, TooLargeError):
        return _finding(TOO_LARGE, name, limit=str(error.limit >> 20))
    return _finding(UNREADABLE, name, problem=error.problem)


def sources(given: Iterable[str | os.PathLike[str]], spool: Path) -> Iterator[Source]:
    """The files that paths lead to: a file, `-` or a pipe, whose bytes are first put into `spool`, a folder.

    Of a folder every XML, gzip and zip file whose name does not begin with a dot, the folders in it too, in the order
    of the names, each folder once; of a zip archive every XML file. SourceError where a path cannot be opened; what
    is wrong further in, its source says when it is opened.
    """
    for number, each in enumerate(given):
        yield from _given(os.fspath(each), spool / str(number))


def _given(name: str, spool: Path) -> Iterator[Source]:
    if name == PIPE:
        _spool(sys.stdin.buffer, spool)
        yield from _file(spool, name)
        return
    path = Path(name)
    try:
        kind = path.stat().st_mode if name else 0
        if stat.S_ISDIR(kind):
            os.scandir(path).close()
        elif stat.S_ISFIFO(kind):
            with path.open("rb") as pipe:
                _spool(pipe, spool)
        else:
            _regular(kind)
            path.open("rb").close()
    except FileNotFoundError:
        raise SourceError(_finding(MISSING, name, path=name)) from None
    except (OSError, ValueError) as error:
        raise SourceError(_finding(UNREADABLE, name, problem=_said(error))) from None
    yield from _folder(name) if stat.S_ISDIR(kind) else _file(spool if stat.S_ISFIFO(kind) else path, name)


def _spool(stream: BinaryIO, path: Path) -> None:
    with path.open("wb") as file:
        shutil.copyfileobj(stream, file, BLOCK)


def _regular(kind: int) -> None:
    if not stat.S_ISREG(kind):
        raise OSError("it is no file (a device, or a socket)")


# --- Folders ----------------------------------------------------------------------------------------------------------


def _folder(name: str) -> Iterator[Source]:
    empty = True
    for each in _walked(Path(name), name.rstrip("/")):
        empty = False
        yield each
    if empty:
        yield _failing(name, "the folder holds no XML file")


def _walked(top: Path, name: str) -> Iterator[Source]:
    """The files in a folder, and in those below it; one that cannot be looked into stands for itself."""
    seen = set[tuple[int, int]]()
    open_ = [iter([(top, name)])]
    while open_:
        following = next(open_[-1], None)
        if following is None:
            open_.pop()
        elif not (path := following[0]).is_dir():
            yield from _file(*following)
        else:
            try:
                if (same := _identity(path)) not in seen:
                    seen.add(same)
                    open_.append(_entries(*following))
            except OSError as error:
                yield _failing(following[1], _said(error))


def _identity(path: Path) -> tuple[int, int]:
    """What tells a folder from any other, by whatever link one comes to it."""
    found = path.stat()
    return found.st_dev, found.st_ino


def _entries(path: Path, shown: str) -> Iterator[tuple[Path, str]]:
    """What stands in a folder and may lead to XML: where it is, and how it is shown."""
    with os.scandir(path) as found:
        names = sorted(each.name for each in found if _wanted(each))
    return iter([(path / name, f"{shown}/{name}") for name in names])


def _wanted(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".") and (entry.name.lower().endswith(SUFFIXES) or entry.is_dir())


# --- Files ------------------------------------------------------------------------------------------------------------


def _file(path: Path, name: str) -> Iterator[Source]:
    """A file, or the files in it; a source that fails where they cannot be told."""
    try:
        yield from _opened(path, name)
    except (TooLargeError, UnreadableError) as error:
        yield Source(name, 0, partial(_fail, error))
    except TROUBLE as error:
        yield _failing(name, _said(error))


def _opened(path: Path, name: str) -> list[Source]:
    """What a file is, by its first bytes, else by its name."""
    found = path.stat()
    _regular(found.st_mode)
    size, suffix = found.st_size, Path(name).suffix.lower()
    with path.open("rb") as file:
        start = file.read(4)
    if zipped.begins(start) or suffix == ".zip":
        return [Source(f"{name}/{each.name}", each.size, each.open) for each in zipped.members(path, size)]
    if start.startswith(_GZIP) or suffix == ".gz":
        return [Source(name, stated_size(path, size), partial(unzipped, path, most_unpacked(size)))]
    return [Source(name, size, partial(_blocks, path))]


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _guarded(open_: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
    try:
        yield from open_()
    except (TooLargeError, UnreadableError):
        raise
    except TROUBLE as error:
        raise UnreadableError(_said(error)) from None


def _failing(name: str, problem: str) -> Source:
    return Source(name, 0, partial(_fail, UnreadableError(problem)))


def _fail(error: Exception) -> Never:
    raise error


def _said(error: Exception) -> str:
    """What went wrong, without the path, which is shown beside it."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _finding(rule: Rule, name: str, **values: str) -> Finding:
    words = "" if rule is MISSING else f"iati:{rule.id}"
    return Finding(rule.id, rule.severity, rule.category, Place(name), None, values, words)
