"""What the commands have in common: exit codes, languages, formats, and the options that several of them take."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from ssc_iati.merging.mode import Mode

if TYPE_CHECKING:
    pass

WELL, FOUND, USAGE, WORLD, REFUSED, OURS = 0, 1, 2, 3, 4, 70


class Language(StrEnum):
    """Languages in which the program speaks."""

    EN = "en"
    ES = "es"
    PT = "pt"
    FR = "fr"


class Format(StrEnum):
    """How findings are shown."""

    TEXT = "text"
    JSONL = "jsonl"
    HTML = "html"


class PlainFormat(StrEnum):
    """How something is shown that is no finding."""

    TEXT = "text"
    JSONL = "jsonl"


SourceArgument = Annotated[
    str, typer.Argument(help="Workbook, folder of CSV files, JSON or JSON Lines file, or the URL of a database.")
]
MappingOption = Annotated[
    Path | None, typer.Option("--mapping", help="What the columns of the source are (TOML); see `mapping propose`.")
]
LayoutOption = Annotated[
    str | None, typer.Option("--layout", help="The layout of the source, if it is not to be told from its headers.")
]
ModeOption = Annotated[
    Mode | None,
    typer.Option("--mode", help="What the source is: all that is published, or tables to merge or to replace."),
]
ConfigOption = Annotated[Path | None, typer.Option("--config", help="The publisher's configuration (TOML).")]
LangOption = Annotated[Language | None, typer.Option("--lang", help="Language of messages; the system's unless said.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How findings are shown.")]
PlainFormatOption = Annotated[PlainFormat, typer.Option("--format", help="How it is shown.")]
NowOption = Annotated[str | None, typer.Option("--now", metavar="ISO", help="The date-time that counts as now.")]
JobsOption = Annotated[int, typer.Option("--jobs", min=1, help="How many processes work.")]


def system_language() -> Language:
    """The language that the system speaks, if it is one of ours; else English."""
    name = (
        os.environ.get("LC_ALL")
        or os.environ.get("LC_MESSAGES")
        or os.environ.get("LANG")
        or (locale.getlocale()[0] or "")
    )
    return next((each for each in Language if name.lower().startswith(each.value)), Language.EN)


def moment(now: str | None) -> datetime:
    """The date-time that counts as now, in UTC: the one that was said, else that of the clock."""
    if now is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        said = datetime.fromisoformat(now)
    except ValueError:
        raise typer.BadParameter(
            f"{now!r} is no date or date-time in ISO form, as 2026-11-24", param_hint="--now"
        ) from None
    return said.astimezone(UTC) if said.tzinfo else said.replace(tzinfo=UTC)


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int], None]]:
    """A bar on the terminal, for work that takes long; nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    with typer.progressbar(length=1, file=sys.stderr, label="ssc-iati") as bar:

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield show


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Whoever reads the findings may have seen enough (`| head`): the run ends, without a word."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(WORLD) from None


class Ask(NamedTuple):
    """What every command is asked beside its own arguments."""

    language: str
    format: Format
    now: datetime

    @property
    def today(self) -> date:
        """The day that counts as today."""
        return self.now.date()


def ask_of(language: Language | None, form: Format, now: str | None) -> Ask:
    """What was asked, with what was left to the system; the present moment unless another was given."""
    return Ask((language or system_language()).value, form, moment(now))
