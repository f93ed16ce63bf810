"""What the ledger tells of a publication: its releases, and every run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sql

from ssc_iati.config import Settings
from ssc_iati.publication.session import past_publication
from ssc_iati.publish.ledger import FileEntry, Reading, Release, Run

Told = dict[str, Any]


def history(folder: Path | None, settings: Settings, *, last: int | None = None) -> list[Told]:
    """The releases, the last first, then the runs, as values for JSON; SourceError where nothing was published yet."""
    url, name = past_publication(folder, settings)
    return _told(url, name, last)


def _told(url: sql.URL, name: str, last: int | None) -> list[Told]:
    ledger = Reading(url, name)
    try:
        latest = ledger.latest()
        standing = latest.number if latest else None
        releases = [_release(ledger, each, stands=each.number == standing) for each in ledger.releases(last=last)]
        return [*releases, *(_run(ledger, each) for each in ledger.runs(last=last))]
    finally:
        ledger.close()


def _release(ledger: Reading, release: Release, *, stands: bool) -> Told:
    counts = ("activities", "transactions", "added", "changed", "gone", "kept")
    said = release._asdict()
    known = {"number": release.number, "way": release.kind, "back_to": release.back_to, "state": release.state}
    files = [_file(each) for each in ledger.files(release.number)]
    told = {name: said[name] for name in counts}
    return {
        "kind": "release",
        **known,
        "latest": stands,
        "made": release.made,
        "run": release.run,
        **told,
        "files": files,
    }


def _file(file: FileEntry) -> Told:
    names = ("name", "role", "size", "sha256", "generated", "activities", "transactions", "url")
    return {name: getattr(file, name) for name in names}


def _run(ledger: Reading, run: Run) -> Told:
    names = ("state", "started", "ended", "owner", "source", "source_date", "release", "trouble")
    prints = {"source_print": run.source_print, "setup_print": run.setup_print}
    return {
        "kind": "run",
        "number": run.id,
        **{name: getattr(run, name) for name in names},
        **prints,
        **_found(ledger, run),
    }


def _found(ledger: Reading, run: Run) -> Told:
    severities: dict[str, int] = {}
    for (_, severity), number in ledger.findings(run.id).items():
        severities[severity] = severities.get(severity, 0) + number
    aside = [
        {"identifier": each.identifier, "key": each.key, "rules": list(each.rules), "kept": each.kept}
        for each in ledger.set_aside(run.id)
    ]
    return {"findings": severities, "set_aside": aside, "allowed": ledger.overrides(run.id)}
