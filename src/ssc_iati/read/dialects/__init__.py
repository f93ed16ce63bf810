"""Layouts of other tools, called dialects: a TOML file each, from which reader, writer and documentation derive.

A dialect says which sheets (or CSV files) it has, and for each column the place in IATI that its cells fill. Adding one
means adding `NAME.toml`, and its name to `NAMES`; no code. The notation:

    family, root, says       what people call it (`--layout`), `iati-activity` or `iati-organisation`, a line about it
    headers = "paths"        headers are themselves places (`transaction/0/value/@currency`); no columns are declared
    carries = true           a row without identifier belongs to the activity of the row above
    merges = true            rows of one identifier are one activity, on whatever sheet; else every row of a root sheet
                             is an activity of its own
    short = true             identifiers are short: the reporting organisation's and a hyphen go before them
    date_order               the order of dates of numbers alone, where their form leaves it open; such a date is told
    passed_over = [...]      sheets of the tool that hold no data
    cannot = [...]           what the layout cannot say, beyond what has no column (for the documentation)
    [[detect]]               a sheet (`*`: any) that must be there with these headers; all of them together tell the
                             dialect; `without`: headers that it must not have

    [[sheet]]
    name, names              its name, and others that it may have; a file may have a prefix (`ORG-budgets.csv`)
    known_by = [...]         headers by which it is known, whatever it is called
    book                     the workbook that it stands in, where there are several
    root = true              its rows are the activities
    base                     the element that each row makes, below the activity; none: the activity itself
    bases, base_by           where a column says which element it is: the elements by its values
    activity                 the header of the column with the activity's identifier
    parent, join             the sheet whose rows make the element above, and the headers that both have in common (or a
                             table of this sheet's headers to those of the parent's); a row that finds none, or more
                             than one, is a finding
    starts                   headers by element (`.` for the base): where all of these are blank, the row goes on with
                             the last such element rather than making another
    whole = true             written for all such elements of an activity, or for none
    added = true             no sheet of the tool's own: written only where there is something for it
    passed = [...]           columns that hold nothing that IATI has a place for
    keys = [...]             columns that only join rows; the writer fills them with numbers
    computed                 columns whose cells are computed from others of the row where they are blank: `{A}_{B}`
    [sheet.columns]          header = place, below the base
    [sheet.added_columns]    the same for columns that are no part of the tool's own layout
    [meta]                   the sheet that tells of the file, if there is one: `@version`, `@linked-data-default`

A place is a path as in XPath: `title/narrative`, `value/@currency`, `../@type` (of the element above the base), and

    activity-date[@type='1']/@iso-date     the element that says so; it is made saying so
    point/pos#1                            the first word of the text
    position(), ../position()              the number of the element among its own: nothing is said by it, but rows with
                                           the same number are of one element

In a sheet each row makes a new element where IATI lets one repeat, and goes on with the one that is there where it does
not. Columns of a row that share an element fill the same one.

`declared` reads the files, `detect` tells which dialect a source is, `headed` which column stands under which header,
`carried` what a row has from the row above it, `tree` grows an activity from its rows with the place of every value;
`ssc_iati.check.dialect_drafts` reads the cells and makes records, `ssc_iati.publish.dialect_files` writes them.
"""

from __future__ import annotations

from ssc_iati.read.dialects.declared import Column, Dialect, Sheet, Step, dialect, dialects

__all__ = ["Column", "Dialect", "Sheet", "Step", "dialect", "dialects"]
