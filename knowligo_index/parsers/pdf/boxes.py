"""Where characters stand on a page, by PDFium: many at once, since each call into it costs more than what it does."""

import ctypes
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

# Left, top, right and bottom, in points from the left and the top of the page as it is shown.
Box = tuple[float, float, float, float]

_SIZE = ctypes.sizeof(pdfium.FS_RECTF)

# The same function of PDFium's, with addresses for arguments: without the checks of their types a call takes half the
# time, and there are two a word. The caller sees to it that they are right.
_get_box = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(
    ctypes.cast(pdfium.FPDFText_GetLooseCharBox, ctypes.c_void_p).value or 0
)
_LEVEL = 0.2


@dataclass(frozen=True, slots=True)
class Frame:
    """The edges of a page in PDF's own coordinates, and how it is turned to be shown."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the page as it is shown."""
        width, height = self.right - self.left, self.top - self.bottom
        return (width, height) if self.rotation in (0, 180) else (height, width)


def frame_of(page: "pypdfium2.PdfPage") -> Frame:
    left, bottom, right, top = page.get_bbox()
    return Frame(left, bottom, right, top, page.get_rotation())


def boxes_of(text_page: Any, places: Sequence[int], frame: Frame) -> list[Box]:
    """The box of the character at each place of the text page (PDFium's handle): as high as its font's letters are."""
    if not places:
        return []
    buffer = (pdfium.FS_RECTF * len(places))()
    handle, address = ctypes.cast(text_page, ctypes.c_void_p).value, ctypes.addressof(buffer)
    for place in places:
        _get_box(handle, place, address)
        address += _SIZE
    numbers = memoryview(buffer).cast("B").cast("f").tolist()
    boxes = zip(numbers[0::4], numbers[1::4], numbers[2::4], numbers[3::4], strict=True)
    left, bottom, right, top = frame.left, frame.bottom, frame.right, frame.top
    if frame.rotation == 0:
        return [(x - left, top - high, across - left, top - low) for x, high, across, low in boxes]
    if frame.rotation == 90:
        return [(low - bottom, x - left, high - bottom, across - left) for x, high, across, low in boxes]
    if frame.rotation == 180:
        return [(right - across, low - bottom, right - x, high - bottom) for x, high, across, low in boxes]
    return [(top - high, right - across, top - low, right - x) for x, high, across, low in boxes]


def is_level(text_page: object, place: int, frame: Frame) -> bool:
    """Whether the character stands upright, or on its head, on the page as it is shown."""
    turned: float = pdfium.FPDFText_GetCharAngle(text_page, place) - math.radians(frame.rotation)
    return abs(math.sin(turned)) < _LEVEL


def are_apart(one: Box, other: Box) -> bool:
    """Whether one is above the other."""
    return one[3] <= other[1] or other[3] <= one[1]


def around(one: Box, other: Box) -> Box:
    """The smallest box that holds both."""
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
