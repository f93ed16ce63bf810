"""`ssc-iati decide`: what became of an activity that the source does not have any more."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from ssc_iati.cli_options import ConfigOption, Format, LangOption, ask_of
from ssc_iati.cli_publication import ToOption, place_of

app = typer.Typer(
    name="decide",
    help="Decide what became of an activity that the source does not have any more.",
    no_args_is_help=True,
)

FormerArgument = Annotated[str, typer.Argument(help="The IATI identifier under which it was published.")]


@app.command()
def drop(identifier: FormerArgument, to: ToOption = None, config: ConfigOption = None, lang: LangOption = None) -> None:
    """It is withdrawn: the next release does not hold it."""
    ask = ask_of(lang, Format.TEXT, None)
    from ssc_iati.publication import decide
    from ssc_iati.report.planned import kind_word

    loaded, folder = place_of(config, to)
    decide(identifier, None, folder, loaded)
    typer.echo(f"{kind_word('gone', ask.language)}: {identifier}", err=True)


@app.command()
def rename(
    former: FormerArgument,
    new: Annotated[str, typer.Argument(help="The IATI identifier that it has in the source now.")],
    to: ToOption = None,
    config: ConfigOption = None,
    lang: LangOption = None,
) -> None:
    """It is called otherwise: the new one states the former (other-identifier A3), which is withdrawn."""
    ask_of(lang, Format.TEXT, None)
    from ssc_iati.publication import decide

    loaded, folder = place_of(config, to)
    decide(former, new, folder, loaded)
    typer.echo(f"{former} -> {new}", err=True)


@app.command(name="list")
def list_(to: ToOption = None, config: ConfigOption = None, lang: LangOption = None) -> None:
    """Say what was decided so far, as JSON Lines."""
    ask_of(lang, Format.TEXT, None)
    from ssc_iati.publication import decisions

    loaded, folder = place_of(config, to)
    for each in decisions(folder, loaded):
        typer.echo(json.dumps(each._asdict(), ensure_ascii=False))
