"""The sections of our own TOML files, read one by one, say what the whole files say."""

import tomllib
from importlib.resources import files

import pytest

from ssc_iati.sections import Sections

OURS = [
    *(("ssc_iati.standard.codelists", f"data/{name}.toml", 1) for name in ("translations", "successors")),
    ("ssc_iati.record", "terms.toml", 2),
    *(("ssc_iati.messages", f"{name}.toml", 1) for name in ("rules", "blanks", "en", "es", "pt", "fr")),
    *(("ssc_iati.messages", f"iati/{name}.toml", 1) for name in ("rules", "en", "es", "pt", "fr")),
]


def whole(text, depth):
    """The tables of the whole file, by heading."""
    read = tomllib.loads(text)
    if depth == 1:
        return read
    return {f"{outer}.{inner}": table for outer, tables in read.items() for inner, table in tables.items()}


@pytest.mark.parametrize(("package", "name", "depth"), OURS)
def test_a_file_says_the_same_section_by_section(package, name, depth):
    text = files(package).joinpath(name).read_text("utf-8")

    sections = Sections(text)

    assert list(sections) == list(whole(text, depth))
    assert dict(sections) == whole(text, depth)


def test_what_is_asked_for_is_read_and_nothing_else():
    sections = Sections('# Above\n[a]\nx = 1\n\n["1.2"]\nthis is no TOML\n')

    assert sections["a"] == {"x": 1}
    assert "1.2" in sections
    assert len(sections) == 2
    with pytest.raises(tomllib.TOMLDecodeError):
        sections["1.2"]


def test_a_heading_that_is_not_there_is_a_key_error():
    with pytest.raises(KeyError):
        Sections("[a]\nx = 1\n")["b"]
