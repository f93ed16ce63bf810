"""The rooms of the house, and who may know whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import ssc_iati

HOUSE = Path(ssc_iati.__file__).parent
EVERYWHERE = {"findings", "text", "messages"}
MAY_KNOW = {
    "text": set(),
    "findings": set(),
    "memory": set(),
    "wire": set(),
    "interrupts": set(),
    "sections": set(),
    "messages": {"findings", "sections"},
    "record": {"text", "sections"},
    "lines": set(),
    "workers": {"memory", "interrupts", "lines"},
    "standard": {"memory", "workers", "sections"} | EVERYWHERE,
    "read": {"record", "standard"} | EVERYWHERE,
    "check": {"read", "record", "standard"} | EVERYWHERE,
    "map": {"record", "standard"} | EVERYWHERE,
    "merging": {"check", "record"} | EVERYWHERE,
    "report": {"record"} | EVERYWHERE,
    "alerts": {"wire", "publish", "report"} | EVERYWHERE,
    "config": {"alerts", "check", "map", "merging", "publish", "record"} | EVERYWHERE,
    "publish": {"memory", "interrupts", "wire", "check", "map", "merging", "read", "record", "standard"} | EVERYWHERE,
    "run": {"memory", "publish", "workers", "config", "check", "read", "record", "standard"} | EVERYWHERE,
    "importing": {"memory", "run", "publish", "config", "check", "map", "read", "record"} | EVERYWHERE,
    "publication": {"alerts", "check", "importing", "merging", "run", "publish", "config", "read", "record"}
    | EVERYWHERE,
}


def imported(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        yield from names + ([node.module] if isinstance(node, ast.ImportFrom) and node.module else [])


def room(file):
    """The room of a file; every `cli_*` is a part of the command line."""
    name = file.relative_to(HOUSE).parts[0].removesuffix(".py")
    return "cli" if name.startswith("cli_") else name


@pytest.mark.parametrize("name", sorted(MAY_KNOW))
def test_a_room_knows_only_the_rooms_before_it(name):
    files = [file for file in HOUSE.rglob("*.py") if room(file) == name]

    known = {each.split(".")[1] for file in files for each in imported(file) if each.startswith("ssc_iati.")}

    assert files
    assert known <= MAY_KNOW[name] | {name}


def test_the_programs_that_arrange_the_steps_are_known_to_none_of_them():
    names = {each.partition(".")[0] for file in HOUSE.rglob("*.py") for each in imported(file)}

    assert not names & {"prefect", "pipelines", "fastapi", "tests"}
    others = {each for file in HOUSE.rglob("*.py") if room(file) != "cli" for each in imported(file)}
    assert not {each for each in others if each == "click" or each.startswith("ssc_iati.cli")}


def test_who_converts_need_not_wait_for_what_publishes():
    heavy = {"sqlalchemy", "requests", "fsspec", "openpyxl", "prefect", "click", "ssc_iati.merging.drafts"}
    told = "import sys, ssc_iati.config, ssc_iati.run; print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout.split()

    assert heavy.isdisjoint(loaded)
