"""A run's hold on a publication: its ledger, in which it has the turn, and its store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import sqlalchemy as sql

from ssc_iati.config import Settings
from ssc_iati.findings import Place, SourceError
from ssc_iati.messages import finding
from ssc_iati.publication.refusal import Unpublishable
from ssc_iati.publish.assemble import Contents
from ssc_iati.publish.fingerprint import Prints
from ssc_iati.publish.ledger import FileEntry, Ledger, Release, Run, State, ledger_url, publications
from ssc_iati.publish.store import Store, Wanted, stands
from ssc_iati.publish.store.opening import opened_store, store_address
from ssc_iati.record.project import Publisher


def stamp(now: datetime) -> str:
    """The date-time as IATI files carry it: UTC, whole seconds."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def private_place(folder: Path | None, settings: Settings) -> Path:
    """Where the ledger and what was set aside are kept, out of the sight of those who read the folder; SourceError if
    the configuration puts it into their sight, or nowhere.
    """
    private = settings.publish.private
    if folder is None:
        if private is None:
            raise _misconfigured("publish.private", "say where the ledger is kept: private in [publish]")
        return private
    whole = folder.resolve()
    private = private or whole.with_name(f"{whole.name}.private")
    if private.resolve().is_relative_to(whole):
        raise _misconfigured(str(private), f"publish.private ({private}) lies within the folder that is published")
    return private


def _misconfigured(where: str, problem: str) -> SourceError:
    return SourceError(finding("ssc-config-invalid", Place(where), problem=problem))


def private_folder(folder: Path | None, settings: Settings) -> Path:
    """The private place, made if it is not there, for its owner only."""
    private = private_place(folder, settings)
    private.mkdir(parents=True, exist_ok=True, mode=0o700)
    return private


def publication_name(publisher: Publisher, settings: Settings, url: sql.URL) -> str:
    """What the ledger calls a publication: who reports, and in which file. A publisher that has another identifier than
    before goes on with what it published under the former one.
    """
    reporter = publisher.reporting_org
    names = [
        f"{each}/{settings.publish.file}"
        for each in (reporter.ref if reporter and reporter.ref else "-", *settings.identifiers.former)
    ]
    if len(names) == 1 or not is_there(url):
        return names[0]
    known = publications(url)
    return next((each for each in names if each in known), names[0])


def is_there(url: sql.URL) -> bool:
    """Whether there is a ledger to ask: one that is a file is not made by asking."""
    return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()


def known_publication(url: sql.URL, settings: Settings) -> str | None:
    """The publication that is meant, before the source is read: the configuration says it, or a ledger of its own."""
    if settings.publisher.reporting_org is not None and settings.publisher.reporting_org.ref is not None:
        return publication_name(settings.publisher, settings, url)
    return None if settings.publish.ledger is not None else _only_one(url, settings)


def past_publication(folder: Path | None, settings: Settings) -> tuple[sql.URL, str]:
    """The ledger and the publication of which something is asked that was published; SourceError where there is none.

    A ledger that is not there is not made by asking.
    """
    private = private_place(folder, settings)
    url = ledger_url(settings.publish.ledger, private)
    name = (known_publication(url, settings) or _only_one(url, settings)) if is_there(url) else None
    if name is None:
        raise SourceError(finding("ssc-ledger-empty", Place(str(private)), file=settings.publish.file))
    return url, name


def _only_one(url: sql.URL, settings: Settings) -> str | None:
    mine = [name for name in publications(url) if name.endswith(f"/{settings.publish.file}")]
    return mine[0] if len(mine) == 1 else None


def contents_of(settings: Settings) -> Contents:
    """What a release consists of, as the configuration says."""
    return Contents(settings.publish.file, settings.release, settings.store)


class Asked(NamedTuple):
    """What a run is asked: where to publish (None: the store that the configuration names), how, when, from what; and
    which publication is meant, if that is known already.
    """

    folder: Path | None
    settings: Settings
    now: datetime
    source: str
    prints: Prints
    publication: str | None = None

    @property
    def target(self) -> str:
        """The place, in words."""
        return store_address(self.folder, self.settings.store)


class Session:
    """One run at work on a publication. How it ends, the ledger is told when it is closed."""

    ledger: Ledger

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.now = stamp(asked.now)
        self.private = private_folder(asked.folder, asked.settings)
        self.url = ledger_url(asked.settings.publish.ledger, self.private)
        self._store: Store | None = None
        self.ending: dict[str, object] = {"state": "failed"}
        self.begun = False

    @property
    def store(self) -> Store:
        """The store, opened when it is first needed: a run that cannot reach it is a run all the same."""
        if self._store is None:
            self._store = opened_store(self.asked.folder, self.asked.settings.store)
        return self._store

    @contextmanager
    def reconnecting(self) -> Iterator[None]:
        """For who may try a step again: where the world fails, the connection to the store is opened anew."""
        try:
            yield
        except OSError:
            self._leave_store()
            raise

    def _leave_store(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def __enter__(self) -> Self:
        try:
            name = self.asked.publication or known_publication(self.url, self.asked.settings)
            if name is not None:
                self.begin(name)
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        return self

    def begin(self, publication: str) -> None:
        """Take the turn of a publication, if this is not done, and see whether the last release stands."""
        if self.begun and self.ledger.publication == publication:
            return
        self._refuse_other_reporter(publication)
        if self.begun:  # the source says that somebody else publishes than did so far
            self._end("passed over", None)
        self.ledger = Ledger(self.url, publication)
        try:
            self.ledger.begin(self._run())
        except BaseException:
            self.ledger.close()
            raise
        self.begun = True
        self._settle()

    def _refuse_other_reporter(self, publication: str) -> None:
        """A ledger of its own knows one publisher: another one is the same under a new identifier, or in the wrong
        place.
        """
        if self.asked.settings.publish.ledger is not None:
            return
        file = self.asked.settings.publish.file
        known = [each for each in publications(self.url) if each.endswith(f"/{file}")]
        if known and publication not in known:
            former, new = (each.removesuffix(f"/{file}") for each in (known[-1], publication))
            raise SourceError(finding("ssc-reporter-changed", Place(self.asked.target), former=former, new=new))

    def _run(self) -> Run:
        prints, day = self.asked.prints, self.asked.now.date().isoformat()
        said = (self.asked.source, prints.source, prints.source_date, prints.setup)
        return Run(0, "running", clock(), None, "", *said, None, day, None, None, None)

    def _settle(self) -> None:
        """A run may have died between the last switch and its note of it: then the release stands, and is said to."""
        latest = self.ledger.latest()
        if latest is not None and latest.state == State.PREPARED and self.stands(latest):
            self.note_published(latest.number, self.ledger.files(latest.number))

    def stands(self, release: Release) -> bool:
        """Whether every file of a release is found where readers look for it."""
        files = self.ledger.files(release.number)
        wanted = [Wanted(each.name, Path(), each.sha256, each.size or 0, each.stamp) for each in files if each.sha256]
        return len(wanted) == len(files) and all(stands(self.store, each) for each in wanted)

    def note_published(self, number: int, files: list[FileEntry]) -> None:
        """Note that a release stands, with what the store says of its files."""
        self.ledger.published(number, {each.name: self.store.stamp(each.name) for each in files})

    def later(self, former: str | None) -> str:
        """Now; or, on a clock that went back, no earlier than what was said before."""
        return max(self.now, former) if former is not None else self.now

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self.begun:
                state = "refused" if isinstance(error, Unpublishable) else "failed" if error is not None else None
                trouble = None if error is None else _named(error)
                try:
                    self._end(state, trouble)
                except OSError:
                    if error is None:
                        raise
        finally:
            self._leave_store()

    def _end(self, state: str | None, trouble: str | None) -> None:
        ending = self.ending | ({} if state is None else {"state": state})
        try:
            self.ledger.end(**ending, ended=clock(), trouble=trouble)
        finally:
            self.ledger.close()
            self.begun = False


def _named(error: BaseException) -> str:
    """What went wrong, without what an exception's words may hold that is nobody's business."""
    if isinstance(error, SourceError):
        return error.finding.rule
    return f"{type(error).__name__}{f' ({error})' if isinstance(error, Unpublishable) else ''}"


def clock() -> str:
    """The moment as the ledger notes it, whatever counts as now."""
    return datetime.now(UTC).isoformat(timespec="seconds")
