"""Small activities for tests of the official rules: what a few lines of XML in an otherwise sound one break."""

from datetime import UTC, datetime

from ssc_iati.standard.validator import Source, judged

CLOCK = datetime(2026, 1, 1, tzinfo=UTC)
ROOTS = {"iati-activity": "iati-activities", "iati-organisation": "iati-organisations"}
SOUND = {
    "iati-activity": '<iati-activity xml:lang="en" default-currency="USD"><iati-identifier>GB-CHC-1-A</iati-identifier>'
    '<reporting-org ref="GB-CHC-1" type="10"/>{sector}<activity-date type="1" iso-date="2020-01-01"/>'
    "{content}</iati-activity>",
    "iati-organisation": '<iati-organisation xml:lang="en" default-currency="USD">'
    "<organisation-identifier>GB-CHC-1</organisation-identifier>{content}</iati-organisation>",
}


def findings(text, now=CLOCK, name="f.xml", **opening):
    """Everything that is found in a file of this text (or bytes)."""
    data = text if isinstance(text, bytes) else text.encode()
    source = Source(name, len(data), lambda: iter([data]))
    return [finding for each in judged(source, now=now, **opening) for finding in each.findings]


def document(*items, version="2.03", root="iati-activities"):
    return f'<{root} version="{version}">' + "".join(items) + f"</{root}>"


def broken(content, version="2.03", item="iati-activity", sector='<sector code="11110"/>'):
    """The official rules that a sound activity (or organisation) breaks when this is put into it; the schema apart."""
    text = document(SOUND[item].format(content=content, sector=sector), version=version, root=ROOTS[item])
    return {each.rule for each in findings(text) if each.rule != "0.3.1" and not each.rule.startswith("ssc-")}
