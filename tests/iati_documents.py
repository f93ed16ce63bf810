"""Small files of IATI XML, for tests to break."""

from __future__ import annotations

from pathlib import Path

SOUND = """<iati-activity default-currency="USD" xml:lang="es">
  <iati-identifier>{0}</iati-identifier>
  <reporting-org ref="XM-DAC-41119" type="40"><narrative>Oficina</narrative></reporting-org>
  <title><narrative>Semillas de {0}</narrative></title>
  <description><narrative>Intercambio de semillas</narrative></description>
  <participating-org ref="XM-DAC-41119" role="2" type="40"><narrative>Oficina</narrative></participating-org>
  <activity-status code="2"/>
  <activity-date type="2" iso-date="2024-03-01"/>
  <recipient-country code="CO"/>
  <sector vocabulary="1" code="31166"/>
</iati-activity>
"""


def identifier(number: int | str) -> str:
    """The identifier of an activity of ours."""
    return f"XM-DAC-41119-P-{number}"


def activity(number: int | str = 1) -> str:
    """An activity that gives no finding."""
    return SOUND.format(identifier(number))


def wrong(number: int | str = 1) -> str:
    """An activity with one error: a code that no list has (9.76.1)."""
    return activity(number).replace('code="31166"', 'code="31167"')


def document(*activities: str, version: str = "2.03") -> str:
    """A file of those activities."""
    return f'<?xml version="1.0"?>\n<iati-activities version="{version}">\n{"".join(activities)}</iati-activities>\n'


def write(path: Path, *activities: str) -> Path:
    """Write a file of those activities."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document(*activities), encoding="utf-8")
    return path
