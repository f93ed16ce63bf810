"""Reads XML Schema files into plain trees of components, in which only what the schema means is left.

References, named types, includes and extensions are resolved; the names of types are gone. What is not understood is an
error, so that nothing can differ unseen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

XSD = "http://www.w3.org/2001/XMLSchema"
XML = "http://www.w3.org/XML/1998/namespace"
UNBOUNDED = "unbounded"
ANY_TYPE = "anyType"
FACETS = ("enumeration", "pattern", "length", "minLength", "maxLength", "minInclusive", "maxInclusive", "whiteSpace")

Tree = tuple  # a component: its kind, then what it is made of


class Components(NamedTuple):
    """What a schema declares globally, by expanded name."""

    elements: dict[str, Tree]
    attributes: dict[str, Tree]


def read_components(path: Path) -> Components:
    """Read the schema file, with all that it includes and imports."""
    return _Reader(path).components()


def differences(ours: object, theirs: object, where: str = "") -> list[str]:
    """The places in which two component trees differ, by the names on the way to them."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        missing = [f"{where}/{key}: on one side only" for key in sorted(set(ours) ^ set(theirs))]
        return missing + [d for key in sorted(set(ours) & set(theirs)) for d in _differ(ours, theirs, key, where)]
    if _are_tuples(ours, theirs) and len(ours) == len(theirs):
        return [d for index in range(len(ours)) for d in _differ(ours, theirs, index, where)]
    return [] if ours == theirs else [f"{where}: {_short(ours)} is not {_short(theirs)}"]


def _are_tuples(ours: object, theirs: object) -> bool:
    return isinstance(ours, tuple) and isinstance(theirs, tuple)


def _differ(ours: object, theirs: object, key: object, where: str) -> list[str]:
    name = key if isinstance(key, str) else _name(ours[key])
    return differences(ours[key], theirs[key], f"{where}/{name}" if name else where)


def _name(tree: object) -> str:
    named = isinstance(tree, tuple) and len(tree) > 1 and tree[0] in {"element", "attribute"}
    return str(tree[1]) if named else ""


def _short(tree: object) -> str:
    return str(tree)[:120]


class _Reader:
    def __init__(self, path: Path) -> None:
        self._globals: dict[tuple[str, str], etree._Element] = {}
        self._seen: set[Path] = set()
        self._resolved: dict[tuple[str, str], Tree] = {}
        self._load(path.resolve(), None)

    def components(self) -> Components:
        found = {"element": {}, "attribute": {}}
        for kind, name in self._globals:
            if kind in found:
                found[kind][name] = self._global(kind, name)
        return Components(found["element"], found["attribute"])

    def _load(self, path: Path, namespace: str | None) -> None:
        if path in self._seen:
            return
        self._seen.add(path)
        schema = etree.parse(path).getroot()
        assert schema.get("targetNamespace") == namespace
        _only(schema, "targetNamespace", "version", f"{{{XML}}}lang")
        for node in _children(schema):
            self._declare(node, path, namespace)

    def _declare(self, node: etree._Element, path: Path, namespace: str | None) -> None:
        kind = _tag(node)
        if kind in {"include", "import"}:
            _only(node, "namespace", "schemaLocation")
            self._load(path.parent / node.get("schemaLocation"), node.get("namespace"))
            return
        assert kind in {"element", "attribute", "complexType", "simpleType", "attributeGroup"}, kind
        key = (kind, _expanded(namespace, node.get("name")))
        assert key not in self._globals, key
        self._globals[key] = node

    def _global(self, kind: str, name: str) -> Tree:
        """The component of a global declaration, read once."""
        if (kind, name) not in self._resolved:
            node = self._globals[kind, name]
            reader = {"element": self._element, "attribute": self._attribute}.get(kind)
            self._resolved[kind, name] = reader(node, "global") if reader else self._definition(node)
        return self._resolved[kind, name]

    def _element(self, node: etree._Element, scope: str) -> Tree:
        if node.get("ref"):
            _only(node, "ref", "minOccurs", "maxOccurs")
            assert not list(_children(node))
            return self._global("element", _qualified(node, node.get("ref")))
        occurs = () if scope == "global" else ("minOccurs", "maxOccurs")
        _only(node, "name", "type", "nillable", "abstract", "default", "fixed", "substitutionGroup", *occurs)
        more = tuple((key, node.get(key)) for key in ("default", "fixed", "substitutionGroup"))
        flags = tuple((key, node.get(key, "false")) for key in ("nillable", "abstract"))
        return ("element", _name_of(node, scope), scope, flags, more, self._type_of(node))

    def _attribute(self, node: etree._Element, scope: str) -> Tree:
        """A global or local declaration, or the one that a reference means."""
        if node.get("ref"):
            _only(node, "ref", "use")
            return self._global("attribute", _qualified(node, node.get("ref")))
        _only(node, "name", "type", "default", "fixed", *(() if scope == "global" else ("use",)))
        more = tuple((key, node.get(key)) for key in ("default", "fixed"))
        return ("attribute", _name_of(node, scope), scope, more, self._type_of(node))

    def _type_of(self, node: etree._Element) -> Tree:
        inner = list(_children(node))
        if node.get("type"):
            assert not inner
            return self._named_type(node, node.get("type"))
        if not inner:
            return ("builtin", ANY_TYPE)
        (definition,) = inner
        return self._definition(definition)

    def _named_type(self, node: etree._Element, reference: str) -> Tree:
        name = _qualified(node, reference)
        if name.startswith(f"{{{XSD}}}"):
            return ("builtin", name.removeprefix(f"{{{XSD}}}"))
        kinds = [kind for kind in ("complexType", "simpleType") if (kind, name) in self._globals]
        return self._global(kinds[0], name)

    def _definition(self, node: etree._Element) -> Tree:
        return self._simple_type(node) if _tag(node) == "simpleType" else self._complex_type(node)

    def _simple_type(self, node: etree._Element) -> Tree:
        _only(node, "name")
        (variety,) = _children(node)
        if _tag(variety) == "union":
            _only(variety, "memberTypes")
            named = [self._named_type(variety, name) for name in (variety.get("memberTypes") or "").split()]
            return ("union", *named, *(self._simple_type(member) for member in _children(variety)))
        assert _tag(variety) == "restriction", variety.tag
        _only(variety, "base")
        facets = [(_tag(facet), facet.get("value")) for facet in _children(variety)]
        assert all(kind in FACETS for kind, _ in facets), facets
        return ("restriction", self._named_type(variety, variety.get("base")), tuple(sorted(facets)))

    def _complex_type(self, node: etree._Element) -> Tree:
        assert _tag(node) == "complexType", node.tag
        _only(node, "name", "mixed", "abstract")
        flags = tuple((key, node.get(key, "false")) for key in ("mixed", "abstract"))
        return ("complexType", flags, *self._derived(node))

    def _derived(self, node: etree._Element) -> Tree:
        """Content, attributes, attribute wildcard: what stands in the node, on top of the type that it extends."""
        inner = list(_children(node))
        if not inner or _tag(inner[0]) not in {"simpleContent", "complexContent"}:
            return self._own(node)
        (content,) = inner
        _only(content)
        (extension,) = _children(content)
        assert _tag(extension) == "extension", extension.tag
        return self._extended(extension, self._named_type(extension, extension.get("base")))

    def _extended(self, node: etree._Element, base: Tree) -> Tree:
        _only(node, "base")
        content, attributes, wildcard = self._own(node)
        if base[0] != "complexType":
            assert content == ("empty",)
            return base, attributes, wildcard
        assert wildcard is None or wildcard == base[4]
        return _joined(base[2], content), {**base[3], **attributes}, base[4]

    def _own(self, node: etree._Element) -> Tree:
        content: Tree = ("empty",)
        attributes: dict[str, Tree] = {}
        wildcard = None
        for child in _children(node):
            if _tag(child) == "attribute":
                declared = self._attribute(child, "local")
                assert declared[1] not in attributes
                attributes[declared[1]] = (child.get("use", "optional"), declared)
            elif _tag(child) == "anyAttribute":
                wildcard = _wildcard(child)
            else:
                assert content == ("empty",)
                content = self._model(child)
        return content, attributes, wildcard

    def _model(self, node: etree._Element) -> Tree:
        """A model group; sequences that stand once in a sequence are part of it."""
        assert _tag(node) == "sequence", node.tag
        _only(node, "minOccurs", "maxOccurs")
        assert (node.get("minOccurs", "1"), node.get("maxOccurs", "1")) == ("1", "1")
        particles = [self._particle(child) for child in _children(node)]
        flat = [item for particle in particles for item in (particle[1:] if particle[0] == "sequence" else [particle])]
        return ("sequence", *flat)

    def _particle(self, node: etree._Element) -> Tree:
        if _tag(node) == "sequence":
            return self._model(node)
        occurs = (node.get("minOccurs", "1"), node.get("maxOccurs", "1"))
        if _tag(node) == "any":
            return (*occurs, _wildcard(node, "minOccurs", "maxOccurs"))
        assert _tag(node) == "element", node.tag
        return (*occurs, self._element(node, "local"))


def _joined(base: Tree, added: Tree) -> Tree:
    if added == ("empty",):
        return base
    return added if base == ("empty",) else ("sequence", *base[1:], *added[1:])


def _wildcard(node: etree._Element, *occurs: str) -> Tree:
    _only(node, "namespace", "processContents", *occurs)
    return (_tag(node), node.get("namespace", "##any"), node.get("processContents", "strict"))


def _children(node: etree._Element) -> Iterator[etree._Element]:
    """The children that say something: neither comments nor documentation."""
    return (child for child in node if isinstance(child.tag, str) and _tag(child) != "annotation")


def _tag(node: etree._Element) -> str:
    name = etree.QName(node)
    assert name.namespace == XSD, node.tag
    return name.localname


def _only(node: etree._Element, *known: str) -> None:
    assert set(node.attrib) <= set(known), (node.tag, dict(node.attrib))


def _expanded(namespace: str | None, name: str) -> str:
    return f"{{{namespace}}}{name}" if namespace else name


def _name_of(node: etree._Element, scope: str) -> str:
    namespace = node.getroottree().getroot().get("targetNamespace") if scope == "global" else None
    return _expanded(namespace, node.get("name"))


def _qualified(node: etree._Element, reference: str) -> str:
    prefix, _, name = reference.rpartition(":")
    return _expanded(XML if prefix == "xml" else node.nsmap.get(prefix or None), name)
