"""The comparison with official findings, of a folder of its own."""

import json
import sys

import agreement
import pytest

ACTIVITY = "<iati-activity><iati-identifier>{}</iati-identifier></iati-activity>"


@pytest.fixture
def folder(tmp_path):
    def made(findings):
        items = ACTIVITY.format("A-1") + ACTIVITY.format("A-1") + ACTIVITY.format("")
        (tmp_path / "a.xml").write_text(f'<iati-activities version="2.03">{items}</iati-activities>', "utf-8")
        line = json.dumps({"file": "a.xml", "findings": findings})
        (tmp_path / "expected.jsonl").write_text(line + "\n", "utf-8")
        return tmp_path

    return made


def test_official_names_are_brought_to_ours():
    official = agreement.official
    own = {"A-1", "B(2)"}
    findings = [
        ["A-1", "0.3.1", "critical", []], ["A-1(2)", "0.3.1", "critical", []], ["A-1(13)", "9.5.1", "error", []],
        ["B(2)", "1.1.3", "error", []], ["noIdentifier", "6.2.2", "error", []],
        ["noIdentifier(2)", "6.11.1", "error", []],
        ["file", "1.1.2", "error", []], [None, "0.1.1", "critical", []],
    ]  # fmt: skip
    assert official(findings, own) == {
        ("A-1", "0.3.1"), ("A-1", "9.5.1"), ("B(2)", "1.1.3"), ("", "6.2.2"), ("", "6.11.1"), ("", "1.1.2"),
        ("", "0.1.1"),
    }  # fmt: skip


def test_equal_findings_agree_and_others_are_named(folder, monkeypatch, capsys):
    rules = ["0.3.1", "1.1.21", "6.11.1", "6.2.2"]
    equal = [[name, rule, "error", []] for name in ("A-1", "A-1(2)", "noIdentifier") for rule in rules]
    equal.append(["file", "1.1.2", "error", []])
    monkeypatch.setattr(sys, "argv", ["agreement.py", str(folder(equal))])
    agreed = agreement.main()
    said = capsys.readouterr().out
    assert (agreed, "1 of 1 files equal" in said) == (0, True), said

    monkeypatch.setattr(sys, "argv", ["agreement.py", str(folder([*equal[1:], ["A-1", "9.1.1", "error", []]]))])
    assert agreement.main() == 1
    said = capsys.readouterr().out
    assert "- 9.1.1" in said
    assert "0 of 1 files equal" in said
