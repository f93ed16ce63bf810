"""The tables of the ledger. Every row but those of `about` belongs to a publication: who reports, and in which file.

An activity has a row for each version of it that a release held: from the release `since` to the one before `until`, or
still (`until` is null). So a night on which one activity changes costs one row, and every release can be told whole.
"""

from __future__ import annotations

import sqlalchemy as sql

LEDGER_VERSION = 4

tables = sql.MetaData()


def _text(name: str, *, null: bool = False) -> sql.Column[str]:
    return sql.Column(name, sql.Text, nullable=null)


def _number(name: str, *, null: bool = False) -> sql.Column[int]:
    return sql.Column(name, sql.Integer, nullable=null)


def _keys(*names: str) -> tuple[sql.Column[str], ...]:
    return tuple(sql.Column(name, sql.Text, primary_key=True) for name in names)


def _numbered(name: str) -> sql.Column[int]:
    return sql.Column(name, sql.Integer, primary_key=True, autoincrement=False)


about = sql.Table("about", tables, sql.Column("name", sql.Text, primary_key=True), _text("value", null=True))

runs = sql.Table(
    "runs",
    tables,
    sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("publication", sql.Text, nullable=False, index=True),
    _text("state"),
    _text("started"),
    _text("ended", null=True),
    _text("owner"),
    _text("source"),
    _text("source_print"),
    _text("source_date", null=True),
    _text("setup_print"),
    _number("release", null=True),
    _text("today"),
    _text("review", null=True),
    _text("report", null=True),
    _text("trouble", null=True),
)

turns = sql.Table(
    "turns",
    tables,
    *_keys("publication"),
    _number("run"),
    _text("host"),
    _number("pid"),
    _text("born"),
    sql.Column("beat", sql.Float, nullable=False),
)

releases = sql.Table(
    "releases",
    tables,
    *_keys("publication"),
    _numbered("number"),
    _text("kind"),
    _number("back_to", null=True),
    _number("run", null=True),
    _text("state"),
    _text("made"),
    _text("content"),
    _number("activities"),
    _number("transactions", null=True),
    _number("added"),
    _number("changed"),
    _number("gone"),
    _number("kept"),
)

files = sql.Table(
    "files",
    tables,
    *_keys("publication"),
    _numbered("release"),
    *_keys("name"),
    _number("place"),
    _text("role"),
    _text("sha256", null=True),
    _number("size", null=True),
    _text("content", null=True),
    _text("generated", null=True),
    _number("activities"),
    _number("transactions", null=True),
    _text("url", null=True),
    _text("listing", null=True),
    sql.Column("head", sql.LargeBinary, nullable=True),
    _text("stamp", null=True),
)

listings = sql.Table("listings", tables, *_keys("publication", "digest"), sql.Column("members", sql.LargeBinary))

activities = sql.Table(
    "activities",
    tables,
    *_keys("publication", "identifier"),
    _numbered("since"),
    _number("until", null=True),
    _text("digest"),
    _text("updated"),
    _text("first_published"),
    _number("transactions", null=True),
    _text("record"),
    sql.Column("xml", sql.LargeBinary, nullable=True),
    _text("key", null=True),
)

withheld = sql.Table("withheld", tables, *_keys("publication"), _numbered("place"), _text("record"))

decisions = sql.Table(
    "decisions",
    tables,
    *_keys("publication", "identifier"),
    _text("kind"),
    _text("renamed", null=True),
    _text("made"),
    _number("run"),
)

findings = sql.Table(
    "findings",
    tables,
    *_keys("publication"),
    _numbered("run"),
    *_keys("rule", "severity"),
    _number("number"),
)

asides = sql.Table(
    "asides",
    tables,
    *_keys("publication"),
    _numbered("run"),
    _numbered("place"),
    _text("identifier", null=True),
    _text("key", null=True),
    _text("rules"),
    sql.Column("kept", sql.Boolean, nullable=False),
)

overrides = sql.Table("overrides", tables, *_keys("publication"), _numbered("run"), *_keys("rule"), _text("detail"))

registered = sql.Table("registered", tables, *_keys("publication", "name"), _text("state"), _text("changed"))

notes = sql.Table("notes", tables, *_keys("publication", "name"), _text("state"), _text("changed"))
