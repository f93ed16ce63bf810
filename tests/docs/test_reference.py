"""The reference pages say what the code says."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def generator():
    path = ROOT / "scripts" / "generate_reference.py"
    spec = importlib.util.spec_from_file_location("generate_reference", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["tables.md", "terms.md", "mapping.md", "findings.md", "layouts.md"])
def test_a_generated_page_is_what_its_generator_gives(page):
    assert (ROOT / "docs" / "reference" / page).read_text("utf-8") == generator().pages()[page]


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")], ids=lambda page: page.name)
def test_every_link_within_the_documentation_leads_somewhere(page):
    links = LINK.findall(page.read_text("utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_command_is_documented():
    from ssc_iati.cli import app

    words = (ROOT / "docs" / "reference" / "commands.md").read_text("utf-8")

    assert [name for name in app.commands if f"`ssc-iati {name}" not in words] == []
