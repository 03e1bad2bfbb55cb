"""The names of elements and attributes in a Word file's XML, and how their values are written."""

from functools import cache

from lxml.etree import _Element

_OOXML = "http://schemas.openxmlformats.org/"
_W = f"{{{_OOXML}wordprocessingml/2006/main}}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"

# ISO/IEC 29500 Strict spells the namespaces otherwise: .../ooxml/A/B for .../A/2006/B.
_STRICT = "{http://purl.oclc.org/ooxml/"

_OFF = frozenset(("0", "false", "off", "none"))


@cache
def w(name: str) -> str:
    """The name in WordprocessingML."""
    return _W + name


@cache
def w14(name: str) -> str:
    """The name in the extension of Word 2010."""
    return _W14 + name


@cache
def m(name: str) -> str:
    """The name in the mark-up of equations."""
    return f"{{{_OOXML}officeDocument/2006/math}}{name}"


@cache
def a(name: str) -> str:
    """The name in DrawingML."""
    return f"{{{_OOXML}drawingml/2006/main}}{name}"


@cache
def wp(name: str) -> str:
    """The name in the placing of drawings."""
    return f"{{{_OOXML}drawingml/2006/wordprocessingDrawing}}{name}"


@cache
def mc(name: str) -> str:
    """The name in markup compatibility."""
    return f"{{{_OOXML}markup-compatibility/2006}}{name}"


@cache
def vml(name: str) -> str:
    """The name in the drawings of old."""
    return f"{{urn:schemas-microsoft-com:vml}}{name}"


@cache
def ole(name: str) -> str:
    """The name in the mark-up of embedded objects."""
    return f"{{urn:schemas-microsoft-com:office:office}}{name}"


def transitional(name: str) -> str:
    """The name of an element or attribute as all but Strict files write it."""
    if not name.startswith(_STRICT):
        return name
    space, _, local = name[len(_STRICT) :].partition("}")
    group, _, kind = space.partition("/")
    return f"{{{_OOXML}{group}/2006/{kind}}}{local}"


def child(parent: _Element | None, name: str) -> _Element | None:
    """The first child `w:name` of `parent`; None where either is missing."""
    # Much faster than `find`, and asked ten times a paragraph.
    return next(parent.iterchildren(w(name)), None) if parent is not None and len(parent) else None


def value(parent: _Element | None, name: str, attribute: str = "val") -> str | None:
    """An attribute of the child `w:name` of `parent`; None where either is missing."""
    found = child(parent, name)
    return found.get(w(attribute)) if found is not None else None


def number(text: str | None) -> int | None:
    """A whole number of at most nine digits; None where it is none."""
    digits = (text or "").strip()
    bare = digits.removeprefix("-")
    return int(digits) if bare.isascii() and bare.isdecimal() and len(bare) < 10 else None


def switch(parent: _Element | None, name: str) -> bool | None:
    """Whether the property `w:name` of `parent` is on; None where it says nothing."""
    found = child(parent, name)
    return None if found is None else is_on(found.get(w("val")))


def is_on(text: str | None) -> bool:
    """What the value of a switch means: without any it is on."""
    return text is None or text.strip().lower() not in _OFF
