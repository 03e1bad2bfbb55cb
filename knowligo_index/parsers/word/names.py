"""The names of elements and attributes in the XML of a Word file, and the values of attributes."""

from functools import cache

from lxml.etree import _Element

_OOXML = "http://schemas.openxmlformats.org/"
_W = f"{{{_OOXML}wordprocessingml/2006/main}}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"

# ISO/IEC 29500 Strict has other namespaces: .../ooxml/A/B instead of .../A/2006/B.
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
    """The name in Office Math."""
    return f"{{{_OOXML}officeDocument/2006/math}}{name}"


@cache
def a(name: str) -> str:
    """The name in DrawingML."""
    return f"{{{_OOXML}drawingml/2006/main}}{name}"


@cache
def wp(name: str) -> str:
    """The name in the placement of drawings."""
    return f"{{{_OOXML}drawingml/2006/wordprocessingDrawing}}{name}"


@cache
def mc(name: str) -> str:
    """The name in markup compatibility."""
    return f"{{{_OOXML}markup-compatibility/2006}}{name}"


@cache
def vml(name: str) -> str:
    """The name in VML, the format of drawings before DrawingML."""
    return f"{{urn:schemas-microsoft-com:vml}}{name}"


@cache
def ole(name: str) -> str:
    """The name in the markup of embedded objects."""
    return f"{{urn:schemas-microsoft-com:office:office}}{name}"


def transitional(name: str) -> str:
    """The name of an element or attribute in the namespaces of files that are not Strict."""
    if not name.startswith(_STRICT):
        return name
    space, _, local = name[len(_STRICT) :].partition("}")
    group, _, kind = space.partition("/")
    return f"{{{_OOXML}{group}/2006/{kind}}}{local}"


def child(parent: _Element | None, name: str) -> _Element | None:
    """The first child `w:name` of `parent`; None if either is missing."""
    # Much faster than `find`; it is called ten times for each paragraph.
    return next(parent.iterchildren(w(name)), None) if parent is not None and len(parent) else None


def value(parent: _Element | None, name: str, attribute: str = "val") -> str | None:
    """An attribute of the child `w:name` of `parent`; None if it or the child is missing."""
    element = child(parent, name)
    return element.get(w(attribute)) if element is not None else None


def switch(parent: _Element | None, name: str) -> bool | None:
    """Whether the property `w:name` of `parent` is on; None if `parent` does not have it."""
    element = child(parent, name)
    return None if element is None else is_on(element.get(w("val")))


def is_on(text: str | None) -> bool:
    """Whether a switch with this value is on; without a value it is."""
    return text is None or text.strip().lower() not in _OFF
