"""What an element's attributes and the declarations of its style hide."""

import re
from collections.abc import Mapping

from knowligo_index.parsers.html.tree import Attributes

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t\n\r\f]?|([^\n\r\f]))")
_LENGTH = re.compile(r"([+-]?(?:\d{1,9}(?:\.\d{0,99})?|\.\d{1,99}))(px|pt|r?em|ex|ch|%|v[wh]|[cm]m|in|pc)?")

# An element moved this far lies outside the page.
_FAR_PIXELS = -900
_FAR_OTHERS = -90

# Names without bound would take time with the square of a value's length.
_FUNCTION = re.compile(r"\b([a-z0-9]{1,9})\(([^()]*)\)")

SIZES = frozenset(("height", "width", "max-height", "max-width"))
PADDINGS = frozenset(("padding", "padding-top", "padding-bottom", "padding-left", "padding-right"))
PROPERTIES = frozenset(
    (
        *("display", "content-visibility", "opacity", "position", "left", "right", "top", "bottom", "margin-left"),
        *("margin-top", "visibility", "font-size", "text-indent", "color", "overflow", "overflow-x", "overflow-y"),
        *("transform", "scale", "clip", "clip-path", *SIZES, *PADDINGS),
    )
)
"""Names of all that can hide an element or its texts, or that decides whether something else does."""

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
    if _is_scaled_away(style) or _is_box_without_room(style):
        return True
    if "clip-path" in style and _is_cut_away(style["clip-path"]):
        return True
    if style.get("position") in ("absolute", "fixed"):
        # Nothing else is clipped, or moved by these.
        far = any(_is_far(style.get(side, "")) for side in ("left", "right", "top", "bottom"))
        return far or _is_clipped(style.get("clip", ""))
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


def _is_scaled_away(style: Mapping[str, str]) -> bool:
    if "scale" not in style and "transform" not in style:
        return False
    scales = [style["scale"].split()] if "scale" in style else []
    if "transform" in style:
        functions = _FUNCTION.findall(style["transform"])
        scales += [inside.split(",") for name, inside in functions if name in ("scale", "scalex", "scaley", "scale3d")]
    # The third is the depth, which a page does not show.
    return any(_number(factor) == 0 for factors in scales for factor in factors[:2])


def _is_box_without_room(style: Mapping[str, str]) -> bool:
    if not any(side in style and _is_tiny(style[side]) for side in SIZES):
        return False
    cut = {word for name in ("overflow", "overflow-x", "overflow-y") for word in style.get(name, "").split()}
    if not cut & {"hidden", "clip"}:
        return False
    # A padding is room in which what is in the box is shown: so are boxes made that keep their proportions.
    return all(_is_tiny(length) for name in PADDINGS & style.keys() for length in style[name].split())


def _is_cut_away(value: str) -> bool:
    for name, inside in _FUNCTION.findall(value):
        if name == "circle" and _number((inside.split() or [""])[0]) == 0:
            return True
        if name == "inset":
            top, right, bottom, left = _sides([_percentage(each) for each in inside.split("round")[0].split()])
            if top + bottom >= 100 or left + right >= 100:
                return True
    return False


def _is_clipped(value: str) -> bool:
    for name, inside in _FUNCTION.findall(value):
        numbers = [_number(each) for each in inside.replace(",", " ").split()]
        if name == "rect" and len(numbers) == 4:
            top, right, bottom, left = numbers
            # A part that is `auto` is no number.
            return (top is not None and bottom is not None and bottom <= top) or (
                left is not None and right is not None and right <= left
            )
    return False


def _sides(values: list[float]) -> tuple[float, float, float, float]:
    """Top, right, bottom and left, of which those that are the same may be left out."""
    top = values[0] if values else 0
    right = values[1] if len(values) > 1 else top
    return top, right, values[2] if len(values) > 2 else top, values[3] if len(values) > 3 else right


def _percentage(value: str) -> float:
    return (_number(value) or 0) if value.endswith("%") else 0


def _number(value: str) -> float | None:
    length = _LENGTH.fullmatch(value.strip())
    return float(length[1]) if length else None


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
