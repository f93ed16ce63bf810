"""`ssc-iati mapping`: what the columns of a source may be in the record."""

from __future__ import annotations

from pathlib import Path

import click

from ssc_iati.cli_options import CONFIG, LANG, PATH, SOURCE, Language, system_language


@click.group("mapping", no_args_is_help=True)
def app() -> None:
    """What the columns of a source are in the record."""


@app.command()
@SOURCE
@click.option("--output", "-o", type=PATH, required=True, help="The mapping to write (TOML).")
@CONFIG
@LANG
def propose(
    *,
    source: str,
    output: Path,
    config: Path | None,
    lang: Language | None,
) -> None:
    """Propose a mapping from the headers and values of a source; what is not certain is commented out."""
    from ssc_iati import config as settings
    from ssc_iati.read import propose as proposals
    from ssc_iati.read.address import source_named
    from ssc_iati.read.opened import opened_for_mapping

    if output.exists():
        raise click.BadParameter(f"{output} is there already; a mapping is never overwritten", param_hint="--output")
    language, named = (lang or system_language()).value, source_named(source)
    with opened_for_mapping(named, str(named), settings.load(config).source.tables) as grids:
        made = proposals.propose(grids, language)
    output.write_text(made.text, "utf-8")
    click.echo(proposals.words(language).summary.format(made.mapped, made.open, output), err=True)
