"""Files that are made to harm a validator: how long each takes, how much memory, and what is found.

Each case is a stream of text of a size that `scale` shrinks; the tests use small ones, this program the full ones.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

DECLARED = '<?xml version="1.0" encoding="UTF-8"?>\n'
HEAD = DECLARED + '<iati-activities version="2.03">\n'
END = "</iati-activities>\n"
ONE = "<iati-activity><iati-identifier>X-{}</iati-identifier></iati-activity>\n"
SOUND = ONE.format("sound")
MEGABYTE = "x" * (1 << 20)

Blocks = Iterator[str | bytes]
Case = Callable[[float], Blocks]


def _repeated(piece: str, times: float) -> Iterator[str]:
    """So many repetitions, in blocks of bounded size."""
    left, at_once = max(1, int(times)), max(1, (1 << 20) // len(piece))
    while left > 0:
        yield piece * min(left, at_once)
        left -= at_once


def _attributes(times: float) -> Iterator[str]:
    for first in range(0, max(1, int(times)), 10_000):
        yield "".join(f' a{number}="1"' for number in range(first, first + 10_000))


def _file(*content: str | Iterator[str]) -> Blocks:
    """The content in a file, with a sound activity behind it."""
    yield HEAD
    for each in content:
        if isinstance(each, str):
            yield each
        else:
            yield from each
    yield SOUND + END


def _activity(*content: str | Iterator[str]) -> Blocks:
    return _file("<iati-activity>", *content, "</iati-activity>\n")


def _encoded(declared: str, encoding: str, text: str = "é") -> Blocks:
    whole = HEAD.replace("UTF-8", declared) + ONE.format(text) + END
    yield whole.encode(encoding)


def _plain(*blocks: str) -> Blocks:
    return iter(blocks)


SMALL: dict[str, Case] = {
    "empty": lambda _: _plain(),
    "blank": lambda _: _plain("  \n"),
    "html": lambda _: _plain("<!DOCTYPE html><html><head><meta charset='utf-8'></head><body>no</body></html>"),
    "xhtml": lambda _: _plain("<html><body>no</body></html>"),
    "zip": lambda _: iter([b"PK\x03\x04" + bytes(range(256)) * 8]),
    "cut in a tag": lambda _: _plain(HEAD, SOUND, "<iati-activity><iati-ident"),
    "cut after an activity": lambda _: _plain(HEAD, SOUND),
    "NUL": lambda _: _plain(HEAD, SOUND, "\0", END),
    "billion laughs": lambda _: _plain(
        DECLARED,
        '<!DOCTYPE l [<!ENTITY a "ha">',
        *(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(10)),
        f']><iati-activities version="2.03">&k;{END}',
    ),
    "entity of a file": lambda _: _plain(
        DECLARED, '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>', f'<iati-activities version="2.03">&a;{END}'
    ),
    "DTD of a server": lambda _: _plain(
        HEAD.replace("<iati", '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><iati'), SOUND, END
    ),
    "UTF-16": lambda _: _encoded("UTF-16", "utf-16"),
    "UTF-16 without mark": lambda _: _encoded("UTF-16", "utf-16-be"),
    "UTF-16 declared, UTF-8": lambda _: _encoded("UTF-16", "utf-8"),
    "Latin-1": lambda _: _encoded("ISO-8859-1", "latin-1"),
    "Latin-1 declared as UTF-8": lambda _: _encoded("UTF-8", "latin-1"),
    "no encoding": lambda _: _encoded("zorg", "utf-8"),
    "an encoding that compresses": lambda _: _encoded("zlib", "utf-8"),
}  # fmt: skip

LARGE: dict[str, Case] = {
    "500 MB of text": lambda s: _activity("<iati-identifier>", _repeated(MEGABYTE, 500 * s), "</iati-identifier>"),
    "30 MB of text": lambda s: _activity("<iati-identifier>", _repeated(MEGABYTE, 30 * s), "</iati-identifier>"),
    "30 MB of a date": lambda s: _activity("<activity-date type='1' iso-date='", _repeated("1", 30e6 * s), "'/>"),
    "30 MB of a share": lambda s: _activity("<sector percentage='", _repeated("1", 30e6 * s), "x'/>"),
    "500 MB of comment": lambda s: _file("<!-- ", _repeated(MEGABYTE, 500 * s), " -->\n"),
    "200 MB of blanks": lambda s: _file(_repeated(" ", (200 << 20) * s)),
    "100 MB behind the last activity": lambda s: _file(SOUND, _repeated("<!-- x -->\n", 10e6 * s)),
    "100 MB behind an empty root": lambda s: (
        block
        for part in (_plain(DECLARED + "<iati-activities version='2.03'/>"), _repeated("<!-- x -->\n", 10e6 * s))
        for block in part
    ),
    "10 million attributes": lambda s: _file("<iati-activity ", _attributes(10e6 * s), "/>\n"),
    "2 million attributes of a title": lambda s: _activity("<title ", _attributes(2e6 * s), "/>"),
    "300,000 attributes of the root": lambda s: iter(["<iati-activities ", *_attributes(3e5 * s), ">"]),
    "300,000 elements deep": lambda s: _activity(_repeated("<a>", 3e5 * s), _repeated("</a>", 3e5 * s)),
    "1,500 elements deep": lambda _: _activity("<a>" * 1_500, "</a>" * 1_500),
    "70,000 lines in an activity": lambda s: _activity(_repeated("\n", 7e4 * s), "<title\n\n/><foo/>"),
    "1 million faults": lambda s: _activity(_repeated('<sector code="x" bad="1"/>', 1e6 * s)),
    "400,000 equal identifiers": lambda s: _activity(_repeated("<iati-identifier/>", 4e5 * s)),
    "30,000 activities": lambda s: _file(ONE.format(number) for number in range(max(1, int(3e4 * s)))),
    "100,000 empty activities": lambda s: _file(_repeated("<iati-activity/>", 1e5 * s)),
    "30,000 activities in one line": lambda s: _file(ONE.format(f"é漢{n}").strip() for n in range(int(3e4 * s))),
    "100 MB, ill-formed at its end": lambda s: _file(_repeated(ONE.format("x" * 500), 2e5 * s), "<"),
    "70 MB within another element": lambda s: _file("<odd>", _repeated(ONE.format(1), 1e6 * s), "</odd>"),
}  # fmt: skip

CASES = SMALL | LARGE


def judge(name: str, scale: float) -> dict[str, Any]:
    """Judge a case in this process: seconds, the peak of memory in MB, findings by rule, activities that had one."""
    from ssc_iati.standard.validator import Source, judged

    def opened() -> Iterator[bytes]:
        return (each if isinstance(each, bytes) else each.encode() for each in CASES[name](scale))

    began, rules, activities = time.process_time(), Counter[str](), 0
    for each in judged(Source("hostile.xml", 0, opened)):
        activities += each.number is not None
        rules.update(finding.rule for finding in each.findings)
    return {
        "cpu": round(time.process_time() - began, 2),
        "peak": _peak(),
        "activities": activities,
        "rules": dict(rules),
    }


def _peak() -> int:
    """The most memory that this process held, in MB; not what its parent held when it began, as `getrusage` has it."""
    status = Path("/proc/self/status").read_text("ascii", "replace")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def alone(name: str, scale: float) -> dict[str, Any]:
    """Judge a case in a process of its own."""
    command = [sys.executable, __file__, "--case", name, "--scale", str(scale)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    return dict(json.loads(ran.stdout))


def main() -> None:
    """Judge each case in a process of its own, and print a table; or one of them, here."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=CASES, help="one alone, in this process")
    parser.add_argument("--from", dest="first", choices=CASES, help="begin with this one")
    parser.add_argument("--scale", type=float, default=1)
    asked = parser.parse_args()
    if asked.case:
        print(json.dumps(judge(asked.case, asked.scale)))
        return
    print("| file | CPU s | peak MB | what is found |\n|---|--:|--:|---|")
    names = list(CASES)
    for name in names[names.index(asked.first) if asked.first else 0 :]:
        cost = alone(name, asked.scale)
        rules = ", ".join(f"{rule} ({count:,})" if count > 1 else rule for rule, count in cost["rules"].items())
        print(f"| {name} | {cost['cpu']} | {cost['peak']} | {rules} |", flush=True)


if __name__ == "__main__":
    main()
