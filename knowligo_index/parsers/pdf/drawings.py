"""What a page draws: images, lines and areas, and text that nobody sees."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field

import pypdfium2.raw as pdfium

MAX_OBJECTS = 200_000
"""on one page; what comes after them is not looked at"""
_MAX_DEPTH = 4

_INVISIBLE_MODES = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
_FULL_PAGE = 0.6


@dataclass(slots=True)
class Drawings:
    """How much there is on a page."""

    images: int = 0
    image_share: float = 0.0
    """of the page, that the largest image covers"""
    lines: int = 0
    """and areas"""
    unseen: set[int] = field(default_factory=set)
    """addresses of the text objects that nobody sees"""


def look_at_drawings(page: object, area: float) -> Drawings:
    """What is on the page (PDFium's handle), which has this area.

    Text that is drawn with nothing is not seen, unless an image covers the page: then it is what OCR read there. White
    text is not seen on a page that has no other drawing.
    """
    found = Drawings()
    white: set[int] = set()
    color = [ctypes.c_uint() for _ in range(4)]
    for page_object, kind in _objects(page):
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            if pdfium.FPDFTextObj_GetTextRenderMode(page_object) in _INVISIBLE_MODES:
                found.unseen.add(ctypes.addressof(page_object.contents))
            elif pdfium.FPDFPageObj_GetFillColor(page_object, *color):
                if not color[3].value:
                    found.unseen.add(ctypes.addressof(page_object.contents))
                elif color[0].value == color[1].value == color[2].value == 255:
                    white.add(ctypes.addressof(page_object.contents))
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            found.images += 1
            left, bottom, right, top = _bounds(page_object)
            found.image_share = max(found.image_share, (right - left) * (top - bottom) / max(area, 1.0))
        elif kind in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_SHADING):
            found.lines += 1
    if found.image_share >= _FULL_PAGE:
        found.unseen.clear()
    elif not found.images and not found.lines:
        found.unseen |= white
    return found


def _objects(page: object) -> "Iterator[tuple[ctypes._Pointer[ctypes.Structure], int]]":
    seen = 0
    waiting: list[tuple[object, int]] = [(page, 0)]
    while waiting:
        holder, depth = waiting.pop()
        count = pdfium.FPDFFormObj_CountObjects(holder) if depth else pdfium.FPDFPage_CountObjects(holder)
        get = pdfium.FPDFFormObj_GetObject if depth else pdfium.FPDFPage_GetObject
        for place in range(min(count, MAX_OBJECTS - seen)):
            page_object = get(holder, place)
            kind = pdfium.FPDFPageObj_GetType(page_object)
            if kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
                waiting.append((page_object, depth + 1))
            yield page_object, kind
        seen += max(count, 0)
        if seen >= MAX_OBJECTS:
            return


def _bounds(page_object: object) -> tuple[float, float, float, float]:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    pdfium.FPDFPageObj_GetBounds(page_object, left, bottom, right, top)
    return left.value, bottom.value, right.value, top.value
