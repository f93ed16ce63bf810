"""The command line: it arranges calls and shows results. Data go to standard output, progress and summaries to
standard error.

Exit codes: 0 well; 1 findings of error or worse, or something set aside; 2 wrong usage or a source that cannot be
read; 3 the world
failed; 4 a guard refused; 70 a fault of ours.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from ssc_iati import cli_registry, cli_standard
from ssc_iati.cli_options import (
    FOUND,
    OURS,
    USAGE,
    WELL,
    WORLD,
    ConfigOption,
    Format,
    FormatOption,
    JobsOption,
    LangOption,
    Language,
    NowOption,
    SourceArgument,
    moment,
    reader_may_leave,
    system_language,
)

if TYPE_CHECKING:
    from ssc_iati.config import Settings
    from ssc_iati.findings import Finding
    from ssc_iati.publish.guard import Rule
    from ssc_iati.publish.plan import Change
    from ssc_iati.run import Progress, Report

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
app.add_typer(cli_standard.app, name="standard")
app.add_typer(cli_registry.app, name="registry")
app.command()(cli_registry.readback)


class Ask(NamedTuple):
    """What every command is asked beside its own arguments."""

    language: str
    format: Format
    now: datetime

    @property
    def today(self) -> date:
        """The day that counts as today."""
        return self.now.date()


def _ask(language: Language | None, form: Format, now: str | None) -> Ask:
    return Ask((language or system_language()).value, form, moment(now))


def _version(asked: bool) -> None:  # noqa: FBT001 - typer's own shape of a callback
    if asked:
        from ssc_iati import __version__

        typer.echo(f"ssc-iati {__version__}")
        raise typer.Exit


@app.callback()
def about(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """South-South cooperation records, checked, mapped to IATI 2.03, validated and published."""


@app.command()
def check(
    source: SourceArgument,
    config: ConfigOption = None,
    lang: LangOption = None,
    form: FormatOption = Format.TEXT,
    now: NowOption = None,
    jobs: JobsOption = 1,
) -> None:
    """Read and check records; say what is wrong, where, and what to do. Nothing is written."""
    ask = _ask(lang, form, now)

    def story(listen: Callable[[Finding], None], progress: Progress) -> Report:
        from ssc_iati import config as settings
        from ssc_iati.run import check_source

        return check_source(source, settings.load(config), listen, today=ask.today, jobs=jobs, progress=progress)

    _tell(ask, story)


@app.command()
def convert(
    source: SourceArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="The IATI file to write.")],
    config: ConfigOption = None,
    lang: LangOption = None,
    form: FormatOption = Format.TEXT,
    now: NowOption = None,
    jobs: JobsOption = 1,
) -> None:
    """Convert records to one validated IATI file; what was set aside goes beside it, with the reasons."""
    ask = _ask(lang, form, now)

    def story(listen: Callable[[Finding], None], progress: Progress) -> Report:
        from ssc_iati import config as settings
        from ssc_iati.run import convert as run

        return run(
            source,
            output,
            settings.load(config),
            listen,
            today=ask.today,
            jobs=jobs,
            progress=progress,
            language=ask.language,
        )

    _tell(ask, story)


ToOption = Annotated[Path | None, typer.Option("--to", help="The folder to publish to.")]
AllowOption = Annotated[
    list[str] | None,
    typer.Option("--allow", metavar="RULE", help="What the guard may let pass this once; its refusal names the rule."),
]


@app.command()
def plan(
    source: SourceArgument,
    to: ToOption = None,
    config: ConfigOption = None,
    allow: AllowOption = None,
    lang: LangOption = None,
    form: FormatOption = Format.TEXT,
    now: NowOption = None,
    jobs: JobsOption = 1,
) -> None:
    """Say what publishing would add, change and drop, field by field; nothing is changed."""
    ask = _ask(lang, _lines_only(form), now)
    from ssc_iati.publication import plan as run
    from ssc_iati.record.difference import differences
    from ssc_iati.report import planned

    def hear(change: Change) -> None:
        differs = differences(change.before, change.after) if change.before and change.after else []
        told = (change.kind.value, change.identifier, differs, change.rules)
        lines = planned.as_lines(*told, ask.language) if ask.format is Format.TEXT else [planned.as_json(*told)]
        sys.stdout.writelines(f"{line}\n" for line in lines)

    loaded, folder = _place(config, to)
    rules = _rules(allow)
    with _reader_may_leave(), _progress() as progress:
        made = run(source, folder, loaded, lambda _: None, hear, now=ask.now, jobs=jobs, progress=progress, allow=rules)
        sys.stdout.flush()
    typer.echo(
        planned.summary({each.value: number for each, number in made.counts.items()}, made.former, ask.language),
        err=True,
    )
    _say_refusals(made.refused, ask)
    raise typer.Exit(REFUSED if made.refused else WELL if made.report.well else FOUND)


@app.command()
def publish(
    source: SourceArgument,
    to: ToOption = None,
    config: ConfigOption = None,
    allow: AllowOption = None,
    lang: LangOption = None,
    form: FormatOption = Format.TEXT,
    now: NowOption = None,
    jobs: JobsOption = 1,
) -> None:
    """Publish records: dates move only with content, a guard refuses what looks wrong, and a failed run leaves what was
    there.
    """
    ask = _ask(lang, form, now)
    rules = _rules(allow)

    def story(listen: Callable[[Finding], None], progress: Progress) -> Report:
        from ssc_iati.publication import Unpublishable
        from ssc_iati.publication import publish as run

        loaded, folder = _place(config, to)
        try:
            return run(
                source,
                folder,
                loaded,
                listen,
                now=ask.now,
                jobs=jobs,
                progress=progress,
                language=ask.language,
                allow=rules,
            )
        except Unpublishable as refusal:
            return refusal.report

    _tell(ask, story)


@app.command()
def history(
    to: ToOption = None,
    config: ConfigOption = None,
    lang: LangOption = None,
    form: FormatOption = Format.TEXT,
    last: Annotated[int | None, typer.Option("--last", min=1, help="So many releases and runs only.")] = None,
) -> None:
    """Say what was published when, from what, and how each run ended."""
    ask = _ask(lang, form, None)
    from ssc_iati.publication import history as ask_ledger
    from ssc_iati.report import history as shown

    loaded, folder = _place(config, to)
    told = ask_ledger(folder, loaded, last=last)
    with _reader_may_leave():
        if ask.format is Format.HTML:
            sys.stdout.writelines(shown.as_page(told, ask.language))
        elif ask.format is Format.JSONL:
            sys.stdout.writelines(f"{shown.as_json(each)}\n" for each in told)
        else:
            sys.stdout.writelines(f"{line}\n" for line in shown.as_lines(told, ask.language))
        sys.stdout.flush()


@app.command()
def rollback(
    release: Annotated[int, typer.Argument(min=1, help="The number of the release to go back to.")],
    to: ToOption = None,
    config: ConfigOption = None,
    lang: LangOption = None,
    now: NowOption = None,
) -> None:
    """Put an earlier release in place again, bit by bit; the history keeps both."""
    ask = _ask(lang, Format.TEXT, now)
    from ssc_iati.publication import rollback as go_back
    from ssc_iati.report.history import word

    loaded, folder = _place(config, to)
    made = go_back(release, folder, loaded, now=ask.now)
    said = word("rollback", ask.language).format(release)
    typer.echo(f"{word('release', ask.language)} {made.number}: {said}, {word(made.state, ask.language)}", err=True)


def _place(config: Path | None, to: Path | None) -> tuple[Settings, Path | None]:
    """The settings, and the folder to publish to; None where the settings name a store instead."""
    from ssc_iati import config as settings

    loaded = settings.load(config)
    folder = to or (None if loaded.store.url else loaded.publish.folder)
    if folder is None and loaded.store.url is None:
        raise typer.BadParameter(
            "say where to publish: --to FOLDER, or folder in [publish] or url in [store] of the configuration"
        )
    return loaded, folder


def _rules(allow: list[str] | None) -> frozenset[Rule]:
    from ssc_iati.publish.guard import NEVER, Rule

    known = [each.value for each in Rule if each not in NEVER]
    unknown = [each for each in allow or () if each not in known]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is none of {', '.join(known)}", param_hint="--allow")
    return frozenset(map(Rule, allow or ()))


def _lines_only(form: Format) -> Format:
    if form is Format.HTML:
        raise typer.BadParameter("a plan is shown as text or jsonl", param_hint="--format")
    return form


# --- Showing ----------------------------------------------------------------------------------------------------------


def _tell(ask: Ask, story: Callable[[Callable[[Finding], None], Progress], Report]) -> None:
    """Run a story, show what it finds as it is found, then the summary; leave with the exit code that fits."""
    from ssc_iati.report import shown

    kept: list[Finding] = []

    def listen(item: Finding) -> None:
        if ask.format is Format.HTML:
            kept.append(item)
        else:
            write = shown.as_line if ask.format is Format.TEXT else shown.as_json
            sys.stdout.write(write(item, ask.language) + "\n")

    with reader_may_leave():
        with _progress() as progress:
            report = story(listen, progress)
        summary = _summary(report, ask.language)
        if ask.format is Format.HTML:
            sys.stdout.writelines(shown.as_page(kept, summary, ask.language))
        sys.stdout.flush()
    typer.echo(summary, err=True)
    raise typer.Exit(REFUSED if report.refused else WELL if report.well else FOUND)


def _say_refusals(refused: list[Finding], ask: Ask) -> None:
    """What the guard would not let pass."""
    from ssc_iati.report import shown

    for each in refused:
        if ask.format is Format.JSONL:
            sys.stdout.write(shown.as_json(each, ask.language) + "\n")
        typer.echo(shown.as_line(each, ask.language), err=True)


def _summary(report: Report, language: str) -> str:
    from ssc_iati.report.shown import severity, words

    said = words(language)
    counts = (
        f"{report.projects} {said.projects}: {report.accepted} {said.accepted}, {report.set_aside} {said.set_aside}"
    )
    found = ", ".join(f"{severity(name, language)} {number}" for name, number in sorted(report.severities.items()))
    lines = [f"{counts}. {said.findings}: {found or 0}"]
    if report.release is not None:
        lines.append(f"  {_release_line(report, language)}")
    lines += [f"  {path}" for path in (report.written, report.rejected) if path is not None]
    return "\n".join(lines)


def _release_line(report: Report, language: str) -> str:
    """Which release stands, and what it changed."""
    from ssc_iati.report.history import word

    figures = {
        "added": report.added,
        "changed": report.updated - report.added,
        "gone": report.gone,
        "kept": report.kept,
    }
    moved = ", ".join(f"{number} {word(name, language)}" for name, number in figures.items() if number)
    state = "rested" if report.rested else "unchanged" if report.unchanged else "published"
    told = word(state, language) if report.unchanged or not moved else moved
    return f"{word('release', language)} {report.release}: {told}"


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on the terminal, for work that takes long; nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    with typer.progressbar(length=1, file=sys.stderr, label="ssc-iati") as bar:

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield show


def main() -> None:
    """Run the program; every trouble of the world or the source gets a line in the user's language, never a
    traceback.
    """
    from ssc_iati.findings import SourceError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A file's name may hold bytes that are no text: it is shown, and does not end the run.
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except SourceError as error:
        _say_refusal(error)
        sys.exit(USAGE)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        typer.echo(f"ssc-iati: {place}{error.strerror or error}", err=True)
        sys.exit(WORLD)
    except Exception as error:  # noqa: BLE001 - the last door: a fault of ours is said, not thrown at the user
        typer.echo(f"ssc-iati: a fault of the program ({type(error).__name__}); please report it.", err=True)
        if os.environ.get("SSC_IATI_DEBUG"):
            traceback.print_exc()
        sys.exit(OURS)


def _say_refusal(error: object) -> None:
    from ssc_iati.findings import SourceError
    from ssc_iati.report.shown import as_json, as_line

    assert isinstance(error, SourceError)  # noqa: S101 - the only caller's own type
    language = _asked_language()
    typer.echo(as_line(error.finding, language), err=True)
    if _asked("--format") == "jsonl":
        typer.echo(as_json(error.finding, language))


def _asked_language() -> str:
    """The language of `--lang`, when the run did not get so far as to read it."""
    asked = _asked("--lang")
    return asked if asked in set(Language) else system_language().value


def _asked(option: str) -> str:
    """What the command line gives for an option, when the run did not get so far as to read it."""
    words = [*sys.argv, ""]
    asked = next((words[index + 1] for index, word in enumerate(words[:-1]) if word == option), "")
    return asked or next((word.removeprefix(f"{option}=") for word in words if word.startswith(f"{option}=")), "")
