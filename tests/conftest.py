"""Sources for tests: the same tables as a folder of CSV, as a workbook, or records as JSON Lines."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import builders
from database_server import postgres, postgres_server
from site_stand_in import Site

__all__ = ["postgres", "postgres_server"]

# The lists of every test, and of every program that a test starts, are those of the package.
os.environ["SSC_IATI_CACHE"] = str(Path(__file__).parent / "no-cache")

Build = Callable[[Any], Path]


@pytest.fixture
def csv_source(tmp_path: Path) -> Build:
    numbers = count()
    return lambda tables: builders.write_csv(tmp_path / f"source{next(numbers)}", tables)


@pytest.fixture
def workbook_source(tmp_path: Path) -> Build:
    numbers = count()
    return lambda tables: builders.write_workbook(tmp_path / f"source{next(numbers)}.xlsx", tables)


@pytest.fixture
def jsonl_source(tmp_path: Path) -> Build:
    numbers = count()
    return lambda records: builders.write_jsonl(tmp_path / f"source{next(numbers)}.jsonl", records)


@pytest.fixture
def site() -> Iterator[Site]:
    """A web server on loopback, with nothing on it."""
    made = Site().start()
    yield made
    made.close()
