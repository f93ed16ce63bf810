"""`ssc-iati check`, `convert` and `import`: records, what is wrong with them, and one file of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ssc_iati.cli_options import (
    ConfigOption,
    Format,
    FormatOption,
    JobsOption,
    LangOption,
    LayoutOption,
    MappingOption,
    NowOption,
    SourceArgument,
    ask_of,
)
from ssc_iati.cli_story import tell

if TYPE_CHECKING:
    from ssc_iati.findings import Finding
    from ssc_iati.run import Progress, Report


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

    tell(ask, story)


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

    tell(ask, story)


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

    tell(ask, story)
