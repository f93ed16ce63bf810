"""`ssc-iati publish`, `plan`, `history`, `rollback` and `alarm`: to publish, what that would do, what it did, how to
undo it, and whether it arrives.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ssc_iati.cli_options import (
    CONFIG,
    FORMAT,
    FOUND,
    JOBS,
    LANG,
    LAYOUT,
    MAPPING,
    MODE,
    NOW,
    PATH,
    PLAIN_FORMAT,
    REFUSED,
    SOURCE,
    WELL,
    Ask,
    Format,
    Language,
    PlainFormat,
    ask_of,
    progress_bar,
    reader_may_leave,
)
from ssc_iati.cli_story import Aftermath, tell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ssc_iati.config import Settings
    from ssc_iati.findings import Finding
    from ssc_iati.merging.mode import Mode
    from ssc_iati.publish.guard import Rule
    from ssc_iati.publish.plan import Change
    from ssc_iati.run import Progress, Report

TO = click.option("--to", type=PATH, help="The folder to publish to.")
ALLOW = click.option(
    "--allow",
    metavar="RULE",
    multiple=True,
    help="What the guard may let pass this once; its refusal names the rule.",
)


@click.command()
@SOURCE
@TO
@CONFIG
@ALLOW
@MAPPING
@LAYOUT
@MODE
@LANG
@PLAIN_FORMAT
@NOW
@JOBS
def plan(  # noqa: PLR0913 - each is a choice of who runs it
    *,
    source: str,
    to: Path | None,
    config: Path | None,
    allow: tuple[str, ...],
    mapping: Path | None,
    layout: str | None,
    mode: Mode | None,
    lang: Language | None,
    form: PlainFormat,
    now: str | None,
    jobs: int,
) -> None:
    """Say what publishing would add, change and drop, field by field; nothing is changed."""
    ask = ask_of(lang, Format(form.value), now)
    from ssc_iati.findings import Severity
    from ssc_iati.publication import plan as run
    from ssc_iati.read.address import source_named
    from ssc_iati.record.difference import differences
    from ssc_iati.report import planned

    def hear(change: Change) -> None:
        differs = differences(change.before, change.after) if change.before and change.after else []
        told = (change.kind.value, change.identifier, differs, change.rules)
        if ask.format is Format.TEXT:
            lines: Iterable[str] = planned.as_lines(*told, ask.language, change.rows)
        else:
            lines = [planned.as_json(*told, change.rows)]
        sys.stdout.writelines(f"{line}\n" for line in lines)

    wrong: list[Finding] = []

    def listen(item: Finding) -> None:
        if item.identifier is None or item.severity.reaches(Severity.ERROR):
            wrong.append(item)

    loaded, folder = place_of(config, to, mapping, layout, mode)
    rules = rules_of(allow)
    with reader_may_leave(), progress_bar() as progress:
        named = source_named(source)
        made = run(named, folder, loaded, listen, hear, now=ask.now, jobs=jobs, progress=progress, allow=rules)
        sys.stdout.flush()
    click.echo(
        planned.summary({each.value: number for each, number in made.counts.items()}, made.former, ask.language),
        err=True,
    )
    for line in planned.rows_as_lines(made.rows, ask.language):
        click.echo(line, err=True)
    _say(wrong, ask)
    raise click.exceptions.Exit(REFUSED if made.refused else WELL if made.report.well else FOUND)


@click.command()
@SOURCE
@TO
@CONFIG
@ALLOW
@MAPPING
@LAYOUT
@MODE
@LANG
@FORMAT
@NOW
@JOBS
def publish(  # noqa: PLR0913 - each is a choice of who runs it
    *,
    source: str,
    to: Path | None,
    config: Path | None,
    allow: tuple[str, ...],
    mapping: Path | None,
    layout: str | None,
    mode: Mode | None,
    lang: Language | None,
    form: Format,
    now: str | None,
    jobs: int,
) -> None:
    """Publish records: dates move only with content, a guard refuses what looks wrong, and a failed run leaves what was
    there.
    """
    ask = ask_of(lang, form, now)
    rules = rules_of(allow)

    after = Aftermath()

    def story(listen: Callable[[Finding], None], progress: Progress) -> Report:
        from ssc_iati.publication import Unpublishable, watched
        from ssc_iati.publication import publish as run
        from ssc_iati.read.address import source_named

        loaded, folder = place_of(config, to, mapping, layout, mode)
        try:
            act = partial(run, source_named(source), folder, loaded, listen, now=ask.now, jobs=jobs, progress=progress)
            act = partial(act, language=ask.language, allow=rules)
            report, delivery = watched(act, folder, loaded, listen, now=ask.now)
        except Unpublishable as refusal:
            return refusal.report
        after.note(delivery, ask.language)
        return report

    tell(ask, story, after)


@click.command()
@TO
@CONFIG
@LANG
@FORMAT
@click.option("--last", type=click.IntRange(min=1), help="So many releases and runs only.")
def history(
    *,
    to: Path | None,
    config: Path | None,
    lang: Language | None,
    form: Format,
    last: int | None,
) -> None:
    """Say what was published when, from what, and how each run ended."""
    ask = ask_of(lang, form, None)
    from ssc_iati.publication import history as ask_ledger
    from ssc_iati.report import history as shown

    loaded, folder = place_of(config, to)
    told = ask_ledger(folder, loaded, last=last)
    with reader_may_leave():
        if ask.format is Format.HTML:
            sys.stdout.writelines(shown.as_page(told, ask.language))
        elif ask.format is Format.JSONL:
            sys.stdout.writelines(f"{shown.as_json(each)}\n" for each in told)
        else:
            sys.stdout.writelines(f"{line}\n" for line in shown.as_lines(told, ask.language))
        sys.stdout.flush()


@click.command()
@click.argument("release", type=click.IntRange(min=1), help="The number of the release to go back to.")
@TO
@CONFIG
@LANG
@NOW
def rollback(
    *,
    release: int,
    to: Path | None,
    config: Path | None,
    lang: Language | None,
    now: str | None,
) -> None:
    """Put an earlier release in place again, bit by bit; the history keeps both."""
    ask = ask_of(lang, Format.TEXT, now)
    from ssc_iati.publication import rollback as go_back
    from ssc_iati.report.history import word

    loaded, folder = place_of(config, to)
    made = go_back(release, folder, loaded, now=ask.now)
    said = word("rollback", ask.language).format(release)
    click.echo(f"{word('release', ask.language)} {made.number}: {said}, {word(made.state, ask.language)}", err=True)


@click.command()
@TO
@CONFIG
@LANG
@PLAIN_FORMAT
@NOW
def alarm(
    *,
    to: Path | None,
    config: Path | None,
    lang: Language | None,
    form: PlainFormat,
    now: str | None,
) -> None:
    """Look whether readers get what was published, and whether IATI's platform has it; whoever must know is told."""
    ask = ask_of(lang, Format(form.value), now)
    from ssc_iati.findings import Severity
    from ssc_iati.publication import look
    from ssc_iati.report import shown

    loaded, folder = place_of(config, to)
    found = look(folder, loaded, now=ask.now)
    write = shown.as_line if form is PlainFormat.TEXT else shown.as_json
    with reader_may_leave():
        sys.stdout.writelines(f"{write(each, ask.language)}\n" for each in found)
        sys.stdout.flush()
    raise click.exceptions.Exit(FOUND if any(each.severity.reaches(Severity.ERROR) for each in found) else WELL)


def place_of(
    config: Path | None,
    to: Path | None,
    mapping: Path | None = None,
    layout: str | None = None,
    mode: Mode | None = None,
) -> tuple[Settings, Path | None]:
    """The settings, and the folder to publish to; None where the settings name a store instead."""
    from ssc_iati import config as settings

    loaded = settings.load(config, mapping, layout)
    if mode is not None:
        loaded = settings.merging(loaded, mode)
    folder = to or (None if loaded.store.url else loaded.publish.folder)
    if folder is None and loaded.store.url is None:
        raise click.BadParameter(
            "say where to publish: --to FOLDER, or folder in [publish] or url in [store] of the configuration"
        )
    return loaded, folder


def rules_of(allow: Collection[str]) -> frozenset[Rule]:
    """The rules of the guard that the words mean."""
    from ssc_iati.publish.guard import NEVER, Rule

    known = [each.value for each in Rule if each not in NEVER]
    unknown = [each for each in allow if each not in known]
    if unknown:
        raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(known)}", param_hint="--allow")
    return frozenset(map(Rule, allow))


def _say(wrong: list[Finding], ask: Ask) -> None:
    """What is wrong with a source that is planned, waits for a decision, or would not be let pass."""
    from ssc_iati.report import shown

    for each in wrong:
        if ask.format is Format.JSONL:
            sys.stdout.write(shown.as_json(each, ask.language) + "\n")
        click.echo(shown.as_line(each, ask.language), err=True)
