"""Write the reference pages that derive from the code's own data: `python scripts/generate_reference.py`.

A test holds the committed pages against what this gives.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from ssc_iati.map.options import table as mapping_table
from ssc_iati.messages import LANGUAGES, rules
from ssc_iati.read import mapping as column_mapping
from ssc_iati.read.dialects import Column, Dialect, Sheet, Step, dialects
from ssc_iati.read.dialects.detect import layouts
from ssc_iati.read.dialects.ways import every_place
from ssc_iati.read.register import headers_of, registers
from ssc_iati.record import terms
from ssc_iati.record.fields import describe
from ssc_iati.record.labels import column_label, table_label
from ssc_iati.record.project import Activity
from ssc_iati.record.tables import DETAIL, Table, tables
from ssc_iati.record.tables import Column as TableColumn
from ssc_iati.record.values import At, Code, CodeBy, Fact, Identifier, Ref, Term
from ssc_iati.standard import VERSIONS, codelists, structure
from ssc_iati.standard.rules import Difference, advisories, contexts, differences
from ssc_iati.standard.validator.batch import SCHEMA
from ssc_iati.standard.validator.file import DOUBLED, ILL_FORMED, NOT_IATI, WRONG_VERSION

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
MADE = "<!-- Made by scripts/generate_reference.py: edit the data it derives from, not this page. -->"


def pages() -> dict[str, str]:
    """Every generated page, by file name."""
    made = {"tables.md": _tables(), "terms.md": _terms(), "mapping.md": _mapping(), "findings.md": _findings()}
    made["standard.md"] = _standard()
    made["differences.md"] = _differences()
    made["layouts.md"] = _layouts()
    made["registers.md"] = _registers()
    return {name: "\n".join([MADE, "", *lines]) + "\n" for name, lines in made.items()}


LAYOUTS_INTRO = """# Layouts of other tools

What `ssc-iati` reads, and `ssc-iati import --layout NAME` writes, beside its own layout ([how to](../how-to/other-layouts.md)). Each
column fills a place in IATI, written as a path; what has none is listed. A column that is *added* is ours, and written only where
there is something for it; it is read like any other. The names to give: {names}.
"""


def _layouts() -> Iterator[str]:
    yield from LAYOUTS_INTRO.format(names=", ".join(f"`{each}`" for each in layouts())).splitlines()
    for each in dialects():
        yield from _layout(each)


def _layout(one: Dialect) -> Iterator[str]:
    yield from ("", f"## {one.name}", "", f"{one.says}. `--layout {one.family}`.", "")
    for sign in one.signs:
        where = "any sheet" if sign.sheet == "*" else f"`{sign.sheet}`"
        yield f"- Told by: {where} with the columns {', '.join(f'`{each}`' for each in sign.headers)}."
    told = {
        "A row without identifier belongs to the activity of the row above.": one.carries,
        "Rows of one identifier are one activity, on whatever sheet they stand.": one.merges,
        "Identifiers are short: the reporting organisation's and a hyphen go before them.": one.short,
        "Every header is a path of IATI itself, with numbers for elements that repeat.": one.paths,
    }
    yield from (f"- {each}" for each, holds in told.items() if holds)
    if "sheet" in one.meta:
        yield f"- A sheet `{one.meta['sheet']}` may say `@version`, `@generated-datetime` and `@linked-data-default` of the file."
    if "file" in one.meta:
        yield f"- A file `{one.meta['file']}` may say {', '.join(f'`{each}`' for each in one.meta['names'])}."
    yield from (f"- Cannot hold: {each}." for each in one.cannot)
    if not one.paths:
        yield f"- Has no column for: {', '.join(f'`{each}`' for each in _homeless(one))}."
        for sheet in one.sheets:
            yield from _layout_sheet(one, sheet)


def _layout_sheet(one: Dialect, sheet: Sheet) -> Iterator[str]:
    added = " (added)" if sheet.added else ""
    rows = (
        "the activity" if not _bases(one, sheet)[0] else " or ".join(f"`{_way(each)}`" for each in _bases(one, sheet))
    )
    joined = f", joined to `{sheet.parent}` by {', '.join(f'`{each}`' for each in sheet.join)}" if sheet.parent else ""
    yield from ("", f"### {sheet.name}{added}", "", f"Each row: {rows}{joined}.", "", *_head("column", "place"))
    known = {*sheet.columns, *sheet.passed}
    links = [each for each in (sheet.activity, sheet.base_by, *sheet.join, *sheet.keys) if each and each not in known]
    yield from (_row(f"`{each}`", "names what the row belongs to, or is") for each in dict.fromkeys(links))
    for column in sheet.columns.values():
        yield _row(f"`{column.header}`", f"{_place(column)}{' (added)' if column.added else ''}")
    yield from (_row(f"`{each}`", "none in IATI; a finding says so where it is filled") for each in sheet.passed)


def _place(column: Column) -> str:
    if column.position:
        return "the number of the element among its own; rows with the same number are of one"
    attribute = [f"@{column.attribute}"] if column.attribute is not None else []
    said = "/".join([*((".."),) * column.up, *([_way(column.steps)] if column.steps else []), *attribute]) or "the text"
    part = {1: ", the first number", 2: ", the second number"}.get(column.part or 0, "")
    return f"`{said}`{part}" if said != "the text" else said


def _way(steps: tuple[Step, ...]) -> str:
    return "/".join(each.name + "".join(f"[@{name}='{value}']" for name, value in each.given) for each in steps)


def _bases(one: Dialect, sheet: Sheet) -> list[tuple[Step, ...]]:
    above = _bases(one, one.sheet(sheet.parent)) if sheet.parent else [()]
    return [(*before, *own) for before in above for own in (sheet.bases.values() if sheet.bases else [sheet.base])]


def _homeless(one: Dialect) -> Iterator[str]:
    """The places of IATI 2.03 that no column has; of an element without any, only the element."""
    held = {
        "/".join([*(step.name for step in (*(base[:-1] if each.up else base), *each.steps)), *_attribute(each)])
        for sheet in one.sheets
        for base in _bases(one, sheet)
        for each in (*sheet.columns.values(), *_given(sheet))
        if not each.position
    }
    ways = {"/".join(place.split("/")[:end]) for place in held for end in range(1, place.count("/") + 2)}
    missing = [each for each in every_place(one.root) if each not in held]
    return iter(dict.fromkeys(_shortest(each, ways) for each in missing))


def _attribute(column: Column) -> list[str]:
    return [f"@{column.attribute}"] if column.attribute is not None else []


def _given(sheet: Sheet) -> Iterator[Column]:
    """What columns say by themselves: the type of a date."""
    for column in sheet.columns.values():
        for end, step in enumerate(column.steps, 1):
            for name, _ in step.given:
                yield column._replace(steps=column.steps[:end], attribute=name, part=None)


def _shortest(place: str, ways: set[str]) -> str:
    parts = place.split("/")
    return next(
        way for end in range(1, len(parts) + 1) if (way := "/".join(parts[:end])) not in ways or end == len(parts)
    )


DIFFERENCES_INTRO = """# Where we differ from the official validator

`ssc-iati validate` gives the findings of the official IATI validator, by its own rule ids, except where that errs. Each deliberate
difference is listed here, with its reason. Where the official validator is merely lenient (the forms of dates that JavaScript takes,
say), so are we. `python scripts/agreement.py FOLDER` compares the two over any folder of files with known official findings, and
counts what it meets of each difference.

Last compared in 2026-11, over 1,665 files (activity and organisation files of 2.01, 2.02 and 2.03, real ones, test files, and
experiments): the same set of findings in 1,656; in the other nine every difference is one of those below.
""".splitlines()


def _differences() -> Iterator[str]:
    yield from DIFFERENCES_INTRO
    for each in differences():
        yield from ("", f"## {each.title}", "", f"*`{each.id}`*" + _shown_as(each), "")
        yield from (f"- The official validator: {each.official}", f"- We: {each.ours}", f"- Why: {each.why}")


def _shown_as(difference: Difference) -> str:
    """Say how a difference shows when findings are compared."""
    signs = {"+": "ours alone", "-": "theirs alone"}
    if difference.met is None:
        return " (no finding differs)"
    shown = [f"{signs[each.sign]}: " + ", ".join(f"`{rule}`" for rule in each.rules) for each in difference.shows]
    return f" ({'; '.join(shown)}; met: {difference.met})"


REGISTERS_INTRO = """# Registers of South-South cooperation

These sheets are known by their headers, in any order, whatever their case, accents and spaces, and also below a title: in a workbook, in
a folder of CSV, or as one CSV file. They are read by a [column mapping](../how-to/column-mapping.md) that comes with the program; where a
mapping of your own is given, that is used instead. Nothing of a sheet is lost: what stands in a column is kept as legacy data
(`legacy_data`) under its header unless it is said below that the record holds it as it is. A value that the mapping does not know is
kept there too, and a finding (`ssc-mapping-value-kept`) says so. Columns that the register does not know are kept in the same way.

What such a register lacks, IATI asks for: functions, dates, sectors. `ssc-iati import SHEET.xlsx -o records.xlsx` brings it into the workbook
of our own, to be completed there; `ssc-iati check records.xlsx` names what is still missing.
""".splitlines()


def _registers() -> Iterator[str]:
    yield from REGISTERS_INTRO
    for about, mapping in registers():
        yield from ("", f"## {about.name}", "", about.source, f"Known by: {_codes(about.known_by)}.", "")
        yield from ("What is made of it:", "", *(f"- {each}" for each in about.says), "")
        yield from ("What cannot be:", "", *(f"- {each}" for each in about.cannot), "")
        yield from _head("column", "also called", "becomes", "kept as legacy data")
        sheet = mapping.sheet[0]
        for header in headers_of(sheet):
            targets = [f"{feed.table}.{target}" for feed in sheet.feeds() for target in feed.columns.get(header, ())]
            also = _codes(about.also_called.get(header, ()))
            yield _row(f"`{header}`", also, _codes(dict.fromkeys(targets)), "no" if header in sheet.keep_not else "yes")
        yield from _meanings(sheet)


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{each}`" for each in names) or "-"


def _meanings(sheet: column_mapping.Sheet) -> Iterator[str]:
    """What the values of each column mean, by what they become."""
    told = {
        f"{header}, for `{feed.table}`{_beside(feed, header)}": feed.values[header]
        for feed in (sheet, *sheet.also)
        for header in feed.columns
        if header in feed.values
    }
    for title, values in told.items():
        yield from ("", f"### {title}", "", *_head("value", "means"))
        for value, meaning in values.items():
            said = meaning.items() if isinstance(meaning, dict) else [("", meaning)]
            yield _row(f"`{value}`", ", ".join(f"{name} `{each}`".strip() for name, each in said if each != "") or "-")


def _beside(feed: column_mapping.Feed, header: str) -> str:
    """Which of several such rows: those that another column makes."""
    others = [each for each in feed.columns if each != header and feed.table != "projects"]
    return f" of `{others[0]}`" if others else ""


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _head(*cells: str) -> list[str]:
    return [_row(*cells), _row(*("---" for _ in cells))]


# --- Tables and columns -----------------------------------------------------------------------------------------------

TABLES_INTRO = """# Tables and columns

One model for the workbook (a sheet for each table) and the folder of CSV (a file for each table). Only `projects` is needed; leave
out whatever you have nothing for. Sheets and headers may be written by their own name or in English, Spanish, Portuguese or French;
case, accents and spaces do not matter. A header may name the language of its texts: `title:es`, `title (pt)`.

- **key** names a row so that others can refer to it; **project** says to which project a row belongs.
- Dates are written `2024-03-25`, or less precisely `2024-03` or `2024`; `25/03/2024` is read, `03/04/2024` only if the `publisher`
  table says its `date_order` (dmy, mdy). Numbers likewise: `1.234,56` is read, `1.234` only with `decimal_mark`.
- Codes may be given as code, as name in any of the four languages, or as `10 - Government`. Lists are separated by `;`.
- A cell may state that a value is `unknown` (`desconocido`, `desconhecido`, `inconnu`): that is kept, and is not a blank.
- In `results` each row is a period; `result` and `indicator` are keys, what belongs to them is written once or on every row. A row whose
  `detail` is filled adds one more `reference`, `indicator-reference`, `baseline`, `target`, `actual`, `location`, `dimension` or
  `document` to what the keys in the row name last; `period_key`, `baseline_key`, `target_key` and `actual_key` name those.
- Several texts in one language: `title:es`, `title:es#2`. Where a row has columns for one of several (a transaction's sector), the
  others stand in a table of their own. A text too long for a cell ends in `[continued: #c1]` and goes on in `continuations`.
- `kept` holds as JSON what no other column can; only tables of [imported files](../how-to/import-iati.md) need it. A key that begins
  with `#` names a row within its tables, and is no part of the record.
""".splitlines()


def _tables() -> Iterator[str]:
    yield from TABLES_INTRO
    for table in tables():
        yield from ("", f"## {table.name}", "")
        yield (table.model.__doc__ or "").splitlines()[0]
        yield "In other languages: " + ", ".join(table_label(table.name, language) for language in LANGUAGES[1:]) + "."
        yield ""
        yield from _head("column", "holds", "values", "in Spanish")
        yield from _links(table)
        for column in table.columns:
            label = column_label(table.name, column.name, "es")
            yield _row(f"`{column.name}`", column.says, _values(column), label)


def _links(table: Table) -> Iterator[str]:
    words = {
        table.owner_column: "Key of the project or organisation that the row belongs to",
        table.parent: f"Key of the row of `{table.path[0] if table.path else ''}` that it belongs to",
        **{level.key: f"Key of the {level.key}" for level in table.levels},
    }
    for name in table.links():
        says = words.get(name) or f"Key of the {name.removesuffix('_key')}"
        if name == DETAIL:
            yield _row(f"`{name}`", "What the row adds", _details(table), column_label(table.name, name, "es"))
        else:
            yield _row(f"`{name}`", says, "key", column_label(table.name, name, "es"))


def _details(table: Table) -> str:
    return ", ".join(detail.name for detail in table.details)


def _values(column: TableColumn) -> str:
    marks = {type(mark): mark for mark in column.field.marks}
    many = "several: " if column.field.many and not column.speaks else ""
    if Term in marks:
        return f"{many}[{marks[Term].name}](terms.md#{marks[Term].name})"
    code = column.field.mark(Code)
    if code is not None:
        return f"{many}IATI {code.codelist}"
    if CodeBy in marks:
        return many + "by vocabulary: " + ", ".join(f"{key} {name}" for key, name in marks[CodeBy].lists)
    if Ref in marks:
        return f"{many}key of {marks[Ref].collection}"
    if Identifier in marks:
        return f"{many}organisation identifier"
    kinds = {"Decimal": "number", "bool": "yes or no", "Text": "text, in any language"}
    named = {type(mark).__name__ for mark in column.field.marks}
    if "Dated" in named:
        return "date with its day" if "Day" in named else "date"
    return many + kinds.get(column.field.kind.__name__, "text")


# --- Terms ------------------------------------------------------------------------------------------------------------


def _terms() -> Iterator[str]:
    yield "# Terms"
    yield ""
    yield "The record's own lists. They are this project's, in the usage of SEGIB, PIFCSS and OECD; none is an official list."
    yield "Any label, in any of the four languages, may stand in place of its code."
    for name in terms.LISTS:
        yield from ("", f"## {name}", "")
        yield from _head("code", *LANGUAGES)
        for code in terms.codes(name):
            yield _row(f"`{code}`", *(terms.label(name, code, language) for language in LANGUAGES))


# --- Mapping ----------------------------------------------------------------------------------------------------------

MAPPING_INTRO = """# Mapping to IATI 2.03

Where a value goes is said once, on the field of the record; the tables that decide roles, types and money are data in
`src/ssc_iati/map/tables`, and a publisher may override the roles in its configuration. What IATI has no home for stands in the
[extension](extension.md).
""".splitlines()


def _mapping() -> Iterator[str]:
    yield from MAPPING_INTRO
    yield from ("", "## Function -> organisation role", "")
    yield from _head("function", "IATI role", "fit", "not in phases")
    for function in terms.codes("function"):
        row = mapping_table("roles").get(function, {})
        role = row.get("role", "none")
        extra = f" ({row['role_with_budget']} with a budget of its own)" if "role_with_budget" in row else ""
        yield _row(f"`{function}`", role + extra, row.get("fit", "-"), ", ".join(row.get("except_phases", [])) or "-")
    yield from ("", "## Actor type -> organisation type", "")
    yield from _head(
        "actor type", "code", "on the recipient's side", "provider's", "facilitator's", "regional", "international"
    )
    names = ("recipient", "provider", "facilitator", "regional", "international")
    for actor, row in mapping_table("organisation_types").items():
        yield _row(f"`{actor}`", row["code"], *(row.get(name, "") for name in names))
    yield from ("", "## Contribution -> transaction", "")
    yield "A contribution needs an amount and a date; else it stands in the extension only. One transaction for each partner."
    yield ""
    yield from _head("money", "stage", "the reporter", "to", "becomes", "channel")
    for row in mapping_table("contributions")["rule"]:
        becomes = row.get("element") or f"transaction type {row['type']}"
        cells = (", ".join(row["money"]), row["stage"], ", ".join(row["reporter"]), row.get("to", "any"), becomes)
        yield _row(*cells, row.get("channel", ""))
    yield from ("", "## Field -> element", "")
    yield from _head("field of the project", "place in `iati-activity`")
    yield from _places(Activity, "", "")


def _places(model: type[Fact], name: str, path: str) -> Iterator[str]:
    for field in describe(model):
        mark = field.mark(At)
        if mark is not None:
            here, there = f"{name}{field.name}", f"{path}{mark.path}"
            if issubclass(field.kind, Fact):
                yield from _places(field.kind, f"{here}.", f"{there}/")
            else:
                yield _row(f"`{here}`", f"`{there}`")


# --- Findings ---------------------------------------------------------------------------------------------------------

FINDINGS_INTRO = """# Findings

Every finding names its rule. Rules that the official IATI Validator has bear its id and severity; ours begin with `ssc-`. Codes of
IATI's lists bear the validator's id of that list (`9.x`). Severities: critical, error, warning, advisory. From `error` on (or what
`reject` in the configuration says) a project is set aside whole, with all its reasons; the others go on.

With `--format jsonl` each finding is one object: `file`, `identifier` (the activity's own, null for what concerns the file), `rule`,
`severity`, `category`, `message`, `hint`, `values`, and the place as far as it is known: `sheet`, `row`, `column`, `cell`, or `line`,
`character`, `path`; `also` lists the further places of the same fault.
""".splitlines()


IATI_INTRO = """## Files of IATI XML

The same official rules are said in other words where the data are a file of IATI XML, and all of them apply. `0.3.1/...` are the
faults that the schema finds, all of the rule `0.3.1`. The checks of codes (`9.x`, all errors) share three wordings: `code-unknown`, for
a code that depends on a vocabulary `code-unknown-linked`, and where a text is the code `code-unknown-text`.
""".splitlines()


OWN_INTRO = """- What an official rule says of a value is not said again: the first date in the future is `11.2.1`, the later ones are ours.
- A wrong value is told once for each activity, with all its places.
- Names are compared over the whole file, without regard to case and accents, and only within a language. Of one reference the first
  fifty namings are compared, of one file the first 10,000 names. One name under references of two countries is well.
- Periods overlap only within a series: one type and status, one currency, and one partner, country or region where it is stated. The day on
  which one ends and the next begins may be the same.
- A withdrawn code is well where the transaction, the period or the activity was over before it was withdrawn.
- An e-mail address is judged by its shape alone, and the message shows only its first letter and its domain.
- Only the regions of the activity itself must state their vocabulary: the official rules sum up shares by it. Elsewhere to state none is
  to mean OECD DAC's.
""".splitlines()


def _findings() -> Iterator[str]:
    yield from FINDINGS_INTRO
    severities, worded = _messages("rules.toml"), _messages("en.toml")
    yield ""
    yield from _head("rule", "severity", "what is wrong", "what to do")
    for rule in rules():
        yield _row(f"`{rule}`", severities[rule]["severity"], worded[rule]["message"], worded[rule]["hint"])
    yield ""
    yield from _iati_findings()
    yield ""
    yield f"Codelists and registers are those of {codelists.snapshot_date()}."


def _iati_findings() -> Iterator[str]:
    yield from IATI_INTRO
    official, ours, worded = _official(), _messages("iati/rules.toml"), _messages("iati/en.toml")
    yield ""
    yield from _head("rule", "severity", "category", "what is wrong", "what to do")
    for key, words in worded.items():
        if not key.startswith("ssc-"):
            yield _row(f"`{key}`", *official[key.partition("/")[0]], words["message"], words["hint"])
    yield from ("", "Rules of ours, beyond the official ones:", "")
    yield from OWN_INTRO
    yield ""
    yield from _head("rule", "severity", "category", "what is wrong", "what to do")
    for rule, row in ours.items():
        yield _row(f"`{rule}`", row["severity"], row["category"], worded[rule]["message"], worded[rule]["hint"])


def _official() -> dict[str, tuple[str, str]]:
    """Severity and category of every official rule; those of codes under the keys of their three wordings."""
    of_files = (ILL_FORMED, NOT_IATI, WRONG_VERSION, DOUBLED, SCHEMA)
    of_rulesets = (check.rule for version in VERSIONS for context in contexts(version) for check in context.checks)
    of_advisories = (each.rule for version in VERSIONS for each in advisories(version))
    found = {rule.id: (rule.severity.value, rule.category) for rule in (*of_files, *of_rulesets, *of_advisories)}
    return found | dict.fromkeys(("code-unknown", "code-unknown-linked", "code-unknown-text"), ("error", "by its list"))


def _messages(name: str) -> dict[str, dict[str, str]]:
    return tomllib.loads(files("ssc_iati.messages").joinpath(name).read_text("utf-8"))


# --- The standard -----------------------------------------------------------------------------------------------------

STANDARD_INTRO = """# The standard in use

IATI is data here: the structure of 2.01, 2.02 and 2.03 in one table (`src/ssc_iati/standard/structure/iati.txt`), from which the
schemas under `schemas/iati` are compiled; the codelists and where they hold; the ids and severities of the official checks; the
registers of organisations. `ssc-iati standard show` lists what is in use, of when it is and where it is from; `--format jsonl`
gives one object for each thing (`kind`, `name`, `date`, `entries`, `withdrawn`, `origin`, and for what was fetched `url` and
`checksum`).

## Newer lists

`ssc-iati standard update --from URL` fetches newer codelists, `--registers-from URL` newer registers, into the user's cache;
`ssc-iati standard reset` goes back to what came with the package. `URL` is the folder that holds `NAME.xml` in the official form
for each list; the registers are one JSON file, as org-id.guide gives it.

| variable | means |
|---|---|
| `SSC_IATI_STANDARD_URL` | the folder of the lists, where `--from` is not given |
| `SSC_IATI_REGISTERS_URL` | the file of the registers, where `--registers-from` is not given |
| `SSC_IATI_CACHE` | the folder of the cache; else where the platform keeps a user's cache (`~/.cache/ssc-iati` on Linux) |
| `REQUESTS_CA_BUNDLE` | the file of the certificates that are trusted, in place of the usual ones |

- A file is fetched only if it changed (`ETag`, `Last-Modified`); its SHA-256 is recorded.
- An update is whole or nothing. A host that cannot be reached, a file that is cut short, too large, no codelist, or that lacks more
  than a tenth of the codes it had: exit code 3, one line that says which, and the lists stay as they were. A list that the host does
  not have stays as it was, and is named.
- A run keeps to the lists with which it began, its worker processes too. Editions in the cache never change and are not deleted; a
  process that lives long (a server) takes newer lists when it is started again.
- A package that is newer than the cache counts again.
- Each file of the cache is checked against its checksum when it is read; a damaged cache ends the run with what to do.
""".splitlines()


def _standard() -> Iterator[str]:
    yield from STANDARD_INTRO
    yield from ("", "## Versions", "")
    yield "What a version has beyond the one before it, by path from the root; `@` marks attributes."
    for old, new in pairwise(VERSIONS):
        for root in ("iati-activities", "iati-organisations"):
            yield from ("", f"### {new}, `{root}`", "")
            yield from _news(old, new, root)
    yield from ("", "## Codelists", "", f"As they came with the package, of {codelists.snapshot_date()}.", "")
    yield from _head("list", "codes", "withdrawn", "named in Spanish and Portuguese")
    for name in codelists.lists():
        every, active = codelists.codes(name), codelists.codes(name, active=True)
        yield _row(name, str(len(every)), str(len(every) - len(active) or ""), "yes" if codelists.named(name) else "")
    yield from ("", "## Withdrawn codes and their successors", "")
    yield "Only where the standard, or the body that keeps the list, states it. A code that was divided has none here."
    yield ""
    yield from _head("list", "withdrawn code", "on", "successor")
    for name in codelists.lists():
        for code in codelists.codes(name):
            successor = codelists.successor(name, code)
            if successor:
                day = codelists.withdrawn(name, code)
                was, now = (f"`{one}` {codelists.name(name, one, 'en')}" for one in (code, successor))
                yield _row(name, was, str(day or ""), now)


def _news(old: str, new: str, root: str) -> Iterator[str]:
    before, after = (dict(_declared(structure.structure(version, root), "")) for version in (old, new))
    added = [path for path in after if path not in before]
    yield from (f"- `{path}`" for path in added if path.rpartition("/")[0] not in added)
    for path in sorted(before.keys() & after.keys()):
        if before[path] != after[path]:
            yield f"- `{path}`: {after[path]}, was {before[path]}"


def _declared(element: structure.Element, path: str) -> Iterator[tuple[str, str]]:
    """The paths beneath an element, each with how often it may stand."""
    for attribute in element.attributes.values():
        yield f"{path}/@{attribute.name}".lstrip("/"), "required" if attribute.required else "optional"
    for child in element.children:
        here = f"{path}/{child.name}".lstrip("/")
        yield here, "any number" if child.max is None else "at most once" if child.min == 0 else "once"
        yield from _declared(child, here)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for page, text in pages().items():
        (FOLDER / page).write_text(text, encoding="utf-8")
