"""The command line: it arranges calls and shows results. Data go to standard output, progress and summaries to
standard error.

Exit codes: 0 well; 1 findings of error or worse, or something set aside; 2 wrong usage or a source that cannot be
read; 3 the world
failed; 4 a guard refused; 70 a fault of ours.
"""

from __future__ import annotations

import atexit
import os
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

import click

from ssc_iati import memory
from ssc_iati.cli_commands import Commands
from ssc_iati.cli_options import FOUND, OURS, USAGE, WORLD, Language, system_language

if TYPE_CHECKING:
    from ssc_iati.findings import Finding

__all__ = ["FOUND", "app", "main", "program"]


def _version(context: click.Context, _: click.Parameter, asked: bool) -> None:  # noqa: FBT001 - click's own shape
    if asked:
        from ssc_iati import __version__

        click.echo(f"ssc-iati {__version__}")
        context.exit()


@click.group("ssc-iati", cls=Commands, no_args_is_help=True)
@click.option("--version", is_flag=True, callback=_version, expose_value=False, is_eager=True, help="Say the version.")
def app() -> None:
    """South-South cooperation records, checked, mapped to IATI 2.03, validated and published."""


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
        click.echo(printable(f"ssc-iati: {place}{error.strerror or error}"), err=True)
        sys.exit(WORLD)
    except Exception as error:  # noqa: BLE001 - the last door: a fault of ours is said, not thrown at the user
        click.echo(f"ssc-iati: a fault of the program ({type(error).__name__}); please report it.", err=True)
        if os.environ.get("SSC_IATI_DEBUG"):
            import traceback

            traceback.print_exc()
        sys.exit(OURS)


def program() -> None:
    """The program itself: `main`, and an end at once. What a process holds at its end the system takes back; to take it
    apart first, piece by piece, takes longer than to convert ten records.
    """
    end = _End()
    atexit.register(end.at_once)  # before all others, so that it is called after them
    try:
        main()
    except SystemExit as left:
        end.status = left.code if isinstance(left.code, int) else None
        raise


class _End:
    """The end of the program, if it is one of its own with a status to leave with."""

    status: int | None = None

    def at_once(self) -> None:
        """Leave, as soon as everything is written; where that fails, Python says so in its own way."""
        if self.status is None:
            return
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError):
            return
        os._exit(self.status)


def _say_refusal(refusal: Finding) -> None:
    from ssc_iati.report.shown import as_json, as_line

    language = _asked_language()
    click.echo(as_line(refusal, language), err=True)
    if _asked("--format") == "jsonl":
        click.echo(as_json(refusal, language))


def _asked_language() -> str:
    """The language of `--lang`, when the run did not get so far as to read it."""
    asked = _asked("--lang")
    return asked if asked in set(Language) else system_language().value


def _asked(option: str) -> str:
    """What the command line gives for an option, when the run did not get so far as to read it."""
    words = [*sys.argv, ""]
    asked = next((words[index + 1] for index, word in enumerate(words[:-1]) if word == option), "")
    return asked or next((word.removeprefix(f"{option}=") for word in words if word.startswith(f"{option}=")), "")
