"""What a page draws: images, lines and areas, and text that nobody sees."""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import repeat

import pypdfium2.raw as pdfium

from knowligo_index.parsers.pdf.calls import (
    Handle,
    fill_color,
    is_transparent,
    kind_of_object,
    object_of_form,
    object_of_page,
    objects_in_form,
    reference_to,
    render_mode,
)

MAX_OBJECTS = 200_000
"""on one page; what comes after them is not looked at"""
_MAX_DEPTH = 4

_INVISIBLE_MODES = frozenset((pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP))
_NO_TEXT = pdfium.FPDF_TEXTRENDERMODE_UNKNOWN
_FULL_PAGE = 0.6
_WHITE = (255, 255, 255)


@dataclass(slots=True)
class Drawings:
    """How much there is on a page."""

    images: int = 0
    image_share: float = 0.0
    """of the page, that the largest image covers"""
    lines: int = 0
    """and areas"""
    unseen: set[Handle] = field(default_factory=set)
    """the text objects that nobody sees"""


def look_at_drawings(page: object, area: float) -> Drawings:
    """What is on the page (PDFium's handle), which has this area.

    Text that is drawn with nothing is not seen, unless an image covers the page: then it is what OCR read there. White
    text is not seen on a page that has no other drawing.
    """
    found = Drawings()
    texts, modes, others, kinds = _objects(page)
    found.lines = kinds.count(pdfium.FPDF_PAGEOBJ_PATH) + kinds.count(pdfium.FPDF_PAGEOBJ_SHADING)
    found.images = kinds.count(pdfium.FPDF_PAGEOBJ_IMAGE)
    if found.images:
        images = [each for each, kind in zip(others, kinds, strict=True) if kind == pdfium.FPDF_PAGEOBJ_IMAGE]
        found.image_share = max([0.0, *map(_area, images)]) / max(area, 1.0)
    if found.image_share < _FULL_PAGE:
        if not _INVISIBLE_MODES.isdisjoint(modes):
            pairs = zip(texts, modes, strict=True)
            found.unseen.update([each for each, mode in pairs if mode in _INVISIBLE_MODES])
        found.unseen.update([each for each in filter(is_transparent, texts) if _color(each)[3:] == (0,)])
        if not found.images and not found.lines:
            found.unseen.update([each for each in texts if _color(each)[:3] == _WHITE])
    return found


def _objects(page: object) -> tuple[list[Handle], list[int], list[Handle], list[int]]:
    """What the page and the forms on it hold: texts and their modes, and what is none and its kinds."""
    texts: list[Handle] = []
    modes: list[int] = []
    others: list[Handle] = []
    kinds: list[int] = []
    waiting: list[tuple[Handle, int]] = []
    get: Callable[..., Handle] = object_of_page
    holder, depth, count, seen = reference_to(page), 0, pdfium.FPDFPage_CountObjects(page), 0
    while True:
        objects = list(map(get, repeat(holder), range(min(count, MAX_OBJECTS - seen))))
        found = list(map(render_mode, objects))
        if _NO_TEXT in found:
            rest = [each for each, mode in zip(objects, found, strict=True) if mode == _NO_TEXT]
            objects = [each for each, mode in zip(objects, found, strict=True) if mode != _NO_TEXT]
            found = [mode for mode in found if mode != _NO_TEXT]
            of_rest = list(map(kind_of_object, rest))
            if depth < _MAX_DEPTH and pdfium.FPDF_PAGEOBJ_FORM in of_rest:
                pairs = zip(rest, of_rest, strict=True)
                waiting += [(each, depth + 1) for each, kind in pairs if kind == pdfium.FPDF_PAGEOBJ_FORM]
            others += rest
            kinds += of_rest
        texts += objects
        modes += found
        seen += max(count, 0)
        if seen >= MAX_OBJECTS or not waiting:
            return texts, modes, others, kinds
        holder, depth = waiting.pop()
        count, get = objects_in_form(holder), object_of_form


def _color(page_object: Handle) -> tuple[int, ...]:
    """Red, green, blue and how opaque, of what fills it; nothing where nothing does."""
    values = (ctypes.c_uint * 4)()
    places = [ctypes.byref(values, 4 * place) for place in range(4)]
    return tuple(values) if fill_color(page_object, *places) else ()


def _area(page_object: Handle) -> float:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    pdfium.FPDFPageObj_GetBounds(ctypes.cast(page_object or 0, pdfium.FPDF_PAGEOBJECT), left, bottom, right, top)
    return (right.value - left.value) * (top.value - bottom.value)
