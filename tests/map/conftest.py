"""What a test of the mapping looks at: the activity that comes of a record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from lxml import etree

import builders
from ssc_iati.map.activity import document, mapped, render
from ssc_iati.map.options import MappingOptions
from ssc_iati.record.project import Activity
from ssc_iati.record.visibility import public

Element: TypeAlias = etree._Element
Activities: TypeAlias = Callable[..., Element]


@pytest.fixture
def activity() -> Activities:
    """The `iati-activity` of the sound record with these changes; what the checks would say of it is not asked."""

    def made(options: dict[str, Any] | None = None, /, **changes: Any) -> Element:
        project, _ = builders.checked(builders.sound_project(**changes))
        assert project is not None
        return etree.fromstring(document([render(public(project), MappingOptions.model_validate(options or {}))]))[0]

    return made


@pytest.fixture
def core() -> Callable[..., Activity]:
    """The core of the activity, before it is written."""

    def made(options: dict[str, Any] | None = None, /, **changes: Any) -> Activity:
        project, _ = builders.checked(builders.sound_project(**changes))
        assert project is not None
        return mapped(project, MappingOptions.model_validate(options or {}))[0]

    return made
