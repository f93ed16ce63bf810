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

from ssc_iati.standard import SNAPSHOT, VERSIONS
from ssc_iati.standard.codelists.official import Items, Official, clean, one_line, read, written

DATA = Path(__file__).parents[1] / "src/ssc_iati/standard/codelists/data"
PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


def between(versions: Iterable[str]) -> dict[str, str]:
    """Say from and until which version something stands in the standard, where that is not all of them."""
    held = sorted(versions)
    if held != list(VERSIONS[VERSIONS.index(held[0]) : VERSIONS.index(held[-1]) + 1]):
        raise ValueError(f"{held} are not versions in a row")
    since = {} if held[0] == VERSIONS[0] else {"since": held[0]}
    return since | ({} if held[-1] == VERSIONS[-1] else {"until": held[-1]})


# --- Lists ------------------------------------------------------------------------------------------------------------


def merged(by_version: dict[str, Items]) -> Items:
    """Give the codes of all versions as one list: the newest first, then what only older ones hold."""
    newest_first = [by_version[version] for version in sorted(by_version, reverse=True)]
    every = {code: held for codes in reversed(newest_first) for code, held in codes.items()}
    order = dict.fromkeys(code for codes in newest_first for code in codes)
    return {code: every[code] | between(v for v in by_version if code in by_version[v]) for code in order}


def embedded(folder: Path) -> Iterator[Official]:
    """Give the lists that a version of the standard brings with it, with the codes of all versions."""
    for source in sorted(folder.glob(f"embedded/{VERSIONS[-1]}/*.xml")):
        files = {version: folder / "embedded" / version / source.name for version in VERSIONS}
        found = {version: read(path.read_bytes()) for version, path in files.items() if path.exists()}
        yield found[VERSIONS[-1]]._replace(items=merged({version: one.items for version, one in found.items()}))


def compile_lists(folder: Path) -> int:
    """Write every list; say how many."""
    loose = (read(source.read_bytes()) for source in sorted(folder.glob("non-embedded/*.xml")))
    every = [*embedded(folder), *loose]
    for official in every:
        (DATA / f"{official.name}.json").write_text(written(official, SNAPSHOT), encoding="utf-8")
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
        nodes = etree.parse(folder / f"mapping-{version}.xml", PARSER).getroot().iterfind("mapping")
        for entry in dict.fromkeys(one_line(mapping(node)) for node in nodes):
            held.setdefault(entry, []).append(version)
    lines = ",\n".join(one_line(json.loads(entry) | between(versions)) for entry, versions in held.items())
    (DATA / "mapping.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def main() -> None:
    """Compile every list of the folder and the mapping."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of the official codelists")
    folder = parser.parse_args().folder
    print(f"{compile_lists(folder)} lists")
    compile_mapping(folder)


if __name__ == "__main__":
    main()
