"""The spool of a release in the making."""

from ssc_iati.publish.ledger import Entry
from ssc_iati.publish.spool import Kind, Spool


def entry(name: str) -> Entry:
    return Entry(name, "d", "u", "f", f'{{"key":"{name}"}}', f"<{name}/>".encode() * 5_000, 1, name)


def test_what_is_added_after_something_was_read_harms_nothing(tmp_path):
    with Spool(tmp_path / "spool") as spool:
        first = spool.add(entry("a"), Kind.NEW, renewed=True)
        spool.xml(first)
        second = spool.add(entry("b"), Kind.NEW, renewed=True)
        spool.record(first)
        third = spool.add(entry("c"), Kind.NEW, renewed=True)

        assert [spool.entry(line) for line in (third, first, second)] == [entry("c"), entry("a"), entry("b")]
