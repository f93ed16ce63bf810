"""Many files, in as many processes as asked: a large file is shared out batch by batch, small ones go whole.

What is found is the same, and in the same order, with any number of processes.
"""

from __future__ import annotations

import marshal
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import chain, groupby, starmap
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from ssc_iati.findings import Finding
from ssc_iati.memory import without_collection
from ssc_iati.standard import editions
from ssc_iati.standard.validator import zipped
from ssc_iati.standard.validator.batch import Sort, judge_batch
from ssc_iati.standard.validator.chunk import Chunk, Judged, Sealed, about_file, plain
from ssc_iati.standard.validator.file import About, Judging, judge_file, one_by_one
from ssc_iati.standard.validator.files import Source, guarded, refusal, sources
from ssc_iati.standard.validator.packed import TooLargeError, UnreadableError
from ssc_iati.standard.validator.split import Batch
from ssc_iati.workers import Workers

SMALL = 2 << 20
Paths = Iterable[str | os.PathLike[str]]
Progress = Callable[[int, int], None]
Shown = TypeVar("Shown")
Show = Callable[[Iterator[Judged]], Iterable[Shown]]


class FileReport(NamedTuple, Generic[Shown]):
    """What was found in a file: its name as it was given (`folder/path/in/it`, `archive.zip/name in it`), what is known
    of it, and what was found, to be taken before the next file is asked for.
    """

    file: str
    about: About
    found: Iterator[Shown]


class _Run(NamedTuple, Generic[Shown]):
    """What is the same for all files of a run."""

    now: datetime
    own: bool
    show: Show[Shown]
    crew: Workers | None = None


def validate(
    paths: Paths,
    *,
    now: datetime | None = None,
    jobs: int = 1,
    own: bool = True,
    progress: Progress | None = None,
) -> Iterator[Finding]:
    """Every finding in files, folders and archives of IATI XML, in order; parameters and memory as with `reports`."""
    for report in reports(paths, _as_it_is, now=now, jobs=jobs, own=own, progress=progress):
        for judged in report.found:
            yield from judged.findings


def reports(
    paths: Paths,
    show: Show[Shown],
    *,
    now: datetime | None = None,
    jobs: int = 1,
    own: bool = True,
    progress: Progress | None = None,
) -> Iterator[FileReport[Shown]]:
    """What was found in each file that the paths lead to, as `files.sources` says.

    `show` makes of what was judged in some activities what the caller wants; it and what it gives are sent between
    processes. `now` is
    the clock of the rules about dates (with a zone), the present unless said; `jobs` is the number of processes;
    `own` says whether our own checks beyond the official ones count; `progress` is told bytes done and bytes in all.
    A file that cannot be read is a finding; SourceError, before anything is judged, for a path that cannot be
    opened; ChildProcessError if one of the processes is ended from outside.

    Memory does not grow with the size of a file: of each file a batch of activities (some 256 kB, with several
    processes some such batches) and the notes of what was found, beyond 32 MB on disk.
    """
    with tempfile.TemporaryDirectory(prefix="ssc-iati-") as spool:
        found = list(sources(paths, Path(spool)))
        meter = _Meter(found, progress)
        with _crew(jobs, found) as crew:
            run = _Run(now or datetime.now(UTC), own, show, crew)
            for is_small, group in groupby(found, lambda each: each.size <= SMALL):
                if is_small and crew is not None:
                    yield from _whole(list(group), run, crew, meter)
                else:
                    yield from (_report(meter.watched(each), run) for each in group)
        zipped.close()


def _as_it_is(judged: Iterator[Judged]) -> Iterator[Judged]:
    return judged


def _report(source: Source, run: _Run[Shown]) -> FileReport[Shown]:
    about, chunks = _judged(source, run)
    return FileReport(source.name, about, _shown(chunks, run))


def _judged(source: Source, run: _Run[Shown]) -> tuple[About, Iterator[Chunk]]:
    """What is known of a file, and what was found in it."""
    learnt = [About()]
    judging: Judging = one_by_one if run.crew is None else partial(_shared_out, run.crew)
    chunks = judge_file(guarded(source).open, source.name, run.now, judging, learnt.append, own=run.own)
    try:
        first = next(chunks, None)  # nothing is said before the last byte was read
    except (UnreadableError, TooLargeError) as error:
        return About(), iter([about_file(source.name, [refusal(error, source.name)])])
    return learnt[-1], chain([] if first is None else [first], chunks)


def _shown(chunks: Iterator[Chunk], run: _Run[Shown]) -> Iterator[Shown]:
    if run.crew is None or run.show is _as_it_is:
        for chunk in chunks:
            with without_collection():
                shown = list(run.show(chunk.judged()))
            yield from shown
    else:
        for shown in run.crew.answers((_shown_of, plain(each), run.show) for each in chunks):
            yield from shown


def _shown_of(told: tuple[Any, ...], show: Show[Shown]) -> list[Shown]:
    return list(show(Chunk(*told).judged()))


class _Meter:
    """Tells how many bytes are done: of a file as many as it states, however many and however often one reads."""

    def __init__(self, found: list[Source], progress: Progress | None) -> None:
        self._total = sum(each.size for each in found)
        self._done = self._here = 0
        self._progress = progress

    def watched(self, source: Source) -> Source:
        """The same file; when the next one is asked for, this one is done."""
        self._done, self._here = self._done + self._here, 0
        return source if self._progress is None else source._replace(open=partial(self._read, source))

    def passed(self, source: Source) -> None:
        """A file is done."""
        self._done, self._here = self._done + self._here + source.size, 0
        self._tell()

    def _read(self, source: Source) -> Iterator[bytes]:
        read = 0
        for block in source.open():
            yield block
            read += len(block)
            self._here = max(self._here, min(read, source.size))
            self._tell()

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self._done + self._here, self._total)


# --- Several processes ------------------------------------------------------------------------------------------------


@contextmanager
def _crew(jobs: int, found: list[Source]) -> Iterator[Workers | None]:
    """The processes, where they are worth their while."""
    if jobs <= 1 or (len(found) <= 1 and sum(each.size for each in found) <= SMALL):
        yield None
        return
    with Workers(jobs, _done, partial(editions.use, editions.in_use())) as workers:
        yield workers


def _done(work: Callable[..., object], *told: object) -> object:
    """What a worker is asked for: any of the functions here that are given to `answers`."""
    return work(*told)


def _shared_out(crew: Workers, batches: Iterable[Batch], sort: Sort) -> Iterator[Sealed]:
    """Judge the batches of a file in the workers."""
    yield from map(Sealed.read, crew.answers((_sealed, each, sort) for each in batches))


def _sealed(batch: Batch, sort: Sort) -> bytes:
    return Sealed.of(judge_batch(batch, sort)).plain()


def _whole(group: list[Source], run: _Run[Shown], workers: Workers, meter: _Meter) -> Iterator[FileReport[Shown]]:
    """Judge small files in the workers, each by one of them."""
    work = _found if run.show is _as_it_is else _found_and_shown
    alone = run._replace(crew=None)
    answers = workers.answers((work, source, alone) for source in group)
    for source, answer in zip(group, answers, strict=True):
        meter.passed(source)
        if answer is None:
            yield _report(source, alone)
        elif run.show is _as_it_is:
            about, chunks = marshal.loads(answer)  # noqa: S302 - from our own process
            yield FileReport(source.name, About(*about), _shown(starmap(Chunk, chunks), alone))
        else:
            yield FileReport(source.name, answer[0], iter(answer[1]))


def _found(source: Source, run: _Run[Shown]) -> bytes | None:
    """What was found in a file, in plain values; None if the file is larger than it states."""
    try:
        about, chunks = _judged(source._replace(open=partial(_small, source)), run)
    except _GrownError:
        return None
    return marshal.dumps((tuple(about), [plain(chunk) for chunk in chunks]))


def _found_and_shown(source: Source, run: _Run[Shown]) -> tuple[About, list[Shown]] | None:
    """What was found in a file, as it is shown; None if the file is larger than it states."""
    try:
        about, chunks = _judged(source._replace(open=partial(_small, source)), run)
    except _GrownError:
        return None
    return about, list(_shown(chunks, run))


class _GrownError(Exception):
    """A file that said it was small is not."""


def _small(source: Source) -> Iterator[bytes]:
    read = 0
    for block in source.open():
        read += len(block)
        if read > SMALL:
            raise _GrownError
        yield block
