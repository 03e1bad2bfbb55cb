"""Where characters stand on a page, by PDFium."""

import ctypes
import math
import threading
from collections import deque
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from knowligo_index.parsers.pdf.calls import get_loose_box, reference_to
from knowligo_index.system.arrays import IntVector

# Left, top, right and bottom, in points from the left and the top of the page as it is shown.
Box = tuple[float, float, float, float]

Boxes = NDArray[np.float64]
"""float64 (4, n), a box a column"""

_SIZE = ctypes.sizeof(pdfium.FS_RECTF)
_MANY = 2048
_LEVEL = 0.2


class _Room(threading.local):
    """Memory for so many boxes, and the address of each of them: they take longer to make than to use."""

    def __init__(self) -> None:
        memory = (ctypes.c_float * (4 * _MANY))()
        self.boxes = np.frombuffer(memoryview(memory).cast("B"), np.float32).reshape(_MANY, 4)
        self.slots = [ctypes.byref(memory, _SIZE * place) for place in range(_MANY)]


_ROOM = _Room()


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


def frame_of(page: object) -> Frame:
    """The frame of the page (PDFium's handle). Raises pypdfium2.PdfiumError where it has none."""
    box, quarters = pdfium.FS_RECTF(), pdfium.FPDFPage_GetRotation(page)
    if not pdfium.FPDF_GetPageBoundingBox(page, box) or quarters not in range(4):
        raise pypdfium2.PdfiumError("a page has no edges")
    return Frame(box.left, box.bottom, box.right, box.top, 90 * quarters)


def boxes_of(text_page: object, places: IntVector, frame: Frame) -> Boxes:
    """The box of the character at each place of the text page (PDFium's handle): as high as its font's letters are."""
    raw = np.empty((4, len(places)))
    handle, room = repeat(reference_to(text_page)), _ROOM
    for begin in range(0, len(places), _MANY):
        some = places[begin : begin + _MANY].tolist()
        room.boxes[: len(some)] = 0
        deque(map(get_loose_box, handle, some, room.slots), maxlen=0)
        raw[:, begin : begin + len(some)] = room.boxes[: len(some)].T
    x, high, across, low = raw
    left, bottom, right, top = frame.left, frame.bottom, frame.right, frame.top
    if frame.rotation == 0:
        return np.stack((x - left, top - high, across - left, top - low))
    if frame.rotation == 90:
        return np.stack((low - bottom, x - left, high - bottom, across - left))
    if frame.rotation == 180:
        return np.stack((right - across, low - bottom, right - x, high - bottom))
    return np.stack((top - high, right - across, top - low, right - x))


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
