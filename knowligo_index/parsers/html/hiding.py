"""Whether the attributes of an element, or the declarations of its style, hide it."""

import re
from collections.abc import Mapping

from knowligo_index.parsers.html.tree import Attributes

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t\n\r\f]?|([^\n\r\f]))")
_LENGTH = re.compile(r"([+-]?(?:\d{1,9}(?:\.\d{0,99})?|\.\d{1,99}))(px|pt|r?em|ex|ch|%|v[wh]|[cm]m|in|pc)?")

# An element that is moved this far lies outside the page.
_FAR_PIXELS = -900
_FAR_OTHER_UNITS = -90

# The length of a name is limited, because the search would else take time with the square of the value's length.
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
"""The properties that can hide an element or its text, or that decide whether another property does."""

# Smaller or fainter text cannot be read.
_MIN_PIXELS = 2
_MIN_OPACITY = 0.05


def declarations(style: str) -> dict[str, str]:
    """The properties that a style sets. Of several declarations of a property the important one counts, or the last."""
    plain_style = _ESCAPE.sub(_unescaped, _COMMENT.sub("", style)).lower()
    properties: dict[str, str] = {}
    important_names: set[str] = set()
    for declaration in plain_style.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip(), value.strip()
        is_important = value.endswith("important") and "!" in value
        if is_important:
            value = value[: value.rindex("!")].strip()
        if value and (is_important or name not in important_names):
            properties[name] = value
            important_names |= {name} if is_important else set()
    return properties


def hides(attributes: Attributes, style: Mapping[str, str]) -> bool:
    """Whether the element and its whole content are hidden."""
    if "hidden" in attributes or style.get("display") == "none" or style.get("content-visibility") == "hidden":
        return True
    opacity = _LENGTH.fullmatch(style.get("opacity", ""))
    if opacity and float(opacity[1]) / (100 if opacity[2] == "%" else 1) < _MIN_OPACITY:
        return True
    if _is_scaled_away(style) or _is_box_without_room(style):
        return True
    if "clip-path" in style and _is_cut_away(style["clip-path"]):
        return True
    if style.get("position") in ("absolute", "fixed"):
        # Only such elements are moved by these properties, or clipped by `clip`.
        is_far = any(_is_far(style.get(side, "")) for side in ("left", "right", "top", "bottom"))
        return is_far or _is_clipped(style.get("clip", ""))
    return any(_is_far(style.get(side, "")) for side in ("margin-left", "margin-top"))


def concealed(style: Mapping[str, str], inherited: frozenset[str]) -> frozenset[str]:
    """The properties that hide the texts of an element: those that hide the texts of its parent (`inherited`), changed
    by the element's own style. Unlike what `hides` reports, an element can undo them for its content."""
    if not style:
        return inherited
    hiding = set(inherited)
    for name, hides_text in _INHERITED.items():
        if name in style:
            hiding.discard(name)
            if hides_text(style[name]):
                hiding.add(name)
    return frozenset(hiding)


def _is_far(value: str) -> bool:
    length = _LENGTH.match(value)
    return length is not None and float(length[1]) < (_FAR_PIXELS if length[2] in (None, "px") else _FAR_OTHER_UNITS)


def _is_scaled_away(style: Mapping[str, str]) -> bool:
    if "scale" not in style and "transform" not in style:
        return False
    scales = [style["scale"].split()] if "scale" in style else []
    if "transform" in style:
        functions = _FUNCTION.findall(style["transform"])
        names = ("scale", "scalex", "scaley", "scale3d")
        scales += [arguments.split(",") for name, arguments in functions if name in names]
    # The third factor is the depth, which a page does not show.
    return any(_number(factor) == 0 for factors in scales for factor in factors[:2])


def _is_box_without_room(style: Mapping[str, str]) -> bool:
    if not any(side in style and _is_tiny(style[side]) for side in SIZES):
        return False
    overflows = {word for name in ("overflow", "overflow-x", "overflow-y") for word in style.get(name, "").split()}
    if not overflows & {"hidden", "clip"}:
        return False
    # The content of the box is shown in its padding: pages make boxes with fixed proportions in this way.
    return all(_is_tiny(length) for name in PADDINGS & style.keys() for length in style[name].split())


def _is_cut_away(value: str) -> bool:
    for name, arguments in _FUNCTION.findall(value):
        if name == "circle" and _number((arguments.split() or [""])[0]) == 0:
            return True
        if name == "inset":
            top, right, bottom, left = _sides([_percentage(length) for length in arguments.split("round")[0].split()])
            if top + bottom >= 100 or left + right >= 100:
                return True
    return False


def _is_clipped(value: str) -> bool:
    for name, arguments in _FUNCTION.findall(value):
        numbers = [_number(number) for number in arguments.replace(",", " ").split()]
        if name == "rect" and len(numbers) == 4:
            top, right, bottom, left = numbers
            # A side that is `auto` has no number.
            return (top is not None and bottom is not None and bottom <= top) or (
                left is not None and right is not None and right <= left
            )
    return False


def _sides(values: list[float]) -> tuple[float, float, float, float]:
    """Top, right, bottom and left, of which equal ones may be left out."""
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
    return float(length[1]) == 0 or (length[2] in (None, "px", "pt") and float(length[1]) < _MIN_PIXELS)


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
