"""Compare our schemas with official ones: `python scripts/compare_schemas.py FOLDER [--cases FOLDER]`.

FOLDER holds the official XSDs, one folder a version (`2.01`, `2.02`, `2.03`). Every component must be equal: elements,
attributes, types, order, numbers. With `--cases`, every XML file beneath that folder must get the same messages from
libxml2, word for word and in the same order, by both schemas. Leaves with 1 if anything differs.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lxml import etree
from xsd_components import differences, read_components

from ssc_iati.standard import VERSIONS
from ssc_iati.standard.schemas import FILES, schema_folder

KINDS = {"iati-activities": "activities", "iati-organisations": "organisations"}
PARSER = etree.XMLParser(no_network=True, resolve_entities=False)


def component_differences(official: Path, version: str, kind: str) -> list[str]:
    """Say in what the components of our schema are not those of the official one."""
    pair = (schema_folder() / "iati" / version / FILES[kind], official / version / FILES[kind])
    ours, theirs = (read_components(path)._asdict() for path in pair)
    return differences(ours, theirs)


def compare_components(official: Path) -> bool:
    """Print the result for every version that the folder has; say whether all are equal."""
    equal = True
    for version in (each for each in VERSIONS if (official / each).is_dir()):
        for kind in KINDS.values():
            found = component_differences(official, version, kind)
            print(f"{version} {kind}: {'equal' if not found else f'{len(found)} differences'}")
            print(*(f"  {line}" for line in found), sep="\n", end="\n" if found else "")
            equal = equal and not found
    return equal


@cache
def judge(folder: Path, version: str, kind: str) -> etree.XMLSchema:
    """Load the schema of a folder."""
    return etree.XMLSchema(etree.parse(folder / version / FILES[kind], PARSER))


def messages(schema: etree.XMLSchema, document: etree._ElementTree) -> list[tuple[int, str]]:
    """Give what libxml2 has to say about the document; an entity that is not resolved is beyond it."""
    try:
        schema.validate(document)
    except etree.XMLSchemaValidateError as error:
        return [(0, str(error))]
    return [(entry.line, entry.message) for entry in schema.error_log]


def compare_case(official: Path, path: Path) -> str:
    """Judge one file by both schemas."""
    try:
        document = etree.parse(path, PARSER)
    except etree.XMLSyntaxError:
        return "not well-formed"
    root = document.getroot()
    version, kind = root.get("version", ""), KINDS.get(str(root.tag), "")
    if version not in VERSIONS or not kind:
        return "no IATI 2"
    ours, theirs = (messages(judge(folder, version, kind), document) for folder in (schema_folder() / "iati", official))
    if ours != theirs:
        print(f"  {path}: {ours} is not {theirs}")
        return "different"
    return "equal, invalid" if ours else "equal, valid"


def case_results(official: Path, cases: Path) -> Iterator[str]:
    """Judge every file beneath the folder."""
    return (compare_case(official, path) for path in sorted(cases.rglob("*.xml")))


def main() -> None:
    """Compare, print, and leave with what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("official", type=Path, help="folder of the official XSDs, one folder a version")
    parser.add_argument("--cases", type=Path, help="folder of XML files that both schemas judge")
    asked = parser.parse_args()
    equal = compare_components(asked.official)
    if asked.cases:
        results = Counter(case_results(asked.official, asked.cases))
        print(*(f"{name}: {number}" for name, number in sorted(results.items())), sep="\n")
        equal = equal and not results["different"]
    sys.exit(not equal)


if __name__ == "__main__":
    main()
