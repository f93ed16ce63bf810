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
from ssc_iati.record.values import At, Code, CodeBy, Dated, Fact, Term, Text, first_day, plain, precision, span

Values: TypeAlias = dict[str, Any]
Write: TypeAlias = Callable[[list[str], Values], None]
"""Append the element of a fact, of which these are the values by field, to the lines."""

STEP = "  "


@dataclass
class _Node:
    """An element that a fact's fields fill: its attributes, its text, its children in order.

    `further` holds what follows an element that a list of texts takes.
    """

    attributes: list[tuple[str, Described]] = field(default_factory=list)
    text: Described | None = None
    repeated: Described | None = None
    further: Described | None = None
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
    if step == ".":
        node.text = each
        return
    child = node.children.setdefault(step, _Node())
    if rest:
        _place(child, rest, each)
    elif child.repeated is not None:
        child.further = each
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
    """The text of one writer, as it grows. In it `d` is the fact's values, `a` the start of its tag, `b` a child's.

    A fact that keeps spellings of its source is for a writer of its own: nearly none does, and asking costs time.
    """

    def __init__(self, *, partner: bool, spelt: bool) -> None:
        self.partner = partner
        self.spelt = spelt
        self.lines: list[str] = []
        self.scope: Scope = dict(_SCOPE)

    def say(self, depth: int, *lines: str) -> None:
        self.lines += ["    " * depth + line for line in lines]

    def word(self, depth: int, each: Described, escape: str) -> None:
        """Word the value `v` of a field as `x`: as the source spelt it, if that means the same."""
        if each.kind is bool:
            lines, means = ['x = "1" if v else "0"'], "means_truth"
        elif issubclass(each.kind, Decimal):
            # The usual form is much quicker to have, and the same if it has no exponent.
            lines, means = ["x = str(v)", 'if "E" in x: x = plain(v)'], "means_number"
        elif is_date(each) and not self.partner:
            lines, means = ["x = v if len(v) == 10 else first_day(v)"], "means_day"
        else:
            self.say(depth, _ESCAPED[escape])
            return
        if self.spelt:
            spelling = f'spelt["{each.name}"]'
            self.say(depth, f'if "{each.name}" in spelt and {means}({spelling}, v): x = {escape}({spelling})', "else:")
            depth += 1
        self.say(depth, *lines)

    def attributes(self, depth: int, start: str, attributes: list[tuple[str, Described]]) -> None:
        """Add the attributes to the start of a tag, a variable."""
        for name, each in attributes:
            self.say(depth, f'v = d["{each.name}"]', "if v is not None:")
            if _is_code(each):
                words = self.coded(f' {name}="', '"')
                self.say(depth + 1, f"{start} += {words}[v]")
                continue
            self.word(depth + 1, each, "quoted")
            self.say(depth + 1, f"""{start} = f'{{{start}}} {name}="{{x}}"'""")
            if is_date(each) and not self.partner:
                self.say(depth + 1, f"if len(v) != 10: {start} += imprecise(v)")

    def coded(self, before: str, after: str) -> str:
        """The name of what tells how a code is written, with what stands before and after it."""
        name = f"coded_{len(self.scope)}"
        self.scope[name] = _Coded(before, after)
        return name

    def element(self, depth: int, name: str, node: _Node, n: str) -> None:
        """One child element, written if any of its fields is there; `n` is the line break before it."""
        fields = node.fields()
        if node.repeated is not None:
            self.repeated(depth, name, node.repeated, n)
            if node.further is not None:
                self.repeated(depth, name, node.further, n)
        elif len(fields) == 1 and node.attributes:
            self.one_attribute(depth, name, *node.attributes[0], n)
        else:
            self.say(depth, f"if {_present(node)}:", f"    b = {f'{n}<{name}'!r}")
            self.attributes(depth + 1, "b", node.attributes)
            if node.children:
                self.say(depth + 1, 'add(b + ">")')
                for inner, child in node.children.items():
                    self.element(depth + 1, inner, child, n + STEP)
                self.say(depth + 1, f"add({f'{n}</{name}>'!r})")
            elif node.text is not None:
                self.text(depth + 1, name, node.text, "b")
            else:
                self.say(depth + 1, 'add(b + "/>")')

    def one_attribute(self, depth: int, name: str, attribute: str, each: Described, n: str) -> None:
        """A child element that has nothing but an attribute."""
        self.say(depth, f'v = d["{each.name}"]', "if v is not None:")
        if _is_code(each):
            words = self.coded(f'{n}<{name} {attribute}="', '"/>')
            self.say(depth + 1, f"add({words}[v])")
            return
        self.word(depth + 1, each, "quoted")
        self.say(depth + 1, f"""b = f{f'{n}<{name} {attribute}="{{x}}"'!r}""")
        if is_date(each) and not self.partner:
            self.say(depth + 1, "if len(v) != 10: b += imprecise(v)")
        self.say(depth + 1, 'add(b + "/>")')

    def text(self, depth: int, tag: str, each: Described, start: str) -> None:
        """An element around the text of a field, after the start of its tag, a variable."""
        self.say(depth, f'v = d["{each.name}"]', 'if v is None: x = ""', "else:")
        self.word(depth + 1, each, "escaped")
        self.say(depth, f'add(f"{{{start}}}>{{x}}</{tag}>")')

    def repeated(self, depth: int, name: str, each: Described, n: str) -> None:
        self.say(depth, f'v = d["{each.name}"]', "if v:")
        if each.kind is Text:
            self.texts(depth + 1, name, n)
        elif issubclass(each.kind, Fact):
            writer = f"write_{each.kind.__name__}_{len(self.scope)}"
            when_called(writer, partial(compiled, each.kind, name, n, partner=self.partner), self.scope)
            loop = "for w in v: " if each.many else "w = v; "
            self.say(depth + 1, f"{loop}{writer}(out, w.__dict__)")
        else:
            self.say(depth + 1, f"for w in v: add(f{n + '<' + name + '>{escaped(w)}</' + name + '>'!r})")

    def texts(self, depth: int, name: str, n: str) -> None:
        if self.partner or name == "narrative":
            self.narratives(depth, name, n)
        else:
            self.say(depth, f"add({n + '<' + name + '>'!r})")
            self.narratives(depth, "narrative", n + STEP)
            self.say(depth, f"add({n + '</' + name + '>'!r})")

    def narratives(self, depth: int, tag: str, n: str) -> None:
        """One element for each text in `v`, with its language where it is known."""
        self.say(depth, "for w in v:")
        self.say(depth + 1, 'w = w.__dict__; v = w["text"]; language = w["lang"]', _ESCAPED["escaped"])
        for case, language in (("if language", ' xml:lang="{quoted(language)}"'), ("else", "")):
            self.say(depth + 1, f"{case}: add(f{n + '<' + tag + language + '>{x}</' + tag + '>'!r})")


def _is_code(each: Described) -> bool:
    """Whether the field holds a code of a list, of which few are in use."""
    listed = each.mark(Code) or each.mark(CodeBy) or each.mark(Term)
    return listed is not None and each.kind is str and not each.many


def _coded(node: _Node) -> bool:
    """Whether the element repeats for each code of a list (`category/@code`): its only attribute holds many."""
    return len(node.attributes) == 1 and node.attributes[0][1].many


def _present(node: _Node) -> str:
    """The condition under which anything of a node is written."""
    if node.repeated is not None:
        return " or ".join(f'd["{each.name}"]' for each in (node.repeated, node.further) if each is not None)
    if _coded(node):
        return f'd["{node.attributes[0][1].name}"]'
    own = [each for each in (node.text, *[each for _, each in node.attributes]) if each is not None]
    said = [f'd["{each.name}"] is not None' for each in own]
    return " or ".join(said + [_present(child) for child in node.children.values()])


@cache
def compiled(model: type[Fact], tag: str, n: str, *, partner: bool = False, spelt: bool = False) -> Write:
    """The writer of a model as an element of this name: of the core, or (partner) of the extension.

    `n`: the line break with the indent that goes before; `spelt`: for a fact that keeps spellings of its source.
    """
    source = _Source(partner=partner, spelt=spelt)
    root = _partner_tree(model) if partner else _core_tree(model)
    say = source.say
    say(0, "def write(out, d):")
    say(1, 'spelt = d["spellings"]')
    if not spelt:
        when_called("write_spelt", partial(compiled, model, tag, n, partner=partner, spelt=True), source.scope)
        say(1, "if spelt: return write_spelt(out, d)")
    say(1, f"add = out.append; a = {n + '<' + tag!r}")
    source.attributes(1, "a", root.attributes)
    if not getattr(model, "REFUSES_ATTRIBUTES", False):
        say(
            1,
            "if "
            + " or ".join(f'd["{name}"]' for name in _COMMON)
            + f": a += common(d, {'' if partner else 'ssc:'!r})",
        )
    if root.text is not None:
        source.text(1, tag, root.text, "a")
    elif not root.children:
        say(1, 'add(a + "/>")')
    else:
        present = " or ".join(_present(node) for node in root.children.values())
        say(1, f'if not ({present}): return add(a + "/>")', 'add(a + ">")')
        for name, node in root.children.items():
            if _coded(node):
                attribute, each = node.attributes[0]
                element = f'{n}{STEP}<{name} {attribute}="{{quoted(w)}}"/>'
                say(1, f'for w in d["{each.name}"]: add(f{element!r})')
            else:
                source.element(1, name, node, n + STEP)
        say(1, f"add({f'{n}</{tag}>'!r})")
    write: Write = flat("write", f"writer of {model.__name__}", source.lines, source.scope)
    return write


# --- What the writers call --------------------------------------------------------------------------------------------

_COMMON = ("key", "certainty", "visibility", "sources", "unknown")
_IN_TEXT = re.compile("[&<>\r]")
_IN_QUOTES = re.compile('[&<>"\t\n\r]')
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


# Nearly no value holds a sign that must be escaped, which the writers tell without a call: from a text by looking for
# the four signs, from a code, a key or a reference by knowing it, since such values come again and again.
_ESCAPED = {
    "escaped": r'x = escaped(v) if "&" in v or "<" in v or ">" in v or "\r" in v else v',
    "quoted": "x = v if v in known_plain else quoted_now(v)",
}
_MOST_KNOWN, _LONGEST_KNOWN = 8192, 40
_known_plain: set[str] = set()


def quoted_now(text: str) -> str:
    """The text as the value of an attribute; it is known from now on, if it is short and nothing in it is escaped."""
    if _IN_QUOTES.search(text):
        return _IN_QUOTES.sub(_entity, text)
    if len(text) <= _LONGEST_KNOWN:
        if len(_known_plain) >= _MOST_KNOWN:
            _known_plain.clear()
        _known_plain.add(text)
    return text


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


class _Coded(dict[str, str]):
    """Each code as it is written, with what stands before and after it, put together once."""

    def __init__(self, before: str, after: str) -> None:
        super().__init__()
        self._before, self._after = before, after

    def __missing__(self, code: str) -> str:
        written = f"{self._before}{quoted(code)}{self._after}"
        if len(code) <= _LONGEST_KNOWN:
            if len(self) >= _MOST_KNOWN:
                self.clear()
            self[code] = written
        return written


def imprecise(value: str) -> str:
    """Mark a date that is published as the first day of what the source knows."""
    marks = f' ssc:precision="{precision(value)}"'
    return f'{marks} ssc:range="{value}"' if "/" in value else marks


def common(values: Values, space: str) -> str:
    """What any fact may carry beside its content, as attributes of the extension."""
    key, certainty, visibility = values["key"], values["certainty"], values["visibility"]
    said = "" if key is None else f' {space}key="{key if key in _known_plain else quoted_now(key)}"'
    if certainty is not None:
        said += f' {space}certainty="{quoted(certainty)}"'
    if visibility is not None:
        said += f' {space}visibility="{quoted(visibility)}"'
    for name in ("sources", "unknown"):
        if values[name]:
            said += f' {space}{name}="{" ".join(quote(value, safe="/:@._-") for value in values[name])}"'
    return said


_SCOPE: Scope = {"known_plain": _known_plain} | {
    each.__name__: each
    for each in (escaped, quoted, quoted_now, imprecise, common, first_day, plain, means_truth, means_number, means_day)
}
