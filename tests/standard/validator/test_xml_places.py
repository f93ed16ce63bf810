"""The place of every element and attribute is the one that another parser, walking the whole file, tells."""

import re
from xml.parsers import expat

from hypothesis import given, settings
from hypothesis import strategies as st

from ssc_iati.standard.validator.batch import Sort, parsed
from ssc_iati.standard.validator.kinds import Spot
from ssc_iati.standard.validator.paths import XML
from ssc_iati.standard.validator.places import Places, Text
from ssc_iati.standard.validator.split import Batch, Splitter, head

NAMES = ["title", "title", "t", "title-x", "narrative", "x:title"]
BLANKS = ["", " ", "\n", "\r\n", "\n\n  ", "é", "漢\n", "😀 ", "text"]
ATTRIBUTES = [
    "",
    " ref='>'",
    '\n\tref = "\'" ',
    " ref='\n>'\n",
    " a='1' ref='é'\n",
    " xml:lang='en' ref=''",
    "\r\nref='ref=\"x\"'",
    " a=\" ref='x'\" ref='y'",
]
NOISE = [*BLANKS, "<!-- <title> \n -->", "<![CDATA[<title>\n]]>", "<?pi <title/>\n?>"]


@st.composite
def elements(draw, depth=3, name=None):
    name = name or draw(st.sampled_from(NAMES))
    opening = name + draw(st.sampled_from(ATTRIBUTES)) + draw(st.sampled_from(["", " ", "\n"]))
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return f"<{opening}/>"
    inner = "".join(
        draw(st.sampled_from(NOISE)) + draw(elements(depth - 1)) for _ in range(draw(st.integers(0, 3)))
    ) + draw(st.sampled_from(NOISE))
    return f"<{opening}>{inner}</{name}>"


def walked(text):
    """What expat tells of each element within an activity: path, offset of its tag in bytes."""
    found, steps, counts = [], [], [{}]
    parser = expat.ParserCreate("utf-8")

    def start(name, _attributes):
        counts[-1][name] = number = counts[-1].get(name, 0) + 1
        steps.append((name, number))
        counts.append({})
        if len(steps) > 1:
            found.append((tuple(steps), parser.CurrentByteIndex))

    def end(_name):
        steps.pop()
        counts.pop()

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(text, True)
    return found


def place(data, at):
    """Line and sign of a byte, counted the slow way."""
    before = data[:at].decode()
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def ours(data, batch=1 << 18):
    """The place that we tell of each element (and of its `ref`), with the steps to it."""
    top = head(data)
    sort = Sort("f.xml", "2.03", "iati-activities", top.tag, top.end, 0)
    parts = Splitter(iter([data[top.length :]]), b"iati-activity", top, batch).parts()
    for part in parts:
        if isinstance(part, Batch):
            tree, text = parsed(sort.tag + part.data + sort.end, part.line), Text(part.data, part.line, part.before)
            for index, (item, activity) in enumerate(zip(part.items, tree, strict=True)):
                places = Places(activity, text, item.start, item.end, part.first + index)
                for element in activity.iter():
                    yield element, places


def check(data, batch=1 << 18):
    wanted = walked(data)
    found = list(ours(data, batch))
    assert len(found) == len(wanted)
    for (element, places), (steps, at) in zip(found, wanted, strict=True):
        line, character, path = places.of(Spot(element))
        assert (line, character) == place(data, at), steps
        assert len(path.split("/")) == len(steps) + 1
        for attribute in ("ref", f"{XML}lang"):
            if element.get(attribute) is not None:
                name = attribute.replace(XML, "xml:")
                tag = data[at:]
                values = re.finditer(rb"""([\w:]+\s*=\s*)(?:"[^"]*"|'[^']*')""", tag)
                value = next(each.end(1) for each in values if each[0].startswith(name.encode()))
                line, character, path = places.of(Spot(element, attribute))
                assert (line, character) == place(data, at + value)
                assert path.endswith(f"/@{name}")


activities = st.lists(st.tuples(st.sampled_from(NOISE), elements(name="iati-activity")), min_size=1, max_size=4)


@given(st.sampled_from(["", "<?xml version='1.0'?>\n", "<!-- é\r\n漢 -->"]), activities, st.integers(1, 300))
@settings(deadline=None, max_examples=300)
def test_every_place_is_the_one_that_another_parser_tells(before, drawn, batch):
    text = "".join(gap + each for gap, each in drawn)
    text = text.replace("é<", " <")  # between activities only blanks matter; the schema says the rest
    check((before + "<iati-activities version='2.03' xmlns:x='urn:x'>" + text + "</iati-activities>").encode(), batch)
