"""What was found in files of IATI XML, as one page: no script, nothing from elsewhere; what is shown can be chosen."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator

from ssc_iati.findings import Finding, Severity
from ssc_iati.messages import word as worded
from ssc_iati.report.shown import printable, severity
from ssc_iati.report.validation import Found, about_file, where_it_is, word

_STYLE = """
:root { color-scheme: light dark; --line: light-dark(#d5d9de, #3b4149); --faint: light-dark(#5b6470, #a2abb6);
  --critical: light-dark(#8f1d1d, #ff9a93); --error: light-dark(#b3261e, #ff8a80);
  --warning: light-dark(#7a4b00, #f0b44c); --advisory: light-dark(#1a5a7a, #7fc4e8) }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; margin-bottom: .2rem }
h2 { font-size: 1.1rem; margin: 2rem 0 .3rem; overflow-wrap: anywhere }
h2 small, .hint, .where, code { color: var(--faint); font-weight: normal }
fieldset { border: 0; padding: 0; margin: 1rem 0; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem }
legend { float: left; margin-right: 1rem; padding: 0 }
details { border-top: 1px solid var(--line); padding: .5rem 0 }
summary { cursor: pointer; overflow-wrap: anywhere }
ul { list-style: none; margin: .4rem 0 0; padding: 0 0 0 1.1rem }
li { margin: .5rem 0; overflow-wrap: anywhere }
code { font-size: .85em }
.critical > b { color: var(--critical) } .error > b { color: var(--error) }
.warning > b { color: var(--warning) } .advisory > b { color: var(--advisory) }
body:has(#s-warning:checked) .advisory, body:has(#s-error:checked) :is(.advisory, .warning),
body:has(#s-critical:checked) :is(.advisory, .warning, .error),
body:has(#s-warning:checked) section:not(:has(.warning, .error, .critical)),
body:has(#s-error:checked) section:not(:has(.error, .critical)),
body:has(#s-critical:checked) section:not(:has(.critical)) { display: none }
@media print { fieldset { display: none } }
"""


def head(summary: str, language: str) -> str:
    """What stands before the findings: the summary, and the choice of what is shown."""
    title, lines = html.escape(word("title", language)), "<br>".join(map(html.escape, summary.splitlines()))
    return (
        f'<!doctype html>\n<html lang="{html.escape(language)}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>\n'
        f"<h1>{title}</h1>\n<p>{lines}</p>\n<form><fieldset><legend>{html.escape(word('show', language))}</legend>"
        f"{''.join(_choices(language))}</fieldset></form>\n"
    )


def _choices(language: str) -> Iterator[str]:
    """From the mildest severity on: what is shown at first is everything."""
    for each in reversed(Severity):
        name = severity(each, language)
        said = {
            Severity.ADVISORY: word("everything", language),
            Severity.CRITICAL: name,
        }.get(each) or word("from", language, severity=name)
        checked = " checked" if each is Severity.ADVISORY else ""
        yield f'<label><input type="radio" name="s" id="s-{each.value}"{checked}> {html.escape(said)}</label>'


def file_head(name: str, version: str | None, root: str | None, items: int | None, language: str) -> str:
    """The heading of a file."""
    about = html.escape(about_file(version, root, items, language).strip())
    return f"<section><h2>{html.escape(printable(name))} <small>{about}</small></h2>\n"


FILE_END = "</section>\n"
END = "</body></html>\n"


def as_details(found: Found, findings: Iterable[Finding], language: str) -> str:
    """The findings of one activity, to be opened and closed; open where there is one of error or worse."""
    items = list(findings)
    worst = next(each for each in Severity if any(item.severity is each for item in items))
    is_open = " open" if worst.reaches(Severity.ERROR) else ""
    listed = "".join(_item(each, language) for each in items)
    return (
        f'<details class="{worst.value}"{is_open}><summary>{_heading(found, language)}'
        f" <small>({len(items)})</small></summary><ul>\n{listed}</ul></details>\n"
    )


def _heading(found: Found, language: str) -> str:
    if found.identifier is None:
        return html.escape(word("the-file", language))
    named = html.escape(printable(found.identifier) or word("no-identifier", language))
    return f"<b>{named}</b> {html.escape(printable(found.title))}"


def _item(item: Finding, language: str) -> str:
    said, level = worded(item, language), item.severity
    where = where_it_is(item, language)
    return (
        f'<li class="{level.value}"><b>{html.escape(severity(level, language))}</b> '
        f'<span class="where">{html.escape(where)}</span> {html.escape(printable(said.message))} '
        f'<span class="hint">{html.escape(printable(said.hint))}</span> <code>{html.escape(item.rule)}</code></li>\n'
    )
