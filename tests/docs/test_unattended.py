"""The page about what nobody watches names tests: each must be there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_test_that_the_page_names_is_there():
    page = (ROOT / "docs" / "explanation" / "unattended.md").read_text("utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))

    there = {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    }

    assert len(named) > 40
    assert named - there == set()
