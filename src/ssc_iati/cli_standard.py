"""`ssc-iati standard`: what of the standard is in use here, and newer lists of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from ssc_iati.cli_options import (
    LANG,
    PLAIN_FORMAT,
    USAGE,
    WORLD,
    Language,
    PlainFormat,
    reader_may_leave,
    system_language,
)

if TYPE_CHECKING:
    from ssc_iati.standard.fetch import FetchError
    from ssc_iati.standard.inventory import Item
    from ssc_iati.standard.updates import Update

FROM = click.option(
    "--from",
    "lists",
    envvar="SSC_IATI_STANDARD_URL",
    show_envvar=True,
    metavar="URL",
    help="The folder with NAME.xml for each codelist.",
)
REGISTERS = click.option(
    "--registers-from",
    "registers",
    envvar="SSC_IATI_REGISTERS_URL",
    show_envvar=True,
    metavar="URL",
    help="The list of organisation registers (JSON).",
)


@click.group("standard", no_args_is_help=True)
def app() -> None:
    """What of the IATI Standard is in use here, and newer lists of it."""


@app.command()
@PLAIN_FORMAT
@LANG
def show(
    *,
    form: PlainFormat,
    lang: Language | None,
) -> None:
    """Show schemas, rules, codelists and organisation registers in use: of when they are, and where from."""
    from ssc_iati.standard.inventory import inventory

    lines = _objects(inventory()) if form is PlainFormat.JSONL else _text(list(inventory()), _said(lang))
    with reader_may_leave():
        sys.stdout.writelines(f"{line}\n" for line in lines)
        sys.stdout.flush()


@app.command()
@FROM
@REGISTERS
@LANG
def update(
    *,
    lists: str | None,
    registers: str | None,
    lang: Language | None,
) -> None:
    """Fetch newer codelists and registers into the user's cache; runs that begin later use them."""
    from ssc_iati.report.standard import word
    from ssc_iati.standard.fetch import FetchError, bare
    from ssc_iati.standard.updates import update as run

    language = _said(lang)
    if not lists and not registers:
        click.echo(f"ssc-iati: {word('no-address', language)}", err=True)
        raise click.exceptions.Exit(USAGE)
    try:
        done = run(lists or None, registers or None, datetime.now(UTC).date())
    except FetchError as error:
        _say_failure(error, language)
        raise click.exceptions.Exit(WORLD) from None
    sys.stdout.writelines(f"{line}\n" for line in _outcome(done, bare(lists or registers or ""), language))


@app.command()
@LANG
def reset(
    *,
    lang: Language | None,
) -> None:
    """Go back to the codelists and registers of the package."""
    from ssc_iati.report.standard import word
    from ssc_iati.standard import SNAPSHOT
    from ssc_iati.standard.edition_store import reset as run

    run()
    click.echo(word("reset", _said(lang), date=SNAPSHOT))


def _said(lang: str | None) -> str:
    return str(lang or system_language())


def _objects(items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        yield json.dumps({key: value for key, value in item._asdict().items() if value is not None}, ensure_ascii=False)


def _text(items: list[Item], language: str) -> Iterator[str]:
    from ssc_iati.report.standard import table, word

    lists = [item for item in items if item.kind == "codelist"]
    registers = [item for item in items if item.kind == "registers"]
    schemas = ", ".join(item.name for item in items if item.kind == "schema")
    yield from (word("edition", language, name=item.name, date=item.date) for item in items if item.kind == "edition")
    yield word("schemas", language, versions=schemas)
    yield from (word("rules", language, date=item.date) for item in items if item.kind == "rules")
    yield from (word("registers", language, number=item.entries, name=item.name) for item in registers)
    yield word("codelists", language, number=len(lists))
    yield ""
    yield from table([_row(item, language) for item in registers + lists], language)


def _row(item: Item, language: str) -> tuple[str, str, str, str, str]:
    from ssc_iati.report.standard import word

    origin = word(item.origin, language) + (f" ({item.url})" if item.url else "")
    return item.name, item.date or "", str(item.entries), str(item.withdrawn), origin


def _outcome(done: Update, url: str, language: str) -> Iterator[str]:
    from ssc_iati.report.standard import word

    yield from (word("change", language, **change._asdict()) for change in done.changed)
    if done.missing:
        yield word("lacking", language, names=", ".join(done.missing))
    yield word("updated", language, edition=done.edition) if done.news else word("same", language, url=url)


def _say_failure(error: FetchError, language: str) -> None:
    from ssc_iati.report.standard import word

    said = word(error.reason, language, url=error.url, problem=error.problem)
    click.echo(f"ssc-iati: {said} {word('stays', language)}", err=True)
