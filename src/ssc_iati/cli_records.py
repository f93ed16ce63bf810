"""`ssc-iati check`, `convert` and `import`: records, what is wrong with them, and one file of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ssc_iati.cli_options import (
    CONFIG,
    FORMAT,
    JOBS,
    LANG,
    LAYOUT,
    MAPPING,
    NOW,
    PATH,
    SOURCE,
    Format,
    Language,
    ask_of,
)
from ssc_iati.cli_story import tell

if TYPE_CHECKING:
    from ssc_iati.findings import Finding
    from ssc_iati.run import Progress, Report


@click.command()
@SOURCE
@CONFIG
@MAPPING
@LAYOUT
@LANG
@FORMAT
@NOW
@JOBS
def check(
    *,
    source: str,
    config: Path | None,
    mapping: Path | None,
    layout: str | None,
    lang: Language | None,
    form: Format,
    now: str | None,
    jobs: int,
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

    tell(ask, story)


@click.command()
@SOURCE
@click.option("--output", "-o", type=PATH, required=True, help="The IATI file to write.")
@CONFIG
@MAPPING
@LAYOUT
@LANG
@FORMAT
@NOW
@JOBS
@click.option("--upgrade", is_flag=True, help="Write IATI 2.03, of whatever version the records were imported from.")
def convert(  # noqa: PLR0913 - each is a choice of who runs it
    *,
    source: str,
    output: Path,
    config: Path | None,
    mapping: Path | None,
    layout: str | None,
    lang: Language | None,
    form: Format,
    now: str | None,
    jobs: int,
    upgrade: bool,
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

    tell(ask, story)


@click.command("import")
@click.argument(
    "source",
    type=PATH,
    help="IATI file, of activities or of organisations (2.01 to 2.03), or another tool's tables.",
)
@click.option("--output", "-o", type=PATH, required=True, help="A .jsonl or .xlsx file, or a folder for CSV.")
@click.option("--layout", help="The layout to write, if it is another tool's (see the documentation).")
@click.option("--from-layout", help="The layout of SOURCE, if it is not to be told from its headers.")
@CONFIG
@LANG
@FORMAT
def import_(
    *,
    source: Path,
    output: Path,
    layout: str | None,
    from_layout: str | None,
    config: Path | None,
    lang: Language | None,
    form: Format,
) -> None:
    """Bring an IATI file in as records, exactly as it stands: `convert` gives the same file back. Or another tool's
    tables; or write either in another tool's layout.
    """
    ask = ask_of(lang, form, None)

    def story(listen: Callable[[Finding], None], _progress: Progress) -> Report:
        from ssc_iati.importing import Choices, import_file

        return import_file(source, output, listen, Choices(from_layout, layout, ask.language, config))

    tell(ask, story)
