"""Secrets come from the environment, or from a file that is its owner's alone."""

import os

import pytest
from pydantic import SecretStr

from ssc_iati.publish.secrets import Secrets, SecretsError

TEXT = "# ours\nA_SECRET=first=with equals\n\nB_SECRET = 'quoted one'\nnot a line\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "secrets.env"
    path.write_text(TEXT)
    path.chmod(0o600)
    return path


def refusal(secrets, name="A_SECRET"):
    with pytest.raises(SecretsError) as refused:
        secrets.get(name)
    return refused.value.finding.rule


def test_the_environment_comes_before_the_file(file):
    secrets = Secrets({"A_SECRET": "from outside", "EMPTY": ""}, file)

    assert secrets.get("A_SECRET").get_secret_value() == "from outside"
    assert secrets.get("B_SECRET").get_secret_value() == "quoted one"
    assert Secrets({}, file).get("A_SECRET").get_secret_value() == "first=with equals"
    assert secrets.find("NONE") is None
    assert refusal(secrets, "EMPTY") == "ssc-secret-missing"
    assert refusal(Secrets({}), "A_SECRET") == "ssc-secret-missing"


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o601, 0o700])
def test_a_file_that_others_may_read_is_not_used(file, mode):
    file.chmod(mode)

    assert refusal(Secrets({}, file)) == "ssc-secrets-open"


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_that_is_the_owners_alone_is_used(file, mode):
    file.chmod(mode)

    assert Secrets({}, file).get("A_SECRET").get_secret_value() == "first=with equals"


def test_a_file_that_is_missing_or_none_is_refused(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()

    assert refusal(Secrets({}, tmp_path / "missing")) == "ssc-secrets-unreadable"
    assert refusal(Secrets({}, folder)) == "ssc-secrets-unreadable"


@pytest.mark.parametrize("content", [b"A_SECRET=\xff\xfe", b"A_SECRET=" + b"x" * 70_000])
def test_a_file_that_is_no_text_or_endless_is_refused(file, content):
    file.write_bytes(content)

    assert refusal(Secrets({}, file)) == "ssc-secrets-unreadable"


def test_a_successor_takes_the_place_of_a_secret_and_of_nothing_else(file):
    kept = Secrets({}, file).keep("A_SECRET", SecretStr("second"))

    assert kept
    assert file.read_text() == TEXT.replace("first=with equals", "second")
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize(("environment", "name"), [({"A_SECRET": "x"}, "A_SECRET"), ({}, "C_SECRET")])
def test_a_successor_that_the_file_does_not_hold_is_not_kept(file, environment, name):
    assert not Secrets(environment, file).keep(name, SecretStr("second"))
    assert file.read_text() == TEXT


def test_where_secrets_are_looked_for_shows_none_of_them(file):
    assert "hidden-word" not in repr(Secrets({"A_SECRET": "hidden-word"}, file))


def test_without_a_file_nothing_is_kept():
    assert not Secrets({"A_SECRET": "x"}).keep("A_SECRET", SecretStr("second"))
