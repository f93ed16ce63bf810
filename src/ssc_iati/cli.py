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
from collections.abc import Callable
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ssc_iati import cli_decide, cli_mapping, cli_publication, cli_registry, cli_standard, cli_validate, memory
from ssc_iati.cli_options import (
    FOUND,
    OURS,
    REFUSED,
    USAGE,
    WELL,
    WORLD,
    Ask,
    ConfigOption,
    Format,
    FormatOption,
    JobsOption,
    LangOption,
    Language,
    LayoutOption,
    MappingOption,
    ModeOption,
    NowOption,
    SourceArgument,
    ask_of,
    progress_bar,
    reader_may_leave,
    system_language,
)
from ssc_iati.cli_publication import AllowOption, ToOption, place_of, rules_of

if TYPE_CHECKING:
    from ssc_iati.findings import Finding
    from ssc_iati.publication import Delivery
    from ssc_iati.run import Progress, Report

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
app.add_typer(cli_mapping.app, name="mapping")
app.add_typer(cli_standard.app, name="standard")
app.add_typer(cli_registry.app, name="registry")
app.add_typer(cli_decide.app, name="decide")
app.command()(cli_registry.readback)
app.command()(cli_validate.validate)


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
    mapping: MappingOption = None,
    layout: LayoutOption = None,
    lang: LangOption = None,
    form: FormatOption = Format.TEXT,
    now: NowOption = None,
    jobs: JobsOption = 1,
) -> None:
    """Read and check records; say what is wrong, where, and what to do. Nothing is written."""
    ask = ask_of(lang, form, now)

    def story(listen: Callable[[Finding], None], progress: Progress) -> Report:
        from ssc_iati import config as settings
        from ssc_iati.read.address import source_named
        from ssc_iati.run import check_source

        return check_source(
            source_named(source),
            settings.load(config, mapping, layout),
            listen,
            today=ask.today,
            jobs=jobs,
            progress=progress,
        )

    _tell(ask, story)


@app.command()
def convert(  # noqa: PLR0913, PLR0917 - each is a choice of who runs it
    source: SourceArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="The IATI file to write.")],
    config: ConfigOption = None,
    mapping: MappingOption = None,
    layout: LayoutOption = None,
    lang: LangOption = None,
    form: FormatOption = Format.TEXT,
    now: NowOption = None,
    jobs: JobsOption = 1,
    *,
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="Write IATI 2.03, of whatever version the records were imported from.")
    ] = False,
) -> None:
    """Convert records to one validated IATI file; what was set aside goes beside it, with the reasons."""
    ask = ask_of(lang, form, now)

    def story(listen: Callable[[Finding], None], progress: Progress) -> Report:
        from ssc_iati import config as settings
        from ssc_iati.read.address import source_named
        from ssc_iati.run import convert as run

        return run(
            source_named(source),
            output,
            settings.load(config, mapping, layout),
            listen,
            today=ask.today,
            jobs=jobs,
            progress=progress,
            language=ask.language,
            upgrade=upgrade,
        )

    _tell(ask, story)


@app.command(name="import")
def import_(
    source: Annotated[
        Path,
        typer.Argument(help="IATI file, of activities or of organisations (2.01 to 2.03), or another tool's tables."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="A .jsonl or .xlsx file, or a folder for CSV.")],
    layout: Annotated[
        str | None,
        typer.Option("--layout", help="The layout to write, if it is another tool's (see the documentation)."),
    ] = None,
    from_layout: Annotated[
        str | None,
        typer.Option("--from-layout", help="The layout of SOURCE, if it is not to be told from its headers."),
    ] = None,
    config: ConfigOption = None,
    lang: LangOption = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """Bring an IATI file in as records, exactly as it stands: `convert` gives the same file back. Or another tool's
    tables; or write either in another tool's layout.
    """
    ask = ask_of(lang, form, None)

    def story(listen: Callable[[Finding], None], _progress: Progress) -> Report:
        from ssc_iati.importing import Choices, import_file

        return import_file(source, output, listen, Choices(from_layout, layout, ask.language, config))

    _tell(ask, story)


@app.command()
def publish(  # noqa: PLR0913, PLR0917 - all that a run may be told
    source: SourceArgument,
    to: ToOption = None,
    config: ConfigOption = None,
    allow: AllowOption = None,
    mapping: MappingOption = None,
    layout: LayoutOption = None,
    mode: ModeOption = None,
    lang: LangOption = None,
    form: FormatOption = Format.TEXT,
    now: NowOption = None,
    jobs: JobsOption = 1,
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

    _tell(ask, story, after)


for _command in (cli_publication.plan, cli_publication.history, cli_publication.rollback, cli_publication.alarm):
    app.command()(_command)


# --- Showing ----------------------------------------------------------------------------------------------------------


class Aftermath:
    """What became of a release after it stood, for the end of the program."""

    failed = False
    by_hand = ""

    def note(self, delivery: Delivery, language: str) -> None:
        """Whether it failed, and what a person must enter."""
        from ssc_iati.publish.registry.by_hand import as_text

        self.failed = delivery.failed
        self.by_hand = as_text(delivery.outcomes, language) if delivery.by_hand else ""


def _tell(
    ask: Ask, story: Callable[[Callable[[Finding], None], Progress], Report], after: Aftermath | None = None
) -> None:
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
        with progress_bar() as progress:
            report = story(listen, progress)
        summary = _summary(report, ask.language)
        if ask.format is Format.HTML:
            sys.stdout.writelines(shown.as_page(kept, summary, ask.language))
        sys.stdout.flush()
    typer.echo(summary, err=True)
    if after is not None and after.by_hand:
        typer.echo(after.by_hand, err=True)
    if after is not None and after.failed:
        raise typer.Exit(WORLD)
    raise typer.Exit(REFUSED if report.refused else WELL if report.well else FOUND)


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
        "missing": report.missing,
        "held": report.held,
    }
    moved = ", ".join(f"{number} {word(name, language)}" for name, number in figures.items() if number)
    state = "rested" if report.rested else "unchanged" if report.unchanged else "published"
    told = word(state, language) if report.unchanged or not moved else moved
    return f"{word('release', language)} {report.release}: {told}"


def main() -> None:
    """Run the program; every trouble of the world or the source gets a line in the user's language, never a
    traceback.
    """
    # What happens to be installed beside us has no part in what a record is: pydantic is not to look for plugins.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    memory.for_one_command()
    from ssc_iati.findings import SourceError, UnreachableError
    from ssc_iati.publish.trouble import WorldError
    from ssc_iati.report.shown import printable

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A file's name may hold bytes that are no text: it is shown, and does not end the run.
            stream.reconfigure(errors="backslashreplace")
    if not os.environ.get("SSC_IATI_DEBUG"):
        # What an interrupt catches half made cannot be thrown away in order; that is nobody's news.
        sys.unraisablehook = lambda _: None
    try:
        app()
    except SourceError as error:
        _say_refusal(error.finding)
        sys.exit(WORLD if isinstance(error, UnreachableError) else USAGE)
    except WorldError as error:
        _say_refusal(error.finding)
        sys.exit(WORLD)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        typer.echo(printable(f"ssc-iati: {place}{error.strerror or error}"), err=True)
        sys.exit(WORLD)
    except Exception as error:  # noqa: BLE001 - the last door: a fault of ours is said, not thrown at the user
        typer.echo(f"ssc-iati: a fault of the program ({type(error).__name__}); please report it.", err=True)
        if os.environ.get("SSC_IATI_DEBUG"):
            traceback.print_exc()
        sys.exit(OURS)


def _say_refusal(refusal: Finding) -> None:
    from ssc_iati.report.shown import as_json, as_line

    language = _asked_language()
    typer.echo(as_line(refusal, language), err=True)
    if _asked("--format") == "jsonl":
        typer.echo(as_json(refusal, language))


def _asked_language() -> str:
    """The language of `--lang`, when the run did not get so far as to read it."""
    asked = _asked("--lang")
    return asked if asked in set(Language) else system_language().value


def _asked(option: str) -> str:
    """What the command line gives for an option, when the run did not get so far as to read it."""
    words = [*sys.argv, ""]
    asked = next((words[index + 1] for index, word in enumerate(words[:-1]) if word == option), "")
    return asked or next((word.removeprefix(f"{option}=") for word in words if word.startswith(f"{option}=")), "")
