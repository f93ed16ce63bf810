"""`ssc-iati validate`: what is wrong in files of IATI XML, whoever wrote them."""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import click

from ssc_iati.cli_options import (
    FOUND,
    JOBS,
    LANG,
    NOW,
    WELL,
    Language,
    OneOf,
    format_option,
    moment,
    progress_bar,
    reader_may_leave,
    system_language,
)

if TYPE_CHECKING:
    from ssc_iati.findings import Finding, Severity
    from ssc_iati.report.official import Said
    from ssc_iati.standard.validator import FileReport, Judged
    from ssc_iati.standard.validator.select import Selection


class Form(StrEnum):
    """How what was found is shown."""

    TEXT = "text"
    JSONL = "jsonl"
    OFFICIAL = "official"
    HTML = "html"


class Least(StrEnum):
    """From which severity on it is shown."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    ADVISORY = "advisory"


FILES = click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    help="IATI files, folders, gzip or zip files of them; - for a pipe.",
)
FORM = format_option(Form, "How it is shown; official: the official report.")
LEAST = click.option(
    "--severity", type=OneOf(Least), default=Least.ADVISORY.value, show_default=True, help="Show this and worse."
)
RULES = click.option(
    "--rules",
    metavar="IDS",
    default="",
    help="Only these rules, as in 6.11.1,9.*,ssc-*,official; without: !9.40.1.",
)
OWN = click.option("--own/--no-own", default=True, show_default=True, help="Our own checks, beyond the official ones.")


@click.command()
@FILES
@FORM
@LEAST
@RULES
@OWN
@LANG
@NOW
@JOBS
def validate(
    *,
    files: tuple[str, ...],
    form: Form,
    severity: Least,
    rules: str,
    own: bool,
    lang: Language | None,
    now: str | None,
    jobs: int,
) -> None:
    """Validate IATI activity and organisation files (2.01 to 2.03): what the official validator finds, and more."""
    language, at = (lang or system_language()).value, moment(now)
    from ssc_iati.findings import Severity
    from ssc_iati.standard.validator import reports

    show = Show(form, language, _selection(rules), Severity(severity.value), colour=_colours())
    tally = _Tally(list(files))
    with reader_may_leave():
        with progress_bar() as progress:
            found: Iterator[FileReport[Told]] = reports(
                files, show, now=at, jobs=jobs, own=own and form is not Form.OFFICIAL, progress=progress
            )
            _WRITERS[form](tally.counted(found), show, tally)
        sys.stdout.flush()
    click.echo(tally.said(language), err=True)
    raise click.exceptions.Exit(FOUND if tally.serious else WELL)


def _selection(asked: str) -> Selection:
    from ssc_iati.messages import iati_rules
    from ssc_iati.standard.validator.select import OFFICIAL, matches_any, official_rules, selection

    found = selection(asked)
    patterns = (*found.wanted, *found.unwanted)
    known = {*official_rules(), *iati_rules()} if patterns else set()  # to know all of them takes a while
    for each in patterns:
        if each != OFFICIAL and not matches_any(each, known):
            raise click.BadParameter(f"no rule is called {each!r}", param_hint="--rules")
    return found


def _colours() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


# --- Showing ----------------------------------------------------------------------------------------------------------


class Told(NamedTuple):
    """What is shown of some activities, or of the file itself: the text, or for the official report the findings; and
    how many findings of each severity were selected, shown or not.
    """

    counts: tuple[int, ...]
    text: str
    official: tuple[Said, ...]


@dataclass(frozen=True)
class Show:
    """Makes of what was judged what is shown, in whatever process."""

    form: Form
    language: str
    selection: Selection
    least: Severity
    colour: bool

    def __call__(self, found: Iterator[Judged]) -> Iterator[Told]:
        """What is shown of some activities."""
        counts: Counter[Severity] = Counter()
        texts: list[str] = []
        official: list[Said] = []
        for judged in found:
            selected = [item for item in judged.findings if self.selection.has(item.rule)]
            counts.update([item.severity for item in selected])
            shown = [item for item in selected if item.severity.reaches(self.least)]
            if shown and self.form is Form.OFFICIAL:
                official += self._official(judged, shown)
            elif shown:
                texts.append(self._text(judged, shown))
        yield Told(tuple([counts[each] for each in type(self.least)]), "".join(texts), tuple(official))

    def _official(self, judged: Judged, shown: list[Finding]) -> Iterable[Said]:
        from ssc_iati.report.official import said

        return said(shown, judged.identifier, judged.title, judged.occurrence, self.language)

    def _text(self, judged: Judged, shown: list[Finding]) -> str:
        from ssc_iati.report import page, validation
        from ssc_iati.report.shown import as_json
        from ssc_iati.standard.validator.suggest import with_suggestion

        findings = map(with_suggestion, shown)
        if self.form is Form.JSONL:
            return "".join(f"{as_json(item, self.language)}\n" for item in findings)
        if self.form is Form.HTML:
            return page.as_details(judged, findings, self.language)
        return validation.as_text(judged, findings, self.language, colour=self.colour)


class _Tally:
    """Counts what passes, of the files that were asked for."""

    def __init__(self, asked: list[str]) -> None:
        self.asked = asked
        self._counts = Counter({"files": 0})
        self._severities = [0] * len(Least)

    def counted(self, reports: Iterator[FileReport[Told]]) -> Iterator[FileReport[Told]]:
        """The same reports, counted as they are taken."""
        for report in reports:
            self._counts["files"] += 1
            if report.about.root is not None:
                self._counts[report.about.root] += report.about.activities or 0
            yield report._replace(found=map(self._noted, report.found))

    def _noted(self, told: Told) -> Told:
        self._severities = [had + new for had, new in zip(self._severities, told.counts, strict=True)]
        return told

    @property
    def serious(self) -> bool:
        """Whether there is anything of error or worse."""
        critical, errors, *_ = self._severities
        return critical + errors > 0

    def said(self, language: str) -> str:
        """The summary, and the dates of the lists and rules in use."""
        from ssc_iati.findings import Severity
        from ssc_iati.report.validation import summary, word
        from ssc_iati.standard.inventory import dates

        used = dates()
        lists = word("lists", language, codelists=used.codelists, rulesets=used.rulesets)
        severities = dict(zip(Severity, self._severities, strict=True))
        return f"{summary(self._counts, severities, language)}\n{lists}"


def _write_text(found: Iterator[FileReport[Told]], show: Show, _: _Tally) -> None:
    from ssc_iati.report.validation import file_line

    for report in found:
        is_first = True
        for told in report.found:
            if told.text and is_first:
                sys.stdout.write(file_line(report.file, *report.about, show.language, colour=show.colour))
                is_first = False
            sys.stdout.write(told.text)


def _write_lines(found: Iterator[FileReport[Told]], _: Show, __: _Tally) -> None:
    for report in found:
        sys.stdout.writelines(told.text for told in report.found)


def _write_official(found: Iterator[FileReport[Told]], _: Show, tally: _Tally) -> None:
    """One line for each file: a report, with the file's name where not one file alone was asked for; its findings are
    held in memory, since they are grouped.
    """
    from ssc_iati import __version__
    from ssc_iati.report.official import Versions, report
    from ssc_iati.report.shown import json_line
    from ssc_iati.standard.inventory import dates

    used = dates()
    versions = Versions(
        f"IATI rulesets of {used.rulesets}",
        f"IATI codelists of {used.codelists}",
        f"org-id.guide of {used.registers}",
        f"ssc-iati {__version__}",
    )
    for each in found:
        said = [item for told in each.found for item in told.official]
        named = {} if tally.asked == [each.file] else {"file": each.file}
        sys.stdout.write(json_line(named | report(said, each.about.version, each.about.root, versions)) + "\n")


def _write_page(found: Iterator[FileReport[Told]], show: Show, tally: _Tally) -> None:
    """The summary stands first: so the rest waits, in memory or on disk, until all is counted."""
    from ssc_iati.report import page

    with tempfile.SpooledTemporaryFile(8 << 20, "w+", encoding="utf-8", errors="backslashreplace") as body:
        for report in found:
            is_first = True
            for told in report.found:
                if told.text and is_first:
                    body.write(page.file_head(report.file, *report.about, show.language))
                    is_first = False
                body.write(told.text)
            body.write("" if is_first else page.FILE_END)
        body.seek(0)
        sys.stdout.write(page.head(tally.said(show.language), show.language))
        sys.stdout.writelines(body)
        sys.stdout.write(page.END)


_WRITERS: dict[Form, Callable[[Iterator[FileReport[Told]], Show, _Tally], None]] = {
    Form.TEXT: _write_text,
    Form.JSONL: _write_lines,
    Form.OFFICIAL: _write_official,
    Form.HTML: _write_page,
}
