"""Synthetic content: the same projects as a folder of our CSV tables and as a folder of okfn-iati's multi-CSV layout.

Every project has its own identifiers, organisations, texts and amounts, so that nothing which one project taught helps
with the next; codes and dates come from lists, as they do in life. Projects are made one at a time, and rows are put in
another order on the disk: what is held in memory is where the lines of one file begin.
"""

from __future__ import annotations

import csv
import mmap
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

REPORTER, REPORTER_NAME, REPORTER_TYPE = "CO-RUE-900123456", "Agencia de Cooperación del Ejemplo", "10"
LANGUAGE = "es"

_REGISTERS = {
    "AR": "AR-CUIT", "BO": "BO-NIT", "BR": "BR-CNPJ", "CL": "CL-RUT", "CO": "CO-RUE", "CR": "CR-RPJ", "DO": "DO-COA",
    "EC": "EC-RUC", "GT": "GT-NIT", "HN": "HN-RTN", "MX": "MX-RFC", "PE": "PE-RUC", "PY": "PY-RUC", "SV": "SV-NIT",
    "UY": "UY-COA",
}  # fmt: skip
_SECTORS = (
    "11110", "11250", "12191", "12264", "13020", "14022", "15112", "15123", "15132", "15150", "15180", "15261", "16040",
    "16080", "21024", "22013", "23183", "23270", "23610", "24030", "31120", "31166", "31220", "31391", "32165", "32174",
    "32266", "33181", "43030", "43072", "93014",
)  # fmt: skip
_CURRENCIES = ("USD", "EUR", "BRL", "COP", "MXN", "CLP")
_STATUSES = (("implementation", "2"), ("evaluation", "3"), ("finished", "4"))
_WORDS = (
    "acuicultura", "agua", "alianza", "asistencia", "bosques", "café", "capacidades", "ciencia", "clima", "comunidades",
    "conocimiento", "cooperación", "costa", "cultivo", "datos", "desarrollo", "diagnóstico", "educación", "energía",
    "enfermería", "equidad", "escuelas", "estadística", "fortalecimiento", "frontera", "gestión", "gobierno", "hídrica",
    "igualdad", "información", "ingeniería", "innovación", "integración", "laboratorio", "leche", "maíz", "mujeres",
    "municipios", "niñez", "páramos", "pesca", "planificación", "población", "prevención", "producción", "pública",
    "región", "reforestación", "residuos", "riesgos", "salud", "semillas", "sistema", "técnica", "tecnología",
    "territorio", "transferencia", "turismo", "vacunación", "vivienda",
)  # fmt: skip
_FIRST_DAY, _DAYS = date(2012, 1, 1), 3650


class _Kind(NamedTuple):
    """A type of actor: ours, IATI's, and the CRS channel, on the side where it stands."""

    actor_type: str
    iati_type: str
    channel: str


class _Seat(NamedTuple):
    """A place in every project: phase, side and function; the IATI role; who may take it."""

    function: str
    phase: str
    side: str
    role: str
    kinds: tuple[_Kind, ...]


_AGENCY, _MINISTRY, _CITY = ("cooperation-agency", "10"), ("government-body", "10"), ("local-government", "11")
_SEATS = (
    _Seat(
        "funder",
        "negotiation-formulation",
        "provider",
        "1",
        (_Kind(*_AGENCY, "11000"), _Kind(*_MINISTRY, "11000"), _Kind(*_CITY, "11002")),
    ),
    _Seat(
        "executing-agency",
        "implementation-followup",
        "provider",
        "4",
        (
            _Kind("non-profit", "22", "22000"),
            _Kind("public-company", "15", "11003"),
            _Kind("academic-research", "80", "51000"),
        ),
    ),
    _Seat(
        "technical-counterpart",
        "implementation-followup",
        "recipient",
        "4",
        (_Kind(*_MINISTRY, "12000"), _Kind(*_CITY, "12002"), _Kind("association", "24", "23000")),
    ),
)


class Organisation(NamedTuple):
    """A partner of one project."""

    key: str
    name: str
    identifier: str
    kind: _Kind
    country: str
    seat: _Seat


class Payment(NamedTuple):
    """A transaction; the sides are places among the project's organisations."""

    ref: str
    type: str
    day: date
    value: str
    description: str
    provider: int
    receiver: int


class Project(NamedTuple):
    """One synthetic project."""

    key: str
    title: str
    description: str
    start: date
    end: date
    status: tuple[str, str]
    currency: str
    country: str
    sector: str
    organisations: tuple[Organisation, ...]
    budget_start: date
    budget_value: str
    payments: tuple[Payment, ...]


def projects(number: int, seed: int = 1) -> Iterator[Project]:
    """So many projects, one at a time; the same seed gives the same ones."""
    dice = random.Random(seed)  # noqa: S311 - nothing here is secret
    for index in range(number):
        yield _project(index, dice)


def _project(index: int, dice: random.Random) -> Project:
    key = f"P{index:07}"
    start = _FIRST_DAY + timedelta(dice.randrange(_DAYS))
    days = [start + timedelta(dice.randrange(30, 360)) for _ in range(2)]
    return Project(
        key=key,
        title=f"{words(dice, 8).capitalize()} {index}",
        description=f"{words(dice, 40).capitalize()}, {key}.",
        start=start,
        end=start + timedelta(dice.randrange(400, 900)),
        status=dice.choice(_STATUSES),
        currency=dice.choice(_CURRENCIES),
        country=dice.choice(tuple(_REGISTERS)),
        sector=dice.choice(_SECTORS),
        organisations=tuple(_organisation(index, place, seat, dice) for place, seat in enumerate(_SEATS)),
        budget_start=start,
        budget_value=_amount(dice),
        payments=tuple(_payment(key, place, day, dice) for place, day in enumerate(days)),
    )


def _organisation(index: int, place: int, seat: _Seat, dice: random.Random) -> Organisation:
    country = dice.choice(tuple(_REGISTERS))
    number = 100_000_000 + 3 * index + place
    name = f"{words(dice, 4).title()} {number}"
    return Organisation(f"O{number}", name, f"{_REGISTERS[country]}-{number}", dice.choice(seat.kinds), country, seat)


def _payment(key: str, place: int, day: date, dice: random.Random) -> Payment:
    kind, provider, receiver = (("2", 0, 1), ("3", 1, 2))[place]
    description = f"{words(dice, 10).capitalize()} {key}"
    return Payment(f"{key}-T{place}", kind, day, _amount(dice), description, provider, receiver)


def words(dice: random.Random, number: int) -> str:
    """So many words, as they fall."""
    return " ".join(dice.choices(_WORDS, k=number))


def _amount(dice: random.Random) -> str:
    return f"{dice.randrange(1_000_00, 90_000_000_00) / 100:.2f}"


def _year_after(day: date) -> date:
    return day + timedelta(364)


Table = tuple[str, tuple[str, ...]]
Line = tuple[str, tuple[object, ...]]
Writers = dict[str, Callable[[Iterable[object]], object]]
PARENTS = frozenset({"publisher", "projects", "activities"})
"""The tables that stay in order when rows are shuffled."""

OURS: tuple[Table, ...] = (
    ("publisher", ("reporting_org_ref", "reporting_org_type", "reporting_org_name", "language")),
    (
        "projects",
        (
            "key", "title", "description", "actual_start", "planned_end", "status", "instrument", "default_currency",
            "collaboration_type",
        ),
    ),
    ("organisations", ("key", "name", "identifiers", "actor_type", "country")),
    ("participations", ("project", "organisation", "phase", "side", "function")),
    ("recipient_countries", ("project", "code", "percentage")),
    ("sectors", ("project", "vocabulary", "code", "percentage")),
    ("budgets", ("project", "type", "status", "period_start", "period_end", "value", "currency", "value_date")),
    (
        "transactions",
        ("project", "ref", "type", "date", "value", "currency", "value_date", "description", "provider", "receiver"),
    ),
)  # fmt: skip


def our_lines(project: Project) -> Iterator[Line]:
    """The rows of a project in our tables."""
    key, each = project.key, project
    yield (
        "projects",
        (key, each.title, each.description, each.start, each.end, each.status[0], "project", each.currency, "1"),
    )
    for one in each.organisations:
        yield "organisations", (one.key, one.name, one.identifier, one.kind.actor_type, one.country)
        yield "participations", (key, one.key, one.seat.phase, one.seat.side, one.seat.function)
    yield "recipient_countries", (key, each.country, 100)
    yield "sectors", (key, 1, each.sector, 100)
    start = each.budget_start
    yield "budgets", (key, 1, 2, start, _year_after(start), each.budget_value, each.currency, start)
    for paid in each.payments:
        sides = (each.organisations[paid.provider].key, each.organisations[paid.receiver].key)
        money = (paid.value, each.currency, paid.day)
        yield "transactions", (key, paid.ref, paid.type, paid.day, *money, paid.description, *sides)


OKFN: tuple[Table, ...] = (
    (
        "activities",
        (
            "activity_identifier", "title", "description", "activity_status", "default_currency", "xml_lang",
            "reporting_org_ref", "reporting_org_name", "reporting_org_type", "actual_start_date", "planned_end_date",
            "recipient_country_code", "recipient_country_percentage", "collaboration_type", "default_aid_type",
        ),
    ),
    ("participating_orgs", ("activity_identifier", "org_ref", "org_name", "org_type", "role", "crs_channel_code")),
    ("sectors", ("activity_identifier", "sector_code", "vocabulary", "percentage")),
    (
        "budgets",
        (
            "activity_identifier", "budget_type", "budget_status", "period_start", "period_end", "value", "currency",
            "value_date",
        ),
    ),
    (
        "transactions",
        (
            "activity_identifier", "transaction_ref", "transaction_type", "transaction_date", "value", "currency",
            "value_date", "description", "provider_org_ref", "provider_org_name", "provider_org_type",
            "receiver_org_ref", "receiver_org_name", "receiver_org_type",
        ),
    ),
)  # fmt: skip


def okfn_lines(project: Project) -> Iterator[Line]:
    """The rows of a project in okfn-iati's files."""
    each, key = project, f"{REPORTER}-{project.key}"
    what = (key, each.title, each.description, each.status[1], each.currency)
    reporter = (LANGUAGE, REPORTER, REPORTER_NAME, REPORTER_TYPE)
    yield "activities", (*what, *reporter, each.start, each.end, each.country, 100, "1", "C01")
    for one in each.organisations:
        yield "participating_orgs", (key, one.identifier, one.name, one.kind.iati_type, one.seat.role, one.kind.channel)
    yield "sectors", (key, each.sector, 1, 100)
    start = each.budget_start
    yield "budgets", (key, 1, 2, start, _year_after(start), each.budget_value, each.currency, start)
    for paid in each.payments:
        sides = [each.organisations[place] for place in (paid.provider, paid.receiver)]
        named = [value for one in sides for value in (one.identifier, one.name, one.kind.iati_type)]
        money = (paid.value, each.currency, paid.day)
        yield "transactions", (key, paid.ref, paid.type, paid.day, *money, paid.description, *named)


def write(folder: Path, number: int, *, seed: int = 1, shuffled: bool = False) -> None:
    """Write the content as `ours` and `okfn` below the folder; on demand with the child rows in any order."""
    with ExitStack() as stack:
        ours, okfn = (_writers(folder / name, layout, stack) for name, layout in (("ours", OURS), ("okfn", OKFN)))
        ours["publisher"]((REPORTER, REPORTER_TYPE, REPORTER_NAME, LANGUAGE))
        for project in projects(number, seed):
            _put(ours, our_lines(project))
            _put(okfn, okfn_lines(project))
    if shuffled:
        dice = random.Random(seed)  # noqa: S311
        for path in sorted(folder.glob("*/*.csv")):
            if path.stem not in PARENTS:
                shuffle(path, dice)


def _writers(folder: Path, layout: Iterable[Table], stack: ExitStack) -> Writers:
    folder.mkdir(parents=True)
    found: Writers = {}
    for name, header in layout:
        file = stack.enter_context((folder / f"{name}.csv").open("w", encoding="utf-8", newline=""))
        found[name] = csv.writer(file, lineterminator="\n").writerow
        found[name](header)
    return found


def _put(writers: Writers, lines: Iterable[Line]) -> None:
    for name, row in lines:
        writers[name](row)


def shuffle(path: Path, dice: random.Random) -> None:
    """Bring the rows of a file into another order, the header first; the rows hold no line breaks, and stay on disk."""
    draft = path.with_suffix(".draft")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text, draft.open("wb") as out:
        out.write(text.readline())
        starts = []
        while text.tell() < len(text):
            starts.append(text.tell())
            text.readline()
        dice.shuffle(starts)
        for start in starts:
            text.seek(start)
            out.write(text.readline())
    draft.replace(path)
