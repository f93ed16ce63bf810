"""The JSON Schema of the record, generated from the models; `scripts/compile_schemas.py` writes `schemas/record`."""

from __future__ import annotations

import json
from typing import Any

from ssc_iati.record.project import RECORD_VERSION, Project, Publisher

ABOUT = "A South-South or triangular cooperation project as ssc-iati keeps it. Generated from the models."
FILE = f"project-{RECORD_VERSION}.schema.json"


def document() -> str:
    """The schema of one project, and of the publisher that a source may carry, as it stands in `schemas/record`."""
    project: dict[str, Any] = Project.model_json_schema(mode="validation")
    publisher = Publisher.model_json_schema(mode="validation")
    definitions = {**project.pop("$defs"), **publisher.pop("$defs"), "Publisher": publisher}
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:ssc-iati:record:{RECORD_VERSION}",
        "description": ABOUT,
    }
    version = {"record_version": {"const": RECORD_VERSION, "description": "Version of the record's own model"}}
    project["properties"] = version | project["properties"]
    whole = head | project | {"$defs": dict(sorted(definitions.items())), "description": head["description"]}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
