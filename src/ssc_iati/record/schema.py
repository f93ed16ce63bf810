"""The JSON Schema of the record, generated from the models; `scripts/compile_schemas.py` writes `schemas/record`."""

from __future__ import annotations

import json
from typing import Any

from ssc_iati.record.organisation_file import OrganisationFile
from ssc_iati.record.project import RECORD_VERSION, Project, Publisher
from ssc_iati.record.values import Fact

ABOUT = "A South-South or triangular cooperation project as ssc-iati keeps it. Generated from the models."
ABOUT_ORGANISATION = "What an organisation says of itself in an IATI organisation file. Generated from the models."
FILE = f"project-{RECORD_VERSION}.schema.json"
ORGANISATION_FILE = f"organisation-file-{RECORD_VERSION}.schema.json"


def documents() -> dict[str, str]:
    """The schemas of records, by the name of their file in `schemas/record`."""
    return {
        FILE: document(Project, f"urn:ssc-iati:record:{RECORD_VERSION}", ABOUT),
        ORGANISATION_FILE: document(
            OrganisationFile, f"urn:ssc-iati:organisation-file:{RECORD_VERSION}", ABOUT_ORGANISATION
        ),
    }


def document(model: type[Fact], identifier: str, about: str) -> str:
    """The schema of one record, and of the publisher that a source may carry."""
    record: dict[str, Any] = model.model_json_schema(mode="validation")
    publisher = Publisher.model_json_schema(mode="validation")
    definitions = {**record.pop("$defs"), **publisher.pop("$defs"), "Publisher": publisher}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": identifier, "description": about}
    version = {"record_version": {"const": RECORD_VERSION, "description": "Version of the record's own model"}}
    record["properties"] = version | record["properties"]
    whole = head | record | {"$defs": dict(sorted(definitions.items())), "description": about}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
