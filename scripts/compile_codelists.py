"""Compile the official IATI codelists (XML) into the package's JSON: codes, names, states, dates; no descriptions.

Source: IATI Standard codelists, iatistandard.org, CC BY 4.0; from the folder with `embedded/2.03` and `non-embedded`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from lxml import etree

SNAPSHOT = "2026-06"
DATA = Path(__file__).parents[1] / "src/ssc_iati/standard/codelists/data"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)


def one_line(value: object) -> str:
    """Write a value as JSON without a line break."""
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def clean(text: str | None) -> str:
    """Bring every run of blanks to one space."""
    return " ".join((text or "").split())


def names(item: etree._Element) -> dict[str, str]:
    """Give the names of a code by language; English where the file does not say."""
    found = {(one.get(LANG) or "en"): clean(one.text) for one in item.iterfind("name/narrative")}
    return {language: text for language, text in found.items() if text and language in {"en", "fr"}}


def described(item: etree._Element) -> dict[str, str]:
    """Give what is kept of a code."""
    kept = {
        **names(item),
        "status": "withdrawn" if item.get("status") == "withdrawn" else "",
        "from": item.get("activation-date", ""),
        "to": item.get("withdrawal-date", ""),
        "category": clean(item.findtext("category")),
    }
    return {key: value for key, value in kept.items() if value}


def items(root: etree._Element) -> dict[str, dict[str, str]]:
    """Give the codes in the order of the source; of a code that stands twice, the first."""
    found: dict[str, dict[str, str]] = {}
    for item in root.iter("codelist-item"):
        found.setdefault(clean(item.findtext("code")), described(item))
    return found


def compile_list(source: Path) -> None:
    """Write one list, one code a line."""
    root = etree.parse(source, PARSER).getroot()
    name = str(root.get("name"))
    head = {"list": name, "embedded": root.get("embedded") == "1", "date": SNAPSHOT}
    lines = ",\n".join(f"{one_line(code)}: {one_line(kept)}" for code, kept in items(root).items())
    text = f'{one_line(head)[:-1]}, "items": {{\n{lines}\n}}}}\n'
    (DATA / f"{name}.json").write_text(text, encoding="utf-8")


def mapping(node: etree._Element) -> dict[str, str]:
    """Say which list holds for a path, and on what condition."""
    codelist = node.find("codelist")
    found = {
        "path": clean(node.findtext("path")),
        "codelist": "" if codelist is None else str(codelist.get("ref")),
        "condition": clean(node.findtext("condition")),
    }
    return {key: value for key, value in found.items() if value}


def compile_mapping(source: Path) -> None:
    """Write which list holds where, one path a line, each once."""
    root = etree.parse(source, PARSER).getroot()
    lines = list(dict.fromkeys(one_line(mapping(node)) for node in root.iterfind("mapping")))
    (DATA / "mapping-2.03.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def main() -> None:
    """Compile every list of the folder and the mapping."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of the official codelists")
    folder = parser.parse_args().folder
    DATA.mkdir(parents=True, exist_ok=True)
    sources = sorted((*folder.glob("embedded/2.03/*.xml"), *folder.glob("non-embedded/*.xml")))
    for source in sources:
        compile_list(source)
    compile_mapping(folder / "mapping-2.03.xml")
    print(f"{len(sources)} lists")


if __name__ == "__main__":
    main()
