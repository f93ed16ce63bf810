"""The commands about the Registry and about what readers get: `registry check`, `plan`, `sync`, and `readback`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from ssc_iati.cli_options import (
    FOUND,
    LANG,
    NOW,
    PATH,
    PLAIN_FORMAT,
    WELL,
    WORLD,
    Language,
    PlainFormat,
    moment,
    reader_may_leave,
    system_language,
)

if TYPE_CHECKING:
    from ssc_iati.config import Settings
    from ssc_iati.findings import Finding
    from ssc_iati.publish.registry.options import RegistryOptions
    from ssc_iati.publish.registry.outcome import Outcome, Reconciled

NEEDED_CONFIG = click.option("--config", type=PATH, required=True, help="The publisher's configuration (TOML).")


@click.group("registry", no_args_is_help=True)
def app() -> None:
    """Register the published files in the IATI Registry."""


@app.command("check")
@NEEDED_CONFIG
@LANG
@PLAIN_FORMAT
def check_registry(
    *,
    config: Path,
    lang: Language | None,
    form: PlainFormat,
) -> None:
    """Say whether the Registry lets us in, as whom, and what would stand in the way. Nothing is written."""
    ask = _asked(lang, form)
    settings, options = _loaded(config)
    with _refusals(ask):
        from ssc_iati.publish.registry.access import check_access
        from ssc_iati.publish.registry.words import access_line

        access = check_access(options, reporter=_reporter(settings))
        told = access._asdict() | {"findings": len(access.findings)}
        _write(ask, access_line(access, ask.language), told)
    _leave(ask, access.findings)


@app.command()
@NEEDED_CONFIG
@LANG
@PLAIN_FORMAT
def plan(
    *,
    config: Path,
    lang: Language | None,
    form: PlainFormat,
) -> None:
    """Say what `sync` would do. Nothing is written."""
    ask = _asked(lang, form)
    result = _reconciled(config, ask, dry=True)
    _leave(ask, result.findings)


@app.command()
@NEEDED_CONFIG
@click.option("--manual", is_flag=True, help="Say what a person must enter, and do nothing.")
@click.option("--delete", metavar="SHORT_NAME", multiple=True, help="Take this dataset out of the Registry.")
@LANG
@PLAIN_FORMAT
def sync(
    *,
    config: Path,
    manual: bool,
    delete: tuple[str, ...],
    lang: Language | None,
    form: PlainFormat,
) -> None:
    """Register the published files as far as they are not; what is right already is not touched."""
    ask = _asked(lang, form)
    if manual:
        _say_by_hand(config, ask, delete)
        return
    result = _reconciled(config, ask, delete=delete)
    _leave(ask, result.findings, failed=result.failed)


@click.command()
@NEEDED_CONFIG
@click.option("--bulk-data", is_flag=True, help="Look at IATI's Bulk Data Service, too.")
@click.option(
    "--attempts",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="How often to fetch a file that is not yet the published one.",
)
@LANG
@PLAIN_FORMAT
@NOW
def readback(
    *,
    config: Path,
    bulk_data: bool,
    attempts: int,
    lang: Language | None,
    form: PlainFormat,
    now: str | None,
) -> None:
    """Fetch the published files as their readers do, and compare them with what was published."""
    ask = _asked(lang, form)
    settings, options = _loaded(config)
    if settings.publish.folder is None:
        raise click.BadParameter("say in [publish] of the configuration which folder is published")
    found: list[Finding] = []
    for file, url in options.addresses(_files(settings, options)).items():
        found += _read_back(settings.publish.folder / file, url, attempts)
    if bulk_data:
        found += _arrived(settings, options, moment(now))
    _leave(ask, found)


class Ask(NamedTuple):
    """What these commands are asked beside their own arguments."""

    language: str
    form: PlainFormat


def _asked(lang: Language | None, form: PlainFormat) -> Ask:
    return Ask((lang or system_language()).value, form)


# --- The steps --------------------------------------------------------------------------------------------------------


def _loaded(config: Path) -> tuple[Settings, RegistryOptions]:
    from ssc_iati import config as settings

    loaded = settings.load(config)
    if loaded.registry is None:
        raise click.BadParameter("the configuration has no [registry]", param_hint="--config")
    return loaded, loaded.registry


def _files(settings: Settings, options: RegistryOptions) -> tuple[str, ...]:
    return tuple(sorted({settings.publish.file, *options.datasets}))


def _reporter(settings: Settings) -> str | None:
    reporter = settings.publisher.reporting_org
    return reporter.ref if reporter is not None else None


def _reconciled(config: Path, ask: Ask, *, dry: bool = False, delete: Iterable[str] = ()) -> Reconciled:
    settings, options = _loaded(config)
    folder = None if settings.store.url else settings.publish.folder
    with _refusals(ask):
        from ssc_iati.publication import register
        from ssc_iati.publish.registry.words import outcome_line

        result = register(folder, settings, options, now=datetime.now(UTC), dry=dry, delete=list(delete))
        for each in result.outcomes:
            _write(ask, outcome_line(each, ask.language), _as_data(each))
    return result


def _say_by_hand(config: Path, ask: Ask, delete: Iterable[str]) -> None:
    from ssc_iati.publish.registry import by_hand
    from ssc_iati.publish.registry.reconcile import reconcile

    settings, options = _loaded(config)
    alone = options.model_copy(update={"token": None})
    outcomes = reconcile(alone, options.addresses(_files(settings, options)), delete=list(delete)).outcomes
    click.echo(by_hand.as_json(outcomes) if ask.form is PlainFormat.JSONL else by_hand.as_text(outcomes, ask.language))


def _read_back(path: Path, url: str, attempts: int) -> tuple[Finding, ...]:
    from ssc_iati.publish.read_back import published_file, read_back

    return read_back(published_file(path, url), attempts=attempts).findings


def _arrived(settings: Settings, options: RegistryOptions, now: datetime) -> list[Finding]:
    """What the Bulk Data Service has of the files that stand in the folder, each since it was written."""
    from ssc_iati.publish.bulk_data import Expected, check_bulk_data
    from ssc_iati.publish.read_back import published_file

    expected = []
    for file, dataset in options.wanted(options.addresses(_files(settings, options))).items():
        if dataset.visibility != "public":
            continue
        path = (settings.publish.folder or Path()) / file
        since = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        expected.append(Expected(dataset.short_name, dataset.url, published_file(path, dataset.url).sha1, since))
    return check_bulk_data(options.bulk_data, expected, now, due=timedelta(hours=options.bulk_data_hours))


# --- Showing ----------------------------------------------------------------------------------------------------------


def _as_data(outcome: Outcome) -> dict[str, object]:
    shown = {"file": outcome.file, "short_name": outcome.short_name, "step": outcome.step.value, "done": outcome.done}
    changes = {field: {"stands": stood, "wanted": value} for field, (stood, value) in outcome.changes.items()}
    return shown | {"id": outcome.id and str(outcome.id), "changes": changes}


def _write(ask: Ask, line: str, data: dict[str, object]) -> None:
    from ssc_iati.report.shown import printable

    shown = printable(line) if ask.form is PlainFormat.TEXT else json.dumps(data, ensure_ascii=False, default=str)
    sys.stdout.write(shown + "\n")


def _leave(ask: Ask, found: Iterable[Finding], *, failed: bool = False) -> None:
    """Show the findings, and leave with the exit code that fits."""
    from ssc_iati.findings import Severity
    from ssc_iati.report.shown import as_json, as_line

    write = as_line if ask.form is PlainFormat.TEXT else as_json
    serious = False
    with reader_may_leave():
        for item in found:
            sys.stdout.write(write(item, ask.language) + "\n")
            serious = serious or item.severity.reaches(Severity.ERROR)
        sys.stdout.flush()
    raise click.exceptions.Exit(WORLD if failed else FOUND if serious else WELL)


@contextmanager
def _refusals(ask: Ask) -> Iterator[None]:
    """The Registry's refusals, in the user's language."""
    from ssc_iati.publish.registry.trouble import RegistryError
    from ssc_iati.report.shown import as_json, as_line

    try:
        yield
    except RegistryError as error:
        click.echo(as_line(error.finding, ask.language), err=True)
        if ask.form is PlainFormat.JSONL:
            click.echo(as_json(error.finding, ask.language))
        raise click.exceptions.Exit(WORLD) from None
