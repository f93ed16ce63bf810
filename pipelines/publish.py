"""The publication as a Prefect flow: read -> check -> map -> validate -> publish, by chunks of records.

The flow only arranges what `ssc_iati` does: every step is a function of the library, and `ssc-iati publish` gives
the same bytes
without Prefect. Tasks carry references to staged chunks, never rows; finished parts on disk are the checkpoint of a
retry.

    python pipelines/publish.py SOURCE --to FOLDER      one run, offline, with Prefect's own embedded server
    python pipelines/publish.py SOURCE --to FOLDER --cron "0 2 * * *"      the same, every night, while this process
    lives
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact, create_progress_artifact, update_progress_artifact
from prefect.utilities.annotations import quote

from ssc_iati import config
from ssc_iati.findings import Finding, SourceError, UnreachableError
from ssc_iati.publication import Unpublishable, release
from ssc_iati.publish.work import Outcome, read_part, run_chunk
from ssc_iati.read.address import Source, source_named
from ssc_iati.read.stage import Chunk
from ssc_iati.report.shown import as_line
from ssc_iati.run import Prepared, Report, prepare, workspace

MOST_TASKS = 90
"""More tasks than about a hundred cost the server more than the work; larger sources get larger spans of chunks."""

SHOWN_FINDINGS = 200


@task(name="read", retries=2, retry_delay_seconds=[5, 30])
def read(source: Source, settings: object, folder: Path, now: datetime) -> object:
    """Stage the source. A source that cannot be read is wrong data, and not tried again."""
    try:
        return quote(prepare(source, _unquoted(settings), folder, today=now.date(), records=True))
    except UnreachableError:
        raise
    except SourceError as error:
        return quote(error)


@task(name="check-map-validate", retries=2, retry_delay_seconds=[5, 30])
def work_on(span: object) -> list[str]:
    """Chunks through check, map and validate; the parts they left on disk. A part that is there already is taken as
    it is.
    """
    chunks, job = _unquoted(span)
    return [run_chunk(chunk, job) for chunk in chunks]


@task(name="publish", retries=2, retry_delay_seconds=[5, 30])
def put_in_place(what: object) -> object:
    """Write the files and the ledger; the report and the first findings. What is refused is not tried again."""
    prepared, parts, source, folder, settings, now, language = _unquoted(what)
    findings: list[Finding] = []

    def listen(item: Finding) -> None:
        if len(findings) < SHOWN_FINDINGS:
            findings.append(item)

    outcomes: list[list[Outcome]] | object = map(read_part, parts)
    try:
        known = {"now": now, "source": source, "language": language}
        report = release(prepared, outcomes, folder, settings, listen, **known)  # type: ignore[arg-type]
    except (SourceError, Unpublishable) as error:
        return quote(error)
    return quote((report, findings))


@flow(name="publish", log_prints=False, validate_parameters=False)
def publish(
    source: str | Path, to: Path, config_file: Path | None = None, now: datetime | None = None, language: str = "en"
) -> Report:
    """Publish a source to a folder; raises SourceError where it cannot be read, Unpublishable where the guard refuses,
    and the last publication stays.
    """
    moment = now or datetime.now(UTC)
    settings = config.load(Path(config_file) if config_file else None)
    Path(to).mkdir(parents=True, exist_ok=True)
    with workspace() as folder:
        prepared = _unquoted(read(source_named(str(source)), quote(settings), folder, moment))
        if isinstance(prepared, SourceError):
            raise prepared
        parts = _all_parts(prepared)
        what = quote((prepared, parts, source_named(str(source)), Path(to), settings, moment, language))
        put = _unquoted(put_in_place(what))
        if isinstance(put, SourceError | Unpublishable):
            raise put
        report, findings = put
    _tell(report, findings, language)
    return report


def _all_parts(prepared: Prepared) -> list[str]:
    """Every chunk's part; progress is an artifact of the run, and a line where somebody watches."""
    spans = spans_of(prepared.intake.chunks)
    bar = create_progress_artifact(
        progress=0.0, key="progress", description="Chunks of records checked, mapped and validated"
    )
    parts: list[str] = []
    for done, span in enumerate(spans, start=1):
        parts += work_on(quote((span, prepared.job)))
        if done == len(spans) or done % max(1, len(spans) // 10) == 0:
            update_progress_artifact(bar, progress=100 * done / len(spans))
            _watch(f"  {done} of {len(spans)} spans of records checked, mapped and validated")
    return parts


def spans_of(chunks: list[Chunk]) -> list[list[Chunk]]:
    """The chunks in spans of equal size, one for each task: each chunk alone, while that makes not too many tasks."""
    size = -(-len(chunks) // MOST_TASKS) or 1
    return [chunks[start : start + size] for start in range(0, len(chunks), size)]


def _watch(line: str) -> None:
    sys.stderr.write(line + "\n")


def _tell(report: Report, findings: list[Finding], language: str) -> None:
    """The summary, as an artifact of the run."""
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


def _unquoted(value: object) -> object:
    """What a task was given or gave: Prefect looks for futures inside collections, which is what `quote` spares."""
    return value.unquote() if isinstance(value, quote) else value


def main() -> int:
    """One run from the command line, or a schedule that lives as long as this process."""
    parser = argparse.ArgumentParser(description="Publish project records as IATI, as a Prefect flow.")
    parser.add_argument("source", help="a path, or the URL of a database, without password")
    parser.add_argument("--to", type=Path, required=True, help="the folder to publish to")
    parser.add_argument("--config", type=Path, help="the publisher's configuration (TOML)")
    parser.add_argument("--lang", default="en", choices=("en", "es", "pt", "fr"))
    parser.add_argument("--cron", help="run on this schedule instead of once")
    asked = parser.parse_args()
    parameters = {"source": asked.source, "to": asked.to, "config_file": asked.config, "language": asked.lang}
    if asked.cron:
        texts = {name: str(value) if isinstance(value, Path) else value for name, value in parameters.items()}
        publish.serve(name="publish", cron=asked.cron, parameters=texts, limit=1, pause_on_shutdown=False)
        return 0
    try:
        report = publish(**parameters)
    except SourceError as error:
        _watch(as_line(error.finding, asked.lang))
        return 3 if isinstance(error, UnreachableError) else 2
    except Unpublishable as error:
        for each in error.refusals:
            _watch(as_line(each, asked.lang))
        return 4
    counts = f"{report.updated} new or changed, {report.set_aside} set aside"
    _watch(f"{report.accepted} of {report.projects} projects published, {counts}.")
    _watch(f"The IATI file: {report.written}" if report.written else "Nothing was published; what was there stays.")
    if report.rejected:
        _watch(f"Set aside, with the reasons: {report.rejected}")
    return 0 if report.well else 1


if __name__ == "__main__":
    sys.exit(main())
