"""The record in one form only: the same project gives the same text, whatever layout it came in."""

from __future__ import annotations

import json
from typing import Any

from ssc_iati.record.project import RECORD_VERSION, Project


def canonical_json(project: Project) -> str:
    """The record as JSON: fields in the order of the model, blank ones left out, exact numbers as text, the version
    first.
    """
    values: dict[str, Any] = project.model_dump(mode="json", exclude_defaults=True)
    return json.dumps({"record_version": RECORD_VERSION, **values}, ensure_ascii=False, separators=(",", ":"))


def from_canonical(text: str) -> Project:
    """The record again; an older version is read as it was written. ValueError for a version that is newer than this
    program.
    """
    values = json.loads(text)
    version = values.pop("record_version", None)
    if version != RECORD_VERSION:
        raise ValueError(f"record version {version!r} is not known here")
    return Project.model_validate(values)
