"""What the record restricts leaves no trace in the public view."""

import pytest

from builders import SETTINGS, TODAY, checked, sound_project, write_jsonl
from ssc_iati.record.project import Project
from ssc_iati.record.visibility import is_public, public
from ssc_iati.run import convert

HIDDEN = "Nombre que nadie debe leer"


def project(**changes):
    made, findings = checked(sound_project(**changes))
    assert made is not None, findings
    return made


def published(folder, record):
    """The file that a record becomes."""
    heard = []
    convert(write_jsonl(folder / "s.jsonl", [record]), folder / "a.xml", SETTINGS, heard.append, today=TODAY)
    assert (folder / "a.xml").exists(), heard
    return (folder / "a.xml").read_text(encoding="utf-8")


def hidden_organisation(**more):
    organisation = {
        "key": "SECRET",
        "names": [{"text": HIDDEN}],
        "actor_type": "association",
        "visibility": "restricted",
        **more,
    }
    return [*sound_project()["organisations"], organisation]


RESTRICTED = {"visibility": "restricted"}
PLACES = [
    {"descriptions": [{"type": "1", "text": "pública"}, {"type": "4", "text": HIDDEN, **RESTRICTED}]},
    {"contacts": [{"person_name": HIDDEN}]},
    {"contacts": [{"person_name": HIDDEN, **RESTRICTED}]},
    {"locations": [{"names": HIDDEN, **RESTRICTED}]},
    {"lessons": [{"text": HIDDEN, **RESTRICTED}]},
    {"mechanisms": [{"key": "m", "names": HIDDEN, **RESTRICTED}]},
    {"document_links": [{"citation": HIDDEN, **RESTRICTED}]},
    {"transactions": [{"type": "3", "date": "2024", "value": "1", "description": HIDDEN, **RESTRICTED}]},
    {"transactions": [{"type": "3", "date": "2024", "value": "1", "provider": {"names": HIDDEN, **RESTRICTED}}]},
    {"results": [{"type": "1", "title": "R", "indicators": [{"measure": "5", "title": HIDDEN, **RESTRICTED}]}]},
    {"organisations": hidden_organisation()},
    {
        "organisations": [
            {**sound_project()["organisations"][0], "capacities": [{"description": HIDDEN, **RESTRICTED}]},
            sound_project()["organisations"][1],
        ]
    },
]


@pytest.mark.parametrize("changes", PLACES)
def test_what_is_restricted_is_not_published(changes, tmp_path):
    made = project(**changes)

    assert HIDDEN in repr(made)
    assert HIDDEN not in published(tmp_path, sound_project(**changes))
    assert HIDDEN not in repr(public(made))


def test_whatever_is_about_a_restricted_organisation_is_hidden_with_it(tmp_path):
    record = sound_project(organisations=hidden_organisation())
    record["participations"].append({"key": "s", "organisation": "SECRET", "function": "funder", "phase": "evaluation"})
    record["relationships"] = [{"from_organisation": "SECRET", "to_organisation": "APC"}]
    record["mechanisms"] = [
        {"key": "m", "names": [{"text": "Fondo"}], "parties": ["APC", "SECRET"], "lead_organisation": "SECRET"}
    ]
    record["transactions"] = [{"type": "3", "date": "2024", "value": "1", "provider": {"organisation": "SECRET"}}]
    made, findings = checked(record)
    assert made is not None, findings

    view = public(made)

    assert "SECRET" not in repr(view)
    assert "SECRET" not in published(tmp_path, record)
    assert [each.organisation for each in view.participations] == ["APC", "MAG"]
    assert view.mechanisms[0].parties == ("APC",)


def test_a_confidential_amount_is_not_published_in_any_form(tmp_path):
    record = sound_project()
    record["participations"][0]["contributions"] = [
        {
            "key": "c",
            "kind": "financial-grant",
            "amount": "987654",
            "unit_rate": "876543",
            "share_percent": "76.5",
            "ppp_factor": "1",
            "amount_status": "confidential",
            "currency": "USD",
            "date": "2024",
            "stage_of_money": "executed",
        }
    ]
    made, findings = checked(record)
    assert made is not None, findings

    text = published(tmp_path, record)

    assert "987654" in repr(made)
    assert not [number for number in ("987654", "876543", "76.5") if number in text]


def test_a_contact_is_published_only_if_it_says_so(tmp_path):
    shown = sound_project(contacts=[{"person_name": "Ana", "visibility": "public"}])

    assert "Ana" in published(tmp_path, shown)
    assert not is_public(Project.model_validate({"contacts": [{"person_name": "Ana"}]}).contacts[0])


def test_a_record_without_secrets_is_its_own_public_view():
    made = project()

    assert public(made) is made


def test_the_view_leaves_the_record_as_it_was():
    made = project(organisations=hidden_organisation())
    before = made.model_dump_json()

    view = public(made)

    assert made.model_dump_json() == before
    assert len(view.organisations) == 2
