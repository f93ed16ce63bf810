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
from typing import NamedTuple

import click

from ssc_iati.merging.mode import Mode

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


class OneOf(click.Choice[StrEnum]):
    """A member of an enumeration, written as its value."""

    def normalize_choice(self, choice: object, ctx: click.Context | None) -> str:  # noqa: ARG002 - click's own shape
        """How a choice is written."""
        return str(choice)


Decorator = Callable[[Callable[..., None]], Callable[..., None]]


def format_option(forms: type[StrEnum], says: str) -> Decorator:
    """The option that tells in which of some forms things are shown; the first of them unless it is given."""
    first = next(iter(forms)).value
    return click.option("--format", "form", type=OneOf(forms), default=first, show_default=True, help=says)


PATH = click.Path(path_type=Path)

SOURCE = click.argument(
    "source", help="Workbook, folder of CSV files, JSON or JSON Lines file, or the URL of a database."
)
MAPPING = click.option("--mapping", type=PATH, help="What the columns of the source are (TOML); see `mapping propose`.")
LAYOUT = click.option("--layout", help="The layout of the source, if it is not to be told from its headers.")
MODE = click.option(
    "--mode", type=OneOf(Mode), help="What the source is: all that is published, or tables to merge or to replace."
)
CONFIG = click.option("--config", type=PATH, help="The publisher's configuration (TOML).")
LANG = click.option("--lang", type=OneOf(Language), help="Language of messages; the system's unless said.")
FORMAT = format_option(Format, "How findings are shown.")
PLAIN_FORMAT = format_option(PlainFormat, "How it is shown.")
NOW = click.option("--now", metavar="ISO", help="The date-time that counts as now.")
JOBS = click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="How many processes work.")


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
        raise click.BadParameter(
            f"{now!r} is no date or date-time in ISO form, as 2026-11-24", param_hint="--now"
        ) from None
    return said.astimezone(UTC) if said.tzinfo else said.replace(tzinfo=UTC)


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int], None]]:
    """A bar on the terminal, for work that takes long; nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    with click.progressbar(length=1, file=sys.stderr, label="ssc-iati") as bar:

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
        raise click.exceptions.Exit(WORLD) from None


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
