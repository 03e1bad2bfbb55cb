"""The boxes of characters on a page, by PDFium."""

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

from knowligo_index.parsers.pdf.pdfium_calls import get_loose_box, reference_to
from knowligo_index.system.arrays import IntVector

Box = tuple[float, float, float, float]
"""left, top, right and bottom, in points from the left and the top of the page as it is shown"""

Boxes = NDArray[np.float64]
"""float64 (4, n), one box in each column"""

_BOX_BYTES = ctypes.sizeof(pdfium.FS_RECTF)
_BUFFER_BOXES = 2048
_MAX_SINE = 0.2
"""of the angle between a line of level text and the horizontal"""


class _BoxBuffer(threading.local):
    """Memory for `_BUFFER_BOXES` boxes and the address of each, which is reused because allocating it takes long."""

    def __init__(self) -> None:
        memory = (ctypes.c_float * (4 * _BUFFER_BOXES))()
        self.boxes = np.frombuffer(memoryview(memory).cast("B"), np.float32).reshape(_BUFFER_BOXES, 4)
        self.addresses = [ctypes.byref(memory, _BOX_BYTES * index) for index in range(_BUFFER_BOXES)]


_BUFFER = _BoxBuffer()


@dataclass(frozen=True, slots=True)
class PageFrame:
    """The edges of a page in the coordinates of PDF, and the rotation with which it is shown."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int
    """0, 90, 180 or 270 degrees clockwise"""

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the page as it is shown."""
        width, height = self.right - self.left, self.top - self.bottom
        return (width, height) if self.rotation in (0, 180) else (height, width)


def frame_of(page: object) -> PageFrame:
    """The frame of the page (a handle of PDFium). Raises pypdfium2.PdfiumError if it has none."""
    box, quarters = pdfium.FS_RECTF(), pdfium.FPDFPage_GetRotation(page)
    if not pdfium.FPDF_GetPageBoundingBox(page, box) or quarters not in range(4):
        raise pypdfium2.PdfiumError("a page has no edges")
    return PageFrame(box.left, box.bottom, box.right, box.top, 90 * quarters)


def boxes_of(text_page: object, indices: IntVector, frame: PageFrame) -> Boxes:
    """The boxes of the characters at these indices of the text page (a handle of PDFium), as high as the font."""
    raw = np.empty((4, len(indices)))
    handle, buffer = repeat(reference_to(text_page)), _BUFFER
    for begin in range(0, len(indices), _BUFFER_BOXES):
        batch = indices[begin : begin + _BUFFER_BOXES].tolist()
        buffer.boxes[: len(batch)] = 0
        deque(map(get_loose_box, handle, batch, buffer.addresses), maxlen=0)
        raw[:, begin : begin + len(batch)] = buffer.boxes[: len(batch)].T
    box_left, box_top, box_right, box_bottom = raw
    left, bottom, right, top = frame.left, frame.bottom, frame.right, frame.top
    if frame.rotation == 0:
        return np.stack((box_left - left, top - box_top, box_right - left, top - box_bottom))
    if frame.rotation == 90:
        return np.stack((box_bottom - bottom, box_left - left, box_top - bottom, box_right - left))
    if frame.rotation == 180:
        return np.stack((right - box_right, box_bottom - bottom, right - box_left, box_top - bottom))
    return np.stack((top - box_top, right - box_right, top - box_bottom, right - box_left))


def is_level(text_page: object, index: int, frame: PageFrame) -> bool:
    """Whether the character is upright, or upside down, on the page as it is shown."""
    angle: float = pdfium.FPDFText_GetCharAngle(text_page, index) - math.radians(frame.rotation)
    return abs(math.sin(angle)) < _MAX_SINE


def are_apart(box: Box, other: Box) -> bool:
    """Whether one box is above the other."""
    return box[3] <= other[1] or other[3] <= box[1]


def around(box: Box, other: Box) -> Box:
    """The smallest box that contains both."""
    return min(box[0], other[0]), min(box[1], other[1]), max(box[2], other[2]), max(box[3], other[3])
