"""What an element's own attributes hide. Style sheets are not read: what they hide counts as shown."""

import re
from collections.abc import Mapping

from knowligo_index.parsers.html.tree import Attributes

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t\n\r\f]?|([^\n\r\f]))")
_LENGTH = re.compile(r"([+-]?(?:\d{1,9}(?:\.\d{0,99})?|\.\d{1,99}))(px|pt|r?em|ex|ch|%|v[wh]|[cm]m|in|pc)?")

# An element moved this far lies outside the page.
_FAR_PIXELS = -900
_FAR_OTHERS = -90

# What is smaller or fainter cannot be read.
_LEAST_PIXELS = 2
_LEAST_OPACITY = 0.05


def declarations(style: str) -> dict[str, str]:
    """The properties that a style sets; of several of one name the important one, or the last."""
    plain = _ESCAPE.sub(_unescaped, _COMMENT.sub("", style)).lower()
    found: dict[str, str] = {}
    important: set[str] = set()
    for declaration in plain.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip(), value.strip()
        urgent = value.endswith("important") and "!" in value
        if urgent:
            value = value[: value.rindex("!")].strip()
        if value and (urgent or name not in important):
            found[name] = value
            important |= {name} if urgent else set()
    return found


def hides(attributes: Attributes, style: Mapping[str, str]) -> bool:
    """Whether the element is hidden with all that is in it."""
    if "hidden" in attributes or style.get("display") == "none" or style.get("content-visibility") == "hidden":
        return True
    opacity = _LENGTH.fullmatch(style.get("opacity", ""))
    if opacity and float(opacity[1]) / (100 if opacity[2] == "%" else 1) < _LEAST_OPACITY:
        return True
    if style.get("position") in ("absolute", "fixed"):
        return any(_is_far(style.get(side, "")) for side in ("left", "right", "top", "bottom"))
    return any(_is_far(style.get(side, "")) for side in ("margin-left", "margin-top"))


def concealed(style: Mapping[str, str], around: frozenset[str]) -> frozenset[str]:
    """Names of the properties that hide the element's texts: those that hide the texts around it, but for what the
    element sets itself. An element can undo them for what is in it, unlike what `hides` tells of."""
    if not style:
        return around
    found = set(around)
    for name, test in _INHERITED.items():
        if name in style:
            found.discard(name)
            if test(style[name]):
                found.add(name)
    return frozenset(found)


def _is_far(value: str) -> bool:
    length = _LENGTH.match(value)
    return length is not None and float(length[1]) < (_FAR_PIXELS if length[2] in (None, "px") else _FAR_OTHERS)


def _is_tiny(value: str) -> bool:
    length = _LENGTH.fullmatch(value)
    if length is None:
        return False
    return float(length[1]) == 0 or (length[2] in (None, "px", "pt") and float(length[1]) < _LEAST_PIXELS)


def _is_invisible(value: str) -> bool:
    return value in ("hidden", "collapse")


def _is_transparent(value: str) -> bool:
    return value == "transparent"


_INHERITED = {"visibility": _is_invisible, "font-size": _is_tiny, "text-indent": _is_far, "color": _is_transparent}


def _unescaped(match: re.Match[str]) -> str:
    if match[1] is None:
        return str(match[2])
    code = int(match[1], 16)
    return chr(code) if 0 < code < 0xD800 or 0xDFFF < code < 0x110000 else "\ufffd"
