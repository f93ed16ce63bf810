"""Writers of XML, compiled once from the record's declaration: each model becomes one flat function, without look-ups.

Core models stand where their `At` marks say. Models of the partnership have no marks: there a scalar is an attribute, a
text or a list a child element, named after the field, in the namespace of the extension. What is written is parsed
again before it counts, by the schema's judge; here it is only text, which is several times as fast as building a tree.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, partial
from typing import Any, TypeAlias
from urllib.parse import quote

from ssc_iati.record.fields import Described, describe
from ssc_iati.record.flat import Scope, flat, when_called
from ssc_iati.record.values import At, Dated, Fact, Text, first_day, plain, precision, span

Values: TypeAlias = dict[str, Any]
Write: TypeAlias = Callable[[list[str], Values, str], None]
"""Append the element to the lines: the fact's values by field, and the line break with the indent that goes before."""

STEP = "  "


@dataclass
class _Node:
    """An element that a fact's fields fill: its attributes, its text, its children in order."""

    attributes: list[tuple[str, Described]] = field(default_factory=list)
    text: Described | None = None
    repeated: Described | None = None
    children: dict[str, _Node] = field(default_factory=dict)

    def fields(self) -> list[Described]:
        """Every field below."""
        own = [each for _, each in self.attributes] + [each for each in (self.text, self.repeated) if each]
        return own + [each for child in self.children.values() for each in child.fields()]


def kebab(name: str) -> str:
    """The name of a field as XML writes it."""
    return name.replace("_", "-")


# IATI's own schema declares this attribute for all elements, foreign ones too, and takes no date but a whole one.
_TAKEN = {"value-date": "rate-date"}


def attribute_name(name: str) -> str:
    """The attribute of the extension that holds a field."""
    return _TAKEN.get(kebab(name), kebab(name))


def element_name(model: type[Fact]) -> str:
    """The name of a partnership model's element: `BudgetTotal` is `budget-total`."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in model.__name__).lstrip("-")


def is_date(each: Described) -> bool:
    """Whether the field is a date of any precision."""
    return each.mark(Dated) is not None


# --- Where each field stands ------------------------------------------------------------------------------------------


def _core_tree(model: type[Fact]) -> _Node:
    root = _Node()
    for each in describe(model):
        mark = each.mark(At)
        if mark is not None:
            _place(root, mark.path.split("/"), each)
    return root


def _place(node: _Node, steps: list[str], each: Described) -> None:
    step, rest = steps[0], steps[1:]
    if step.startswith("@"):
        node.attributes.append((step[1:], each))
        return
    child = node.children.setdefault(step, _Node())
    if rest:
        _place(child, rest, each)
    elif each.many or issubclass(each.kind, Fact):
        child.repeated = each
    else:
        child.text = each


def _partner_tree(model: type[Fact]) -> _Node:
    root = _Node()
    for each in describe(model):
        if each.name in Fact.model_fields:
            continue
        if issubclass(each.kind, Fact):
            root.children[f"ssc:{element_name(each.kind)}"] = _Node(repeated=each)
        elif each.many:
            root.children[f"ssc:{kebab(each.name)}"] = _Node(repeated=each)
        else:
            root.attributes.append((attribute_name(each.name), each))
    return root


# --- The text of a writer ---------------------------------------------------------------------------------------------


class _Source:
    """The text of one writer, as it grows. In it `d` is the fact's values, `n` the line break before its element."""

    def __init__(self, *, partner: bool) -> None:
        self.partner = partner
        self.lines: list[str] = []
        self.scope: Scope = dict(_SCOPE)

    def say(self, depth: int, line: str) -> None:
        self.lines.append("    " * depth + line)

    def value(self, each: Described, escape: str) -> str:
        """The expression that words the value `v` of a field: as the source spelt it, if that means the same."""
        if each.kind is bool:
            worded, means = '("1" if v else "0")', "means_truth"
        elif issubclass(each.kind, Decimal):
            worded, means = "plain(v)", "means_number"
        elif is_date(each) and not self.partner:
            worded, means = "(v if len(v) == 10 else first_day(v))", "means_day"
        else:
            return f"(v if {_ODD[escape]}(v) is None else {escape}(v))"
        spelling = f'spelt["{each.name}"]'
        kept = f'spelt and "{each.name}" in spelt and {means}({spelling}, v)'
        return f"({escape}({spelling}) if {kept} else {worded})"

    def attributes(self, depth: int, node: _Node) -> None:
        """Gather the attributes in `a`."""
        for name, each in node.attributes:
            self.say(depth, f'v = d["{each.name}"]')
            self.say(depth, "if v is not None:")
            self.say(depth + 1, f"x = {self.value(each, 'quoted')}")
            self.say(depth + 1, f"""a += f' {name}="{{x}}"'""")
            if is_date(each) and not self.partner:
                self.say(depth + 1, "if len(v) != 10:")
                self.say(depth + 2, "a += imprecise(v)")

    def element(self, depth: int, name: str, node: _Node, inset: str) -> None:
        """One child element, written if any of its fields is there."""
        if node.repeated is not None:
            self.repeated(depth, name, node.repeated, inset)
            return
        present = " or ".join(f'd["{each.name}"] is not None' for each in node.fields())
        self.say(depth, f"if {present}:")
        depth += 1
        self.say(depth, 'a = ""')
        self.attributes(depth, node)
        if node.children:
            self.say(depth, f'add(f"{{n}}{inset}<{name}{{a}}>")')
            for inner, child in node.children.items():
                self.element(depth, inner, child, inset + STEP)
            self.say(depth, f'add(f"{{n}}{inset}</{name}>")')
        elif node.text is not None:
            self.say(depth, f'v = d["{node.text.name}"]')
            self.say(depth, f't = "" if v is None else {self.value(node.text, "escaped")}')
            self.say(depth, f'add(f"{{n}}{inset}<{name}{{a}}>{{t}}</{name}>")')
        else:
            self.say(depth, f'add(f"{{n}}{inset}<{name}{{a}}/>")')

    def repeated(self, depth: int, name: str, each: Described, inset: str) -> None:
        self.say(depth, f'v = d["{each.name}"]')
        self.say(depth, "if v:")
        if each.kind is Text:
            self.texts(depth + 1, name, inset)
        elif issubclass(each.kind, Fact):
            writer = f"write_{each.kind.__name__}_{len(self.scope)}"
            when_called(writer, partial(compiled, each.kind, name, partner=self.partner), self.scope)
            loop = "for w in v: " if each.many else "w = v; "
            self.say(depth + 1, f'{loop}{writer}(out, w.__dict__, n + "{inset}")')
        else:
            self.say(depth + 1, f'for w in v: add(f"{{n}}{inset}<{name}>{{escaped(w)}}</{name}>")')

    def texts(self, depth: int, name: str, inset: str) -> None:
        if self.partner or name == "narrative":
            self.say(depth, f'narrate(add, v, n + "{inset}", "{name}")')
            return
        self.say(depth, f'add(f"{{n}}{inset}<{name}>")')
        self.say(depth, f'narrate(add, v, n + "{inset}{STEP}", "narrative")')
        self.say(depth, f'add(f"{{n}}{inset}</{name}>")')


def _coded(node: _Node) -> bool:
    """Whether the element repeats for each code of a list (`category/@code`): its only attribute holds many."""
    return len(node.attributes) == 1 and node.attributes[0][1].many


@cache
def compiled(model: type[Fact], tag: str, *, partner: bool = False) -> Write:
    """The writer of a model as an element of this name: of the core, or (partner) of the extension."""
    source = _Source(partner=partner)
    root = _partner_tree(model) if partner else _core_tree(model)
    say = source.say
    say(0, "def write(out, d, n):")
    say(1, 'add = out.append; spelt = d["spellings"]; a = ""')
    source.attributes(1, root)
    if not getattr(model, "REFUSES_ATTRIBUTES", False):
        say(1, "if " + " or ".join(f'd["{name}"]' for name in _COMMON) + ":")
        say(2, f"a += common(d, {'' if partner else 'ssc:'!r})")
    if not root.children:
        say(1, f'add(f"{{n}}<{tag}{{a}}/>")')
    else:
        say(1, f'add(f"{{n}}<{tag}{{a}}>"); start = len(out)')
        for name, node in root.children.items():
            if _coded(node):
                attribute, each = node.attributes[0]
                line = f"add(f'{{n}}{STEP}<{name} {attribute}=\"{{quoted(w)}}\"/>')"
                say(1, f'for w in d["{each.name}"]: {line}')
            else:
                source.element(1, name, node, STEP)
        say(1, f'if len(out) == start: out[-1] = f"{{n}}<{tag}{{a}}/>"')
        say(1, f'else: add(f"{{n}}</{tag}>")')
    write: Write = flat("write", f"writer of {model.__name__}", source.lines, source.scope)
    return write


# --- What the writers call --------------------------------------------------------------------------------------------

_COMMON = ("key", "certainty", "visibility", "sources", "unknown")
_IN_TEXT = re.compile("[&<>\r]")
_IN_QUOTES = re.compile('[&<>"\t\n\r]')
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


odd_in_text, odd_in_quotes = _IN_TEXT.search, _IN_QUOTES.search
# Asked before the call, since nearly no value holds a sign that must be escaped.
_ODD = {"escaped": "odd_in_text", "quoted": "odd_in_quotes"}


def escaped(text: str) -> str:
    """The text as the content of an element."""
    return _IN_TEXT.sub(_entity, text) if _IN_TEXT.search(text) else text


def quoted(text: str) -> str:
    """The text as the value of an attribute."""
    return _IN_QUOTES.sub(_entity, text) if _IN_QUOTES.search(text) else text


def _entity(match: re.Match[str]) -> str:
    return _ENTITIES[match[0]]


_TRUTHS = {"1": True, "true": True, "0": False, "false": False}
_DECIMAL = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)\s*", re.ASCII)
_DAY = re.compile(r"\s*(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})?\s*", re.ASCII)


def means_truth(spelling: str, value: bool) -> bool:  # noqa: FBT001 - a value of the record
    """Whether XML Schema reads the spelling as this truth."""
    return _TRUTHS.get(spelling.strip()) is value


def means_number(spelling: str, value: Decimal) -> bool:
    """Whether XML Schema reads the spelling as this number."""
    return _DECIMAL.fullmatch(spelling) is not None and Decimal(spelling) == value


def means_day(spelling: str, value: str) -> bool:
    """Whether the spelling is a day that the date may mean."""
    found = _DAY.fullmatch(spelling)
    first, last = span(value)
    return found is not None and first.isoformat() <= found[1] <= last.isoformat()


def narrate(add: Callable[[str], None], texts: tuple[Text, ...], n: str, tag: str) -> None:
    """One element for each text, with its language where it is known."""
    for text in texts:
        words = text.text
        language = f' xml:lang="{quoted(text.lang)}"' if text.lang else ""
        add(f"{n}<{tag}{language}>{words if odd_in_text(words) is None else escaped(words)}</{tag}>")


def imprecise(value: str) -> str:
    """Mark a date that is published as the first day of what the source knows."""
    marks = f' ssc:precision="{precision(value)}"'
    return f'{marks} ssc:range="{value}"' if "/" in value else marks


def common(values: Values, space: str) -> str:
    """What any fact may carry beside its content, as attributes of the extension."""
    said = ""
    for name in ("key", "certainty", "visibility"):
        if values[name] is not None:
            said += f' {space}{name}="{quoted(values[name])}"'
    for name in ("sources", "unknown"):
        if values[name]:
            said += f' {space}{name}="{" ".join(quote(value, safe="/:@._-") for value in values[name])}"'
    return said


_SCOPE: Scope = {"odd_in_text": odd_in_text, "odd_in_quotes": odd_in_quotes} | {
    each.__name__: each
    for each in (
        *(escaped, quoted, narrate, imprecise, common, first_day, plain),
        *(means_truth, means_number, means_day),
    )
}
