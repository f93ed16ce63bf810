"""`ssc-iati decide`: what became of an activity that the source does not have any more."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ssc_iati.cli_options import CONFIG, LANG, Format, Language, ask_of
from ssc_iati.cli_publication import TO, place_of

FORMER = click.argument("former", help="The IATI identifier under which it was published.")


@click.group("decide", no_args_is_help=True)
def app() -> None:
    """Decide what became of an activity that the source does not have any more."""


@app.command()
@FORMER
@TO
@CONFIG
@LANG
def drop(
    *,
    former: str,
    to: Path | None,
    config: Path | None,
    lang: Language | None,
) -> None:
    """It is withdrawn: the next release does not hold it."""
    ask = ask_of(lang, Format.TEXT, None)
    from ssc_iati.publication import decide
    from ssc_iati.report.planned import kind_word

    loaded, folder = place_of(config, to)
    decide(former, None, folder, loaded)
    click.echo(f"{kind_word('gone', ask.language)}: {former}", err=True)


@app.command()
@FORMER
@click.argument("new", help="The IATI identifier that it has in the source now.")
@TO
@CONFIG
@LANG
def rename(
    *,
    former: str,
    new: str,
    to: Path | None,
    config: Path | None,
    lang: Language | None,
) -> None:
    """It is called otherwise: the new one states the former (other-identifier A3), which is withdrawn."""
    ask_of(lang, Format.TEXT, None)
    from ssc_iati.publication import decide

    loaded, folder = place_of(config, to)
    decide(former, new, folder, loaded)
    click.echo(f"{former} -> {new}", err=True)


@app.command("list")
@TO
@CONFIG
@LANG
def list_(
    *,
    to: Path | None,
    config: Path | None,
    lang: Language | None,
) -> None:
    """Say what was decided so far, as JSON Lines."""
    ask_of(lang, Format.TEXT, None)
    from ssc_iati.publication import decisions

    loaded, folder = place_of(config, to)
    for each in decisions(folder, loaded):
        click.echo(json.dumps(each._asdict(), ensure_ascii=False))
