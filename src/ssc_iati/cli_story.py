"""Runs what a command does and tells what comes of it: findings as they are found, then the summary, then the exit
code.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from ssc_iati.cli_options import FOUND, REFUSED, WELL, WORLD, Ask, Format, progress_bar, reader_may_leave

if TYPE_CHECKING:
    from ssc_iati.findings import Finding
    from ssc_iati.publication import Delivery
    from ssc_iati.run import Progress, Report

    Story = Callable[[Callable[[Finding], None], Progress], Report]
    """What a command does: it is given who listens to findings and who is told how far it is."""


class Aftermath:
    """What became of a release after it stood, for the end of the program."""

    failed = False
    by_hand = ""

    def note(self, delivery: Delivery, language: str) -> None:
        """Whether it failed, and what a person must enter."""
        from ssc_iati.publish.registry.by_hand import as_text

        self.failed = delivery.failed
        self.by_hand = as_text(delivery.outcomes, language) if delivery.by_hand else ""


def tell(ask: Ask, story: Story, after: Aftermath | None = None) -> None:
    """Run a story, show what it finds as it is found, then the summary; leave with the exit code that fits."""
    from ssc_iati.report import shown

    kept: list[Finding] = []

    def listen(item: Finding) -> None:
        if ask.format is Format.HTML:
            kept.append(item)
        else:
            write = shown.as_line if ask.format is Format.TEXT else shown.as_json
            sys.stdout.write(write(item, ask.language) + "\n")

    with reader_may_leave():
        with progress_bar() as progress:
            report = story(listen, progress)
        summary = _summary(report, ask.language)
        if ask.format is Format.HTML:
            sys.stdout.writelines(shown.as_page(kept, summary, ask.language))
        sys.stdout.flush()
    click.echo(summary, err=True)
    if after is not None and after.by_hand:
        click.echo(after.by_hand, err=True)
    if after is not None and after.failed:
        raise click.exceptions.Exit(WORLD)
    raise click.exceptions.Exit(REFUSED if report.refused else WELL if report.well else FOUND)


def _summary(report: Report, language: str) -> str:
    from ssc_iati.report.shown import severity, words

    said = words(language)
    counts = (
        f"{report.projects} {said.projects}: {report.accepted} {said.accepted}, {report.set_aside} {said.set_aside}"
    )
    found = ", ".join(f"{severity(name, language)} {number}" for name, number in sorted(report.severities.items()))
    lines = [f"{counts}. {said.findings}: {found or 0}"]
    if report.release is not None:
        lines.append(f"  {_release_line(report, language)}")
    lines += [f"  {path}" for path in (report.written, report.rejected) if path is not None]
    return "\n".join(lines)


def _release_line(report: Report, language: str) -> str:
    """Which release stands, and what it changed."""
    from ssc_iati.report.history import word

    figures = {
        "added": report.added,
        "changed": report.updated - report.added,
        "gone": report.gone,
        "kept": report.kept,
        "missing": report.missing,
        "held": report.held,
    }
    moved = ", ".join(f"{number} {word(name, language)}" for name, number in figures.items() if number)
    state = "rested" if report.rested else "unchanged" if report.unchanged else "published"
    told = word(state, language) if report.unchanged or not moved else moved
    return f"{word('release', language)} {report.release}: {told}"
