"""What the record restricts leaves no trace in the public view."""

import pytest

from builders import SETTINGS, TODAY, checked, sound_project, write_jsonl
from ssc_iati.record.activity import ContactInfo
from ssc_iati.record.fields import describe
from ssc_iati.record.project import Project
from ssc_iati.record.values import Fact, made
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


# --- Wherever it stands -----------------------------------------------------------------------------------------------


def ways(model, depth=4):
    """Every way down from a model to the facts below it: the fields, each with its model and whether it holds many."""
    for field in describe(model) if depth else ():
        if issubclass(field.kind, Fact):
            yield [(field.name, field.kind, field.many)]
            yield from ([(field.name, field.kind, field.many), *rest] for rest in ways(field.kind, depth - 1))


def with_one(way, **values):
    """The values of a fact that has one fact at the end of the way, of these values, and no other."""
    if not way:
        return values
    (name, kind, many), *rest = way
    below = made(kind, **with_one(rest, **values))
    return {name: (below,) if many else below}


WAYS = [way for way in ways(Project) if not any(kind is ContactInfo for _, kind, _ in way)]


@pytest.mark.parametrize("way", WAYS, ids=[".".join(name for name, _, _ in way) for way in WAYS])
def test_a_restricted_fact_is_seen_wherever_it_stands(way):
    calm, secret = (made(Project, **with_one(way, visibility=said)) for said in (None, "restricted"))

    assert public(calm) is calm
    shown = public(secret)
    for name, _, many in way:
        below = getattr(shown, name)
        if not below:
            break
        shown = below[0] if many else below
    else:
        pytest.fail("it is still there")


CONFIDENTIAL = [way for way in WAYS if "amount_status" in way[-1][1].model_fields]


@pytest.mark.parametrize("way", CONFIDENTIAL, ids=[".".join(name for name, _, _ in way) for way in CONFIDENTIAL])
def test_a_confidential_amount_is_seen_wherever_it_stands(way):
    assert CONFIDENTIAL
    shown = public(made(Project, **with_one(way, amount_status="confidential", amount=1)))

    for name, _, many in way:
        shown = getattr(shown, name)[0] if many else getattr(shown, name)
    assert shown.amount is None
