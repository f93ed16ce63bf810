"""The publication as a Prefect flow: read -> check -> map -> validate -> publish, by chunks of records.

The flow only arranges what `ssc_iati` does: every step is a function of the library, and `ssc-iati publish` gives the
same bytes without Prefect. Tasks carry references to staged chunks, never rows; finished parts on disk are the
checkpoint of a retry. The second flow, `alarm`, looks whether readers and IATI's platform have what was published.

    python pipelines/publish.py SOURCE --to FOLDER              one run, offline, with Prefect's own embedded server
    python pipelines/publish.py SOURCE --to FOLDER --serve      every night, while this process lives; needs a server

`prefect.yaml` declares the same two as deployments for a work pool.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import islice, starmap
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")

import prefect.runtime
from prefect import Flow, State, flow, task
from prefect import serve as serve_deployments
from prefect.artifacts import create_markdown_artifact, create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy, FlowRun
from prefect.settings import PREFECT_API_URL
from prefect.utilities.annotations import quote

from ssc_iati import config
from ssc_iati.findings import Finding, Severity, SourceError, UnreachableError
from ssc_iati.merging.mode import Mode
from ssc_iati.publication import (
    Session,
    Unpublishable,
    alert_of_run,
    asked_of,
    counted,
    deliver,
    look,
    mend,
    past_of,
    private_folder,
    released,
    rest,
)
from ssc_iati.publish.ledger import TurnTakenError
from ssc_iati.publish.registry.by_hand import as_text
from ssc_iati.publish.trouble import WorldError
from ssc_iati.publish.work import Outcome, read_part, run_chunk
from ssc_iati.read.address import Source, source_named
from ssc_iati.read.stage import Chunk
from ssc_iati.report.shown import as_json, as_line, as_page
from ssc_iati.run import Prepared, Report, crew, prepare, workspace
from ssc_iati.workers import Workers

MOST_TASKS = 90
"""More tasks than about a hundred cost the server more than the work; larger sources get larger spans of chunks."""

SHOWN_FINDINGS = 200
DELIVERY_RETRIES = 2
LONGEST_PUBLICATION, LONGEST_LOOK = 6 * 3600, 3600
"""Seconds after which a run is given up: what hangs must not keep the next night's run from its turn."""


class UndeliveredError(OSError):
    """The publication stands, and is not registered, or readers do not get it."""


class _GivenUpError(Exception):
    """A span of chunks was tried as often as it may be: what waits for it need not try again."""


class CrashedError(OSError):
    """The process of a run was ended from outside."""


def alert(flow: Flow[..., object], flow_run: FlowRun, state: State[object]) -> None:  # noqa: ARG001 - Prefect names it
    """Tell of a run that failed or whose process was killed: then this runs in the process that watched over it."""
    ended = CrashedError() if state.is_crashed() else state.result(raise_on_failure=False)
    if isinstance(ended, UndeliveredError):  # the flow told of it, with what it knew
        return
    known = flow_run.parameters
    settings = config.load(Path(known["config_file"]) if known.get("config_file") else None)
    folder = _folder(known.get("to"), settings)
    error = ended if isinstance(ended, BaseException) else CrashedError()
    for each in alert_of_run(folder, settings, now=datetime.now(UTC), ended=error):
        _watch(as_line(each, "en"))


def _folder(to: object, settings: config.Settings) -> Path | None:
    """The folder that is published to; none where the configuration names a store."""
    return Path(str(to)) if to else None if settings.store.url else settings.publish.folder


step = partial(task, retries=2, retry_delay_seconds=[5, 30], cache_policy=NO_CACHE, persist_result=False)
"""A step that touches the world. Nothing is taken from a cache, whose key knows neither what a step calls nor what
stands in a file.
"""


@step(name="begin")
def begin(what: object) -> object:
    """Take the publication's turn, for as long as the stack holds it; that another run has it is not tried again."""
    held, named, folder, settings, now = _unquoted(what)
    try:
        return quote(held.enter_context(Session(asked_of(named, folder, settings, now))))
    except UnreachableError:
        raise
    except (SourceError, TurnTakenError) as error:
        return quote(error)


@step(name="rest")
def find_unchanged(session: object) -> object:
    """The last report, if this run would do the same; what a run that died left half done is finished first."""
    held = _unquoted(session)
    with held.reconnecting():
        mend(held)
        return quote(rest(held))


@step(name="read")
def read(source: Source, session: object, folder: Path) -> object:
    """Stage the source, and what it is merged onto. A source that cannot be read is wrong data, and not tried again."""
    held = _unquoted(session)
    settings, now = held.asked.settings, held.asked.now
    try:
        past = past_of(held.ledger if held.begun else None, settings)
        return quote(prepare(source, settings, folder, today=now.date(), records=True, past=past))
    except UnreachableError:
        raise
    except SourceError as error:
        return quote(error)


@step(name="check-map-validate")
def work_on(what: object) -> list[str]:
    """So many chunks through check, map and validate; the parts they left on disk. A part that is there already is
    taken as it is.
    """
    work, number = _unquoted(what)
    return work.next(number)


@step(name="publish")
def put_in_place(what: object) -> object:
    """Compare the outcomes as they come, then write the ledger and the files; the report and the first findings. What
    is refused is not tried again.
    """
    session, prepared, workers, language = _unquoted(what)
    findings: list[Finding] = []

    def listen(item: Finding) -> None:
        if len(findings) < SHOWN_FINDINGS:
            findings.append(item)

    try:
        with session.reconnecting():
            report = released(session, prepared, _outcomes(prepared, workers), listen, language=language)
    except _GivenUpError as error:
        return quote(error.__cause__)
    except (SourceError, Unpublishable) as error:
        return quote(error)
    return quote((report, findings))


@step(name="deliver", retries=DELIVERY_RETRIES, retry_delay_seconds=[60, 300])
def hand_over(what: object) -> object:
    """Register what stands and read it back, again where a later try may do better by itself."""
    folder, settings, now = _unquoted(what)
    delivery = deliver(folder, settings, lambda _: None, now=now)
    if delivery.failed and delivery.retry and prefect.runtime.task_run.run_count <= DELIVERY_RETRIES:
        raise UndeliveredError("what was published could not be handed over")
    return quote(delivery)


@flow(
    name="publish",
    log_prints=False,
    validate_parameters=False,
    timeout_seconds=LONGEST_PUBLICATION,
    on_failure=[alert],
    on_crashed=[alert],
)
def publish(
    source: str | Path,
    to: Path | None = None,
    config_file: Path | None = None,
    now: datetime | None = None,
    language: str = "en",
    mode: str | None = None,
    jobs: int = 1,
) -> Report:
    """Publish a source to a folder, or where the configuration says, and see to it that it arrives. `mode` is what the
    source is to what was published before (whole, merge, replace), if not what the configuration says; `jobs` processes
    work side by side.

    SourceError where the source cannot be read, Unpublishable where the guard refuses: the last publication stays.
    UndeliveredError where it stands, and readers or the Registry do not have it. A run like the last one, over a
    publication that stands, does nothing.
    """
    moment = now or datetime.now(UTC)
    settings = config.load(Path(config_file) if config_file else None)
    settings = settings if mode is None else config.merging(settings, mode)
    folder = _folder(to, settings)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    named = source_named(str(source))
    with ExitStack() as held:
        session = _taken(begin(quote((held, named, folder, settings, moment))))
        findings: list[Finding] = []
        report = _taken(find_unchanged(quote(session)))
        if report is None:
            report, findings = _published(session, named, language, jobs)
    delivery = _unquoted(hand_over(quote((folder, settings, moment))))
    report = counted(report, delivery)
    untold = alert_of_run(folder, settings, now=moment, ended=report, delivery=delivery)
    _tell(report, [*delivery.findings, *untold, *findings], language, private_folder(folder, settings))
    if delivery.by_hand:
        to_enter = as_text(delivery.outcomes, language)
        create_markdown_artifact(key="by-hand", description="What a person is to enter", markdown=to_enter)
    if delivery.failed:
        raise UndeliveredError("what was published is not registered, or readers do not get it")
    return report


@flow(
    name="alarm",
    log_prints=False,
    validate_parameters=False,
    timeout_seconds=LONGEST_LOOK,
    on_failure=[alert],
    on_crashed=[alert],
)
def alarm(
    to: Path | None = None, config_file: Path | None = None, now: datetime | None = None, language: str = "en"
) -> list[str]:
    """Look whether readers get what was published, and whether the platform has it; the rules of what is wrong.

    The run fails where that is of error or worse; whoever must know has been told.
    """
    settings = config.load(Path(config_file) if config_file else None)
    found = look(_folder(to, settings), settings, now=now or datetime.now(UTC))
    lines = "\n".join(f"- {as_line(each, language)}" for each in found) or "All is well."
    create_markdown_artifact(key="alarm", description="What readers and the platform have", markdown=lines)
    if any(each.severity.reaches(Severity.ERROR) for each in found):
        raise UndeliveredError("readers or the platform do not have what was published")
    return [each.rule for each in found]


def _published(session: Session, named: Source, language: str, jobs: int) -> tuple[Report, list[Finding]]:
    """The source read, worked on and put in place: the report, and the first findings."""
    with workspace() as folder, _light_crew(jobs) as workers:
        prepared = _taken(read(named, quote(session), folder))
        put: tuple[Report, list[Finding]] = _taken(put_in_place(quote((session, prepared, workers, language))))
        return put


@contextmanager
def _light_crew(jobs: int) -> Iterator[Workers | None]:
    """The processes that work side by side, without Prefect in them: what they do stands in the library, and what a new
    process would import of the program that began it would be Prefect.
    """
    main = sys.modules["__main__"]
    with ExitStack() as held:
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            workers = held.enter_context(crew(jobs))
        finally:
            sys.modules["__main__"] = main
        yield workers


class _Work:
    """The chunks of a source, in their order, worked on ahead of the tasks that ask for them: nobody waits for Prefect.

    Where a chunk fails, whoever asks again gets it, and those behind it, worked on anew.
    """

    def __init__(self, prepared: Prepared, workers: Workers | None) -> None:
        self._chunks, self._job, self._workers = prepared.intake.chunks, prepared.job, workers
        self._done = 0
        self._coming: Iterator[str] | None = None

    def next(self, number: int) -> list[str]:
        """The parts of the next so many chunks."""
        if self._coming is None:
            self._coming = self._begun()
        try:
            parts = list(islice(self._coming, number))
        except BaseException:
            self._coming = None
            raise
        self._done += number
        return parts

    def _begun(self) -> Iterator[str]:
        tasks = [(chunk, self._job) for chunk in self._chunks[self._done :]]
        return self._workers.answers(tasks) if self._workers is not None else starmap(run_chunk, tasks)


def _outcomes(prepared: Prepared, workers: Workers | None) -> Iterator[list[Outcome]]:
    """The outcomes of every chunk, as soon as a task has them; progress is an artifact of the run, and a line where
    somebody watches.
    """
    spans, work = spans_of(prepared.intake.chunks), _Work(prepared, workers)
    bar = create_progress_artifact(
        progress=0.0, key="progress", description="Chunks of records checked, mapped and validated"
    )
    for done, span in enumerate(spans, start=1):
        try:
            parts = work_on(quote((work, len(span))))
        except Exception as error:
            raise _GivenUpError from error
        yield from map(read_part, parts)
        if done == len(spans) or done % max(1, len(spans) // 10) == 0:
            update_progress_artifact(bar, progress=100 * done / len(spans))
            _watch(f"  {done} of {len(spans)} spans of records checked, mapped and validated")


def spans_of(chunks: list[Chunk]) -> list[list[Chunk]]:
    """The chunks in spans of equal size, one for each task: each chunk alone, while that makes not too many tasks."""
    size = -(-len(chunks) // MOST_TASKS) or 1
    return [chunks[start : start + size] for start in range(0, len(chunks), size)]


def _watch(line: str) -> None:
    sys.stderr.write(line + "\n")


def _tell(report: Report, findings: list[Finding], language: str, private: Path) -> None:
    """The summary, as an artifact of the run; and as a page and as JSON beside the ledger, since values are in it."""
    found = ", ".join(f"{number} {name}" for name, number in sorted(report.severities.items())) or "none"
    counts = (
        f"**{report.accepted:,}** of {report.projects:,} projects published, **{report.updated:,}** new or changed; "
        f"{report.set_aside:,} set aside ({report.kept:,} keep their last good version), {report.gone:,} gone."
    )
    rows = "\n".join(f"- {as_line(each, language)}" for each in findings)
    create_markdown_artifact(
        key="report",
        description="What the publication did",
        markdown=f"{counts}\n\nFindings: {found}.\n\n{rows}",
    )
    if report.rested:  # what was found stands in the pages of the run that found it
        return
    page = "".join(as_page(findings, f"{counts} {found}".replace("*", ""), language))
    (private / "report.html").write_text(page, "utf-8")
    told = {**report._asdict(), "findings": [json.loads(as_json(each, language)) for each in findings]}
    (private / "report.json").write_text(json.dumps(told, ensure_ascii=False, default=str, indent=1) + "\n", "utf-8")


def _unquoted(value: object) -> Any:  # noqa: ANN401 - whatever it is
    """What a task was given or gave: Prefect looks for futures inside collections, which is what `quote` spares."""
    return value.unquote() if isinstance(value, quote) else value


def _taken(value: object) -> Any:  # noqa: ANN401 - whatever it is
    """What a task gave; what it would not try again is raised."""
    found = _unquoted(value)
    if isinstance(found, Exception):
        raise found
    return found


def serve(asked: argparse.Namespace) -> int:
    """Both flows on their schedules, while this process lives. One run of each at a time; what comes meanwhile is
    dropped.
    """
    if not PREFECT_API_URL.value():
        _watch("Schedules need a Prefect server: `prefect server start`, and PREFECT_API_URL that names it.")
        return 2
    given = {"to": asked.to, "config_file": asked.config, "language": asked.lang, "mode": asked.mode}
    known = {name: str(value) for name, value in given.items() if value is not None}
    once = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
    told = {"source": asked.source, "jobs": asked.jobs, **known}
    nightly = publish.to_deployment("nightly", cron=asked.cron, parameters=told, concurrency_limit=once)
    daily = alarm.to_deployment("alarm", cron=asked.alarm_cron, parameters=known, concurrency_limit=once)
    serve_deployments(nightly, daily, pause_on_shutdown=False, print_starting_message=False)
    return 0


KEEPER = """
import os, signal, sys
from contextlib import suppress
sys.stdin.read()
with suppress(ProcessLookupError):
    os.kill(int(sys.argv[1]), signal.SIGTERM)
"""
"""Waits until the process that holds the other end of its input is gone, however suddenly, and ends another."""


def _embed_server() -> None:
    """Start Prefect's own server for one run. It ends with this process, even one that is killed: Prefect itself would
    leave it running.
    """
    from prefect.server.api.server import SubprocessASGIServer

    server = SubprocessASGIServer()  # the one that every client of this process will find
    server.start()
    if server.server_process is not None:
        keeper = [sys.executable, "-c", KEEPER, str(server.server_process.pid)]
        _kept.append(subprocess.Popen(keeper, stdin=subprocess.PIPE, start_new_session=True))  # noqa: S603 - our own


_kept: list[subprocess.Popen[bytes]] = []


def main() -> int:
    """One run from the command line, or a schedule that lives as long as this process."""
    parser = argparse.ArgumentParser(description="Publish project records as IATI, as a Prefect flow.")
    parser.add_argument("source", help="a path, or the URL of a database, without password")
    parser.add_argument("--to", type=Path, help="the folder to publish to, instead of what the configuration names")
    parser.add_argument("--config", type=Path, help="the publisher's configuration (TOML)")
    parser.add_argument(
        "--mode", choices=[each.value for each in Mode], help="what the source is to what was published before"
    )
    parser.add_argument("--lang", default="en", choices=("en", "es", "pt", "fr"))
    parser.add_argument("--jobs", type=int, default=1, help="how many processes work side by side")
    parser.add_argument("--serve", action="store_true", help="run on schedules, while this process lives")
    parser.add_argument("--cron", default="0 2 * * *", help="when to publish, if served (UTC)")
    parser.add_argument("--alarm-cron", default="0 9 * * *", help="when to look whether it arrived, if served (UTC)")
    asked = parser.parse_args()
    if asked.serve:
        return serve(asked)
    if asked.to is None and asked.config is None:
        parser.error("say where to publish: --to, or --config with a file that says it")
    if not PREFECT_API_URL.value():
        _embed_server()
    try:
        known = {"config_file": asked.config, "language": asked.lang, "mode": asked.mode, "jobs": asked.jobs}
        report = publish(source=asked.source, to=asked.to, **known)
    except SourceError as error:
        _watch(as_line(error.finding, asked.lang))
        return 3 if isinstance(error, UnreachableError) else 2
    except Unpublishable as error:
        for each in error.refusals:
            _watch(as_line(each, asked.lang))
        return 4
    except UndeliveredError as error:
        _watch(str(error))
        return 3
    except WorldError as error:
        _watch(as_line(error.finding, asked.lang))
        return 3
    counts = f"{report.updated} new or changed, {report.set_aside} set aside"
    _watch(f"{report.accepted} of {report.projects} projects published, {counts}.")
    _watch(f"The IATI file: {report.written}" if report.written else "Nothing was published; what was there stays.")
    if report.rejected:
        _watch(f"Set aside, with the reasons: {report.rejected}")
    return 0 if report.well else 1


if __name__ == "__main__":
    sys.exit(main())
