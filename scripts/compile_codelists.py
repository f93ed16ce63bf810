"""Compile the official IATI codelists (XML) into the package's JSON: codes, names, states, dates; no descriptions.

Source: IATI Standard codelists, iatistandard.org, CC BY 4.0; from the folder with `embedded/2.0X`, `non-embedded` and
`mapping-2.0X.xml`. Names and order are those of the newest version; what came later than the first or went before the
newest says so (`since`, `until`).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from lxml import etree

from ssc_iati.standard import VERSIONS

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


def parsed(source: Path) -> etree._Element:
    """Give the root of a file."""
    return etree.parse(source, PARSER).getroot()


def between(versions: Iterable[str]) -> dict[str, str]:
    """Say from and until which version something stands in the standard, where that is not all of them."""
    held = sorted(versions)
    if held != list(VERSIONS[VERSIONS.index(held[0]) : VERSIONS.index(held[-1]) + 1]):
        raise ValueError(f"{held} are not versions in a row")
    since = {} if held[0] == VERSIONS[0] else {"since": held[0]}
    return since | ({} if held[-1] == VERSIONS[-1] else {"until": held[-1]})


# --- Lists ------------------------------------------------------------------------------------------------------------


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


def merged(by_version: dict[str, dict[str, dict[str, str]]]) -> dict[str, dict[str, str]]:
    """Give the codes of all versions as one list: the newest first, then what only older ones hold."""
    newest_first = [by_version[version] for version in sorted(by_version, reverse=True)]
    every = {code: held for codes in reversed(newest_first) for code, held in codes.items()}
    order = dict.fromkeys(code for codes in newest_first for code in codes)
    return {code: every[code] | between(v for v in by_version if code in by_version[v]) for code in order}


def compiled(root: etree._Element, found: dict[str, dict[str, str]]) -> str:
    """Write one list, one code a line."""
    head = {"list": root.get("name"), "embedded": root.get("embedded") == "1", "date": SNAPSHOT}
    lines = ",\n".join(f"{one_line(code)}: {one_line(kept)}" for code, kept in found.items())
    return f'{one_line(head)[:-1]}, "items": {{\n{lines}\n}}}}\n'


def embedded(folder: Path) -> Iterator[tuple[etree._Element, dict[str, dict[str, str]]]]:
    """Give the lists that a version of the standard brings with it: the newest file, the codes of all versions."""
    for source in sorted(folder.glob(f"embedded/{VERSIONS[-1]}/*.xml")):
        files = {version: folder / "embedded" / version / source.name for version in VERSIONS}
        by_version = {version: items(parsed(path)) for version, path in files.items() if path.exists()}
        yield parsed(source), merged(by_version)


def compile_lists(folder: Path) -> int:
    """Write every list; say how many."""
    loose = (parsed(source) for source in sorted(folder.glob("non-embedded/*.xml")))
    every = [*embedded(folder), *((root, items(root)) for root in loose)]
    for root, found in every:
        (DATA / f"{root.get('name')}.json").write_text(compiled(root, found), encoding="utf-8")
    return len(every)


# --- Where they hold --------------------------------------------------------------------------------------------------


def mapping(node: etree._Element) -> dict[str, str]:
    """Say which list holds for a path, and on what condition."""
    codelist = node.find("codelist")
    found = {
        "path": clean(node.findtext("path")),
        "codelist": "" if codelist is None else str(codelist.get("ref")),
        "condition": clean(node.findtext("condition")),
    }
    return {key: value for key, value in found.items() if value}


def compile_mapping(folder: Path) -> None:
    """Write which list holds where, one path a line, each once."""
    held: dict[str, list[str]] = {}
    for version in reversed(VERSIONS):
        nodes = parsed(folder / f"mapping-{version}.xml").iterfind("mapping")
        for entry in dict.fromkeys(one_line(mapping(node)) for node in nodes):
            held.setdefault(entry, []).append(version)
    lines = ",\n".join(one_line(json.loads(entry) | between(versions)) for entry, versions in held.items())
    (DATA / "mapping.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def main() -> None:
    """Compile every list of the folder and the mapping."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of the official codelists")
    folder = parser.parse_args().folder
    DATA.mkdir(parents=True, exist_ok=True)
    print(f"{compile_lists(folder)} lists")
    compile_mapping(folder)


if __name__ == "__main__":
    main()
