"""A folder of CSV files as grids: encoding and delimiter by evidence, rows streamed by the csv module.

Each file is read through once in blocks before its rows, because a wrong guess of the encoding would spoil every name.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import IO, Any, NamedTuple

from ssc_iati.findings import Finding, Place, SourceError
from ssc_iati.messages import finding
from ssc_iati.read.grid import Grid

SUFFIXES = (".csv", ".tsv")
CELL_LIMIT = 1_000_000
LINE_LIMIT = 16_000_000
_BLOCK = 1 << 16  # what is looked through many times should lie in the processor's cache
_HEADER_LIMIT = 1 << 16
_SAMPLE = 20  # lines
# A tie in the header line is decided in this order: commas stand inside names, the others hardly ever.
_DELIMITERS = "\t;|,"
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")
_NON_ASCII = re.compile("[^\x00-\x7f]")
# In UTF-8, what no XML can hold or nobody sees: single bytes, and those that follow one; at a block's end nobody knows.
_CONTROLS = (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F)
_UNSEEN = (
    (0xC2, re.compile(rb"\xc2(?:[\x80-\x84\x86-\x9f]|\Z)")),
    (0xE2, re.compile(rb"\xe2(?:\x80[\x8b-\x8d]|\x81\xa0|[\x80\x81]?\Z)")),
    (0xEF, re.compile(rb"\xef(?:\xbb\xbf|\xbf[\xbe\xbf]|[\xbb\xbf]?\Z)")),
)


class _Encoding(NamedTuple):
    """How bytes are made text; `plain` as of a grid."""

    name: str
    errors: str = "strict"
    problem: Finding | None = None
    plain: bool = False


class _Layout(NamedTuple):
    """How one file is written; `preamble` says that its first line is Excel's own `sep=;` and no row."""

    path: Path
    encoding: _Encoding
    delimiter: str
    preamble: bool


class _Undecodable(Exception):  # noqa: N818 - it is caught a few lines away, and says what was met
    def __init__(self, line: int, around: bytes) -> None:
        super().__init__(line)
        self.line = line
        self.around = around


def csv_files(folder: Path) -> list[Path]:
    """The CSV files directly in the folder, by name; hidden ones (`.~lock`, `._copy`) are not the person's."""
    files = (path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and not path.name.startswith("."))
    return sorted(path for path in files if path.is_file())


def csv_grids(folder: Path, shown: str) -> list[Grid]:
    """The CSV files of a folder as grids; SourceError if one of them cannot be read as text."""
    return [csv_grid(path, f"{shown.rstrip('/')}/{path.name}") for path in csv_files(folder)]


def csv_grid(path: Path, shown: str) -> Grid:
    """One CSV file as a grid; SourceError if it cannot be read as text."""
    layout = _layout(path, shown)
    problems = [] if layout.encoding.problem is None else [layout.encoding.problem]
    header_row, headers = next(_rows(layout, shown, 0, 0), (1, []))
    if not headers:
        problems.append(finding("ssc-csv-empty", Place(shown)))
    rows = partial(_rows, layout, shown, header_row, len(headers))
    return Grid(shown, None, path.stem, header_row, tuple(headers), rows, problems, plain=layout.encoding.plain)


def _rows(layout: _Layout, shown: str, header_row: int, width: int) -> Iterator[tuple[int, list[Any]]]:
    """The rows below the header row in which anything stands, with their numbers, each at least so wide.

    A line without a quote is a row, and parted wherever the sign stands: that needs no csv module, which looks at every
    character. It is for the others, and for lines so long that a cell may be beyond its limit.
    """
    # The limit belongs to the whole process: it is raised and never lowered, so that files read side by side agree.
    csv.field_size_limit(max(CELL_LIMIT, csv.field_size_limit()))
    delimiter = layout.delimiter
    with layout.path.open(encoding=layout.encoding.name, errors=layout.encoding.errors, newline="") as stream:
        if layout.preamble:
            stream.readline()
        begun: list[str] = []
        lines = iter(lambda: begun.pop() if begun else next(stream), None)
        # Strict, because otherwise a quote that never closes swallows the rows after it without a word.
        quoted = csv.reader(lines, delimiter=delimiter, strict=True)
        for number, line in enumerate(stream, 1):
            if '"' not in line and len(line) <= CELL_LIMIT:
                row: list[Any] = line.rstrip("\r\n").split(delimiter)
            else:
                begun.append(line)
                row = _quoted(quoted, shown, number)
            # `any` stops at the first cell that says something, which mostly is the first of all.
            if number > header_row and row and (row[0].strip() or any(map(str.strip, row))):
                if len(row) < width:
                    row.extend([None] * (width - len(row)))
                yield number, row


def _quoted(records: Iterator[list[Any]], shown: str, number: int) -> list[Any]:
    try:
        return next(records)
    except csv.Error:
        raise SourceError(finding("ssc-csv-quotes", Place(shown, row=number), row=number)) from None


def _layout(path: Path, shown: str) -> _Layout:
    encoding = _encoding(path, shown)
    with path.open(encoding=encoding.name, errors=encoding.errors, newline="") as stream:
        first = stream.readline(_HEADER_LIMIT)
        declared = _SEPARATOR_LINE.fullmatch(first)
        if declared:
            return _Layout(path, encoding, declared[1], preamble=True)
        sample = [first, *_lines(stream)]
    otherwise = "\t" if path.suffix.lower() == ".tsv" else ","
    return _Layout(path, encoding, _delimiter(list(_whole(sample)), otherwise), preamble=False)


def _lines(stream: IO[str]) -> Iterator[str]:
    """The lines by which delimiters are told, each as far as it matters."""
    for _ in range(_SAMPLE):
        yield stream.readline(_HEADER_LIMIT)


def _whole(lines: Iterable[str]) -> Iterator[str]:
    """Rows of lines: a cell in quotes may go over several."""
    row = ""
    for line in lines:
        row += line
        if row.count('"') % 2 == 0:
            yield row
            row = ""


def _delimiter(rows: list[str], otherwise: str) -> str:
    """What parts the first row that is parted at all: of several signs that by which most rows are as wide as it, or
    else the most frequent. A title above the headers may be followed by blank cells, but parts nothing.
    """
    bare = ["".join(row.split('"')[::2]).strip("\r\n") for row in rows]
    for outside in ([each.strip(_DELIMITERS) for each in bare], bare):
        for number, row in enumerate(outside):
            signs = [each for each in _DELIMITERS if each in row]
            if signs:
                return max(signs, key=lambda sign: (len(signs) > 1 and _alike(rows[number:], sign), row.count(sign)))
    return otherwise


def _alike(rows: list[str], sign: str) -> int:
    """How many rows are as wide as the first."""
    try:
        first, *others = [len(row) for row in csv.reader(rows, delimiter=sign, strict=True) if row]
    except csv.Error:
        return -1
    return others.count(first)


def _encoding(path: Path, shown: str) -> _Encoding:
    wide = _utf16(path)
    try:
        plain = _survey(path, wide or "utf-8-sig", shown)
    except _Undecodable as met:
        if wide:
            raise SourceError(finding("ssc-csv-encoding-broken", Place(shown, line=met.line))) from None
        return _not_utf8(path, shown, met)
    return _Encoding(wide or "utf-8-sig", plain=plain and not wide)


def _utf16(path: Path) -> str | None:
    with path.open("rb") as stream:
        head = stream.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # Without a mark: headers are mostly ASCII, of which every other byte is then zero.
    zeros = [position for position, byte in enumerate(head) if byte == 0]
    return "utf-16-le" if zeros == [1, 3] else "utf-16-be" if zeros == [0, 2] else None


def _not_utf8(path: Path, shown: str, met: _Undecodable) -> _Encoding:
    where = Place(shown, line=met.line)
    broken, sound = _broken_and_sound(path)
    if sound > broken:
        # Text of another encoding hardly ever forms valid UTF-8: this is UTF-8 in which some bytes were damaged.
        example = _ESCAPED_BYTE.sub("\ufffd", met.around.decode("utf-8", "surrogateescape"))
        damaged = finding("ssc-csv-broken-bytes", where, count=broken, example=example)
        return _Encoding("utf-8-sig", "surrogateescape", damaged)
    name = _western(path, shown)
    example = met.around.decode(name, "replace")
    label = {"cp1252": "Windows-1252", "latin-1": "Latin-1"}[name]
    return _Encoding(name, problem=finding("ssc-csv-encoding-assumed", where, encoding=label, example=example))


def _western(path: Path, shown: str) -> str:
    try:
        _survey(path, "cp1252", shown)
    except _Undecodable:
        return "latin-1"
    return "cp1252"


def _broken_and_sound(path: Path) -> tuple[int, int]:
    broken = sound = 0
    for _, text in _blocks(path, "utf-8", "surrogateescape"):
        here = len(_ESCAPED_BYTE.findall(text))
        broken += here
        sound += len(_NON_ASCII.findall(text)) - here
    return broken, sound


def _survey(path: Path, encoding: str, shown: str) -> bool:
    """Read the file through once: it is text in this encoding, without NUL, and no line fills the memory. Whether it is
    plain text too, if the encoding is UTF-8.

    Which line it is that is wrong is counted once that is known: hardly ever.
    """
    run, plain = 0, True
    for number, (block, text) in enumerate(_blocks(path, encoding)):
        plain = plain and _is_plain(block if number else block.removeprefix(codecs.BOM_UTF8))
        if "\0" in text:
            line = _line(path, encoding, number) + text[: text.index("\0")].count("\n")
            raise SourceError(finding("ssc-csv-nul", Place(shown, line=line)))
        end = max(text.rfind("\n"), text.rfind("\r"))
        run = run + len(text) if end < 0 else len(text) - end - 1
        if run > LINE_LIMIT:
            line = _line(path, encoding, number + 1)
            raise SourceError(finding("ssc-csv-line-long", Place(shown, line=line), limit=f"{LINE_LIMIT:,}"))
    return plain


def _is_plain(block: bytes) -> bool:
    """Whether a part of a text in UTF-8 has no sign that nobody sees or that XML cannot hold. To look for each of them
    takes far less than to look at each character.
    """
    if any(map(block.__contains__, _CONTROLS)):
        return False
    return not any(first in block and whole.search(block) for first, whole in _UNSEEN)


def _line(path: Path, encoding: str, block: int) -> int:
    """The line in which a block begins."""
    return 1 + sum(text.count("\n") for _, text in islice(_blocks(path, encoding), block))


def _blocks(path: Path, encoding: str, errors: str = "strict") -> Iterator[tuple[bytes, str]]:
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    with path.open("rb") as stream:
        for before in count():
            block = stream.read(_BLOCK)
            try:
                yield block, decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                raise _undecodable(error, _bytes_line(path, before)) from None
            if not block:
                return


def _bytes_line(path: Path, block: int) -> int:
    """The line in which a block begins, where its bytes cannot be told as text."""
    with path.open("rb") as stream:
        return 1 + sum(stream.read(_BLOCK).count(b"\n") for _ in range(block))


def _undecodable(error: UnicodeDecodeError, line: int) -> _Undecodable:
    data, start = error.object, error.start
    first = max(data.rfind(b"\n", 0, start) + 1, start - 40)
    last = data.find(b"\n", start)
    around = data[first : min(last if last >= 0 else len(data), start + 40)]
    return _Undecodable(line + data.count(b"\n", 0, start), around.strip())
