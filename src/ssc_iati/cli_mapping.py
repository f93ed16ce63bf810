"""`ssc-iati mapping`: what the columns of a source may be in the record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ssc_iati.cli_options import ConfigOption, LangOption, SourceArgument, system_language

app = typer.Typer(no_args_is_help=True, help="What the columns of a source are in the record.")


@app.callback()
def about() -> None:
    """What the columns of a source are in the record."""


@app.command()
def propose(
    source: SourceArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="The mapping to write (TOML).")],
    config: ConfigOption = None,
    lang: LangOption = None,
) -> None:
    """Propose a mapping from the headers and values of a source; what is not certain is commented out."""
    from ssc_iati import config as settings
    from ssc_iati.read import propose as proposals
    from ssc_iati.read.address import source_named
    from ssc_iati.read.opened import opened_for_mapping

    if output.exists():
        raise typer.BadParameter(f"{output} is there already; a mapping is never overwritten", param_hint="--output")
    language, named = (lang or system_language()).value, source_named(source)
    with opened_for_mapping(named, str(named), settings.load(config).source.tables) as grids:
        made = proposals.propose(grids, language)
    output.write_text(made.text, "utf-8")
    typer.echo(proposals.words(language).summary.format(made.mapped, made.open, output), err=True)
